import GraphIR

/// A sum over all valid positions of all examples, and over how many.
struct Average {
  /// The sum.
  var sum: Value
  /// The number of positions, or the sum of their weights.
  var count: Value
}

/// What training lowers, and what is measured.
extension Elaboration {
  /// `loss e as NAME`; the losses are added up when all are known.
  func loss(_ expression: ExpressionSyntax, _ name: Name?, in scope: Scope) throws(Failure) {
    let (value, averages, isPlain) = try measured(expression, in: scope)
    let called = name?.text ?? (losses.isEmpty ? "loss" : "loss\(losses.count + 1)")
    losses.append((value, expression.span))
    if name != nil, called != "loss" {
      try addRoot(name, called, .metric, [.evaluate, .gradients], value, at: expression.span)
    }
    try addSums(averages, of: called, isPlain: isPlain, at: expression.span)
  }

  /// `metric e as NAME`.
  func metric(_ expression: ExpressionSyntax, _ name: Name?, in scope: Scope) throws(Failure) {
    let (value, averages, isPlain) = try measured(expression, in: scope)
    let called = try addRoot(
      name ?? expression.bareName,
      "metric",
      .metric,
      [.evaluate, .gradients],
      value,
      at: expression.span
    )
    try addSums(averages, of: called, isPlain: isPlain, at: expression.span)
  }

  private func addSums(
    _ averages: [Average],
    of name: String,
    isPlain: Bool,
    at span: SourceSpan
  ) throws(Failure) {
    for (place, average) in averages.enumerated() {
      let path = isPlain ? name : "\(name).\(place)"
      let entries: Set<Entry> = [.evaluate, .gradients]
      try addRoot(nil, "\(path).sum", .metric, entries, average.sum, at: span)
      try addRoot(nil, "\(path).count", .metric, entries, average.count, at: span)
    }
  }

  /// A loss or metric; what has no average in it is averaged as a whole.
  private func measured(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure)
    -> (value: Value, averages: [Average], isPlain: Bool)
  {
    averages = []
    defer { averages = nil }
    var reader = NameReader()
    reader.read(expression)
    let hasAverage = reader.places.contains { $0.isFunction && $0.name.text == "average" }
    guard hasAverage else {
      let value = try real(expression, in: scope)
      let average = try average(of: value, weight: nil, at: expression.span)
      return (average, averages ?? [], true)
    }
    let value = try real(expression, in: scope)
    guard value.type == .real else {
      throw failure(
        "a loss or metric is one number, but this is \(textWithBatch(value.type))",
        at: expression.span,
        hint: "put what runs over the examples into `average(..)`"
      )
    }
    let isPlain: Bool
    if case .application(let application) = expression.kind {
      isPlain = application.function.text == "average"
    } else {
      isPlain = false
    }
    return (value, averages ?? [], isPlain)
  }

  /// `average(e, weight: w)`.
  func average(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, labels: ["weight"])[0].value
    guard averages != nil, call.scope.instance == nil, call.scope.level === main else {
      throw failure(
        "`average` stands in a loss or metric only",
        at: call.span,
        hint: "it is where examples meet; write `mean(x over a)` for one example"
      )
    }
    let value = try real(argument, in: call.scope)
    let weight = try labelled("weight", call).map { (expression) throws(Failure) -> Value in
      try real(expression, in: call.scope)
    }
    return try average(of: value, weight: weight, at: call.span)
  }

  private func average(of value: Value, weight: Value?, at span: SourceSpan) throws(Failure)
    -> Value
  {
    if let weight, !weight.type.shape.isScalar {
      throw failure(
        "a weight is a single number at each position, but this is \(text(weight.type))",
        at: span,
        hint: "write `mean(..)` or `sum(..)` around \(place(weight, else: "what has a shape"))"
      )
    }
    guard value.type.shape.isScalar else {
      throw failure(
        "an average is of single numbers, but this is \(text(value.type))",
        at: span,
        hint: "write `mean(..)` or `sum(..)` around what has a shape"
      )
    }
    let own = value.type.axes.union(weight?.type.axes ?? .none)
    // What is the same for all examples, but runs over an axis of theirs, counts for each.
    let axes = own.axes.reduce(own) { $0.union(graph.lengthAxes(of: $1)) }
    func total(_ value: Value) throws(Failure) -> Value {
      if axes.isEmpty { return value }
      let whole =
        value.type.axes == axes
        ? value : try repeated(value, as: value.type.over(axes), at: span)
      return try append(.reduce(.sum, Reduction(axes: axes)), [whole], at: span)
    }
    let average: Average
    if let weight {
      let weighted = try append(.binary(.multiply), [value, weight], at: span)
      average = Average(sum: try total(weighted), count: try total(weight))
    } else {
      average = Average(sum: try total(value), count: try lengths(of: axes, at: span))
    }
    averages?.append(average)
    averaged.append(value)
    if let weight { averaged.append(weight) }
    return try append(.binary(.divide), [average.sum, average.count], at: span)
  }

  /// The root that training lowers: the sum of all losses.
  func addLoss() {
    guard let first = losses.first else { return }
    do throws(Failure) {
      var total = first.value
      for other in losses.dropFirst() {
        total = try append(.binary(.add), [total, other.value], at: other.span)
      }
      let root = Root(name: "loss", kind: .loss, entries: [.evaluate, .gradients, .train])
      if let clash = roots.firstIndex(where: { $0.root.name == "loss" }) {
        throw failure(
          "`loss` is the name of the sum of all losses",
          at: file.model?.span(ofRoot: "loss") ?? roots[clash].value.origin,
          hint: "call this something else with `as`"
        )
      }
      roots.append((root, total))
    } catch {
      return
    }
  }
}

extension ModelSyntax {
  /// Where an output or metric gets its name.
  fileprivate func span(ofRoot name: String) -> SourceSpan? {
    for statement in body.statements {
      switch statement.kind {
      case .output(let value, let given), .metric(let value, let given):
        if let found = given ?? value.bareName, found.text == name { return found.span }
      case .size, .axis, .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit,
        .loss, .train, .stream, .generate, .broken:
        continue
      }
    }
    return nil
  }
}
