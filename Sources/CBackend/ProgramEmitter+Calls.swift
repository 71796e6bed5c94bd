internal import GraphIR
internal import Lowering

/// What a call of a product is given, as text.
struct ProductArguments {
  /// How many rows.
  var rows: String
  /// How many columns.
  var columns: String
  /// The first operand.
  var a: String
  /// The second.
  var b: String
  /// The result.
  var c: String
  /// Whether the sums go on from the result.
  var adds: String
}

/// How products, scatters and the like are called, and how workers divide a statement.
extension ProgramEmitter {
  func emit(_ call: ProductCall, into writer: inout CWriter) {
    note(call.note, call.origin, into: &writer)
    profiled(call.note, call.origin, call.work, into: &writer) { emitDivided(call, into: &$0) }
  }

  private func emitDivided(_ call: ProductCall, into writer: inout CWriter) {
    if call.leavesRowsOut { return emit(call, nil, loop: 0, into: &writer) }
    let dimension = call.share.dimension
    // Terms that have ended are left out within each worker's part.
    let ends = call.share.rows == nil ? nil : call.ends
    divide(call.share, dimension.map { call.extent($0) }, ends, into: &writer) { range, writer in
      guard let dimension, program.isShared || ends != nil, let range else {
        return emit(call, nil, loop: 0, into: &writer)
      }
      // Names for what is used several times.
      guard dimension >= call.loops.count, range.first.contains(" ") || range.first.contains("(")
      else {
        return emit(call, (dimension, range), loop: 0, into: &writer)
      }
      writer.block("{") { writer in
        writer.line("const ptrdiff_t first = \(range.first);")
        writer.line("const ptrdiff_t end = \(range.end);")
        let named = CText.Range(first: "first", end: "end")
        emit(call, (dimension, named), loop: 0, into: &writer)
      }
    }
  }

  func emit(
    _ call: ProductCall,
    _ part: (dimension: Int, range: CText.Range)?,
    loop: Int,
    into writer: inout CWriter
  ) {
    if loop < call.loops.count {
      var range = CText.Range(first: "0", end: CText.extent(call.loops[loop].extent))
      if let part, part.dimension == loop { range = part.range }
      writer.block(
        "for (ptrdiff_t i\(loop) = \(range.first); i\(loop) < \(range.end); i\(loop) += 1) {"
      ) {
        emit(call, part, loop: loop + 1, into: &$0)
      }
      return
    }
    func extent(_ dimension: Int) -> String {
      guard let part, part.dimension == dimension else {
        return CText.extent(call.extent(dimension))
      }
      return "\(part.range.end) - \(part.range.first)"
    }
    func moved(
      _ pointer: Pointer,
      _ stride: (ProductCall.Loop) -> Size,
      row: Size = .zero,
      column: Size = .zero
    ) -> String {
      var steps = call.loops.enumerated().compactMap { CText.step(stride($1), "i\($0)") }
      if let part, part.dimension >= call.loops.count {
        let step = CText.step(
          part.dimension == call.rowDimension ? row : column,
          part.range.first
        )
        steps += step.map { [$0] } ?? []
      }
      return steps.isEmpty
        ? self.pointer(pointer) : CText.moved(self.pointer(pointer), steps, 0)
    }
    let adds =
      call.goesOn
      ? ["1"] : call.loops.indices.filter { call.loops[$0].accumulates }.map { "i\($0) > 0" }
    let given = ProductArguments(
      rows: extent(call.rowDimension),
      columns: extent(call.columnDimension),
      a: moved(call.a, \.a, row: call.aRow),
      b: moved(call.b, \.b, column: call.panels == nil ? .one : .zero),
      c: moved(call.c, \.c, row: call.cRow, column: call.panels == nil ? .one : .zero),
      adds: adds.isEmpty ? "0" : adds.joined(separator: " || ")
    )
    if let ends = call.ends, call.share.rows == nil || call.leavesRowsOut {
      return emit(ended: call, ends, given, into: &writer)
    }
    let steps = [CText.size(call.aRow), CText.size(call.aTerm)]
    if let form = call.panels {
      // Where a part begins within a panel is for the function to find.
      var range = CText.Range(first: "0", end: CText.extent(call.n))
      if let part, part.dimension == call.columnDimension { range = part.range }
      // What was read last at a step is still near, so that the next begins with it.
      let turn = innermost.map { "\($0) & 1" } ?? "0"
      writer.list(
        "\(form.panelProduct)(",
        [given.rows, range.first, range.end, CText.extent(call.n), CText.extent(call.k), given.a]
          + steps + [given.b, given.c, CText.size(call.cRow), given.adds, turn],
        ");"
      )
      return
    }
    writer.list(
      "product(",
      [given.rows, given.columns, CText.extent(call.k), given.a] + steps
        + [given.b, CText.size(call.bTerm), given.c, CText.size(call.cRow), given.adds],
      ");"
    )
  }

  func emit(_ call: ScatterCall, into writer: inout CWriter) {
    let what = "rows added where tokens say"
    note(what, call.origin, into: &writer)
    profiled(what, call.origin, call.work, into: &writer) { emitDivided(call, into: &$0) }
  }

  private func emitDivided(_ call: ScatterCall, into writer: inout CWriter) {
    let dimension = call.share.dimension
    let extent = dimension.map {
      $0 < call.tables.count ? call.tables[$0].extent : Extent(call.width)
    }
    divide(call.share, extent, nil, into: &writer) { range, writer in
      guard let dimension, program.isShared, let range else {
        return emit(call, nil, loop: 0, into: &writer)
      }
      emit(call, (dimension, range), loop: 0, into: &writer)
    }
  }

  func emit(
    _ call: ScatterCall,
    _ part: (dimension: Int, range: CText.Range)?,
    loop: Int,
    into writer: inout CWriter
  ) {
    let loops = call.tables + call.loops
    func moved(_ pointer: Pointer, _ stride: (ScatterCall.Loop) -> Size) -> String {
      CText.moved(
        self.pointer(pointer),
        loops.enumerated().compactMap { CText.step(stride($1), "i\($0)") },
        0
      )
    }
    let table = moved(call.table) { $0.table }
    let isOfColumns = part?.dimension == call.tables.count
    if loop == call.tables.count, !call.goesOn {
      if isOfColumns, let part {
        writer.list(
          "clear_columns(",
          [table, "\(call.rows)", "\(call.width)", part.range.first, part.range.end],
          ");"
        )
      } else {
        writer.line("memset(\(table), 0, \(call.rows * call.width) * sizeof(float));")
      }
    }
    if loop < loops.count {
      var range = CText.Range(first: "0", end: CText.extent(loops[loop].extent))
      if let part, part.dimension == loop, !isOfColumns { range = part.range }
      writer.block(
        "for (ptrdiff_t i\(loop) = \(range.first); i\(loop) < \(range.end); i\(loop) += 1) {"
      ) {
        emit(call, part, loop: loop + 1, into: &$0)
      }
      return
    }
    let token = moved(call.token) { $0.token }
    let value = moved(call.value) { $0.value }
    let columns =
      isOfColumns ? [part?.range.first ?? "0", part?.range.end ?? "0"] : ["0", "\(call.width)"]
    writer.list(
      "add_row(",
      [table, "*(\(token))", "\(call.width)", value] + columns,
      ");"
    )
  }

  /// Writes a statement as each worker does its share: once, with its range of the dimension that is
  /// divided; or, where the rows of the batch come several times, once for each; or for each run of rows
  /// that have not ended.
  func divide(
    _ share: Share,
    _ extent: Extent?,
    _ ends: RowEnds?,
    into writer: inout CWriter,
    _ body: (CText.Range?, inout CWriter) -> Void
  ) {
    let whole = extent.map { CText.Range(first: "0", end: CText.extent($0)) }
    if let ends, let rows = share.rows { return emit(rows, to: ends, into: &writer, body) }
    guard program.isShared, !isForOneWorker else { return body(whole, &writer) }
    switch share {
    case .alone: writer.block("if (self->number == 0) {") { body(whole, &$0) }
    case .stretch(_, let multiple):
      let places = whole?.end ?? "0"
      body(
        CText.Range(
          first: "first_of(self, \(places), \(multiple))",
          end: "end_of(self, \(places), \(multiple))"
        ),
        &writer
      )
    case .rows(let rows):
      if rows.outer == .one { return body(self.rows.times(rows.inner), &writer) }
      writer.block("if (self->count == 1) {", closing: "} else {") { body(whole, &$0) }
      writer.indented { emitPlaces(self.rows, rows, into: &$0, body) }
      writer.line("}")
    }
  }

  /// Writes a statement once for each time that the rows come.
  func emitPlaces(
    _ range: CText.Range,
    _ rows: AxisPlaces,
    into writer: inout CWriter,
    _ body: (CText.Range?, inout CWriter) -> Void
  ) {
    writer.block(
      "for (ptrdiff_t place = 0; place < \(CText.size(rows.outer)); place += 1) {"
    ) {
      let rowsThere = CText.Range(
        first: "place * batch + \(range.first)",
        end: "place * batch + \(range.end)"
      )
      body(rowsThere.times(rows.inner), &$0)
    }
  }

  func emit(_ call: OrthogonalizeCall, into writer: inout CWriter) {
    note("vectors made perpendicular and of length 1", call.origin, into: &writer)
    divide(.alone, nil, nil, into: &writer) { emit(call, loop: 0, into: &$1) }
  }

  func emit(_ call: OrthogonalizeCall, loop: Int, into writer: inout CWriter) {
    if loop < call.loops.count {
      let extent = CText.extent(call.loops[loop].extent)
      writer.block("for (ptrdiff_t i\(loop) = 0; i\(loop) < \(extent); i\(loop) += 1) {") {
        emit(call, loop: loop + 1, into: &$0)
      }
      return
    }
    let steps = call.loops.enumerated().compactMap { CText.step($1.stride, "i\($0)") }
    writer.list(
      "orthogonalize(",
      [
        CText.moved(pointer(call.matrix), steps, 0), "\(call.count)", CText.size(call.next),
        "\(call.length)", CText.size(call.along),
      ],
      ");"
    )
  }

  func emit(_ call: DrawCall, into writer: inout CWriter) {
    writer.comment("a token for each row")
    writer.block("for (ptrdiff_t row = 0; row < batch; row += 1) {") { writer in
      writer.line("float log_probability;")
      writer.line(
        "const float uniform = philox_uniform(generation->seed, 0x64726177u, (uint32_t)row, "
          + "(uint32_t)position, 0);"
      )
      writer.list(
        "*(\(CText.moved(pointer(call.tokens), ["row"], 0))) = draw_token(",
        [
          CText.moved(pointer(call.logits), [CText.step(call.row, "row") ?? "0"], 0),
          "\(call.count)", "generation->temperature", "generation->top_k", "generation->top_p",
          "uniform", "&log_probability",
        ],
        ");"
      )
      writer.line("if (generation->log_probability) generation->log_probability[row] += ")
      writer.line("    log_probability;")
    }
  }
}
