extension Graph {
  /// The graph as text that `GraphReader` reads back to an equal graph.
  ///
  /// Without origins it says what is calculated and not where it was written, which is what hashes are
  /// taken of.
  package func printed(withOrigins: Bool = true) -> String {
    let origins = withOrigins ? self.text : { (_: SourceSpan) in "" }
    var lines: [String] = ["graph \(name)"]
    for axis in axes {
      let parent = axis.parent.map { " in \(name(of: $0))" } ?? ""
      lines.append("axis \(axis.name) \(text(axis.extent))\(parent)")
    }
    for (index, variable) in variables.enumerated() {
      lines.append(
        "variable \(index) \(variable.name) \(text(variable.kind)) : \(text(variable.type))"
          + origins(variable.origin)
      )
    }
    if let optimizer { lines.append("optimizer \(text(optimizer))") }
    if let carryAxis { lines.append("carry \(self[carryAxis].name)") }
    if let streamAxis { lines.append("stream \(self[streamAxis].name)") }
    if isMasked { lines.append("masked") }
    for (index, axis) in axes.enumerated() {
      guard let variable = keptLengths[AxisID(index)] else { continue }
      lines.append("kept \(axis.name) \(variable.index)")
    }
    if let generation {
      lines.append(
        "generate \(generation.target.index) \(generation.until.map(String.init) ?? "-")"
      )
    }
    for (index, scan) in scans.enumerated() {
      lines.append(
        "scan \(index) \(self[scan.axis].name) \(scan.isReverse ? "reverse" : "forward") "
          + "\(scan.outerCount) \(scan.sequenceCount) \(scan.stepsPerTurn)"
          + (scan.stateNames.map { " " + $0 }.joined())
      )
      lines += text(scan.body, withOrigins)
    }
    lines.append("main")
    lines += text(main, withOrigins)
    for root in roots {
      let entries = Entry.allCases.filter { root.entries.contains($0) }.map(\.rawValue)
      lines.append("root \(root.name) \(text(root.kind)) \(entries.joined(separator: ","))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// An axis's name, or its number if there is no such axis: broken graphs are printed too.
  func name(of axis: AxisID) -> String {
    axes.indices.contains(Int(axis.index)) ? self[axis].name : "\(axis.index)"
  }

  /// A type as a definition writes it: `real[4] over batch time`.
  package func text(_ type: ValueType) -> String {
    var text: String
    switch type.element {
    case .real: text = "real"
    case .token(let bound): text = "token(\(bound))"
    case .tuple: text = "tuple"
    }
    if !type.shape.isScalar {
      text += "[" + type.shape.dims.map(String.init).joined(separator: ", ") + "]"
    }
    if !type.axes.isEmpty {
      text += " over " + type.axes.axes.map { name(of: $0) }.joined(separator: " ")
    }
    return text
  }

  /// A node's line: its id, what a person called it, operation, operands, type, origin.
  package func text(_ id: ValueID, in block: Block, withOrigin: Bool = true) -> String {
    let node = block[id]
    let settings = node.op.settings(in: self)
    let name = block.name(id)
    return "  %\(id.index)" + (name.isEmpty ? "" : " \(name)") + " = \(node.op.text)"
      + (settings.isEmpty ? "" : "[" + settings.joined(separator: " ") + "]")
      + block.operands(id).map { " %\($0.index)" }.joined() + " : \(text(node.type))"
      + (withOrigin ? text(node.origin) : "")
  }

  private func text(_ block: Block, _ withOrigins: Bool) -> [String] {
    block.arguments.enumerated().map { "  given \($0) : \(text($1))" }
      + block.ids.map { text($0, in: block, withOrigin: withOrigins) }
      + ["  results" + block.results.map { " %\($0.index)" }.joined()]
  }

  private func text(_ extent: Axis.Extent) -> String {
    switch extent {
    case .bounded(let bound?): "<= \(bound)"
    case .bounded(nil): "<= ?"
    case .fixed(let count): "= \(count)"
    case .derived(let source, let divisor, let bound):
      "= \(name(of: source)) / \(divisor) <= \(bound.map(String.init) ?? "?")"
    }
  }

  private func text(_ kind: Variable.Kind) -> String {
    switch kind {
    case .parameter(let initial, let frozen):
      switch initial {
      case .constant(let value): "parameter constant \(value) \(frozen)"
      case .uniform(let bound): "parameter uniform \(bound) \(frozen)"
      case .normal(let deviation): "parameter normal \(deviation) \(frozen)"
      case .orthogonal: "parameter orthogonal - \(frozen)"
      case .identity: "parameter identity - \(frozen)"
      }
    case .input(let isTarget): isTarget ? "target" : "input"
    case .state: "state"
    case .optimizer: "optimizer"
    case .fresh: "fresh"
    case .rate: "rate"
    case .training: "training"
    case .outputGradient: "outputGradient"
    case .divisor: "divisor"
    }
  }

  private func text(_ kind: Root.Kind) -> String {
    switch kind {
    case .output: "output"
    case .loss: "loss"
    case .metric: "metric"
    case .generated: "generated"
    case .gradient(let variable): "gradient \(variable.index)"
    case .store(let variable): "store \(variable.index)"
    case .finite: "finite"
    }
  }

  private func text(_ optimizer: Optimizer) -> String {
    let common =
      "\(optimizer.rate) \(optimizer.weightDecay) \(optimizer.clipNorm) "
      + "\(optimizer.clipValue)"
    switch optimizer.rule {
    case .sgd(let momentum, let nesterov): return "sgd \(common) \(momentum) \(nesterov)"
    case .rmsprop(let alpha, let epsilon): return "rmsprop \(common) \(alpha) \(epsilon)"
    case .adagrad(let epsilon): return "adagrad \(common) \(epsilon)"
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      return "adam \(common) \(beta1) \(beta2) \(epsilon) \(decoupled)"
    }
  }

  private func text(_ origin: SourceSpan) -> String {
    origin.line == 0
      ? "" : "  # \(origin.source) \(origin.line) \(origin.column) \(origin.length)"
  }
}
