import GraphIR
import Reference
import Testing
import Transforms

/// Updates against the formulas of PyTorch, calculated here by hand in Double.
@Suite("Optimisers")
struct OptimizerTests {
  /// The weights w and v, whose gradients are 2w and 3, and what the optimiser keeps of them.
  private struct Run {
    var graph: Graph
    var values: [VariableID: Tensor<Double>] = [:]

    /// A graph of the loss sum(w * w) + 3 v.
    init(_ optimizer: Optimizer) throws {
      var graph = Graph(name: "updates")
      let kind = Variable.Kind.parameter(.constant(0), frozen: false)
      graph.variables = [
        Variable(name: "w", kind: kind, type: real(.none, 2)),
        Variable(name: "v", kind: kind, type: real()),
      ]
      graph.optimizer = optimizer
      let builder = BlockBuilder(graph: graph)
      let (w, v) = (builder.variable(VariableID(0)), builder.variable(VariableID(1)))
      let loss = (w * w).sum(dims: [0]) + 3 * v
      graph.main = try builder.finish(results: [loss.id])
      graph.roots = [Root(name: "loss", kind: .loss, entries: [.train])]
      self.graph = try run([.differentiate, .appendOptimizer, .simplify], on: graph)
      for id in self.graph.variableIDs {
        let type = self.graph[id].type
        let zeros = [Double](repeating: 0, count: type.shape.count)
        values[id] = Tensor(type: type, values: zeros)
      }
      self["w"] = [0.5, -1]
      self["v"] = [2]
      self["rate"] = [0.1]
    }

    /// A variable's value by name.
    subscript(name: String) -> [Double] {
      get {
        graph.variableIDs.first { graph[$0].name == name }.flatMap { values[$0]?.values } ?? []
      }
      set {
        guard let id = graph.variableIDs.first(where: { graph[$0].name == name }) else { return }
        values[id]?.values = newValue
      }
    }

    /// One update.
    mutating func update() throws {
      let results = try Interpreter<Double>(graph: graph, lengths: [1]).run(variables: values)
      for (root, result) in zip(graph.roots, results) {
        if case .store(let id) = root.kind { values[id] = result }
      }
    }
  }

  private func expect(
    _ run: Run,
    _ name: String,
    _ wanted: [Double],
    at place: SourceLocation = #_sourceLocation
  ) {
    #expect(run[name].count == wanted.count, sourceLocation: place)
    for (a, b) in zip(run[name], wanted) {
      #expect((a - b).magnitude < 1e-6 * max(1, b.magnitude), sourceLocation: place)
    }
  }

  @Test("sgd goes down the gradient by the rate")
  func sgd() throws {
    var run = try Run(Optimizer(rule: .sgd(momentum: 0, nesterov: false), rate: 1))
    try run.update()
    expect(run, "w", [0.5 - 0.1 * 1, -1 + 0.1 * 2])
    expect(run, "v", [2 - 0.1 * 3])
  }

  @Test("weight decay is added to the gradient")
  func weightDecay() throws {
    let rule = Optimizer.Rule.sgd(momentum: 0, nesterov: false)
    var run = try Run(Optimizer(rule: rule, rate: 1, weightDecay: 0.25))
    try run.update()
    expect(run, "w", [0.5 - 0.1 * (1 + 0.125), -1 + 0.1 * (2 + 0.25)])
  }

  @Test("momentum keeps a velocity; nesterov looks ahead", arguments: [false, true])
  func momentum(nesterov: Bool) throws {
    var run = try Run(Optimizer(rule: .sgd(momentum: 0.5, nesterov: nesterov), rate: 1))
    var (v, velocity) = (2.0, 0.0)
    for _ in 0..<3 {
      try run.update()
      velocity = 0.5 * velocity + 3
      v -= 0.1 * (nesterov ? 3 + 0.5 * velocity : velocity)
    }
    expect(run, "v", [v])
    expect(run, "momentum.v", [velocity])
  }

  @Test("adam corrects its moments; decoupled decay is beside them", arguments: [false, true])
  func adam(decoupled: Bool) throws {
    let rule = Optimizer.Rule.adam(beta1: 0.5, beta2: 0.75, epsilon: 0.125, decoupled: decoupled)
    var run = try Run(Optimizer(rule: rule, rate: 1, weightDecay: 0.25))
    var (w, m, s) = (-1.0, 0.0, 0.0)
    for turn in 1...4 {
      try run.update()
      var g = 2 * w
      if decoupled { w -= 0.1 * 0.25 * w } else { g += 0.25 * w }
      m = 0.5 * m + 0.5 * g
      s = 0.75 * s + 0.25 * g * g
      let (c1, c2) = (1 - power(0.5, turn), 1 - power(0.75, turn))
      w -= 0.1 / c1 * m / ((s / c2).squareRoot() + 0.125)
    }
    expect(run, "w", [run["w"][0], w])
    expect(run, "moment1.w", [run["moment1.w"][0], m])
    expect(run, "moment2.w", [run["moment2.w"][0], s])
    expect(run, "correction1", [1 - power(0.5, 4)])
    expect(run, "correction2", [1 - power(0.75, 4)])
  }

  @Test("rmsprop and adagrad divide by the root of the squares", arguments: [false, true])
  func squares(sums: Bool) throws {
    let rule: Optimizer.Rule = sums ? .adagrad(epsilon: 0.5) : .rmsprop(alpha: 0.75, epsilon: 0.5)
    var run = try Run(Optimizer(rule: rule, rate: 1, weightDecay: 0.25))
    var (w, s) = (-1.0, 0.0)
    for _ in 0..<3 {
      try run.update()
      let g = 2 * w + 0.25 * w
      s = sums ? s + g * g : 0.75 * s + 0.25 * g * g
      w -= 0.1 * g / (s.squareRoot() + 0.5)
    }
    expect(run, "w", [run["w"][0], w])
    expect(run, "squares.w", [run["squares.w"][0], s])
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test("clipping by norm scales all gradients together, and never up", arguments: [1.0, 100])
  func clipNorm(bound: Double) throws {
    let rule = Optimizer.Rule.sgd(momentum: 0, nesterov: false)
    var run = try Run(Optimizer(rule: rule, rate: 1, clipNorm: bound))
    try run.update()
    let norm = (1.0 * 1 + 2 * 2 + 3 * 3).squareRoot()
    let scale = min(1, bound / (norm + 1e-6))
    expect(run, "w", [0.5 - 0.1 * scale, -1 + 0.1 * 2 * scale])
    expect(run, "v", [2 - 0.1 * 3 * scale])
  }

  @Test("clipping by value bounds each element on both sides")
  func clipValue() throws {
    let rule = Optimizer.Rule.sgd(momentum: 0, nesterov: false)
    var run = try Run(Optimizer(rule: rule, rate: 1, clipValue: 1.5))
    try run.update()
    expect(run, "w", [0.5 - 0.1 * 1, -1 + 0.1 * 1.5])
    expect(run, "v", [2 - 0.1 * 1.5])
  }

  @Test("an update waits for the sum of the squares to be finite")
  func finite() throws {
    let run = try Run(Optimizer(rule: .sgd(momentum: 0, nesterov: false), rate: 1))
    let kinds = run.graph.roots.filter { $0.kind == .finite }.map(\.name)
    #expect(kinds == ["square_norm"])
  }
}
