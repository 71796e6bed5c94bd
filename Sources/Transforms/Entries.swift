package import GraphIR

extension Pass {
  /// Makes the graph that draws first values for the weights.
  package static let initialize = Pass(
    "initialize",
    "makes the graph that draws the weights' first values"
  ) { graph throws(Diagnostic) in
    let builder = BlockBuilder(graph: graph.with(main: Block(), roots: []))
    var roots: [Root] = []
    var results: [ValueID] = []
    for id in graph.variableIDs {
      let variable = graph[id]
      guard case .parameter(let initial, _) = variable.kind else { continue }
      builder.origin = variable.origin
      func random(_ op: RandomOp) -> Expr {
        let type = variable.type
        return builder.expr(
          builder.append(.random(op, draw: id.index, axes: type.axes, shape: type.shape), [])
        )
      }
      let value: Expr
      switch initial {
      case .constant(let constant): value = builder.real(constant)
      case .uniform(let bound): value = (2 * bound) * random(.uniform) + -bound
      case .normal(let deviation): value = deviation * random(.normal)
      case .orthogonal: value = random(.normal).apply(.orthogonalize)
      case .identity:
        let rows = variable.type.shape[0]
        let entries = (0..<rows).map { row in
          builder.append(
            .oneHot(Int32(rows)),
            [builder.append(.token(Int32(row), of: Int32(rows)), [])]
          )
        }
        let lines = entries.map {
          builder.expr($0).apply(.reshape(Shape([1, rows]) ?? .scalar)).id
        }
        value = builder.expr(builder.append(.concat(), lines))
      }
      results.append(builder.matching(value.id, variable.type))
      roots.append(Root(name: variable.name, kind: .store(id), entries: [.initialize]))
    }
    let main = try builder.finish(results: results)
    return builder.graph.with(main: main, roots: roots)
  }

  /// Keeps what one entry wants; `infer` starts every row fresh, and only gradients and updates train.
  package static func select(_ entry: Entry) -> Pass {
    Pass("select", "keeps the roots of one entry", setting: entry.rawValue) {
      (graph) throws(Diagnostic) in
      let kept = graph.roots.indices.filter { graph.roots[$0].entries.contains(entry) }
      var main = graph.main
      main.results = kept.map { graph.main.results[$0] }
      var selected = graph.with(main: main, roots: kept.map { graph.roots[$0] })
      // `begin` is given the lengths that it leaves for the others.
      if entry == .begin { selected.keptLengths = [:] }
      let startsFresh = entry == .infer || entry == .pullback
      return try GraphRewriter.rewrite(selected) { (site) throws(Diagnostic) in
        guard case .variable(let id) = site.node.op else { return nil }
        switch graph[id].kind {
        case .fresh: return startsFresh ? site.builder.append(.real(1), []) : nil
        case .training: return site.builder.append(.real(entry.isTraining ? 1 : 0), [])
        case .divisor: return entry == .gradients ? nil : site.builder.append(.real(0), [])
        case .parameter, .input, .state, .optimizer, .rate, .outputGradient: return nil
        }
      }
    }
  }
}

extension Entry {
  /// `true` iff `training` is 1.
  fileprivate var isTraining: Bool {
    switch self {
    case .gradients, .train: true
    case .infer, .evaluate, .measures, .initialize, .update, .begin, .step, .generate, .advance,
      .pullback:
      false
    }
  }
}
