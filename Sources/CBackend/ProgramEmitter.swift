internal import GraphIR
internal import Lowering

/// Writes one program's statements, and remembers which kernels they call.
struct ProgramEmitter {
  let program: Program
  let model: ModelPlan
  private(set) var loopVariables: [Int: String] = [:]
  /// The variable of the loop that what is written stands in; nil outside of loops.
  private(set) var innermost: String?
  /// `true` iff what is written stands in a walk over the rows that have not ended.
  private(set) var isInSpan = false
  /// `true` iff one worker alone comes to what is written.
  private(set) var isForOneWorker = false

  init(_ program: Program, model: ModelPlan) {
    self.program = program
    self.model = model
  }

  /// Writes the function that does what the entry does; its arguments are checked already.
  mutating func emit(_ kernels: KernelTable, into writer: inout CWriter) {
    writer.comment(
      "What \(program.entry.rawValue) computes\(program.isWrittenOut ? ", step by step" : ""); "
        + "the arguments have been checked."
    )
    writer.list(
      "static \(model.prefix)_status \(Self.name(program))(",
      Self.parameters(program, model),
      ") {"
    )
    writer.body(of: Self.parameters(program, model)) { writer in
      let used = declareBuffers(into: &writer)
      writer.using(model.hasRunTimeLength(.batch) ? [] : [Self.oneRow]) { writer in
        writer.using(program.isShared ? Self.ownRows : []) { writer in
          emitFresh(used, into: &writer)
          emitRowLengths(used, into: &writer)
          var emitter = self
          emitter.emit(program.statements, kernels, into: &writer)
        }
      }
      writer.line("return \(model.macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }

  /// The name of a program's function.
  static func name(_ program: Program) -> String {
    "program_" + call(of: program)
  }

  /// What a program's call is named after.
  static func call(of program: Program) -> String {
    program.entry.rawValue + (program.isWrittenOut ? "_written_out" : "")
  }

  /// The axes whose run-time lengths the program takes.
  static func lengths(_ program: Program) -> [AxisID] {
    var axes = AxisSet.batch.union(program.axes).union(AxisSet(program.lengths.keys))
    for array in program.inputs + program.outputs { axes = axes.union(array.type.axes) }
    return axes.subtracting(program.keptAxes).axes
  }

  /// The parameters of a program's function.
  static func parameters(_ program: Program, _ model: ModelPlan) -> [String] {
    let lengths = lengths(program).filter { model.hasRunTimeLength($0) }
    var parameters = ["const \(model.prefix)_context *context"]
    parameters += lengths.map { "ptrdiff_t " + CText.length($0) }
    if program.needsSeed {
      parameters += ["uint64_t seed", "uint32_t first_example"]
    }
    parameters += ["const void *const *inputs", "void *const *outputs"]
    if program.isMasked { parameters.append("const \(model.prefix)_call *call") }
    if program.draws {
      parameters += ["const \(model.prefix)_generation *generation", "int32_t position"]
    }
    if program.isShared { parameters.append("const worker *self") }
    return parameters
  }

  // MARK: Buffers

  func name(_ buffer: BufferID) -> String {
    CText.identifier(program[buffer].name) + "_\(buffer.index)"
  }

  private func type(_ buffer: Buffer, isConstant: Bool) -> String {
    (isConstant ? "const " : "") + (buffer.holdsTokens ? "int32_t" : "float")
  }

  /// Declares what the statements use; by buffer, whether they do.
  private func declareBuffers(into writer: inout CWriter) -> [Bool] {
    var used = [Bool](repeating: false, count: program.buffers.count)
    Self.visit(program.statements) { used[$0.index] = true }
    for (index, buffer) in program.buffers.enumerated() where used[index] {
      let id = BufferID(index)
      let place: String
      var element = type(buffer, isConstant: false)
      switch buffer.place {
      case .arena:
        place = "context->work, \(buffer.offset)"
      case .variable(let variable):
        let (block, offset) = model.place(of: variable)
        place = "context->\(block), \(offset)"
      case .columns(let variable, _):
        place = "context->parameters, \(model.columnsOffset(of: variable))"
      case .panels(let variable, let form):
        place = "context->parameters, \(model.panelsOffset(of: variable, as: form))"
        element = form.element
      case .input(let index):
        writer.line(
          "\(type(buffer, isConstant: true)) *const \(name(id)) = "
            + "(\(type(buffer, isConstant: true)) *)inputs[\(index)];"
        )
        continue
      case .output(let index):
        writer.line(
          "\(type(buffer, isConstant: false)) *const \(name(id)) = "
            + "(\(type(buffer, isConstant: false)) *)outputs[\(index)];"
        )
        continue
      }
      writer.line("\(element) *const \(name(id)) = PLACE(\(element), \(place));")
    }
    return used
  }

  /// The batch where calls have one row, which the compiler may then count on.
  private static let oneRow = (name: "batch", text: "const ptrdiff_t batch = 1;")
  /// The rows of the batch that a worker does.
  private static let ownRows = [
    (name: "first_row", text: "const ptrdiff_t first_row = first_of(self, batch, 1);"),
    (name: "end_row", text: "const ptrdiff_t end_row = end_of(self, batch, 1);"),
  ]

  /// The rows of the batch that are done here.
  var rows: CText.Range {
    program.isShared
      ? CText.Range(first: "first_row", end: "end_row") : CText.Range(first: "0", end: "batch")
  }

  /// The rows' own lengths, as numbers to calculate with.
  private func emitRowLengths(_ used: [Bool], into writer: inout CWriter) {
    for (axis, buffer) in program.lengths.sorted(by: { $0.key < $1.key }) where used[buffer.index] {
      RowLoops(model).fill(axis, name(buffer), rows, into: &writer)
    }
  }

  /// The flags that call rows fresh, as numbers to calculate with.
  private func emitFresh(_ used: [Bool], into writer: inout CWriter) {
    guard let fresh = program.fresh, used[fresh.index],
      let input = program.inputs.firstIndex(where: { isFresh($0) })
    else { return }
    writer.block("for (ptrdiff_t row = \(rows.first); row < \(rows.end); row += 1) {") {
      $0.line(
        "\(name(fresh))[row] = ((const uint8_t *)inputs[\(input)])[row] != 0 ? 1.0f : 0.0f;"
      )
    }
  }

  private func isFresh(_ array: BoundaryArray) -> Bool {
    guard case .variable(let variable) = array.role else { return false }
    return model.graph[variable].kind == .fresh
  }

  /// Calls a function with every buffer that statements use.
  static func visit(_ statements: [Statement], _ body: (BufferID) -> Void) {
    for statement in statements {
      statement.pointers.forEach { body($0.buffer) }
      if let ends = statement.ends { body(ends.lengths) }
      if case .loop(let loop) = statement { visit(loop.body, body) }
    }
  }

  func pointer(_ pointer: Pointer) -> String {
    let steps = pointer.address.terms.compactMap { term in
      switch term.index {
      case .one: CText.size(term.stride)
      case .loop(let id): CText.step(term.stride, loopVariables[id] ?? "0")
      case .loopParity(let id): CText.step(term.stride, "(\(loopVariables[id] ?? "0") & 1)")
      case .lengthParity(let axis): CText.step(term.stride, "(\(CText.length(axis)) & 1)")
      }
    }
    return CText.moved(name(pointer.buffer), steps, pointer.address.offset)
  }

  // MARK: Statements

  private mutating func emit(
    _ statements: [Statement],
    _ kernels: KernelTable,
    into writer: inout CWriter
  ) {
    var rest = statements[...]
    while let statement = rest.popFirst() {
      if let ends = statement.ends, ends.isOneWalk, statement.goesFromRunToRun, program.isShared,
        !isInSpan
      {
        let group = [statement] + rest.prefix { $0.ends == ends && $0.goesFromRunToRun }
        rest = rest.dropFirst(group.count - 1)
        var emitter = self
        emitter.isInSpan = true
        emitSpans(ends, into: &writer) {
          emitter.emit(group, kernels, into: &$1)
        }
        continue
      }
      switch statement {
      case .kernel(let call):
        writer.lines(from: model.linePlace(call.origin), own: model.file) {
          emit(call, kernels, into: &$0)
        }
      case .product(let call):
        writer.lines(from: model.linePlace(call.origin), own: model.file) { emit(call, into: &$0) }
      case .scatter(let call):
        writer.lines(from: model.linePlace(call.origin), own: model.file) { emit(call, into: &$0) }
      case .orthogonalize(let call):
        writer.lines(from: model.linePlace(call.origin), own: model.file) { emit(call, into: &$0) }
      case .draw(let call): emit(call, into: &writer)
      case .loop(let loop): emit(loop, kernels, into: &writer)
      case .requireFinite(let pointers):
        let tests = pointers.map { "scalar_absolute(*\(pointer($0))) <= 3.40282347e+38f" }
        writer.line(
          "if (!(\(tests.joined(separator: " && ")))) return \(model.macro)_NOT_FINITE;"
        )
      case .barrier: writer.line("meet(self);")
      }
    }
  }

  func note(_ note: String, _ origin: SourceSpan, into writer: inout CWriter) {
    let place = CText.place(origin, model.graph.name).map { " (\($0))" } ?? ""
    writer.comment(CText.commentary(note) + place)
  }

  private func emit(_ call: KernelCall, _ kernels: KernelTable, into writer: inout CWriter) {
    note(call.note, call.origin, into: &writer)
    let name = kernels.name(of: call.kernel)
    func emit(_ writer: inout CWriter) {
      profiled(call.note, call.origin, call.work, into: &writer) { writer in
        if let ends = call.ends { emitHeld(ends, into: &writer) }
        divide(call.share, call.kernel.shared.map { call.extents[$0] }, call.ends, into: &writer) {
          let arguments = KernelEmitter.arguments(call, $0, pointers: call.arguments.map(pointer))
          $1.list("\(name)(", arguments, ");")
        }
      }
    }
    if let wanted = call.onlyIfWanted {
      writer.block("if (outputs[\(wanted)]) {", emit)
    } else {
      emit(&writer)
    }
  }

  private mutating func emit(
    _ loop: LoopStatement,
    _ kernels: KernelTable,
    into writer: inout CWriter
  ) {
    if let worker = loop.worker, !isForOneWorker {
      var emitter = self
      emitter.isForOneWorker = true
      let number = worker == 0 ? "0" : "\(worker) % self->count"
      return writer.block("if (self->number == \(number)) {") {
        emitter.emit(loop, kernels, into: &$0)
      }
    }
    let size =
      program.keptAxes.contains(loop.axis)
      ? Size(model.graph[loop.axis].bound ?? 1) : model.length(loop.axis)
    var length = CText.extent(Extent(size))
    let name = "step\(loop.id)"
    var axis = CText.commentary(model.graph[loop.axis].name)
    var emitter = self
    emitter.loopVariables[loop.id] = name
    emitter.innermost = name
    switch loop.span {
    case .axis: break
    case .piece(let piece):
      axis = "a piece of " + axis
      length = CText.length(piece.length)
    case .pieces(let piece):
      let head = "\(loop.isReverse ? "back along" : "along") \(axis), \(piece.steps) steps a piece"
      writer.comment(head)
      return emitter.emit(loop, piece, of: length, kernels, into: &writer)
    }
    writer.comment("\(loop.isReverse ? "back along" : "along") \(axis)")
    if loop.stepsPerTurn > 1 {
      writer.line("ptrdiff_t turn\(loop.id) = 0;")
      writer.block(
        "for (; turn\(loop.id) + \(loop.stepsPerTurn) <= \(length); "
          + "turn\(loop.id) += \(loop.stepsPerTurn)) {"
      ) { writer in
        for step in 0..<loop.stepsPerTurn {
          writer.block("{") { writer in
            let place = step == 0 ? "turn\(loop.id)" : "turn\(loop.id) + \(step)"
            let position = loop.isReverse ? "\(length) - 1 - (\(place))" : place
            writer.line("const ptrdiff_t \(name) = \(position);")
            emitter.emit(loop.body, kernels, into: &writer)
          }
        }
      }
      writer.block("for (; turn\(loop.id) < \(length); turn\(loop.id) += 1) {") { writer in
        let position =
          loop.isReverse ? "\(length) - 1 - turn\(loop.id)" : "turn\(loop.id)"
        writer.line("const ptrdiff_t \(name) = \(position);")
        emitter.emit(loop.body, kernels, into: &writer)
      }
      return
    }
    let head =
      loop.isReverse
      ? "for (ptrdiff_t \(name) = \(length) - 1; \(name) >= 0; \(name) -= 1) {"
      : "for (ptrdiff_t \(name) = 0; \(name) < \(length); \(name) += 1) {"
    writer.block(head) { emitter.emit(loop.body, kernels, into: &$0) }
  }

  /// Writes a loop over the pieces of an axis of that length.
  private mutating func emit(
    _ loop: LoopStatement,
    _ piece: Piece,
    of length: String,
    _ kernels: KernelTable,
    into writer: inout CWriter
  ) {
    let name = "step\(loop.id)"
    let (start, count) = (CText.length(piece.start), CText.length(piece.length))
    let rest = "\(length) - \(start)"
    let head =
      loop.isReverse
      ? "for (ptrdiff_t \(name) = (\(length) - 1) / \(piece.steps); \(name) >= 0; \(name) -= 1) {"
      : "for (ptrdiff_t \(name) = 0; \(name) * \(piece.steps) < \(length); \(name) += 1) {"
    writer.block(head) { writer in
      writer.line("const ptrdiff_t \(start) = \(name) * \(piece.steps);")
      writer.line(
        "const ptrdiff_t \(count) = \(rest) < \(piece.steps) ? \(rest) : \(piece.steps);"
      )
      emit(loop.body, kernels, into: &writer)
    }
  }
}

extension Program {
  /// `true` iff some statement draws tokens.
  var draws: Bool {
    statements.contains { if case .draw = $0 { true } else { false } }
  }
}
