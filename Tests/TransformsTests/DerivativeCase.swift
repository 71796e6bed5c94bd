import GraphIR
import Reference
import TestSupport
import Testing
import Transforms

/// The axis of three places that the tests lay steps along.
let time = AxisID(1)
/// A second axis, of two places.
let head = AxisID(2)

/// A type over axes, of a shape.
func real(_ axes: AxisSet = .none, _ dims: Int...) -> ValueType {
  ValueType(axes: axes, shape: Shape(dims) ?? .scalar)
}

/// A value made of weights, whose gradient is compared with differences.
struct DerivativeCase: CustomTestStringConvertible, Sendable {
  /// What it shows.
  var testDescription: String
  /// The operands' types; reals are weights, tokens inputs.
  var types: [ValueType]
  /// Between what the weights lie.
  var range: ClosedRange<Double> = -0.9...0.9
  /// How long the axes are; `time` is at most 3 and `head` has 2 places.
  var lengths = Lengths(uniform: [2, 3, 2])
  /// The bound of `time` and the places of `head`.
  var extents = (time: 3, head: 2)
  /// Makes the value.
  var build: @Sendable (BlockBuilder, [Expr]) throws -> Expr

  /// Describes a value.
  init(
    _ description: String,
    _ types: [ValueType],
    in range: ClosedRange<Double> = -0.9...0.9,
    _ build: @escaping @Sendable (BlockBuilder, [Expr]) throws -> Expr
  ) {
    testDescription = description
    self.types = types
    self.range = range
    self.build = build
  }

  /// One operation.
  init(_ op: Op, _ types: ValueType..., in range: ClosedRange<Double> = -0.9...0.9) {
    self.init("\(op.text) \(op)", types, in: range) { builder, operands in
      builder.expr(builder.append(op, operands.map(\.id)))
    }
  }

  /// A graph whose loss is the sum of the value's elements, each times a number of its own; or whose
  /// output is the value.
  func graph(isOutput: Bool = false) throws -> Graph {
    var graph = Graph(name: "derivative")
    graph.axes[0].extent = .bounded(4)
    graph.axes += [
      Axis(name: "time", extent: .bounded(extents.time)),
      Axis(name: "head", extent: .fixed(extents.head)),
    ]
    for (place, type) in types.enumerated() {
      let kind: Variable.Kind =
        type.isToken
        ? .input(isTarget: false) : .parameter(.uniform(bound: 1), frozen: false)
      graph.variables.append(Variable(name: "x\(place)", kind: kind, type: type))
    }
    let builder = BlockBuilder(graph: graph)
    let y = try build(builder, graph.variableIDs.map { builder.variable($0) })
    if isOutput {
      graph = builder.graph
      graph.main = try builder.finish(results: [y.id])
      graph.roots = [Root(name: "y", kind: .output, entries: [.infer])]
      return graph
    }
    let weights = VariableID(builder.graph.variables.count)
    let type = y.type
    builder.graph.variables.append(
      Variable(name: "weights", kind: .input(isTarget: false), type: type)
    )
    let weighted = y * builder.variable(weights)
    let loss = weighted.sum(dims: Array(0..<type.shape.rank), axes: type.axes)
    graph = builder.graph
    graph.main = try builder.finish(results: [loss.id])
    graph.roots = [Root(name: "loss", kind: .loss, entries: [.gradients])]
    try graph.verify()
    return graph
  }

  /// Values of the variables: weights between the case's bounds.
  func values(_ graph: Graph) -> [VariableID: Tensor<Double>] {
    var values = RandomValues.variables(of: graph, lengths: lengths, seed: 3)
    for id in graph.variableIDs where Int(id.index) < types.count && !types[Int(id.index)].isToken {
      // From -0.8 ... 0.8 to the bounds.
      let (low, high) = (range.lowerBound, range.upperBound)
      let unit = values[id]?.values ?? []
      values[id]?.values = unit.map { low + ($0 + 0.8) / 1.6 * (high - low) }
    }
    return values
  }
}

/// The gradients that `differentiate` gives, by variable.
func gradients(
  of graph: Graph,
  at values: [VariableID: Tensor<Double>],
  _ lengths: Lengths,
  by pass: Pass = .differentiate
) throws -> [VariableID: Tensor<Double>] {
  let differentiated = try run([pass], on: graph)
  let results = try Interpreter<Double>(graph: differentiated, lengths: lengths)
    .run(variables: values)
  var found: [VariableID: Tensor<Double>] = [:]
  for (root, result) in zip(differentiated.roots, results) {
    if case .gradient(let variable) = root.kind { found[variable] = result }
  }
  return found
}

/// The loss's central difference by every element of a variable.
func differences(
  of graph: Graph,
  at values: [VariableID: Tensor<Double>],
  _ lengths: Lengths,
  by variable: VariableID
) throws -> [Double] {
  let interpreter = Interpreter<Double>(graph: graph, lengths: lengths)
  let epsilon = 1e-6
  return try (values[variable]?.values ?? []).indices.map { place in
    func loss(_ change: Double) throws -> Double {
      var moved = values
      moved[variable]?.values[place] += change
      return try interpreter.run(variables: moved, roots: [0])[0].values[0]
    }
    return try (loss(epsilon) - loss(-epsilon)) / (2 * epsilon)
  }
}
