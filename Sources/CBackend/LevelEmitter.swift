internal import GraphIR
internal import Lowering

/// Writes how one file serves several levels of processors in one library.
///
/// The file is compiled once for each level, with `NAME_LEVEL` the level's name, which gives the entries
/// alone under names of their own; and once with `NAME_LEVELS`, which gives all else, and entries that
/// call those of the highest level the processor has. By itself it is both.
package struct LevelEmitter {
  /// The levels, from the lowest on, and how compilers call them.
  package static let levels = ["v2", "v3", "v4"]

  private let plan: ModelPlan
  private let interface: InterfaceEmitter

  init(_ plan: ModelPlan, _ interface: InterfaceEmitter) {
    self.plan = plan
    self.interface = interface
  }

  private var prefix: String { plan.prefix }
  private var macro: String { plan.macro }

  /// The functions that are chosen among: their names here, in a level, and their parameters.
  private var entries: [(name: String, short: String, parameters: [String])] {
    let call = ["const \(prefix)_context *context", "const \(prefix)_call *call"]
    var all = (interface.entries + plan.writtenOut).map { program in
      let name = "run_" + ProgramEmitter.call(of: program)
      return (name: name, short: name, parameters: call)
    }
    if plan.generation != nil {
      let parameters = call + ["const \(prefix)_generation *generation"]
      all.append((name: "\(prefix)_generate", short: "generate", parameters: parameters))
    }
    return all
  }

  /// Writes the entries, which a level has, and what is shown, which it has not.
  func emit(
    into writer: inout CWriter,
    entries: (inout CWriter) -> Void,
    shown: (inout CWriter) -> Void
  ) {
    if plan.isEmbedded {
      writer.line("#define ENTRY static")
      writer.line()
      entries(&writer)
      return shown(&writer)
    }
    writer.section("levels of processors")
    writer.comment(
      "By itself this file is a whole model for whatever processor it is compiled for. A library for "
        + "several is made of it compiled for each level, with \(macro)_LEVEL the level's name, which "
        + "gives the entries alone, and once with \(macro)_LEVELS, which gives the rest and chooses."
    )
    writer.line("#ifdef \(macro)_LEVEL")
    writer.line("#define ENTRY")
    writer.line("#define LEVEL_JOIN(name, level) \(prefix)_##name##_##level")
    writer.line("#define LEVEL_NAME(name, level) LEVEL_JOIN(name, level)")
    for entry in self.entries {
      writer.line("#define \(entry.name) LEVEL_NAME(\(entry.short), \(macro)_LEVEL)")
    }
    writer.line("#else")
    writer.line("#define ENTRY static")
    writer.line("#endif")
    writer.line()
    writer.line("#ifndef \(macro)_LEVELS")
    entries(&writer)
    writer.line("#else")
    writer.line()
    emitChoice(into: &writer)
    writer.line("#endif")
    writer.line()
    writer.line("#ifndef \(macro)_LEVEL")
    shown(&writer)
    writer.line()
    writer.line("#endif")
  }

  private func emitChoice(into writer: inout CWriter) {
    writer.comment("An entry that calls its like of the highest level that the processor has.")
    writer.line("#define CHOOSE(linkage, function, name, parameters, arguments) \\")
    for level in Self.levels {
      writer.line("  \(prefix)_status \(prefix)_##name##_\(level) parameters; \\")
    }
    writer.line("  linkage \(prefix)_status function parameters { \\")
    for level in Self.levels.dropFirst().reversed() {
      writer.line("    if (__builtin_cpu_supports(\"x86-64-\(level)\")) \\")
      writer.line("      return \(prefix)_##name##_\(level) arguments; \\")
    }
    writer.line("    return \(prefix)_##name##_\(Self.levels[0]) arguments; \\")
    writer.line("  }")
    for entry in entries {
      let arguments = entry.parameters.map(CText.declared).joined(separator: ", ")
      writer.list(
        "CHOOSE(",
        [
          entry.name == entry.short ? "static" : "/* shown */", entry.name, entry.short,
          "(" + entry.parameters.joined(separator: ", ") + ")", "(" + arguments + ")",
        ],
        ")"
      )
    }
    writer.line()
  }
}
