import CBackend
import GraphIR
import Lowering
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

/// A graph whose outputs are one node of every operation, on values of unequal sizes.
private enum EveryOp {
  static let time = AxisID(1)
  static let steps = ValueType(axes: AxisSet(.batch, time), shape: shape(5))

  static func shape(_ dims: Int...) -> Shape { Shape(dims) ?? .scalar }

  static func make() throws -> Graph {
    var graph = Graph(name: "every_op")
    graph.axes[0].extent = .bounded(3)
    graph.axes.append(Axis(name: "time", extent: .fixed(4)))
    func add(_ name: String, _ type: ValueType, isWeight: Bool = false) {
      let kind: Variable.Kind =
        isWeight ? .parameter(.constant(0), frozen: false) : .input(isTarget: false)
      graph.variables.append(Variable(name: name, kind: kind, type: type))
    }
    add("x", steps)
    add("t", ValueType(.token(7), axes: AxisSet(.batch, time)))
    add("w", ValueType(shape: shape(2, 5)), isWeight: true)
    add("b", ValueType(shape: shape(5)), isWeight: true)
    add("table", ValueType(shape: shape(7, 5)), isWeight: true)
    add("one", .real, isWeight: true)
    let builder = BlockBuilder(graph: graph)
    let values = try outputs(builder)
    graph = builder.graph
    graph.main = try builder.finish(results: values.map(\.id))
    graph.roots = values.indices.map { Root(name: "y\($0)", kind: .output, entries: [.infer]) }
    return graph
  }

  private static func outputs(_ builder: BlockBuilder) throws -> [Expr] {
    func variable(_ index: Int) -> Expr { builder.variable(VariableID(index)) }
    func leaf(_ op: Op) -> Expr { builder.expr(builder.append(op, [])) }
    let (x, t, w, b) = (variable(0), variable(1), variable(2), variable(3))
    let (table, one) = (variable(4), variable(5))
    let here = leaf(.position(time))
    var kept = [x + builder.real(0.1), here + x, leaf(.length(time)) * one, x.apply(.argmax(nil))]
    kept += UnaryOp.allCases.map { (x + 0.25).unary($0) }
    kept += BinaryOp.allCases.map { x.apply(.binary($0), b) }
    kept += [t.apply(.binary(.equal), leaf(.token(3, of: 7))), x.select(b, x), t.apply(.number)]
    for op in ReduceOp.allCases {
      kept.append(x.apply(.reduce(op, Reduction(dims: [0]))))
      kept.append(x.apply(.reduce(op, Reduction(axes: AxisSet(time)))))
      kept.append(x.apply(.reduce(op, Reduction(dims: [0], axes: AxisSet(.batch, time)))))
    }
    kept += [
      w.contract(x, .product(leftRank: 2)), x.contract(w, Contraction(left: [0], right: [1])),
    ]
    kept += [x.contract(b, Contraction(left: [0], right: [0])), b.contract(w, Contraction())]
    let dot = Contraction(left: [0], right: [0], inParts: true)
    kept += [b.contract(x.unary(.tanh), dot), x.contract(b, dot) * x]
    kept += [x.contract(x, Contraction(axes: AxisSet(.batch, time)))]
    kept += [
      t.apply(.oneHot(7)), table.apply(.gather, t), (x * x).apply(.gather, leaf(.token(2, of: 5))),
    ]
    kept.append(t.apply(.scatterAdd(rows: 7, axes: AxisSet(.batch, time)), x))
    kept += [(x * 2.builder(builder)).apply(.slice(start: 1, count: 3))]
    kept += [x.apply(.pad(before: 2, after: 1)), (-x).apply(.concat(), b), w.apply(.transpose)]
    kept += [(w + 1).apply(.reshape(shape(5, 2)))]
    let (part, ends) = (
      w.apply(.slice(start: 1, count: 3, dim: 1)), w.apply(.pad(before: 1, after: 2, dim: 1))
    )
    kept += [part, ends, part.contract(x.apply(.slice(start: 2, count: 3)), .product(leftRank: 2))]
    kept += [
      (x * x).apply(.slice(start: 0, count: 3)).contract(part, Contraction(left: [0], right: [1]))
    ]
    kept += [
      w.apply(
        .concat(dim: 1),
        part * here,
        part.contract(w, Contraction(left: [0], right: [0])).apply(.slice(start: 1, count: 2))
      )
    ]
    let wide = Broadcast(axes: AxisSet(.batch, time), shape: shape(5, 2), kept: [0])
    kept.append(b.apply(.broadcast(wide)))
    for position in [Position.first, .last, .at(2)] {
      kept += [(x * x).apply(.element(time, position)), b.apply(.place(time, position))]
    }
    kept += [x.apply(.shift(time, reverse: false), b), x.apply(.shift(time, reverse: true), b)]
    kept += [
      (x * x).apply(.reindex(Reindex(from: time, to: time, plus: -1, row: 1))),
      x.apply(.reindex(Reindex(from: time, to: time, scale: 2, plus: 1))),
      x.apply(.reindex(Reindex(from: .batch, to: .batch, plus: 2, divisor: 2))),
      x.apply(.argmax(time)),
    ]
    kept.append(b.apply(.sequence(time), -b, b * b, w.sum(dims: [0])))
    kept += random(builder)
    let matrices = w.apply(
      .broadcast(Broadcast(axes: AxisSet(time), shape: shape(2, 5), kept: [0, 1]))
    )
    kept += [w, w.apply(.transpose), matrices * here + w].map { $0.apply(.orthogonalize) }
    for isReverse in [false, true] { kept += try scan(builder, x, w, b, isReverse) }
    return kept
  }

  /// Draws with and without a shape, over rows, places, both and neither, and parts of such.
  private static func random(_ builder: BlockBuilder) -> [Expr] {
    let axes = [AxisSet.none, .batch, AxisSet(time), AxisSet(.batch, time)]
    let all = RandomOp.allCases.flatMap { op in
      axes.enumerated().flatMap { place, axes in
        [Shape.scalar, shape(5), shape(2, 20)].map { shape in
          builder.expr(
            builder.append(
              .random(op, draw: Int32(place) - 1, axes: axes, shape: shape),
              []
            )
          )
        }
      }
    }
    let (whole, last) = (all[11], Position.last)
    let counted = [AxisSet.none, .batch].map {
      builder.variable(VariableID(0)).apply(.slice(start: 1, count: 1)).apply(.reshape(.scalar))
        .apply(.reduce(.maximum, Reduction(axes: AxisSet(time))))
        .apply(.random(.normal, draw: 7, axes: $0, shape: shape(17), at: time))
    }
    return all + counted + [
      whole.apply(.transpose).apply(.slice(start: 3, count: 7)), whole.apply(.element(time, last)),
      whole.apply(.shift(time, reverse: true), all[3]), whole.apply(.reshape(shape(40))),
      whole.sum(dims: [0]), whole.sum(axes: AxisSet(.batch, time)),
    ]
  }

  /// h' = tanh(w' (w h) + x), emitting h + b.
  private static func scan(
    _ builder: BlockBuilder,
    _ x: Expr,
    _ w: Expr,
    _ b: Expr,
    _ isReverse: Bool
  ) throws -> [Expr] {
    let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: isReverse)
    let step = scan.step
    let weight = step.expr(scan.outer(w.id, w.type, name: "w"))
    let bias = step.expr(scan.outer(b.id, b.type, name: "b"))
    let given = step.expr(scan.sequence(x.id, x.type))
    let state = ValueType(axes: .batch, shape: shape(5))
    let h = step.expr(scan.state(first: b.id, state, path: "h\(isReverse)", name: "h"))
    let inner = weight.contract(h, .product(leftRank: 2))
    let next = (weight.contract(inner, Contraction(left: [0], right: [0])) + given).unary(.tanh)
    let (finished, operands) = try scan.finish(results: [next.id, (h + bias).id])
    let node = builder.scan(finished, operands)
    return [0, 1].map { builder.expr(builder.append(.project($0), [node])) }
  }
}

extension Int {
  fileprivate func builder(_ builder: BlockBuilder) -> Expr { builder.real(Double(self)) }
}

@Suite("Every operation, in C and in the interpreter")
struct EveryOpTests {
  /// `generate` alone calls `draw`.
  private static let elsewhere: Set<OpKind> = [.draw]

  @Test("The graph holds every operation")
  func holdsEveryOperation() throws {
    let graph = try EveryOp.make()
    try graph.verify()
    let blocks = [graph.main] + graph.scans.map(\.body)
    let seen = Set(blocks.flatMap { block in block.nodes.map { OpKind($0.op) } })
    #expect(Set(OpKind.allCases).subtracting(Self.elsewhere) == seen)
  }

  @Test("Strict C gives the interpreter's bits for every operation")
  func strictBits() throws {
    let graph = try EveryOp.make()
    var data = CallData(batch: 3, arrays: Self.values)
    data.seed = 0x0123_4567_89ab_cdef
    let expected = try ModelHarness.interpret(graph, data, in: Float.self)
    let native = try Self.built(graph)
    let outputs = try NativeModel(native, stores: { _ in [] }).run(.infer, data)
    #expect(outputs.count == graph.roots.count)
    for root in graph.roots {
      let (ours, its) = (outputs[root.name] ?? [], expected[root.name] ?? [])
      #expect(ours.count == its.count, "\(root.name)")
      for (place, pair) in zip(ours, its).enumerated()
      where pair.0.bitPattern != pair.1.bitPattern && !(pair.0.isNaN && pair.1.isNaN) {
        Issue.record("\(root.name)[\(place)] is \(pair.0), not \(pair.1)")
      }
    }
  }

  private static var values: Arrays {
    var random = SmallRandom(seed: 7)
    func reals(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(random.below(4001) - 2000) / 1000 }
    }
    return [
      "x": reals(60), "t": (0..<12).map { _ in Float(random.below(7)) }, "w": reals(10),
      "b": reals(5), "table": reals(35), "one": [1],
    ]
  }

  private static func built(_ graph: Graph) throws -> CompiledModel {
    var pipeline = Pipeline(options: .init(batch: 3, arithmetic: .strict))
    let plan = try pipeline.plan(optimized: graph)
    return try BuiltModels.build(try Compiler.assemble(plan), 1)
  }
}
