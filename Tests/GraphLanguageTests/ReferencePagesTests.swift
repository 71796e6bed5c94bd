import GraphIR
import GraphLanguage
import Testing

@Suite struct ReferencePagesTests {
  @Test("an example is accepted, or refused as it says", arguments: ReferencePages.examples)
  func examples(_ example: ReferencePages.Example) {
    let found = diagnostics(of: example)
    let isPending = Self.pending.contains(example.testDescription)
    guard !isPending else {
      #expect(found.contains { $0.kind == .unsupported }, "supported now; strike it out")
      return
    }
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

  /// Examples of what is not built yet.
  private static let pending: Set<String> = [
    "Chance 1", "Chance 2", "Chance 3", "Chance 4", "Chance 5", "ForPeopleWhoKnowKeras 1",
    "ForPeopleWhoKnowKeras 4", "ForPeopleWhoKnowPyTorch 3", "FromAnRNNToAttention 4",
    "LayersAndCells 22", "LayersAndCells 24", "LossesAndMetrics 9", "Primitives 1", "Primitives 3",
    "Primitives 5", "Primitives 6", "Primitives 7", "ScansAndTime 15", "ScansAndTime 16",
    "ScansAndTime 17", "TypesAndAxes 5", "TypesAndAxes 6", "TypesAndAxes 7", "TypesAndAxes 8",
  ]
}
