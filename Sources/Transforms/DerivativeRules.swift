internal import GraphIR

/// One node as its derivative rule sees it.
///
/// `x` and `y` are the node's operands and result, whose values the rule may ask for; `g` is the
/// gradient of the loss by the result, of the result's type.
struct DerivativeSite {
  /// What the node does.
  let op: Op
  /// The operands' types.
  let types: [ValueType]
  /// Asks for an operand's value.
  let x: (Int) -> Expr
  /// Asks for the result's value.
  let y: () -> Expr
  /// The gradient by the result.
  let g: Expr
}

extension DerivativeSite {
  /// The gradient by one operand, before it is summed to the operand's type; nothing if none passes.
  func gradient(_ place: Int) throws(Diagnostic) -> Expr? {
    switch op {
    case .unary(let unary): return derivative(of: unary)
    case .binary(let binary): return derivative(of: binary, place)
    case .select:
      let zero = g.builder.real(0)
      switch place {
      case 1: return x(0).select(g, zero)
      case 2: return x(0).select(zero, g)
      default: return nil
      }
    case .contract(let contraction): return try derivative(of: contraction, place)
    case .reduce(let reduce, let reduction): return try derivative(of: reduce, reduction)
    case .gather:
      guard place == 0 else { return nil }
      let summed = g.type.axes.union(types[1].axes).subtracting(types[0].axes)
      if summed.isEmpty, types[0].shape.rank == 1 {
        // One element of each row: a row of zeros but there.
        return x(1).apply(.oneHot(Int32(types[0].shape[0]))) * g
      }
      let wanted = types[0].axes.subtracting(g.type.axes.union(types[1].axes))
      let whole = g.builder.expr(g.builder.told(apart: g.id, for: wanted, summing: summed))
      return x(1).apply(.scatterAdd(rows: Int32(types[0].shape[0]), axes: summed), whole)
    case .scatterAdd: return place == 1 ? g.apply(.gather, x(0)) : nil
    case .slice(let start, let count, let dim):
      let after = Int32(types[0].shape[Int(dim)]) - start - count
      return g.apply(.pad(before: start, after: after, dim: dim))
    case .pad(let before, _, let dim):
      let count = Int32(types[0].shape[Int(dim)])
      return g.apply(.slice(start: before, count: count, dim: dim))
    case .concat(let dim):
      let before = types[..<place].reduce(0) { $0 + $1.shape[Int(dim)] }
      let count = Int32(types[place].shape[Int(dim)])
      return g.apply(.slice(start: Int32(before), count: count, dim: dim))
    case .transpose: return g.apply(.transpose)
    case .reshape: return g.apply(.reshape(types[0].shape))
    case .broadcast(let broadcast):
      let new = (0..<broadcast.shape.rank).filter { !broadcast.kept.dims.contains($0) }
      return g.sum(dims: new, axes: broadcast.axes.subtracting(types[0].axes))
    case .element(let axis, let position): return g.apply(.place(axis, position))
    case .place(let axis, let position): return g.apply(.element(axis, position))
    case .shift(let axis, let reverse):
      if place == 1 { return g.apply(.element(axis, reverse ? .last : .first)) }
      return g.apply(.shift(axis, reverse: !reverse), g.builder.real(0))
    case .sequence(let axis): return g.apply(.element(axis, .at(Int32(place))))
    case .reindex(let reindex): return g.apply(.reindex(reindex.inverse))
    case .constant, .token, .variable, .argument, .position, .length, .random, .number, .argmax,
      .oneHot, .draw, .orthogonalize:
      return nil
    case .scan, .project:
      throw Diagnostic(.bug, "a scan has an adjoint, not a derivative rule")
    }
  }

  private func derivative(of op: UnaryOp) -> Expr? {
    switch op {
    case .negate: -g
    case .exp: g * y()
    case .log: g / x(0)
    case .log1p: g / (x(0) + 1)
    case .sqrt: (0.5 * g) / y()
    case .tanh: g * (1 - y() * y())
    case .sigmoid: g * (y() * (1 - y()))
    case .sin: g * x(0).unary(.cos)
    case .cos: -(g * x(0).unary(.sin))
    case .abs:
      g.builder.real(0).isLess(than: x(0)).select(
        g,
        x(0).isLess(than: g.builder.real(0)).select(-g, g.builder.real(0))
      )
    case .stopGradient: nil
    }
  }

  private func derivative(of op: BinaryOp, _ place: Int) -> Expr? {
    let isFirst = place == 0
    let zero = g.builder.real(0)
    return switch op {
    case .add: g
    case .subtract: isFirst ? g : -g
    case .multiply: g * x(1 - place)
    case .divide: isFirst ? g / x(1) : -(g * y() / x(1))
    case .maximum:
      isFirst ? x(1).isLess(than: x(0)).select(g, zero) : x(1).isLess(than: x(0)).select(zero, g)
    case .minimum:
      isFirst ? x(0).isLess(than: x(1)).select(g, zero) : x(0).isLess(than: x(1)).select(zero, g)
    case .less, .lessEqual, .equal, .notEqual: nil
    }
  }

  /// The gradient of a product by a is the product of g and b over what g and b share beside a.
  private func derivative(of contraction: Contraction, _ place: Int) throws(Diagnostic) -> Expr {
    let other = 1 - place
    let own = place == 0 ? contraction.left.dims : contraction.right.dims
    let its = place == 0 ? contraction.right.dims : contraction.left.dims
    let ownRank = types[place].shape.rank
    let itsRest = (0..<types[other].shape.rank).filter { !its.contains($0) }
    let ownRest = (0..<ownRank).filter { !own.contains($0) }
    // In g stand the dimensions left of a, then those left of b.
    let first = place == 0 ? ownRest.count : 0
    let gDims = Array(first..<(first + itsRest.count))
    let union = g.type.axes.union(types[other].axes)
    let axes = union.subtracting(types[place].axes)
    let wanted = types[place].axes.subtracting(union)
    let g = g.builder.expr(g.builder.told(apart: g.id, for: wanted, summing: axes))
    // What the product makes: this operand's other dimensions, then the contracted in b's order.
    let order = its.indices.sorted { its[$0] < its[$1] }.map { own[$0] }
    if ownRest + order == Array(0..<ownRank) {
      return g.contract(
        x(other),
        Contraction(left: DimList(gDims), right: DimList(itsRest), axes: axes)
      )
    }
    if order + ownRest == Array(0..<ownRank) {
      return x(other).contract(
        g,
        Contraction(left: DimList(itsRest), right: DimList(gDims), axes: axes)
      )
    }
    guard ownRank == 2 else {
      throw Diagnostic(.unsupported, "the gradient of a product with dimensions in this order")
    }
    return g.contract(
      x(other),
      Contraction(left: DimList(gDims), right: DimList(itsRest), axes: axes)
    ).apply(.transpose)
  }

  private func derivative(of op: ReduceOp, _ reduction: Reduction) throws(Diagnostic) -> Expr {
    let type = types[0]
    let kept = (0..<type.shape.rank).filter { !reduction.dims.dims.contains($0) }
    let spread = Op.broadcast(
      Broadcast(axes: type.axes, shape: type.shape, kept: DimList(kept))
    )
    switch op {
    case .sum: return g.apply(spread)
    case .maximum, .minimum:
      return try firstGreatest(op, reduction).select(g.apply(spread), g.builder.real(0))
    }
  }

  /// 1 at the first of the greatest (or least) values that are reduced to one, NaN among them.
  ///
  /// The shape is reduced before the axes and later axes before earlier ones, which finds the first in
  /// the order of the layout.
  private func firstGreatest(_ op: ReduceOp, _ reduction: Reduction) throws(Diagnostic) -> Expr {
    let shape = types[0].shape
    var value = x(0)
    var mask: Expr?
    if reduction.dims.count > 0 {
      guard reduction.dims.count == shape.rank, let row = Shape([shape.count]) else {
        throw Diagnostic(.unsupported, "the gradient of max or min over only a part of a shape")
      }
      let greatest = (op == .maximum ? value : -value).apply(.reshape(row))
      mask = greatest.apply(.argmax(nil)).apply(.oneHot(Int32(shape.count))).apply(.reshape(shape))
      value = value.apply(.reduce(op, Reduction(dims: reduction.dims)))
    }
    let order =
      reduction.axes.removing(.batch).axes + (reduction.axes.contains(AxisID.batch) ? [.batch] : [])
    for axis in order.reversed() {
      let reduced = value.apply(.reduce(op, Reduction(axes: AxisSet(axis))))
      let isGreatest = value.apply(.binary(.equal), reduced)
        .select(g.builder.real(1), value.apply(.binary(.notEqual), value))
      let place = g.builder.expr(g.builder.append(.position(axis), []))
      let first = isGreatest.select(place, g.builder.real(.infinity))
        .apply(.reduce(.minimum, Reduction(axes: AxisSet(axis))))
      let its = place.apply(.binary(.equal), first)
      mask = mask.map { $0 * its } ?? its
      value = reduced
    }
    return mask ?? g.builder.real(1)
  }
}
