import GraphIR

/// What carry, stream and generate demand: nothing looks ahead along their axis.
extension Elaboration {
  /// Refuses what looks ahead along the axis that states are kept along.
  func checkCausality(in model: ModelSyntax) {
    if let axis = graph.carryAxis {
      for measured in averaged {
        check(measured, along: axis, by: "carry over \(graph[axis].name)")
      }
    }
    if let axis = graph.streamAxis {
      let outputs = roots.filter { $0.root.kind == .output && $0.value.type.axes.contains(axis) }
      for output in outputs {
        check(output.value, along: axis, by: "stream over \(graph[axis].name)")
      }
      if outputs.isEmpty {
        report(
          Diagnostic(
            .wrong,
            "no output runs over `\(graph[axis].name)`, so `stream` has nothing to give",
            at: model.streamSpan ?? model.span,
            hint: "write `output` and a value over `\(graph[axis].name)`"
          )
        )
      }
    }
    guard let generation = graph.generation,
      let source = roots.first(where: { $0.root.kind == .generated })?.value,
      let axis = graph[generation.target].type.axes.removing(.batch).axes.last
    else { return }
    check(source, along: axis, by: "generate \(graph[generation.target].name)")
    checkDraws(source, from: generation.target, along: axis)
  }

  /// Refuses what looks ahead along an axis among all that a value depends on.
  private func check(_ value: Value, along axis: AxisID, by demand: String) {
    let block = main.builder.block
    let live = block.live(from: [value.node])
    for id in block.ids where live[Int(id.index)] {
      guard let (what, place) = lookingAhead(id, along: axis) else { continue }
      let span = sites[id] ?? place
      report(
        Diagnostic(
          .wrong,
          "`\(demand)` needs each position to depend on earlier ones only, but \(what)",
          at: span,
          hint:
            "work along `\(graph[axis].name)` by forward scans, `previous`, and at each position"
        )
      )
      return
    }
  }

  /// What of a node needs positions to come, and where that stands.
  private func lookingAhead(_ id: ValueID, along axis: AxisID) -> (String, SourceSpan)? {
    lookingAhead(id, in: main.builder.block, isStep: false, along: axis)
  }

  private func lookingAhead(_ id: ValueID, in block: Block, isStep: Bool, along axis: AxisID)
    -> (String, SourceSpan)?
  {
    let node = block[id]
    let name = graph[axis].name
    guard case .scan(let scan) = node.op else {
      if isStep, node.op.goesAlong(axis) {
        return ("this goes along `\(name)` within a step, where nothing is kept", node.origin)
      }
      return lookingAhead(id, in: block, along: axis, name).map { ($0, node.origin) }
    }
    if graph[scan].axis == axis {
      if graph[scan].isReverse { return ("this scan goes back from the end", node.origin) }
      if isStep {
        return ("this scan is within a step of another, where nothing is kept", node.origin)
      }
    }
    // Scans are in each other no deeper than axes are.
    let body = graph[scan].body
    for inner in body.ids {
      if let found = lookingAhead(inner, in: body, isStep: true, along: axis) { return found }
    }
    return nil
  }

  private func lookingAhead(
    _ id: ValueID,
    in block: Block,
    along axis: AxisID,
    _ name: String
  ) -> String? {
    switch block[id].op {
    case .reduce(_, let reduction):
      reduction.axes.contains(axis) ? "this takes all of `\(name)` together" : nil
    case .contract(let contraction):
      contraction.axes.contains(axis) ? "this takes all of `\(name)` together" : nil
    case .scatterAdd(_, let axes):
      axes.contains(axis) ? "this takes all of `\(name)` together" : nil
    case .length(axis): "this asks how long `\(name)` is"
    case .element(axis, _): "this takes one place of `\(name)` for all"
    case .shift(axis, reverse: true): "this reads the position after"
    case .argmax(axis?): "this takes all of `\(name)` together"
    case .reindex(let reindex):
      lookingAhead(reindex, rows: block[id].type.shape.dims.first ?? 1, along: axis, name)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .argmax, .oneHot, .gather, .draw, .slice, .pad, .concat, .transpose,
      .orthogonalize,
      .reshape, .broadcast, .element, .place, .shift, .sequence, .scan, .project:
      nil
    }
  }

  private func lookingAhead(
    _ reindex: Reindex,
    rows: Int,
    along axis: AxisID,
    _ name: String
  ) -> String? {
    guard reindex.from == axis || reindex.to == axis else { return nil }
    guard reindex.from == reindex.to else {
      // Positions that come one by one here would come in blocks there.
      return "this leads from `\(graph[reindex.from].name)` to `\(graph[reindex.to].name)`"
    }
    let furthest = Int(reindex.plus) + max(0, Int(reindex.row) * (rows - 1))
    guard furthest > 0 else { return nil }
    return "this reads \(furthest) position\(furthest == 1 ? "" : "s") ahead"
  }

  /// Refuses to draw a target from itself: it may be reached through the position before only.
  private func checkDraws(_ source: Value, from target: VariableID, along axis: AxisID) {
    let block = main.builder.block
    var isReached = [Bool](repeating: false, count: block.count)
    isReached[Int(source.node.index)] = true
    for id in block.ids.reversed() where isReached[Int(id.index)] {
      let node = block[id]
      if node.op == .variable(target) {
        report(
          Diagnostic(
            .wrong,
            "what `generate` draws `\(graph[target].name)` from depends on it at the same position",
            at: source.origin,
            hint: "let it depend on `previous(\(graph[target].name))` only"
          )
        )
        return
      }
      var operands = Array(block.operands(id))
      if case .shift(axis, reverse: false) = node.op { operands.removeFirst() }
      for operand in operands { isReached[Int(operand.index)] = true }
    }
  }
}

extension Op {
  /// `true` iff the operation moves values from one place of an axis to another.
  fileprivate func goesAlong(_ axis: AxisID) -> Bool {
    switch self {
    case .shift(let its, _): its == axis
    case .reindex(let reindex): reindex.from == axis || reindex.to == axis
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .sequence,
      .scan, .project:
      false
    }
  }
}

extension ModelSyntax {
  /// Where `stream over` stands.
  fileprivate var streamSpan: SourceSpan? {
    body.statements.first { if case .stream = $0.kind { true } else { false } }?.span
  }
}
