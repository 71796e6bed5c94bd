internal import GraphIR
internal import GraphLanguage
internal import Lowering
internal import ModelRuntime
internal import Reference
internal import Transforms

/// Holds one definition's compiled code against the interpreter, and the interpreter against itself.
package struct FuzzRun: Sendable {
  /// A way to compile the C.
  package struct Build: Hashable, Sendable {
    /// The compiler.
    package var compiler: CCompiler
    /// How far it optimises.
    package var optimization: Int

    /// The compiler and the level.
    package var name: String { "\(Platform.split(compiler.path).name) -O\(optimization)" }
  }

  /// The ways the C is compiled, each held against the interpreter.
  package var builds: [Build]
  /// The way it is compiled to run on several threads, if that is another.
  package var threaded: Build?
  /// Who watches the model's memory.
  package var exercises: [ModelExercise] = []
  /// The entries that models have; all if none is named.
  package var entries: [Compiler.EntryChoice] = []
  /// A planted fault.
  package var fault: PlantedFault?

  /// Uses some compilers.
  package init(builds: [Build], exercises: [ModelExercise] = []) {
    self.builds = builds
    self.exercises = exercises
  }

  /// Uses a compiler.
  package init(compiler: CCompiler, optimization: Int = 0, fault: PlantedFault? = nil) {
    builds = [Build(compiler: compiler, optimization: optimization)]
    self.fault = fault
  }

  /// How far folded constants, which are Floats, may move a result that is computed in Double.
  private static let folding = 1e-5
  /// How many elements of gradients are held against differences.
  private static let sampled = 3

  /// All that is wrong with a case; `only` asks for one check alone.
  package func failures(
    of item: FuzzCase,
    only: FuzzFailure.Check? = nil,
    report: inout FuzzReport
  ) -> [FuzzFailure] {
    var failures: [FuzzFailure] = []
    let harness: ModelHarness
    let options = options(for: item, .strict)
    do {
      harness = try ModelHarness(item.text, options, fault: fault)
    } catch {
      if let reason = Self.unsupported(error) {
        report.unsupported[reason, default: 0] += 1
        return []
      }
      return [FuzzFailure(check: .compiles, message: Self.text(error))]
    }
    func run(
      _ check: FuzzFailure.Check,
      _ body: () throws -> [FuzzFailure]
    ) {
      guard only == nil || only == check || only == .compiles else { return }
      do {
        failures += try body()
      } catch {
        if let reason = Self.unsupported(error) {
          report.unsupported[reason, default: 0] += 1
        } else {
          failures.append(FuzzFailure(check: .compiles, message: "\(check): " + Self.text(error)))
        }
      }
    }
    run(.bits) { try bits(item, harness, &report) }
    if item.seed % 8 == 1 { run(.threads) { try threads(item, &report) } }
    run(.memory) { try memory(harness, &report) }
    // Where memory alone is watched, what is calculated is for other runs.
    guard !builds.isEmpty else { return failures }
    run(.passes) { try passes(item, harness, &report) }
    if item.seed.isMultiple(of: 3) { run(.unrolled) { try unrolled(item, harness, &report) } }
    if !item.text.contains("stop_gradient") {
      run(.differences) { try differences(item, harness, &report) }
    }
    return failures
  }

  /// How a case is compiled.
  private func options(for item: FuzzCase, _ arithmetic: Compiler.Arithmetic) -> Compiler.Options {
    var options = Compiler.Options(batch: item.batch, arithmetic: arithmetic)
    options.entries = entries
    options.pullback = entries.isEmpty
    options.pieces = Self.pieces(item.seed)
    return options
  }

  /// Two models of three go along their axes in pieces of one to three steps, which changes no bit.
  private static func pieces(_ seed: UInt64) -> MemoryRule? {
    let steps = 1 + Int(seed / 3 % 3)
    return switch seed % 3 {
    case 0: nil
    case 1: .pieces(steps: steps, keepsTerms: true)
    default: .pieces(steps: steps, keepsTerms: false)
    }
  }

  /// What is not supported yet, without names and numbers; nothing if the error is another.
  private static func unsupported(_ error: any Error) -> String? {
    let all: [Diagnostic] =
      switch error {
      case let error as Diagnostic: [error]
      case let error as Diagnostics: error.all
      default: []
      }
    guard let first = all.first, all.allSatisfy({ $0.kind == .unsupported }) else { return nil }
    return first.message.split(separator: " ").filter { !$0.contains(where: \.isNumber) }
      .joined(separator: " ")
  }

  private static func text(_ error: any Error) -> String {
    switch error {
    case let error as Diagnostic: "\(error.span.line): \(error.message)"
    case let error as Diagnostics:
      error.all.map { "\($0.span.line): \($0.message)" }.joined(separator: "; ")
    case let error as RuntimeError: ([error.message] + error.details).joined(separator: "\n")
    default: "\(error)"
    }
  }

  // MARK: Compiled against interpreted

  /// The entries that are called.
  private static let entries: [Entry] = [
    .infer, .evaluate, .gradients, .pullback, .train, .update, .begin, .step,
  ]

  private func bits(
    _ item: FuzzCase,
    _ harness: ModelHarness,
    _ report: inout FuzzReport
  ) throws -> [FuzzFailure] {
    let generated = try harness.generated()
    let models = try builds.map { build in
      let model = try CompiledModel.built(
        generated,
        by: build.compiler,
        optimization: build.optimization
      )
      return (build: build, model: NativeModel(model, stores: harness.stores))
    }
    let names = Set(generated.manifest.entries.map(\.name))
    var failures: [FuzzFailure] = []
    for entry in Self.entries where names.contains(entry.rawValue) {
      let graph = try harness.graph(of: entry)
      let data = FuzzData.call(item, of: graph)
      var wanted = try ModelHarness.interpret(graph, data, in: Float.self)
      for variable in graph.variables where variable.kind == .state {
        // Where a state over another axis has no position, what was there stays.
        let name = "after " + variable.name
        guard let after = wanted[name], let before = data.arrays[variable.name] else { continue }
        let lengths = data.lengths(of: graph)
        let told: Tensor<Float> = graph.tensor(after, variable.type, lengths: lengths)
        wanted[name] = graph.array(told, lengths: lengths, over: before)
      }
      // A loss that is not finite updates nothing, and says so.
      if entry == .train || entry == .update,
        wanted.values.contains(where: { !$0.allSatisfy(\.isFinite) })
      {
        continue
      }
      FuzzCount.note(graph, entry, &report)
      for (build, model) in models {
        var found = try model.run(entry, data)
        fault?.result?(entry, graph, &found)
        report.comparisons += wanted.count
        let differing = Rondo.differences(found, from: wanted)
        guard !differing.isEmpty else { continue }
        let name = models.count > 1 ? build.name + ": " : ""
        let message = name + differing.joined(separator: "\n")
        failures.append(FuzzFailure(check: .bits, entry: entry, message: message))
      }
    }
    return failures
  }

  // MARK: Compiled against compiled

  /// What one thread gives and what three give, with fused arithmetic.
  private func threads(_ item: FuzzCase, _ report: inout FuzzReport) throws -> [FuzzFailure] {
    guard let build = threaded ?? builds.first else { return [] }
    let harness = try ModelHarness(item.text, options(for: item, .fast))
    let model = try NativeModel(
      .built(harness.generated(), by: build.compiler, optimization: build.optimization),
      stores: harness.stores
    )
    // A compiler without atomic operations makes models of one thread.
    guard (try? Session(model.model, threads: 3)) != nil else { return [] }
    let names = Set(model.model.manifest.entries.map(\.name))
    var failures: [FuzzFailure] = []
    for entry in Self.entries where names.contains(entry.rawValue) {
      let data = FuzzData.call(item, of: try harness.graph(of: entry))
      guard let wanted = try Self.finite({ try model.run(entry, data) }) else { continue }
      let found = try model.run(entry, data, threads: 3)
      report.comparisons += wanted.count
      let differing = Rondo.differences(found, from: wanted)
      if !differing.isEmpty {
        let message = differing.joined(separator: "\n")
        failures.append(FuzzFailure(check: .threads, entry: entry, message: message))
      }
    }
    return failures
  }

  /// What a call gives; nothing if its loss is not finite.
  private static func finite(_ call: () throws -> Arrays) throws -> Arrays? {
    do {
      return try call()
    } catch let error as RuntimeError where error.status == notFinite {
      return nil
    }
  }

  // MARK: Under tools that watch memory

  private func memory(_ harness: ModelHarness, _ report: inout FuzzReport) throws -> [FuzzFailure] {
    guard !exercises.isEmpty else { return [] }
    let generated = try harness.generated()
    var hashes: [String] = []
    for exercise in exercises {
      do {
        hashes.append(try exercise.run(generated))
        report.comparisons += 1
      } catch {
        let message = ([error.message] + error.details).joined(separator: "\n")
        return [FuzzFailure(check: .memory, message: message)]
      }
    }
    guard Set(hashes).count > 1 else { return [] }
    let all = zip(exercises, hashes).map { "\($0.watcher.title) \($1)" }
    return [FuzzFailure(check: .memory, message: "results differ: " + all.joined(separator: ", "))]
  }

  // MARK: Interpreted against interpreted

  private func passes(
    _ item: FuzzCase,
    _ harness: ModelHarness,
    _ report: inout FuzzReport
  ) throws -> [FuzzFailure] {
    var failures: [FuzzFailure] = []
    for entry in [Entry.infer, .evaluate, .gradients] {
      let graph = try harness.graph(of: entry)
      guard !graph.roots.isEmpty else { continue }
      var data = FuzzData.call(item, of: harness.elaborated, isFresh: true)
      let found = try ModelHarness.interpret(graph, data, in: Double.self)
      data.arrays["training"] = entry == .gradients ? [1] : [0]
      let wanted = try ModelHarness.interpret(harness.elaborated, data, in: Double.self)
      failures += compare(found, wanted, .passes, entry, &report)
    }
    return failures
  }

  private func unrolled(
    _ item: FuzzCase,
    _ harness: ModelHarness,
    _ report: inout FuzzReport
  ) throws -> [FuzzFailure] {
    var pipeline = Pipeline(options: harness.options, fault: fault)
    let reference = try harness.reference()
    var failures: [FuzzFailure] = []
    for entry in [Entry.infer, .gradients] {
      let graph = try harness.graph(of: entry)
      guard !graph.roots.isEmpty else { continue }
      let data = FuzzData.longest(item, of: harness.elaborated)
      let found = try ModelHarness.interpret(graph, data, in: Double.self)
      let written = try pipeline.run(Pipelines.entry(entry), on: reference)
      let wanted = try ModelHarness.interpret(written, data, in: Double.self)
      failures += compare(found, wanted, .unrolled, entry, &report)
    }
    return failures
  }

  /// Results by name that are far from those wanted.
  private func compare(
    _ found: [String: [Double]],
    _ wanted: [String: [Double]],
    _ check: FuzzFailure.Check,
    _ entry: Entry,
    _ report: inout FuzzReport
  ) -> [FuzzFailure] {
    var lines: [String] = []
    for name in found.keys.sorted() {
      guard let a = found[name], let b = wanted[name] else { continue }
      report.comparisons += 1
      let same = zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
      if same, a.count == b.count { continue }
      let error = relativeError(a, to: b, least: 1e-3)
      if error > Self.folding { lines.append("\(name): off by \(error)") }
    }
    guard !lines.isEmpty else { return [] }
    return [FuzzFailure(check: check, entry: entry, message: lines.joined(separator: "\n"))]
  }

  // MARK: Gradients against differences

  private func differences(
    _ item: FuzzCase,
    _ harness: ModelHarness,
    _ report: inout FuzzReport
  ) throws -> [FuzzFailure] {
    let graph = try harness.graph(of: .gradients)
    let data = FuzzData.call(item, of: graph)
    let gradients = try ModelHarness.interpret(graph, data, in: Double.self) {
      if case .gradient = $0.kind { true } else { false }
    }
    var random = FuzzRandom(seed: item.seed, stream: "differences")
    for _ in 0..<Self.sampled {
      guard let name = random.pick(gradients.keys.sorted()), let gradient = gradients[name],
        let weight = data.arrays[String(name.dropFirst("gradient ".count))]
      else { continue }
      let place = random.below(gradient.count)
      let step: Float = 0x1p-13
      func loss(_ shift: Float) throws -> (x: Double, y: Double) {
        var moved = data
        var array = weight
        array[place] += shift
        moved.arrays[String(name.dropFirst("gradient ".count))] = array
        let values = try ModelHarness.interpret(graph, moved, in: Double.self) { $0.kind == .loss }
        return (Double(array[place]), values.values.first?.first ?? .nan)
      }
      let (low, middle, high) = (try loss(-step), try loss(0), try loss(step))
      let before = (middle.y - low.y) / (middle.x - low.x)
      let after = (high.y - middle.y) / (high.x - middle.x)
      let slope = (high.y - low.y) / (high.x - low.x)
      // At a kink or a jump there is no slope to compare with.
      let scale = max(1e-2, abs(slope), abs(gradient[place]))
      guard slope.isFinite, abs(middle.y) < 1e6, abs(after - before) < 0.01 * scale else {
        continue
      }
      report.differences += 1
      if !(abs(slope - gradient[place]) <= 2e-3 * scale) {
        let what = "\(name)[\(place)]: \(gradient[place]), by differences \(slope)"
        return [FuzzFailure(check: .differences, entry: .gradients, message: what)]
      }
    }
    return []
  }
}

/// Counts the operations that were compared.
enum FuzzCount {
  /// Adds the operations of an entry's graph: forward, or backward if only gradients need them.
  static func note(_ graph: Graph, _ entry: Entry, _ report: inout FuzzReport) {
    switch entry {
    case .infer, .evaluate, .begin, .step:
      report.count(kinds(graph, graph.main.live(from: graph.main.results)), isBackward: false)
    case .gradients, .pullback:
      let forward = zip(graph.roots, graph.main.results).filter {
        if case .gradient = $0.0.kind { false } else { true }
      }
      let ahead = graph.main.live(from: forward.map(\.1))
      let all = graph.main.live(from: graph.main.results)
      report.count(kinds(graph, zip(all, ahead).map { $0 && !$1 }), isBackward: true)
    case .train, .update, .generate, .advance, .measures, .initialize: break
    }
  }

  private static func kinds(_ graph: Graph, _ isCounted: [Bool]) -> [OpKind] {
    graph.main.ids.filter { isCounted[Int($0.index)] }.flatMap { id -> [OpKind] in
      let op = graph.main[id].op
      guard case .scan(let scan) = op else { return [OpKind(op)] }
      return [.scan] + inside(graph[scan].body, graph)
    }
  }

  private static func inside(_ block: GraphIR.Block, _ graph: Graph) -> [OpKind] {
    block.ids.flatMap { id -> [OpKind] in
      guard case .scan(let scan) = block[id].op else { return [OpKind(block[id].op)] }
      return [.scan] + inside(graph[scan].body, graph)
    }
  }
}
