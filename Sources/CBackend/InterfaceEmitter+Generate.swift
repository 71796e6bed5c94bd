internal import GraphIR
internal import Lowering

/// What `generate` works with beside the programs: where its memory is, behind theirs in the work block.
struct GenerationPlan {
  /// `true` iff the target is a token; else real numbers, which are not drawn.
  let isToken: Bool
  /// How many numbers the program `generate` gives a row: logits, or the value.
  let count: Int
  /// The values of this position.
  let drawn: Int
  /// What they are drawn from; of real numbers they themselves.
  let logits: Int
  /// How long each row is, and a column of tokens to be reordered.
  let lengths: Int
  /// The hypotheses now and at the next position.
  let hypotheses: Int
  /// A copy of a state's rows.
  let rows: Int
  /// The first byte behind.
  let end: Int
  /// The states: first byte, bytes of a row, and whether they go on from position to position.
  let states: [(place: Int, bytes: Int, moves: Bool)]

  /// Lays the memory out behind the programs' arenas.
  init(_ plan: ModelPlan, of generation: Generation, after arena: Int) {
    let target = plan.graph[generation.target].type
    if case .token(let bound) = target.element {
      isToken = true
      count = Int(bound)
    } else {
      isToken = false
      count = target.shape.count
    }
    let moving = plan.programs.filter { $0.entry == .generate || $0.entry == .advance }
      .flatMap(\.stored)
    states = plan.variables(ofBlock: 1).map { id in
      (
        plan.place(of: id).offset, 4 * plan.dimensions(ofRowOf: plan.graph[id].type).reduce(1, *),
        moving.contains(id)
      )
    }
    var end = arena
    func room(_ bytes: Int) -> Int {
      defer { end += Program.rounded(plan.batch * bytes) }
      return end
    }
    drawn = room(4 * (isToken ? 1 : count))
    logits = isToken ? room(4 * count) : drawn
    lengths = isToken ? room(4) : end
    hypotheses = isToken ? room(2 * 24) : end
    rows = isToken ? room(states.filter(\.moves).map(\.bytes).max() ?? 0) : end
    self.end = end
  }
}

extension InterfaceEmitter {
  /// Writes `generate`: prompt first, then one position after another.
  func emitGenerate(_ generation: GenerationPlan, into writer: inout CWriter) {
    writer.section("drawing")
    emitPlaces(generation, into: &writer)
    emitCheck(into: &writer)
    let hasBegin = plan.programs.contains { $0.entry == .begin }
    writer.comment("First states, and what all positions read.")
    writer.list(
      "static \(prefix)_status begin_rows(",
      ["const \(prefix)_context *context", "const \(prefix)_call *call"],
      ") {"
    )
    writer.body(of: ["context", "call"]) { writer in
      writer.line("return \(hasBegin ? "run_begin(context, call)" : macro + "_OK");")
    }
    writer.line("}")
    writer.line()
    writer.comment("What the values of this position are drawn from.")
    emitPosition("score", .generate, generation.logits, into: &writer)
    writer.comment("Takes the values of this position into the states.")
    emitPosition("advance", .advance, generation.drawn, into: &writer)
    writer.verbatim(
      named(
        generation.isToken ? PackageResources.GenerateTokens_h : PackageResources.GenerateReals_h
      )
    )
    writer.line()
  }

  private func emitPlaces(_ generation: GenerationPlan, into writer: inout CWriter) {
    writer.comment("Where generate has what in the work block, behind the programs' arenas.")
    writer.line("#define GENERATE_DRAWN_PLACE \(generation.drawn)")
    guard generation.isToken else {
      writer.line("#define GENERATE_NUMBERS \(generation.count)")
      writer.line()
      return
    }
    writer.line("#define GENERATE_LOGITS_PLACE \(generation.logits)")
    writer.line("#define GENERATE_LENGTHS_PLACE \(generation.lengths)")
    writer.line("#define GENERATE_HYPOTHESES_PLACE \(generation.hypotheses)")
    writer.line("#define GENERATE_ROWS_PLACE \(generation.rows)")
    writer.line()
    writer.comment("How many tokens, rows and states there are, and the token that ends a row.")
    writer.line("#define GENERATE_LOGITS \(generation.count)")
    writer.line("#define GENERATE_ROWS \(plan.batch)")
    writer.line("#define GENERATE_STATES \(generation.states.count)")
    writer.line("#define GENERATE_UNTIL \(plan.graph.generation?.until.map { "\($0)" } ?? "(-1)")")
    writer.line()
    writer.comment("The states: first byte, bytes of a row, and 1 where positions change them.")
    let rows = generation.states.map { "{\($0.place), \($0.bytes), \($0.moves ? 1 : 0)}" }
    writer.line("static const struct { ptrdiff_t place, bytes; int moves; }")
    writer.list("state_rows[\(max(1, rows.count))] = {", rows.isEmpty ? ["{0, 0, 0}"] : rows, "};")
    writer.line()
  }

  private func emitCheck(into writer: inout CWriter) {
    writer.comment("Whether a call of generate can be made.")
    writer.list(
      "static \(prefix)_status check_generation(",
      [
        "const \(prefix)_context *context", "const \(prefix)_call *call",
        "const \(prefix)_generation *how",
      ],
      ") {"
    )
    writer.indented { writer in
      emitOwnWeights(into: &writer)
      writer.line("const \(prefix)_status status = check_call(context, call);")
      writer.line("if (status != \(macro)_OK) return status;")
      let blocks = ["parameters", "state", "work"].filter { plan.blockBytes[blockIndex($0)] > 0 }
      let isNull = (["!how"] + blocks.map { "!context->\($0)" }).joined(separator: " || ")
      writer.line("if (\(isNull)) return \(macro)_NULL_POINTER;")
      writer.line("if (how->size != sizeof(\(prefix)_generation)) return \(macro)_BAD_SIZE;")
      writer.line("if (how->limit < 1 || how->prompt_length < 0 || how->top_k < 0 ||")
      writer.line("    !(how->top_p > 0.0f) || !(how->top_p <= 1.0f) ||")
      writer.line("    !(how->temperature >= 0.0f) || !(how->temperature <= 3.40282347e+38f) ||")
      writer.line("    !(how->length_penalty >= 0.0f) || !(how->length_penalty <= 100.0f) ||")
      writer.line("    how->limit > INT32_MAX - how->prompt_length || how->beam_width < 0 ||")
      writer.line("    (how->beam_width > 1 && how->beam_width > \(plan.batch) / call->batch)) {")
      writer.indented { $0.line("return \(macro)_BAD_OPTION;") }
      writer.line("}")
      if plan.programs.contains(where: { isOfPosition($0) && $0.needsSeed }) {
        writer.comment("The hypotheses of an example would draw numbers of their own.")
        writer.line("if (how->beam_width > 1) return \(macro)_BAD_OPTION;")
      }
      writer.line("if (!how->values || (how->prompt_length > 0 && !how->prompt) ||")
      writer.line("    (how->beam_width > 1 && !how->beams)) {")
      writer.indented { $0.line("return \(macro)_NULL_POINTER;") }
      writer.line("}")
      writer.line("return \(macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }

  private func isOfPosition(_ program: Program) -> Bool {
    program.entry == .generate || program.entry == .advance
  }

  /// Writes a call of one of the two programs of a position, whose one array is in the work block.
  private func emitPosition(
    _ name: String,
    _ entry: Entry,
    _ place: Int,
    into writer: inout CWriter
  ) {
    let program = plan.programs.first { $0.entry == entry }
    let parameters = [
      "const \(prefix)_context *context", "ptrdiff_t batch", "uint64_t seed",
      "uint32_t first_example",
    ]
    writer.list("static \(prefix)_status \(name)_position(", parameters, ") {")
    writer.body(of: parameters) { writer in
      guard let program else { return writer.line("return \(macro)_OK;") }
      emitOwnWeights(into: &writer)
      let isOutput = entry == .generate
      let hasArray =
        isOutput ? !program.outputs.isEmpty : program.inputs.contains { $0.role != .seed }
      if hasArray {
        writer.line("\(isOutput ? "void" : "const void") *array[1];")
        writer.line("array[0] = (unsigned char *)context->work + \(place);")
      }
      let lengths = ProgramEmitter.lengths(program).filter { plan.hasRunTimeLength($0) }
      let arrays = isOutput ? ["NULL", "array"] : [hasArray ? "array" : "NULL", "NULL"]
      writer.list(
        "return program_\(entry.rawValue)(",
        ["context"] + lengths.map(CText.length)
          + (program.needsSeed ? ["seed", "first_example"] : []) + arrays,
        ");"
      )
    }
    writer.line("}")
    writer.line()
  }
}
