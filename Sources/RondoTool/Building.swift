internal import ModelRuntime
internal import Rondo

/// What `train`, `build` and `bench` do alike: from the words to a compiled model.
struct Building {
  /// How the definition is compiled.
  var options: Compiler.Options
  /// Which C compiler was asked for.
  var compiler: String?
  /// How the C is compiled.
  var cOptions: CCompiler.Options
  /// What is to be seen on the way, and what each part took.
  var trace: Trace
  /// Whether what each part took is said.
  private let saysTimes: Bool
  /// The process's side.
  private let setting: Setting

  /// The options that `init` reads.
  static let optionTable: [Option] = [
    .size, .batch, .math, .unroll, .memory, .store, .compiler, .compilerFlag, .processor,
    .printAfter,
    .timePasses,
  ]

  /// Reads the options.
  init(
    _ arguments: Arguments,
    _ setting: Setting,
    batch: Int
  ) throws(UsageError) {
    options = Compiler.Options(
      sizes: try arguments.sizes(),
      batch: try arguments.int(.batch, in: 1...1_000_000) ?? batch,
      arithmetic: try arguments.choice(.math, Compiler.Arithmetic.self)
        ?? Self.arithmetic(for: arguments.text(.processor) ?? "native"),
      unrolling: try Self.unrolling(arguments),
      memory: try arguments.bytes(.memory)
    )
    options.store = try arguments.choice(.store, Compiler.Store.self) ?? .float32
    compiler = arguments.text(.compiler)
    cOptions = CCompiler.Options()
    if let name = arguments.text(.processor) { cOptions.cpu = name }
    cOptions.flags = arguments.all(.compilerFlag)
    for flag in cOptions.flags {
      guard let trouble = CCompiler.trouble(withFlag: flag) else { continue }
      throw UsageError("--cc-flag cannot be \(quoted(flag)): \(trouble)")
    }
    let pass = arguments.text(.printAfter)
    if let pass, pass != "all", !Trace.passNames.contains(pass) {
      let names = Trace.passNames.joined(separator: ", ")
      throw UsageError("there is no pass \(quoted(pass)), there are \(names) and all")
    }
    trace = Trace(printAfter: pass, tell: setting.console.note)
    saysTimes = arguments.has(.timePasses)
    self.setting = setting
  }

  /// Fast where the processor has a fused multiply-add; elsewhere it would be calculated in steps, many
  /// times slower, for the same bits.
  private static func arithmetic(for processor: String) -> Compiler.Arithmetic {
    switch processor {
    case "native":
      let isX86 =
        Platform.processorFeatures.contains("sse4_1") || Platform.processorFeatures.contains("pni")
      return isX86 && !Platform.processorFeatures.contains("fma") ? .strict : .fast
    case "x86-64", "x86-64-v2": return .strict
    default: return .fast
    }
  }

  /// The value of `--unroll`.
  static func unrolling(_ arguments: Arguments) throws(UsageError) -> Compiler.Unrolling {
    switch arguments.text(.unroll) {
    case nil, "auto"?: return .auto
    case "full"?: return .full
    case let text?:
      if let steps = Int(text), (1...100_000).contains(steps) { return .steps(steps) }
      throw UsageError("--unroll takes auto, full or a number of steps, not \(quoted(text))")
    }
  }

  /// The C of a definition.
  mutating func generate(_ definition: Definition) throws -> GeneratedModel {
    try Compiler(options: options).generate(definition, trace: &trace)
  }

  /// The library, from the cache if there is a place for one; if there is none, says why.
  mutating func compile(_ model: GeneratedModel) throws -> (artifact: Artifact, wasCached: Bool) {
    let cache: ArtifactCache
    let environment = setting.environment
    do {
      cache = try ArtifactCache(folder: ArtifactCache.location(environment: environment))
    } catch {
      setting.console.note("rondo: nothing is kept for the next time: \(error.message)\n")
      if let hint = error.hint { setting.console.note("  hint: \(hint)\n") }
      let compiler = try CCompiler.find(option: compiler, environment: environment)
      return (try compileAnew(model, compiler), false)
    }
    let compiler = try CCompiler.find(option: compiler, environment: environment, cache: cache)
    let start = Platform.now
    let found = try keepingFaults(of: model, compiler) {
      try cache.artifact(of: model, compiler: compiler, options: cOptions)
    }
    trace.add(found.wasCached ? "cache" : "compiling C", seconds: Platform.now - start)
    return (found.artifact, found.wasCached)
  }

  /// A model with the weights of a file for its library's own.
  ///
  /// They are read by a library of this machine's, so the compiler of `--cc`, which may be for another, is
  /// asked only where there is no other.
  func holding(_ model: GeneratedModel, weightsFrom path: String) throws -> GeneratedModel {
    let environment = setting.environment
    let native =
      if let own = try? CCompiler.find(environment: environment) { own } else {
        try CCompiler.find(option: compiler, environment: environment)
      }
    return try Interruption.stopping {
      try model.holding(weightsFrom: path, compiler: native, scratch: Self.temporaryFolder)
    }
  }

  /// The library as an archive, for programs to link.
  func archive(_ model: GeneratedModel) throws -> [UInt8] {
    let compiler = try CCompiler.find(option: compiler, environment: setting.environment)
    return try compiler.archive(model, options: cOptions, scratch: Self.temporaryFolder)
  }

  /// What one core of this machine can do at most.
  func peak() throws -> Peak {
    let compiler = try CCompiler.find(option: compiler, environment: setting.environment)
    return try Platform.pinned(toProcessors: 1) { _ in try Peak(by: compiler) }
  }

  /// What a program gets from an archive; nil where nothing says.
  func sizes(ofArchive bytes: [UInt8]) throws -> CCompiler.Sizes? {
    let compiler = try CCompiler.find(option: compiler, environment: setting.environment)
    return try compiler.sizes(ofArchive: bytes, scratch: Self.temporaryFolder)
  }

  /// The library, compiled here and now.
  mutating func compileAnew(_ model: GeneratedModel) throws -> Artifact {
    try compileAnew(
      model,
      CCompiler.find(option: compiler, environment: setting.environment)
    )
  }

  /// The library, compiled here and now by that compiler.
  private mutating func compileAnew(
    _ model: GeneratedModel,
    _ compiler: CCompiler
  ) throws -> Artifact {
    let library = try keepingFaults(of: model, compiler) {
      try compiler.compile(
        model.source,
        header: model.header,
        name: model.name,
        weights: model.weights,
        options: cOptions,
        scratch: Self.temporaryFolder
      )
    }
    trace.add("compiling C", seconds: library.seconds)
    return Artifact(model, library)
  }

  /// Compiles C; what the compiler refuses is kept, to be seen again.
  private func keepingFaults<Result>(
    of model: GeneratedModel,
    _ compiler: CCompiler,
    _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try Interruption.stopping(body)
    } catch let error as RuntimeError {
      let reproducer = Reproducer(
        error,
        of: model,
        by: compiler,
        options: cOptions,
        scratch: Self.temporaryFolder
      )
      guard let reproducer else { throw error }
      var told = error
      told.hint = setting.keep(reproducer) { "to see it again: sh \(shellWord($0))/compile.sh" }
      throw told
    }
  }

  /// Says what each part of the compiler took, if that was asked for.
  func sayTimes() {
    if saysTimes { setting.console.note(trace.table) }
  }

  /// Where things are made for a moment.
  private static let temporaryFolder = "/tmp"
}

extension Manifest {
  /// How many numbers the weights are.
  var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

extension Building {
  /// Opens an artifact that stands in no folder yet.
  func open(_ artifact: Artifact) throws(RuntimeError) -> CompiledModel {
    let folder = try Platform.makePrivateFolder(in: Self.temporaryFolder)
    defer { try? Platform.remove(folder) }
    try artifact.write(to: folder)
    return try CompiledModel(folder: folder, name: artifact.name, scratch: Self.temporaryFolder)
  }
}
