internal import GraphIR

// What a backward scan reads of the forward one was written to memory by it, one slab for each value.
// Some of it is as well calculated again from the rest: a product of two saved values, their difference,
// a slice, a choice. The cost, in elements moved:
//
// - A slab that is dropped saves a read, and a write too if nobody else reads it: 2 n, or n.
// - Calculating again costs a quarter for each element of each operation, as an operation in registers
//   beside a load; slices and repetitions cost nothing. Of what is costly, a root or an exponential,
//   nothing is calculated again, nor is a product or a reduction.
// - A sequence that the forward scan is given costs a read where the backward scan does not read it.
//
// A slab is dropped where that is less than it saves, so there are never more of them than before. The same
// operations on the same values give the same bits.

extension Pass {
  /// Lets scans calculate again what is cheaper so than saved by another scan for them.
  package static let recompute = Pass(
    "recompute",
    "calculates again, in a backward loop, what costs less than to save it"
  ) { graph throws(Diagnostic) in
    try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      guard case .scan = site.node.op, site.block.arguments.isEmpty else { return nil }
      var recomputation = Recomputation(site)
      return try recomputation.run()
    }
  }
}

/// What one scan calculates again.
private struct Recomputation {
  /// A value in the step of another scan.
  private struct Saved: Hashable, Comparable {
    /// The scan's node.
    let scan: ValueID
    /// The value there.
    let id: ValueID

    static func < (a: Self, b: Self) -> Bool { (a.scan, a.id) < (b.scan, b.id) }
  }

  /// What a step is given from outside, once.
  private struct Given: Hashable {
    let operand: ValueID
    let isSequence: Bool
    let type: ValueType
  }

  private let site: GraphRewriter.Site
  private let builder: BlockBuilder
  private let scan: Scan
  /// Which of this scan's sequences is which saved value.
  private var places: [Saved: Int] = [:]
  /// How many others read the slab that each is in.
  private var otherReaders: [Saved: Int] = [:]
  private var dropped = Set<Saved>()

  init(_ site: GraphRewriter.Site) {
    self.site = site
    builder = site.builder
    guard case .scan(let id) = site.node.op else { preconditionFailure("not a scan") }
    scan = site.graph[id]
    let old = Array(site.block.operands(site.id))
    for place in scan.outerCount..<(scan.outerCount + scan.sequenceCount) {
      guard let saved = saved(site.operands[place]), places[saved] == nil else { continue }
      places[saved] = place
      otherReaders[saved] = site.readers[Int(old[place].index)] - 1
    }
  }

  /// The value of a scan's step that a value is the sequence of, if it is one.
  private func saved(_ id: ValueID) -> Saved? {
    guard case .project(let place) = builder.block[id].op,
      let node = builder.block.operands(id).first, let other = source(node),
      other.axis == scan.axis
    else { return nil }
    let result = other.body.results[Int(place)]
    guard Int(place) >= other.stateCount || other.stateType(Int(place)) == other.body.type(result)
    else { return nil }
    return Saved(scan: node, id: result)
  }

  private func source(_ node: ValueID) -> Scan? {
    guard case .scan(let id) = builder.block[node].op else { return nil }
    return builder.graph[id]
  }

  /// The scan with fewer sequences; nothing if it stays.
  mutating func run() throws(Diagnostic) -> ValueID? {
    // From last to first, so that what is dropped is made of what comes before it.
    for saved in places.keys.sorted().reversed() {
      guard let made = recalculated([saved]) else { continue }
      let slab = count(saved)
      if cost(of: made, for: saved) < (otherReaders[saved] == 0 ? 2 * slab : slab) {
        dropped.insert(saved)
      }
    }
    return dropped.isEmpty ? nil : try rebuilt()
  }

  private func node(_ saved: Saved) -> Node? { source(saved.scan)?.body[saved.id] }

  /// How many elements a value has in one step.
  private func count(_ saved: Saved) -> Double {
    node(saved).map { builder.graph.count($0.type) } ?? 0
  }

  /// What must be made to have some values, with what that is made of, in the order of the steps.
  ///
  /// Nothing if something is too costly or not there. The values themselves are not read.
  private func recalculated(_ wanted: [Saved]) -> [Saved]? {
    var needed = Set<Saved>()
    var pending = wanted
    while let saved = pending.popLast() {
      guard needed.insert(saved).inserted else { continue }
      if isRead(saved), !wanted.contains(saved) { continue }
      guard let other = source(saved.scan) else { return nil }
      switch other.body[saved.id].op {
      case .argument(let place):
        // A state is there only if it is read.
        guard Int(place) < other.outerCount + other.sequenceCount else { return nil }
      case .constant, .token: continue
      case .unary(let unary) where unary.isCostly: return nil
      case .unary, .binary, .select, .number, .oneHot, .slice, .broadcast:
        pending += other.body.operands(saved.id).map { Saved(scan: saved.scan, id: $0) }
      case .variable, .position, .length, .random, .contract, .reduce, .argmax, .gather,
        .scatterAdd, .draw, .pad, .concat, .transpose, .orthogonalize, .reshape, .element, .place,
        .shift, .sequence, .reindex, .scan, .project:
        return nil
      }
    }
    return needed.sorted()
  }

  /// `true` iff the scan reads a value, and goes on to.
  private func isRead(_ saved: Saved) -> Bool { places[saved] != nil && !dropped.contains(saved) }

  /// What it costs to make some values, one of which is read now.
  private func cost(of made: [Saved], for wanted: Saved) -> Double {
    made.reduce(0) { total, saved in
      guard let node = node(saved), !dropped.contains(saved), saved == wanted || !isRead(saved)
      else { return total }
      switch node.op {
      case .argument(let place):
        let operand = builder.block.operands(saved.scan)[
          builder.block.operands(saved.scan).startIndex + Int(place)
        ]
        return site.operands.contains(operand) ? total : total + count(saved)
      case .unary, .binary, .select, .number, .oneHot: return total + count(saved) / 4
      case .constant, .token, .variable, .position, .length, .random, .contract, .reduce, .argmax,
        .gather, .scatterAdd, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape,
        .broadcast, .element, .place, .shift, .sequence, .reindex, .scan, .project:
        return total
      }
    }
  }

  private func rebuilt() throws(Diagnostic) -> ValueID? {
    guard let made = recalculated(dropped.sorted()) else { return nil }
    let assembler = ScanAssembler(
      graph: builder.graph,
      axis: scan.axis,
      isReverse: scan.isReverse
    )
    let step = assembler.step
    var given: [Given: ValueID] = [:]
    func give(_ operand: ValueID, _ isSequence: Bool, _ type: ValueType, _ name: String) -> ValueID
    {
      let key = Given(operand: operand, isSequence: isSequence, type: type)
      if let known = given[key] { return known }
      let value =
        isSequence
        ? assembler.sequence(operand, type, name: name)
        : assembler.outer(operand, type, name: name)
      given[key] = value
      return value
    }
    var values: [Saved: ValueID] = [:]
    for (saved, place) in places.sorted(by: { $0.key < $1.key }) where isRead(saved) {
      values[saved] = give(
        site.operands[place],
        true,
        scan.body.arguments[place],
        source(saved.scan)?.body.name(saved.id) ?? ""
      )
    }
    for saved in made where values[saved] == nil {
      guard let other = source(saved.scan) else { return nil }
      let name = other.body.name(saved.id)
      step.origin = other.body[saved.id].origin
      if case .argument(let place) = other.body[saved.id].op {
        let operands = builder.block.operands(saved.scan)
        let operand = operands[operands.startIndex + Int(place)]
        let type = other.body.arguments[Int(place)]
        values[saved] = give(operand, Int(place) >= other.outerCount, type, name)
      } else {
        let operands = other.body.operands(saved.id).compactMap {
          values[Saved(scan: saved.scan, id: $0)]
        }
        values[saved] = step.append(other.body[saved.id].op, operands, name: name)
      }
    }
    var droppedPlaces: [Int: Saved] = [:]
    for saved in dropped.sorted() { droppedPlaces[places[saved] ?? -1] = saved }
    return try copied(assembler, give, droppedPlaces, values)
  }

  /// The step as it was, but for what is made anew.
  private func copied(
    _ assembler: ScanAssembler,
    _ give: (ValueID, Bool, ValueType, String) -> ValueID,
    _ droppedPlaces: [Int: Saved],
    _ values: [Saved: ValueID]
  ) throws(Diagnostic) -> ValueID {
    let (body, step) = (scan.body, assembler.step)
    let firstState = scan.outerCount + scan.sequenceCount
    var names = [String](repeating: "", count: body.arguments.count)
    for id in body.ids {
      if case .argument(let place) = body[id].op { names[Int(place)] = body.name(id) }
    }
    var arguments: [ValueID] = []
    for (place, operand) in site.operands.enumerated() {
      if let saved = droppedPlaces[place] {
        let type = body.arguments[place]
        arguments.append(step.matching(values[saved] ?? ValueID(0), type))
      } else if place < firstState {
        let isSequence = place >= scan.outerCount
        arguments.append(give(operand, isSequence, body.arguments[place], names[place]))
      } else {
        let path = scan.stateNames[place - firstState]
        arguments.append(
          assembler.state(first: operand, body.arguments[place], path: path, name: names[place])
        )
      }
    }
    var map: [ValueID] = []
    for id in body.ids {
      let operands = body.operands(id).map { map[Int($0.index)] }
      step.origin = body[id].origin
      if case .argument(let place) = body[id].op {
        map.append(arguments[Int(place)])
      } else if case .scan(let inner) = body[id].op {
        map.append(
          try GraphRewriter.scan(site.graph[inner], of: site.graph, operands, into: step)
        )
      } else {
        map.append(step.append(body[id].op, operands, name: body.name(id)))
      }
    }
    var (rebuilt, operands) = try assembler.finish(
      results: body.results.map { map[Int($0.index)] }
    )
    rebuilt.stepsPerTurn = scan.stepsPerTurn
    builder.graph = step.graph
    return builder.scan(rebuilt, operands)
  }
}
