internal import GraphIR

/// Moves nodes of a scan's step out of the loop, before or after it, and drops what nobody reads.
///
/// A node moved out runs over the scan's axis instead: one product over all steps where there was one
/// a step. Hoist, sink and trim are this with different choices of what moves.
final class ScanMotion {
  /// Where a node of the step belongs.
  enum Stage {
    /// Before the loop, over all steps at once.
    case before
    /// In the loop.
    case within
    /// After the loop, over all steps at once.
    case after
  }

  /// Chooses a stage for each node of a step.
  typealias Choice = (Scan) -> [Stage]

  private let choice: Choice
  /// By scan node of the new block, what stands for each of the old scan's results.
  private var replacements: [ValueID: [Int: ValueID]] = [:]

  init(_ choice: @escaping Choice) {
    self.choice = choice
  }

  /// The graph with every scan of the main block so changed.
  func run(_ graph: Graph) throws(Diagnostic) -> Graph {
    var wanted: [ValueID: Set<Int>] = [:]
    let live = graph.main.live()
    for id in graph.main.ids where live[Int(id.index)] {
      if case .project(let place) = graph.main[id].op, let scan = graph.main.operands(id).first {
        wanted[scan, default: []].insert(Int(place))
      }
    }
    return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      switch site.node.op {
      case .scan(let id) where site.block.arguments.isEmpty:
        return try self.move(site.graph[id], site, wanted: wanted[site.id] ?? [])
      case .project(let place):
        return self.replacements[site.operands[0]]?[Int(place)]
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
        .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
        .shift, .reindex,
        .sequence, .scan:
        return nil
      }
    }
  }

  private func move(_ scan: Scan, _ site: GraphRewriter.Site, wanted: Set<Int>)
    throws(Diagnostic) -> ValueID
  {
    let motion = Motion(scan: scan, stages: choice(scan), site: site)
    let node = try motion.build(wanted: wanted.sorted())
    replacements[node] = motion.outside
    return node
  }
}

/// The motion of one scan.
private final class Motion {
  private let scan: Scan
  private let body: Block
  private let stages: [ScanMotion.Stage]
  private let site: GraphRewriter.Site
  private var builder: BlockBuilder { site.builder }
  private let firstState: Int
  /// The value outside of each node of the step that is there, over the axis if it changes.
  private var above: [ValueID: ValueID] = [:]
  /// What stands outside for the scan's old results.
  private(set) var outside: [Int: ValueID] = [:]

  init(scan: Scan, stages: [ScanMotion.Stage], site: GraphRewriter.Site) {
    self.scan = scan
    body = scan.body
    self.stages = stages
    self.site = site
    firstState = scan.outerCount + scan.sequenceCount
  }

  private func stage(_ id: ValueID) -> ScanMotion.Stage { stages[Int(id.index)] }

  func build(wanted: [Int]) throws(Diagnostic) -> ValueID {
    let (states, needed) = need(wanted)
    buildAbove(needed)
    // What the loop leaves for those after it, in order of the step.
    var emitted: [ValueID] = []
    var isEmitted = Set<ValueID>()
    func emit(_ id: ValueID) {
      if stage(id) == .within, above[id] == nil, isEmitted.insert(id).inserted {
        emitted.append(id)
      }
    }
    for id in body.ids where needed[Int(id.index)] && stage(id) == .after {
      body.operands(id).forEach(emit)
    }
    for place in wanted where place >= scan.stateCount { emit(body.results[place]) }

    let node = try buildScan(states: states, emitted: emitted, needed: needed)
    for (place, id) in emitted.enumerated() {
      above[id] = builder.append(.project(Int32(states.count + place)), [node])
    }
    for id in body.ids where needed[Int(id.index)] && stage(id) == .after {
      above[id] = lifted(id)
    }
    for place in wanted {
      if place < scan.stateCount {
        let index = states.firstIndex(of: place) ?? 0
        outside[place] = builder.append(.project(Int32(index)), [node])
      } else if let value = above[body.results[place]] {
        let type = body.type(body.results[place])
        outside[place] = builder.matching(value, type.over(type.axes.adding(scan.axis)))
      }
    }
    return node
  }

  /// Which states the wanted results need, and which nodes.
  private func need(_ wanted: [Int]) -> (states: [Int], nodes: [Bool]) {
    var states = Set(wanted.filter { $0 < scan.stateCount })
    while true {
      let roots =
        wanted.filter { $0 >= scan.stateCount }.map { body.results[$0] }
        + states.sorted().map { body.results[$0] }
      let live = body.live(from: roots)
      var grown = states
      for id in body.ids where live[Int(id.index)] {
        if case .argument(let place) = body[id].op, Int(place) >= firstState {
          grown.insert(Int(place) - firstState)
        }
      }
      if grown == states { return (states.sorted(), live) }
      states = grown
    }
  }

  /// Builds outside what moves before the loop; arguments given from outside stand for themselves.
  private func buildAbove(_ needed: [Bool]) {
    for id in body.ids where needed[Int(id.index)] {
      if case .argument(let place) = body[id].op {
        if Int(place) < firstState { above[id] = site.operands[Int(place)] }
      } else if stage(id) == .before {
        above[id] = lifted(id)
      }
    }
  }

  /// A node of the step built outside, over the axis if an operand is.
  private func lifted(_ id: ValueID) -> ValueID {
    let operands = body.operands(id).map { above[$0] ?? ValueID(0) }
    builder.origin = body[id].origin
    var op = body[id].op
    if case .broadcast(var broadcast) = op {
      broadcast.axes = broadcast.axes.union(builder.type(operands[0]).axes)
      op = .broadcast(broadcast)
    }
    if case .random(let random, let draw, let axes, let shape, let axis) = op {
      op = .random(random, draw: draw, axes: axes.adding(scan.axis), shape: shape, at: axis)
    }
    return builder.append(op, operands, name: body.name(id))
  }

  private func buildScan(states: [Int], emitted: [ValueID], needed: [Bool]) throws(Diagnostic)
    -> ValueID
  {
    // What the loop reads from outside: leaves and what moved before it.
    var outers: [ValueID] = []
    var sequences: [ValueID] = []
    var isGiven = Set<ValueID>()
    func give(_ id: ValueID) {
      guard let value = above[id], leafConstant(id) == nil, isGiven.insert(id).inserted else {
        return
      }
      if builder.type(value).axes.contains(scan.axis) {
        sequences.append(id)
      } else {
        outers.append(id)
      }
    }
    let roots = states.map { body.results[$0] } + emitted
    let live = liveWithin(roots)
    for id in body.ids where live[Int(id.index)] && above[id] == nil && stage(id) == .within {
      body.operands(id).forEach(give)
    }
    roots.forEach(give)

    let given = outers + sequences
    let step = BlockBuilder(
      graph: builder.graph,
      arguments: given.map { body.type($0) } + states.map { scan.stateType($0) }
    )
    var map: [ValueID: ValueID] = [:]
    for (place, id) in given.enumerated() {
      map[id] = step.append(.argument(Int32(place)), [], name: body.name(id))
    }
    for id in body.ids where live[Int(id.index)] && map[id] == nil {
      if let constant = leafConstant(id) {
        map[id] = step.append(constant, [], name: body.name(id))
      } else if case .argument(let place) = body[id].op {
        guard let state = states.firstIndex(of: Int(place) - firstState) else { continue }
        map[id] = step.append(.argument(Int32(given.count + state)), [], name: body.name(id))
      } else if stage(id) == .within {
        step.origin = body[id].origin
        map[id] = try copied(id, map, into: step)
      }
    }
    var moved = scan
    moved.outerCount = outers.count
    moved.sequenceCount = sequences.count
    moved.stateCount = states.count
    moved.stateNames = states.map { scan.stateNames[$0] }
    moved.body = try step.finish(results: roots.map { map[$0] ?? ValueID(0) })
    builder.graph = step.graph
    let operands =
      given.compactMap { above[$0] } + states.map { site.operands[firstState + $0] }
    return builder.scan(moved, operands)
  }

  private func copied(_ id: ValueID, _ map: [ValueID: ValueID], into step: BlockBuilder)
    throws(Diagnostic) -> ValueID
  {
    let operands = body.operands(id).map { map[$0] ?? ValueID(0) }
    if case .scan(let inner) = body[id].op {
      // A scan within the step moves along unchanged, under a new number, and so do those in it.
      return try GraphRewriter.scan(site.graph[inner], of: site.graph, operands, into: step)
    }
    return step.append(body[id].op, operands, name: body.name(id))
  }

  /// The operation of a node that is a number or token, or is given one from outside: the step then
  /// has its own.
  private func leafConstant(_ id: ValueID) -> Op? {
    var op = body[id].op
    if case .argument(let place) = op, Int(place) < firstState {
      let given = site.operands[Int(place)]
      guard builder.type(given) == body.type(id) else { return nil }
      op = builder.block[given].op
    }
    switch op {
    case .constant, .token: return op
    case .variable, .argument, .position, .length, .random, .unary, .binary, .select, .number,
      .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      return nil
    }
  }

  /// Which nodes the loop must still have, stopping at what is given from outside.
  private func liveWithin(_ roots: [ValueID]) -> [Bool] {
    var live = [Bool](repeating: false, count: body.count)
    for root in roots { live[Int(root.index)] = true }
    for id in body.ids.reversed() where live[Int(id.index)] {
      if above[id] != nil && leafConstant(id) == nil { continue }
      for operand in body.operands(id) { live[Int(operand.index)] = true }
    }
    return live
  }
}
