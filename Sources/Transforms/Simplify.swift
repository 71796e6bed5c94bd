internal import GraphIR
internal import Reference

// The constitution of the rules:
//
// 1. Never worse. No rule raises the graph's `work`, which is stated in Work.swift; what is equal in work
//    has fewer nodes, or is nearer to a form that other rules shorten (a sum with a negative is a
//    difference). A test holds it over all definitions and random graphs.
// 2. Equal. The result has the same type and is equal for all finite values: a rule may lose the sign
//    of a zero, never a NaN of the data, except that a product with zeros is zero, and that of a one-hot
//    only the row counts that it names. The order of a sum may change, by what its operands are alone.
// 3. Done in one. A rule sees operands that are simple, and what it makes is made simple before it is
//    handed on; what nobody needs any more is left out. So a second run changes nothing: tested.
// 4. It ends. Each rule makes fewer or smaller nodes out of those it saw, or moves a sum nearer to the
//    leaves.
//
// Equal nodes become one by the builder.

extension Pass {
  /// Replaces nodes by cheaper equal ones.
  package static let simplify = Pass(
    "simplify",
    "folds constants, merges equal nodes, removes what does nothing"
  ) { graph throws(Diagnostic) in
    let simple = try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      let simplification = Simplification(site)
      guard let value = simplification.replaced(site.node.op, site.operands, site.node.type) else {
        return nil
      }
      return simplification.matching(value, site.node.type)
    }
    // What the rules left behind is dropped.
    return simple.isAllLive ? simple : try GraphRewriter.rewrite(simple) { _ in nil }
  }
}

extension Graph {
  /// `true` iff every node is needed by some result of its block.
  fileprivate var isAllLive: Bool {
    ([main] + scans.map(\.body)).allSatisfy { $0.live().allSatisfy { $0 } }
  }
}

/// The rules, by family; each is tried on operands that are simple already.
struct Simplification {
  /// The block that is built.
  let builder: BlockBuilder
  /// The operands of the node that is copied that nobody else reads, and that go with it.
  private let sole: [ValueID]

  /// The rules at a node that is copied.
  init(_ site: GraphRewriter.Site) {
    builder = site.builder
    sole = zip(site.block.operands(site.id), site.operands)
      .filter { site.readers[Int($0.0.index)] == 1 }.map(\.1)
  }

  /// A node made simple: the rules' replacement, or itself.
  func make(_ op: Op, _ operands: [ValueID]) -> ValueID {
    guard let type = try? builder.block.type(of: op, operands: operands, in: builder.graph),
      let value = replaced(op, operands, type)
    else { return builder.append(op, operands) }
    return matching(value, type)
  }

  /// A value repeated to a type, made simple.
  func matching(_ id: ValueID, _ type: ValueType) -> ValueID {
    let own = builder.type(id)
    if own == type { return id }
    let kept = own.shape.isScalar ? [] : Array(0..<own.shape.rank)
    return make(
      .broadcast(Broadcast(axes: type.axes, shape: type.shape, kept: DimList(kept))),
      [id]
    )
  }

  /// What a rule puts in a node's place; nothing if none applies.
  func replaced(_ op: Op, _ operands: [ValueID], _ type: ValueType) -> ValueID? {
    if let number = folded(op, operands, type) { return number }
    switch op {
    case .unary(let unary): return self.unary(unary, operands)
    case .binary(let binary): return self.binary(binary, operands, type)
    case .select: return select(operands)
    case .contract(let contraction): return contract(contraction, operands, type)
    case .reduce(let reduce, let reduction):
      return self.reduce(reduce, reduction, operands[0], type)
    case .slice(let start, let count, let dim):
      return slice(Int(start), Int(count), dim, operands[0], type)
    case .pad(let before, let after, _):
      if before == 0 && after == 0 { return operands[0] }
      return isZero(operands[0]) ? zero(type) : nil
    case .concat(let dim): return concat(dim, operands)
    case .transpose: return opcode(operands[0]) == .transpose ? inner(operands[0]) : nil
    case .reindex, .place: return isZero(operands[0]) ? zero(type) : nil
    case .reshape: return reshape(op, operands[0], type)
    case .broadcast(let broadcast): return self.broadcast(broadcast, operands[0], type)
    case .element(let axis, let position): return element(axis, position, operands[0], type)
    case .shift: return operands.allSatisfy { isZero($0) } ? zero(type) : nil
    case .gather: return gathered(operands, type)
    case .constant, .token, .variable, .argument, .position, .length, .random, .number, .argmax,
      .oneHot, .scatterAdd, .draw, .orthogonalize, .sequence, .scan, .project:
      return nil
    }
  }

  // MARK: What operands are

  private func opcode(_ id: ValueID) -> Op { builder.block[id].op }
  private func isZero(_ id: ValueID) -> Bool { builder.isZero(id) }
  private func zero(_ type: ValueType) -> ValueID {
    matching(builder.append(.real(0), []), type)
  }

  /// The first operand of a value.
  private func inner(_ id: ValueID) -> ValueID? { builder.block.operands(id).first }

  /// What a value is the negative of, if it is one.
  private func negated(_ id: ValueID) -> ValueID? {
    opcode(id) == .unary(.negate) ? inner(id) : nil
  }

  // MARK: Element by element

  /// Numbers made of numbers, by the reference in single precision: what the run would give.
  private func folded(_ op: Op, _ operands: [ValueID], _ type: ValueType) -> ValueID? {
    guard op.isElementwise, type == .real else { return nil }
    let constants = operands.compactMap { builder.constant($0) }
    guard constants.count == operands.count else { return nil }
    let result = Interpreter<Float>.fold(op, constants.map { Tensor(Float($0)) }, as: type)
    return result?.values.first.map { builder.append(.real(Double($0)), []) }
  }

  private func unary(_ op: UnaryOp, _ operands: [ValueID]) -> ValueID? {
    op == .negate ? negated(operands[0]) : nil
  }

  private func binary(_ op: BinaryOp, _ operands: [ValueID], _ type: ValueType) -> ValueID? {
    let (a, b) = (operands[0], operands[1])
    let (x, y) = (builder.constant(a), builder.constant(b))
    switch op {
    case .add:
      if isZero(a) { return b }
      if isZero(b) { return a }
      if let b = negated(b) { return make(.binary(.subtract), [a, b]) }
      return negated(a).map { make(.binary(.subtract), [b, $0]) }
    case .subtract:
      if isZero(b) { return a }
      if isZero(a) { return make(.unary(.negate), [b]) }
      return negated(b).map { make(.binary(.add), [a, $0]) }
    case .multiply:
      if x == 1 { return b }
      if y == 1 { return a }
      if x == -1 { return make(.unary(.negate), [b]) }
      return isZero(a) || isZero(b) ? zero(type) : nil
    case .divide: return y == 1 ? a : nil
    case .maximum, .minimum, .less, .lessEqual, .equal, .notEqual: return nil
    }
  }

  private func select(_ operands: [ValueID]) -> ValueID? {
    if let condition = builder.constant(operands[0]) { return operands[condition != 0 ? 1 : 2] }
    return operands[1] == operands[2] ? operands[1] : nil
  }

  // MARK: Products and sums

  private func contract(_ contraction: Contraction, _ operands: [ValueID], _ type: ValueType)
    -> ValueID?
  {
    if operands.contains(where: { isZero($0) }) { return zero(type) }
    return row(contraction, operands) ?? untransposed(contraction, operands)
      ?? summedFirst(contraction, operands)
  }

  /// A product with a one-hot is the row, or the column, that the token names.
  private func row(_ contraction: Contraction, _ operands: [ValueID]) -> ValueID? {
    guard contraction.axes.isEmpty, contraction.left.count == 1 else { return nil }
    for side in [1, 0] {
      let (hot, table) = (operands[side], operands[1 - side])
      guard case .oneHot = opcode(hot), builder.type(hot).shape.rank == 1,
        let token = inner(hot)
      else { continue }
      let dim = (side == 1 ? contraction.left : contraction.right).dims[0]
      let rank = builder.type(table).shape.rank
      guard dim == 0 || rank == 2 else { continue }
      let rows = dim == 0 ? table : make(.transpose, [table])
      return make(.gather, [rows, token])
    }
    return nil
  }

  /// A product with a transposed matrix is one with the matrix.
  private func untransposed(_ contraction: Contraction, _ operands: [ValueID]) -> ValueID? {
    for side in [0, 1] where opcode(operands[side]) == .transpose {
      let dims = side == 0 ? contraction.left : contraction.right
      // Where nothing is contracted, the result has both dimensions in their order.
      guard dims.count > 0, let matrix = inner(operands[side]) else { continue }
      let turned = DimList(dims.dims.map { 1 - $0 })
      var (contraction, operands) = (contraction, operands)
      if side == 0 { contraction.left = turned } else { contraction.right = turned }
      operands[side] = matrix
      return make(.contract(contraction), operands)
    }
    return nil
  }

  /// What one operand alone runs over is summed before it is multiplied, where the other has many
  /// elements for each of its own.
  private func summedFirst(_ contraction: Contraction, _ operands: [ValueID]) -> ValueID? {
    for side in [0, 1] {
      let (own, other) = (builder.type(operands[side]), builder.type(operands[1 - side]))
      let its = side == 0 ? contraction.right : contraction.left
      let alone = contraction.axes.subtracting(other.axes)
      let rest = other.shape.dims.indices.filter { !its.dims.contains($0) }
        .reduce(1) { $0 * other.shape[$1] }
      // Where lengths are rows' own, so must the summed values be.
      let mayBeSummed = alone.axes.allSatisfy {
        (builder.graph[$0].bound ?? 2) >= 2 && own.axes.contains(builder.graph.lengthAxes(of: $0))
      }
      guard !alone.isEmpty, rest >= 4, mayBeSummed else { continue }
      var (contraction, operands) = (contraction, operands)
      contraction.axes = contraction.axes.subtracting(alone)
      operands[side] = make(.reduce(.sum, Reduction(axes: alone)), [operands[side]])
      return make(.contract(contraction), operands)
    }
    return nil
  }

  /// A sum over axes of what is itself a sum over axes is one sum: so products sink whole.
  private func reduce(
    _ op: ReduceOp,
    _ reduction: Reduction,
    _ operand: ValueID,
    _ type: ValueType
  ) -> ValueID? {
    if op == .sum, isZero(operand) { return zero(type) }
    if reduction.axes.isEmpty, reduction.dims.count == 0 { return operand }
    // Where others need the inner sum, taking the outer one of it costs less than another one.
    guard op == .sum, reduction.dims.count == 0, sole.contains(operand) else { return nil }
    let below = Array(builder.block.operands(operand))
    switch opcode(operand) {
    case .contract(var contraction):
      // Its order is the equation's, and an entry may have the outer sum alone.
      if contraction.inParts { return nil }
      contraction.axes = contraction.axes.union(reduction.axes)
      return make(.contract(contraction), below)
    case .scatterAdd(let rows, let axes):
      return make(.scatterAdd(rows: rows, axes: axes.union(reduction.axes)), below)
    case .reduce(.sum, var inner):
      inner.axes = inner.axes.union(reduction.axes)
      return make(.reduce(.sum, inner), below)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .reduce, .argmax, .oneHot, .gather, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }

  // MARK: Movement

  private func slice(
    _ start: Int,
    _ count: Int,
    _ dim: Int32,
    _ operand: ValueID,
    _ type: ValueType
  ) -> ValueID? {
    if count == builder.type(operand).shape[Int(dim)] { return operand }
    if isZero(operand) { return zero(type) }
    switch opcode(operand) {
    case .slice(let outer, _, dim):
      let whole = Op.slice(start: outer + Int32(start), count: Int32(count), dim: dim)
      return inner(operand).map { make(whole, [$0]) }
    case .concat(dim):
      var row = 0
      for part in builder.block.operands(operand) {
        let rows = builder.type(part).shape[Int(dim)]
        if start >= row, start + count <= row + rows {
          let slice = Op.slice(start: Int32(start - row), count: Int32(count), dim: dim)
          return matching(make(slice, [part]), type)
        }
        row += rows
      }
      return nil
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .sequence, .scan, .project:
      return nil
    }
  }

  /// Neighbouring slices of one value are one slice of it.
  private func concat(_ dim: Int32, _ operands: [ValueID]) -> ValueID? {
    if operands.count == 1 { return operands[0] }
    var parts: [ValueID] = []
    for operand in operands {
      if let last = parts.last, let both = joined(last, operand, dim) {
        parts[parts.count - 1] = both
      } else {
        parts.append(operand)
      }
    }
    return parts.count < operands.count ? make(.concat(dim: dim), parts) : nil
  }

  private func joined(_ first: ValueID, _ second: ValueID, _ dim: Int32) -> ValueID? {
    guard case .slice(let start, let count, dim) = opcode(first),
      case .slice(start + count, let more, dim) = opcode(second),
      let whole = inner(first), whole == inner(second)
    else { return nil }
    return make(.slice(start: start, count: count + more, dim: dim), [whole])
  }

  private func reshape(_ op: Op, _ operand: ValueID, _ type: ValueType) -> ValueID? {
    if builder.type(operand).shape == type.shape { return operand }
    if case .reshape = opcode(operand) { return inner(operand).map { make(op, [$0]) } }
    return isZero(operand) ? zero(type) : nil
  }

  private func broadcast(_ broadcast: Broadcast, _ operand: ValueID, _ type: ValueType) -> ValueID?
  {
    if builder.type(operand) == type { return operand }
    guard case .broadcast(let inside) = opcode(operand), let source = inner(operand) else {
      return nil
    }
    let kept = inside.kept.dims.map { broadcast.kept.dims[$0] }
    return make(
      .broadcast(Broadcast(axes: broadcast.axes, shape: broadcast.shape, kept: DimList(kept))),
      [source]
    )
  }

  /// One place of what is known place by place.
  private func element(
    _ axis: AxisID,
    _ position: Position,
    _ operand: ValueID,
    _ type: ValueType
  ) -> ValueID? {
    let operands = Array(builder.block.operands(operand))
    switch opcode(operand) {
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
      return make(.broadcast(rest), [operands[0]])
    case .shift(let its, let reverse) where its == axis:
      switch (position, reverse) {
      case (.first, false), (.at(0), false), (.last, true): return operands[1]
      case (.at(let place), false): return make(.element(axis, .at(place - 1)), [operands[0]])
      case (.last, false), (.first, true), (.at, true), (.rowLast, _): return nil
      }
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }
}
