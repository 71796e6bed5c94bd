import Foundation
import ModelRuntime
import RondoTool
import Testing

/// The tool as a process of its own, which can be killed, and whose calls of the system can fail.
enum ChildTool {
  /// The program: it stands beside the one that runs the tests.
  static let path: String? = {
    guard let tests = try? Platform.resolved("/proc/self/exe") else { return nil }
    let path = Platform.join(Platform.split(tests).folder, "rondo")
    return Platform.isExecutable(path) ? path : nil
  }()

  /// `strace`, if it is there and may trace.
  static let tracer: String? = {
    let path = "/usr/bin/strace"
    let arguments = ["-o", "/tmp/rondo-strace-\(getpid())", "/bin/true"]
    defer { try? Platform.remove(arguments[1]) }
    let result = try? Platform.run(path, arguments, environment: [], seconds: 20)
    return result?.ending == .exited(0) ? path : nil
  }()

  /// Whether both are there.
  static var canTrace: Bool { path != nil && tracer != nil }

  /// The environment: the compiler is found, the cache is the workshop's.
  static func environment(_ workshop: Workshop) -> [(String, String)] {
    [
      ("PATH", Platform.environment["PATH"] ?? "/usr/bin:/bin"),
      ("RONDO_CACHE", Platform.join(workshop.folder, "cache")),
    ]
  }

  /// Runs a command written in one line; `@` is the workshop's folder.
  static func run(
    _ line: String,
    in workshop: Workshop,
    tracing options: [String] = []
  ) throws -> (ending: Platform.ProcessResult.Ending, text: String) {
    let words = line.split(separator: " ").map { word in
      String(word).replacing("@", with: workshop.folder)
    }
    let program = try #require(path)
    let all = options.isEmpty ? words : options + [program] + words
    let result = try Platform.run(
      options.isEmpty ? program : try #require(tracer),
      all,
      environment: environment(workshop),
      seconds: 120
    )
    let text = String(decoding: result.output, as: UTF8.self)
    return (result.ending, text.replacing(workshop.folder, with: "@"))
  }

  /// Runs a line of a shell in the workshop's folder; `rondo` is the program.
  static func shell(
    _ line: String,
    in workshop: Workshop,
    environment more: [(String, String)] = []
  ) throws -> (ending: Platform.ProcessResult.Ending, text: String) {
    let program = try #require(path)
    let head = "cd '\(workshop.folder)'; RONDO='\(program)'; rondo() { \"$RONDO\" \"$@\"; };"
    let result = try Platform.run(
      "/bin/sh",
      ["-c", "\(head) \(line)"],
      environment: environment(workshop).filter { one in !more.contains { $0.0 == one.0 } } + more,
      seconds: 120
    )
    let text = String(decoding: result.output, as: UTF8.self)
    return (result.ending, text.replacing(workshop.folder, with: "@"))
  }

  /// A call of the system: its name, and the how manieth of that name it is.
  struct Call: Hashable {
    /// Its name.
    var name: String
    /// Which of them.
    var ordinal: Int
  }

  /// The calls that save a file of that name, the first time it is saved: from the temporary file's
  /// opening to the folder's closing.
  static func saving(
    _ file: String,
    by line: String,
    in workshop: Workshop
  ) throws -> [Call] {
    let log = Platform.join(workshop.folder, "strace.log")
    let traced = try run(line, in: workshop, tracing: ["-o", log])
    try #require(traced.ending == .exited(0), "\(traced.text)")
    let lines = String(decoding: try Platform.read(log), as: UTF8.self).split(separator: "\n")
    try Platform.remove(log)
    var counts: [String: Int] = [:]
    let calls = lines.map { line in
      let name = String(line.prefix { $0 != "(" })
      counts[name, default: 0] += 1
      return (call: Call(name: name, ordinal: counts[name, default: 0]), line: line)
    }
    let renamed = try #require(
      calls.firstIndex { $0.call.name.hasPrefix("rename") && $0.line.contains("/\(file)\"") }
    )
    let opened = try #require(
      calls[..<renamed].lastIndex { $0.call.name == "openat" && $0.line.contains("/.rondo-") }
    )
    return calls[opened...(renamed + 3)].map(\.call)
  }
}
