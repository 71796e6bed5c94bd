package import GraphIR
internal import GraphLanguage
internal import ModelRuntime
package import Reference
package import Rondo
internal import Transforms

/// What a call is given: weights, inputs, states and moments alike by name.
package struct CallData: Sendable {
  /// How many rows there are.
  package var batch: Int
  /// All rows' lengths by axis; an axis that is not named is at its bound.
  package var lengths: [String: Int]
  /// Rows' own lengths by axis, as calls take them.
  package var own: [String: [Int]]
  /// The arrays.
  package var arrays: Arrays
  /// The seed of what is drawn.
  package var seed: UInt64 = 0
  /// The number of the first row among all examples.
  package var firstExample: UInt32 = 0

  /// Says what a call is given.
  package init(
    batch: Int,
    lengths: [String: Int] = [:],
    own: [String: [Int]] = [:],
    arrays: Arrays
  ) {
    self.batch = batch
    self.lengths = lengths
    self.own = own
    self.arrays = arrays
  }

  /// The lengths of a graph's axes.
  package func lengths(of graph: Graph) -> Lengths {
    Lengths(of: graph, rows: batch) { axis, places in
      let name = graph[axis].name
      guard let own = own[name] else { return lengths[name] ?? graph[axis].bound ?? 1 }
      let around = graph.lengthAxes(of: axis).axes
      return own[
        around.reduce(0) { place, outer in
          place * (outer == .batch ? batch : graph[outer].bound ?? 1) + (places[outer] ?? 0)
        }
      ]
    }
  }
}

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
  /// The optimised graph of training, evaluation and inference.
  package let whole: Graph

  /// Elaborates and optimises a definition.
  package init(_ text: String, _ options: Compiler.Options) throws {
    let pipeline = Pipeline(options: options)
    let elaborated = try pipeline.elaborate(SourceFile(name: "test.graph", text: text))
    try self.init(elaborated, text, options)
  }

  /// Optimises a graph made by hand.
  package init(_ elaborated: Graph, _ text: String? = nil, _ options: Compiler.Options) throws {
    self.text = text
    self.options = options
    self.elaborated = elaborated
    var pipeline = Pipeline(options: options)
    prepared = try pipeline.run(Pipelines.prepare, on: elaborated)
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
    var pipeline = Pipeline(options: options)
    let graph =
      switch entry {
      case .infer, .evaluate, .gradients, .train: whole
      case .pullback: try pipeline.run(Pipelines.pullback(unrolling), on: prepared)
      case .begin, .step, .generate, .advance: try pipeline.run(Pipelines.stream, on: prepared)
      case .measures: try pipeline.run(Pipelines.measures, on: elaborated)
      case .initialize: try pipeline.run(Pipelines.initialize, on: prepared)
      }
    return try pipeline.run(Pipelines.entry(entry), on: graph)
  }

  /// The second reference: every step written out before differentiation.
  package func reference() throws -> Graph {
    var pipeline = Pipeline(options: options)
    return try pipeline.run(Pipelines.reference, on: prepared)
  }

  /// Runs an entry's graph in the interpreter.
  package func interpret<S: Scalar>(_ entry: Entry, _ data: CallData, in _: S.Type) throws
    -> [String: [S]]
  {
    try Self.interpret(graph(of: entry), data, in: S.self)
  }

  /// Runs a graph in the interpreter; variables that are not given are at their first values.
  package static func interpret<S: Scalar>(_ graph: Graph, _ data: CallData, in _: S.Type) throws
    -> [String: [S]]
  {
    let lengths = data.lengths(of: graph)
    var variables: [VariableID: Tensor<S>] = [:]
    for id in graph.variableIDs {
      let variable = graph[id]
      let count = graph.boundaryCount(variable.type, batch: data.batch)
      let array = data.arrays[variable.name] ?? graph.firstValue(of: variable, count: count)
      if let array { variables[id] = graph.tensor(array, variable.type, lengths: lengths) }
    }
    let results = try Interpreter<S>(graph: graph, lengths: lengths).run(
      variables: variables,
      seed: data.seed
    )
    var named: [String: [S]] = [:]
    for (root, result) in zip(graph.roots, results) {
      guard let name = graph.resultName(root) else { continue }
      if case .store(let id) = root.kind, result.values.count == 1 {
        // A single number fits any variable, and is repeated to it.
        let count = graph.boundaryCount(graph[id].type, batch: data.batch)
        named[name] = Array(repeating: result.values[0], count: count)
      } else {
        named[name] = graph.array(result, lengths: lengths)
      }
    }
    return named
  }

  /// The model, compiled and loaded; once for equal texts and options.
  package func native(optimization: Int = 1) throws -> NativeModel {
    try NativeModel(
      text.map { try BuiltModels.shared.model($0, options, optimization: optimization) }
        ?? built(optimization),
      stores: { entry in
        try graph(of: entry).roots.compactMap {
          if case .store(let id) = $0.kind { whole[id] } else { nil }
        }
      }
    )
  }
}

extension ModelHarness {
  /// The graph made by hand, compiled and loaded.
  private func built(_ optimization: Int) throws -> CompiledModel {
    var pipeline = Pipeline(options: options)
    return try BuiltModels.build(Compiler.assemble(pipeline.plan(elaborated)), optimization)
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
    case .training: [0]
    }
  }
}
