package import GraphIR
internal import GraphLanguage
internal import ModelRuntime
package import Reference
internal import Transforms

/// A definition both ways: as graphs to interpret, and as a model to run.
///
/// Results are named as roots are; a gradient is `gradient NAME`, what is left in a variable `after NAME`.
package struct ModelHarness: Sendable {
  /// The definition; nothing for a graph made by hand.
  package let text: String?
  /// How it is compiled.
  package let options: Compiler.Options
  /// The graph as elaborated.
  package let elaborated: Graph
  private let prepared: Graph
  private let applied: Graph
  /// What a test has put wrong.
  package let fault: PlantedFault?
  /// The optimised graph of training, evaluation and inference.
  package let whole: Graph

  /// Elaborates and optimises a definition.
  package init(_ text: String, _ options: Compiler.Options, fault: PlantedFault? = nil) throws {
    let pipeline = Pipeline(options: options)
    let elaborated = try pipeline.elaborate(SourceFile(name: "test.graph", text: text))
    try self.init(elaborated, text, options, fault: fault)
  }

  /// Optimises a graph made by hand.
  package init(
    _ elaborated: Graph,
    _ text: String? = nil,
    _ options: Compiler.Options,
    fault: PlantedFault? = nil
  ) throws {
    self.text = text
    self.fault = fault
    self.options = options
    self.elaborated = elaborated
    var pipeline = Pipeline(options: options, fault: fault)
    var prepared = try pipeline.run(Pipelines.prepare, on: elaborated)
    applied = try pipeline.run(Pipelines.applied, on: prepared)
    prepared.variables = applied.variables
    self.prepared = prepared
    whole = try pipeline.optimize(prepared)
  }

  private var unrolling: Unrolling {
    switch options.unrolling {
    case .auto: .auto
    case .full: .full
    case .steps(let count): .steps(count)
    }
  }

  /// The optimised graph of one entry, as it is lowered.
  package func graph(of entry: Entry) throws -> Graph {
    var pipeline = Pipeline(options: options, fault: fault)
    let graph =
      switch entry {
      case .infer, .evaluate, .gradients, .train: whole
      case .update: applied
      case .pullback: try pipeline.run(Pipelines.pullback(unrolling), on: prepared)
      case .begin, .step, .generate, .advance: try pipeline.run(Pipelines.stream, on: prepared)
      case .measures: try pipeline.run(Pipelines.measures, on: elaborated)
      case .initialize: try pipeline.run(Pipelines.initialize, on: prepared)
      }
    return try pipeline.run(Pipelines.entry(entry), on: graph)
  }

  /// The second reference: every step written out before differentiation.
  package func reference() throws -> Graph {
    var pipeline = Pipeline(options: options, fault: fault)
    return try pipeline.run(Pipelines.reference, on: prepared)
  }

  /// The variables that an entry leaves something in.
  package func stores(_ entry: Entry) throws -> [Variable] {
    try graph(of: entry).roots.compactMap {
      if case .store(let id) = $0.kind { whole[id] } else { nil }
    }
  }

  /// The plan of the model's C.
  package func generated() throws -> GeneratedModel {
    var pipeline = Pipeline(options: options, fault: fault)
    let model = try Compiler.assemble(pipeline.plan(elaborated))
    return try fault?.plant(in: model) ?? model
  }

  /// Runs an entry's graph in the interpreter.
  package func interpret<S: Scalar>(_ entry: Entry, _ data: CallData, in _: S.Type) throws
    -> [String: [S]]
  {
    try Self.interpret(graph(of: entry), data, in: S.self)
  }

  /// Runs a graph in the interpreter; variables that are not given are at their first values.
  ///
  /// Only what the wanted roots depend on is computed.
  package static func interpret<S: Scalar>(
    _ graph: Graph,
    _ data: CallData,
    in _: S.Type,
    where isWanted: (Root) -> Bool = { _ in true }
  ) throws -> [String: [S]] {
    let lengths = data.lengths(of: graph)
    var variables: [VariableID: Tensor<S>] = [:]
    for id in graph.variableIDs {
      let variable = graph[id]
      let count = graph.boundaryCount(variable.type, batch: data.batch)
      let array = data.arrays[variable.name] ?? graph.firstValue(of: variable, count: count)
      if let array { variables[id] = graph.tensor(array, variable.type, lengths: lengths) }
    }
    let wanted = graph.roots.indices.filter { isWanted(graph.roots[$0]) }
    let results = try Interpreter<S>(graph: graph, lengths: lengths).run(
      variables: variables,
      roots: wanted,
      seed: data.seed
    )
    var named: [String: [S]] = [:]
    for (place, result) in zip(wanted, results) {
      let root = graph.roots[place]
      guard let name = graph.resultName(root) else { continue }
      if case .store(let id) = root.kind, result.type == .real {
        // A single number fits any variable, and is repeated to it.
        let count = graph.boundaryCount(graph[id].type, batch: data.batch)
        named[name] = Array(repeating: result.values[0], count: count)
      } else {
        named[name] = graph.array(result, lengths: lengths)
      }
    }
    return named
  }
}

extension Graph {
  /// The name a root's value has among results; nothing for what is only checked.
  fileprivate func resultName(_ root: Root) -> String? {
    switch root.kind {
    case .output, .loss, .metric, .generated: root.name
    case .gradient: "gradient " + root.name
    case .store(let id): "after " + self[id].name
    case .finite: nil
    }
  }

  /// What a variable holds before anybody sets it; nothing if that is up to the caller.
  fileprivate func firstValue(of variable: Variable, count: Int) -> [Float]? {
    switch variable.kind {
    case .parameter, .input, .outputGradient: nil
    case .state, .optimizer: [Float](repeating: 0, count: count)
    case .fresh: [Float](repeating: 1, count: count)
    case .rate: [Float(optimizer?.rate ?? 0)]
    case .training, .divisor: [0]
    }
  }
}
