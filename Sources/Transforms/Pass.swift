package import GraphIR

/// A named function from graph to graph.
package struct Pass: Sendable {
  /// The name that `--print-after` and the timings know it by.
  package let name: String
  /// What it was told, such as the entry that it selects; nil when it needs no telling.
  package let setting: String?
  /// What it does, in one line.
  package let summary: String
  /// What it does.
  package let run: @Sendable (Graph) throws(Diagnostic) -> Graph

  /// Names a function.
  package init(
    _ name: String,
    _ summary: String,
    setting: String? = nil,
    run: @escaping @Sendable (Graph) throws(Diagnostic) -> Graph
  ) {
    self.name = name
    self.setting = setting
    self.summary = summary
    self.run = run
  }

  /// The name with the setting, which tell this pass from all others.
  package var title: String { setting.map { "\(name) \($0)" } ?? name }
}
