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
    emitSpans(ends, over: self.rows, gap: 0, into: &writer) { body($0.times(rows.inner), &$1) }
  }

  /// The run of rows at which a walk is.
  private static let span = CText.Range(first: "at.first", end: "at.end")

  /// Writes something for each run of places that have not ended, of these rows; fewer than `gap` ended ones
  /// do not part a run.
  func emitSpans(
    _ ends: RowEnds,
    over rows: CText.Range,
    gap: Int,
    into writer: inout CWriter,
    _ body: (CText.Range, inout CWriter) -> Void
  ) {
    let (first, end) = steps(ends)
    writer.list(
      "for (span at = spans(",
      [name(ends.lengths), "batch", rows.first, rows.end, first, end, "\(gap)"],
      "); next_span(&at);) {"
    )
    writer.indented { body(Self.span, &$0) }
    writer.line("}")
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

extension RowEnds {
  /// `true` iff the rows are those of one step, and none is held: of statements that follow each other there
  /// without a barrier, a row's need nothing of others' rows, so that they may go through one walk together.
  var isOneWalk: Bool {
    if case .step = positions { held.isEmpty } else { false }
  }
}
