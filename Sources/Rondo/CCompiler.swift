internal import CBackend
public import ModelRuntime
internal import Synchronization

/// The system's C compiler: found once, known by what it is, run without a shell and without the
/// caller's environment.
public struct CCompiler: Hashable, Sendable {
  /// What a compilation is asked for.
  public struct Options: Hashable, Sendable {
    /// The processor to compile for, as the compiler calls it; `native` is this one, and `portable`
    /// several levels in one library, which chooses when it runs.
    public var cpu: String
    /// Flags that a person adds, each of which `trouble(withFlag:)` has nothing against.
    public var flags: [String] = []
    /// `true` adds what debuggers need.
    public var debug = false
    /// The level of optimisation, 0 to 3.
    public var optimization: Int
    /// The time limit in seconds.
    public var seconds: Double
    /// The most the compiler may print, in bytes.
    public var outputLimit: Int

    /// The usual: this processor, optimised, five minutes, a megabyte.
    ///
    /// The C is vectors already: a third level takes twice as long, for a twentieth in the smallest models and
    /// nothing in others.
    public init(
      cpu: String = "native",
      optimization: Int = 2,
      seconds: Double = 300,
      outputLimit: Int = 1 << 20
    ) {
      self.cpu = cpu
      self.optimization = optimization
      self.seconds = seconds
      self.outputLimit = outputLimit
    }
  }

  /// The absolute path of the program.
  public let path: String
  /// Arguments that were given with it, as in `CC="ccache gcc"`.
  public let leading: [String]
  /// The first line of what it says of its version.
  public let version: String
  /// The program's size in bytes.
  public let size: Int
  /// When the program last changed, in nanoseconds since 1970.
  public let modified: Int

  /// What tells this compiler from any other, for keys of caches.
  public var identity: String {
    ([path] + leading + [version, "\(size)", "\(modified)"]).joined(separator: "\n")
  }

  /// Finds the compiler: what `option` says, else what `CC` says, else `cc` on the `PATH`.
  ///
  /// - Parameters:
  ///   - option: the value of `--cc`, a path or a name; nil when it was not given.
  ///   - environment: the environment, as far as `CC` and `PATH` go.
  ///   - cache: where versions are kept, so that a compiler that is known is not started.
  ///   - seconds: how long it may take to say its version.
  /// - Throws: `RuntimeError`, saying where was looked.
  public static func find(
    option: String? = nil,
    environment: [String: String],
    cache: ArtifactCache? = nil,
    seconds: Double = 20
  ) throws(RuntimeError) -> CCompiler {
    let fromVariable = environment["CC"].flatMap { $0.isEmpty ? nil : $0 }
    let wanted = option ?? fromVariable ?? "cc"
    let source = option != nil ? "--cc" : fromVariable != nil ? "CC" : "PATH"
    guard !wanted.unicodeScalars.contains("\u{fffd}") else {
      throw RuntimeError("the C compiler \(quoted(wanted)), named by \(source), is not UTF-8")
    }
    let (path, leading) = try locate(wanted, source: source, environment: environment)
    guard let status = try Platform.status(path) else {
      throw RuntimeError("there is no C compiler at \(quoted(path))")
    }
    func compiler(_ version: String) -> CCompiler {
      CCompiler(
        path: path,
        leading: leading,
        version: version,
        size: status.size,
        modified: status.modified
      )
    }
    let known = leading.isEmpty ? cache.map { KnownCompiler(path, status, in: $0) } : nil
    if let version = known?.version { return compiler(version) }
    let found = compiler("")
    let result: Platform.ProcessResult
    do {
      result = try found.execute(
        ["--version"],
        scratch: "/tmp",
        seconds: seconds,
        outputLimit: 1 << 16
      )
    } catch {
      // A file that may be executed and is no program of this machine's.
      throw RuntimeError(error.kind, error.message, hint: "give another one by --cc or CC")
    }
    guard result.ending == .exited(0) else {
      throw found.failure(
        "does not say its version",
        result,
        ["--version"],
        seconds: seconds,
        hint: "give another one by --cc or CC"
      )
    }
    let first = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first ?? ""
    let version = String(quoted(first).dropFirst().dropLast())
    known?.remember(version)
    return compiler(version)
  }

  /// The absolute path for what was asked, and arguments that came with it.
  private static func locate(
    _ wanted: String,
    source: String,
    environment: [String: String]
  ) throws(RuntimeError) -> (String, [String]) {
    // Whole first, because a path may have spaces in it; then as a program with arguments.
    if let path = try locate(wanted, environment: environment) { return (path, []) }
    let words = wanted.split(separator: " ").map(String.init)
    if let first = words.first, words.count > 1,
      let path = try locate(first, environment: environment)
    {
      return (path, Array(words.dropFirst()))
    }
    throw RuntimeError(
      "there is no C compiler \(quoted(wanted)), named by \(source)",
      hint: "install gcc or clang, or name one by --cc or CC"
    )
  }

  /// The absolute path of a program, by its path or its name; nil if there is none.
  package static func locate(
    _ program: String,
    environment: [String: String]
  ) throws(RuntimeError) -> String? {
    guard !program.isEmpty, !program.utf8.contains(0) else { return nil }
    if program.utf8.contains(UInt8(ascii: "/")) {
      let path = try Platform.absolute(program)
      return Platform.isExecutable(path) ? path : nil
    }
    // A relative folder on the path means whatever folder one happens to be in, so it is passed by.
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.filter { $0.hasPrefix("/") }
      .map { Platform.join(String($0), program) }
      .first(where: Platform.isExecutable)
  }
}

extension CCompiler {
  /// A compiled library and how it came about.
  public struct Library: Hashable, Sendable {
    /// The shared library's bytes.
    public var bytes: [UInt8]
    /// The flags, without those this compiler does not know.
    public var flags: [String]
    /// What the processor must be able to do to run it.
    public var features: [String]
    /// The machine it is for, such as `aarch64`.
    public var machine: String
    /// The most stack that one of its functions takes, in bytes; nil where the compiler does not say.
    public var stack: Int?
    /// How long it took, in seconds.
    public var seconds: Double
  }

  /// The flags that are asked for; never one that changes arithmetic or the host's rounding.
  public static func flags(_ options: Options) -> [String] {
    #if arch(x86_64)
      let cpu = options.cpu == portable ? leastLevel : options.cpu
      let target = ["-march=\(cpu)", "-mprefer-vector-width=512"]
    #else
      let target = options.cpu == portable ? [] : ["-mcpu=\(options.cpu)"]
    #endif
    return ["-O\(min(max(options.optimization, 0), 3))", "-std=gnu11"] + target
      + ["-fno-math-errno", "-fno-trapping-math", "-fPIC", "-fvisibility=hidden", "-fstack-usage"]
      + (options.debug ? ["-g"] : []) + options.flags
  }

  /// The name of the processor that stands for several.
  private static let portable = "portable"
  /// The least processor that a portable library runs on.
  private static let leastLevel = "x86-64-" + LevelEmitter.levels[0]

  /// Compiles a model's file to objects: one, or those of a portable library's levels and of what they
  /// share, all at a time.
  func objects(
    of input: String,
    name: String,
    macros: [String],
    _ options: Options,
    folder: String
  ) throws(RuntimeError) -> [String] {
    var parts = [(object: name + ".o", cpu: options.cpu, macros: macros)]
    #if arch(x86_64)
      if options.cpu == Self.portable {
        let upper = name.uppercased()
        parts[0].macros.append("-D\(upper)_LEVELS")
        parts += LevelEmitter.levels.map {
          (object: $0 + ".o", cpu: "x86-64-" + $0, macros: macros + ["-D\(upper)_LEVEL=\($0)"])
        }
      }
    #endif
    var commands: [[String]] = []
    for part in parts {
      var its = options
      its.cpu = part.cpu
      let object = Platform.join(folder, part.object)
      commands.append(
        try acceptedFlags(its, scratch: folder) + part.macros + ["-c", "-o", object, input]
      )
    }
    let results = try Platform.run(
      together: commands.map { command($0, scratch: folder) },
      seconds: options.seconds,
      outputLimit: options.outputLimit
    )
    for (arguments, result) in zip(commands, results) where result.ending != .exited(0) {
      throw refusal(of: name + ".c", result, arguments, options)
    }
    return parts.map { Platform.join(folder, $0.object) }
  }

  /// What is said of a model's file that the compiler failed on.
  private func refusal(
    of file: String,
    _ result: Platform.ProcessResult,
    _ arguments: [String],
    _ options: Options
  ) -> RuntimeError {
    let hint = Self.hint(withoutFlags: Self.flags(options).filter { !arguments.contains($0) })
    var error = failure(
      "failed on \(file)",
      result,
      arguments,
      seconds: options.seconds,
      hint: hint
    )
    if hint == nil, Self.blames(file, result.output) { error.kind = .bug }
    return error
  }

  /// Compiles C text to a shared library.
  ///
  /// - Parameters:
  ///   - source: the C text.
  ///   - header: the header it includes as `NAME.h`; nil if it includes none.
  ///   - name: the model's name, which names the files.
  ///   - weights: a block of parameters for the library to hold; nil for none.
  ///   - options: for which processor, and the limits.
  ///   - scratch: a folder in which a private one is made for the time being.
  /// - Throws: `RuntimeError` with the command and the first lines the compiler printed.
  public func compile(
    _ source: [UInt8],
    header: [UInt8]? = nil,
    name: String,
    weights: [UInt8]? = nil,
    options: Options = Options(),
    scratch: String
  ) throws(RuntimeError) -> Library {
    guard Manifest.isName(name) else { throw RuntimeError("\(quoted(name)) is no model's name") }
    guard Self.isProcessorName(options.cpu) else {
      throw RuntimeError("\(quoted(options.cpu)) is no processor's name")
    }
    let start = Platform.now
    let folder = try Platform.makePrivateFolder(in: Platform.absolute(scratch))
    defer { try? Platform.remove(folder) }
    let flags = try acceptedFlags(options, scratch: folder)
    let input = Platform.join(folder, name + ".c")
    let output = Platform.join(folder, "lib\(name).so")
    try Platform.replace(input, with: source)
    if let header { try Platform.replace(Platform.join(folder, name + ".h"), with: header) }
    let own = try ownWeights(weights, name: name, options, folder: folder)
    // Debuggers are told the file's name and not where it was for a moment.
    let places = options.debug ? ["-fdebug-prefix-map=\(folder)=."] : []
    let macros = own.macros + places
    let inputs =
      options.cpu == Self.portable
      ? try objects(of: input, name: name, macros: macros, options, folder: folder)
      : macros + [input]
    let arguments = flags + ["-shared", "-o", output] + inputs + own.objects + ["-lm"]
    let result = try execute(arguments, options, folder: folder)
    guard result.ending == .exited(0) else {
      throw refusal(of: name + ".c", result, arguments, options)
    }
    guard let status = try Platform.status(output, followingLinks: false), status.kind == .file
    else {
      throw failure(
        "reports success and made no library of \(name).c",
        result,
        arguments,
        seconds: options.seconds
      )
    }
    let bytes = try Platform.read(output, limit: 1 << 32)
    let file = LibraryFile(bytes)
    if let trouble = trouble(with: file, options, scratch: folder) {
      throw failure(
        "reports success and made \(trouble) of \(name).c",
        result,
        arguments,
        seconds: options.seconds
      )
    }
    return Library(
      bytes: bytes,
      flags: flags,
      features: Self.features(options.cpu, flags),
      machine: file?.machine ?? LibraryFile.host,
      stack: Self.stack(saidIn: folder),
      seconds: Platform.now - start
    )
  }

  /// What to do when a compiler failed that did not know flags it should; nil when it knew all.
  private static func hint(withoutFlags flags: [String]) -> String? {
    guard !flags.isEmpty else { return nil }
    let list = flags.joined(separator: " ")
    return
      "it may be too old: it does not know \(list); name another by --cc or CC (gcc and clang do)"
  }

  /// Whether a compiler finds the fault at a line of the C, which is ours; nothing else is told apart
  /// from a full disk or a compiler that is broken.
  private static func blames(_ file: String, _ output: [UInt8]) -> Bool {
    String(decoding: output, as: UTF8.self).split(separator: "\n").contains { line in
      guard let place = line.firstRange(of: file + ":"),
        let next = line[place.upperBound...].utf8.first, (48...57).contains(next)
      else { return false }
      return line[place.upperBound...].contains("error:")
    }
  }

  /// What a processor must be able to do for code compiled for `cpu`, as far as that is known.
  private static func features(_ cpu: String, _ flags: [String]) -> [String] {
    // A compiler that does not know the flag compiles for the architecture's least processor.
    let cpu = cpu == portable ? leastLevel : cpu
    guard flags.contains(where: { $0.hasSuffix("=" + cpu) }) else { return [] }
    if cpu == "native" { return Platform.processorFeatures }
    let levels: [(name: String, adds: [String])] = [
      ("x86-64", []),
      ("x86-64-v2", ["cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"]),
      ("x86-64-v3", ["abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"]),
      ("x86-64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
    ]
    guard let level = levels.firstIndex(where: { $0.name == cpu }) else { return [] }
    return levels[...level].flatMap(\.adds)
  }

  /// Whether a word may stand after `-march=`.
  private static func isProcessorName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+")]
            .contains(byte)
      }
  }

  /// What each compiler was found to accept.
  private static let accepted = Mutex<[String: [String]]>([:])

  /// The flags this compiler knows of those that are asked for: tried on an empty function, all at
  /// once and, if that fails, one by one.
  func acceptedFlags(_ options: Options, scratch: String) throws(RuntimeError) -> [String] {
    let wanted = Self.flags(options)
    let cpu = options.cpu == Self.portable ? Self.leastLevel : options.cpu
    let namesTarget = wanted.contains { $0.hasPrefix("-march=") || $0.hasPrefix("-mcpu=") }
    let key = ([identity] + wanted).joined(separator: "\n")
    if let known = Self.accepted.withLock({ $0[key] }) { return known }
    let folder = try Platform.makePrivateFolder(in: scratch)
    defer { try? Platform.remove(folder) }
    let input = Platform.join(folder, "probe.c")
    let output = Platform.join(folder, "probe.so")
    try Platform.replace(input, with: Array("int probe(void) { return 0; }\n".utf8))
    let seconds = min(options.seconds, 60)
    func run(_ flags: [String]) throws(RuntimeError) -> Platform.ProcessResult {
      try execute(
        flags + ["-shared", "-o", output, input],
        scratch: folder,
        seconds: seconds,
        outputLimit: options.outputLimit
      )
    }
    var kept = wanted
    if try run(wanted).ending != .exited(0) {
      let bare = try run([])
      guard bare.ending == .exited(0) else {
        throw failure(
          "cannot make a library of an empty function",
          bare,
          ["-shared", "-o", output, input],
          seconds: seconds,
          hint: "try `rondo doctor`, or name another compiler by --cc or CC"
        )
      }
      kept = try known(of: wanted, adding: options.flags, run)
    }
    let hasTarget = kept.contains { $0 == "-march=\(cpu)" || $0 == "-mcpu=\(cpu)" }
    guard hasTarget || options.cpu == "native" || !namesTarget else {
      throw RuntimeError(
        .unsupported,
        "the C compiler does not know the processor \(quoted(options.cpu))"
      )
    }
    let result = kept
    Self.accepted.withLock { $0[key] = result }
    return result
  }

  /// Runs the compiler with nothing of the caller's environment.
  func execute(
    _ arguments: [String],
    scratch: String,
    seconds: Double,
    outputLimit: Int
  ) throws(RuntimeError) -> Platform.ProcessResult {
    let command = command(arguments, scratch: scratch)
    return try Platform.run(together: [command], seconds: seconds, outputLimit: outputLimit)[0]
  }

  /// Runs the compiler within the limits of the options.
  func execute(
    _ arguments: [String],
    _ options: Options,
    folder: String
  ) throws(RuntimeError) -> Platform.ProcessResult {
    try execute(
      arguments,
      scratch: folder,
      seconds: options.seconds,
      outputLimit: options.outputLimit
    )
  }

  /// The compiler with what it is told, and nothing of the caller's environment.
  private func command(_ arguments: [String], scratch: String) -> Platform.Command {
    // Variables such as CPATH, LD_PRELOAD or GCC_EXEC_PREFIX would change what is compiled.
    Platform.Command(
      path,
      leading + arguments,
      environment: [
        ("PATH", Platform.split(path).folder + ":/usr/bin:/bin"), ("LC_ALL", "C"),
        ("HOME", scratch), ("TMPDIR", scratch),
      ]
    )
  }

  /// An error with the command and the first lines that were printed.
  func failure(
    _ what: String,
    _ result: Platform.ProcessResult,
    _ arguments: [String],
    seconds: Double,
    hint: String? = nil
  ) -> RuntimeError {
    let ending =
      switch result.ending {
      case .exited(0): ""
      case .exited(let code): " with code \(code)"
      case .killed(let signal): ", killed by signal \(signal)"
      case .timedOut: ": it took more than \(seconds) seconds"
      case .wroteTooMuch: ": it printed more than the limit"
      case .interrupted: ": it was stopped"
      }
    var error = RuntimeError("the C compiler \(what)\(ending)", hint: hint)
    error.details = [([path] + leading + arguments).map(Self.shown).joined(separator: " ")]
    let printed = String(decoding: result.output.prefix(1 << 14), as: UTF8.self)
    let lines = printed.split(separator: "\n")
    error.details += lines.prefix(12).map { String(quoted($0).dropFirst().dropLast()) }
    if lines.count > 12 { error.details.append("...") }
    return error
  }

  /// An argument for a message, quoted where one could not see where it ends.
  private static func shown(_ argument: String) -> String {
    let plain = argument.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x27 && $0 != 0x22 }
    return plain && !argument.isEmpty ? argument : quoted(argument)
  }
}
