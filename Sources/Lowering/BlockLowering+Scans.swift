internal import GraphIR

extension BlockLowering {
  /// A scan as a loop: first states, then steps.
  ///
  /// A result of which every position is used has a slab, else a place for the last alone.
  func scan(_ id: ValueID, _ scan: Scan) throws(Diagnostic) -> [Statement] {
    let operands = Array(block.operands(id))
    let live = scan.body.live()
    for step in scan.body.ids where live[Int(step.index)] {
      if case .random = scan.body[step].op { throw bug("a draw in a step, which is hoisted", id) }
    }
    let path = ScanPath(
      axis: scan.axis,
      isReverse: scan.isReverse,
      length: builder.length(scan.axis),
      loop: builder.newLoop()
    )
    let places = try statePlaces(id, scan, path)
    let level = plan.level[Int(id.index)]
    let firsts = places.enumerated().map { state, place in
      StoreTask(
        level: level,
        value: operands[scan.outerCount + scan.sequenceCount + state],
        domain: domain(scan.stateType(state)),
        view: path.first(place),
        origin: block[id].origin,
        name: "first " + scan.stateNames[state]
      )
    }
    let first = try kernels(firsts, level: level)
    let before = places.map { path.slot($0, after: false) }
    let after = places.map { path.slot($0, after: true) }

    let emitted = emissions(id, scan, path.loop)
    let step = try steps(
      id,
      scan,
      path.loop,
      before,
      stateStores(scan, after) + emitted.map(\.store)
    )
    let statement = LoopStatement(
      id: path.loop,
      axis: scan.axis,
      isReverse: scan.isReverse,
      stepsPerTurn: scan.stepsPerTurn,
      states: places.enumerated().map { number, place in
        var state = path.state(place)
        state.rows = rows(scan.stateType(number))
        return state
      },
      body: step.statements
    )
    var projections: [View] = []
    for place in scan.body.results.indices {
      switch scan.source(ofResult: place) {
      case .after(let state): projections.append(path.whole(places[state], after: true))
      case .before(let state): projections.append(path.whole(places[state], after: false))
      case .emitted(let made):
        projections += emitted.filter { $0.place == made }.map(\.view)
      }
    }
    setProjections(projections, of: id)
    return first + step.before + [.loop(statement)]
  }

  /// Where a dense value holds the rows of the batch.
  private func rows(_ type: ValueType) -> AxisPlaces? {
    guard type.axes.contains(AxisID.batch) else { return nil }
    var rows = AxisPlaces(dimension: 0)
    rows.outer = type.axes.removing(AxisID.batch).axes.reduce(Size.one) { $0 * builder.length($1) }
    rows.inner = Size(type.shape.count)
    return rows
  }

  /// What states become, to be stored.
  private func stateStores(_ scan: Scan, _ after: [View]) -> [Store] {
    after.indices.map {
      Store(value: scan.body.results[$0], view: after[$0], type: scan.stateType($0))
    }
  }

  /// Where what a step emits at a place stands outside it, and where each step stores it.
  private struct Emission {
    var place: Int
    var view: View
    var store: Store
  }

  /// What a step emits that is no state and no earlier result.
  private func emissions(_ id: ValueID, _ scan: Scan, _ loop: Int) -> [Emission] {
    scan.body.results.indices.filter { scan.source(ofResult: $0) == .emitted(place: $0) }.map {
      place in
      let result = scan.body.results[place]
      let type = scan.body.type(result)
      let isWhole = uses.isWhole(.emitted(place: place), of: scan, at: id)
      let name = scan.body.name(result)
      let view = builder.temporary(
        isWhole ? type.over(type.axes.adding(scan.axis)) : type,
        name.isEmpty ? scan.body[result].op.text : name
      )
      let slot = view.at(scan.axis) { [Term($0, .loop(loop))] }
      return Emission(
        place: place,
        view: view,
        store: Store(value: result, view: slot, type: type)
      )
    }
  }

  /// `true` iff every state needs to be kept: more than the last after the steps is used.
  private func needsSlab(_ id: ValueID, _ scan: Scan, _ state: Int) -> Bool {
    uses.isWhole(.after(state: state), of: scan, at: id)
      || uses.isUsed(.before(state: state), of: scan, at: id)
  }

  /// A step's statements, whose states stand at these places, and what is done once before them.
  private func steps(
    _ id: ValueID,
    _ scan: Scan,
    _ loop: Int,
    _ before: [View],
    _ results: [Store]
  ) throws(Diagnostic) -> (before: [Statement], statements: [Statement]) {
    var given: [View] = []
    for (place, operand) in block.operands(id).dropLast(scan.stateCount).enumerated() {
      let view = try requiredView(operand, isStaged: true)
      given.append(
        place < scan.outerCount ? view : view.at(scan.axis) { [Term($0, .loop(loop))] }
      )
    }
    let body = BlockLowering(
      scan.body,
      builder: builder,
      given: given + before,
      outerCount: scan.outerCount,
      results: results,
      last: []
    )
    let statements = try body.statements()
    return (body.before, statements)
  }

  /// Where each state stands: what is not kept has one place if the step may write it there, else two.
  ///
  /// Whether it may is seen from the step as it is with places apart: the order of its statements does
  /// not depend on where states stand.
  private func statePlaces(_ id: ValueID, _ scan: Scan, _ path: ScanPath) throws(Diagnostic)
    -> [StatePlace]
  {
    let states = Array(0..<scan.stateCount)
    let isKept = states.map { needsSlab(id, scan, $0) }
    var mayReplace = states.map { _ in false }
    if isKept.contains(false) {
      mayReplace = try builder.trial { () throws(Diagnostic) in
        let before = states.map { builder.temporary(scan.stateType($0), "before") }
        let after = states.map { builder.temporary(scan.stateType($0), "after") }
        let emitted = emissions(id, scan, path.loop)
        let results = stateStores(scan, after) + emitted.map(\.store)
        let statements = try steps(id, scan, path.loop, before, results).statements
        return states.map {
          statements.mayReplace(before[$0].pointer.buffer, by: after[$0].pointer.buffer)
        }
      }
    }
    return states.map { state in
      let (type, name) = (scan.stateType(state), scan.stateNames[state])
      if isKept[state] {
        let over = type.over(type.axes.adding(scan.axis))
        return .slab(builder.temporary(over, name, extraSlots: (scan.axis, 1)))
      }
      if mayReplace[state] {
        let view = builder.temporary(type, name)
        return .single(view, size: builder.program[view.pointer.buffer].extent.size)
      }
      let (view, distance) = builder.alternating(type, name)
      return .alternating(view, distance: distance)
    }
  }
}
