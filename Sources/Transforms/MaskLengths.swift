internal import GraphIR

extension Pass {
  /// Says what every operation does past the ends of rows, so that rows of all lengths can be laid side
  /// by side.
  ///
  /// Up to here an operation works on each row's own positions. After it, positions past a row's end
  /// exist and hold anything, and whatever would bring one across to a position that counts chooses
  /// something else instead: reductions and products over positions what changes nothing, a scan that
  /// starts at the end its first state, tokens 0, outputs 0. Everything is chosen, never multiplied
  /// away, since 0 times NaN is NaN. It comes last but for unrolling: a derivative of what is chosen
  /// would let what lies past the end back in.
  package static let maskLengths = Pass(
    "mask",
    "says what every operation does past the ends of rows"
  ) { graph throws(Diagnostic) in
    try Masking(of: graph).run()
  }
}

extension Graph {
  /// `true` iff calls of so many rows at most may have lengths that differ along some axis that a value runs
  /// over, or tells: one row has one.
  package func isRagged(rows: Int) -> Bool {
    func isRagged(_ axis: AxisID) -> Bool {
      let own = lengthAxes(of: axis)
      return !(rows == 1 ? own.removing(.batch) : own).isEmpty
    }
    func runsOverRagged(_ block: Block) -> Bool {
      block.ids.contains { id in
        if case .length(let axis) = block[id].op, isRagged(axis) { return true }
        return block.type(id).axes.axes.contains(where: isRagged)
      }
    }
    return runsOverRagged(main) || scans.contains { isRagged($0.axis) }
  }
}

/// The masking of one graph.
private final class Masking {
  private let source: Graph
  private let builder: BlockBuilder

  init(of graph: Graph) {
    source = graph
    var tables = graph
    tables.scans = []
    tables.isMasked = true
    builder = BlockBuilder(graph: tables)
  }

  func run() throws(Diagnostic) -> Graph {
    let masks = Masks(graph: source, builder: builder)
    let map = try copy(source.main, masks)
    let results = zip(source.roots, source.main.results).map { root, result in
      let value = map[Int(result.index)]
      switch root.kind {
      case .output, .generated, .gradient:
        return masks.cleaned(value, where: { _ in true })
      case .store(let variable) where source[variable].kind == .state:
        return masks.kept(value, in: variable)
      case .loss, .metric, .store, .finite: return value
      }
    }
    let main = try builder.finish(results: results)
    return builder.graph.with(main: main, roots: source.roots)
  }

  /// Copies the live nodes of a block into the builder of its masks.
  private func copy(_ block: Block, _ masks: Masks) throws(Diagnostic) -> [ValueID] {
    let builder = masks.builder
    var map = [ValueID](repeating: ValueID(-1), count: block.count)
    let live = block.live()
    let uses = ProjectionUses(in: block, of: source, live: live, results: block.results)
    var held: Set<Projection> = []
    for id in block.ids where live[Int(id.index)] {
      let node = block[id]
      let operands = block.operands(id).map { map[Int($0.index)] }
      builder.origin = node.origin
      let value: ValueID
      if case .scan(let scan) = node.op {
        let states = Self.heldStates(source[scan], at: id, uses)
        for place in source[scan].body.results.indices {
          if case .after(let state) = source[scan].source(ofResult: place), states.contains(state) {
            held.insert(Projection(scan: id, place: place))
          }
        }
        value = try self.scan(source[scan], operands, holding: states, masks)
      } else if case .element(_, .last) = node.op, let read = block.operands(id).first,
        let projection = ProjectionUses.projection(read, in: block), held.contains(projection)
      {
        // Past a row's end the state is what it was at the end.
        value = builder.append(node.op, operands)
      } else {
        value = try masked(node, operands, masks)
      }
      builder.name(value, block.name(id))
      map[Int(id.index)] = builder.matching(value, node.type)
    }
    return map
  }

  /// The states that are best held past the ends of rows: of which the last alone is used, so that no
  /// memory is needed for the others.
  private static func heldStates(_ scan: Scan, at id: ValueID, _ uses: ProjectionUses) -> Set<Int> {
    guard !scan.isReverse else { return [] }
    return Set(
      (0..<scan.stateCount).filter {
        uses.isUsed(.after(state: $0), of: scan, at: id)
          && !uses.isWhole(.after(state: $0), of: scan, at: id)
          && !uses.isUsed(.before(state: $0), of: scan, at: id)
      }
    )
  }

  /// A scan whose step knows which rows it is a step of.
  private func scan(
    _ scan: Scan,
    _ operands: [ValueID],
    holding held: Set<Int>,
    _ masks: Masks
  ) throws(Diagnostic) -> ValueID {
    let assembler = ScanAssembler(
      graph: masks.builder.graph,
      axis: scan.axis,
      isReverse: scan.isReverse
    )
    let step = assembler.step
    for (place, operand) in operands.enumerated() {
      let type = scan.body.arguments[place]
      let state = place - scan.outerCount - scan.sequenceCount
      if place < scan.outerCount {
        _ = assembler.outer(operand, type)
      } else if state < 0 {
        _ = assembler.sequence(operand, type.over(type.axes.adding(scan.axis)))
      } else {
        _ = assembler.state(first: operand, type, path: scan.stateNames[state])
      }
    }
    let inner = Masks(in: masks, assembler, scan)
    let map = try copy(scan.body, inner)
    var results = scan.body.results.map { map[Int($0.index)] }
    // Going back, a row's steps begin at its own end: until then its states stay the first ones.
    for state in 0..<scan.stateCount where scan.isReverse || held.contains(state) {
      let type = scan.stateType(state)
      let place = scan.outerCount + scan.sequenceCount + state
      guard let active = inner.condition(scan.axis, for: type.axes) else { continue }
      let next = step.matching(results[state], type)
      results[state] = step.append(.select, [active, next, step.argument(place)])
    }
    for place in results.indices.dropFirst(scan.stateCount) {
      if case .after(let state) = scan.source(ofResult: place), held.contains(state) {
        results[place] = results[state]
      }
    }
    var (masked, given) = try assembler.finish(results: results)
    masked.stepsPerTurn = scan.stepsPerTurn
    masks.builder.graph = step.graph
    return masks.builder.scan(masked, given)
  }

  /// The node with what lies past the end kept out of it.
  private func masked(_ node: Node, _ operands: [ValueID], _ masks: Masks) throws(Diagnostic)
    -> ValueID
  {
    let builder = masks.builder
    func type(_ place: Int) -> ValueType { builder.type(operands[place]) }
    func plain(_ operands: [ValueID]) -> ValueID { builder.append(node.op, operands) }
    switch node.op {
    case .variable(let variable):
      let value = plain(operands)
      switch source[variable].kind {
      case .input, .outputGradient, .state:
        // Real numbers may be anything; a token is a place in a table.
        return node.type.isToken ? masks.cleaned(value) { _ in true } : value
      case .parameter, .optimizer, .fresh, .rate, .training, .divisor: return value
      }
    case .reduce(let op, let reduction):
      let identity: Double =
        switch op {
        case .sum: 0
        case .maximum: -.infinity
        case .minimum: .infinity
        }
      return plain([masks.without(operands[0], reduction.axes, identity)])
    case .argmax(let axis?):
      return plain([masks.without(operands[0], AxisSet(axis), -.infinity)])
    case .contract(let contraction):
      return plain(operands.map { masks.without($0, contraction.axes, 0) })
    case .scatterAdd(_, let axes):
      return plain([operands[0], masks.without(operands[1], axes, 0)])
    case .element(let axis, .last):
      guard masks.isOwn(axis, type(0).axes) else { return plain(operands) }
      if masks.isCounted(axis) { return builder.append(.element(axis, .rowLast), operands) }
      guard let isLast = masks.isLast(axis, for: type(0).axes), !type(0).isToken else {
        throw Diagnostic(
          .unsupported,
          "the last token of an axis in that of a scan",
          at: node.origin,
          hint: "take it before the scan"
        )
      }
      let least = builder.real(-.infinity).id
      let alone = builder.append(.select, [isLast, operands[0], least])
      return builder.append(.reduce(.maximum, Reduction(axes: AxisSet(axis))), [alone])
    case .place(let axis, .last):
      guard let isLast = masks.isLast(axis, for: node.type.axes) else { return plain(operands) }
      let wide = builder.matching(operands[0], node.type)
      return builder.append(.select, [isLast, wide, builder.real(0).id])
    case .shift(let axis, reverse: true):
      guard let isLast = masks.isLast(axis, for: node.type.axes) else { return plain(operands) }
      return builder.append(.select, [isLast, operands[1], plain(operands)])
    case .reindex(let reindex):
      return plain([masks.cleaned(operands[0]) { $0 == reindex.from }])
    case .constant, .token, .argument, .position, .length, .random, .unary, .binary, .select,
      .number, .argmax, .oneHot, .gather, .draw, .slice, .pad, .concat, .transpose,
      .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .sequence, .project:
      return plain(operands)
    case .scan: throw Diagnostic(.bug, "a scan is masked by itself", at: node.origin)
    }
  }
}

/// Which positions exist, as values of one block: 1 where they do, 0 past the end.
private final class Masks {
  let builder: BlockBuilder
  private let graph: Graph
  /// The axes of the scans around, whose place is one here.
  private let pinned: AxisSet
  /// The masks of the block around, and how its values are brought in here.
  private let around: (masks: Masks, assembler: ScanAssembler, axis: AxisID)?
  private var conditions: [AxisID: ValueID] = [:]
  private var lasts: [AxisID: ValueID] = [:]

  /// Masks of the main block.
  init(graph: Graph, builder: BlockBuilder) {
    self.graph = graph
    self.builder = builder
    pinned = .none
    around = nil
  }

  /// Masks of a step.
  init(in masks: Masks, _ assembler: ScanAssembler, _ scan: Scan) {
    graph = masks.graph
    builder = assembler.step
    pinned = masks.pinned.adding(scan.axis)
    around = (masks, assembler, scan.axis)
  }

  /// `true` iff rows have lengths of their own along an axis, and a value over these axes tells the rows
  /// apart.
  func isOwn(_ axis: AxisID, _ axes: AxisSet) -> Bool {
    !graph.lengthAxes(of: axis).intersection(axes.union(pinned)).isEmpty
  }

  /// `true` iff the lengths of an axis can be looked up here: they do not depend on a scan's place.
  func isCounted(_ axis: AxisID) -> Bool {
    graph.lengthAxes(of: axis).intersection(pinned).isEmpty
  }

  /// 1 at the positions of an axis that exist, for a value over these axes; nothing if all do.
  func condition(_ axis: AxisID, for axes: AxisSet) -> ValueID? {
    let own = graph.lengthAxes(of: axis)
    guard isOwn(axis, axes), let whole = condition(axis) else { return nil }
    let missing = own.subtracting(pinned).subtracting(axes)
    if missing.isEmpty { return whole }
    // A position exists if it does for any of what the value does not tell apart.
    return builder.append(.reduce(.maximum, Reduction(axes: missing)), [whole])
  }

  /// 1 at the last position of an axis, for a value over these axes; nothing if all end together.
  func isLast(_ axis: AxisID, for axes: AxisSet) -> ValueID? {
    guard isOwn(axis, axes) else { return nil }
    return isLast(axis)
  }

  private func condition(_ axis: AxisID) -> ValueID? {
    if let known = conditions[axis] { return known }
    let value: ValueID?
    if let around {
      value = around.masks.condition(axis).map { brought(in: $0, "is_\(graph[axis].name)") }
    } else {
      let place = builder.expr(builder.append(.position(axis), []))
      value = place.isLess(than: length(axis)).id
    }
    conditions[axis] = value
    return value
  }

  private func isLast(_ axis: AxisID) -> ValueID? {
    if let known = lasts[axis] { return known }
    let value: ValueID?
    if let around {
      value = around.masks.isLast(axis).map { brought(in: $0, "is_last_\(graph[axis].name)") }
    } else {
      let next = builder.expr(builder.append(.position(axis), [])) + 1
      value = next.apply(.binary(.equal), length(axis)).id
    }
    lasts[axis] = value
    return value
  }

  private func length(_ axis: AxisID) -> Expr {
    builder.expr(builder.append(.length(axis), []))
  }

  private func brought(in value: ValueID, _ name: String) -> ValueID {
    guard let around else { return value }
    let type = around.masks.builder.type(value)
    return type.axes.contains(around.axis)
      ? around.assembler.sequence(value, type, name: name)
      : around.assembler.outer(value, type, name: name)
  }

  /// A value with 0 past the ends of the axes asked for.
  func cleaned(_ value: ValueID, where isWanted: (AxisID) -> Bool) -> ValueID {
    let type = builder.type(value)
    if let together = together(type.axes.axes.filter(isWanted), for: type.axes), !type.isToken {
      return builder.append(.select, [together, value, builder.real(0).id])
    }
    return type.axes.axes.filter(isWanted).reduce(value) { chosen($0, $1, type.axes, 0) }
  }

  /// What a state becomes, and what it was where there is nothing: so padding never reaches it.
  func kept(_ value: ValueID, in state: VariableID) -> ValueID {
    let axes = graph[state].type.axes
    return axes.axes.reduce(value) { value, axis in
      guard !graph.lengthAxes(of: axis).isEmpty, let condition = condition(axis, for: axes) else {
        return value
      }
      return builder.append(.select, [condition, value, builder.append(.variable(state), [])])
    }
  }

  /// 1 where the places along several axes exist together; nothing if each can be asked for itself.
  ///
  /// A value that does not tell rows apart exists where any row does: but one row may be long along the
  /// one axis, another along the other, and none along both.
  private func together(_ asked: [AxisID], for axes: AxisSet) -> ValueID? {
    let own = asked.filter { !graph.lengthAxes(of: $0).isEmpty }
    guard around == nil, own.count > 1 else { return nil }
    let conditions = own.compactMap { condition($0) }.map { builder.expr($0) }
    guard let first = conditions.first else { return nil }
    let all = conditions.dropFirst().reduce(first) { $0 * $1 }
    let missing = all.type.axes.subtracting(axes)
    guard !missing.isEmpty else { return nil }
    return builder.append(.reduce(.maximum, Reduction(axes: missing)), [all.id])
  }

  /// A value with a number that changes nothing wherever, over the axes taken together, there is nothing.
  func without(_ value: ValueID, _ reduced: AxisSet, _ identity: Double) -> ValueID {
    let axes = builder.type(value).axes
    let asked = axes.union(pinned).axes.filter { axis in
      let own = graph.lengthAxes(of: axis)
      return !own.isEmpty && !own.adding(axis).intersection(reduced).isEmpty
        && (axes.contains(axis) || !own.intersection(reduced).intersection(axes).isEmpty)
    }
    // Where rows are not told apart, a place along one axis exists for the rows of the others' places.
    let missing = asked.reduce(AxisSet.none) { $0.union(graph.lengthAxes(of: $1)) }
      .subtracting(axes)
    let sharing = axes.axes.filter { !graph.lengthAxes(of: $0).intersection(missing).isEmpty }
    if let together = together(sharing, for: axes) {
      return builder.append(.select, [together, value, builder.real(identity).id])
    }
    return asked.reduce(value) { chosen($0, $1, axes, identity) }
  }

  private func chosen(_ value: ValueID, _ axis: AxisID, _ axes: AxisSet, _ other: Double) -> ValueID
  {
    guard !graph.lengthAxes(of: axis).isEmpty, let condition = condition(axis, for: axes) else {
      return value
    }
    let instead: ValueID
    if case .token(let bound) = builder.type(value).element {
      instead = builder.append(.token(0, of: bound), [])
    } else {
      instead = builder.real(other).id
    }
    if builder.block[value].op == .select, Array(builder.block.operands(value)).first == condition,
      builder.block.operands(value).last == instead
    {
      return value
    }
    return builder.append(.select, [condition, value, instead])
  }
}
