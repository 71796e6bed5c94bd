internal import GraphIR
internal import GraphLanguage
internal import Lowering
public import ModelRuntime
package import Transforms

/// What shows a fault of ours again, without the definition that it was met in.
///
/// Its name has the hash of what it holds: the same fault is written once, and nothing is written over.
public struct Reproducer: Hashable, Sendable {
  /// What it is called in the folder where it is written.
  public let name: String
  /// The files: one that has the name, or several in a folder of the name.
  private let files: [File]

  /// A file of it.
  private struct File: Hashable {
    var name: String
    var bytes: [UInt8]
  }

  /// Names what is to be written.
  private init(_ subject: String, suffix: String, _ files: [File]) {
    var hash = SHA256()
    for file in files { hash.update(file.bytes) }
    name = "rondo-bug-\(subject)-\(hash.hex().prefix(8))\(suffix)"
    self.files = files
  }

  /// Writes it, unless it is there.
  ///
  /// - Returns: its path.
  public func write(into folder: String) throws(RuntimeError) -> String {
    let path = folder == "." ? name : Platform.join(folder, name)
    guard try Platform.status(path, followingLinks: false) == nil else { return path }
    if files.count == 1 {
      try Platform.replace(path, with: files[0].bytes)
    } else {
      try Platform.makeFolder(path)
      for file in files { try Platform.replace(Platform.join(path, file.name), with: file.bytes) }
    }
    return path
  }
}

// MARK: - A step of the compiler

extension Reproducer {
  /// What the line that says which step failed begins with.
  private static let stepMark = "# step: "

  /// The first of the messages that has evidence, as a graph with a head that says what fails on it.
  init?(_ diagnostics: Diagnostics, _ options: Compiler.Options) {
    guard let fault = diagnostics.all.first(where: { $0.evidence != nil }),
      let evidence = fault.evidence
    else { return nil }
    let message = fault.message.split(separator: "\n").first ?? ""
    let text = """
      # A fault of the compiler's; to see it again: rondo reproduce FILE
      # version: \(Compiler.version)
      # options: \(options.text)
      \(Self.stepMark)\(evidence.step)
      # message: \(message)
      \(evidence.graph)
      """
    let words = evidence.step.split(separator: " ").drop { $0 == "pass" }
    self.init(
      words.joined(separator: "-"),
      suffix: ".graph",
      [File(name: "", bytes: Array(text.utf8))]
    )
  }

  /// Runs the step that a reproducer is about; gives its name when it does not fail any more.
  ///
  /// - Parameter passes: what is meant by the title of a pass.
  static func run(_ file: SourceFile, passes: (String) -> Pass?) throws(Diagnostic) -> String {
    let text = String(decoding: file.bytes, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix(stepMark) }
    guard let step = line?.dropFirst(stepMark.count) else {
      throw Diagnostic(
        .wrong,
        "no line says which step fails, so this is no reproducer",
        hint: "a printed graph is compiled by rondo show --from STAGE"
      )
    }
    let graph = try Pipeline.read(file)
    do {
      try run(String(step), on: graph, passes)
    } catch {
      throw error.ofPrintedGraph
    }
    return String(step)
  }

  /// Runs a step by its name.
  private static func run(
    _ step: String,
    on graph: Graph,
    _ passes: (String) -> Pass?
  ) throws(Diagnostic) {
    let words = step.split(separator: " ", maxSplits: 1).map(String.init)
    if words.count == 2, words[0] == "lowering", let entry = Entry(rawValue: words[1]) {
      try Pipeline.blaming(entry, on: graph) { () throws(Diagnostic) in
        _ = try ProgramLowering.lower(graph, entry: entry)
      }
    } else if words.count == 2, words[0] == "pass", let pass = passes(words[1]) {
      _ = try PassRunner().run([pass], on: graph)
    } else {
      throw Diagnostic(.wrong, "there is no step \(quoted(step))")
    }
  }
}

extension Diagnostic {
  /// The message for who has the printed graph and not the text that its nodes came from.
  var ofPrintedGraph: Diagnostic {
    guard span.line > 0 else { return self }
    var result = self
    let text = span.source == .library ? "library" : "definition"
    result.hint =
      (hint.map { $0 + "; " } ?? "")
      + "it was written at \(span.line):\(span.column) of the \(text)"
    result.span = .none
    return result
  }
}

extension Compiler {
  /// The version of the compiler.
  public static let version = "0.1.0"

  /// Runs the step of a reproducer again; gives its name when it does not fail any more.
  public static func reproduce(_ reproducer: Definition) throws(CompilationFailure) -> String {
    try reproduce(reproducer, passes: Pipelines.pass)
  }

  /// The same with other passes.
  package static func reproduce(
    _ reproducer: Definition,
    passes: (String) -> Pass?
  ) throws(CompilationFailure) -> String {
    let file = SourceFile(name: reproducer.name, bytes: reproducer.bytes)
    do {
      return try Reproducer.run(file, passes: passes)
    } catch {
      throw CompilationFailure(Diagnostics([error]), in: file)
    }
  }
}

extension Compiler.Options {
  /// The options as words of a command.
  var text: String {
    let sizes = sizes.sorted { $0.key < $1.key }.map { "--size \($0.key)=\($0.value)" }
    let steps =
      switch unrolling {
      case .auto: "auto"
      case .full: "full"
      case .steps(let count): "\(count)"
      }
    let words = sizes + ["--batch \(batch)", "--math \(arithmetic.rawValue)", "--unroll \(steps)"]
    let names = entries.map(\.rawValue).joined(separator: ",")
    let stored = store == .float32 ? [] : ["--store \(store.rawValue)"]
    let chosen =
      stored + (names.isEmpty ? [] : ["--entries \(names)"]) + (pullback ? ["--pullback"] : [])
    return (words + chosen).joined(separator: " ")
  }
}

// MARK: - C that a compiler refuses

extension Reproducer {
  /// A model's C, and a script that compiles it as it was compiled; nil where the C is not to blame.
  ///
  /// - Parameters:
  ///   - error: why the C was not compiled.
  ///   - scratch: a folder in which a private one is made for the time being.
  public init?(
    _ error: RuntimeError,
    of model: GeneratedModel,
    by compiler: CCompiler,
    options: CCompiler.Options,
    scratch: String
  ) {
    guard error.kind == .bug else { return nil }
    let known = try? compiler.acceptedFlags(options, scratch: scratch)
    let flags = known ?? CCompiler.flags(options)
    let words =
      [compiler.path] + compiler.leading + flags
      + ["-shared", "-o", "lib\(model.name).so", "\(model.name).c", "-lm"]
    let quotedWords = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }
    let script = """
      #!/bin/sh
      # rondo \(Compiler.version), \(compiler.version)
      cd "$(dirname "$0")" && exec \(quotedWords.joined(separator: " "))

      """
    self.init(
      "cc",
      suffix: "",
      [
        File(name: "\(model.name).c", bytes: model.source),
        File(name: "\(model.name).h", bytes: model.header),
        File(name: "compile.sh", bytes: Array(script.utf8)),
      ]
    )
  }
}
