import GraphIR

/// The model: the order of its statements, and what it gives.
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
  func addRoot(
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

extension ExpressionSyntax {
  /// The name that an expression is, if it is nothing else.
  var bareName: Name? {
    if case .name(let name) = kind { name } else { nil }
  }
}
