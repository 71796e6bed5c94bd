import GraphIR
import GraphLanguage
import Testing

/// Elaborates a text; the printed graph, or the messages.
func elaborated(_ text: String, sizes: [String: Int] = [:]) -> String {
  let file = SourceFile(name: "test.graph", text: text)
  let (tree, problems) = Parser.parse(file)
  let renderer = DiagnosticRenderer(files: [file, .library])
  guard problems.isEmpty else { return renderer.render(problems) }
  switch Elaborator.elaborate(tree, sizes: sizes) {
  case .success(let graph): return graph.printed()
  case .failure(let diagnostics): return renderer.render(diagnostics.all)
  }
}
