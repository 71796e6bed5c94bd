import GraphIR
import Reference
import Testing

@Suite("Elaborated graphs compute what the text says") struct ElaborationValueTests {
  @Test("the textbook network on numbers")
  func scalar() throws {
    let (graph, text) = elaborate(try Definitions.file("scalar.graph"))
    let found = try #require(graph, "\(text)")
    let weights: [String: Double] = ["w_hh": 10, "w_xh": -10, "b": 0, "w_hy": 4, "b_y": 5]
    var given: [VariableID: Tensor<Double>] = [:]
    for id in found.variableIDs {
      let variable = found[id]
      if let weight = weights[variable.name] {
        given[id] = Tensor(weight)
      } else {
        let values: [Double] = variable.name == "x" ? [1, 5, 7, 4] : [0, 0, 0, 0]
        given[id] = Tensor(type: variable.type, lengths: [1, 4], values: values)
      }
    }
    let results = try Interpreter<Double>(graph: found, lengths: [1, 4]).run(variables: given)
    let p = try #require(results.first).values
    #expect(p.count == 4)
    #expect(abs(p[3] - 0.7311) < 1e-4)
  }

  @Test("an LSTM from its first states")
  func lstm() throws {
    let (graph, text) = elaborate(try Definitions.file("torch.graph"))
    let found = try #require(graph, "\(text)")
    var given: [VariableID: Tensor<Double>] = [:]
    var named: [String: [Double]] = [:]
    for (place, id) in found.variableIDs.enumerated() {
      let variable = found[id]
      let lengths = variable.type.axes.axes.map { $0 == .batch ? 1 : 3 }
      let count = Tensor<Double>.count(variable.type, lengths: lengths)
      let values = (0..<count).map { Double(($0 * 7 + place * 3) % 11 - 5) / 10 }
      named[variable.name] = values
      given[id] = Tensor(type: variable.type, lengths: lengths, values: values)
    }
    let results = try Interpreter<Double>(graph: found, lengths: [1, 3]).run(variables: given)
    let (outputs, h, c) = byHand(named, steps: 3)
    for (result, wanted) in zip(results.map(\.values), [outputs, h, c]) {
      #expect(result.count == wanted.count)
      for (a, b) in zip(result, wanted) { #expect(abs(a - b) < 1e-12) }
    }
  }

  /// PyTorch's LSTM, of two inputs and three units.
  private func byHand(_ values: [String: [Double]], steps: Int) -> ([Double], [Double], [Double]) {
    func value(_ name: String, _ place: Int) -> Double { values[name]?[place] ?? .nan }
    func sigmoid(_ x: Double) -> Double { Double.sigmoid(x) }
    var h = values["h0"] ?? []
    var c = values["c0"] ?? []
    var outputs: [Double] = []
    for step in 0..<steps {
      let gates = (0..<12).map { row in
        var sum = value("rnn.bias_ih", row) + value("rnn.bias_hh", row)
        for column in 0..<2 {
          sum += value("rnn.weight_ih", row * 2 + column) * value("x", step * 2 + column)
        }
        for column in 0..<3 { sum += value("rnn.weight_hh", row * 3 + column) * h[column] }
        return sum
      }
      for unit in 0..<3 {
        c[unit] =
          sigmoid(gates[3 + unit]) * c[unit]
          + sigmoid(gates[unit]) * Double.tanh(gates[6 + unit])
      }
      h = (0..<3).map { sigmoid(gates[9 + $0]) * Double.tanh(c[$0]) }
      outputs += h
    }
    return (outputs, h, c)
  }
}
