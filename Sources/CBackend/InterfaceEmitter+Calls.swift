internal import GraphIR
internal import Lowering

extension InterfaceEmitter {
  /// Writes the checked call of one program through arrays of pointers.
  func emitRun(_ program: Program, into writer: inout CWriter) {
    if program.isShared { emitShare(program, into: &writer) }
    let entry = ProgramEmitter.call(of: program)
    writer.list(
      "ENTRY \(prefix)_status run_\(entry)(",
      ["const \(prefix)_context *context", "const \(prefix)_call *call"],
      ") {"
    )
    writer.indented { writer in
      let isChanged = changesWeights(program)
      let isWriting = writesWeights(program)
      let blocks = neededBlocks(program)
      if !isWriting, blocks.contains("parameters") { emitOwnWeights(into: &writer) }
      writer.line(
        "\(isChanged ? "" : "const ")\(prefix)_status status = check_call(context, call);"
      )
      writer.line("if (status != \(macro)_OK) return status;")
      if plan.holdsWeights, isWriting {
        writer.line("if (has_own_weights(context)) return \(macro)_READ_ONLY;")
      }
      if !blocks.isEmpty {
        let tests = blocks.map { "!context->\($0)" }
        writer.line("if (\(tests.joined(separator: " || "))) return \(macro)_NULL_POINTER;")
      }
      emitBody(program, into: &writer)
    }
    writer.line("}")
    writer.line()
  }

  private func emitBody(_ program: Program, into writer: inout CWriter) {
    let batch = (name: "batch", text: "const ptrdiff_t batch = call->batch;")
    writer.using([batch]) { emitChecks(program, into: &$0) }
  }

  /// Writes the checks of lengths, pointers and tokens, then the call.
  private func emitChecks(_ program: Program, into writer: inout CWriter) {
    if program.isShared { writer.line("task work;") }
    emitLengths(program, into: &writer)
    if !program.inputs.isEmpty {
      writer.line("if (!call->inputs) return \(macro)_NULL_POINTER;")
      writer.block("for (int i = 0; i < \(program.inputs.count); i += 1) {") {
        $0.line("if (!call->inputs[i]) return \(macro)_NULL_POINTER;")
      }
    }
    if !program.outputs.isEmpty {
      writer.line("if (!call->outputs) return \(macro)_NULL_POINTER;")
    }
    for (place, array) in program.inputs.enumerated() {
      emitTokenCheck(place, array, into: &writer)
    }
    if program.isShared {
      writer.line("work.context = context;")
      writer.line("work.call = call;")
    }
    emitCall(program, into: &writer)
  }

  /// Writes the call of a program's function, and what follows an update.
  private func emitCall(_ program: Program, into writer: inout CWriter) {
    let outputs = "call->outputs"
    for (place, array) in program.outputs.enumerated() {
      let padded = array.type.axes.axes.filter {
        $0 != AxisID.batch && plan.hasRunTimeLength($0) && !program.keptAxes.contains($0)
      }
      guard !padded.isEmpty else { continue }
      let hasRows = array.type.axes.contains(AxisID.batch)
      let count = plan.dimensions(of: array.type).dropFirst(hasRows ? 1 : 0)
        .reduce(1) { $0 * $1.extent }
      let size = hasRows ? "(size_t)(batch * \(count))" : "\(count)"
      let isShort = padded.map { "\(CText.length($0)) < \(plan.graph[$0].bound ?? 1)" }
      writer.block("if (\(outputs)[\(place)] && (\(isShort.joined(separator: " || ")))) {") {
        $0.line("memset(\(outputs)[\(place)], 0, \(size) * sizeof(float));")
      }
    }
    let outcome = changesWeights(program) ? "status =" : "return"
    if program.isShared {
      writer.line("work.run = \(Self.shareName(program));")
      for axis in runTimeLengths(program) {
        writer.line("work.lengths[\(axis.index)] = \(CText.length(axis));")
      }
      writer.line("\(outcome) run_task(&work);")
    } else {
      writer.list(
        "\(outcome) \(ProgramEmitter.name(program))(",
        arguments(program, runTimeLengths(program).map(CText.length)),
        ");"
      )
    }
    guard changesWeights(program) else { return }
    writer.line("if (status == \(macro)_OK) renew(context, -1);")
    writer.line("return status;")
  }

  private func runTimeLengths(_ program: Program) -> [AxisID] {
    ProgramEmitter.lengths(program).filter { plan.hasRunTimeLength($0) }
  }

  /// What a program's function is given, from a context, lengths and a call.
  private func arguments(_ program: Program, _ lengths: [String], _ call: String = "call")
    -> [String]
  {
    var arguments = ["context"] + lengths
    if let seed = program.inputs.firstIndex(where: { $0.role == .seed }) {
      arguments += ["*(const uint64_t *)\(call)->inputs[\(seed)]", "\(call)->first_example"]
    }
    arguments += ["\(call)->inputs", "\(call)->outputs"]
    if program.isMasked { arguments.append(call) }
    return arguments
  }

  private static func shareName(_ program: Program) -> String {
    "share" + ProgramEmitter.name(program).dropFirst("program".count)
  }

  /// Writes what each worker does with a task of this program.
  func emitShare(_ program: Program, into writer: inout CWriter) {
    writer.line("static \(prefix)_status \(Self.shareName(program))(")
    writer.block("    const task *work, const worker *self) {") { writer in
      var given = arguments(
        program,
        runTimeLengths(program).map { "work->lengths[\($0.index)]" },
        "work->call"
      )
      given[0] = "work->context"
      writer.list("return \(ProgramEmitter.name(program))(", given + ["self"], ");")
    }
    writer.line()
  }

  /// Writes that a function goes on with the library's own weights where its context names none.
  func emitOwnWeights(into writer: inout CWriter) {
    guard plan.holdsWeights else { return }
    writer.line("\(prefix)_context own;")
    writer.line("context = with_weights(context, &own);")
  }

  /// `true` iff a program changes weights.
  private func writesWeights(_ program: Program) -> Bool {
    [.train, .update, .initialize].contains(program.entry)
  }

  /// `true` iff second forms of weights must be renewed after a program.
  private func changesWeights(_ program: Program) -> Bool {
    writesWeights(program) && !plan.turned.isEmpty
  }

  /// The blocks that a program reads or writes.
  private func neededBlocks(_ program: Program) -> [String] {
    var needed = Set<String>()
    if program.arenaBytes > 0 { needed.insert("work") }
    for buffer in program.buffers {
      switch buffer.place {
      case .variable(let id): needed.insert(plan.place(of: id).block)
      case .columns, .panels: needed.insert("parameters")
      case .arena, .input, .output: continue
      }
    }
    return ["parameters", "state", "optimizer", "work"].filter {
      needed.contains($0) && plan.blockBytes[blockIndex($0)] > 0
    }
  }

  func blockIndex(_ name: String) -> Int {
    ["parameters", "state", "optimizer", "work"].firstIndex(of: name) ?? 0
  }

  /// Writes the function of an entry that takes its arrays by name.
  func emitTyped(_ program: Program, into writer: inout CWriter) {
    let axes = runTimeAxes(program)
    let inputs = zip(program.inputs, parameterNames(program.inputs, suffix: "_in")).map {
      (BoundaryDescription($0, plan).isByValue ? "&" : "") + $1
    }
    let outputs = parameterNames(program.outputs, suffix: "_out")
    writer.list(
      "\(prefix)_status \(prefix)_\(program.entry.rawValue)(",
      typedParameters(program),
      ") {"
    )
    writer.indented { writer in
      writer.line("\(prefix)_call call;")
      if !axes.isEmpty { writer.line("const int32_t *lengths[\(plan.graph.axes.count)];") }
      if !inputs.isEmpty { writer.line("const void *inputs[\(inputs.count)];") }
      if !outputs.isEmpty { writer.line("void *outputs[\(outputs.count)];") }
      if !axes.isEmpty { writer.line("memset(lengths, 0, sizeof lengths);") }
      for axis in axes {
        writer.line("lengths[\(axis.index)] = \(plan.graph[axis].name)_lengths;")
      }
      for (place, input) in inputs.enumerated() { writer.line("inputs[\(place)] = \(input);") }
      for (place, output) in outputs.enumerated() { writer.line("outputs[\(place)] = \(output);") }
      writer.line("call.size = sizeof call;")
      writer.line("call.batch = batch;")
      writer.line("call.threads = 0;")
      writer.line("call.first_example = 0;")
      writer.line("call.lengths = \(axes.isEmpty ? "NULL" : "lengths");")
      writer.line("call.inputs = \(inputs.isEmpty ? "NULL" : "inputs");")
      writer.line("call.outputs = \(outputs.isEmpty ? "NULL" : "outputs");")
      writer.line("return run_\(program.entry.rawValue)(context, &call);")
    }
    writer.line("}")
    writer.line()
  }
}
