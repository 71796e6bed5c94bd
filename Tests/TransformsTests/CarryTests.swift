import GraphIR
import Reference
import TestSupport
import Testing
import Transforms

@Suite("States between windows")
struct CarryTests {
  private static let text = """
    model windows {
      axis time <= LENGTH
      input x: real[2] over time
      target y: real[3] over time
      layer rnn = stack(2, lstm(3))
      h = rnn(x + previous(x))
      output h
      loss mse(h, y)
      train sgd(rate: 0.1) carry over time
    }
    """

  /// The carried graph for windows of this length.
  private func graph(_ length: Int) throws -> Graph {
    let text = Self.text.replacing("LENGTH", with: "\(length)")
    return try run(Pipelines.prepare + [.carry], on: SampleModels.graph(text: text))
  }

  /// A part of what runs over the time.
  private func window(_ value: Tensor<Double>, _ places: Range<Int>) -> Tensor<Double> {
    let each = value.values.count / value.lengths[1]
    var part = value
    part.lengths[1] = places.count
    part.values = Array(value.values[(places.lowerBound * each)..<(places.upperBound * each)])
    return part
  }

  @Test("two windows, one after the other, are the long window")
  func windows() throws {
    let (long, short) = (try graph(6), try graph(3))
    let given = RandomValues.variables(of: long, lengths: [2, 6])
    let whole = try values(of: long, given: given)
    var parts = given
    for (id, value) in given where value.type.axes.contains(time) {
      parts[id] = window(value, 0..<3)
    }
    let first = try values(of: short, given: parts)
    for (id, value) in given where value.type.axes.contains(time) {
      parts[id] = window(value, 3..<6)
    }
    for (key, value) in first {
      if case .store(let id) = key.kind { parts[id] = value }
    }
    let fresh = try #require(short.variableIDs.first { short[$0].kind == .fresh })
    parts[fresh]?.values = [0, 0]
    let second = try values(of: short, given: parts)

    let output = RootKey(name: "h", kind: .output)
    let all = try #require(whole[output])
    #expect(try distance(#require(first[output]), window(all, 0..<3)) < 1e-12)
    #expect(try distance(#require(second[output]), window(all, 3..<6)) < 1e-12)
    for (key, value) in whole {
      guard case .store = key.kind else { continue }
      #expect(try distance(#require(second[key]), value) < 1e-12, "\(key.name)")
    }
  }

  @Test("a row that is fresh starts from its first states, the other goes on")
  func rows() throws {
    let graph = try graph(3)
    let fresh = try #require(graph.variableIDs.first { graph[$0].kind == .fresh })
    let output = RootKey(name: "h", kind: .output)
    func outputs(_ flags: [Double]) throws -> [Double] {
      var given = RandomValues.variables(of: graph, lengths: [2, 3])
      given[fresh]?.values = flags
      return try values(of: graph, given: given)[output]?.values ?? []
    }
    let (both, none, first) = (try outputs([1, 1]), try outputs([0, 0]), try outputs([1, 0]))
    // Rows of three numbers, the batch of two within each step.
    for place in first.indices {
      #expect(first[place] == (place / 3 % 2 == 0 ? both : none)[place])
    }
    #expect(both != none)
  }

  @Test("states are declared once for each that goes on, with what shifts hold")
  func declared() throws {
    let names = try graph(3).variables.filter { $0.kind == .state }.map(\.name)
    #expect(names.count == 5)
    #expect(names.filter { $0.hasPrefix("previous.") }.count == 1)
  }
}
