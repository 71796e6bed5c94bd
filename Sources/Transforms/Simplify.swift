internal import GraphIR
internal import Reference

extension Pass {
  /// Replaces nodes by cheaper equal ones, until nothing changes.
  ///
  /// The constitution of the rules below: the result is never dearer, has the same type, and is equal
  /// for all finite values (a rule may lose the sign of a zero, never a NaN of the data, except that a
  /// product with zeros is zero). Each rule shortens the graph or moves a sum into its producer, so a
  /// second run changes nothing. Equal nodes become one by the builder.
  package static let simplify = Pass(
    "simplify",
    "folds constants, merges equal nodes, removes what does nothing"
  ) { graph throws(Diagnostic) in
    try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in Simplification.rule(site) }
  }
}

/// The rules, by family; each is tried on operands that are simple already.
private enum Simplification {
  static func rule(_ site: GraphRewriter.Site) -> ValueID? {
    folded(site) ?? rewritten(site)
  }

  /// Numbers made of numbers, by the reference in single precision: what the run would give.
  private static func folded(_ site: GraphRewriter.Site) -> ValueID? {
    guard site.node.op.isElementwise, site.node.type == .real else { return nil }
    let constants = site.operands.compactMap { site.builder.constant($0) }
    guard constants.count == site.operands.count else { return nil }
    let operands = constants.map { Tensor(Float($0)) }
    let result = Interpreter<Float>.fold(site.node.op, operands, as: site.node.type)
    return result?.values.first.map { site.builder.append(.real(Double($0)), []) }
  }

  private static func rewritten(_ site: GraphRewriter.Site) -> ValueID? {
    switch site.node.op {
    case .unary(let op): unary(op, site)
    case .binary(let op): binary(op, site)
    case .select: select(site)
    case .contract: site.exprs.contains { site.builder.isZero($0.id) } ? zero(site) : nil
    case .reduce(let op, let reduction): reduce(op, reduction, site)
    case .slice(let start, let count): slice(Int(start), Int(count), site)
    case .pad(let before, let after):
      before == 0 && after == 0
        ? site.operands[0] : site.builder.isZero(site.operands[0]) ? zero(site) : nil
    case .concat: site.operands.count == 1 ? site.operands[0] : nil
    case .transpose: site.op(0) == .transpose ? inner(site) : nil
    case .reindex: site.builder.isZero(site.operands[0]) ? zero(site) : nil
    case .reshape: reshape(site)
    case .broadcast(let broadcast): self.broadcast(broadcast, site)
    case .element(let axis, let position): element(axis, position, site)
    case .place: site.builder.isZero(site.operands[0]) ? zero(site) : nil
    case .shift: site.operands.allSatisfy { site.builder.isZero($0) } ? zero(site) : nil
    case .constant, .token, .variable, .argument, .position, .length, .random, .number, .argmax,
      .oneHot, .gather, .scatterAdd, .draw, .orthogonalize, .sequence, .scan, .project:
      nil
    }
  }

  private static func zero(_ site: GraphRewriter.Site) -> ValueID {
    site.builder.zero(site.node.type)
  }

  /// The operand of the first operand.
  private static func inner(_ site: GraphRewriter.Site) -> ValueID? {
    site.builder.block.operands(site.operands[0]).first
  }

  private static func unary(_ op: UnaryOp, _ site: GraphRewriter.Site) -> ValueID? {
    if op == .negate, site.op(0) == .unary(.negate) { return inner(site) }
    return nil
  }

  private static func binary(_ op: BinaryOp, _ site: GraphRewriter.Site) -> ValueID? {
    let (a, b) = (site.operands[0], site.operands[1])
    let (x, y) = (site.builder.constant(a), site.builder.constant(b))
    switch op {
    case .add:
      if site.builder.isZero(a) { return b }
      return site.builder.isZero(b) ? a : nil
    case .subtract:
      if site.builder.isZero(b) { return a }
      return site.builder.isZero(a) ? site.builder.append(.unary(.negate), [b]) : nil
    case .multiply:
      if x == 1 { return b }
      if y == 1 { return a }
      if x == -1 { return site.builder.append(.unary(.negate), [b]) }
      return site.builder.isZero(a) || site.builder.isZero(b) ? zero(site) : nil
    case .divide: return y == 1 ? a : nil
    case .maximum, .minimum, .less, .lessEqual, .equal, .notEqual: return nil
    }
  }

  private static func select(_ site: GraphRewriter.Site) -> ValueID? {
    if let condition = site.builder.constant(site.operands[0]) {
      return site.operands[condition != 0 ? 1 : 2]
    }
    return site.operands[1] == site.operands[2] ? site.operands[1] : nil
  }

  /// A sum over axes of what is itself a sum over axes is one sum: so products sink whole.
  private static func reduce(_ op: ReduceOp, _ reduction: Reduction, _ site: GraphRewriter.Site)
    -> ValueID?
  {
    let operand = site.operands[0]
    if op == .sum, site.builder.isZero(operand) { return zero(site) }
    if reduction.axes.isEmpty, reduction.dims.count == 0 { return operand }
    guard op == .sum, reduction.dims.count == 0 else { return nil }
    let below = Array(site.builder.block.operands(operand))
    switch site.op(0) {
    case .contract(var contraction):
      contraction.axes = contraction.axes.union(reduction.axes)
      return site.builder.append(.contract(contraction), below)
    case .scatterAdd(let rows, let axes):
      return site.builder.append(
        .scatterAdd(rows: rows, axes: axes.union(reduction.axes)),
        below
      )
    case .reduce(.sum, var inner):
      inner.axes = inner.axes.union(reduction.axes)
      return site.builder.append(.reduce(.sum, inner), below)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .reduce, .argmax, .oneHot, .gather, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }

  private static func slice(_ start: Int, _ count: Int, _ site: GraphRewriter.Site) -> ValueID? {
    let builder = site.builder
    let operand = site.operands[0]
    if count == builder.type(operand).shape[0] { return operand }
    if builder.isZero(operand) { return zero(site) }
    switch site.op(0) {
    case .slice(let outer, _):
      return inner(site).map {
        builder.append(.slice(start: outer + Int32(start), count: Int32(count)), [$0])
      }
    case .concat:
      var row = 0
      for part in builder.block.operands(operand) {
        let rows = builder.type(part).shape[0]
        if start >= row, start + count <= row + rows {
          if count == rows { return builder.matching(part, site.node.type) }
          let slice = Op.slice(start: Int32(start - row), count: Int32(count))
          return builder.matching(builder.append(slice, [part]), site.node.type)
        }
        row += rows
      }
      return nil
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .pad,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }

  private static func reshape(_ site: GraphRewriter.Site) -> ValueID? {
    if site.builder.type(site.operands[0]).shape == site.node.type.shape { return site.operands[0] }
    if case .reshape = site.op(0) {
      return inner(site).map { site.builder.append(site.node.op, [$0]) }
    }
    return site.builder.isZero(site.operands[0]) ? zero(site) : nil
  }

  private static func broadcast(_ broadcast: Broadcast, _ site: GraphRewriter.Site) -> ValueID? {
    let operand = site.operands[0]
    if site.builder.type(operand) == site.node.type { return operand }
    guard case .broadcast(let inside) = site.op(0), let source = inner(site) else { return nil }
    let kept = inside.kept.dims.map { broadcast.kept.dims[$0] }
    return site.builder.append(
      .broadcast(Broadcast(axes: broadcast.axes, shape: broadcast.shape, kept: DimList(kept))),
      [source]
    )
  }

  /// One place of what is known place by place.
  private static func element(_ axis: AxisID, _ position: Position, _ site: GraphRewriter.Site)
    -> ValueID?
  {
    let builder = site.builder
    let operands = Array(builder.block.operands(site.operands[0]))
    switch site.op(0) {
    case .sequence(let its) where its == axis:
      switch position {
      case .first: return operands.first
      case .last: return operands.last
      case .rowLast: return nil
      case .at(let place): return operands[Int(place)]
      }
    case .broadcast(let inside):
      // Repeated along the axis, every place is the same.
      guard !builder.type(operands[0]).axes.contains(axis) else { return nil }
      let rest = Broadcast(
        axes: inside.axes.removing(axis),
        shape: inside.shape,
        kept: inside.kept
      )
      return builder.append(.broadcast(rest), [operands[0]])
    case .shift(let its, let reverse) where its == axis:
      switch (position, reverse) {
      case (.first, false), (.at(0), false), (.last, true):
        return builder.matching(operands[1], site.node.type)
      case (.at(let place), false):
        let before = builder.append(.element(axis, .at(place - 1)), [operands[0]])
        return builder.matching(before, site.node.type)
      case (.last, false), (.first, true), (.at, true), (.rowLast, _):
        return nil
      }
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }
}
