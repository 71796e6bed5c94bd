import GraphIR
import GraphLanguage
import Testing

/// A few statements in a small model, and what becomes of them.
struct ElaborationCase: CustomTestStringConvertible, Sendable {
  /// What is tried, as a phrase.
  var testDescription: String
  /// The statements; `verdict` says in what model.
  var statements: String
  /// `accepted`, or the messages.
  var verdict: String

  /// All cases, table after table.
  static let all: [ElaborationCase] = [
    applications, models, details, axes, windows, chance, meetings,
  ].flatMap(\.self)

  /// Describes a case.
  init(_ description: String, _ statements: String, _ verdict: String) {
    testDescription = description
    self.statements = statements
    self.verdict = verdict
  }
}

@Suite struct ElaborationTests {
  @Test(
    "the rules meet as the language says",
    arguments: ElaborationCase.all
  )
  func rules(_ rule: ElaborationCase) {
    #expect(verdict(rule.statements) == rule.verdict)
  }

  @Test(
    "a definition is elaborated into a graph that is valid, prints and parses back",
    arguments: Definitions.names.filter { !$0.hasPrefix("refused-") && $0 != "library.graph" }
  )
  func accepted(_ name: String) throws {
    let (graph, text) = elaborate(try Definitions.file(name), sizes: try sizes(of: name))
    let found = try #require(graph, "\(text)")
    #expect(throws: Never.self) { try found.verify() }
    #expect(try GraphReader.read(text).printed() == text)
  }

  @Test("every definition that is to be refused is tried")
  func allRefused() {
    let names = Definitions.names.filter { $0.hasPrefix("refused-") }
    #expect(names == Self.refusals.map { "refused-\($0.name).graph" }.sorted())
  }

  @Test("a definition that is wrong is refused for its reason", arguments: refusals.map(\.name))
  func refused(_ name: String) throws {
    let wanted = try #require(Self.refusals.first { $0.name == name })
    let (graph, text) = elaborate(try Definitions.file("refused-\(name).graph"))
    #expect(graph == nil)
    #expect(text == wanted.text + "\n")
  }

  @Test("five unrelated mistakes give five messages, in the order of the text")
  func fiveMistakes() {
    let text = """
      cell leaky(x: real[n]; units) {
        param weight: real[units, n] ~ glorot
        state h: real[units] = 0
        next h = 0.9 * h + wieght @ x
        emit next h
      }
      model m {
        axis time <= 20
        axis letter <= 5 in time
        input x: real[4] over time
        input s: real[3] over letter
        target y: token(2) over time
        layer f = leaky(8), g = linear(2)
        pooled = sum(s over time)
        h = g(concat(x, last(s over letter)))
        logits = g(x)
        noisy = dropout(h, 2)
        loss cross_entropy(h, y)
        metric draw(h) == y as odd
        train adam(rate: 0.01) carry over letter
        output f(pooled) as z
        output noisy
      }
      """
    let (_, found) = elaborate(text)
    let errors = found.split(separator: "\n").filter { $0.contains("error: ") }.map(String.init)
    #expect(
      errors == [
        "m.graph:4:22: error: `wieght` is not known",
        "m.graph:14:16: error: `time` cannot be reduced while `letter`, which is in it, stays",
        "m.graph:16:14: error: `g` takes `x: real[7]`, not real[4] over time",
        "m.graph:17:22: error: the chance of a `dropout` cannot be 2.0",
        "m.graph:20:37: error: states are not kept along `letter`, which begins anew at each "
          + "position of `time`",
      ]
    )
  }

  @Test("the same text gives the same graph")
  func isDeterministic() throws {
    let file = try Definitions.file("translator.graph")
    let sizes = try sizes(of: "translator.graph")
    #expect(elaborate(file, sizes: sizes).text == elaborate(file, sizes: sizes).text)
  }

  /// A value for every open size of a definition.
  private func sizes(of name: String) throws -> [String: Int] {
    let (tree, _) = Parser.parse(try Definitions.file(name))
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: tree) where !open.isAxis { sizes[open.name] = 20 }
    return sizes
  }
}
