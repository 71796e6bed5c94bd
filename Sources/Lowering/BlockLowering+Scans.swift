internal import GraphIR

extension BlockLowering {
  /// A scan as a loop: first states, then steps between slabs.
  ///
  /// A state's slab has one slot more than the axis has positions, so that the states before and after
  /// a step are neighbours, and whoever wants either, or the last, reads the slab.
  func scan(_ id: ValueID, _ scan: Scan) throws(Diagnostic) -> [Statement] {
    let operands = Array(block.operands(id))
    let axis = scan.axis
    let live = scan.body.live()
    for step in scan.body.ids where live[Int(step.index)] {
      if case .random = scan.body[step].op { throw bug("a draw in a step, which is hoisted", id) }
    }
    let loop = builder.newLoop()
    let firstState = scan.outerCount + scan.sequenceCount

    var slabs: [View] = []
    for state in 0..<scan.stateCount {
      let type = scan.stateType(state)
      slabs.append(
        builder.temporary(
          type.over(type.axes.adding(axis)),
          scan.stateNames[state],
          extraSlots: (axis, 1)
        )
      )
    }
    let firsts = slabs.enumerated().map { state, slab in
      let place = operands[firstState + state]
      let type = scan.stateType(state)
      return StoreTask(
        level: plan.level[Int(id.index)],
        value: place,
        domain: domain(type),
        view: slab.at(axis) {
          scan.isReverse ? [Term($0 * builder.length(axis))] : []
        },
        origin: block[id].origin,
        name: "first " + scan.stateNames[state]
      )
    }
    let first = try kernels(firsts, level: plan.level[Int(id.index)])

    var given: [View] = []
    for place in 0..<firstState {
      let view = try requiredView(operands[place], isStaged: true)
      given.append(
        place < scan.outerCount ? view : view.at(axis) { [Term($0, .loop(loop))] }
      )
    }
    // Going forwards the state before step t stands in slot t; going backwards in slot t + 1.
    func slot(_ slab: View, after: Bool) -> View {
      slab.at(axis) { [Term($0, .loop(loop)), Term($0 * (after != scan.isReverse ? 1 : 0))] }
    }
    func sequence(_ slab: View, after: Bool) -> View {
      guard let stride = slab.stride(axis) else { return slab }
      return slab.moved([Term(stride * (after != scan.isReverse ? 1 : 0))])
    }
    given += slabs.map { slot($0, after: false) }

    var results: [Store] = []
    var projections: [View] = []
    for (place, result) in scan.body.results.enumerated() {
      let type = scan.body.type(result)
      if place < scan.stateCount {
        results.append(
          Store(value: result, view: slot(slabs[place], after: true), type: scan.stateType(place))
        )
        projections.append(sequence(slabs[place], after: true))
      } else if let state = stateBefore(scan, result) {
        projections.append(sequence(slabs[state], after: false))
      } else if let same = scan.body.results[..<place].firstIndex(of: result),
        same >= scan.stateCount || scan.stateType(same) == type
      {
        projections.append(projections[same])
      } else {
        let name = scan.body.name(result)
        let slab = builder.temporary(
          type.over(type.axes.adding(axis)),
          name.isEmpty ? scan.body[result].op.text : name
        )
        results.append(
          Store(
            value: result,
            view: slab.at(axis) { [Term($0, .loop(loop))] },
            type: type
          )
        )
        projections.append(slab)
      }
    }
    let body = BlockLowering(
      scan.body,
      builder: builder,
      given: given,
      outerCount: scan.outerCount,
      results: results,
      last: []
    )
    let statement = LoopStatement(
      id: loop,
      axis: axis,
      isReverse: scan.isReverse,
      stepsPerTurn: scan.stepsPerTurn,
      body: try body.statements()
    )
    setProjections(projections, of: id)
    return first + body.before + [.loop(statement)]
  }

  /// The state that a result is, as it was before the step.
  private func stateBefore(_ scan: Scan, _ result: ValueID) -> Int? {
    guard case .argument(let place) = scan.body[result].op else { return nil }
    let state = Int(place) - scan.outerCount - scan.sequenceCount
    return state >= 0 ? state : nil
  }
}
