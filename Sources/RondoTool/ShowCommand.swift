internal import Rondo

extension Command {
  /// `rondo show`: a definition at a stage of its way through the compiler.
  static let show = Command(
    name: "show",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "prints a definition at a stage of its way through the compiler",
    options: [
      emit, from, entry, .size, .batch, .math, .unroll, .memory, .printAfter, .timePasses,
    ],
    example: "rondo show graphs/char_lm.graph --emit optimized --size letters=64"
  ) { arguments, setting in
    guard let stage = try arguments.choice(emit, Compiler.Stage.self) else {
      throw UsageError("show needs \(emit.usage)")
    }
    guard arguments.text(entry) == nil || [.program, .memory].contains(stage) else {
      throw UsageError("--entry goes with --emit program and --emit memory")
    }
    let first = try arguments.choice(from, Compiler.Stage.self)
    var building = try Building(arguments, setting, batch: 1)
    let text = try Compiler(options: building.options).show(
      Definition(path: arguments.operands[0]),
      stage: stage,
      from: first,
      entry: arguments.text(entry),
      trace: &building.trace
    )
    setting.console.write(text.hasSuffix("\n") ? text : text + "\n")
    building.sayTimes()
    return 0
  }

  /// Which stage is printed.
  private static let emit = Option(
    "--emit",
    "STAGE",
    help: "the stage: " + Compiler.Stage.allCases.map(\.rawValue).joined(separator: ", ")
      + "; memory is a picture, in SVG"
  )
  /// Which stage is read.
  private static let from = Option(
    "--from",
    "STAGE",
    help: "the file is a printed graph of this stage, not a definition"
  )
  /// Which entry's programs are printed.
  private static let entry = Option(
    "--entry",
    "NAME",
    help: "of programs and memory, those of one entry alone"
  )
}
