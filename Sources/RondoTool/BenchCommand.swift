internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo bench`: how fast an entry is.
  static let bench = Command(
    name: "bench",
    operands: "FILE.graph | --suite DIR",
    operandCount: 0...1,
    summary: "times an entry of a model on random inputs",
    options: [entry] + Building.optionTable
      + [
        .threads, .seconds, fill, .jsonFile, profile,
        .suite, .peer, .rounds, .only,
      ],
    example: "rondo bench graphs/char_lm.graph --entry train --batch 32 --size letters=64"
  ) { arguments, setting in
    if let folder = arguments.text(.suite) {
      guard arguments.operands.isEmpty else {
        throw UsageError("bench takes a definition or --suite, not both")
      }
      for option in ofOne where arguments.has(option) {
        throw UsageError("\(option.name) is for one definition, and goes not with --suite")
      }
      return try SuiteRun(arguments: arguments, setting: setting).run(folder: folder)
    }
    guard let path = arguments.operands.first else {
      throw UsageError("bench needs a definition, or --suite DIR")
    }
    for option in [Option.peer, .rounds, .only] where arguments.has(option) {
      throw UsageError("\(option.name) goes with --suite")
    }
    let name = try arguments.choice(entry, Compiler.EntryChoice.self) ?? .train
    let time = try arguments.number(.seconds, in: 0.01...3600) ?? 3
    var building = try Building(arguments, setting, batch: 1)
    // What is not timed would only make the C compiler slower.
    building.options.entries = [name]
    let threads = try arguments.threads()
    let fill = try (arguments.number(fill, in: 1...100) ?? 100) / 100
    building.options.profiles = arguments.has(profile)
    if building.options.profiles, threads > 1 {
      throw UsageError("--profile is for one thread")
    }
    let definition = try Definition(path: path)
    let start = Platform.now
    let model = try building.generate(definition)
    guard fill == 1 || model.manifest.axes.contains(where: { $0.given == 1 }) else {
      throw UsageError(
        "--fill is for axes that a call gives lengths of, and \(model.name) has none, declare one as: "
          + "axis NAME <= N"
      )
    }
    let artifact = try building.compileAnew(model)
    let compiled = Platform.now - start
    building.sayTimes()
    let session = try Session(building.open(artifact), threads: threads)
    if building.options.profiles {
      let peak = try building.peak()
      let (calls, before, after) = try session.profile(name.rawValue, seconds: time, fill: fill)
      let table = ProfileTable(
        before: before,
        after: after,
        calls: calls,
        peak: peak,
        definition: definition
      )
      setting.console.write(table.text)
      setting.console.line("this machine: \(peak.text)")
      if fill < 1 { setting.console.line("work counts what stands past rows' ends too") }
      return 0
    }
    let times = try session.time(name.rawValue, seconds: time, fill: fill)
    let measurement = Measurement(
      of: artifact.manifest,
      entry: name.rawValue,
      threads: threads,
      times: times,
      compileSeconds: compiled,
      sourceBytes: artifact.source.count,
      libraryBytes: artifact.library.count
    )
    switch arguments.text(.jsonFile) {
    case nil: setting.console.line(measurement.line)
    case "-"?: setting.console.line(try measurement.json)
    case let path?: try Platform.replace(path, with: Array((try measurement.json + "\n").utf8))
    }
    return 0
  }

  /// What a suite's definitions say themselves, or what is for one alone.
  private static let ofOne =
    [entry, fill, profile] + Building.optionTable.filter { $0 != .compiler }

  /// Which entry.
  private static let entry = Option(
    "--entry",
    "ENTRY",
    help: "train, infer, step, gradients, evaluate, ... (default train)"
  )

  /// How much is padding.
  private static let fill = Option(
    "--fill",
    "PERCENT",
    help: "rows have lengths of their own, drawn so that about so many of the positions count "
      + "(default 100)"
  )

  /// Where the time goes.
  private static let profile = Option(
    "--profile",
    help: "says for each statement how long it takes, how much it does, and which line asks for it"
  )
}
