internal import GraphIR

extension Pass {
  /// Makes the graph that takes sums and counts, added up over calls, to losses and metrics.
  ///
  /// A metric's averages run over all data, and its formula is applied to them once. It works on the
  /// elaborated graph, where every average is still a division of its own.
  package static let measures = Pass(
    "measures",
    "makes the graph that takes added-up sums and counts to losses and metrics"
  ) { graph throws(Diagnostic) in
    var measured = graph
    var averages: [Quotient: (sum: VariableID, count: VariableID)] = [:]
    for (root, sum) in zip(graph.roots, graph.main.results) where root.name.hasSuffix(".sum") {
      let name = String(root.name.dropLast(4))
      guard let count = graph.result(named: name + ".count") else { continue }
      let first = VariableID(measured.variables.count)
      for part in ["sum", "count"] {
        measured.variables.append(
          Variable(name: "\(name).\(part)", kind: .input(isTarget: false), type: .real)
        )
      }
      let pair = (sum: first, count: VariableID(Int(first.index) + 1))
      averages[Quotient(sum: sum, count: count)] =
        averages[Quotient(sum: sum, count: count)] ?? pair
    }
    let kept = graph.roots.indices.filter { graph.roots[$0].isMeasure }
    measured.main.results = kept.map { graph.main.results[$0] }
    measured.roots = kept.map { place in
      var root = graph.roots[place]
      root.kind = .metric
      root.entries = [.measures]
      return root
    }
    let rewritten = try GraphRewriter.rewrite(measured) { (site) throws(Diagnostic) in
      guard site.node.op == .binary(.divide), site.block.arguments.isEmpty else { return nil }
      let operands = Array(site.block.operands(site.id))
      guard let pair = averages[Quotient(sum: operands[0], count: operands[1])] else { return nil }
      return (site.builder.variable(pair.sum) / site.builder.variable(pair.count)).id
    }
    return rewritten.keepingRoots(where: { !$0.readsData(below: graph.variables.count) })
  }
}

/// The division that an average is.
private struct Quotient: Hashable {
  var sum: ValueID
  var count: ValueID
}

extension Graph {
  /// The graph with those roots for which what they alone need meets a condition.
  fileprivate func keepingRoots(where isKept: (Graph) -> Bool) -> Graph {
    let kept = roots.indices.filter { place in
      var alone = self
      alone.main.results = [self.main.results[place]]
      return isKept(alone)
    }
    var block = main
    block.results = kept.map { main.results[$0] }
    return with(main: block, roots: kept.map { roots[$0] })
  }

  /// `true` iff a result depends on an input among the first variables: a measure without averages.
  fileprivate func readsData(below count: Int) -> Bool {
    let live = main.live()
    return main.ids.contains { id in
      guard live[Int(id.index)], case .variable(let variable) = main[id].op,
        Int(variable.index) < count
      else { return false }
      switch self[variable].kind {
      case .input, .state, .fresh, .outputGradient: return true
      case .parameter, .optimizer, .rate, .training, .divisor: return false
      }
    }
  }

  /// The main block's result that a root of this name wants.
  func result(named name: String) -> ValueID? {
    roots.firstIndex { $0.name == name }.map { main.results[$0] }
  }
}

extension Root {
  /// `true` iff it is a loss or a metric, and not a sum or count that they are made of.
  fileprivate var isMeasure: Bool {
    switch kind {
    case .loss: true
    case .metric: !name.hasSuffix(".sum") && !name.hasSuffix(".count")
    case .output, .generated, .gradient, .store, .finite: false
    }
  }
}
