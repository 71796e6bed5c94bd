package import GraphIR
package import Transforms

/// Where passes simplify a graph: what breaks the constitution of `simplify`, which is never to raise the
/// work, and to be done in one run.
package func simplifyFaults(_ passes: [Pass], on graph: Graph) throws -> [String] {
  let runner = PassRunner()
  var graph = graph
  var faults: [String] = []
  for pass in passes {
    let before = graph
    graph = try runner.run([pass], on: graph).0
    guard pass.name == Pass.simplify.name else { continue }
    if graph.work > before.work { faults.append("work grew from \(before.work) to \(graph.work)") }
    if try runner.run([pass], on: graph).0 != graph {
      faults.append("a second run changed the graph")
    }
  }
  return faults
}

/// Every list in which a definition's graph is simplified, but where steps are written out.
package let simplifyingLists: [[Pass]] = [
  Pipelines.rolled(.auto),
  Pipelines.gradient + Pipelines.update + Pipelines.finishRagged(.auto, .train),
  Pipelines.pullback(.auto) + Pipelines.entry(.pullback),
  Pipelines.stream,
].map { Pipelines.prepare + $0 }
