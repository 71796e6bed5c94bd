import GraphIR
import Reference
import TestSupport
import Testing
import Transforms

@Suite("Derivatives")
struct DerivativeTests {
  @Test("agree with finite differences", arguments: OpKind.allCases.flatMap(DerivativeCase.cases))
  func finiteDifferences(given: DerivativeCase) throws {
    #expect(try compare(given) > 0, "the case shows nothing")
  }

  @Test(
    "agree with finite differences where rows have lengths of their own",
    arguments: OpKind.allCases.flatMap(DerivativeCase.cases),
    [[1, 3], [3, 2], [2, 2]]
  )
  func ragged(given: DerivativeCase, lengths: [Int]) throws {
    var given = given
    given.lengths = Lengths(of: try given.graph(), rows: 2) { _, places in
      lengths[places[.batch] ?? 0]
    }
    _ = try compare(given)
  }

  @Test(
    "agree with finite differences for random shapes, axes and lengths, fifty of each kind",
    arguments: OpKind.allCases.filter { !DerivativeCase.cases($0).isEmpty }
  )
  func random(kind: OpKind) throws {
    var shown = 0
    for seed in 0..<50 where try compare(.random(kind, seed: UInt64(seed))) > 0 { shown += 1 }
    #expect(shown >= 25, "most cases show nothing")
  }

  /// Holds a case's gradients against differences; the greatest of these.
  private func compare(_ given: DerivativeCase) throws -> Double {
    let graph = try given.graph()
    let values = given.values(graph)
    let exact = try gradients(of: graph, at: values, given.lengths)
    var most = 0.0
    for id in graph.variableIDs {
      guard case .parameter = graph[id].kind else { continue }
      let gradient = try #require(exact[id])
      let measured = try differences(of: graph, at: values, given.lengths, by: id)
      #expect(gradient.type == graph[id].type)
      let greatest = measured.map(\.magnitude).max() ?? 0
      most = max(most, greatest)
      for (a, b) in zip(gradient.values, measured) {
        #expect(
          (a - b).magnitude <= 1e-5 * max(greatest, 1e-3),
          "\(given.testDescription), \(graph[id].name): \(a), not \(b)"
        )
      }
    }
    return most
  }

  @Test("every kind of operation has a case, or lets no gradient pass")
  func everyKind() {
    let without = OpKind.allCases.filter { DerivativeCase.cases($0).isEmpty }
    #expect(
      without == [
        .constant, .token, .argument, .position, .length, .random, .number, .argmax, .oneHot,
        .draw, .orthogonalize,
      ]
    )
  }

  /// Values of a weight through which no gradient passes.
  private static let blocked: [DerivativeCase] =
    [
      DerivativeCase(.unary(.stopGradient), real(.batch, 3)),
      DerivativeCase("argmax", [real(.batch, 3)]) { $1[0].apply(.argmax(nil)).apply(.number) },
      DerivativeCase("draw", [real(.batch, 3)]) { $1[0].apply(.draw).apply(.oneHot(3)) },
      DerivativeCase("a select's condition", [real(.batch, 3)]) { builder, x in
        x[0].select(builder.real(2), builder.real(3))
      },
    ]
    + BinaryOp.allCases.filter(\.isComparison).map { op in
      DerivativeCase(.binary(op), real(.batch, 3), real(.none, 3))
    }

  @Test("what lets no gradient pass leaves zeros", arguments: blocked)
  func noGradient(given: DerivativeCase) throws {
    let graph = try given.graph()
    for (_, gradient) in try gradients(of: graph, at: given.values(graph), given.lengths) {
      #expect(gradient.values.allSatisfy { $0 == 0 })
    }
    #expect(try run([.differentiate, .simplify], on: graph).main.count <= graph.main.count + 4)
  }

  @Test(
    "gradients for a given output gradient are those of their product",
    arguments: ScanCases.all
  )
  func pullback(given: DerivativeCase) throws {
    let graph = try given.graph()
    let values = given.values(graph)
    let wanted = try gradients(of: graph, at: values, given.lengths)
    // The gradient by the output is a variable of the same number as the weights of the loss.
    let found = try gradients(
      of: given.graph(isOutput: true),
      at: values,
      given.lengths,
      by: .pullback
    )
    #expect(found.keys == wanted.keys)
    for (id, gradient) in found {
      let other = try #require(wanted[id])
      #expect(distance(gradient, other) < 1e-12)
    }
  }

  @Test("a frozen weight gets no gradient")
  func frozen() throws {
    var graph = try DerivativeCase(.binary(.multiply), real(), real()).graph()
    graph.variables[0].kind = .parameter(.constant(1), frozen: true)
    let kinds = try run([.differentiate], on: graph).roots.map(\.kind)
    #expect(kinds == [.loss, .gradient(VariableID(1))])
  }

  /// The gradients by x0 and x1 at given values, with the loss's own weights at 1.
  private func at(_ op: Op, _ operands: [Double]...) throws -> [[Double]] {
    let types = operands.map { real(.none, $0.count) }
    let given = DerivativeCase("", types) { builder, x in
      builder.expr(builder.append(op, x.map(\.id)))
    }
    let graph = try given.graph()
    var values = given.values(graph)
    for (place, numbers) in operands.enumerated() {
      values[VariableID(place)]?.values = numbers
    }
    for place in values[VariableID(operands.count)]?.values.indices ?? 0..<0 {
      values[VariableID(operands.count)]?.values[place] = 1
    }
    let found = try gradients(of: graph, at: values, given.lengths)
    return operands.indices.map { found[VariableID($0)]?.values ?? [] }
  }

  @Test("at a tie max and min give the second the gradient")
  func ties() throws {
    for op in [BinaryOp.maximum, .minimum] {
      #expect(try at(.binary(op), [2], [2]) == [[0], [1]])
      #expect(try at(.binary(op), [-0.0], [0]) == [[0], [1]])
    }
    #expect(try at(.binary(.maximum), [3], [2]) == [[1], [0]])
    #expect(try at(.binary(.minimum), [3], [2]) == [[0], [1]])
  }

  @Test("the gradient of abs at 0 is 0")
  func abs() throws {
    #expect(try at(.unary(.abs), [0, -0.0, 2, -2]) == [[0, 0, 1, -1]])
  }

  @Test("the gradient of a greatest or least element goes to the first")
  func first() throws {
    let dims = Reduction(dims: [0])
    #expect(try at(.reduce(.maximum, dims), [1, 3, 3]) == [[0, 1, 0]])
    #expect(try at(.reduce(.minimum, dims), [1, 3, 1]) == [[1, 0, 0]])
    let whole = DerivativeCase(
      .reduce(.maximum, Reduction(axes: AxisSet(time))),
      real(AxisSet(time))
    )
    let graph = try whole.graph()
    var values = whole.values(graph)
    values[VariableID(0)]?.values = [1, 4, 4]
    values[VariableID(1)]?.values = [1]
    #expect(
      try gradients(of: graph, at: values, whole.lengths)[VariableID(0)]?.values == [0, 1, 0]
    )
  }

  @Test(
    "what has no derivative rule yet says so",
    arguments: [Reduction(dims: [1]), Reduction(dims: [0], axes: .batch)]
  )
  func unsupported(reduction: Reduction) throws {
    let graph = try DerivativeCase(.reduce(.maximum, reduction), real(.batch, 2, 3)).graph()
    #expect {
      try run([.differentiate], on: graph)
    } throws: {
      ($0 as? Diagnostic)?.kind == .unsupported
    }
  }
}
