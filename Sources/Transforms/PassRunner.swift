package import GraphIR

/// Runs passes in order, verifying after each and blaming the one that broke the graph.
package struct PassRunner: Sendable {
  /// What one pass took.
  package struct Timing: Sendable {
    /// The pass's name.
    package let name: String
    /// How long it ran, in seconds.
    package let seconds: Double
    /// How long its result was verified, in seconds.
    package let verifying: Double
    /// How many nodes it left.
    package let nodes: Int
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
    observe: ((Pass, Graph) -> Void)? = nil
  ) throws(Diagnostic) -> (Graph, [Timing]) {
    var graph = graph
    var timings: [Timing] = []
    for pass in passes {
      let start = clock()
      let before = graph
      let done: Double
      do {
        graph = try pass.run(graph)
        done = clock()
        try graph.verify()
      } catch {
        guard error.kind == .bug else { throw error }
        var blamed = error
        blamed.message = "the pass \(pass.title): \(error.message)"
        blamed.evidence = .init(step: "pass \(pass.title)", graph: before)
        throw blamed
      }
      timings.append(
        Timing(
          name: pass.name,
          seconds: done - start,
          verifying: clock() - done,
          nodes: graph.nodeCount
        )
      )
      if let observe, graph != before { observe(pass, graph) }
    }
    return (graph, timings)
  }
}

extension Graph {
  /// How many nodes there are, those of steps among them.
  package var nodeCount: Int { scans.reduce(main.count) { $0 + $1.body.count } }
}
