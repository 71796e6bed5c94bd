import GraphIR
import GraphLanguage

/// Elaborates a text; the graph, or the messages as a person sees them.
func elaborate(_ file: SourceFile, sizes: [String: Int] = [:]) -> (graph: Graph?, text: String) {
  let (tree, problems) = Parser.parse(file)
  let renderer = DiagnosticRenderer(files: [file, .library])
  guard problems.isEmpty else { return (nil, renderer.render(problems)) }
  switch Elaborator.elaborate(tree, sizes: sizes) {
  case .success(let graph): return (graph, graph.printed())
  case .failure(let diagnostics): return (nil, renderer.render(diagnostics.all))
  }
}

/// Elaborates a text.
func elaborate(_ text: String, sizes: [String: Int] = [:]) -> (graph: Graph?, text: String) {
  elaborate(SourceFile(name: "m.graph", text: text), sizes: sizes)
}

/// A model of a few inputs and the statements given, which begin in its line 8.
func verdictModel(_ statements: String) -> String {
  """
  model m {
    axis time <= 5
    axis other <= 3
    input x: real[4] over time
    input z: real[4] over other
    input t: token(3) over time
    input a: real[4]
  \(statements)
  }
  """
}

/// What becomes of such a model: `accepted`, or the messages without the lines they show.
func verdict(_ statements: String) -> String {
  let text = verdictModel(statements)
  let (tree, problems) = Parser.parse(SourceFile(name: "m.graph", text: text))
  guard problems.isEmpty else { return problems.map(\.message).joined(separator: "\n") }
  switch Elaborator.elaborate(tree) {
  case .success: return "accepted"
  case .failure(let diagnostics):
    return diagnostics.all.map {
      "\($0.span.line):\($0.span.column): \($0.kind.rawValue): \($0.message)"
        + ($0.hint.map { "\n  \($0)" } ?? "")
    }.joined(separator: "\n")
  }
}
