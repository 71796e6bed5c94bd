import GraphIR
import GraphLanguage
import Testing

/// What a person is told about a text that cannot be read.
@Suite struct DiagnosticTests {
  @Test func thereAreManyCases() {
    #expect(SyntaxErrorTable.cases.count >= 55)
  }

  @Test(arguments: SyntaxErrorTable.cases)
  func aMistakeIsToldWithItsRemedy(_ statement: String, _ expected: String) {
    #expect(messages("model m {\n  \(statement)\n}") == expected)
  }

  @Test func fiveMistakesGiveFiveMessages() {
    let text = """
      cell f(x; n) { emit x }
      model m {
        axis time <=
        y = f(x))
        scan over time {
          h = tanh(, x)
        }
        output y sa z
      }
      """
    #expect(places(text) == ["1:9", "3:15", "4:11", "6:14", "8:12"])
  }

  @Test(arguments: [
    ("x = 1", "1:1"),
    ("loss x\noutput y\n}", "1:1"),
    ("}\nmodel m { }", "1:1"),
    ("mdoel m {\n y =\n}", "1:1 2:5"),
    ("cell (x: real) { y = }", "1:6 1:22"),
    ("cell f(x: real; n: real) { }", "1:20"),
    ("cell f { }", "1:8"),
    ("cell f(x: real)", "1:16"),
    ("cell f(x: real {\n emit x\n}", "1:7"),
    ("model m\n{\n}", "1:7"),
    ("model m {\n scan over t {\n y = 1", "2:14"),
    ("model m {\n}\nmodel n { }", "3:1"),
    ("model m {\n y = f(a,\n output y\n z = 1 +\n}", "2:7 4:9"),
    ("model m {\n y = f(a b,\n c)\n z = 1\n}", "2:10"),
    ("cell f(x: real) {\n emit x\nmodel m {\n output )\n}", "1:17 4:9"),
    ("model m {\n}\n}\nloss x\noutput y", "3:1"),
    ("model m {\n layer rnn(128)\n}\nlayer f(x: real) { }", "2:11"),
    ("model m {\n layer a = b\nlayer f(x: real) { emit x }\n", "1:9"),
    ("model m {\n scna over t {\n  a = )\n }\n b = 1\n}", "2:2 3:7"),
  ])
  func aMistakeBringsNoOther(_ text: String, _ expected: String) {
    #expect(places(text).joined(separator: " ") == expected)
  }

  @Test(arguments: [
    ("y = a \u{2212} b", "`\u{2212}` only looks like `-`"),
    ("y = f\u{FF08}a)", "`\u{FF08}` only looks like `(`"),
    ("y =\u{A0}1", "the space U+00A0 only looks like a plain space"),
    ("y = 1 # \u{202E}", "the comment holds the control character U+202E"),
    ("y = \0", "unexpected control character U+0000"),
  ])
  func charactersThatDeceiveAreNamed(_ statement: String, _ expected: String) {
    let (_, diagnostics) = Parser.parse(
      SourceFile(name: "x", text: "model m {\n\(statement)\n}")
    )
    #expect(diagnostics.map(\.message) == [expected])
  }

  @Test func bytesThatAreNotUTF8AreNamed() {
    let file = SourceFile(
      name: "x",
      bytes: Array("model m {\n y = ".utf8) + [0xC3, 0x28, 0x0A, 0x7D]
    )
    #expect(Parser.parse(file).1.map(\.message) == ["these bytes are not UTF-8"])
  }

  @Test func longLinesAreShownInPart() {
    let line = String(repeating: "a + ", count: 1000)
    let shown = messages("model m {\ny = \(line))\n}").split(separator: "\n")
    #expect(shown.allSatisfy { $0.count < 140 })
    #expect(shown[1].hasPrefix("  2 | ..."))
  }

  @Test func manyMessagesAreCutShort() {
    let text = "model m {\n" + String(repeating: "y =\n", count: 130) + "}"
    #expect(messages(text).hasSuffix("\n\nand 30 more\n"))
  }

  @Test func aMessageWithoutAPlaceNamesTheFile() {
    let file = SourceFile(name: "x.graph", text: "")
    let renderer = DiagnosticRenderer(files: [file])
    let diagnostic = Diagnostic(.unsupported, "this", hint: "do that")
    #expect(renderer.render(diagnostic) == "x.graph: not supported yet: this\n    = do that\n")
  }

  /// Where the messages about a text point.
  private func places(_ text: String) -> [String] {
    Parser.parse(SourceFile(name: "x", text: text)).1.map { "\($0.span.line):\($0.span.column)" }
  }
}
