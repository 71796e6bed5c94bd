internal import GraphIR
internal import Lowering

/// Writes what a model shows: header, checks, entries, access to variables, and the table.
struct InterfaceEmitter {
  let plan: ModelPlan
  let layoutHash: String

  init(_ plan: ModelPlan, layoutHash: String) {
    self.plan = plan
    self.layoutHash = layoutHash
  }

  var prefix: String { plan.prefix }
  var macro: String { plan.macro }

  /// The programs that are entries of their own; those of `generate` are called by the function of that
  /// name.
  var entries: [Program] { plan.programs.filter { $0.entry != .generate && $0.entry != .advance } }

  // MARK: The header

  /// Names in capitals; those that capitals make equal are numbered.
  static func distinct(_ names: [String]) -> [String] {
    var distinct: [String] = []
    for name in names.map({ $0.uppercased() }) {
      var number = 1
      var free = name
      while distinct.contains(free) {
        number += 1
        free = "\(name)_\(number)"
      }
      distinct.append(free)
    }
    return distinct
  }

  /// `NAME.h`: the contract with the model's prefix, its sizes, its functions.
  func header() -> String {
    var writer = CWriter()
    writer.line(
      "/* The model \(prefix): \(plan.programs.map(\.entry.rawValue).joined(separator: ", "))."
    )
    writer.line(" * Complete in itself; C99 and C++. */")
    writer.line("#ifndef \(macro)_H")
    writer.line("#define \(macro)_H")
    writer.line()
    writer.line("#ifdef __cplusplus")
    writer.line("extern \"C\" {")
    writer.line("#endif")
    writer.line()
    writer.verbatim(contract())
    writer.section("the model's sizes")
    let names = ["PARAMETERS", "STATE", "OPTIMIZER", "WORK"]
    for (name, bytes) in zip(names, plan.blockBytes) {
      writer.line("#define \(macro)_\(name)_BYTES \(bytes)")
    }
    writer.line("#define \(macro)_BATCH \(plan.batch)")
    let axes = plan.graph.axes.dropFirst()
    for (name, axis) in zip(Self.distinct(axes.map(\.name)), axes) {
      writer.line("#define \(macro)_\(name)_BOUND \(axis.bound ?? 0)")
    }
    let sizes = plan.sizes.filter { size in !axes.contains { $0.name == size.name } }
    for (name, size) in zip(Self.distinct(sizes.map(\.name)), sizes) {
      writer.line("#define \(macro)_\(name)_SIZE \(size.value)")
    }
    writer.section("the model's functions")
    writer.line("#if defined(__GNUC__) && !defined(__TINYC__)")
    writer.line("#define \(macro)_SHOWN __attribute__((visibility(\"default\")))")
    writer.line("#else")
    writer.line("#define \(macro)_SHOWN")
    writer.line("#endif")
    writer.line()
    writer.comment("The table that says all of this to a program.")
    writer.line("\(macro)_SHOWN extern const \(prefix)_model \(prefix)_model_table;")
    writer.line()
    for program in entries {
      writer.comment(summary(program))
      writer.list(
        "\(macro)_SHOWN \(prefix)_status \(prefix)_\(program.entry.rawValue)(",
        typedParameters(program),
        ");"
      )
      writer.line()
    }
    if plan.graph.generation != nil {
      writer.comment(
        "Draws rows from the model after their prompts, from first states. The call gives what begin "
          + "takes. The state block is left where the drawing ended; with beams its rows are the "
          + "hypotheses, example by example."
      )
      writer.list(
        "\(macro)_SHOWN \(prefix)_status \(prefix)_generate(",
        [
          "const \(prefix)_context *context", "const \(prefix)_call *call",
          "const \(prefix)_generation *generation",
        ],
        ");"
      )
      writer.line()
    }
    declareCopyState(into: &writer)
    writer.comment("One sentence for a status.")
    writer.line("\(macro)_SHOWN const char *\(prefix)_status_text(\(prefix)_status status);")
    writer.line()
    declareMemory(into: &writer)
    writer.comment(
      plan.isEmbedded
        ? "Gives null: here a call has the caller's thread alone."
        : "Starts so many threads less one, to help whoever calls with them in the context; null where "
          + "that cannot be. To be ended by stop_workers."
    )
    writer.line(
      "\(macro)_SHOWN \(prefix)_workers *\(prefix)_start_workers(int32_t threads);"
    )
    writer.line()
    writer.comment("Ends workers that no call has any more; null is allowed.")
    writer.line("\(macro)_SHOWN void \(prefix)_stop_workers(\(prefix)_workers *workers);")
    if plan.checksItself { declareSelfTest(into: &writer) }
    writer.line()
    writer.line("#ifdef __cplusplus")
    writer.line("}")
    writer.line("#endif")
    writer.line()
    writer.line("#endif")
    return writer.text
  }

  /// The contract's text with the model's prefix for `rondo`.
  private func contract() -> String {
    named(PackageResources.ModelABI_h).replacing("`rondo`", with: "`\(prefix)`")
  }

  /// The contract's version, as its text says it.
  static let version: String = {
    let text = String(decoding: PackageResources.ModelABI_h, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("#define RONDO_ABI_VERSION ") }
    return line?.split(separator: " ").last.map(String.init) ?? ""
  }()

  /// A text of C in which the model stands for `rondo`.
  func named(_ resource: [UInt8]) -> String {
    let names = [("rondo_", prefix), ("RONDO_", macro)].map { word, name in
      (word: Array(word.utf8), name: Array((name + "_").utf8))
    }
    var text: [UInt8] = []
    text.reserveCapacity(resource.count + resource.count / 4)
    var place = 0
    while place < resource.count {
      let byte = resource[place]
      let found =
        byte | 0x20 == UInt8(ascii: "r")
        ? names.first { resource[place...].starts(with: $0.word) } : nil
      if let found { text += found.name } else { text.append(byte) }
      place += found?.word.count ?? 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func summary(_ program: Program) -> String {
    let shapes = (program.inputs + program.outputs).map { array in
      "\(array.name): \(CText.commentary(plan.graph.text(array.type)))"
    }
    let what: String =
      switch program.entry {
      case .initialize: "Draws first values for the weights."
      case .infer: "Inputs to outputs."
      case .evaluate: "Inputs and targets to losses and metrics."
      case .measures: "Sums and counts, added up over calls, to losses and metrics."
      case .gradients: "The loss, and its gradient by every weight."
      case .train: "The loss, and one update of the weights."
      case .update: "Gradients, added up over calls, to one update of the weights."
      case .begin: "First states for every row of a stream."
      case .step: "One position of a stream, from and to the state block."
      case .generate: "What the target of one position is drawn from."
      case .advance: "The drawn target taken into the states."
      case .pullback: "Gradients of outputs to gradients of weights and inputs."
      }
    return shapes.isEmpty ? what : what + " " + shapes.joined(separator: "; ") + "."
  }

  /// What the typed functions call arrays: their names escaped, and numbered where two would be one.
  func parameterNames(_ arrays: [BoundaryArray], suffix: String) -> [String] {
    var names: [String] = []
    for (place, array) in arrays.enumerated() {
      let name = CText.identifier(array.name) + suffix
      names.append(
        names.contains(name) ? CText.identifier(array.name) + "_\(place)" + suffix : name
      )
    }
    return names
  }

  /// The parameters of the function that takes an entry's arrays by name.
  func typedParameters(_ program: Program) -> [String] {
    var parameters = ["const \(prefix)_context *context", "int32_t batch"]
    for axis in runTimeAxes(program) {
      parameters.append("const int32_t *\(plan.graph[axis].name)_lengths")
    }
    let inputs = parameterNames(program.inputs, suffix: "_in")
    for (array, name) in zip(program.inputs, inputs) {
      let isByValue = BoundaryDescription(array, plan).isByValue
      parameters.append(
        (isByValue ? "" : "const ") + elementType(array) + (isByValue ? " " : " *") + name
      )
    }
    let outputs = parameterNames(program.outputs, suffix: "_out")
    for (array, name) in zip(program.outputs, outputs) {
      parameters.append("\(elementType(array)) *\(name)")
    }
    return parameters
  }

  /// The axes whose lengths a call of this program gives.
  func runTimeAxes(_ program: Program) -> [AxisID] {
    lengthAxes(program).filter { plan.isGiven($0) }
  }

  /// The axes but the batch whose run-time lengths a call needs: its own, those they are in, and those
  /// they are made of.
  func lengthAxes(_ program: Program) -> [AxisID] {
    var needed = AxisSet(ProgramEmitter.lengths(program))
    for axis in needed.axes.reversed() {
      if case .derived(let source, _, _) = plan.graph[axis].extent {
        needed = needed.adding(source)
      }
    }
    for axis in needed.axes { needed = needed.union(plan.graph.lengthAxes(of: axis)) }
    return needed.removing(.batch).axes.filter { plan.hasRunTimeLength($0) }
  }

  func elementType(_ array: BoundaryArray) -> String {
    BoundaryDescription(array, plan).element.cType
  }

  // MARK: The functions

  /// Writes the checked calls of the entries.
  func emitCalls(into writer: inout CWriter) {
    writer.section("checks")
    emitChecks(into: &writer)
    writer.section("calls")
    for program in entries + plan.writtenOut { emitRun(program, into: &writer) }
    if let generation = plan.generation { emitGenerate(generation, into: &writer) }
  }

  /// Writes what a host sees: variables, functions and the table.
  func emitShown(into writer: inout CWriter) {
    writer.section("variables")
    emitVariables(into: &writer)
    writer.section("functions")
    for program in entries { emitTyped(program, into: &writer) }
    emitCopyState(into: &writer)
    emitMemory(into: &writer)
    writer.section("the table")
    TableEmitter(self).emit(into: &writer)
    if plan.checksItself { emitSelfTest(into: &writer) }
  }

  private func emitChecks(into writer: inout CWriter) {
    let blocks = ["parameters", "state", "optimizer", "work"]
    writer.list(
      "static \(prefix)_status check_call(",
      ["const \(prefix)_context *context", "const \(prefix)_call *call"],
      ") {"
    )
    writer.indented { writer in
      writer.line("if (!context || !call) return \(macro)_NULL_POINTER;")
      writer.line("if (call->size != sizeof(\(prefix)_call)) return \(macro)_BAD_SIZE;")
      writer.line("if (call->batch < 1 || call->batch > \(plan.batch)) return \(macro)_BAD_BATCH;")
      writer.line("if (call->threads < 0 || call->threads > threads_of(context)) {")
      writer.indented { $0.line("return \(macro)_THREADS;") }
      writer.line("}")
      for (place, block) in blocks.enumerated() where plan.blockBytes[place] > 0 {
        writer.line(
          "if ((uintptr_t)context->\(block) % \(macro)_ALIGNMENT != 0) return \(macro)_MISALIGNED;"
        )
      }
      writer.line("return \(macro)_OK;")
    }
    writer.line("}")
    writer.line()
    writer.comment("Whether every token of a row's first positions is below its bound.")
    writer.list(
      "UNUSED static int are_tokens(",
      [
        "const int32_t *tokens", "ptrdiff_t rows", "ptrdiff_t stride", "ptrdiff_t count",
        "int32_t bound",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.block("for (ptrdiff_t row = 0; row < rows; row += 1) {") { writer in
        writer.block("for (ptrdiff_t i = 0; i < count; i += 1) {") { writer in
          writer.line("const int32_t token = tokens[row * stride + i];")
          writer.line("if (token < 0 || token >= bound) return 0;")
        }
      }
      writer.line("return 1;")
    }
    writer.line("}")
    writer.line()
  }

  private func emitVariables(into writer: inout CWriter) {
    writer.comment("Where a block begins.")
    writer.list(
      "static unsigned char *start_of(",
      ["const \(prefix)_context *context", "int32_t block"],
      ") {"
    )
    writer.indented { writer in
      writer.line("if (block == \(macro)_PARAMETERS) return (unsigned char *)context->parameters;")
      writer.line("if (block == \(macro)_STATE) return (unsigned char *)context->state;")
      writer.line("return (unsigned char *)context->optimizer;")
    }
    writer.line("}")
    writer.line()
    writer.comment(
      "A variable's first byte in its block, number of elements and, of tokens, their bound; null if "
        + "the block has none of that number."
    )
    let parameters = ["int32_t block", "int32_t index"]
    writer.list("static const ptrdiff_t *variable_of(", parameters, ") {")
    writer.body(of: parameters) { writer in
      for block in 0..<3 {
        let variables = plan.variables(ofBlock: block)
        guard !variables.isEmpty else { continue }
        let rows = variables.map { id in
          var tokens: Int32 = 0
          if case .token(let bound) = plan.graph[id].type.element { tokens = bound }
          return "{\(plan.place(of: id).offset), \(plan.count(of: id)), \(tokens)}"
        }
        writer.list("static const ptrdiff_t block\(block)[\(rows.count)][3] = {", rows, "};")
        writer.line(
          "if (block == \(block) && index >= 0 && index < \(rows.count)) return block\(block)[index];"
        )
      }
      writer.line("return NULL;")
    }
    writer.line("}")
    writer.line()
    emitAccess(isSetting: false, into: &writer)
    emitAccess(isSetting: true, into: &writer)
  }

  /// Writes `get_variable` or `set_variable`; tokens are checked before any is written.
  private func emitAccess(isSetting: Bool, into writer: inout CWriter) {
    writer.list(
      "static \(prefix)_status \(isSetting ? "set" : "get")_variable(",
      [
        "const \(prefix)_context *context", "int32_t block", "int32_t index",
        isSetting ? "const float *values" : "float *values",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.line("const ptrdiff_t *variable = variable_of(block, index);")
      writer.line("unsigned char *place;")
      if !isSetting { emitOwnWeights(into: &writer) }
      writer.line("if (!context || !values) return \(macro)_NULL_POINTER;")
      writer.line("if (!variable) return \(macro)_BAD_INDEX;")
      if plan.holdsWeights, isSetting {
        writer.line("if (block == \(macro)_PARAMETERS && has_own_weights(context)) {")
        writer.indented { $0.line("return \(macro)_READ_ONLY;") }
        writer.line("}")
      }
      writer.line("place = start_of(context, block);")
      writer.line("if (!place) return \(macro)_NULL_POINTER;")
      writer.line("if ((uintptr_t)place % \(macro)_ALIGNMENT != 0) return \(macro)_MISALIGNED;")
      writer.line("place += variable[0];")
      if isSetting {
        writer.block("for (ptrdiff_t i = 0; variable[2] > 0 && i < variable[1]; i += 1) {") {
          $0.line("if (!(values[i] >= -1.0f && values[i] < (float)variable[2])) {")
          $0.indented { $0.line("return \(macro)_BAD_TOKEN;") }
          $0.line("}")
        }
      }
      writer.block("if (variable[2] > 0) {", closing: "} else {") { writer in
        writer.block("for (ptrdiff_t i = 0; i < variable[1]; i += 1) {") {
          $0.line(
            isSetting
              ? "((int32_t *)(void *)place)[i] = (int32_t)values[i];"
              : "values[i] = (float)((const int32_t *)(const void *)place)[i];"
          )
        }
      }
      writer.indented {
        $0.line(
          isSetting
            ? "memcpy(place, values, (size_t)variable[1] * sizeof(float));"
            : "memcpy(values, place, (size_t)variable[1] * sizeof(float));"
        )
      }
      writer.line("}")
      if isSetting, !plan.turned.isEmpty {
        writer.line("if (block == \(macro)_PARAMETERS) renew(context, index);")
      }
      writer.line("return \(macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }
}
