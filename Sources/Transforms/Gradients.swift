internal import GraphIR

/// The gradients of a block's values, collected backwards: one page of rules, one rule for scans.
///
/// Works in two blocks at once: `forward`, whose nodes are visited last to first, and the builder
/// that the gradients are written in. For a graph's main block they are the same block; for a step
/// the second is the step of the adjoint scan, and a forward value is there what the scan saved of it.
final class Gradients {
  private let forward: Block
  private let builder: BlockBuilder
  /// Finds a forward value in the builder's block.
  private let value: (ValueID) -> ValueID
  /// Which forward nodes a gradient must reach.
  private let isActive: [Bool]
  private var contributions: [[ValueID]]

  /// Prepares to collect; `value` is asked only for values that a rule needs.
  init(
    of forward: Block,
    in builder: BlockBuilder,
    isActive: [Bool],
    value: @escaping (ValueID) -> ValueID
  ) {
    self.forward = forward
    self.builder = builder
    self.isActive = isActive
    self.value = value
    contributions = Array(repeating: [], count: forward.count)
  }

  /// For each node, whether it depends on a node marked, by real numbers all the way: tokens have no
  /// gradient.
  static func reached(from marked: [Bool], in block: Block) -> [Bool] {
    var reached = marked
    for id in block.ids where !reached[Int(id.index)] && !block.type(id).isToken {
      reached[Int(id.index)] = block.operands(id).contains { reached[Int($0.index)] }
    }
    return reached
  }

  /// Adds to the gradient by a forward value; summed or repeated to the value's type.
  func add(_ gradient: ValueID, to id: ValueID) {
    guard isActive[Int(id.index)] else { return }
    contributions[Int(id.index)].append(fitted(gradient, to: forward.type(id)))
  }

  /// The gradient by a forward value, if one reaches it; complete once `collect` has passed it.
  func gradient(_ id: ValueID) -> ValueID? {
    let parts = contributions[Int(id.index)]
    if parts.count > 1 {
      contributions[Int(id.index)] = [total(parts, forward.type(id))]
    }
    return contributions[Int(id.index)].first
  }

  /// Takes the parts that are 0 but at one place of an axis out of a value's gradient.
  func takePlaced(_ id: ValueID, _ axis: AxisID, _ position: Position) -> [ValueID] {
    let isPlaced: (ValueID) -> Bool = { [builder] in
      builder.block[$0].op == .place(axis, position)
    }
    let placed = contributions[Int(id.index)].filter(isPlaced)
    contributions[Int(id.index)].removeAll(where: isPlaced)
    return placed.compactMap { builder.block.operands($0).first }
  }

  /// Visits the forward nodes last to first, passing gradients to operands.
  ///
  /// The scan rule is given, because only a main block has one.
  func collect(scan: (ValueID) throws(Diagnostic) -> Void) throws(Diagnostic) {
    for id in forward.ids.reversed() where isActive[Int(id.index)] {
      let node = forward[id]
      builder.origin = node.origin
      switch node.op {
      case .scan: try scan(id)
      case .project: continue
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
        .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
        .shift, .reindex,
        .sequence:
        guard let g = gradient(id) else { continue }
        try pass(g, through: id)
      }
    }
  }

  private func pass(_ g: ValueID, through id: ValueID) throws(Diagnostic) {
    let operands = Array(forward.operands(id))
    let site = DerivativeSite(
      op: forward[id].op,
      types: operands.map { forward.type($0) },
      x: { [builder, value] in builder.expr(value(operands[$0])) },
      y: { [builder, value] in builder.expr(value(id)) },
      g: builder.expr(g)
    )
    for (place, operand) in operands.enumerated() where isActive[Int(operand.index)] {
      if let gradient = try site.gradient(place) { add(gradient.id, to: operand) }
    }
  }

  /// A gradient summed over what the type lacks, and repeated to what the gradient lacks.
  private func fitted(_ gradient: ValueID, to type: ValueType) -> ValueID {
    let own = builder.type(gradient)
    let dims = type.shape.isScalar ? Array(0..<own.shape.rank) : []
    let axes = own.axes.subtracting(type.axes)
    let whole = builder.told(apart: gradient, for: type.axes, summing: axes)
    let sum = builder.expr(whole).sum(dims: dims, axes: axes)
    return builder.matching(sum.id, type)
  }

  /// The sum of gradients; parts that fill different rows or places are laid side by side instead.
  private func total(_ parts: [ValueID], _ type: ValueType) -> ValueID {
    sideBySide(parts, type)
      ?? placeByPlace(parts, type)
      ?? parts.dropFirst().reduce(parts[0]) { builder.append(.binary(.add), [$0, $1]) }
  }

  /// The parts as one concatenation, if each is some rows padded with zeros and no two overlap.
  private func sideBySide(_ parts: [ValueID], _ type: ValueType) -> ValueID? {
    var rows: [(start: Int, part: ValueID)] = []
    guard case .pad(_, _, let dim) = builder.block[parts[0]].op else { return nil }
    for part in parts {
      guard case .pad(let before, _, dim) = builder.block[part].op,
        let inner = builder.block.operands(part).first
      else { return nil }
      rows.append((Int(before), inner))
    }
    rows.sort { $0.start < $1.start }
    var filled: [ValueID] = []
    var next = 0
    func fill(to row: Int) {
      guard row > next, let gap = type.shape.replacing(Int(dim), by: row - next) else { return }
      filled.append(builder.zero(type.shaped(gap)))
    }
    for (start, part) in rows {
      guard start >= next else { return nil }
      fill(to: start)
      filled.append(part)
      next = start + builder.type(part).shape[Int(dim)]
    }
    fill(to: type.shape[Int(dim)])
    return builder.append(.concat(dim: dim), filled)
  }

  /// The parts as one sequence, if each is 0 but at its own counted place of one axis.
  private func placeByPlace(_ parts: [ValueID], _ type: ValueType) -> ValueID? {
    guard case .place(let axis, _) = builder.block[parts[0]].op,
      let count = builder.graph[axis].bound
    else { return nil }
    var places = [ValueID?](repeating: nil, count: count)
    for part in parts {
      guard case .place(let its, .at(let place)) = builder.block[part].op, its == axis,
        Int(place) < count, let inner = builder.block.operands(part).first
      else { return nil }
      places[Int(place)] =
        places[Int(place)].map { builder.append(.binary(.add), [$0, inner]) } ?? inner
    }
    let zero = builder.zero(type.over(type.axes.removing(axis)))
    return builder.append(.sequence(axis), places.map { $0 ?? zero })
  }
}
