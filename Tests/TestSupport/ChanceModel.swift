package import GraphIR

/// A graph made by hand that draws wherever one can: over places, once a row, in steps, without rows.
package enum ChanceModel {
  private static let time = AxisID(1)
  private static let head = AxisID(2)
  private static let three = Shape([3]) ?? .scalar
  private static let row = ValueType(axes: .batch, shape: three)
  private static let steps = ValueType(axes: AxisSet(.batch, time), shape: three)

  /// The graph; only a latent one draws when it does not train.
  package static func graph(isLatent: Bool, isStream: Bool = false) throws -> Graph {
    var graph = Graph(name: "chance")
    graph.axes[0].extent = .bounded(4)
    graph.axes.append(Axis(name: "time", extent: .bounded(5)))
    graph.axes.append(Axis(name: "head", extent: .fixed(2)))
    graph.variables = [
      Variable(name: "x", kind: .input(isTarget: false), type: steps),
      Variable(name: "t", kind: .input(isTarget: true), type: steps),
      Variable(
        name: "w",
        kind: .parameter(.uniform(bound: 1), frozen: false),
        type: ValueType(shape: Shape([3, 3]) ?? .scalar)
      ),
      Variable(name: "training", kind: .training, type: .real),
    ]
    graph.optimizer = Optimizer(rule: .sgd(momentum: 0, nesterov: false), rate: 0.1)
    let builder = BlockBuilder(graph: graph)
    let x = builder.variable(VariableID(0))
    let training = builder.variable(VariableID(3))
    let dropped = training.select(masked(x, 1, steps.axes), x)
    let states = try scan(builder, dropped, training, isLatent)
    let heads = random(builder, .uniform, 5, AxisSet(.batch, time, head), .scalar)
    let scale = random(builder, .normal, -6, AxisSet(time), .scalar)
    let place = builder.expr(builder.append(.position(time), []))
    let noisy = states * heads.sum(axes: AxisSet(head)) + scale * place
    let y = isLatent ? noisy : training.select(noisy, states)
    let error = y - builder.variable(VariableID(1))
    let loss = (error * error).sum(dims: [0], axes: AxisSet(.batch, time)) / 60
    graph = builder.graph
    if isStream { graph.streamAxis = time }
    graph.main = try builder.finish(results: [y.id, loss.id])
    graph.roots = [
      Root(name: "y", kind: .output, entries: [.infer]),
      Root(name: "loss", kind: .loss, entries: [.evaluate, .gradients, .train]),
    ]
    return graph
  }

  private static func random(
    _ builder: BlockBuilder,
    _ op: RandomOp,
    _ draw: Int32,
    _ axes: AxisSet,
    _ shape: Shape
  ) -> Expr {
    builder.expr(builder.append(.random(op, draw: draw, axes: axes, shape: shape), []))
  }

  /// Twice the value where a draw is below a half, else 0.
  private static func masked(_ value: Expr, _ draw: Int32, _ axes: AxisSet) -> Expr {
    random(value.builder, .uniform, draw, axes, three).isLess(than: value.builder.real(0.5))
      .select(2 * value, value.builder.real(0))
  }

  /// h' = tanh(w h + x) with the state masked anew each step, the product alike in all, and noise.
  private static func scan(
    _ builder: BlockBuilder,
    _ x: Expr,
    _ training: Expr,
    _ isLatent: Bool
  ) throws -> Expr {
    let whole = random(builder, .uniform, 2, .batch, three).isLess(than: builder.real(0.7))
    let w = builder.variable(VariableID(2))
    let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: false)
    let step = scan.step
    let weight = step.expr(scan.outer(w.id, w.type, name: "w"))
    let mask = step.expr(scan.outer(whole.id, whole.type, name: "mask"))
    let flag = step.expr(scan.outer(training.id, training.type, name: "training"))
    let given = step.expr(scan.sequence(x.id, x.type))
    let h = step.expr(scan.state(first: builder.real(0.3).id, row, path: "h", name: "h"))
    let read = flag.select(masked(h, 3, .batch), h)
    let product = weight.contract(read, .product(leftRank: 2))
    let noise = isLatent ? random(step, .normal, 4, .batch, three) : step.real(0)
    let next = (flag.select(product * mask, product) + given + 0.5 * noise).unary(.tanh)
    let (finished, operands) = try scan.finish(results: [next.id])
    let node = builder.scan(finished, operands)
    return builder.expr(builder.append(.project(0), [node]))
  }
}
