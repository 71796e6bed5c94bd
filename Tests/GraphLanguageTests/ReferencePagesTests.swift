import GraphIR
import GraphLanguage
import Testing

@Suite struct ReferencePagesTests {
  @Test("an example is accepted, or refused as it says", arguments: ReferencePages.examples)
  func examples(_ example: ReferencePages.Example) {
    let found = diagnostics(of: example)
    let told = found.map { ReferencePages.Refusal(line: Int($0.span.line), message: $0.message) }
    #expect(told == example.refusals, "\(example.text)")
  }

  @Test("every page has examples, and the model that fragments stand in is shown")
  func pages() throws {
    #expect(ReferencePages.names.count >= 15)
    for name in ReferencePages.names {
      let page = String(name.dropLast(".md".count))
      #expect(ReferencePages.examples.contains { $0.testDescription == "\(page) 1" }, "\(name)")
    }
    let landing = try ReferencePages.text(of: "GraphLanguage.md")
    #expect(landing.contains(ReferencePages.preamble + "\n}"))
  }

  @Test("what the landing page lists is there, and nothing else")
  func links() throws {
    var linked: Set<String> = []
    for name in ReferencePages.names {
      let page = try ReferencePages.text(of: name)
      for link in page.split(separator: "<doc:").dropFirst() {
        linked.insert(String(link.prefix { $0 != ">" }) + ".md")
      }
    }
    #expect(linked.sorted() == ReferencePages.names.filter { $0 != "GraphLanguage.md" })
  }

  /// All that is said of an example; open sizes are 20.
  private func diagnostics(of example: ReferencePages.Example) -> [Diagnostic] {
    let (tree, problems) = Parser.parse(SourceFile(name: "page.graph", text: example.text))
    guard problems.isEmpty else { return problems }
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: tree) where !open.isAxis { sizes[open.name] = 20 }
    switch Elaborator.elaborate(tree, sizes: sizes) {
    case .success: return []
    case .failure(let diagnostics): return diagnostics.all
    }
  }
}
