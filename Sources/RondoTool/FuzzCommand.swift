internal import Dispatch
internal import ModelRuntime
internal import Rondo
internal import Synchronization

extension Command {
  /// `rondo fuzz`: random models, compiled and held against the interpreter.
  static let fuzz = Command(
    name: "fuzz",
    operands: "[CASE.graph ...]",
    operandCount: 0...1000,
    summary: "compiles random models, or kept cases, and holds them against the interpreter",
    options: [
      count, .seed, keep, jobs, listing, .entries, .compiler, compilers, sanitize, functions, every,
    ],
    example: "rondo fuzz --count 1000 --seed 1"
  ) { arguments, setting in
    let total = UInt64(try arguments.int(count, in: 1...100_000_000) ?? 100)
    let seed = try arguments.seed() ?? 0
    let workers = try arguments.int(jobs, in: 1...1024) ?? 1
    if arguments.has(functions) { return try sweep(arguments, setting, workers) }
    let everyCompiler = try arguments.choice(compilers, CompilerChoice.self) == .all
    let watchers = try watchers(arguments)
    var fuzzer =
      everyCompiler || !watchers.isEmpty
      ? try Fuzzer(
        seed: seed,
        everyCompiler: everyCompiler,
        watchers: watchers,
        environment: setting.environment
      )
      : try Fuzzer(
        seed: seed,
        compiler: arguments.text(.compiler),
        environment: setting.environment
      )
    fuzzer.entries = try arguments.entries()
    if !arguments.operands.isEmpty {
      return try again(arguments.operands, fuzzer, setting.console)
    }
    if arguments.has(listing) {
      for number in 0..<total { setting.console.write(fuzzer.definition(number)) }
      return 0
    }
    let campaign = Campaign(
      fuzzer: fuzzer,
      seed: seed,
      total: total,
      folder: arguments.text(keep) ?? "fuzz-failures",
      console: setting.console
    )
    setting.console.line("\(total) models from seed \(seed), C by \(fuzzer.compilers)")
    Interruption.listen()
    DispatchQueue.concurrentPerform(iterations: workers) { worker in campaign.work(worker) }
    let report = campaign.report.withLock { $0 }
    if setting.console.isTerminal { setting.console.note("\r\u{1b}[K") }
    if let error = campaign.error.withLock({ $0 }) { throw error }
    setting.console.write("\n" + report.table + "\n")
    setting.console.line(report.summary)
    if Interruption.isAsked { return 130 }
    return report.failures.isEmpty ? 0 : 1
  }

  /// Checks kept cases.
  private static func again(
    _ paths: [String],
    _ fuzzer: Fuzzer,
    _ console: Console
  ) throws(RuntimeError) -> Int32 {
    var code: Int32 = 0
    for path in paths {
      let bytes = try Platform.read(path, limit: 1 << 20)
      let failures = try fuzzer.failures(ofCase: String(decoding: bytes, as: UTF8.self))
      for failure in failures { console.line("\(path): \(failure)") }
      if failures.isEmpty { console.line("\(path): as it should be") } else { code = 1 }
    }
    return code
  }

  /// Measures the elementary functions.
  private static func sweep(
    _ arguments: Arguments,
    _ setting: Setting,
    _ workers: Int
  ) throws -> Int32 {
    let sweep = try FunctionSweep(
      every: UInt64(try arguments.int(every, in: 1...1 << 31) ?? 1),
      compiler: CCompiler.find(
        option: arguments.text(.compiler),
        environment: setting.environment
      )
    )
    let wanted = arguments.operands
    let all = FunctionSweep.Function.allCases.filter {
      wanted.isEmpty || wanted.contains($0.rawValue)
    }
    guard !all.isEmpty else {
      let names = FunctionSweep.Function.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("fuzz --functions takes some of \(names)")
    }
    Interruption.listen()
    var reports: [FunctionReport] = []
    for function in all {
      let parts = Mutex<[FunctionReport?]>(Array(repeating: nil, count: sweep.parts))
      let next = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while !Interruption.isAsked {
          let part = next.add(1, ordering: .relaxed).oldValue
          guard part < sweep.parts else { return }
          let report = sweep.measure(function, part: part)
          parts.withLock { $0[part] = report }
          if setting.console.isTerminal {
            setting.console.note("\r\(function.rawValue) \(part + 1) of \(sweep.parts)\u{1b}[K")
          }
        }
      }
      if Interruption.isAsked { return 130 }
      var whole = FunctionReport(function: function)
      for part in parts.withLock({ $0 }) { part.map { whole.add($0) } }
      reports.append(whole)
    }
    if setting.console.isTerminal { setting.console.note("\r\u{1b}[K") }
    setting.console.write(FunctionReport.table(reports))
    let failures = reports.flatMap(\.failures)
    for failure in failures { setting.console.line(failure) }
    return failures.isEmpty ? 0 : 1
  }

  /// Which compilers a model is compiled by.
  private enum CompilerChoice: String, CaseIterable {
    case usual, all
  }
  /// All of them.
  private static let compilers = Option(
    "--compilers",
    "usual|all",
    help: "all: each model by gcc and clang at three levels and by tcc (default usual)"
  )
  /// Tools that watch memory.
  private static let sanitize = Option(
    "--sanitize",
    "all|NAME,...",
    help: "watches the memory of each model alone, as far as there are tools for it: "
      + watcherNames
  )
  private static let watcherNames =
    ModelExercise.Watcher.allCases.map(\.rawValue).joined(separator: ", ")

  /// Those that `--sanitize` names.
  private static func watchers(
    _ arguments: Arguments
  ) throws(UsageError) -> [ModelExercise.Watcher] {
    guard let text = arguments.text(sanitize) else { return [] }
    if text == "all" { return ModelExercise.Watcher.allCases }
    var chosen: [ModelExercise.Watcher] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let watcher = ModelExercise.Watcher(rawValue: String(name)) else {
        throw UsageError(
          "--sanitize takes all, or some of \(watcherNames), not \(quoted(String(name)))"
        )
      }
      chosen.append(watcher)
    }
    return chosen
  }
  /// The functions instead.
  private static let functions = Option(
    "--functions",
    help: "measures the elementary functions instead: all, or those named as operands"
  )
  /// Fewer floats.
  private static let every = Option(
    "--every",
    "N",
    help: "with --functions, tries every Nth float (default 1: all of them)"
  )
  /// How many models.
  private static let count = Option("--count", "N", help: "how many models (default 100)")
  /// Where failures are kept.
  private static let keep = Option(
    "--keep",
    "DIR",
    help: "the folder that failures are written to, shrunk (default fuzz-failures)"
  )
  /// How many are checked at a time.
  private static let jobs = Option("--jobs", "K", help: "models checked at a time (default 1)")
  /// Showing instead.
  private static let listing = Option("--list", help: "writes the models and checks nothing")
}

/// A run over many models by several threads.
private final class Campaign: Sendable {
  /// What was found so far.
  let report = Mutex(FuzzReport())
  /// Why failures could not be written.
  let error = Mutex<RuntimeError?>(nil)
  private let next = Atomic<UInt64>(0)
  private let fuzzer: Fuzzer
  private let seed: UInt64
  private let total: UInt64
  private let folder: String
  private let console: Console

  /// Prepares a run.
  init(fuzzer: Fuzzer, seed: UInt64, total: UInt64, folder: String, console: Console) {
    self.fuzzer = fuzzer
    self.seed = seed
    self.total = total
    self.folder = folder
    self.console = console
  }

  /// Checks models until there are no more.
  func work(_ worker: Int) {
    while !Interruption.isAsked, error.withLock({ $0 == nil }) {
      let number = next.add(1, ordering: .relaxed).oldValue
      guard number < total else { return }
      do {
        try check(number, worker)
      } catch {
        self.error.withLock { $0 = error }
      }
    }
  }

  private func check(_ number: UInt64, _ worker: Int) throws(RuntimeError) {
    // Should the process die of what it runs, the model is there to be looked at.
    let running = Platform.join(folder, "running-\(worker).graph")
    try Platform.makeFolder(folder)
    try Platform.replace(running, with: Array(fuzzer.definition(number).utf8))
    let its = fuzzer.check(number)
    try Platform.remove(running)
    for failure in its.failures {
      let path = Platform.join(folder, "seed_\(seed &+ failure.number).graph")
      try Platform.replace(path, with: Array(failure.file.utf8))
      console.line("\(path): \(failure.line)")
    }
    let done = report.withLock {
      $0.add(its)
      return $0.models
    }
    if console.isTerminal { console.note("\r\(done) of \(total)\u{1b}[K") }
  }
}
