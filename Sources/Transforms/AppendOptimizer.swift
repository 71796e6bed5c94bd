internal import GraphIR

extension Pass {
  /// Adds the update of every weight by its gradient, PyTorch's formulas and order.
  package static let appendOptimizer = Pass(
    "optimizer",
    "clips the gradients and adds the optimiser's update of weights and moments"
  ) { graph throws(Diagnostic) in
    guard let optimizer = graph.optimizer else { return graph }
    var update = Update(of: graph, by: optimizer, in: .train)
    return try update.run()
  }

  /// Makes the graph that takes the gradients of all weights, added up over calls, to their update.
  package static let update = Pass(
    "update",
    "makes the graph that takes added-up gradients to new weights"
  ) { graph throws(Diagnostic) in
    guard let optimizer = graph.optimizer else {
      return graph.with(main: Block(), roots: [])
    }
    let weights = graph.variableIDs.filter {
      if case .parameter(_, frozen: false) = graph[$0].kind { true } else { false }
    }
    var given = graph
    for weight in weights {
      given.variables.append(
        Variable(
          name: "gradient." + graph[weight].name,
          kind: .outputGradient,
          type: graph[weight].type
        )
      )
    }
    let builder = BlockBuilder(graph: given.with(main: Block(), roots: []))
    let gradients = weights.indices.map {
      builder.variable(VariableID(graph.variables.count + $0)).id
    }
    let roots = weights.map {
      Root(name: graph[$0].name, kind: .gradient($0), entries: [])
    }
    given = builder.graph.with(main: try builder.finish(results: gradients), roots: roots)
    var update = Update(of: given, by: optimizer, in: .update)
    return try update.run()
  }
}

extension Optimizer {
  /// `true` iff weight decay is beside the gradient instead of in it.
  fileprivate var isDecoupled: Bool {
    if case .adam(_, _, _, decoupled: true) = rule { true } else { false }
  }
}

/// The update of all weights of one graph.
private struct Update {
  private let optimizer: Optimizer
  private let builder: BlockBuilder
  private var roots: [Root]
  private var results: [ValueID]
  private let gradients: [(weight: VariableID, gradient: ValueID)]
  private let entry: Entry

  init(of graph: Graph, by optimizer: Optimizer, in entry: Entry) {
    self.optimizer = optimizer
    self.entry = entry
    builder = BlockBuilder(graph: graph, continuing: graph.main)
    roots = graph.roots
    results = graph.main.results
    gradients = zip(graph.roots, graph.main.results).compactMap { root, result in
      if case .gradient(let weight) = root.kind { (weight, result) } else { nil }
    }
  }

  mutating func run() throws(Diagnostic) -> Graph {
    let rate = builder.variable(add(Variable(name: "rate", kind: .rate, type: .real)))
    let norm = squareNorm()
    if let norm {
      results.append(norm.id)
      roots.append(Root(name: "square_norm", kind: .finite, entries: [entry]))
    }
    let scale = clippingScale(norm)
    var corrections: (Expr, Expr)?
    if case .adam(let beta1, let beta2, _, _) = optimizer.rule {
      corrections = (correction("correction1", beta1), correction("correction2", beta2))
    }
    for (weight, raw) in gradients {
      let variable = builder.graph[weight]
      let w = builder.variable(weight)
      var g = clipped(builder.expr(raw), scale)
      if optimizer.weightDecay != 0, !optimizer.isDecoupled { g = g + optimizer.weightDecay * w }
      switch optimizer.rule {
      case .rmsprop(let alpha, let epsilon):
        let squares = moment("squares." + variable.name, variable.type)
        let v = alpha * squares.value + (1 - alpha) * (g * g)
        store(v, in: squares.id)
        store(w - rate * (g / (v.unary(.sqrt) + epsilon)), in: weight)
      case .adagrad(let epsilon):
        let squares = moment("squares." + variable.name, variable.type)
        let v = squares.value + g * g
        store(v, in: squares.id)
        store(w - rate * (g / (v.unary(.sqrt) + epsilon)), in: weight)
      case .sgd(let momentum, let nesterov):
        let step = rate * momentumStep(g, variable, momentum, nesterov)
        store(w - step, in: weight)
      case .adam(let beta1, let beta2, let epsilon, let decoupled):
        guard let corrections else { continue }
        var base = w
        if decoupled, optimizer.weightDecay != 0 {
          base = w - w * (optimizer.weightDecay * rate)
        }
        let first = moment("moment1." + variable.name, variable.type)
        let second = moment("moment2." + variable.name, variable.type)
        let m = beta1 * first.value + (1 - beta1) * g
        let v = beta2 * second.value + (1 - beta2) * (g * g)
        store(m, in: first.id)
        store(v, in: second.id)
        let scaled = v.unary(.sqrt) / corrections.1.unary(.sqrt) + epsilon
        let step = (rate / corrections.0) * (m / scaled)
        store(base - step, in: weight)
      }
    }
    let main = try builder.finish(results: results)
    return builder.graph.with(main: main, roots: roots)
  }

  /// A variable of the optimiser's, which the graph of another entry may have added already.
  private func add(_ variable: Variable) -> VariableID {
    if let known = builder.graph.variables.firstIndex(where: {
      $0.name == variable.name && $0.kind == variable.kind
    }) {
      return VariableID(known)
    }
    builder.graph.variables.append(variable)
    return VariableID(builder.graph.variables.count - 1)
  }

  private mutating func store(_ value: Expr, in variable: VariableID) {
    results.append(value.id)
    let name = builder.graph[variable].name
    roots.append(Root(name: name, kind: .store(variable), entries: [entry]))
  }

  private func moment(_ name: String, _ type: ValueType) -> (id: VariableID, value: Expr) {
    let id = add(Variable(name: name, kind: .optimizer, type: type))
    return (id, builder.variable(id))
  }

  /// 1 - beta^t after update t, as c' = beta c + (1 - beta): no cancellation, and no power.
  private mutating func correction(_ name: String, _ beta: Double) -> Expr {
    let before = moment(name, .real)
    let after = beta * before.value + (1 - beta)
    store(after, in: before.id)
    return after
  }

  private mutating func momentumStep(
    _ g: Expr,
    _ variable: Variable,
    _ momentum: Double,
    _ nesterov: Bool
  ) -> Expr {
    guard momentum != 0 else { return g }
    let velocity = moment("momentum." + variable.name, variable.type)
    let after = momentum * velocity.value + g
    store(after, in: velocity.id)
    return nesterov ? g + momentum * after : after
  }

  /// The sum of the squares of all gradients; one that is not finite stops the update.
  private func squareNorm() -> Expr? {
    var total: Expr?
    for (_, gradient) in gradients {
      let g = builder.expr(gradient)
      let square = (g * g).sum(dims: Array(0..<g.type.shape.rank), axes: g.type.axes)
      total = total.map { $0 + square } ?? square
    }
    if let total { builder.name(total.id, "square_norm") }
    return total
  }

  /// min(1, c / (norm + 1e-6)) over the norm of all gradients, if there is such a bound.
  private func clippingScale(_ squareNorm: Expr?) -> Expr? {
    guard optimizer.clipNorm > 0, let squareNorm else { return nil }
    let ratio = builder.real(optimizer.clipNorm) / (squareNorm.unary(.sqrt) + 1e-6)
    return ratio.apply(.binary(.minimum), builder.real(1))
  }

  private func clipped(_ g: Expr, _ scale: Expr?) -> Expr {
    var g = scale.map { g * $0 } ?? g
    if optimizer.clipValue > 0 {
      let bound = builder.real(optimizer.clipValue)
      g = g.apply(.binary(.minimum), bound).apply(.binary(.maximum), -bound)
    }
    return g
  }
}
