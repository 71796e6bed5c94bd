internal import Lowering

/// Where contexts have their memory from, and what statuses say.
extension InterfaceEmitter {
  /// The blocks that a context has memory for, in order, and what a context of static memory takes with
  /// them, wherever it begins.
  private var staticBlocks: (names: [(name: String, place: Int)], bytes: Int) {
    var place = 0
    var names: [(name: String, place: Int)] = []
    for (block, bytes) in zip(["state", "optimizer", "work", "parameters"], [1, 2, 3, 0]) {
      guard plan.blockBytes[bytes] > 0 else { continue }
      names.append((block, place))
      place += (plan.blockBytes[bytes] + 63) / 64 * 64
    }
    return (names, place + 63)
  }

  /// Writes the declarations of what makes contexts.
  func declareMemory(into writer: inout CWriter) {
    if plan.isEmbedded { return declareStaticMemory(into: &writer) }
    writer.comment(
      plan.holdsWeights
        ? "The blocks in fresh memory of the caller's to free, zeroed; null where there is none. Where "
          + "the library has weights of its own there is no block of parameters among them: give one, "
          + "such as a copy of the table's weights, to train."
        : "The four blocks in fresh memory of the caller's to free, zeroed; null where there is none. "
          + "Call initialize, or set the parameters, before anything else."
    )
    writer.line("\(macro)_SHOWN \(prefix)_context *\(prefix)_create(void);")
    writer.line()
    writer.comment("Frees what create made, but not its workers; null is allowed.")
    writer.line("\(macro)_SHOWN void \(prefix)_destroy(\(prefix)_context *context);")
    writer.line()
  }

  private func declareStaticMemory(into writer: inout CWriter) {
    let (blocks, bytes) = staticBlocks
    let parameters = (plan.blockBytes[0] + 63) / 64 * 64
    writer.comment(
      "Memory for one context, such as `static \(prefix)_memory memory;`: "
        + blocks.map(\.name).joined(separator: ", ")
        + ". A context may have its blocks elsewhere, too, "
        + "and need not have those that its entries do not use."
    )
    if plan.holdsWeights, parameters > 0 {
      writer.line("#ifdef \(WeightsEmitter.macro(prefix))")
      writer.line("#define \(macro)_MEMORY_BYTES \(bytes - parameters)")
      writer.line("#else")
    }
    writer.line("#define \(macro)_MEMORY_BYTES \(bytes)")
    if plan.holdsWeights, parameters > 0 { writer.line("#endif") }
    writer.block("typedef struct \(prefix)_memory {", closing: "} \(prefix)_memory;") {
      $0.line("unsigned char bytes[\(macro)_MEMORY_BYTES];")
    }
    writer.line()
    writer.comment(
      "Gives a context the blocks in so many bytes of memory, at least \(macro)_MEMORY_BYTES, which are as "
        + "they were left: zeroed, for a beginning. "
        + "Call initialize, or set the parameters, before anything else"
        + (plan.holdsWeights ? ", where the file has no weights of its own." : ".")
    )
    writer.list(
      "\(macro)_SHOWN \(prefix)_status \(prefix)_bind(",
      ["\(prefix)_context *context", "void *memory", "size_t bytes"],
      ");"
    )
    writer.line()
  }

  /// Writes how contexts have their memory, and the sentences for statuses.
  func emitMemory(into writer: inout CWriter) {
    if plan.isEmbedded {
      emitBinding(into: &writer)
    } else {
      emitCreation(into: &writer)
    }
    writer.block("const char *\(prefix)_status_text(\(prefix)_status status) {") { writer in
      writer.block("switch (status) {") { writer in
        for (name, text) in Self.statuses {
          writer.line("case \(macro)_\(name): return \"\(text)\";")
        }
        writer.line("default: return \"an unknown status\";")
      }
    }
    writer.line()
  }

  private func emitBinding(into writer: inout CWriter) {
    let blocks = staticBlocks.names
    writer.list(
      "\(prefix)_status \(prefix)_bind(",
      ["\(prefix)_context *context", "void *memory", "size_t bytes"],
      ") {"
    )
    writer.indented { writer in
      writer.line(blocks.isEmpty ? "(void)bytes;" : "unsigned char *start;")
      writer.line("if (!context || !memory) return \(macro)_NULL_POINTER;")
      if !blocks.isEmpty {
        writer.line("if (bytes < \(macro)_MEMORY_BYTES) return \(macro)_BAD_SIZE;")
        writer.line("start = (unsigned char *)memory + (64 - (uintptr_t)memory % 64) % 64;")
      }
      writer.line("memset(context, 0, sizeof *context);")
      for (name, place) in blocks {
        let isOwn = plan.holdsWeights && name == "parameters"
        if isOwn { writer.line("#ifndef \(WeightsEmitter.macro(prefix))") }
        writer.line("context->\(name) = start" + (place > 0 ? " + \(place);" : ";"))
        if isOwn { writer.line("#endif") }
      }
      writer.line("return \(macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }

  /// Writes how contexts are made and freed.
  private func emitCreation(into writer: inout CWriter) {
    let blocks = ["parameters", "state", "optimizer", "work"]
    writer.comment("One piece of memory holds the context, then the blocks, each aligned.")
    writer.block("\(prefix)_context *\(prefix)_create(void) {") { writer in
      var offset = 64
      var places: [String] = []
      for (block, bytes) in zip(blocks, plan.blockBytes) where bytes > 0 {
        if plan.holdsWeights, block == "parameters" { continue }
        places.append("context->\(block) = start + \(offset);")
        offset += (bytes + 63) / 64 * 64
      }
      let size = "\(offset + 128)"
      if plan.holdsWeights {
        writer.comment(
          "The parameters are behind the others, where they are not the library's own."
        )
        writer.line("#ifdef \(WeightsEmitter.macro(prefix))")
        writer.line("const size_t bytes = \(size);")
        writer.line("#else")
        writer.line("const size_t bytes = \(offset + 128 + (plan.blockBytes[0] + 63) / 64 * 64);")
        writer.line("#endif")
      }
      writer.line(
        "unsigned char *const memory = (unsigned char *)calloc(1, "
          + (plan.holdsWeights ? "bytes" : size) + ");"
      )
      writer.line("unsigned char *start;")
      writer.line("\(prefix)_context *context;")
      writer.line("if (!memory) return NULL;")
      writer.line("start = memory + (64 - (uintptr_t)memory % 64);")
      writer.comment("The byte before says how far back the memory begins.")
      writer.line("start[-1] = (unsigned char)(start - memory);")
      writer.line("context = (\(prefix)_context *)(void *)start;")
      for place in places { writer.line(place) }
      if plan.holdsWeights {
        writer.line("#ifndef \(WeightsEmitter.macro(prefix))")
        writer.line("context->parameters = start + \(offset);")
        writer.line("#endif")
      }
      writer.line("return context;")
    }
    writer.line()
    writer.block("void \(prefix)_destroy(\(prefix)_context *context) {") { writer in
      writer.line("unsigned char *const start = (unsigned char *)context;")
      writer.line("if (start) free(start - start[-1]);")
    }
    writer.line()
  }

  private static let statuses = [
    ("OK", "all is well"),
    ("NULL_POINTER", "a pointer that must be given is null"),
    ("MISALIGNED", "a block is not aligned to 64 bytes"),
    ("BAD_SIZE", "a structure is of another version of the header"),
    ("BAD_BATCH", "the number of rows is below 1 or above the bound"),
    ("BAD_LENGTH", "a length is below 1 or above the axis's bound, or not the one built for"),
    ("BAD_TOKEN", "a token is below 0 or not below its bound"),
    ("BAD_OPTION", "a rate, temperature, limit or count is out of its range"),
    ("NOT_FINITE", "the loss or the gradient's norm is not finite; nothing was updated"),
    ("BAD_INDEX", "the block has no variable of that number"),
    ("THREADS", "the context has no workers for so many threads"),
    ("READ_ONLY", "the weights are the library's own, and only read"),
  ]
}
