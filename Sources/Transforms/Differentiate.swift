internal import GraphIR

extension Pass {
  /// Adds the gradient of the loss by every weight that is not frozen.
  package static let differentiate = differentiate(showingFlow: false)
  /// The same, and how much of the gradient comes to each step: the norm of each state's gradient.
  package static let differentiateShowingFlow = differentiate(showingFlow: true)

  private static func differentiate(showingFlow: Bool) -> Pass {
    Pass(
      "differentiate",
      "adds the gradient of the loss by every weight; a scan's adjoint is a scan the other way",
      setting: showingFlow ? "flow" : nil
    ) { graph throws(Diagnostic) in try differentiated(graph, showingFlow) }
  }

  private static func differentiated(_ graph: Graph, _ showsFlow: Bool) throws(Diagnostic) -> Graph
  {
    guard let loss = graph.roots.firstIndex(where: { $0.kind == .loss }) else { return graph }
    let weights = graph.variableIDs.filter {
      if case .parameter(_, frozen: false) = graph[$0].kind { true } else { false }
    }
    let differentiation = Differentiation(of: graph, showsFlow: showsFlow)
    let one = differentiation.builder.append(.real(1), [])
    return try differentiation.run(
      seeds: [(graph.main.results[loss], one)],
      variables: weights,
      entries: [.gradients]
    )
  }

  /// Makes of `infer` the entry that takes gradients of its outputs to those of weights and inputs.
  package static let pullback = Pass(
    "pullback",
    "adds the gradients of weights and inputs for given gradients of the outputs"
  ) { graph throws(Diagnostic) in
    var graph = graph
    let outputs = graph.roots.indices.filter { graph.roots[$0].kind == .output }
    guard outputs.contains(where: { graph.main.type(graph.main.results[$0]).element == .real })
    else { return graph }
    let firstSeed = graph.variables.count
    for output in outputs {
      let type = graph.main.type(graph.main.results[output])
      guard type.element == .real else { continue }
      let name = "gradient." + graph.roots[output].name
      graph.variables.append(Variable(name: name, kind: .outputGradient, type: type))
    }
    let wanted = graph.variableIDs.filter {
      switch graph[$0].kind {
      case .parameter(_, let frozen): !frozen
      case .input: graph[$0].type.element == .real
      case .state, .optimizer, .fresh, .rate, .training, .outputGradient, .divisor: false
      }
    }
    let differentiation = Differentiation(of: graph)
    var seeds: [(ValueID, ValueID)] = []
    for output in outputs where graph.main.type(graph.main.results[output]).element == .real {
      let seed = differentiation.builder.variable(VariableID(firstSeed + seeds.count))
      seeds.append((graph.main.results[output], seed.id))
    }
    return try differentiation.run(seeds: seeds, variables: wanted, entries: [.pullback])
  }
}

/// One differentiation of a graph's main block.
private final class Differentiation {
  let builder: BlockBuilder
  private let main: Block
  private let graph: Graph

  /// Whether the norms of states' gradients are given too.
  private let showsFlow: Bool

  init(of graph: Graph, showsFlow: Bool = false) {
    self.graph = graph
    self.showsFlow = showsFlow
    main = graph.main
    builder = BlockBuilder(graph: graph, continuing: graph.main)
  }

  /// The graph with a gradient root for each variable, in their order.
  func run(seeds: [(ValueID, ValueID)], variables: [VariableID], entries: Set<Entry>)
    throws(Diagnostic) -> Graph
  {
    var sought = [Bool](repeating: false, count: main.count)
    var leaves: [VariableID: ValueID] = [:]
    for id in main.ids {
      guard case .variable(let variable) = main[id].op, variables.contains(variable) else {
        continue
      }
      sought[Int(id.index)] = true
      leaves[variable] = id
    }
    let active = Gradients.reached(from: sought, in: main)
    let gradients = Gradients(of: main, in: builder, isActive: active) { $0 }
    for (value, seed) in seeds { gradients.add(seed, to: value) }
    var flows: [(name: String, norm: ValueID)] = []
    try gradients.collect { (scan) throws(Diagnostic) in
      let adjoint = ScanAdjoint(
        of: scan,
        in: main,
        active: active,
        outer: gradients,
        builder: builder,
        root: builder,
        showsFlow: showsFlow
      )
      try adjoint.run()
      flows += adjoint.flows
    }
    var results = main.results
    var roots = graph.roots
    for variable in variables {
      let gradient = leaves[variable].flatMap { gradients.gradient($0) }
      results.append(gradient ?? builder.zero(graph[variable].type))
      let name = graph[variable].name
      roots.append(Root(name: name, kind: .gradient(variable), entries: entries))
    }
    // The last scan's adjoint comes first.
    for flow in flows.reversed() {
      results.append(flow.norm)
      roots.append(Root(name: "flow." + flow.name, kind: .output, entries: entries))
    }
    var result = builder.graph
    result.main = try builder.finish(results: results)
    result = builder.graph.with(main: result.main, roots: roots)
    return result
  }
}

extension Graph {
  /// The graph with another main block and the roots of its results.
  func with(main: Block, roots: [Root]) -> Graph {
    var graph = self
    graph.main = main
    graph.roots = roots
    return graph
  }
}
