internal import GraphIR

extension Pass {
  /// Declares the variables of the state block, for carrying, streaming and generating alike.
  package static let declareStates = Pass(
    "states",
    "declares a variable for whatever goes on from one window or position to the next"
  ) { graph throws(Diagnostic) in
    guard let axis = graph.steppedAxis else { return graph }
    var graph = graph
    graph.variables.append(
      Variable(name: "fresh", kind: .fresh, type: ValueType(axes: .batch))
    )
    for memory in Memory.all(along: axis, in: graph) {
      graph.variables.append(Variable(name: memory.name, kind: .state, type: memory.type))
    }
    guard graph.isStepped else { return graph }
    for kept in try StreamPlan(of: graph, along: axis).kept {
      graph.variables.append(Variable(name: kept.name, kind: .state, type: kept.type))
    }
    if let count = try graph.positionCountToDeclare(along: axis) { graph.variables.append(count) }
    return graph
  }

  /// Lets training and evaluation go on from the state block, but for rows called fresh.
  package static let carry = Pass(
    "carry",
    "starts rows that are not fresh from the state block, and leaves the last states there"
  ) { graph throws(Diagnostic) in
    guard let axis = graph.carryAxis else { return graph }
    var carried = graph
    // The last values become roots before the rewriting, so that it keeps them.
    let builder = BlockBuilder(graph: graph, continuing: graph.main)
    var lasts: [ValueID] = []
    for memory in Memory.all(along: axis, in: graph) {
      guard let variable = graph.state(named: memory.name) else { continue }
      lasts.append(memory.last(in: builder))
      carried.roots.append(
        Root(
          name: memory.name,
          kind: .store(variable),
          entries: [.evaluate, .gradients, .train]
        )
      )
    }
    carried.main = try builder.finish(results: graph.main.results + lasts)
    return try GraphRewriter.rewrite(carried) { (site) throws(Diagnostic) in
      try Memory.startingFromStates(site, along: axis)
    }
  }
}

extension Graph {
  /// The axis that states are kept along between calls, if there is one.
  var steppedAxis: AxisID? {
    if let axis = carryAxis ?? streamAxis { return axis }
    guard let generation else { return nil }
    let axes = self[generation.target].type.axes.removing(.batch)
    return axes.axes.last
  }

  /// `true` iff the definition asks for `begin` and `step`.
  var isStepped: Bool { streamAxis != nil || generation != nil }

  /// The state variable of a path.
  func state(named name: String) -> VariableID? {
    variableIDs.first { self[$0].name == name && self[$0].kind == .state }
  }

  /// The variable that calls rows fresh.
  var freshVariable: VariableID? { variableIDs.first { self[$0].kind == .fresh } }
}

/// Something that remembers along an axis: a state of a scan, or what a shift holds back.
struct Memory {
  /// Its path in the state block.
  let name: String
  /// What it holds, at one position.
  let type: ValueType
  /// The scan's or shift's node.
  let node: ValueID
  /// Which state of the scan; nothing for a shift.
  let state: Int?

  /// All that remember along an axis forwards, in the order of the graph.
  static func all(along axis: AxisID, in graph: Graph) -> [Memory] {
    var found: [Memory] = []
    var shifts = 0
    for id in graph.main.ids {
      switch graph.main[id].op {
      case .scan(let scan) where graph[scan].axis == axis && !graph[scan].isReverse:
        for (state, name) in graph[scan].stateNames.enumerated() {
          let type = graph[scan].stateType(state)
          found.append(Memory(name: name, type: type, node: id, state: state))
        }
      case .shift(let its, reverse: false) where its == axis:
        let type = graph.main.type(id)
        let name = graph.main.name(id)
        let path = "previous.\(name.isEmpty ? "\(shifts)" : "\(shifts).\(name)")"
        shifts += 1
        found.append(
          Memory(name: path, type: type.over(type.axes.removing(axis)), node: id, state: nil)
        )
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
        .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
        .shift, .reindex,
        .sequence, .scan, .project:
        continue
      }
    }
    return found
  }

  /// The value it holds after the window.
  func last(in builder: BlockBuilder) -> ValueID {
    if let state, case .scan(let id) = builder.block[node].op {
      let states = builder.append(.project(Int32(state)), [node])
      return builder.append(.element(builder.graph[id].axis, .last), [states])
    }
    guard case .shift(let axis, _) = builder.block[node].op else { return node }
    let source = builder.block.operands(node)[builder.block.operands(node).startIndex]
    return builder.append(.element(axis, .last), [source])
  }

  /// A scan or shift whose first values are chosen between its own and the state block's.
  static func startingFromStates(_ site: GraphRewriter.Site, along axis: AxisID)
    throws(Diagnostic) -> ValueID?
  {
    guard let fresh = site.graph.freshVariable else { return nil }
    let builder = site.builder
    func chosen(_ name: String, _ type: ValueType, _ first: ValueID) -> ValueID {
      guard let state = site.graph.state(named: name) else { return first }
      return builder.variable(fresh).select(
        builder.expr(builder.matching(first, type)),
        builder.variable(state)
      ).id
    }
    let memories = all(along: axis, in: site.graph).filter { $0.node == site.id }
    guard !memories.isEmpty, site.block.arguments.isEmpty else { return nil }
    var operands = site.operands
    switch site.node.op {
    case .shift:
      operands[1] = chosen(memories[0].name, memories[0].type, operands[1])
      return builder.append(site.node.op, operands)
    case .scan(let id):
      let scan = site.graph[id]
      for memory in memories {
        guard let state = memory.state else { continue }
        let place = scan.outerCount + scan.sequenceCount + state
        operands[place] = chosen(memory.name, memory.type, operands[place])
      }
      return try GraphRewriter.scan(scan, of: site.graph, operands, into: builder)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .sequence,
      .reindex, .project:
      return nil
    }
  }
}
