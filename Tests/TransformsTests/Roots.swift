import GraphIR
import Reference
import TestSupport
import Transforms

/// What a root is, apart from its value.
struct RootKey: Hashable {
  /// What the caller knows it by.
  var name: String
  /// What becomes of it.
  var kind: Root.Kind
}

/// The roots' values in Double, at the greatest lengths; weights and inputs follow from a seed.
func values(
  of graph: Graph,
  given: [VariableID: Tensor<Double>] = [:],
  seed: Int = 1
) throws -> [RootKey: Tensor<Double>] {
  let lengths = RandomValues.greatestLengths(graph)
  var variables = RandomValues.variables(of: graph, lengths: lengths, seed: seed)
  variables.merge(given) { $1 }
  let results = try Interpreter<Double>(graph: graph, lengths: lengths)
    .run(variables: variables, seed: 7)
  let keys = graph.roots.map { RootKey(name: $0.name, kind: $0.kind) }
  return Dictionary(zip(keys, results)) { first, _ in first }
}

/// How far two values are apart, relative to the greatest magnitude; infinite if shapes differ.
func distance(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
  guard a.type == b.type, a.values.count == b.values.count else { return .infinity }
  let greatest = (a.values + b.values).map(\.magnitude).max() ?? 0
  var farthest = 0.0
  for (x, y) in zip(a.values, b.values) where x != y {
    guard (x - y).magnitude >= 0 else { return .infinity }
    farthest = max(farthest, (x - y).magnitude / max(greatest, 1))
  }
  return farthest
}

/// A graph ready for the lists of passes.
func prepared(_ name: String) throws -> Graph {
  try run(Pipelines.prepare, on: SampleModels.graph(name))
}

/// The graph after passes, each verified.
func run(_ passes: [Pass], on graph: Graph) throws -> Graph {
  try PassRunner().run(passes, on: graph).0
}
