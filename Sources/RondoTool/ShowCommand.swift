internal import Rondo

extension Command {
  /// `rondo show`: a definition at a stage of its way through the compiler.
  static let show = Command(
    name: "show",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "prints a definition at a stage of its way through the compiler",
    options: [
      emit, from, .size, .batch, .math, .unroll, printAfter, timePasses,
    ],
    example: "rondo show graphs/char_lm.graph --emit optimized --size letters=64"
  ) { arguments, setting in
    guard let stage = try arguments.choice(emit, Compiler.Stage.self) else {
      throw UsageError("show needs \(emit.usage)")
    }
    let first = try arguments.choice(from, Compiler.Stage.self)
    let building = try Building(arguments, environment: setting.environment, batch: 1)
    let text = try Compiler(options: building.options).show(
      Definition(path: arguments.operands[0]),
      stage: stage,
      from: first,
      printAfter: arguments.text(printAfter),
      timePasses: arguments.has(timePasses)
    )
    setting.console.write(text.hasSuffix("\n") ? text : text + "\n")
    return 0
  }

  /// Which stage is printed.
  private static let emit = Option(
    "--emit",
    "STAGE",
    help: "the stage: " + Compiler.Stage.allCases.map(\.rawValue).joined(separator: ", ")
  )
  /// Which stage is read.
  private static let from = Option(
    "--from",
    "STAGE",
    help: "the file is a printed graph of this stage, not a definition"
  )
  /// Passes whose result is printed on the way.
  private static let printAfter = Option(
    "--print-after",
    "PASS|all",
    help: "print the graph after a pass that changed it"
  )
  /// Times of passes.
  private static let timePasses = Option("--time-passes", help: "say how long each pass took")
}
