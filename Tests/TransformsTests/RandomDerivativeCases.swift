import GraphIR
import Reference
import TestSupport

extension DerivativeCase {
  /// An operation of a kind on random types, at random lengths; the seed decides.
  static func random(_ kind: OpKind, seed: UInt64) -> DerivativeCase {
    var maker = RandomCases(seed: seed &* 64 &+ UInt64(kind.rawValue.count))
    var given = maker.make(kind)
    given.extents = maker.extents
    let rows = 1 + maker.random.below(3)
    let own = (0..<rows).map { _ in 1 + maker.random.below(maker.extents.time) }
    if let graph = try? given.graph() {
      given.lengths = Lengths(of: graph, rows: rows) { _, places in own[places[.batch] ?? 0] }
    }
    return given
  }
}

/// Makes cases of random shapes, axes and settings.
private struct RandomCases {
  var random: SmallRandom
  /// The bound of `time` and the places of `head`.
  let extents: (time: Int, head: Int)

  init(seed: UInt64) {
    random = SmallRandom(seed: seed)
    extents = (1 + random.below(4), 1 + random.below(3))
  }

  private mutating func axes() -> AxisSet { AxisSet(bits: UInt64(random.below(8))) }

  private mutating func dims(_ rank: Int) -> [Int] { (0..<rank).map { _ in 1 + random.below(3) } }

  private func type(_ axes: AxisSet, _ dims: [Int]) -> ValueType {
    ValueType(axes: axes, shape: Shape(dims) ?? .scalar)
  }

  private mutating func any(_ rank: Int) -> ValueType { type(axes(), dims(rank)) }

  /// A random value, or one number, beside another of a shape.
  private mutating func beside(_ shape: ValueType) -> ValueType {
    random.below(3) == 0 ? type(axes(), []) : type(axes(), shape.shape.dims)
  }

  private mutating func pick<Value>(_ values: [Value], or other: Value) -> Value {
    random.pick(values) ?? other
  }

  private func single(
    _ op: Op,
    _ types: ValueType...,
    in range: ClosedRange<Double> = -0.9...0.9
  ) -> DerivativeCase {
    DerivativeCase("\(op.text) \(op)", types, in: range) { builder, operands in
      builder.expr(builder.append(op, operands.map(\.id)))
    }
  }

  mutating func make(_ kind: OpKind) -> DerivativeCase {
    switch kind {
    case .constant, .token, .argument, .position, .length, .random, .number, .argmax, .oneHot,
      .draw, .orthogonalize, .variable:
      return single(.unary(.negate), any(random.below(3)))
    case .unary:
      let op = pick(UnaryOp.allCases.filter { $0 != .stopGradient }, or: .exp)
      let isPositive = op == .log || op == .sqrt || op == .log1p
      return single(.unary(op), any(random.below(3)), in: isPositive ? 0.2...2 : -2...2)
    case .binary:
      let op = pick(BinaryOp.allCases.filter { !$0.isComparison }, or: .add)
      let first = any(random.below(3))
      return single(.binary(op), first, beside(first), in: 0.3...1.5)
    case .select:
      let first = any(random.below(3))
      let types = [beside(first), beside(first), first, beside(first)]
      return DerivativeCase("select", types) { _, x in x[0].isLess(than: x[1]).select(x[2], x[3]) }
    case .contract: return contract()
    case .reduce: return reduce()
    case .gather:
      let rows = 1 + random.below(4)
      let token = ValueType(.token(Int32(rows)), axes: axes())
      return single(.gather, type(axes(), [rows] + dims(random.below(2))), token)
    case .scatterAdd:
      let rows = 1 + random.below(4)
      let token = ValueType(.token(Int32(rows)), axes: axes())
      let value = any(random.below(2))
      let union = token.axes.union(value.axes)
      let summed = AxisSet(bits: union.bits & UInt64(random.below(8)))
      return DerivativeCase("scatterAdd \(token) \(value) over \(summed)", [token, value]) { _, x in
        x[0].apply(.scatterAdd(rows: Int32(rows), axes: summed), x[1])
      }
    case .slice:
      let value = any(1 + random.below(2))
      let dim = random.below(value.shape.rank)
      let start = random.below(value.shape[dim])
      let count = 1 + random.below(value.shape[dim] - start)
      return single(
        .slice(start: Int32(start), count: Int32(count), dim: Int32(dim)),
        value
      )
    case .pad:
      let (before, after) = (Int32(random.below(3)), Int32(random.below(3)))
      let value = any(1 + random.below(2))
      let dim = Int32(random.below(value.shape.rank))
      return single(.pad(before: before, after: after, dim: dim), value)
    case .concat:
      let rest = dims(random.below(2))
      let isSecond = rest.count == 1 && random.below(2) == 1
      func part() -> ValueType { type(axes(), isSecond ? rest + dims(1) : dims(1) + rest) }
      return single(.concat(dim: isSecond ? 1 : 0), part(), part(), part())
    case .transpose: return single(.transpose, any(2))
    case .reshape:
      let value = any(2)
      let shape = Shape([value.shape[1], value.shape[0]]) ?? .scalar
      return single(.reshape(shape), value)
    case .broadcast:
      let value = any(random.below(3))
      var shape: [Int] = []
      var kept: [Int] = []
      for extent in value.shape.dims {
        if random.below(2) == 0 { shape += dims(1) }
        kept.append(shape.count)
        shape.append(extent)
      }
      let broadcast = Broadcast(
        axes: value.axes.union(axes()),
        shape: Shape(shape) ?? .scalar,
        kept: DimList(kept)
      )
      return single(.broadcast(broadcast), value)
    case .element:
      let (axis, position) = place()
      return single(.element(axis, position), type(axes().adding(axis), dims(random.below(2))))
    case .place:
      let (axis, position) = place()
      return single(.place(axis, position), type(axes().removing(axis), dims(random.below(2))))
    case .shift:
      let value = type(axes().adding(time), dims(random.below(2)))
      let vacant = beside(value)
      return single(
        .shift(time, reverse: random.below(2) == 0),
        value,
        vacant.over(vacant.axes.removing(time))
      )
    case .sequence:
      let shape = dims(random.below(2))
      let types = (0..<extents.time).map { _ in type(axes().removing(time), shape) }
      return DerivativeCase("sequence", types) { builder, x in
        builder.expr(builder.append(.sequence(time), x.map(\.id)))
      }
    case .reindex:
      let reindex = Reindex(
        from: time,
        to: random.below(2) == 0 ? time : head,
        scale: 1 + random.below(2),
        plus: random.below(4) - 2,
        row: random.below(3) - 1,
        divisor: 1 + random.below(2)
      )
      return single(.reindex(reindex), type(axes().adding(time).removing(head), dims(1)))
    case .scan, .project:
      return pick(ScanCases.all, or: single(.transpose, any(2)))
    }
  }

  /// A place that every row has, or each row's own end.
  private mutating func place() -> (AxisID, Position) {
    let axis = pick([time, head], or: time)
    return (axis, pick([.first, .last, .at(0)], or: .first))
  }

  private mutating func contract() -> DerivativeCase {
    var (a, b) = (any(random.below(3)), any(random.below(3)))
    let pairs = random.below(min(a.shape.rank, b.shape.rank) + 1)
    let left = Array([0, 1].prefix(a.shape.rank).shuffled(using: &random).prefix(pairs))
    let right = Array([0, 1].prefix(b.shape.rank).shuffled(using: &random).prefix(pairs))
    var dims = b.shape.dims
    for (l, r) in zip(left, right) { dims[r] = a.shape[l] }
    b = type(b.axes, dims)
    a = type(a.axes, a.shape.dims)
    let summed = AxisSet(bits: a.axes.union(b.axes).bits & UInt64(random.below(8)))
    let contraction = Contraction(left: DimList(left), right: DimList(right), axes: summed)
    return single(.contract(contraction), a, b)
  }

  private mutating func reduce() -> DerivativeCase {
    let op = pick(ReduceOp.allCases, or: .sum)
    let value = any(random.below(3))
    let summed = AxisSet(bits: value.axes.bits & UInt64(random.below(8)))
    let isWhole = op != .sum || random.below(2) == 0
    let dims =
      random.below(2) == 0
      ? [] : isWhole ? Array(0..<value.shape.rank) : Array((0..<value.shape.rank).prefix(1))
    return single(.reduce(op, Reduction(dims: DimList(dims), axes: summed)), value)
  }
}
