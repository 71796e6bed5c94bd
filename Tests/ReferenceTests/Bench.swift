import GraphIR
import Reference

/// The axis that most tests lay steps along.
let time = AxisID(1)
/// A second axis, for what runs over two.
let other = AxisID(2)

/// A real value over axes, of a shape.
func real<S: Scalar>(
  _ values: [S],
  over axes: AxisSet = .none,
  _ lengths: [Int] = [],
  shape: [Int] = []
) -> Tensor<S> {
  Tensor(
    type: ValueType(axes: axes, shape: Shape(shape) ?? .scalar),
    lengths: lengths,
    values: values
  )
}

/// Tokens below a bound, over axes.
func tokens<S: Scalar>(
  _ bound: Int32,
  _ values: [S],
  over axes: AxisSet = .none,
  _ lengths: [Int] = []
) -> Tensor<S> {
  Tensor(type: ValueType(.token(bound), axes: axes), lengths: lengths, values: values)
}

/// The lengths of the batch, `time` and `other` that the tests run at.
let lengths = [2, 3, 2]

/// A graph with those axes and no nodes.
func emptyGraph() -> Graph {
  var graph = Graph(name: "test")
  graph.axes.append(Axis(name: "time", extent: .bounded(nil)))
  graph.axes.append(Axis(name: "other", extent: .bounded(nil)))
  return graph
}

/// What a graph makes of inputs, in S; the graph is verified on the way.
func evaluate<S: Scalar>(
  _ inputs: [Tensor<S>],
  lengths: [Int] = lengths,
  seed: UInt64 = 0,
  _ build: (BlockBuilder, [Expr]) -> Expr
) throws -> Tensor<S> {
  var graph = emptyGraph()
  for (place, input) in inputs.enumerated() {
    graph.variables.append(
      Variable(name: "x\(place)", kind: .input(isTarget: false), type: input.type)
    )
  }
  let builder = BlockBuilder(graph: graph)
  let result = build(builder, graph.variableIDs.map { builder.variable($0) })
  graph = builder.graph
  graph.main = try builder.finish(results: [result.id])
  graph.roots = [Root(name: "y", kind: .output, entries: [.infer])]
  try graph.verify()
  let given = Dictionary(uniqueKeysWithValues: zip(graph.variableIDs, inputs))
  let outputs = try Interpreter<S>(graph: graph, lengths: lengths)
    .run(variables: given, seed: seed)
  return outputs[0]
}

/// One op on inputs.
func apply<S: Scalar>(_ op: Op, _ inputs: Tensor<S>...) throws -> Tensor<S> {
  try evaluate(inputs) { builder, values in
    builder.expr(builder.append(op, values.map(\.id)))
  }
}

/// Floats as what tells them apart: their bits, all NaN alike.
func bits(_ values: [Float]) -> [UInt32] {
  values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern }
}
