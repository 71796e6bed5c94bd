import GraphIR
import Reference
import Testing

/// What a model's roots come to in Double, by their names.
///
/// `lengths` are those of the axes, by name; one example unless `batch` says more. A variable that is
/// given no values gets some of its own, never 0 and never twice the same.
func computedRoots(
  _ text: String,
  lengths: [String: Int] = [:],
  values: [String: [Double]] = [:],
  seed: UInt64 = 0
) throws -> [String: [Double]] {
  let (graph, messages) = elaborate(text)
  return try computedRoots(
    #require(graph, "\(messages)"),
    lengths: lengths,
    values: values,
    seed: seed
  )
}

/// What a graph's roots come to in Double, by their names.
func computedRoots(
  _ graph: Graph,
  lengths: [String: Int],
  values: [String: [Double]],
  seed: UInt64 = 0
) throws -> [String: [Double]] {
  var all: [Int] = []
  for axis in graph.axes {
    switch axis.extent {
    case .fixed(let count): all.append(count)
    case .derived(let source, let divisor, _): all.append(all[Int(source.index)] / divisor)
    case .bounded: all.append(lengths[axis.name] ?? (axis.name == "batch" ? 1 : 2))
    }
  }
  var given: [VariableID: Tensor<Double>] = [:]
  for (place, id) in graph.variableIDs.enumerated() {
    let variable = graph[id]
    let lengths = variable.type.axes.axes.map { all[Int($0.index)] }
    let count = Tensor<Double>.count(variable.type, lengths: lengths)
    var numbers = (0..<count).map { Double(($0 * 37 + place * 11) % 101 - 50) / 53 + 0.01 }
    if case .token(let bound) = variable.type.element {
      numbers = (0..<count).map { Double(($0 * 5 + place) % Int(bound)) }
    }
    if variable.kind == .training { numbers = [0] }
    given[id] = Tensor(
      type: variable.type,
      lengths: lengths,
      values: values[variable.name] ?? numbers
    )
  }
  let results = try Interpreter<Double>(graph: graph, lengths: all).run(
    variables: given,
    seed: seed
  )
  var named: [String: [Double]] = [:]
  for (root, result) in zip(graph.roots, results) { named[root.name] = result.values }
  return named
}

/// `true` iff numbers agree, each within 1e-9 of the greatest.
func agree(_ a: [Double]?, _ b: [Double]) -> Bool {
  guard let a, a.count == b.count else { return false }
  let scale = max(1, b.map(abs).max() ?? 1)
  return zip(a, b).allSatisfy { abs($0 - $1) <= 1e-9 * scale }
}
