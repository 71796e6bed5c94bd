package import GraphIR
package import Reference

/// Values for a graph's variables that follow from a seed alone.
package enum RandomValues {
  /// The bounds of all axes: the greatest lengths a graph can be run at.
  package static func greatestLengths(_ graph: Graph) -> [Int] {
    graph.axes.map { $0.bound ?? 1 }
  }

  /// A value for each variable, at these lengths; every row is fresh, moments are positive.
  package static func variables(
    of graph: Graph,
    lengths: [Int],
    seed: Int = 1
  ) -> [VariableID: Tensor<Double>] {
    variables(of: graph, lengths: Lengths(uniform: lengths), seed: seed)
  }

  /// A value for each variable, at these lengths; every row is fresh, moments are positive.
  package static func variables(
    of graph: Graph,
    lengths: Lengths,
    seed: Int = 1
  ) -> [VariableID: Tensor<Double>] {
    let interpreter = Interpreter<Double>(graph: graph, lengths: lengths)
    var values: [VariableID: Tensor<Double>] = [:]
    for id in graph.variableIDs {
      var random = SmallRandom(seed: UInt64(seed) &* 1000 &+ UInt64(id.index))
      let type = graph[id].type
      let its = type.axes.axes.map { lengths.greatest[Int($0.index)] }
      let count = interpreter.domain(type.axes).count * type.shape.count
      let numbers = (0..<count).map { _ -> Double in
        if case .token(let bound) = type.element { return Double(random.below(Int(bound))) }
        switch graph[id].kind {
        case .fresh, .training: return 1
        case .rate: return 0.1
        case .divisor: return 0
        case .optimizer: return random.real(0.1, 0.9)
        case .parameter, .input, .state, .outputGradient: return random.real(-0.8, 0.8)
        }
      }
      values[id] = Tensor(type: type, lengths: its, values: numbers)
    }
    return values
  }
}
