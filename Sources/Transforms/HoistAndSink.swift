internal import GraphIR

extension Pass {
  /// Moves before the loop what a step computes without its state, if it costs more than to load.
  ///
  /// What is the same in every step moves whatever it costs, once for all of them: so a step has no part
  /// of a weight as a value of its own, which the adjoint would save for each.
  /// Draws always move: then a step draws nothing, and the adjoint reads what the forward scan drew.
  package static let hoist = Pass(
    "hoist",
    "computes for all steps at once, before the loop, what a step needs no state for"
  ) { graph throws(Diagnostic) in
    try ScanMotion { scan in
      var stages = [ScanMotion.Stage](repeating: .within, count: scan.body.count)
      let (movable, fixed) = (scan.stateless(), scan.fixed())
      for id in scan.body.ids where movable[Int(id.index)] {
        let op = scan.body[id].op
        if fixed[Int(id.index)] ? isWorthKeeping(op) : isWorthHoisting(op) {
          markBefore(id, scan, &stages)
        }
      }
      return stages
    }.run(graph)
  }

  /// Moves after the loop the products and sums that no later step needs.
  package static let sink = Pass(
    "sink",
    "computes for all steps at once, after the loop, products and sums that no step waits for"
  ) { graph throws(Diagnostic) in
    try ScanMotion { scan in
      var stages = [ScanMotion.Stage](repeating: .within, count: scan.body.count)
      let free = unawaited(scan)
      for id in scan.body.ids where free[Int(id.index)] {
        let follows = scan.body.operands(id).contains { stages[Int($0.index)] == .after }
        if follows || isWorthSinking(scan.body[id].op) { stages[Int(id.index)] = .after }
      }
      return stages
    }.run(graph)
  }

  /// Drops states, results and operands of scans that nobody reads.
  package static let trim = Pass(
    "trim",
    "drops nodes, states and emitted values that no root needs"
  ) { graph throws(Diagnostic) in
    try ScanMotion { [ScanMotion.Stage](repeating: .within, count: $0.body.count) }.run(graph)
  }
}

extension Scan {
  /// For each node of the step, whether it is made without a state of what may stand before the loop.
  func stateless() -> [Bool] { movable(fromFirst: outerCount + sequenceCount, isMovable) }

  /// For each node of the step, whether it is the same in every step.
  fileprivate func fixed() -> [Bool] {
    movable(fromFirst: outerCount) {
      if case .random = $0 { false } else { isMovable($0) }
    }
  }

  /// For each node of the step, whether it is made of so many of the first arguments, and may move.
  private func movable(fromFirst count: Int, _ mayMove: (Op) -> Bool) -> [Bool] {
    var movable = [Bool](repeating: false, count: body.count)
    for id in body.ids {
      if case .argument(let place) = body[id].op {
        movable[Int(id.index)] = Int(place) < count
      } else {
        movable[Int(id.index)] =
          mayMove(body[id].op) && body.operands(id).allSatisfy { movable[Int($0.index)] }
      }
    }
    return movable
  }
}

/// For each node of a step, whether no later step waits for it, so that it may follow the loop.
private func unawaited(_ scan: Scan) -> [Bool] {
  var free = scan.body.live(from: Array(scan.body.results.prefix(scan.stateCount))).map { !$0 }
  for id in scan.body.ids.reversed() {
    if !free[Int(id.index)] || !isMovable(scan.body[id].op) {
      free[Int(id.index)] = false
      for operand in scan.body.operands(id) { free[Int(operand.index)] = false }
    }
  }
  return free
}

/// Marks a node and, since they must stand before it, whatever it is made of.
private func markBefore(_ id: ValueID, _ scan: Scan, _ stages: inout [ScanMotion.Stage]) {
  var pending = [id]
  while let next = pending.popLast() {
    if case .argument = scan.body[next].op { continue }
    if stages[Int(next.index)] == .before { continue }
    stages[Int(next.index)] = .before
    pending += scan.body.operands(next)
  }
}

/// `true` iff the operation may stand outside its step.
private func isMovable(_ op: Op) -> Bool {
  switch op {
  case .argument, .variable, .draw, .scan, .project: false
  case .constant, .token, .position, .length, .random, .unary, .binary, .select, .number, .contract,
    .reduce, .argmax, .oneHot, .gather, .scatterAdd, .slice, .pad, .concat, .transpose,
    .orthogonalize, .reshape,
    .broadcast,
    .element, .place, .shift, .reindex, .sequence:
    true
  }
}

/// `true` iff one such operation over all steps beats one a step.
private func isWorthHoisting(_ op: Op) -> Bool {
  switch op {
  case .random, .contract, .reduce, .argmax, .oneHot, .scatterAdd: true
  case .unary(let unary): unary.isCostly
  // A row of a table is read where it is wanted as well as from a copy.
  case .constant, .token, .variable, .argument, .position, .length, .binary, .select,
    .number, .gather, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape,
    .broadcast,
    .element, .place,
    .shift, .reindex, .sequence, .scan, .project:
    false
  }
}

/// `true` iff such an operation, the same in every step, is better done once.
private func isWorthKeeping(_ op: Op) -> Bool {
  switch op {
  case .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .unary, .binary, .select,
    .number, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .element, .place,
    .shift, .reindex, .sequence:
    true
  case .constant, .token, .variable, .argument, .position, .length, .random, .draw, .broadcast,
    .scan, .project:
    false
  }
}

/// `true` iff one such operation over all steps, or the sum of them, beats one a step.
private func isWorthSinking(_ op: Op) -> Bool {
  switch op {
  case .contract, .reduce, .argmax, .scatterAdd: true
  case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
    .select, .number, .oneHot, .gather, .draw, .slice, .pad, .concat, .transpose, .orthogonalize,
    .reshape,
    .broadcast, .element, .place, .shift, .reindex, .sequence, .scan, .project:
    false
  }
}
