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

    /// States a time.
    package init(name: String, seconds: Double, nodes: Int) {
      self.name = name
      self.seconds = seconds
      self.nodes = nodes
    }
  }

  /// Reads the time in seconds; the room itself knows no clock.
  private let clock: @Sendable () -> Double

  /// Makes a runner.
  package init(clock: @escaping @Sendable () -> Double = { 0 }) {
    self.clock = clock
  }

  /// The graph after all passes, and what each took; `observe` is told of every graph that changed.
  package func run(
    _ passes: [Pass],
    on graph: Graph,
    observe: (Pass, Graph) -> Void = { _, _ in }
  ) throws(Diagnostic) -> (Graph, [Timing]) {
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
      if graph != before { observe(pass, graph) }
    }
    return (graph, timings)
  }
}

extension Graph {
  /// How many nodes there are, those of steps among them.
  package var nodeCount: Int { scans.reduce(main.count) { $0 + $1.body.count } }
}
