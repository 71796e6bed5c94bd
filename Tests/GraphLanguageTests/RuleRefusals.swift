import GraphIR
import GraphLanguage
import Testing

/// For each rule of the language at least one text that breaks it, in the order of the reference, with
/// all that a person is told: place, message, hint.
///
/// What cannot be read at all is in `SyntaxErrorTable`. A case is its rule, the text, and the messages
/// after `---`. Statements stand from line 8 on in a model that has inputs `x`, `z`, `t` and `a`; what
/// has a model, or is to have none, is the whole file.
enum RuleRefusals {
  /// A rule, a text that breaks it, and what is said.
  struct Case: CustomTestStringConvertible, Sendable {
    /// The rule.
    var testDescription: String
    /// The whole text.
    var text: String
    /// The messages.
    var messages: String
  }

  /// All cases.
  static let cases: [Case] = [
    text, types, operators, layers, scans, entries, limits, primitives, library,
  ].flatMap(read)

  /// The cases of a table, which empty lines part.
  private static func read(_ table: String) -> [Case] {
    var cases: [Case] = []
    var rule = ""
    var text: [String] = []
    var messages: [String]?
    for line in table.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("> ") {
        rule = String(line.dropFirst(2))
      } else if line == "---" {
        messages = []
      } else if let said = messages, !line.isEmpty {
        messages = said + [line]
      } else if let said = messages {
        cases.append(
          Case(
            testDescription: rule,
            text: whole(text),
            messages: said.joined(separator: "\n")
          )
        )
        (text, messages) = ([], nil)
      } else {
        text.append(line)
      }
    }
    return cases
  }

  /// Statements in their model; a whole file as it is.
  private static func whole(_ lines: [String]) -> String {
    let text = lines.joined(separator: "\n")
    let isFile = lines.contains {
      $0.hasPrefix("model ") || $0.hasPrefix("layer f(x: real) { emit x }")
    }
    if isFile { return text }
    return """
      model m {
        axis time <= 5
        axis other <= 3
        input x: real[4] over time
        input z: real[4] over other
        input t: token(3) over time
        input a: real[4]
      \(text)
      }
      """
  }
}

@Suite struct RuleRefusalTests {
  @Test("a text that breaks a rule is refused for it", arguments: RuleRefusals.cases)
  func refusals(_ rule: RuleRefusals.Case) {
    let (tree, problems) = Parser.parse(SourceFile(name: "m.graph", text: rule.text))
    var found = problems
    if problems.isEmpty, case .failure(let diagnostics) = Elaborator.elaborate(tree) {
      found = diagnostics.all
    }
    let said = found.map {
      "\($0.span.line):\($0.span.column): \($0.kind.rawValue): \($0.message)"
        + ($0.hint.map { "\n  \($0)" } ?? "")
    }.joined(separator: "\n")
    #expect(said == rule.messages, "\(rule.text)")
  }

  @Test("there are many")
  func count() {
    #expect(RuleRefusals.cases.count >= 200)
  }
}
