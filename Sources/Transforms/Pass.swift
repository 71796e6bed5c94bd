package import GraphIR

/// A named function from graph to graph.
package struct Pass: Sendable {
  /// The name that `--print-after` and the timings know it by.
  package let name: String
  /// What it does, in one line.
  package let summary: String
  /// What it does.
  package let run: @Sendable (Graph) throws(Diagnostic) -> Graph

  /// Names a function.
  package init(
    _ name: String,
    _ summary: String,
    run: @escaping @Sendable (Graph) throws(Diagnostic) -> Graph
  ) {
    self.name = name
    self.summary = summary
    self.run = run
  }
}
