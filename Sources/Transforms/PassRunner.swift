package import GraphIR

/// Runs passes in order, verifying after each and blaming the one that broke the graph.
package struct PassRunner: Sendable {
  /// What one pass took.
  package struct Timing: Sendable {
    /// The pass's name.
    package let name: String
    /// How long it ran, its verification included.
    package let seconds: Double
    /// How many nodes it left.
    package let nodes: Int
  }

  /// Gives seconds from any fixed moment.
  package typealias Clock = @Sendable () -> Double

  /// Reads the time; the room itself knows no clock.
  private let clock: Clock
  /// Told of every graph a pass changed.
  private let onChange: @Sendable (Pass, Graph) -> Void

  /// Makes a runner; `onChange` serves `--print-after`.
  package init(
    clock: @escaping Clock = { 0 },
    onChange: @escaping @Sendable (Pass, Graph) -> Void = { _, _ in }
  ) {
    self.clock = clock
    self.onChange = onChange
  }

  /// The graph after all passes, and what each took.
  package func run(_ passes: [Pass], on graph: Graph) throws(Diagnostic) -> (Graph, [Timing]) {
    var graph = graph
    var timings: [Timing] = []
    for pass in passes {
      let start = clock()
      let before = graph
      do {
        graph = try pass.run(graph)
        try graph.verify()
      } catch {
        guard error.kind == .bug else { throw error }
        throw Diagnostic(
          .bug,
          "the pass \(pass.name): \(error.message)",
          at: error.span,
          hint: "report it with this graph:\n" + before.printed()
        )
      }
      timings.append(
        Timing(name: pass.name, seconds: clock() - start, nodes: graph.nodeCount)
      )
      if graph != before { onChange(pass, graph) }
    }
    return (graph, timings)
  }
}

extension Graph {
  /// How many nodes there are, those of steps among them.
  package var nodeCount: Int { scans.reduce(main.count) { $0 + $1.body.count } }
}
