import GraphIR

/// The axis of fixed length that the tests lay steps along.
let time = AxisID(1)

/// A graph with every operation, every table and every kind of root and variable.
enum SampleGraph {
  /// The axes and variables alone.
  static func tables() -> Graph {
    var graph = Graph(name: "sample")
    graph.axes[0].extent = .bounded(4)
    graph.axes.append(Axis(name: "time", extent: .fixed(3)))
    graph.axes.append(Axis(name: "free", extent: .bounded(nil)))
    let steps = ValueType(axes: AxisSet(.batch, time), shape: shape(4))
    func add(_ name: String, _ kind: Variable.Kind, _ type: ValueType) {
      let origin = SourceSpan(line: graph.variables.count + 1, column: 3, length: 5)
      graph.variables.append(Variable(name: name, kind: kind, type: type, origin: origin))
    }
    add("x", .input(isTarget: false), steps)
    add("t", .input(isTarget: true), ValueType(.token(5), axes: AxisSet(.batch, time)))
    add("w", .parameter(.uniform(bound: 0.25), frozen: false), ValueType(shape: shape(4, 4)))
    add("b", .parameter(.constant(-1), frozen: true), ValueType(shape: shape(4)))
    add("n", .parameter(.normal(deviation: 1e-30), frozen: false), .real)
    add("s", .state, ValueType(axes: .batch, shape: shape(4)))
    add("m", .optimizer, .real)
    add("fresh", .fresh, ValueType(axes: .batch))
    add("rate", .rate, .real)
    add("training", .training, .real)
    add("gradient.y", .outputGradient, .real)
    graph.optimizer = Optimizer(
      rule: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true),
      rate: 0.001,
      weightDecay: 0.01,
      clipNorm: 5,
      clipValue: 0.5
    )
    graph.carryAxis = time
    graph.streamAxis = time
    graph.generation = Generation(target: VariableID(1), until: 2)
    graph.keptLengths[AxisID(2)] = VariableID(7)
    return graph
  }

  /// A shape of these extents.
  static func shape(_ dims: Int...) -> Shape { Shape(dims) ?? .scalar }

  /// The graph.
  static func make() throws -> Graph {
    let builder = BlockBuilder(graph: tables())
    let origin = SourceSpan(source: .library, line: 7, column: 1, length: 9)
    builder.origin = origin
    func variable(_ index: Int) -> Expr { builder.variable(VariableID(index)) }
    let (x, t, w, b) = (variable(0), variable(1), variable(2), variable(3))
    var kept: [Expr] = [variable(4), variable(5), variable(6), variable(7), variable(8)]
    kept += leaves(builder) + UnaryOp.allCases.map { x.unary($0) }
    kept += BinaryOp.allCases.map { x.apply(.binary($0), b) }
    kept += [x.select(b, x), t.apply(.number), variable(9)]
    kept += ReduceOp.allCases.map { x.apply(.reduce($0, Reduction(dims: [0], axes: .batch))) }
    kept += [w.contract(x, .product(leftRank: 2)), x.contract(x, Contraction(axes: .batch))]
    kept += [b.contract(x, Contraction(left: [0], right: [0], inParts: true))]
    kept += [x.apply(.argmax(nil)), x.apply(.argmax(time)), w.apply(.orthogonalize)]
    kept += [t.apply(.oneHot(5)), w.apply(.gather, t), x.apply(.draw)]
    kept.append(t.apply(.scatterAdd(rows: 5, axes: AxisSet(.batch, time)), x))
    kept += [x.apply(.slice(start: 1, count: 2)), x.apply(.pad(before: 1, after: 0))]
    kept += [w.apply(.slice(start: 0, count: 1, dim: 1)), w.apply(.concat(dim: 1), w)]
    kept += [w.apply(.pad(before: 0, after: 2, dim: 1)), x.apply(.concat(), b)]
    kept += [w.apply(.transpose), x.apply(.reshape(shape(2, 2)))]
    let wide = Broadcast(axes: AxisSet(.batch, time), shape: shape(4, 2), kept: [0])
    kept += [b.apply(.broadcast(wide)), x.apply(.shift(time, reverse: true), b)]
    for position in [Position.first, .last, .at(1)] {
      kept += [x.apply(.element(time, position)), b.apply(.place(time, position))]
    }
    kept.append(
      x.apply(.reindex(Reindex(from: time, to: time, scale: 2, plus: -1, row: 3, divisor: 4)))
    )
    kept += [b.apply(.sequence(time), b, b), x.apply(.shift(time, reverse: false), b)]
    kept += try scan(builder, x: x, w: w, b: b)
    builder.name(x.id, "x")

    var results = kept.map(\.id)
    var roots = kept.indices.map { Root(name: "y\($0)", kind: .output, entries: [.infer]) }
    let loss = b.sum(dims: [0])
    let kinds: [Root.Kind] = [.loss, .metric, .generated, .gradient(VariableID(4)), .finite]
    for kind in kinds + [.store(VariableID(6))] {
      results.append(loss.id)
      roots.append(Root(name: "\(roots.count)", kind: kind, entries: [.train, .evaluate]))
    }
    var graph = builder.graph
    graph.main = try builder.finish(results: results)
    graph.roots = roots
    return graph
  }

  private static func leaves(_ builder: BlockBuilder) -> [Expr] {
    let numbers = [0.1, -0.0, .infinity, -1e300, 0x1p-1074].map { builder.real($0) }
    let draws = RandomOp.allCases.map {
      Op.random($0, draw: 3, axes: .batch, shape: shape(2, 2))
    }
    let ops = draws + [.token(-1, of: 5), .position(time), .length(AxisID(2))]
    return numbers + ops.map { builder.expr(builder.append($0, [])) }
  }

  /// h' = tanh(w h + x), emitting h + b.
  private static func scan(_ builder: BlockBuilder, x: Expr, w: Expr, b: Expr) throws -> [Expr] {
    let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: true)
    let step = scan.step
    let state = ValueType(axes: .batch, shape: shape(4))
    let weight = step.expr(scan.outer(w.id, w.type, name: "w"))
    let given = step.expr(scan.sequence(x.id, x.type))
    let h = step.expr(scan.state(first: b.id, state, path: "cell.h", name: "h"))
    let next = (weight.contract(h, .product(leftRank: 2)) + given).unary(.tanh)
    let (finished, operands) = try scan.finish(results: [next.id, (h + 1).id])
    let node = builder.scan(finished, operands)
    return [0, 1].map { builder.expr(builder.append(.project($0), [node])) }
  }
}
