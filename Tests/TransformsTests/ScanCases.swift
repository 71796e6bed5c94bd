import GraphIR

/// Scans whose gradients are compared with differences, each in both directions.
enum ScanCases {
  static let all: [DerivativeCase] = [false, true].flatMap { reverse in
    [
      states(reverse, result: 0, reading: nil),
      states(reverse, result: 0, reading: .last),
      states(reverse, result: 0, reading: .first),
      states(reverse, result: 1, reading: nil),
      everyResult(reverse),
      twoStates(reverse),
      overAnAxis(reverse),
      narrowFirst(reverse),
      unusedState(reverse),
    ]
  }

  private static let row = real(.batch, 2)
  private static let steps = real(AxisSet(.batch, time), 2)

  private static func name(_ reverse: Bool, _ what: String) -> String {
    "a \(reverse ? "reverse " : "")scan: \(what)"
  }

  /// h' = tanh(w h + x * k), emitting h' * h.
  private static func step(_ builder: BlockBuilder, _ x: [Expr], _ reverse: Bool) throws -> Expr {
    let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: reverse)
    let step = scan.step
    let w = step.expr(scan.outer(x[0].id, x[0].type))
    let k = step.expr(scan.outer(x[3].id, x[3].type))
    let given = step.expr(scan.sequence(x[1].id, x[1].type))
    let h = step.expr(scan.state(first: x[2].id, row, path: "h"))
    let next = (w.contract(h, .product(leftRank: 2)) + given * k).unary(.tanh)
    return try node(scan, [next, next * h], builder)
  }

  private static func node(_ scan: ScanAssembler, _ results: [Expr], _ builder: BlockBuilder) throws
    -> Expr
  {
    let (finished, operands) = try scan.finish(results: results.map(\.id))
    return builder.expr(builder.scan(finished, operands))
  }

  private static func states(_ reverse: Bool, result: Int32, reading: Position?) -> DerivativeCase {
    let what = "result \(result), \(reading.map { "its \($0)" } ?? "every place")"
    return DerivativeCase(name(reverse, what), [real(.none, 2, 2), steps, row, real()]) {
      builder,
      x in
      let all = try step(builder, x, reverse).apply(.project(result))
      return reading.map { all.apply(.element(time, $0)) } ?? all
    }
  }

  private static func everyResult(_ reverse: Bool) -> DerivativeCase {
    let types = [real(.none, 2, 2), steps, row, real(.batch)]
    return DerivativeCase(name(reverse, "all results and both ends"), types) { builder, x in
      let scan = try step(builder, x, reverse)
      let (states, emitted) = (scan.apply(.project(0)), scan.apply(.project(1)))
      let ends = states.apply(.element(time, .last)) * states.apply(.element(time, .first))
      return states * emitted + ends.apply(.place(time, .first)) + emitted
    }
  }

  /// A state that another reads only in the next step, and a sequence over the time alone.
  private static func twoStates(_ reverse: Bool) -> DerivativeCase {
    let types = [real(AxisSet(time), 2), row, real(.none, 2)]
    return DerivativeCase(name(reverse, "two states, one read a step later"), types) { builder, x in
      let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: reverse)
      let step = scan.step
      let given = step.expr(scan.sequence(x[0].id, x[0].type))
      let a = step.expr(scan.state(first: x[1].id, row, path: "a"))
      let b = step.expr(scan.state(first: x[2].id, row, path: "b"))
      let results = [(a * given + b).unary(.sin), a * a + given]
      return try node(scan, results, builder).apply(.project(0))
    }
  }

  /// A state that runs over a second axis, beside an outer value that does and one that does not.
  private static func overAnAxis(_ reverse: Bool) -> DerivativeCase {
    let wide = real(AxisSet(.batch, head), 2)
    let types = [steps, wide, real(AxisSet(head), 2, 2), real(.none, 2)]
    return DerivativeCase(name(reverse, "a state over another axis"), types) { builder, x in
      let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: reverse)
      let step = scan.step
      let given = step.expr(scan.sequence(x[0].id, x[0].type))
      let h = step.expr(scan.state(first: x[1].id, wide, path: "h"))
      let w = step.expr(scan.outer(x[2].id, x[2].type))
      let b = step.expr(scan.outer(x[3].id, x[3].type))
      let next = (w.contract(h, .product(leftRank: 2)) + given * b).unary(.tanh)
      return try node(scan, [next], builder).apply(.project(0))
    }
  }

  /// First and next values that are repeated to the state's type.
  private static func narrowFirst(_ reverse: Bool) -> DerivativeCase {
    DerivativeCase(name(reverse, "states from single numbers"), [real(), real(AxisSet(time))]) {
      builder,
      x in
      let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: reverse)
      let step = scan.step
      let given = step.expr(scan.sequence(x[1].id, x[1].type))
      let h = step.expr(scan.state(first: x[0].id, row, path: "h"))
      let next = (h * h).sum(dims: [0]).unary(.sin) * given
      return try node(scan, [next, h * given], builder).apply(.project(1))
    }
  }

  /// A state through which no gradient passes beside one that has one.
  private static func unusedState(_ reverse: Bool) -> DerivativeCase {
    DerivativeCase(name(reverse, "a state that counts"), [steps, row]) { builder, x in
      let scan = ScanAssembler(graph: builder.graph, axis: time, isReverse: reverse)
      let step = scan.step
      let given = step.expr(scan.sequence(x[0].id, x[0].type))
      let count = step.expr(scan.state(first: builder.real(0).id, real(), path: "n"))
      let h = step.expr(scan.state(first: x[1].id, row, path: "h"))
      let results = [count + 1, count.isLess(than: step.real(2)).select(h * given, h)]
      return try node(scan, results, builder).apply(.project(1))
    }
  }
}
