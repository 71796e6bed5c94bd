internal import GraphIR
public import ModelRuntime

/// Checks random models: each is compiled and held against the interpreter.
///
/// Model number n of seed s is the one that number 0 of seed s + n is, so that one line tells all
/// that is needed to see it again.
public struct Fuzzer: Sendable {
  /// One model in so many is compiled by the system's own compiler, where a faster one does the rest.
  private static let slowShare: UInt64 = 32
  /// How long a failure is shrunk, in seconds.
  private static let shrinkSeconds = 120.0

  private let seed: UInt64
  private var fast: FuzzRun
  private var slow: FuzzRun

  /// The entries that models have; all if none is named.
  public var entries: [Compiler.EntryChoice] {
    get { fast.entries }
    set {
      fast.entries = newValue
      slow.entries = newValue
    }
  }

  /// Finds the compilers: tcc if there is one, as it takes a tenth of the time, and the system's.
  ///
  /// - Parameters:
  ///   - seed: what all models follow from.
  ///   - compiler: the value of `--cc`; with it, all models are compiled by that one.
  ///   - environment: the environment, as far as `CC` and `PATH` go.
  /// - Throws: `RuntimeError` when there is no C compiler.
  public init(seed: UInt64, compiler: String? = nil, environment: [String: String])
    throws(RuntimeError)
  {
    let system = try CCompiler.find(option: compiler, environment: environment)
    slow = FuzzRun(compiler: system, optimization: 1)
    let tiny = compiler == nil ? try? CCompiler.find(option: "tcc", environment: environment) : nil
    var fast = FuzzRun(compiler: tiny ?? system)
    fast.threaded = FuzzRun.Build(compiler: system, optimization: 0)
    self.fast = fast
    self.seed = seed
  }

  /// Compiles every model by each of gcc and clang at -O0, -O2 and -O3 and by tcc, as far as they are
  /// installed, or runs it under tools that watch its memory, as far as those are.
  ///
  /// - Throws: `RuntimeError` when there is none of them.
  package init(
    seed: UInt64,
    everyCompiler: Bool,
    watchers: [ModelExercise.Watcher] = [],
    environment: [String: String]
  ) throws(RuntimeError) {
    var builds: [FuzzRun.Build] = []
    for name in ["gcc", "clang", "tcc"] where everyCompiler {
      guard let compiler = try? CCompiler.find(option: name, environment: environment) else {
        continue
      }
      for level in name == "tcc" ? [0] : [0, 2, 3] {
        builds.append(.init(compiler: compiler, optimization: level))
      }
    }
    let exercises = watchers.compactMap { ModelExercise($0, environment: environment) }
    guard !everyCompiler || !builds.isEmpty else {
      throw RuntimeError("there is neither gcc nor clang on the PATH")
    }
    guard watchers.isEmpty || !exercises.isEmpty else {
      throw RuntimeError("there is no compiler or tool on the PATH that watches memory as asked")
    }
    self.init(seed: seed, run: FuzzRun(builds: builds, exercises: exercises))
  }

  /// Checks models of this run: compilers and a planted fault.
  package init(seed: UInt64, run: FuzzRun) {
    self.seed = seed
    fast = run
    slow = run
  }

  /// The compilers, for a line that says what is done.
  public var compilers: String {
    func text(_ run: FuzzRun) -> String {
      let versions = run.builds.map { "\($0.compiler.version) -O\($0.optimization)" }
      return (versions + run.exercises.map(\.watcher.title)).joined(separator: "; ")
    }
    return fast.builds == slow.builds
      ? text(slow) : "\(text(fast)), one in \(Self.slowShare) by \(text(slow))"
  }

  /// The definition of a model, with a line that says what it has.
  public func definition(_ number: UInt64) -> String {
    let model = FuzzWriter.model(seed: seed &+ number)
    let features = model.features.map(\.rawValue).joined(separator: ", ")
    return "# seed \(seed &+ number): \(features)\n" + model.text
  }

  /// Checks a model, and shrinks what fails.
  public func check(_ number: UInt64) -> FuzzReport {
    let seed = seed &+ number
    let model = FuzzWriter.model(seed: seed)
    var item = FuzzCase(text: model.text, seed: seed)
    let run = seed.isMultiple(of: Self.slowShare) ? slow : fast
    var report = FuzzReport()
    report.models = 1
    for feature in model.features { report.features[feature] = 1 }
    let failures = run.failures(of: item, report: &report)
    for kind in report.operations.keys { report.operations[kind]?.models = 1 }
    guard let failure = failures.first else { return report }
    for kind in report.operations.keys { report.operations[kind]?.failures = 1 }
    item.lengths = Self.lengths(item)
    let found = FuzzShrinker.shrink(
      .init(model: model, item: item, failure: failure),
      by: run,
      seconds: Self.shrinkSeconds
    )
    let what = "rondo fuzz --count 1 --seed \(seed) found: \(found.failure.line)"
    report.failures = [
      .init(number: number, line: found.failure.line, file: found.item.file(saying: what))
    ]
    return report
  }

  /// The lengths that a case is run at, written out.
  private static func lengths(_ item: FuzzCase) -> [String: [Int]] {
    let options = Compiler.Options(batch: item.batch)
    guard let harness = try? ModelHarness(item.text, options) else { return [:] }
    return FuzzData.lengths(of: harness.elaborated, for: item)
  }

  /// Checks a kept case again; gives what is wrong, one line each.
  ///
  /// - Throws: `RuntimeError` for a text that does not say what it is run on.
  public func failures(ofCase file: String) throws(RuntimeError) -> [String] {
    guard let item = FuzzCase(file: file) else {
      throw RuntimeError(
        "no line says what the case is run on",
        hint: "write one like: # rows 3; data 17; t 2 5 3"
      )
    }
    var report = FuzzReport()
    return fast.failures(of: item, report: &report).map(\.line)
  }
}
