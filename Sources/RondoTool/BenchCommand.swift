internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo bench`: how fast an entry is.
  static let bench = Command(
    name: "bench",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "times an entry of a model on random inputs",
    options: [entry] + Building.optionTable + [.threads, seconds, json],
    example: "rondo bench graphs/char_lm.graph --entry train --batch 32 --size letters=64"
  ) { arguments, setting in
    let name = try arguments.choice(entry, Compiler.EntryChoice.self) ?? .train
    let time = try arguments.number(seconds, in: 0.01...3600) ?? 3
    var building = try Building(arguments, setting, batch: 1)
    // What is not timed would only make the C compiler slower.
    building.options.entries = [name]
    let threads = try arguments.threads()
    let definition = try Definition(path: arguments.operands[0])
    let start = Platform.now
    let model = try building.generate(definition)
    let artifact = try building.compileAnew(model)
    let compiled = Platform.now - start
    building.sayTimes()
    let session = try Session(building.open(artifact), threads: threads)
    let measurement = Measurement(
      of: artifact.manifest,
      entry: name.rawValue,
      threads: threads,
      times: try session.time(name.rawValue, seconds: time),
      compileSeconds: compiled,
      sourceBytes: artifact.source.count,
      libraryBytes: artifact.library.count
    )
    switch arguments.text(json) {
    case nil: setting.console.line(measurement.line)
    case "-"?: setting.console.line(try measurement.json)
    case let path?: try Platform.replace(path, with: Array((try measurement.json + "\n").utf8))
    }
    return 0
  }

  /// Which entry.
  private static let entry = Option(
    "--entry",
    "ENTRY",
    help: "train, infer, step, gradients, evaluate, ... (default train)"
  )
  /// How long.
  private static let seconds = Option(
    "--seconds",
    "S",
    help: "how long calls are timed (default 3)"
  )
  /// As JSON.
  private static let json = Option(
    "--json",
    "-|FILE",
    help: "one JSON object, to the screen or a file"
  )
}
