internal import GraphIR

extension Pass {
  /// Moves before the loop what a step computes without its state, if it costs more than to load.
  ///
  /// Draws always move: then a step draws nothing, and the adjoint reads what the forward scan drew.
  package static let hoist = Pass(
    "hoist",
    "computes for all steps at once, before the loop, what a step needs no state for"
  ) { graph throws(Diagnostic) in
    try ScanMotion { scan in
      var stages = [ScanMotion.Stage](repeating: .within, count: scan.body.count)
      let movable = stateless(scan)
      for id in scan.body.ids where movable[Int(id.index)] && isWorthHoisting(scan.body[id].op) {
        markBefore(id, scan, &stages)
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

/// For each node of a step, whether it is made without a state of what may stand before the loop.
private func stateless(_ scan: Scan) -> [Bool] {
  var stateless = [Bool](repeating: false, count: scan.body.count)
  for id in scan.body.ids {
    if case .argument(let place) = scan.body[id].op {
      stateless[Int(id.index)] = Int(place) < scan.outerCount + scan.sequenceCount
    } else {
      stateless[Int(id.index)] =
        isMovable(scan.body[id].op)
        && scan.body.operands(id).allSatisfy { stateless[Int($0.index)] }
    }
  }
  return stateless
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
  case .random, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd: true
  case .unary(let unary): unary.isCostly
  case .constant, .token, .variable, .argument, .position, .length, .binary, .select,
    .number, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast,
    .element, .place,
    .shift, .reindex, .sequence, .scan, .project:
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
