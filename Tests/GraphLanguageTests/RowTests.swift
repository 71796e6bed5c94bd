import GraphIR
import GraphLanguage
import Reference
import Testing

/// Rows of a batch with lengths of their own, run together and alone.
///
/// An operation that takes an axis away of a value which lacks the rows, and was not repeated for them
/// before, shows here: it would take the longest row's places.
@Suite("A row alone gives what it gives among others") struct RowTests {
  private let rows = 3

  @Test("whatever is accepted", arguments: ElaborationCase.all.filter { $0.verdict == "accepted" })
  func cases(_ rule: ElaborationCase) throws {
    try check(#require(elaborate(verdictModel(rule.statements)).graph))
  }

  @Test(
    "every definition",
    arguments: Definitions.names.filter { !$0.hasPrefix("refused-") && $0 != "library.graph" }
  )
  func definitions(_ name: String) throws {
    let file = try Definitions.file(name)
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: Parser.parse(file).0) where !open.isAxis {
      sizes[open.name] = 4
    }
    try check(#require(elaborate(file, sizes: sizes).graph), isSmall: true)
  }

  private func check(_ graph: Graph, isSmall: Bool = false) throws {
    let blocks = [graph.main] + graph.scans.map(\.body)
    let draws = blocks.contains { block in
      block.nodes.contains { if case .random = $0.op { true } else { false } }
    }
    let wanted = graph.roots.indices.filter { graph.roots[$0].kind == .output }
    // A draw knows its row by its place in the batch.
    guard !draws, !wanted.isEmpty else { return }
    let together = try run(graph, Array(0..<rows), wanted)
    for row in 0..<rows {
      let alone = try run(graph, [row], wanted)
      for (name, values) in alone {
        for (place, value) in values {
          let other = together[name]?[place]
          #expect(
            other.map { abs($0 - value) <= 1e-9 * max(1, abs(value)) } == true,
            "\(name) of row \(row) at \(place)"
          )
        }
      }
    }
  }

  /// The numbers of roots by name, then by row, coordinates and element.
  private func run(_ graph: Graph, _ rows: [Int], _ roots: [Int]) throws -> [String: [[Int]:
    Double]]
  {
    let lengths = Lengths(of: graph, rows: rows.count) { axis, places in
      let row = rows[places[.batch] ?? 0]
      let seed = places.filter { $0.key != .batch }.reduce(row * 7) { $0 + $1.value * 3 }
      let most = min(graph[axis].bound ?? 5, 8)
      let least = min(most, 4)
      return least + (seed + Int(axis.index)) % (most - least + 1)
    }
    let interpreter = Interpreter<Double>(graph: graph, lengths: lengths)
    var given: [VariableID: Tensor<Double>] = [:]
    for (number, id) in graph.variableIDs.enumerated() {
      let variable = graph[id]
      let domain = interpreter.domain(variable.type.axes)
      var values: [Double] = []
      for position in 0..<domain.count {
        let place = coordinates(domain, position, rows)
        let seed = place.reduce(number * 13) { $0 * 5 + $1 + 1 }
        for element in 0..<variable.type.shape.count {
          let number = (seed * 31 + element * 17) % 97
          if case .token(let bound) = variable.type.element {
            values.append(Double(number % Int(bound)))
          } else {
            values.append(variable.kind == .training ? 0 : Double(number - 48) / 61)
          }
        }
      }
      given[id] = Tensor(
        type: variable.type,
        lengths: variable.type.axes.axes.map { lengths.greatest[Int($0.index)] },
        values: values
      )
    }
    let results = try interpreter.run(variables: given, roots: roots)
    var found: [String: [[Int]: Double]] = [:]
    for (root, result) in zip(roots, results) {
      let domain = interpreter.domain(result.type.axes)
      let inner = result.type.shape.count
      var values: [[Int]: Double] = [:]
      for position in 0..<domain.count {
        let place = coordinates(domain, position, rows)
        for element in 0..<inner {
          values[place + [element]] = result.values[position * inner + element]
        }
      }
      found[graph.roots[root].name] = values
    }
    return found
  }

  /// Where a position stands, its row by the row's own number.
  private func coordinates(_ domain: Domain, _ position: Int, _ rows: [Int]) -> [Int] {
    domain.axes.map { axis in
      let coordinate = domain.coordinate(axis, of: position)
      return axis == .batch ? rows[coordinate] : coordinate
    }
  }
}
