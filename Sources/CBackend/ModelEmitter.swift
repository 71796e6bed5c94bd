internal import GraphIR
internal import Lowering

/// A model as C: a source file, a header and the text of its manifest without the hashes of files.
package struct CModel: Sendable {
  /// `NAME.c`.
  package let source: String
  /// `NAME.h`.
  package let header: String

  /// Writes a model out.
  package init(_ plan: ModelPlan, layoutHash: String) {
    let interface = InterfaceEmitter(plan, layoutHash: layoutHash)
    header = interface.header()
    source = Self.source(plan, interface)
  }

  private static func source(_ plan: ModelPlan, _ interface: InterfaceEmitter) -> String {
    var model = CWriter()
    interface.emitTurning(into: &model)
    LevelEmitter(plan, interface).emit(into: &model) { writer in
      let table = KernelTable(plan.allPrograms)
      writer.section("kernels")
      for (kernel, call) in zip(table.kernels, table.firstCalls) {
        writer.comment(KernelTable.comment(call, plan))
        writer.lines(from: plan.linePlace(call.origin), own: plan.file) {
          KernelEmitter(kernel, name: table.name(of: kernel), isFused: plan.isFused).emit(into: &$0)
        }
      }
      ProgramEmitter.emitProfile(plan, into: &writer)
      writer.section("lengths")
      interface.emitLengthReaders(into: &writer)
      writer.section("entries")
      for program in plan.allPrograms {
        var emitter = ProgramEmitter(program, model: plan)
        emitter.emit(table, into: &writer)
      }
      interface.emitCalls(into: &writer)
    } shown: {
      interface.emitShown(into: &$0)
    }
    var products = CWriter()
    var ended = [EndedProductEmitter.rows, EndedProductEmitter.terms]
    var search = NameSearch(["product"] + ended + StoredForm.allCases.map(\.panelProduct))
    let called = search.found(in: model.text)
    ended.removeAll { !called.contains($0) }
    if !called.isEmpty {
      ProductEmitter.emit(narrow: plan.narrowForms, into: &products)
    }
    if !ended.isEmpty { EndedProductEmitter.emit(into: &products) }
    var helpers = CWriter()
    self.helpers(into: &helpers)
    var workers = interface.named(PackageResources.Workers_h)
    if plan.isEmbedded { workers = CText.without("THREADED", workers) }
    if plan.holdsWeights { workers += "\n" + interface.named(PackageResources.Weights_h) }
    let functions = String(decoding: PackageResources.Functions_h, as: UTF8.self)
    var writer = CWriter()
    head(plan, into: &writer)
    if !plan.isEmbedded { threads(plan, into: &writer) }
    writer.line("#include \"\(plan.prefix).h\"")
    writer.line()
    if plan.isEmbedded {
      freestanding(into: &writer)
    } else {
      writer.line("#include <stdlib.h>")
      writer.line("#include <string.h>")
    }
    if plan.isProfiled { writer.line("#include <time.h>") }
    writer.line()
    writer.line("#define RONDO_FUSED \(plan.isFused ? 1 : 0)")
    writer.line()
    writer.verbatim(
      HelperText(functions + helpers.text).used(by: [products.text, model.text, workers])
    )
    writer.line()
    writer.line("#define AXES \(plan.graph.axes.count)")
    writer.line()
    writer.verbatim(workers)
    writer.verbatim(products.text)
    writer.verbatim(model.text)
    return plan.namesLines ? writer.numbered : writer.text
  }

  /// A page that says what the file is, what it needs and what is in it.
  private static func head(_ plan: ModelPlan, into writer: inout CWriter) {
    let entries = plan.programs.map(\.entry.rawValue).joined(separator: ", ")
    let blocks = plan.blockBytes
    writer.line("/* The model \(plan.prefix), written by Rondo.")
    writer.line(" *")
    writer.line(" * Entries: \(entries).")
    writer.line(
      " * Arithmetic: \(plan.isFused ? "fast" : "strict"); rows of a call: at most \(plan.batch)."
    )
    writer.line(
      " * Bytes: parameters \(blocks[0]), state \(blocks[1]), optimizer \(blocks[2]), "
        + "work \(blocks[3])."
    )
    writer.line(" *")
    writer.line(
      " * Compiles by itself as C99, C11 or C++17 and needs nothing but "
        + (plan.isEmbedded ? "memcpy and memset." : "the C library.")
    )
    if plan.holdsWeights {
      let file = WeightsEmitter.assemblyFile(plan.prefix)
      writer.line(
        " * With \(WeightsEmitter.macro(plan.prefix)) it uses the weights that \(file) puts beside it."
      )
    }
    writer.line(" * Comments name lines of the definition, \(plan.prefix):LINE, or of the library.")
    writer.line(" */")
    writer.line()
  }

  /// What is needed of a C library where there may be none.
  private static func freestanding(into writer: inout CWriter) {
    writer.comment(
      "Of the C library these two are needed, and square roots are the processor's or calculated. Without "
        + "a system compilers know the two by other names, under which small copies are no calls."
    )
    writer.line("#define RONDO_EMBEDDED 1")
    writer.line("#if !defined(__STDC_HOSTED__) || __STDC_HOSTED__ != 0")
    writer.line("#include <string.h>")
    writer.line("#elif defined(__GNUC__)")
    writer.line("#define memcpy(to, from, count) __builtin_memcpy(to, from, count)")
    writer.line("#define memset(to, byte, count) __builtin_memset(to, byte, count)")
    writer.line("#else")
    writer.line("void *memcpy(void *to, const void *from, size_t count);")
    writer.line("void *memset(void *to, int byte, size_t count);")
    writer.line("#endif")
  }

  /// What tells whether a call can have threads, before any header is read.
  private static func threads(_ plan: ModelPlan, into writer: inout CWriter) {
    writer.comment("Threads are the system's; without them, or atomic words, a call has but one.")
    writer.line("#if (defined(__unix__) || defined(__APPLE__)) && defined(__GNUC__) && \\")
    writer.line("    !defined(__TINYC__) && !defined(RONDO_ONE_THREAD)")
    writer.line("#define THREADED 1")
    writer.line("#ifndef _POSIX_C_SOURCE")
    writer.line("#define _POSIX_C_SOURCE 200809L")
    writer.line("#endif")
    writer.line("#include <fenv.h>")
    writer.line("#include <pthread.h>")
    writer.line("#include <signal.h>")
    writer.line("#include <unistd.h>")
    writer.line("#else")
    writer.line("#define THREADED 0")
    writer.line("#endif")
    writer.line()
  }

  private static func helpers(into writer: inout CWriter) {
    writer.section("rows")
    writer.comment("How many vectors make the 16 parts that a row is summed in.")
    writer.line("#define PARTS (16 / LANES)")
    writer.line()
    writer.comment("So many bytes into a block, as elements.")
    writer.line("#define PLACE(type, block, offset) \\")
    writer.line("  ((type *)(void *)((unsigned char *)(block) + (offset)))")
    writer.line()
    writer.comment("The first lanes of memory, the others 0.")
    writer.block("INLINE vector load_lanes(const float *from, int lanes) {") {
      $0.line("return lanes == LANES ? load(from) : load_part(from, lanes);")
    }
    writer.line()
    writer.comment("Stores the first lanes.")
    writer.block("INLINE void store_lanes(float *to, vector v, int lanes) {") { writer in
      writer.block("if (lanes == LANES) {", closing: "} else {") { $0.line("store(to, v);") }
      writer.indented { $0.line("store_part(to, v, lanes);") }
      writer.line("}")
    }
    writer.line()
    writer.comment("The place that a sum comes to when divided, of so many; -1 if there is none.")
    writer.list(
      "INLINE UNUSED int32_t place_on_line(",
      ["ptrdiff_t sum", "ptrdiff_t divisor", "ptrdiff_t limit"],
      ") {"
    )
    writer.indented { writer in
      writer.line("if (sum < 0 || sum % divisor != 0 || sum / divisor >= limit) return -1;")
      writer.line("return (int32_t)(sum / divisor);")
    }
    writer.line("}")
    writer.line()
    writer.comment(
      "Adds columns of a row to the row of a table that a token names; `none` names none."
    )
    writer.list(
      "UNUSED static void add_row(",
      [
        "float *table", "int32_t token", "ptrdiff_t width", "const float *row", "ptrdiff_t first",
        "ptrdiff_t end",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.line("if (token < 0) return;")
      writer.line("table += token * width;")
      writer.block("for (ptrdiff_t i = first; i < end; i += LANES) {") { writer in
        writer.line("const int lanes = end - i < LANES ? (int)(end - i) : LANES;")
        writer.line(
          "store_lanes(table + i, add(load_lanes(table + i, lanes), load_lanes(row + i, lanes)), lanes);"
        )
      }
    }
    writer.line("}")
    writer.line()
    writer.comment("Makes columns of a table 0.")
    writer.list(
      "UNUSED static void clear_columns(",
      ["float *table", "ptrdiff_t rows", "ptrdiff_t width", "ptrdiff_t first", "ptrdiff_t end"],
      ") {"
    )
    writer.indented { writer in
      writer.block("for (ptrdiff_t row = 0; row < rows && first < end; row += 1) {") {
        $0.line("memset(table + row * width + first, 0, (size_t)(end - first) * sizeof(float));")
      }
    }
    writer.line("}")
    writer.line()
  }
}
