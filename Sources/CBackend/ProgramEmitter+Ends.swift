internal import GraphIR
internal import Lowering

/// How statements leave out the rows that have ended.
extension ProgramEmitter {
  /// Writes a statement once for each run of a worker's rows that have not ended.
  func emit(
    _ rows: AxisPlaces,
    to ends: RowEnds,
    into writer: inout CWriter,
    _ body: (CText.Range?, inout CWriter) -> Void
  ) {
    if isInSpan {
      // At one step, rows may come once for each place of other axes.
      if rows.outer != .one { return emitPlaces(Self.span, rows, into: &writer, body) }
      return body(Self.span.times(rows.inner), &writer)
    }
    emitSpans(ends, into: &writer) { body($0.times(rows.inner), &$1) }
  }

  /// The run of rows at which a walk is.
  private static let span = CText.Range(first: "at.first", end: "at.end")

  /// Writes something for each run of a worker's rows that have not ended.
  func emitSpans(
    _ ends: RowEnds,
    into writer: inout CWriter,
    _ body: (CText.Range, inout CWriter) -> Void
  ) {
    writer.line("for (span at = \(walk(ends, rows)); next_span(&at);) {")
    writer.indented { body(Self.span, &$0) }
    writer.line("}")
  }

  /// A walk over some of the rows that have not ended.
  private func walk(_ ends: RowEnds, _ rows: CText.Range) -> String {
    let (first, end) = steps(ends)
    let given = [name(ends.lengths), "batch", rows.first, rows.end, first, end]
    return "spans(" + given.joined(separator: ", ") + ")"
  }

  /// Writes a product that copies rows, or terms, next to each other where they lie apart.
  func emit(
    ended call: ProductCall,
    _ ends: RowEnds,
    _ given: ProductArguments,
    into writer: inout CWriter
  ) {
    let isByRows = call.leavesRowsOut
    let range = isByRows ? rows : CText.Range(first: "0", end: "batch")
    let factors = [
      given.a, CText.size(call.aRow), CText.size(call.aTerm), given.b,
      // A term alone has nowhere to go on to; 0 says panels.
      call.panels != nil ? "0" : call.bTerm.isZero ? "1" : CText.size(call.bTerm), given.c,
      CText.size(call.cRow),
    ]
    let columns = CText.extent(call.n)
    writer.list(
      (isByRows ? EndedProductEmitter.rows : EndedProductEmitter.terms) + "(",
      [walk(ends, range)]
        + (isByRows ? ["0", columns, columns, CText.extent(call.k)] : [given.rows, given.columns])
        + factors + (isByRows ? [] : [given.adds]),
      ");"
    )
  }

  /// Writes the copies of states' rows that have ended.
  func emitHeld(_ ends: RowEnds, into writer: inout CWriter) {
    for held in ends.held {
      writer.list(
        "hold_rows(",
        [
          name(ends.lengths), "batch", rows.first, rows.end, steps(ends).first,
          pointer(held.before), pointer(held.after), CText.size(held.rows.outer),
          CText.size(held.rows.inner),
        ],
        ");"
      )
    }
  }

  /// The first position that a statement goes through, and the one behind its last.
  private func steps(_ ends: RowEnds) -> (first: String, end: String) {
    switch ends.positions {
    case .step(let loop, let piece):
      let step = loopVariables[loop] ?? "0"
      let place = piece.map { "\(CText.length($0.start)) + \(step)" } ?? step
      return (place, place + " + 1")
    case .all(nil): return ("0", CText.extent(Extent(model.length(ends.axis))))
    case .all(let piece?):
      let start = CText.length(piece.start)
      return (start, "\(start) + \(CText.length(piece.length))")
    }
  }
}

extension ProductCall {
  /// `true` iff its rows are those of the batch, or of each position, and it copies those that have not ended
  /// next to each other.
  var leavesRowsOut: Bool {
    guard ends != nil, let rows = share.rows, loops.isEmpty, !goesOn else { return false }
    return rows.dimension == rowDimension && rows.inner == .one && (panels ?? .float32) == .float32
      && (rows.outer == .one || ends?.isStep == false)
  }
}

extension Statement {
  /// `true` iff it leaves ended rows out run by run.
  var goesFromRunToRun: Bool {
    if case .product(let call) = self, call.leavesRowsOut { false } else { ends != nil }
  }
}

extension RowEnds {
  /// `true` iff the rows are those of one step.
  var isStep: Bool {
    if case .step = positions { true } else { false }
  }

  /// `true` iff the rows are those of one step, and none is held: of statements that follow each other there
  /// without a barrier, a row's need nothing of others' rows, so that they may go through one walk together.
  var isOneWalk: Bool {
    isStep && held.isEmpty
  }
}
