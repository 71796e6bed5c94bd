internal import GraphIR
internal import Lowering

/// How a model checks itself on the machine that it came to.
extension InterfaceEmitter {
  /// Writes what the check's page is, and the functions that fill it.
  func declareSelfTest(into writer: inout CWriter) {
    writer.line()
    writer.verbatim(named(PackageResources.SelfTest_h))
    writer.line()
    writer.comment("How much memory selftest needs, in bytes.")
    writer.line("\(macro)_SHOWN size_t \(prefix)_selftest_bytes(void);")
    writer.line()
    writer.comment(
      "Checks the model on this machine: gradients against differences of the loss, step against infer, "
        + "the workers' threads, if any are given, against one, arithmetic against stored answers. "
        + "Works in so much memory of the caller's, aligned to \(macro)_ALIGNMENT, and in no context; "
        + "the weights are the library's own, or drawn. The status says whether it was called rightly, "
        + "the page what failed."
    )
    writer.list(
      "\(macro)_SHOWN \(prefix)_status \(prefix)_selftest(",
      [
        "\(prefix)_workers *workers", "void *memory", "size_t bytes", "\(prefix)_report *report",
      ],
      ");"
    )
  }

  /// Writes the checks, generic over the table, and those of the file's own functions.
  func emitSelfTest(into writer: inout CWriter) {
    writer.line()
    writer.comment(
      "1: the definition stops gradients, so differences of the loss are not its gradients."
    )
    writer.line("#define STOPS_GRADIENTS \(plan.stopsGradients ? 1 : 0)")
    writer.line("#define CHECKS_LOOPS \(plan.writtenOut.isEmpty ? 0 : 1)")
    for (name, entry) in [("INFER", Entry.infer), ("GRADIENTS", .gradients)]
    where !plan.writtenOut.isEmpty {
      let program = plan.writtenOut.first { $0.entry == entry }
      let run = program.map { "run_" + ProgramEmitter.call(of: $0) } ?? "NULL"
      writer.line("#define WRITTEN_OUT_\(name) \(run)")
    }
    writer.line()
    writer.verbatim(named(PackageResources.Trial_h))
    writer.line()
    writer.verbatim(named(PackageResources.Checks_h))
    writer.line()
    if !plan.writtenOut.isEmpty {
      writer.verbatim(named(PackageResources.Loops_h))
      writer.line()
    }
    writer.verbatim(named(PackageResources.Arithmetic_h))
  }
}
