package import GraphIR

/// What every op means, one op at a time: the oracle that compiled code is held against.
///
/// Nothing is padded: a value has numbers at the positions that exist and nowhere else, and a step is
/// taken by the rows that have it. Sums are taken as Op.swift says, in one accumulator with both
/// roundings.
package struct Interpreter<S: Scalar>: Sendable {
  /// What is computed.
  package let graph: Graph
  /// How long the axes are.
  package let lengths: Lengths

  /// Prepares to compute a verified graph at these lengths.
  package init(graph: Graph, lengths: Lengths) {
    self.graph = graph
    self.lengths = lengths
  }

  /// Prepares to compute a verified graph with one length for each axis: the batch's rows first.
  package init(graph: Graph, lengths: [Int]) {
    self.init(graph: graph, lengths: Lengths(uniform: lengths))
  }

  /// The positions that values over some axes have, in the order of their numbers.
  package func domain(_ axes: AxisSet) -> Domain {
    Domains(graph: graph, lengths: lengths)[axes]
  }

  /// The values of the main block's results, or of those asked for by place, each of its own type.
  ///
  /// Only what they depend on is computed.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package func run(
    variables: [VariableID: Tensor<S>],
    roots: [Int]? = nil,
    seed: UInt64 = 0
  ) throws(Diagnostic) -> [Tensor<S>] {
    guard lengths.greatest.count == graph.axes.count else {
      throw Diagnostic(
        .bug,
        "\(graph.axes.count) axes were given \(lengths.greatest.count) lengths"
      )
    }
    for (axis, length) in zip(graph.axes, lengths.greatest) {
      if length < 1 { throw Diagnostic(.wrong, "the length of \(axis.name) is \(length)") }
      if case .fixed(let count) = axis.extent, count != length {
        throw Diagnostic(.wrong, "the length of \(axis.name) is \(length), not \(count)")
      }
    }
    let evaluation = Evaluation<S>(Domains(graph: graph, lengths: lengths))
    for (id, tensor) in variables {
      let variable = graph[id]
      guard tensor.type == variable.type, tensor.values.count == evaluation.count(variable.type)
      else {
        throw Diagnostic(
          .wrong,
          "the value given for \(variable.name) is not \(graph.text(variable.type))"
            + " of the lengths given",
          at: variable.origin
        )
      }
    }
    let results = (roots ?? Array(graph.main.results.indices)).map { graph.main.results[$0] }
    var frame = Evaluation<S>.Frame(variables: variables, seed: seed)
    return try evaluation.evaluate(graph.main, results, in: &frame).map(tensor)
  }

  /// The values of a block's results from its arguments: a scan's step, or a part to be folded.
  package func evaluate(_ block: Block, arguments: [Tensor<S>], seed: UInt64 = 0)
    throws(Diagnostic) -> [Tensor<S>]
  {
    let evaluation = Evaluation<S>(Domains(graph: graph, lengths: lengths))
    var frame = Evaluation<S>.Frame(variables: [:], seed: seed)
    frame.arguments = arguments.map { Evaluation<S>.Operand(type: $0.type, values: $0.values) }
    return try evaluation.evaluate(block, block.results, in: &frame).map(tensor)
  }

  private func tensor(_ operand: Evaluation<S>.Operand) -> Tensor<S> {
    Tensor(
      type: operand.type,
      lengths: operand.type.axes.axes.map { lengths.greatest[Int($0.index)] },
      values: operand.values
    )
  }
}
