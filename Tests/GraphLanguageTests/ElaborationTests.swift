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
    arguments: [
      "amplifier", "caption", "char-lm", "classifier", "conformance-seq2seq", "context",
      "deep-bridge", "forecaster", "free", "learned", "matrix", "onnx", "pool", "scalar", "shared",
      "tagger-2", "torch", "torch2", "translator",
    ]
  )
  func accepted(_ name: String) throws {
    let (graph, text) = elaborate(try Definitions.file("\(name).graph"), sizes: try sizes(of: name))
    let found = try #require(graph, "\(text)")
    #expect(throws: Never.self) { try found.verify() }
    #expect(try GraphReader.read(text).printed() == text)
  }

  @Test(
    "what is not built yet says so and nothing else",
    arguments: [
      "attention", "cells", "conv", "noise", "scheduled", "self", "speech", "tagger", "word-lm",
    ]
  )
  func unsupported(_ name: String) throws {
    let (tree, _) = Parser.parse(try Definitions.file("\(name).graph"))
    guard case .failure(let diagnostics) = Elaborator.elaborate(tree, sizes: try sizes(of: name))
    else {
      Issue.record("\(name) is supported now; move it to the accepted")
      return
    }
    for diagnostic in diagnostics.all {
      #expect(diagnostic.kind == .unsupported, "\(diagnostic.message)")
      #expect(diagnostic.hint != nil)
    }
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
    let sizes = try sizes(of: "translator")
    #expect(elaborate(file, sizes: sizes).text == elaborate(file, sizes: sizes).text)
  }

  /// A value for every open size of a definition.
  private func sizes(of name: String) throws -> [String: Int] {
    let (tree, _) = Parser.parse(try Definitions.file("\(name).graph"))
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: tree) where !open.isAxis { sizes[open.name] = 20 }
    return sizes
  }
}
