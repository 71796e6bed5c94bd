internal import GraphIR
internal import GraphLanguage
public import ModelRuntime

/// The text of a definition, with the name that messages know it by.
public struct Definition: Hashable, Sendable {
  /// What messages call it: a path as the person gave it.
  public var name: String
  /// The text.
  public var bytes: [UInt8]

  /// Names a text.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Names a text, which messages about it are to show.
  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// Reads the file at a path; throws when it cannot be read.
  public init(path: String) throws(RuntimeError) {
    self.init(name: path, bytes: try Platform.read(path, limit: 1 << 24))
  }

  /// Whether it stops gradients anywhere, so that they are not the differences of its loss.
  public var stopsGradients: Bool {
    String(decoding: bytes, as: UTF8.self).contains("stop_gradient")
  }

  /// The text in the one layout; throws when it does not parse.
  public func formatted() throws(CompilationFailure) -> String {
    let file = SourceFile(name: name, bytes: bytes)
    do {
      return try Formatter.format(file)
    } catch {
      throw CompilationFailure(error, in: file)
    }
  }
}

/// Why a definition was not compiled: messages with line, column, underlined text and hint.
public struct CompilationFailure: Error, Sendable, CustomStringConvertible {
  /// The messages as a person reads them.
  public let description: String
  /// `true` iff every message says that something is not supported yet.
  public let isUnsupported: Bool

  /// `true` iff some message says that we broke a rule of our own.
  public let isBug: Bool
  /// What shows our fault again; nil where there is none, and where the definition itself does.
  public let reproducer: Reproducer?

  /// Renders messages about a file, which was compiled with options if it came to that.
  init(_ diagnostics: Diagnostics, in file: SourceFile, _ options: Compiler.Options? = nil) {
    reproducer = options.flatMap { Reproducer(diagnostics, $0) }
    description = DiagnosticRenderer(files: [file, .library]).render(diagnostics.all)
    isBug = diagnostics.all.contains { $0.kind == .bug }
    isUnsupported = diagnostics.all.allSatisfy { $0.kind == .unsupported }
  }
}
