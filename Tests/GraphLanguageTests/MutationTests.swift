import GraphIR
import GraphLanguage
import Testing

/// Texts that nobody wrote: whatever the bytes, there is an answer with a place.
@Suite struct MutationTests {
  /// A small generator of its own, so that every run reads the same texts.
  private struct Random {
    /// What the next number follows from.
    var state: UInt64

    /// A number below a bound (xorshift, 64 bits).
    mutating func below(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % bound
    }
  }

  /// What is put in besides single bytes: what brackets, blocks and encodings are made of.
  private static let pieces: [[UInt8]] =
    [
      "(", ")", "[", "]", "{", "}", "\n", "\r", "\0", "\"", ":", ",", "next ", "over ", "layer f(",
      "model m {", "scan over t {", "1e999", "9.", "..", "\u{2212}", "\u{FF08}", "\u{E9}", "#",
      "- ",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xF0, 0x9F], [0xED, 0xA0, 0x80]]

  @Test(arguments: 0..<8)
  func mutatedDefinitionsAreReadOrRefusedWithAPlace(_ seed: Int) throws {
    var random = Random(state: 0x9E37_79B9_7F4A_7C15 &+ UInt64(seed))
    let originals = try Definitions.names.map { try Definitions.file($0).bytes }
    for _ in 0..<500 {
      var bytes = originals[random.below(originals.count)]
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(9)))
        case 2:
          let end = min(bytes.count, place + 1 + random.below(40))
          bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
        default:
          bytes.insert(contentsOf: Self.pieces[random.below(Self.pieces.count)], at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      check(SourceFile(name: "x", bytes: bytes))
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    var random = Random(state: 42)
    for size in [1, 2, 10, 1000, 100_000] {
      check(SourceFile(name: "x", bytes: (0..<size).map { _ in UInt8(random.below(256)) }))
      let piece = Self.pieces[random.below(Self.pieces.count)]
      check(SourceFile(name: "x", bytes: (0..<size).flatMap { _ in piece }))
    }
  }

  @Test(arguments: pieces)
  func anythingRepeatedIsReadOrRefused(_ piece: [UInt8]) {
    let bytes = Array("model m {\n y = a".utf8) + (0..<20_000).flatMap { _ in piece }
    check(SourceFile(name: "x", bytes: bytes))
  }

  /// Reads a text; wants a place within it for every message, or else a layout that says the same.
  private func check(_ file: SourceFile) {
    let (tree, diagnostics) = Parser.parse(file)
    for diagnostic in diagnostics {
      let span = diagnostic.span
      guard span.line >= 1, Int(span.line) <= file.lineCount, span.column >= 1, span.length >= 1,
        diagnostic.hint != nil
      else {
        Issue.record("\(diagnostic) in \(file.bytes)")
        return
      }
    }
    _ = DiagnosticRenderer(files: [file]).render(diagnostics)
    guard diagnostics.isEmpty else { return }
    do {
      let once = SourceFile(name: "x", text: try Formatter.format(file))
      #expect(SyntaxPrinter.print(Parser.parse(once).0) == SyntaxPrinter.print(tree))
      #expect(Array(try Formatter.format(once).utf8) == once.bytes)
    } catch {
      Issue.record("\(error)")
    }
  }
}
