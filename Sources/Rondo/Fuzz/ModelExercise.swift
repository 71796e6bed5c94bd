package import ModelRuntime

/// Runs everything a model has in a program of its own, while a tool watches what its C does to memory.
package struct ModelExercise: Sendable {
  /// Who watches.
  package enum Watcher: String, CaseIterable, Hashable, Sendable {
    /// gcc's checks of addresses and of undefined behaviour.
    case gcc
    /// clang's, which find other things.
    case clang
    /// clang's check for what is read before it is set.
    case memory
    /// gcc's check of three threads for what two of them touch at a time.
    case thread
    /// valgrind on vectors of eight, which does both of the compiled code.
    case valgrind
    /// valgrind on code without vectors.
    case scalar
    /// The program's own malloc, which no entry may call.
    case allocation

    /// What it is, in a line that says what is done.
    package var title: String {
      switch self {
      case .gcc: "gcc address,undefined"
      case .clang: "clang address,undefined"
      case .memory: "clang memory"
      case .thread: "gcc thread"
      case .valgrind: "valgrind"
      case .scalar: "valgrind, one number at a time"
      case .allocation: "a malloc of our own"
      }
    }

    /// The compiler it needs.
    fileprivate var compiler: String {
      switch self {
      case .gcc, .thread, .valgrind, .scalar, .allocation: "gcc"
      case .clang, .memory: "clang"
      }
    }

    /// What the compiler is told.
    fileprivate var flags: [String] {
      switch self {
      case .gcc, .clang:
        ["-march=native", "-fsanitize=address,undefined,float-cast-overflow"] + Self.ending
      case .memory: ["-march=native", "-fsanitize=memory"] + Self.ending
      case .thread: ["-march=native", "-fsanitize=thread", "-DTHREADS=3"] + Self.ending
      case .valgrind: ["-march=x86-64-v3"]
      case .scalar: ["-DRONDO_SCALAR"]
      case .allocation: ["-march=native", "-DCOUNTS_MEMORY"]
      }
    }

    /// The first report ends the program.
    private static let ending = ["-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
  }

  /// Who watches.
  package let watcher: Watcher
  private let compiler: CCompiler
  private let valgrind: String?

  /// Finds what the watcher needs; nothing if the machine has not got it.
  package init?(_ watcher: Watcher, environment: [String: String]) {
    guard
      let compiler = try? CCompiler.find(option: watcher.compiler, environment: environment)
    else { return nil }
    self.watcher = watcher
    self.compiler = compiler
    switch watcher {
    case .gcc, .clang, .memory, .thread, .allocation: valgrind = nil
    case .valgrind, .scalar:
      let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
      let places = folders.map { Platform.join(String($0), "valgrind") }
      guard let found = places.first(where: Platform.isExecutable) else { return nil }
      valgrind = found
    }
    // A compiler may know a flag and not have the library that goes with it.
    let probe = ["probe.c": "int main(void) { return 0; }\n"]
    let path = try? Self.program(compiler, watcher.flags, probe) { $0 }
    guard path != nil else { return nil }
  }

  /// Runs a model; what it came to is a hash of all results.
  ///
  /// - Throws: `RuntimeError` with what the watcher reports.
  package func run(_ model: GeneratedModel, seconds: Double = 600) throws(RuntimeError) -> String {
    do throws(RuntimeError) {
      return try run(model, [], seconds: seconds)
    } catch {
      // Once more, so that the report names lines, which take a compiler as long as all else.
      _ = try run(model, ["-g"], seconds: seconds)
      throw error
    }
  }

  private func run(
    _ model: GeneratedModel,
    _ flags: [String],
    seconds: Double
  ) throws(RuntimeError) -> String {
    let output = try Self.program(compiler, watcher.flags + flags, Self.files(model)) {
      (program: String) throws(RuntimeError) -> Platform.ProcessResult in
      let arguments = [
        "-q", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite",
        program,
      ]
      return try Platform.run(
        valgrind ?? program,
        valgrind == nil ? [] : arguments,
        // The reports name lines if the compiler's own symbolizer is found.
        environment: [
          ("PATH", Platform.split(compiler.path).folder + ":/usr/bin:/bin"), ("LC_ALL", "C"),
          ("UBSAN_OPTIONS", "print_stacktrace=1"),
        ],
        seconds: seconds
      )
    }
    let lines = String(decoding: output.output, as: UTF8.self).split(separator: "\n")
    guard output.ending == .exited(0), let last = lines.last else {
      var error = RuntimeError("\(model.name) under \(watcher.title): \(output.ending)")
      error.details = lines.prefix(30).map(String.init)
      throw error
    }
    return String(last)
  }

  /// The model and the program that drives it.
  static func files(_ model: GeneratedModel) -> [String: String] {
    let driver = String(decoding: PackageResources.ModelDriver_h, as: UTF8.self)
      .replacing("rondo_", with: model.name + "_")
      .replacing("RONDO_", with: model.name.uppercased() + "_")
    return [
      "\(model.name).h": String(decoding: model.header, as: UTF8.self),
      "\(model.name).c": String(decoding: model.source, as: UTF8.self),
      "driver.c": "#include \"\(model.name).h\"\n" + driver,
    ]
  }

  /// Compiles a program and runs it.
  private static func program<Result>(
    _ compiler: CCompiler,
    _ flags: [String],
    _ files: [String: String],
    _ run: (String) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    var sources: [String] = []
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let path = Platform.join(folder, name)
      try Platform.replace(path, with: Array(text.utf8))
      if name.hasSuffix(".c") { sources.append(path) }
    }
    let path = Platform.join(folder, "program")
    let fixed = ["-O0", "-std=gnu11", "-fno-math-errno", "-fno-trapping-math"]
    let result = try compiler.execute(
      fixed + flags + ["-o", path] + sources + ["-lm"],
      scratch: folder,
      seconds: 600,
      outputLimit: 1 << 20
    )
    guard result.ending == .exited(0) else {
      var error = RuntimeError("the C compiler failed on a program that drives a model")
      let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      error.details = lines.prefix(12).map(String.init)
      throw error
    }
    return try run(path)
  }
}
