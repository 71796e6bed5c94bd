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
    arguments: ElaborationCase.applications + ElaborationCase.models + ElaborationCase.details
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
