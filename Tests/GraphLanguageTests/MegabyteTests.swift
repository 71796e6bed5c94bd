import Foundation
import GraphIR
import GraphLanguage
import Testing

/// A mebibyte of one kind of token after another, each after a beginning that makes the most of it.
enum Megabytes {
  /// Beginnings and what is repeated; those that once were slow or large.
  private static let kinds: [(beginning: String, piece: String)] = [
    ("", "("), ("", "\0"), ("", "a "), ("", "\n#"), ("model m {\n y = ", "{"),
    ("model m {\n y = ", "-a"), ("model m {\n", "a,"), ("model m {\n y = ", "f("),
    ("model m {\n", "a\n"), ("model m {\n", "x = 1\n"), ("model m {\n", "input x: real\n"),
    ("model m {\n", "param w: real ~ 0\n"), ("model m {\n", "scan over t {\n"),
    ("", "cell f(x: real) { emit x }\n"), ("model m {\n y = 1", "+1"),
    ("model m {\n input x: real\n output y = x", "+x"),
  ]

  /// How long a text is: as long as can be, but for tests that are slow themselves.
  static let length: Int = {
    #if DEBUG
      SourceFile.sizeLimit / 16
    #else
      SourceFile.sizeLimit
    #endif
  }()

  /// The texts.
  static var texts: [SourceFile] {
    kinds.map { kind in
      let count = (length - kind.beginning.utf8.count) / kind.piece.utf8.count
      return SourceFile(
        name: "\(kind.piece.prefix(5).debugDescription)",
        text: kind.beginning + String(repeating: kind.piece, count: count)
      )
    }
  }

  /// How many messages a text has, as far as they are given; a text always ends.
  static func messageCount(_ file: SourceFile) -> Int {
    let (tree, problems) = Parser.parse(file)
    let text = DiagnosticRenderer(files: [file, .library]).render(problems)
    guard problems.isEmpty else { return text.isEmpty ? 0 : problems.count }
    guard case .failure(let diagnostics) = Elaborator.elaborate(tree) else { return 0 }
    return diagnostics.all.count
  }

  /// A line of what the system says of this process, in KiB.
  static func kibibytes(_ key: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
  }
}

@Suite("A megabyte of anything is refused") struct MegabyteTests {
  @Test("whatever it is made of, with no more messages than are kept")
  func messages() {
    let clock = ContinuousClock()
    for file in Megabytes.texts {
      var count = 0
      let time = clock.measure { count = Megabytes.messageCount(file) }
      print("\(Megabytes.length >> 10) KiB of \(file.name): \(time), \(count) messages")
      #expect((1...1000).contains(count), "\(file.name)")
    }
  }

  #if os(Linux)
    @Test("in little memory")
    func memory() async {
      await #expect(processExitsWith: .success) {
        _ = Megabytes.messageCount(SourceFile(name: "x", text: "model m {\n output gru\n}"))
        for file in Megabytes.texts {
          // Begins a new measure of the most memory there was.
          try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
          let before = Megabytes.kibibytes("VmRSS")
          _ = Megabytes.messageCount(file)
          let used = Megabytes.kibibytes("VmHWM") - before
          if used > 64 << 10 { fatalError("\(file.name): \(used) KiB") }
        }
      }
    }
  #endif
}
