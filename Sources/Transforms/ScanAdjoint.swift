internal import GraphIR

/// The adjoint of one scan: a scan the other way.
///
/// Its sequences are what the forward scan saved and the gradients by the scan's results, its states
/// the gradients by the scan's states. It emits the gradients by the sequences, and for each outer
/// value one summand a step, which are summed over the axis after the loop. Outer values and
/// sequences that no gradient must reach get none.
///
/// The adjoint of a scan in the step of another stands in that one's adjoint's step. What it needs of
/// the forward scan is saved by both: emitted by the inner one at each of its places, and, all places
/// together, by the outer one at each step.
final class ScanAdjoint {
  private let node: ValueID
  private let scanID: ScanID
  private let operands: [ValueID]
  private let projections: [Int: ValueID]
  private let blockActive: [Bool]
  private let outer: Gradients
  private let builder: BlockBuilder
  /// The builder of the main block, whose table of scans is the one that counts.
  private let root: BlockBuilder
  /// The adjoint in whose step this one stands; nothing in the main block.
  private let around: ScanAdjoint?
  private let assembler: ScanAssembler
  private var step: BlockBuilder { assembler.step }
  /// Whether the norms of states' gradients are wanted.
  private let showsFlow: Bool
  /// By state, the norm of its gradient after each step, for each row.
  private(set) var flows: [(name: String, norm: ValueID)] = []
  private var found: [ValueID: ValueID] = [:]
  /// The forward scan as it is now: what it emits grows while its adjoint is made.
  private var scan: Scan { root.graph[scanID] }

  /// Prepares the adjoint of the scan node `node` of `block`, the main block or a step's.
  init(
    of node: ValueID,
    in block: Block,
    active: [Bool],
    outer: Gradients,
    builder: BlockBuilder,
    root: BlockBuilder,
    around: ScanAdjoint? = nil,
    showsFlow: Bool = false
  ) {
    guard case .scan(let id) = block[node].op else { preconditionFailure("not a scan") }
    self.node = node
    scanID = id
    operands = Array(block.operands(node))
    blockActive = active
    self.outer = outer
    self.builder = builder
    self.root = root
    self.around = around
    self.showsFlow = showsFlow
    let scan = root.graph[id]
    assembler = ScanAssembler(
      graph: root.graph,
      axis: scan.axis,
      isReverse: !scan.isReverse
    )
    var projections: [Int: ValueID] = [:]
    for id in block.ids where block.operands(id).first == node {
      if case .project(let place) = block[id].op { projections[Int(place)] = id }
    }
    self.projections = projections
  }

  /// Adds the adjoint scan and passes its gradients to the scan's operands.
  func run() throws(Diagnostic) {
    let scan = scan
    let axis = scan.axis
    let terminal: Position = scan.isReverse ? .first : .last
    var finals: [ValueID?] = []
    for state in 0..<scan.stateCount {
      let placed = projections[state].map { outer.takePlaced($0, axis, terminal) } ?? []
      finals.append(
        placed.first.map { first in
          placed.dropFirst().reduce(first) { builder.append(.binary(.add), [$0, $1]) }
        }
      )
    }
    let resultGradients = scan.body.results.indices.map { place in
      projections[place].flatMap { outer.gradient($0) }
    }
    guard finals.contains(where: { $0 != nil }) || resultGradients.contains(where: { $0 != nil })
    else { return }

    let (active, argumentActive) = activity()
    let body = scan.body
    let inner = Gradients(of: body, in: step, isActive: active) { [unowned self] in
      saved($0)
    }
    let activeStates = (0..<scan.stateCount).filter {
      argumentActive[scan.outerCount + scan.sequenceCount + $0]
    }
    for state in activeStates {
      let type = scan.stateType(state)
      let first = finals[state].map { builder.matching($0, type) } ?? builder.zero(type)
      let path = scan.stateNames[state]
      let argument = assembler.state(
        first: first,
        type,
        path: "d." + path,
        name: "d_" + stem(path)
      )
      inner.add(argument, to: scan.body.results[state])
    }
    for (place, gradient) in resultGradients.enumerated() {
      guard let gradient else { continue }
      let argument = assembler.sequence(gradient, builder.type(gradient))
      inner.add(argument, to: scan.body.results[place])
    }
    try inner.collect { (node) throws(Diagnostic) in
      step.graph.scans = root.graph.scans
      try ScanAdjoint(
        of: node,
        in: body,
        active: active,
        outer: inner,
        builder: step,
        root: root,
        around: self
      ).run()
    }
    try finish(inner, argumentActive, activeStates)
  }

  /// Which nodes of the step a gradient must reach, and which of its arguments.
  private func activity() -> ([Bool], [Bool]) {
    let scan = scan
    var arguments = operands.map { blockActive[Int($0.index)] }
    while true {
      var marked = [Bool](repeating: false, count: scan.body.count)
      for id in scan.body.ids {
        if case .argument(let place) = scan.body[id].op {
          marked[Int(id.index)] = arguments[Int(place)]
        }
      }
      let reached = Gradients.reached(from: marked, in: scan.body)
      let firstState = scan.outerCount + scan.sequenceCount
      let grown = (0..<scan.stateCount).filter {
        reached[Int(scan.body.results[$0].index)] && !arguments[firstState + $0]
      }
      if grown.isEmpty { return (reached, arguments) }
      for state in grown { arguments[firstState + state] = true }
    }
  }

  private func stem(_ path: String) -> String {
    String(path[(path.lastIndex(of: ".").map { path.index(after: $0) } ?? path.startIndex)...])
  }

  /// A value of the forward step, in the adjoint's step: given again, calculated again or saved.
  private func saved(_ id: ValueID) -> ValueID {
    if let known = found[id] { return known }
    let scan = scan
    let node = scan.body[id]
    let name = scan.body.name(id)
    let value: ValueID
    switch node.op {
    case .constant, .token: value = step.append(node.op, [])
    case .argument(let place) where Int(place) < scan.outerCount:
      value = assembler.outer(operand(Int(place)), node.type, name: name)
    case .argument(let place) where Int(place) < scan.outerCount + scan.sequenceCount:
      value = sequence(operand(Int(place)), name)
    case .broadcast, .unary(.negate), .unary(.stopGradient):
      value = recalculated(id)
    case .binary
    where scan.body.operands(id).contains(where: { isConstant($0) }):
      value = recalculated(id)
    case .argument, .variable, .position, .length, .random, .unary, .binary, .select, .number,
      .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .element, .place, .shift, .reindex, .sequence, .scan,
      .project:
      value = sequence(emitted(id), name)
    }
    found[id] = value
    return value
  }

  private func sequence(_ id: ValueID, _ name: String) -> ValueID {
    assembler.sequence(id, builder.type(id), name: name)
  }

  private func isConstant(_ id: ValueID) -> Bool {
    if case .constant = scan.body[id].op { true } else { false }
  }

  /// What is cheaper to calculate again than to keep for every step.
  private func recalculated(_ id: ValueID) -> ValueID {
    step.append(scan.body[id].op, scan.body.operands(id).map { saved($0) })
  }

  /// One of the forward scan's operands, in the block that the adjoint stands in.
  private func operand(_ place: Int) -> ValueID {
    around?.saved(operands[place]) ?? operands[place]
  }

  /// The sequence of a value over the forward scan's steps; the scan emits it if it does not yet.
  private func emitted(_ id: ValueID) -> ValueID {
    let scan = scan
    let type = scan.body.type(id)
    let results = scan.body.results
    let place =
      results.indices.first {
        results[$0] == id && ($0 >= scan.stateCount || scan.stateType($0) == type)
      } ?? results.count
    if place == results.count {
      root.graph.scans[Int(scanID.index)].body.results.append(id)
    }
    return around?.savedProjection(place, of: node)
      ?? builder.append(.project(Int32(place)), [node])
  }

  /// One of the results of a scan in the forward step, in the adjoint's step.
  private func savedProjection(_ place: Int, of inner: ValueID) -> ValueID {
    let body = BlockBuilder(graph: root.graph, continuing: scan.body)
    let projection = body.append(.project(Int32(place)), [inner])
    root.graph.scans[Int(scanID.index)].body = body.block
    return saved(projection)
  }

  /// The sum of the squares of all that reaches a state after a step, for each row.
  private func square(_ state: Int, _ inner: Gradients) -> ValueID {
    let after = scan.body.results[state]
    let gradient = step.expr(inner.gradient(after) ?? step.zero(scan.stateType(state)))
    let square = gradient * gradient
    let type = step.type(square.id)
    return square.sum(
      dims: Array(0..<type.shape.rank),
      axes: type.axes.subtracting(.batch)
    ).id
  }

  private func finish(_ inner: Gradients, _ argumentActive: [Bool], _ activeStates: [Int])
    throws(Diagnostic)
  {
    let scan = scan
    var leaves: [Int: ValueID] = [:]
    for id in scan.body.ids {
      if case .argument(let place) = scan.body[id].op { leaves[Int(place)] = id }
    }
    let firstState = scan.outerCount + scan.sequenceCount
    func gradient(_ place: Int) -> ValueID? { leaves[place].flatMap { inner.gradient($0) } }
    var results = activeStates.map { state in
      gradient(firstState + state) ?? step.zero(scan.stateType(state))
    }
    var emits: [(operand: Int, isSequence: Bool)] = []
    for place in 0..<firstState where argumentActive[place] {
      guard let gradient = gradient(place) else { continue }
      results.append(gradient)
      emits.append((place, place >= scan.outerCount))
    }

    let squares = showsFlow ? activeStates.map { square($0, inner) } : []
    let firstSquare = results.count
    results += squares
    let adjoint = try assembler.finish(results: results)
    root.graph.scans.append(adjoint.scan)
    builder.graph.scans = root.graph.scans
    let id = ScanID(root.graph.scans.count - 1)
    let node = builder.append(.scan(id), adjoint.operands)
    for (offset, emit) in emits.enumerated() {
      let emitted = builder.append(.project(Int32(activeStates.count + offset)), [node])
      let total =
        emit.isSequence ? emitted : builder.expr(emitted).sum(axes: AxisSet(scan.axis)).id
      outer.add(total, to: operands[emit.operand])
    }
    for (offset, state) in activeStates.enumerated() where showsFlow {
      let sum = builder.append(.project(Int32(firstSquare + offset)), [node])
      flows.append((scan.stateNames[state], builder.append(.unary(.sqrt), [sum])))
    }
    let last: Position = scan.isReverse ? .last : .first
    for (offset, state) in activeStates.enumerated() {
      let states = builder.append(.project(Int32(offset)), [node])
      outer.add(
        builder.append(.element(scan.axis, last), [states]),
        to: operands[firstState + state]
      )
    }
  }
}
