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
  /// The environment.
  var environment: [String: String]

  /// The options that `init` reads.
  static let optionTable: [Option] = [.size, .batch, .math, .unroll, .compiler, .processor]

  /// Reads the options.
  init(
    _ arguments: Arguments,
    environment: [String: String],
    batch: Int
  ) throws(UsageError) {
    options = Compiler.Options(
      sizes: try arguments.sizes(),
      batch: try arguments.int(.batch, in: 1...1_000_000) ?? batch,
      arithmetic: try arguments.choice(.math, Compiler.Arithmetic.self)
        ?? Self.arithmetic(for: arguments.text(.processor) ?? "native"),
      unrolling: try Self.unrolling(arguments)
    )
    compiler = arguments.text(.compiler)
    cOptions = CCompiler.Options()
    if let name = arguments.text(.processor) { cOptions.cpu = name }
    self.environment = environment
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
  func generate(_ definition: Definition) throws -> GeneratedModel {
    try Compiler(options: options).generate(definition)
  }

  /// The library, from the cache if there is a place for one; if there is none, says why.
  func compile(
    _ model: GeneratedModel,
    _ console: Console
  ) throws -> (artifact: Artifact, wasCached: Bool) {
    let cache: ArtifactCache
    do {
      cache = try ArtifactCache(folder: ArtifactCache.location(environment: environment))
    } catch {
      console.note("rondo: nothing is kept for the next time: \(error.message)\n")
      if let hint = error.hint { console.note("  hint: \(hint)\n") }
      let compiler = try CCompiler.find(option: compiler, environment: environment)
      return (try compileAnew(model, compiler), false)
    }
    let compiler = try CCompiler.find(option: compiler, environment: environment, cache: cache)
    let found = try Interruption.stopping {
      try cache.artifact(of: model, compiler: compiler, options: cOptions)
    }
    return (found.artifact, found.wasCached)
  }

  /// The library, compiled here and now.
  func compileAnew(_ model: GeneratedModel) throws -> Artifact {
    try compileAnew(model, CCompiler.find(option: compiler, environment: environment))
  }

  /// The library, compiled here and now by that compiler.
  private func compileAnew(_ model: GeneratedModel, _ compiler: CCompiler) throws -> Artifact {
    let library = try Interruption.stopping {
      try compiler.compile(
        model.source,
        header: model.header,
        name: model.name,
        options: cOptions,
        scratch: Self.temporaryFolder
      )
    }
    return Artifact(model, library)
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
