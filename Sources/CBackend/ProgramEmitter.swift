internal import GraphIR
internal import Lowering

/// Writes one program's statements, and remembers which kernels they call.
struct ProgramEmitter {
  private let program: Program
  private let model: ModelPlan
  private var loopVariables: [Int: String] = [:]

  init(_ program: Program, model: ModelPlan) {
    self.program = program
    self.model = model
  }

  /// Writes the function that does what the entry does; its arguments are checked already.
  mutating func emit(_ kernels: KernelTable, into writer: inout CWriter) {
    writer.comment(
      program.isMasked
        ? "The same for rows with lengths of their own."
        : "What \(program.entry.rawValue) computes; the arguments have been checked."
    )
    writer.list(
      "static \(model.prefix)_status \(Self.name(program))(",
      Self.parameters(program, model),
      ") {"
    )
    writer.body(of: Self.parameters(program, model)) { writer in
      declareBuffers(into: &writer)
      var emitter = self
      emitter.emit(program.statements, kernels, into: &writer)
      writer.line("return \(model.macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }

  /// The name of a program's function.
  static func name(_ program: Program) -> String {
    "program_\(program.entry.rawValue)" + (program.isMasked ? "_ragged" : "")
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
    return parameters
  }

  // MARK: Buffers

  private func name(_ buffer: BufferID) -> String {
    CText.identifier(program[buffer].name) + "_\(buffer.index)"
  }

  private func type(_ buffer: Buffer, isConstant: Bool) -> String {
    (isConstant ? "const " : "") + (buffer.holdsTokens ? "int32_t" : "float")
  }

  private func declareBuffers(into writer: inout CWriter) {
    var used = [Bool](repeating: false, count: program.buffers.count)
    Self.visit(program.statements) { used[$0.buffer.index] = true }
    for (index, buffer) in program.buffers.enumerated() where used[index] {
      let id = BufferID(index)
      let place: String
      switch buffer.place {
      case .arena:
        place = "context->work, \(buffer.offset)"
      case .variable(let variable):
        let (block, offset) = model.place(of: variable)
        place = "context->\(block), \(offset)"
      case .columns(let variable, _):
        place = "context->parameters, \(model.columnsOffset(of: variable))"
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
      let element = type(buffer, isConstant: false)
      writer.line("\(element) *const \(name(id)) = PLACE(\(element), \(place));")
    }
    emitFresh(used, into: &writer)
    emitRowLengths(used, into: &writer)
  }

  /// The rows' own lengths, as numbers to calculate with.
  private func emitRowLengths(_ used: [Bool], into writer: inout CWriter) {
    for (axis, buffer) in program.lengths.sorted(by: { $0.key < $1.key }) where used[buffer.index] {
      RowLoops(model).fill(axis, name(buffer), into: &writer)
    }
  }

  /// The flags that call rows fresh, as numbers to calculate with.
  private func emitFresh(_ used: [Bool], into writer: inout CWriter) {
    guard let fresh = program.fresh, used[fresh.index],
      let input = program.inputs.firstIndex(where: { isFresh($0) })
    else { return }
    writer.block("for (ptrdiff_t row = 0; row < batch; row += 1) {") {
      $0.line(
        "\(name(fresh))[row] = ((const uint8_t *)inputs[\(input)])[row] != 0 ? 1.0f : 0.0f;"
      )
    }
  }

  private func isFresh(_ array: BoundaryArray) -> Bool {
    guard case .variable(let variable) = array.role else { return false }
    return model.graph[variable].kind == .fresh
  }

  /// Calls a function with every pointer of statements.
  static func visit(_ statements: [Statement], _ body: (Pointer) -> Void) {
    for statement in statements {
      switch statement {
      case .kernel(let call): call.arguments.forEach(body)
      case .product(let call): [call.a, call.b, call.c].forEach(body)
      case .scatter(let call): [call.token, call.value, call.table].forEach(body)
      case .orthogonalize(let call): body(call.matrix)
      case .draw(let call): [call.logits, call.tokens].forEach(body)
      case .requireFinite(let pointers): pointers.forEach(body)
      case .loop(let loop): visit(loop.body, body)
      }
    }
  }

  private func pointer(_ pointer: Pointer) -> String {
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
    for statement in statements {
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
      }
    }
  }

  private func note(_ note: String, _ origin: SourceSpan, into writer: inout CWriter) {
    let place = CText.place(origin, model.graph.name).map { " (\($0))" } ?? ""
    writer.comment(CText.commentary(note) + place)
  }

  private func emit(_ call: KernelCall, _ kernels: KernelTable, into writer: inout CWriter) {
    note(call.note, call.origin, into: &writer)
    let arguments = KernelEmitter.arguments(call, pointers: call.arguments.map(pointer))
    let name = kernels.name(of: call.kernel)
    if let wanted = call.onlyIfWanted {
      writer.block("if (outputs[\(wanted)]) {") { $0.list("\(name)(", arguments, ");") }
    } else {
      writer.list("\(name)(", arguments, ");")
    }
  }

  private func emit(_ call: ProductCall, into writer: inout CWriter) {
    note(call.note, call.origin, into: &writer)
    emit(call, loop: 0, into: &writer)
  }

  private func emit(_ call: ProductCall, loop: Int, into writer: inout CWriter) {
    if loop < call.loops.count {
      let extent = CText.extent(call.loops[loop].extent)
      writer.block("for (ptrdiff_t i\(loop) = 0; i\(loop) < \(extent); i\(loop) += 1) {") {
        emit(call, loop: loop + 1, into: &$0)
      }
      return
    }
    func moved(_ pointer: Pointer, _ stride: (ProductCall.Loop) -> Size) -> String {
      let steps = call.loops.enumerated().compactMap { CText.step(stride($1), "i\($0)") }
      return steps.isEmpty
        ? self.pointer(pointer) : CText.moved(self.pointer(pointer), steps, 0)
    }
    let adds = call.loops.indices.filter { call.loops[$0].accumulates }.map { "i\($0) > 0" }
    writer.list(
      "product(",
      [
        CText.extent(call.m), CText.extent(call.n), CText.extent(call.k),
        moved(call.a) { $0.a }, CText.size(call.aRow), CText.size(call.aTerm),
        moved(call.b) { $0.b }, CText.size(call.bTerm), moved(call.c) { $0.c },
        CText.size(call.cRow), adds.isEmpty ? "0" : adds.joined(separator: " || "),
      ],
      ");"
    )
  }

  private func emit(_ call: ScatterCall, into writer: inout CWriter) {
    note("rows added where tokens say", call.origin, into: &writer)
    emit(call, loop: 0, into: &writer)
  }

  private func emit(_ call: ScatterCall, loop: Int, into writer: inout CWriter) {
    let loops = call.tables + call.loops
    func moved(_ pointer: Pointer, _ stride: (ScatterCall.Loop) -> Size) -> String {
      CText.moved(
        self.pointer(pointer),
        loops.enumerated().compactMap { CText.step(stride($1), "i\($0)") },
        0
      )
    }
    let table = moved(call.table) { $0.table }
    if loop == call.tables.count {
      writer.line("memset(\(table), 0, \(call.rows * call.width) * sizeof(float));")
    }
    if loop < loops.count {
      let extent = CText.extent(loops[loop].extent)
      writer.block("for (ptrdiff_t i\(loop) = 0; i\(loop) < \(extent); i\(loop) += 1) {") {
        emit(call, loop: loop + 1, into: &$0)
      }
      return
    }
    let token = moved(call.token) { $0.token }
    let value = moved(call.value) { $0.value }
    writer.line("add_row(\(table), *(\(token)), \(call.width), \(value));")
  }

  private func emit(_ call: OrthogonalizeCall, into writer: inout CWriter) {
    note("vectors made perpendicular and of length 1", call.origin, into: &writer)
    emit(call, loop: 0, into: &writer)
  }

  private func emit(_ call: OrthogonalizeCall, loop: Int, into writer: inout CWriter) {
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

  private func emit(_ call: DrawCall, into writer: inout CWriter) {
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

  private mutating func emit(
    _ loop: LoopStatement,
    _ kernels: KernelTable,
    into writer: inout CWriter
  ) {
    let size =
      program.keptAxes.contains(loop.axis)
      ? Size(model.graph[loop.axis].bound ?? 1) : model.length(loop.axis)
    let length = CText.extent(Extent(size))
    let name = "step\(loop.id)"
    let axis = CText.commentary(model.graph[loop.axis].name)
    writer.comment("\(loop.isReverse ? "back along" : "along") \(axis)")
    var emitter = self
    emitter.loopVariables[loop.id] = name
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
}

extension Program {
  /// `true` iff some statement draws tokens.
  var draws: Bool {
    statements.contains { if case .draw = $0 { true } else { false } }
  }
}
