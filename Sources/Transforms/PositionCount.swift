internal import GraphIR

// At one position of a stream the place along the axis is not the graph's to know: what draws there, or
// asks for it, needs a state that counts the positions since `begin`, one for each row. It is exact up
// to 2^24 positions.

extension Graph {
  /// What the state that counts positions along an axis is called.
  private func positionName(_ axis: AxisID) -> String { "position." + self[axis].name }

  /// The state that counts positions along an axis, if it was declared.
  func positionCount(along axis: AxisID) -> VariableID? { state(named: positionName(axis)) }

  /// The state that counts positions along an axis, if a step of it needs one.
  func positionCountToDeclare(along axis: AxisID) throws(Diagnostic) -> Variable? {
    guard streamAxis != nil || generation != nil, asksForPosition(along: axis) else { return nil }
    // What only training draws, no step does.
    var graph = try GraphRewriter.rewrite(self) { (site) throws(Diagnostic) in
      guard case .variable(let id) = site.node.op, self[id].kind == .training else { return nil }
      return site.builder.append(.real(0), [])
    }
    for pass in [Pass.simplify, .trim, .simplify, .trim] { graph = try pass.run(graph) }
    guard graph.asksForPosition(along: axis) else { return nil }
    return Variable(name: positionName(axis), kind: .state, type: ValueType(axes: .batch))
  }

  /// `true` iff some value depends on its place along an axis, but by what comes before it.
  private func asksForPosition(along axis: AxisID) -> Bool {
    func asks(_ block: Block, isStep: Bool) -> Bool {
      let live = block.live()
      return block.ids.contains { id in
        guard live[Int(id.index)] else { return false }
        if case .random(_, _, let axes, _, _) = block[id].op {
          return isStep || axes.contains(axis)
        }
        return block[id].op == .position(axis)
      }
    }
    return asks(main, isStep: false)
      || scans.contains { $0.axis == axis && asks($0.body, isStep: true) }
  }
}

/// Where a stream stands along the stepped axis.
struct PositionCount {
  private let axis: AxisID
  private let variable: VariableID
  private let builder: BlockBuilder

  /// The count of a stream's graph, if its step needs one.
  init?(_ graph: Graph, along axis: AxisID, in builder: BlockBuilder) {
    guard let variable = graph.positionCount(along: axis) else { return nil }
    self.axis = axis
    self.variable = variable
    self.builder = builder
  }

  /// The value at one position of what asks for its place there; nothing for all else.
  func value(of op: Op, inStep: Bool) -> ValueID? {
    let count = builder.variable(variable)
    if op == .position(axis) { return count.id }
    guard case .random(let random, let draw, let axes, let shape, nil) = op,
      inStep || axes.contains(axis)
    else { return nil }
    let its = axes.removing(axis)
    return count.apply(.random(random, draw: draw, axes: its, shape: shape, at: axis)).id
  }

  /// What the count is left with after a position, or before the first.
  func store(isFirst: Bool) -> (variable: VariableID, value: ValueID) {
    let count = builder.variable(variable)
    let next = isFirst ? builder.zero(count.type) : (count + 1).id
    return (variable, next)
  }
}
