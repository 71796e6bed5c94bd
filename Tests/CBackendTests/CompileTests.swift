import CBackend
import Foundation
import Rondo
import TestSupport
import Testing

/// Every installed compiler takes the C as every language, without a warning.
@Suite("The C compiles")
struct CompileTests {
  /// A compiler and the language it is to read.
  struct Build: CustomTestStringConvertible, Sendable {
    /// Where the compiler is.
    var compiler: String
    /// What it is told.
    var flags: [String]

    /// The command without the source.
    var testDescription: String { ([compiler] + flags).joined(separator: " ") }
  }

  private static let warnings = [
    "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion", "-Wvla",
    "-Walloca", "-Werror",
  ]

  /// What is installed, each as C99, C11 and C++17; tcc as it is.
  static let builds: [Build] = ["gcc", "clang", "tcc"].flatMap { name -> [Build] in
    guard let path = path(name) else { return [] }
    if name == "tcc" { return [Build(compiler: path, flags: ["-Wall", "-Werror", "-c"])] }
    return [["-std=c99"], ["-std=c11"], ["-x", "c++", "-std=c++17"]].map {
      // What gcc warns of may need optimisation to be seen; what clang warns of, only reading.
      let isOptimised = name == "gcc" && $0 == ["-std=c11"]
      return Build(
        compiler: path,
        flags: $0 + warnings + (isOptimised ? ["-O1", "-c"] : ["-fsyntax-only"])
      )
    }
  }

  private static func path(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Names that mean something to C, to its preprocessor or to the generated text itself.
  private static let hostile = """
    model vector {
      axis int <= 4
      axis INT <= 3
      axis INT_2 <= 2
      input register: real[3] over int
      input NULL: token(5) over int
      target volatile: real[3] over int
      layer malloc = gru(3), memcpy = embedding(3)
      param load, store, main, static: real[3] ~ uniform(1)
      float = malloc(register * load + memcpy(NULL))
      input long: real over INT
      output float
      output sum(long over INT) as break
      output mean(position(INT_2) over INT_2) as last
      output sum(float * store) as double
      loss mse(float * main + static, volatile) as signed
      metric sum(float) as errno
      train adam(rate: 0.1)
    }
    """

  /// A model that draws, with values kept for each position.
  private static func drawing(_ type: String, _ name: String, until: String = "until 0") -> String {
    let isToken = type != "real"
    return """
      model generate {
        axis source <= 4
        axis states <= 3
        input how: real[3] over source
        target \(name): \(type) over states
        layer rnn = gru(3), attend = attention, score = linear(5)
        query = rnn(\(isToken ? "onehot(previous(\(name)))" : "[previous(\(name))]"))
        logits = score(attend(query, how))
        loss \(isToken ? "cross_entropy(logits, \(name))" : "square(logits[0] - \(name))")
        generate \(name) from \(isToken ? "logits" : "logits[0]") \(until)
      }
      """
  }

  /// The models' texts, written once for all compilers.
  private static let models = Result {
    let strict = Compiler.Options(batch: 2, arithmetic: .strict)
    var models = try ["tagger", "translator", "attention"].map { ($0, try SampleModels.c($0)) }
    models.append(("letters", try SampleModels.c("letters", options: strict)))
    models.append(("vector", try SampleModels.c(text: hostile)))
    models.append(("generate", try SampleModels.c(text: drawing("token(5)", "hypothesis"))))
    models.append(("generate", try SampleModels.c(text: drawing("real", "rows", until: ""))))
    return models
  }

  @Test("without warnings", arguments: builds)
  func compile(build: Build) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rondo-c-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, model) in try Self.models.get() {
      let source = folder.appendingPathComponent("\(name).c")
      try model.source.write(to: source, atomically: true, encoding: .utf8)
      let header = folder.appendingPathComponent("\(name).h")
      try model.header.write(to: header, atomically: true, encoding: .utf8)
      let output = build.flags.contains("-c") ? ["-o", folder.path + "/\(name).o"] : []
      let said = try run(build.compiler, build.flags + [source.path] + output)
      #expect(said == "", "\(name)")
    }
  }

  /// The languages between and beyond those of `builds`, which one model each shows.
  private static let others: [Build] = ["gcc", "clang"].flatMap { name -> [Build] in
    guard let path = path(name) else { return [] }
    let languages = ["c++11", "c++14", "c++20"].map { ["-x", "c++", "-std=" + $0] }
    return ([["-std=c17"]] + languages).map {
      Build(compiler: path, flags: $0 + warnings + ["-fsyntax-only"])
    }
  }

  @Test("without warnings as C17 and as each C++ from 11 to 20", arguments: others)
  func otherLanguages(build: Build) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rondo-c-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (name, model) = try #require(try Self.models.get().first { $0.0 == "attention" })
    let source = folder.appendingPathComponent("\(name).c")
    try model.source.write(to: source, atomically: true, encoding: .utf8)
    let header = folder.appendingPathComponent("\(name).h")
    try model.header.write(to: header, atomically: true, encoding: .utf8)
    #expect(try run(build.compiler, build.flags + [source.path]) == "")
  }

  @Test("a header alone, in C and C++", arguments: ["c", "c++"])
  func header(language: String) throws {
    let compiler = try #require(Self.path("cc") ?? Self.path("gcc") ?? Self.path("clang"))
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("rondo-\(UUID().uuidString).h")
    defer { try? FileManager.default.removeItem(at: file) }
    try SampleModels.c("letters").header.write(to: file, atomically: true, encoding: .utf8)
    let standard = language == "c" ? "-std=c99" : "-std=c++17"
    let said = try run(
      compiler,
      ["-x", language, standard] + Self.warnings + [
        "-fsyntax-only", "-Wno-pragma-once-outside-header",
      ]
        + [file.path]
    )
    #expect(said == "")
  }

  /// What a program says when it fails, or on its error stream.
  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = pipe
    try process.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return said.isEmpty && process.terminationStatus != 0 ? "failed" : String(said.prefix(2000))
  }
}
