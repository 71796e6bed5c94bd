package import GraphIR

extension Interpreter {
  /// What an op makes of known values, to stand in its place; nothing where that depends on more than
  /// the values: on variables, lengths, chance, a scan, or a token out of range.
  package static func fold(_ op: Op, _ operands: [Tensor<S>], as type: ValueType) -> Tensor<S>? {
    switch op {
    case .variable, .argument, .position, .length, .random, .draw, .element, .place, .shift,
      .reindex,
      .sequence, .scan, .project:
      return nil
    case .constant, .token, .unary, .binary, .select, .number, .contract, .reduce, .argmax, .oneHot,
      .gather, .scatterAdd, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast:
      guard type.axes.isEmpty, operands.allSatisfy({ $0.type.axes.isEmpty }) else { return nil }
      let lengths = Lengths(uniform: [1])
      let evaluation = Evaluation<S>(Domains(graph: Graph(name: "fold"), lengths: lengths))
      let given = operands.map { Evaluation<S>.Operand(type: $0.type, values: $0.values) }
      let frame = Evaluation<S>.Frame(variables: [:], seed: 0)
      guard let values = try? evaluation.apply(op, given, type: type, in: frame) else {
        return nil
      }
      return Tensor(type: type, values: values)
    }
  }
}
