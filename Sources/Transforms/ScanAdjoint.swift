internal import GraphIR

/// The adjoint of one scan: a scan the other way.
///
/// Its sequences are what the forward scan saved and the gradients by the scan's results, its states
/// the gradients by the scan's states. It emits the gradients by the sequences, and for each outer
/// value one summand a step, which are summed over the axis after the loop. Outer values and
/// sequences that no gradient must reach get none.
final class ScanAdjoint {
  private let node: ValueID
  private let scanID: ScanID
  private let scan: Scan
  private let operands: [ValueID]
  private let projections: [Int: ValueID]
  private let mainActive: [Bool]
  private let outer: Gradients
  private let builder: BlockBuilder
  private let assembler: ScanAssembler
  private var step: BlockBuilder { assembler.step }
  private var found: [ValueID: ValueID] = [:]

  /// Prepares the adjoint of the scan node `node` of `main`.
  init(
    of node: ValueID,
    in main: Block,
    active: [Bool],
    outer: Gradients,
    builder: BlockBuilder
  ) {
    guard case .scan(let id) = main[node].op else { preconditionFailure("not a scan") }
    self.node = node
    scanID = id
    scan = builder.graph[id]
    operands = Array(main.operands(node))
    mainActive = active
    self.outer = outer
    self.builder = builder
    assembler = ScanAssembler(
      graph: builder.graph,
      axis: scan.axis,
      isReverse: !scan.isReverse
    )
    var projections: [Int: ValueID] = [:]
    for id in main.ids where main.operands(id).first == node {
      if case .project(let place) = main[id].op { projections[Int(place)] = id }
    }
    self.projections = projections
  }

  /// Adds the adjoint scan and passes its gradients to the scan's operands.
  func run() throws(Diagnostic) {
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
    let inner = Gradients(of: scan.body, in: step, isActive: active) { [unowned self] in
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
    try inner.collect { (_) throws(Diagnostic) in
      throw Diagnostic(
        .unsupported,
        "the gradient of a scan within a scan",
        at: builder.origin,
        hint: "move the inner scan out of the outer one"
      )
    }
    try finish(inner, argumentActive, activeStates)
  }

  /// Which nodes of the step a gradient must reach, and which of its arguments.
  private func activity() -> ([Bool], [Bool]) {
    var arguments = operands.map { mainActive[Int($0.index)] }
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
    let node = scan.body[id]
    let name = scan.body.name(id)
    let value: ValueID
    switch node.op {
    case .constant, .token: value = step.append(node.op, [])
    case .argument(let place) where Int(place) < scan.outerCount:
      value = assembler.outer(operands[Int(place)], node.type, name: name)
    case .argument(let place) where Int(place) < scan.outerCount + scan.sequenceCount:
      value = sequence(operands[Int(place)], name)
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

  /// The sequence of a value over the forward scan's steps; the scan emits it if it does not yet.
  private func emitted(_ id: ValueID) -> ValueID {
    let type = scan.body.type(id)
    let results = builder.graph[scanID].body.results
    let place =
      results.indices.first {
        results[$0] == id && ($0 >= scan.stateCount || scan.stateType($0) == type)
      } ?? results.count
    if place == results.count {
      builder.graph.scans[Int(scanID.index)].body.results.append(id)
    }
    return builder.append(.project(Int32(place)), [node])
  }

  private func finish(_ inner: Gradients, _ argumentActive: [Bool], _ activeStates: [Int])
    throws(Diagnostic)
  {
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

    let adjoint = try assembler.finish(results: results)
    let node = builder.scan(adjoint.scan, adjoint.operands)
    for (offset, emit) in emits.enumerated() {
      let emitted = builder.append(.project(Int32(activeStates.count + offset)), [node])
      let total =
        emit.isSequence ? emitted : builder.expr(emitted).sum(axes: AxisSet(scan.axis)).id
      outer.add(total, to: operands[emit.operand])
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
