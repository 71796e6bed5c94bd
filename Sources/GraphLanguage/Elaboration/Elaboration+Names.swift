import GraphIR

/// Names, suggestions, and what values are at a step.
extension Elaboration {
  /// What a name stands for.
  func find(_ name: Name, in scope: Scope) throws(Failure) -> Operand {
    switch scope.find(name.text) {
    case .operand(let operand): return operand
    case .failed: throw Failure()
    case .pending(let span):
      throw failure(
        "`\(name.text)` is not known here",
        at: name.span,
        hint: "line \(span.line) binds it too late for this: at each step, or when the model runs"
      )
    case nil:
      if scope.environment.broken.contains(name.text) { throw Failure() }
      throw unknown(name, in: scope)
    }
  }

  /// Says that a name is not known, and what may have been meant.
  func unknown(_ name: Name, in scope: Scope) -> Failure {
    switch Primitive(rawValue: name.text) {
    case .glorot?, .orthogonal?, .identity?:
      if scope.environment.find(name.text) == nil { return isFirstValue(name.text, at: name.span) }
    case .some, nil: break
    }
    if Primitive(rawValue: name.text) != nil || scope.environment.find(name.text) != nil {
      return failure(
        "`\(name.text)` is a function, not a value",
        at: name.span,
        hint: "apply it, as in `\(name.text)(x)`"
      )
    }
    return failure(
      "`\(name.text)` is not known",
      at: name.span,
      hint: suggestion(name.text, among: scope.names)
        ?? "bind it with `\(name.text) = ..`, or declare it as an input, size or parameter"
    )
  }

  /// Says that a name stands for a weight's first value only.
  func isFirstValue(_ name: String, at span: SourceSpan) -> Failure {
    failure(
      "`\(name)` is a first value",
      at: span,
      hint: "it stands after the `~` of a `param`, without parentheses"
    )
  }

  /// Says that no function has a name, and what may have been meant.
  func unknownFunction(_ name: Name, in scope: Scope) -> Failure {
    let functions = Primitive.allCases.map(\.rawValue) + scope.environment.names
    return failure(
      "there is no cell, layer or function `\(name.text)`",
      at: name.span,
      hint: suggestion(name.text, among: scope.names + functions)
        ?? "define it with `layer \(name.text)(x: real[n]) {`"
    )
  }

  /// The question whether a near name was meant.
  func suggestion(_ name: String, among names: [String]) -> String? {
    // Every letter is near every other.
    guard name.utf8.count > 1 else { return nil }
    return nearest(to: name, among: names).map { "did you mean `\($0)`?" }
  }

  /// The axis of a name.
  func axis(_ name: Name, in scope: Scope) throws(Failure) -> AxisID {
    if case .axis(let axis) = scope.find(name.text).flatMap(\.operand) { return axis }
    switch scope.find(name.text) {
    case .failed: throw Failure()
    case .operand, .pending:
      throw failure(
        "`\(name.text)` is not an axis",
        at: name.span,
        hint: "after `over` stands a name declared by `axis`"
      )
    case nil:
      throw failure(
        "there is no axis `\(name.text)`",
        at: name.span,
        hint: suggestion(name.text, among: axisNames(in: scope))
          ?? "declare it with `axis \(name.text)`"
      )
    }
  }

  private func axisNames(in scope: Scope) -> [String] {
    scope.names.filter {
      if case .axis = scope.find($0).flatMap(\.operand) { true } else { false }
    }
  }

  /// A value as it is at this step: what runs over a scanned axis is its element.
  func atStep(_ operand: Operand, in scope: Scope) throws(Failure) -> Operand {
    guard case .value(let value) = operand else { return operand }
    return .value(atStep(value, in: scope))
  }

  /// A value as it is at this step.
  func atStep(_ value: Value, in scope: Scope) -> Value {
    var level: Level? = scope.level
    while let here = level, let axis = here.axis {
      if here.isInside(value.level), value.type.axes.contains(axis), let id = here.capture(value) {
        var element = value
        element.node = id
        element.level = here
        element.type = here.builder.type(id)
        // Its members are taken at this step when they are read.
        return element
      }
      // Steps that the block does not stand in are taken at once: the value keeps their axes.
      level = here.host
    }
    return value
  }

  /// Binds a name to what it stands for, and calls the node after it.
  func bind(_ name: Name, to operand: Operand, in scope: Scope) {
    guard case .value(var value) = operand else {
      scope.entries[name.text] = .operand(operand)
      return
    }
    value.name = name.text
    value.origin = name.span
    value.level.builder.name(value.node, scope.joined(name.text))
    scope.entries[name.text] = .operand(.value(value))
  }

  /// Where a value comes from, for a hint.
  func place(_ value: Value, else role: String) -> String {
    let what = value.name.map { "`\($0)`" } ?? role
    guard value.origin.line > 0, value.origin.source == .definition else { return what }
    return "\(what) (line \(value.origin.line))"
  }
}

extension Scope.Entry {
  /// What the name stands for, if it is known.
  var operand: Operand? {
    if case .operand(let operand) = self { operand } else { nil }
  }
}
