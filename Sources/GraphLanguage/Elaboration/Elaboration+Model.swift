import GraphIR

/// A sum over all valid positions of all examples, and over how many.
struct Average {
  /// The sum.
  var sum: Value
  /// The number of positions, or the sum of their weights.
  var count: Value
}

/// The model: what it gives, what training lowers, what is measured.
extension Elaboration {
  /// Elaborates the model's statements, sizes and axes first: all else is made of them.
  func elaborate(_ model: ModelSyntax) {
    let statements = model.body.statements
    let scope = Scope(environment: environment, path: "", level: main, hidden: .batch)
    checkGivenSizes(model)
    let order = StatementOrder(statements)
    declare(statements, order, in: scope)
    for place in order.places where statements[place].declaresSize {
      _ = elaborate(statements[place], in: scope)
    }
    for place in order.places where !statements[place].declaresSize && !statements[place].isLate {
      _ = elaborate(statements[place], in: scope)
    }
    for statement in statements where statement.isLate { _ = elaborate(statement, in: scope) }
    addLoss()
    let isBroken = statements.contains { if case .broken = $0.kind { true } else { false } }
    if roots.isEmpty, !hasFailed, !isBroken {
      report(
        Diagnostic(
          .wrong,
          "the model gives nothing",
          at: model.span,
          hint: "write `output y`, or a `loss` or `metric`"
        )
      )
    }
    if !hasFailed { checkCausality(in: model) }
  }

  private func checkGivenSizes(_ model: ModelSyntax) {
    var names: [String] = []
    for statement in model.body.statements {
      switch statement.kind {
      case .size(let sizes): names += sizes.map(\.name.text)
      case .axis(let axis): names.append(axis.name.text)
      case .broken(let broken): names += broken.map(\.text)
      case .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit, .output,
        .loss, .metric, .train, .stream, .generate:
        continue
      }
    }
    for name in sizes.keys.sorted() where !names.contains(name) {
      report(
        Diagnostic(
          .wrong,
          "the model has no size or axis `\(name)`",
          hint: suggestion(name, among: names)
            ?? (names.isEmpty
              ? "it declares none" : "it has \(names.map { "`\($0)`" }.joined(separator: ", "))")
        )
      )
    }
  }

  // MARK: - Outputs

  /// `output e as NAME`.
  func output(_ expression: ExpressionSyntax, _ name: Name?, in scope: Scope) throws(Failure) {
    let value = try value(expression, in: scope)
    let bare = expression.bareName
    try addRoot(name ?? bare, "output", .output, [.infer], value, at: expression.span)
  }

  /// Adds a root under a name that no other has.
  @discardableResult
  private func addRoot(
    _ name: Name?,
    _ otherwise: String,
    _ kind: Root.Kind,
    _ entries: Set<Entry>,
    _ value: Value,
    at span: SourceSpan
  ) throws(Failure) -> String {
    func isTaken(_ name: String) -> Bool { roots.contains { $0.root.name == name } }
    var chosen = name?.text ?? otherwise
    if let name, isTaken(chosen) {
      throw failure(
        "`\(name.text)` is given twice",
        at: name.span,
        hint: "call one of them something else with `as`"
      )
    }
    var number = 2
    while isTaken(chosen) {
      chosen = "\(otherwise)\(number)"
      number += 1
    }
    roots.append((Root(name: chosen, kind: kind, entries: entries), value))
    return chosen
  }

  // MARK: - Losses and metrics

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
  private func addLoss() {
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

  // MARK: - Training, streaming, generating

  /// `train NAME(..) carry over a`.
  func elaborate(_ syntax: TrainSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    guard graph.optimizer == nil else {
      throw failure("a model is trained in one way", at: span, hint: "keep one `train`")
    }
    if let carry = syntax.carry { graph.carryAxis = try stepped(carry, in: scope) }
    graph.optimizer = try optimizer(syntax, in: scope)
    if losses.isEmpty, !hasFailed {
      throw failure(
        "there is no loss to lower",
        at: span,
        hint: "write `loss` and what training should make small"
      )
    }
  }

  private func optimizer(_ syntax: TrainSyntax, in scope: Scope) throws(Failure) -> Optimizer {
    let common = ["weight_decay", "clip_norm", "clip_value"]
    let own: [String]
    switch syntax.optimizer.text {
    case "sgd": own = ["rate", "momentum", "nesterov"]
    case "adam", "adamw": own = ["rate", "beta1", "beta2", "epsilon"]
    case "rmsprop": own = ["rate", "alpha", "epsilon"]
    case "adagrad": own = ["rate", "epsilon"]
    case let name:
      throw failure(
        "there is no optimiser `\(name)`",
        at: syntax.optimizer.span,
        hint: suggestion(name, among: ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
          ?? "there are `sgd`, `adam`, `adamw`, `rmsprop` and `adagrad`"
      )
    }
    var settings: [String: Double] = [:]
    var place = 0
    for argument in syntax.arguments {
      if let axis = argument.axes.first ?? argument.destination {
        throw failure(
          "an optimiser works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`"
        )
      }
      let name: String
      if let label = argument.label.first {
        name = argument.label.map(\.text).joined(separator: ".")
        guard (own + common).contains(name) else {
          throw failure(
            "`\(syntax.optimizer.text)` has no argument called `\(name)`",
            at: label.span,
            hint: suggestion(name, among: own + common)
              ?? "it has \((own + common).map { "`\($0)`" }.joined(separator: ", "))"
          )
        }
      } else {
        guard place < own.count else {
          throw failure(
            "`\(syntax.optimizer.text)` takes at most \(own.count) without a label",
            at: argument.span,
            hint: "write `\(common[0]): ..` and the like"
          )
        }
        name = own[place]
        place += 1
      }
      guard settings[name] == nil else {
        throw failure("`\(name)` is given twice", at: argument.span, hint: "leave one out")
      }
      let number = try number(argument.value, for: "`\(name)`", in: scope)
      guard number >= 0, number.isFinite else {
        throw failure(
          "`\(name)` cannot be \(number)",
          at: argument.span,
          hint: "it must be at least 0"
        )
      }
      settings[name] = number
    }
    let name = syntax.optimizer.text
    return Optimizer(
      rule: rule(name, settings),
      rate: settings["rate"] ?? (name.hasPrefix("adam") ? 0.001 : 0.01),
      weightDecay: settings["weight_decay"] ?? (name == "adamw" ? 0.01 : 0),
      clipNorm: settings["clip_norm"] ?? 0,
      clipValue: settings["clip_value"] ?? 0
    )
  }

  /// The rule of an optimiser with its settings; what is not given is PyTorch's default.
  private func rule(_ name: String, _ settings: [String: Double]) -> Optimizer.Rule {
    switch name {
    case "sgd":
      .sgd(momentum: settings["momentum"] ?? 0, nesterov: (settings["nesterov"] ?? 0) != 0)
    case "rmsprop":
      .rmsprop(alpha: settings["alpha"] ?? 0.99, epsilon: settings["epsilon"] ?? 1e-8)
    case "adagrad": .adagrad(epsilon: settings["epsilon"] ?? 1e-10)
    default:
      .adam(
        beta1: settings["beta1"] ?? 0.9,
        beta2: settings["beta2"] ?? 0.999,
        epsilon: settings["epsilon"] ?? 1e-8,
        decoupled: name == "adamw"
      )
    }
  }

  /// `stream over a`.
  func stream(over name: Name, in scope: Scope) throws(Failure) {
    guard graph.streamAxis == nil else {
      throw failure("a model streams over one axis", at: name.span, hint: "keep one `stream`")
    }
    graph.streamAxis = try stepped(name, in: scope)
  }

  /// The axis that states are kept along between calls: one for the whole model.
  private func stepped(_ name: Name, in scope: Scope) throws(Failure) -> AxisID {
    let axis = try axis(name, in: scope)
    if let parent = graph[axis].parent {
      throw failure(
        "states are not kept along `\(name.text)`, which begins anew at each position of "
          + "`\(graph[parent].name)`",
        at: name.span,
        hint: "carry, stream and generate go along an axis that is in no other"
      )
    }
    if let source = derivations[axis] {
      throw failure(
        "states are not kept along `\(name.text)`, which is made of `\(graph[source.axis].name)`",
        at: name.span,
        hint: "carry, stream and generate go along an axis with a length of its own"
      )
    }
    if let other = graph.carryAxis ?? graph.streamAxis, other != axis {
      throw failure(
        "states are kept along `\(graph[other].name)`, and cannot be along `\(name.text)` too",
        at: name.span,
        hint: "carry, stream and generate go along one axis"
      )
    }
    return axis
  }

  /// `generate NAME from e until k`.
  func elaborate(_ syntax: GenerateSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    guard graph.generation == nil else {
      throw failure("a model generates one target", at: span, hint: "keep one `generate`")
    }
    let target = try value(find(syntax.target, in: scope), at: syntax.target.span)
    guard case .variable(let variable) = main.builder.block[target.node].op,
      target.level === main, case .input(isTarget: true) = graph[variable].kind
    else {
      throw failure(
        "`\(syntax.target.text)` is not a target",
        at: syntax.target.span,
        hint: "declare it with `target \(syntax.target.text): ..`"
      )
    }
    guard let axis = target.type.axes.removing(.batch).axes.last else {
      throw failure(
        "`\(syntax.target.text)` runs over no axis to generate along",
        at: syntax.target.span,
        hint: "write `over` and an axis in its type"
      )
    }
    if let other = graph.carryAxis ?? graph.streamAxis, other != axis {
      throw failure(
        "states are kept along `\(graph[other].name)`, but `\(syntax.target.text)` runs over "
          + "`\(graph[axis].name)`",
        at: syntax.target.span,
        hint: "carry, stream and generate go along one axis"
      )
    }
    let source = try real(syntax.source, in: scope)
    var wanted = target.type
    var end: Int32?
    if case .token(let bound) = target.type.element {
      guard target.type.shape.isScalar, let logits = Shape([Int(bound)]) else {
        throw unsupported(
          "generating tokens with a shape",
          at: syntax.target.span,
          hint: "generate one token at each position"
        )
      }
      wanted = ValueType(axes: target.type.axes, shape: logits)
      if let expression = syntax.end {
        end = Int32(
          clamping: try integer(expression, for: "the last token", in: 0...Int(bound) - 1, scope)
        )
      }
    } else if let expression = syntax.end {
      throw failure(
        "a real value has no last token",
        at: expression.span,
        hint: "leave out `until`"
      )
    }
    guard source.type == wanted else {
      throw failure(
        "`\(syntax.target.text)` is drawn from \(text(wanted)), not from \(text(source.type))",
        at: syntax.source.span,
        hint: sources(target, source)
      )
    }
    graph.generation = Generation(target: variable, until: end)
    let root = Root(name: syntax.target.text, kind: .generated, entries: [.generate])
    roots.append((root, source))
  }
}

extension StatementSyntax {
  /// `true` iff the statement declares sizes or an axis.
  fileprivate var declaresSize: Bool {
    switch kind {
    case .size, .axis: true
    case .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit, .output, .loss,
      .metric, .train, .stream, .generate, .broken:
      false
    }
  }

  /// `true` iff the statement binds nothing and so comes last, in the order of the text.
  fileprivate var isLate: Bool {
    switch kind {
    case .output, .loss, .metric, .train, .stream, .generate: true
    case .size, .axis, .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit,
      .broken:
      false
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

extension ExpressionSyntax {
  /// The name that an expression is, if it is nothing else.
  fileprivate var bareName: Name? {
    if case .name(let name) = kind { name } else { nil }
  }
}
