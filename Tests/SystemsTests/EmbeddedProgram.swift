import Foundation
import ModelRuntime
import Synchronization
import Testing

/// A program in `graphs/embed`: the lines of its head comment build it, each as it stands there.
struct EmbeddedProgram: Sendable {
  /// How a program ended, and what it wrote.
  struct Result: Sendable {
    /// The exit code; nil when it was killed.
    var code: Int32?
    /// What it wrote.
    var text: String

    /// Its lines.
    var lines: [Substring] { text.split(separator: "\n") }
  }

  /// Its file.
  let name: String
  /// The commands of its head comment, a continued line being one.
  let commands: [String]

  /// Reads a program's head comment.
  init(_ name: String) throws {
    self.name = name
    let path = Platform.join(Example.topLevel, "graphs/embed/\(name)")
    let text = String(decoding: try Platform.read(path), as: UTF8.self)
    commands = text.replacing(/\\\n[ *\/]*/, with: "").split(separator: "\n").compactMap { line in
      let words = line.drop { " */".contains($0) }
      let isCommand = Self.starts.contains { words.hasPrefix($0) }
      return isCommand ? String(words) : nil
    }
  }

  /// What a line of a head comment begins with when it is a command.
  private static let starts = ["rondo build ", "cc -", "c++ ", "build/", "PYTHONPATH=build/"]
  /// The lines that were run, whose products stand in the folder.
  private static let done = Mutex<Set<String>>([])

  /// The folder in which programs are built and run, removed when the tests end.
  static let folder: String? = {
    atexit { if let folder = EmbeddedProgram.folder { try? Platform.remove(folder) } }
    guard let folder = try? Platform.makePrivateFolder(in: "/tmp") else { return nil }
    try? FileManager.default.createSymbolicLink(
      atPath: Platform.join(folder, "graphs"),
      withDestinationPath: Platform.join(Example.topLevel, "graphs")
    )
    try? Platform.makeFolder(Platform.join(folder, "build"))
    return folder
  }()

  /// The tool: it stands beside the program that runs the tests.
  private static let tool: String? = {
    guard let tests = try? Platform.resolved("/proc/self/exe") else { return nil }
    return Platform.join(Platform.split(tests).folder, "rondo")
  }()

  /// Builds the program by the lines of its comment; what was built for another is not built again.
  func build() throws {
    let lines = commands.filter { !$0.hasPrefix("build/") && !$0.hasPrefix("PYTHONPATH=") }
    try #require(!lines.isEmpty, "\(name) does not say how it is built")
    for line in lines {
      let isNew = Self.done.withLock { $0.insert(line).inserted }
      guard isNew else { continue }
      let result = try Self.shell(line)
      try #require(result.code == 0, "\(line)\n\(result.text)")
    }
  }

  /// Runs a line of a shell in the folder, where `rondo` is the tool of this build.
  static func shell(_ line: String) throws -> Result {
    // Models are compiled with less effort than by default, which takes half of the time.
    let less = "if [ \"$1\" = build ]; then set -- \"$@\" --cc-flag=-O1; fi"
    let tool = "rondo() { \(less); '\(try #require(tool))' \"$@\"; }"
    let head = "cd '\(try #require(folder))' && \(tool) &&"
    let result = try Platform.run(
      "/bin/sh",
      ["-c", "\(head) \(line)"],
      environment: [
        ("PATH", Platform.environment["PATH"] ?? "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"),
        ("RONDO_CACHE", Platform.join(try #require(folder), "cache")),
      ],
      seconds: 300
    )
    let code: Int32? = if case .exited(let code) = result.ending { code } else { nil }
    return Result(code: code, text: String(decoding: result.output, as: UTF8.self))
  }

  /// Writes a file into the folder.
  static func write(_ name: String, _ bytes: [UInt8]) throws {
    try Platform.replace(Platform.join(try #require(folder), name), with: bytes)
  }

  /// Writes real numbers as raw sound.
  static func write(_ name: String, _ sound: [Float]) throws {
    try write(
      name,
      sound.flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
      }
    )
  }

  /// Reads raw sound.
  static func sound(_ name: String) throws -> [Float] {
    let bytes = try Platform.read(Platform.join(try #require(folder), name))
    return stride(from: 0, to: bytes.count - 3, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << ($1 * 8) })
    }
  }
}

/// What tests of programs need beside a C compiler.
enum Needed {
  /// Whether Python is 3.10 at least, and has NumPy.
  static let numPy = holds(
    "python3 -c 'import sys, numpy; sys.exit(sys.version_info < (3, 10))'"
  )
  /// Whether another root can be entered.
  static let chroot = Platform.user == 0 && holds("chroot / /bin/true && ldd --version")
  /// Whether a C++ compiler is there.
  static let cpp = holds("c++ --version")
  /// Whether programs can be watched for races.
  static let threadSanitizer = holds(
    "echo 'int main(void) { return 0; }' | cc -fsanitize=thread -x c - -o build/probe && build/probe"
  )

  /// Whether a line of a shell succeeds.
  static func holds(_ line: String) -> Bool {
    (try? EmbeddedProgram.shell("{ \(line); } >build/said 2>&1"))?.code == 0
  }
}
