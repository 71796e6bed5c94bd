import GraphIR
import GraphLanguage
import Testing

/// Which texts are read, and as what.
@Suite struct ParserTests {
  @Test(arguments: Definitions.names)
  func everyDefinitionIsRead(_ name: String) throws {
    let (file, diagnostics) = Parser.parse(try Definitions.file(name))
    #expect(diagnostics.isEmpty)
    #expect((file.model == nil) == (name == "library.graph"))
  }

  @Test func definitionsAreFound() {
    #expect(Definitions.names.count >= 37)
  }

  @Test func theLibraryIsRead() {
    let (file, diagnostics) = Parser.parse(.library)
    #expect(diagnostics.isEmpty)
    #expect(file.definitions.contains { $0.name.text == "lstm" && $0.name.span.source == .library })
  }

  @Test func theTreeHoldsWhatIsWritten() {
    let text = """
      layer f(x: real[n] over t; k = 2, inner: layer) { emit -x @ x[1:k] + step g(x, l0.h: a), y }
      """
    #expect(
      tree(text) == """
        layer f
          value x
            type over t
              real
              dimension
                name n
          static k
            number 2.0
          static inner: layer
          emit with y
            operations
              negate
                operations
                  name x
                  @
                    selections
                      name x
                      slice
                        number 1.0
                        name k
              +
                step g
                  name x
                  argument l0.h:
                    name a

        """
    )
  }

  @Test func wordsOfStatementsAreNamesElsewhere() {
    let text = "model m {\n  layer target = f\n  y = target(size, axis.loss) + model + cell\n}"
    #expect(messages(text).isEmpty)
  }

  @Test func lineEndsInBracketsMeanNothing() {
    #expect(tree("model m {\n y = f(\n a,\n [b\n])\n}") == tree("model m { y = f(a, [b]) }"))
  }

  @Test func lineEndsOfWindowsAreRead() {
    #expect(tree("model m {\r\n  y = 1 # c\r\n}\r\n") == tree("model m { y = 1 }"))
    #expect(messages("model m {\r\n  y = 1 # c\r\n}\r\n").isEmpty)
  }

  @Test func spansCountCharacters() throws {
    let file = SourceFile(name: "x", text: "# \u{E9}\nmodel m {\n  y = a + (b\n    * c)\n}")
    let statement = try #require(Parser.parse(file).0.model?.body.statements.first)
    #expect(statement.span == SourceSpan(line: 3, column: 3, length: 10))
  }

  @Test func nestingHasALimit() {
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("-", ""), ("x[", "]")] {
      func nested(_ depth: Int) -> String {
        let opening = String(repeating: open, count: depth)
        return "model m {\n y = \(opening)1\(String(repeating: close, count: depth))\n}"
      }
      #expect(messages(nested(63)).isEmpty)
      #expect(messages(nested(64)).contains("nesting is deeper than 64"))
      #expect(messages(nested(20_000)).contains("nesting is deeper than 64"))
    }
    let scans = String(repeating: "scan over t {\n", count: 10_000)
    #expect(messages("model m {\n" + scans).contains("nesting is deeper than 64"))
  }

  @Test func longLinesAreRead() throws {
    for part in [" + 1", " @ a", ".h", "[0]", " - -1"] {
      let line = String(repeating: part, count: SourceFile.tokenLimit / 3 - 8)
      let file = SourceFile(name: "x", text: "model m {\ny = a\(line)\n}")
      #expect(Parser.parse(file).1.isEmpty)
    }
  }

  @Test func tooLongATextIsRefused() {
    let file = SourceFile(name: "x", bytes: [UInt8](repeating: 10, count: 1 << 20 + 1))
    #expect(Parser.parse(file).1.map(\.message).first?.hasPrefix("the text has") == true)
  }

  @Test func tooManyTokensAreRefused() {
    let line = "  y = 1" + String(repeating: "+1", count: SourceFile.tokenLimit / 2)
    let file = SourceFile(name: "x", text: "model m {\n\(line)\n y = = 1 }")
    let expected = "the text has more than 65536 words, signs and comments"
    #expect(Parser.parse(file).1.map(\.message) == [expected])
  }

  @Test func theLongestTextIsRead() {
    let longest = SourceFile(name: "x", bytes: [UInt8](repeating: 10, count: 1 << 20))
    #expect(Parser.parse(longest).1.isEmpty)
  }

  @Test func namesOfBrokenStatementsAreKnown() throws {
    let text = "cell f(x) { }\nmodel m {\n a, b = 1 +\n scan over { c = 1 }\n}"
    let (file, diagnostics) = Parser.parse(SourceFile(name: "x", text: text))
    #expect(diagnostics.count == 3)
    #expect(file.brokenNames.map(\.text) == ["f"])
    let names = try #require(file.model).body.statements.flatMap(\.boundNames).map(\.text)
    #expect(names == ["a", "b", "c"])
  }
}
