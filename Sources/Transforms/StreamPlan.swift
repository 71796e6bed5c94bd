internal import GraphIR

/// What of a graph has a value at one position of the stepped axis, and what `begin` must leave for it.
///
/// A value that does not run over the axis, but depends on what a call is given, is computed once by
/// `begin`. Where a position reads it, it is kept in the state block; what it is made of is not.
struct StreamPlan {
  /// Where a node has its value.
  enum Place: Hashable {
    /// Once for all positions; `isGiven` iff it depends on a call, and not on weights alone.
    case whole(isGiven: Bool)
    /// At each position, from what came before.
    case position
    /// Nowhere: it takes positions to come, or all of them together.
    case nowhere
  }

  /// A value that `begin` leaves for every position.
  struct Kept {
    /// Its path in the state block.
    let name: String
    /// What it is.
    let type: ValueType
    /// The lengths of an axis, if it is those.
    let lengthsOf: AxisID?
    /// The node, unless it is lengths that no node asks for.
    let node: ValueID?
  }

  private let graph: Graph
  private let axis: AxisID
  /// What remembers along the axis.
  let memories: [Memory]
  /// Where each node of the main block has its value.
  private(set) var places: [Place] = []
  /// What `begin` leaves beside first states, in the order of the state block.
  private(set) var kept: [Kept] = []
  /// Which results of each scan are read.
  private var projected: [ValueID: Set<Int>] = [:]

  /// Finds the places of a graph's nodes and what is kept.
  init(of graph: Graph, along axis: AxisID) throws(Diagnostic) {
    self.graph = graph
    self.axis = axis
    memories = Memory.all(along: axis, in: graph)
    for id in graph.main.ids { places.append(place(of: id)) }
    try findKept()
  }

  /// A node's place.
  func place(_ id: ValueID) -> Place { places[Int(id.index)] }

  /// `true` iff a node asks whether weights are trained, which a stream never does.
  func isTraining(_ id: ValueID) -> Bool {
    guard case .variable(let variable) = graph.main[id].op else { return false }
    return graph[variable].kind == .training
  }

  // MARK: Places

  private func place(of id: ValueID) -> Place {
    let node = graph.main[id]
    let operands = graph.main.operands(id).map { place($0) }
    switch node.op {
    case .variable(let variable): return place(of: graph[variable])
    case .project: return operands.first ?? .nowhere
    case .scan(let scan): return place(of: graph[scan], operands)
    case .shift(axis, reverse: false):
      guard operands[0] != .nowhere, case .whole = operands[1] else { return .nowhere }
      return .position
    case .select where isTraining(graph.main.operands(id)[graph.main.operands(id).startIndex]):
      return operands[2]
    case .length(let its) where its != axis:
      return .whole(isGiven: !graph.lengthAxes(of: its).isEmpty)
    case .constant, .token, .argument, .position, .length, .random, .unary, .binary, .select,
      .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
      .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .sequence:
      guard node.op.atPosition(of: axis) != nil, !operands.contains(.nowhere) else {
        return .nowhere
      }
      if operands.contains(.position) || node.type.axes.contains(axis) { return .position }
      return .whole(isGiven: operands.contains(.whole(isGiven: true)) || isGiven(id))
    }
  }

  private func place(of variable: Variable) -> Place {
    if variable.type.axes.contains(axis) { return .position }
    switch variable.kind {
    case .input, .outputGradient, .state, .fresh: return .whole(isGiven: true)
    case .parameter, .optimizer, .rate, .training, .divisor: return .whole(isGiven: false)
    }
  }

  /// `true` iff a node depends on a call by itself: it draws, or takes away an axis with lengths.
  private func isGiven(_ id: ValueID) -> Bool {
    if case .random = graph.main[id].op { return true }
    return graph.main.operands(id).contains { operand in
      let taken = graph.main.type(operand).axes.subtracting(graph.main.type(id).axes)
      return taken.axes.contains { !graph.lengthAxes(of: $0).isEmpty }
    }
  }

  private func place(of scan: Scan, _ operands: [Place]) -> Place {
    if operands.contains(.nowhere) { return .nowhere }
    let firstStates = operands.suffix(scan.stateCount)
    if scan.axis == axis {
      guard !scan.isReverse, isSteppable(scan.body), !firstStates.contains(.position) else {
        return .nowhere
      }
      return .position
    }
    guard operands.contains(.position) || mentions(scan.body) else {
      let isGiven =
        operands.contains(.whole(isGiven: true)) || draws(scan.body)
        || !graph.lengthAxes(of: scan.axis).isEmpty
      return .whole(isGiven: isGiven)
    }
    return isSteppable(scan.body) && !draws(scan.body) ? .position : .nowhere
  }

  /// `true` iff a step draws, within which nothing says where the stepped axis stands.
  private func draws(_ body: Block) -> Bool {
    body.ids.contains { id in
      switch body[id].op {
      case .random: true
      case .scan(let inner): draws(graph[inner].body)
      case .constant, .token, .variable, .argument, .position, .length, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        false
      }
    }
  }

  /// `true` iff some value of a step runs over the axis, or an operation names it.
  private func mentions(_ body: Block) -> Bool {
    body.ids.contains { id in
      if body.type(id).axes.contains(axis) || body[id].op.atPosition(of: axis) == nil {
        return true
      }
      if case .scan(let inner) = body[id].op { return mentions(graph[inner].body) }
      return false
    }
  }

  /// `true` iff all of a step can be done at one position of the axis.
  private func isSteppable(_ body: Block) -> Bool {
    body.ids.allSatisfy { id in
      if case .scan(let inner) = body[id].op {
        return graph[inner].axis != axis && isSteppable(graph[inner].body)
      }
      return body[id].op.atPosition(of: axis) != nil
    }
  }

  // MARK: What is kept

  /// What a node at a position reads: not first states, and of a step's operands those it needs.
  private func read(_ id: ValueID) -> [ValueID] {
    let operands = Array(graph.main.operands(id))
    switch graph.main[id].op {
    case .shift(axis, _): return [operands[0]]
    case .select where isTraining(operands[0]): return [operands[2]]
    case .scan(let number) where graph[number].axis == axis:
      let scan = graph[number]
      let given = scan.outerCount + scan.sequenceCount
      let live = liveInStep(id, scan)
      return scan.body.ids.compactMap { inner in
        guard live[Int(inner.index)], case .argument(let place) = scan.body[inner].op,
          Int(place) < given
        else { return nil }
        return operands[Int(place)]
      }
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .sequence, .scan, .project:
      return operands
    }
  }

  /// For each node of a scan's step, whether a state or a result that is read needs it.
  private func liveInStep(_ id: ValueID, _ scan: Scan) -> [Bool] {
    let results = scan.body.results.indices.filter {
      $0 < scan.stateCount || projected[id]?.contains($0) == true
    }
    var live = [Bool](repeating: false, count: scan.body.count)
    for place in results { live[Int(scan.body.results[place].index)] = true }
    for inner in scan.body.ids.reversed() where live[Int(inner.index)] {
      let read = isTraining(inner, in: scan, at: id) ? scan.body.operands(inner).suffix(1) : nil
      for operand in read ?? scan.body.operands(inner) { live[Int(operand.index)] = true }
    }
    return live
  }

  /// `true` iff a node of a scan's step chooses by whether weights are trained.
  func isTraining(_ inner: ValueID, in scan: Scan, at id: ValueID) -> Bool {
    guard case .select = scan.body[inner].op, let condition = scan.body.operands(inner).first,
      case .argument(let place) = scan.body[condition].op, Int(place) < scan.outerCount
    else { return false }
    let given = graph.main.operands(id)
    return isTraining(given[given.startIndex + Int(place)])
  }

  private mutating func findKept() throws(Diagnostic) {
    var live = [Bool](repeating: false, count: graph.main.count)
    for (root, result) in zip(graph.roots, graph.main.results) {
      let isWanted = root.kind == .output && place(result) == .position
      if isWanted || root.kind == .generated { live[Int(result.index)] = true }
    }
    for memory in memories where place(memory.node) == .position {
      live[Int(memory.node.index)] = true
    }
    var nodes: [ValueID] = []
    var axes = AxisSet.none
    for id in graph.main.ids.reversed() where live[Int(id.index)] {
      axes = axes.union(graph.main.type(id).axes)
      switch place(id) {
      case .nowhere, .whole(isGiven: false): continue
      case .whole(isGiven: true):
        if case .length(let its) = graph.main[id].op {
          axes = axes.adding(its)
        } else if isRepetition(id) {
          graph.main.operands(id).forEach { live[Int($0.index)] = true }
        } else {
          nodes.append(id)
        }
      case .position:
        if case .project(let place) = graph.main[id].op,
          let scan = graph.main.operands(id).first
        {
          projected[scan, default: []].insert(Int(place))
        }
        axes = axes.union(axesWithin(id))
        read(id).forEach { live[Int($0.index)] = true }
        try requireReadable(id)
      }
    }
    for its in axes.removing(axis).axes where !graph.lengthAxes(of: its).isEmpty {
      try keepLengths(its)
    }
    for id in nodes.reversed() {
      let name = graph.main.name(id)
      let path = "kept.\(kept.count).\(name.isEmpty ? graph.main[id].op.text : name)"
      kept.append(Kept(name: path, type: graph.main.type(id), lengthsOf: nil, node: id))
    }
  }

  /// `true` iff a value is another one repeated, which is not worth keeping.
  func isRepetition(_ id: ValueID) -> Bool {
    if case .broadcast = graph.main[id].op { true } else { false }
  }

  /// The axes that the step of a scan works over.
  private func axesWithin(_ id: ValueID) -> AxisSet {
    guard case .scan(let scan) = graph.main[id].op else { return .none }
    let isAlong = graph[scan].axis == axis
    let live = isAlong ? liveInStep(id, graph[scan]) : nil
    return axesWithin(graph[scan].body, live).adding(graph[scan].axis)
  }

  private func axesWithin(_ body: Block, _ live: [Bool]?) -> AxisSet {
    body.ids.reduce(AxisSet.none) { axes, id in
      if let live, !live[Int(id.index)] { return axes }
      switch body[id].op {
      case .length(let its): return axes.adding(its)
      case .scan(let inner):
        return axes.union(axesWithin(graph[inner].body, nil)).adding(graph[inner].axis)
      case .constant, .token, .variable, .argument, .position, .random, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        return axes.union(body.type(id).axes)
      }
    }
  }

  /// Keeps the lengths of an axis that positions work over; they may not depend on the position.
  private mutating func keepLengths(_ its: AxisID) throws(Diagnostic) {
    var root = its
    while case .derived(let from, _, _) = graph[root].extent { root = from }
    guard root != axis, !graph.lengthAxes(of: its).contains(axis) else {
      throw Diagnostic(
        .unsupported,
        "stepping along \(graph[axis].name) where \(graph[its].name) has lengths that follow from it",
        hint: "leave out stream and generate"
      )
    }
    kept.append(
      Kept(
        name: "kept.\(kept.count).length.\(graph[its].name)",
        type: ValueType(axes: graph.lengthAxes(of: its)),
        lengthsOf: its,
        node: nil
      )
    )
  }

  /// Refuses tokens of one position that have lengths along another axis: nobody could check them.
  private func requireReadable(_ id: ValueID) throws(Diagnostic) {
    guard case .variable(let number) = graph.main[id].op, graph[number].type.isToken,
      let ragged = graph[number].type.axes.removing(axis).removing(.batch).axes.first(where: {
        !graph.lengthAxes(of: $0).isEmpty
      })
    else { return }
    throw Diagnostic(
      .unsupported,
      "stepping along \(graph[axis].name) with the tokens \(graph[number].name), which run over "
        + "\(graph[ragged].name) as well",
      at: graph[number].origin,
      hint: "leave out stream and generate"
    )
  }
}

extension Op {
  /// The operation at one position of an axis, if it has a meaning there.
  func atPosition(of axis: AxisID) -> Op? {
    switch self {
    case .broadcast(var broadcast):
      broadcast.axes = broadcast.axes.removing(axis)
      return .broadcast(broadcast)
    case .contract(let contraction): return contraction.axes.contains(axis) ? nil : self
    case .reduce(_, let reduction): return reduction.axes.contains(axis) ? nil : self
    case .scatterAdd(_, let axes): return axes.contains(axis) ? nil : self
    // Where no state counts positions, only training asks for one: any will do.
    case .random(let random, let draw, let axes, let shape, let its):
      return .random(random, draw: draw, axes: axes.removing(axis), shape: shape, at: its)
    case .position(axis): return .real(0)
    case .position: return self
    case .length(let its), .element(let its, _), .place(let its, _), .shift(let its, _),
      .sequence(let its):
      return its == axis ? nil : self
    case .reindex(let reindex): return reindex.from == axis || reindex.to == axis ? nil : self
    case .argmax(let its): return its == axis ? nil : self
    case .constant, .token, .variable, .argument, .unary, .binary, .select, .number, .oneHot,
      .gather, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .scan,
      .project:
      return self
    }
  }
}
