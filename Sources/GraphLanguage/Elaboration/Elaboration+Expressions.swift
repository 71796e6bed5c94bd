import GraphIR

/// Expressions.
extension Elaboration {
  /// What an expression comes to at this step.
  func operand(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Operand {
    try atStep(evaluate(expression, in: scope), in: scope)
  }

  /// What an expression comes to; a name bound outside of a scan is still the whole value.
  func evaluate(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Operand {
    try count(at: expression.span)
    return try nested(at: expression.span) { () throws(Failure) -> Operand in
      switch expression.kind {
      case .number(let number): return .number(number)
      case .training: return .value(try training(at: expression.span))
      case .none: return .none
      case .name(let name):
        // A layer without weights may be meant by its name alone, but only where one is asked for.
        return try find(name, in: scope)
      case .next(let name): return .value(try nextValue(name, in: scope))
      case .application(let application):
        return try apply(application, at: expression.span, in: scope)
      case .array(let elements): return .value(try array(elements, expression.span, in: scope))
      case .negation(let inner):
        switch try operand(inner, in: scope) {
        case .number(let number): return .number(-number)
        case let other:
          let value = try real(other, at: inner.span)
          return .value(try append(.unary(.negate), [value], at: expression.span))
        }
      case .operations(let first, let operations):
        let operands = try operands([first] + operations.map(\.operand), in: scope)
        var left = operands[0]
        for (operation, right) in zip(operations, operands.dropFirst()) {
          left = try combine(operation, left, right, at: expression.span)
        }
        return left
      case .selections(let base, let selections):
        var selected = try evaluate(base, in: scope)
        for selection in selections {
          selected = try select(selection, of: selected, in: scope)
        }
        return selected
      }
    }
  }

  /// What several expressions come to; a weight that the application beside it binds waits for that.
  private func operands(_ expressions: [ExpressionSyntax], in scope: Scope) throws(Failure)
    -> [Operand]
  {
    let waiting = expressions.map { isWaiting($0, in: scope) }
    var operands = [Operand](repeating: .none, count: expressions.count)
    for (place, expression) in expressions.enumerated() where !waiting[place] {
      operands[place] = try operand(expression, in: scope)
    }
    for (place, expression) in expressions.enumerated() where waiting[place] {
      operands[place] = try operand(expression, in: scope)
    }
    return operands
  }

  /// `true` iff an expression reads a weight of an instance whose sizes no application has bound.
  private func isWaiting(_ expression: ExpressionSyntax, in scope: Scope) -> Bool {
    switch expression.kind {
    case .number, .training, .none, .name, .next, .array: return false
    case .negation(let inner): return isWaiting(inner, in: scope)
    case .operations(let first, let operations):
      return isWaiting(first, in: scope)
        || operations.contains { isWaiting($0.operand, in: scope) }
    case .application(let application):
      // What it is given may wait; what it binds itself it does not wait for.
      return scope.find(application.function.text) == nil
        && application.arguments.contains { isWaiting($0.value, in: scope) }
    case .selections(let base, let selections):
      guard case .name(let name) = base.kind,
        case .instance(var instance)? = scope.find(name.text)?.operand
      else { return isWaiting(base, in: scope) }
      for selection in selections {
        guard case .member(let member) = selection.kind else { return false }
        guard let child = instance.children[member.text] else {
          return instance.parameters[member.text] == nil && instance.boundAt == .none
        }
        instance = child
      }
      return false
    }
  }

  // MARK: - What is asked of an operand

  /// A value: of numbers a constant.
  func value(_ operand: Operand, at span: SourceSpan) throws(Failure) -> Value {
    switch operand {
    case .value(let value): return value
    case .number(let number): return try constant(number, at: span)
    case .none:
      throw failure(
        "`none` has no type here",
        at: span,
        hint: "it stands beside a token, as in `t == none`"
      )
    case .axis(let axis):
      throw failure(
        "`\(graph[axis].name)` is an axis, not a value",
        at: span,
        hint: "write `position(\(graph[axis].name))` for the place along it"
      )
    case .template(let template):
      throw failure(
        "this is a layer (`\(template.name)`), not a value",
        at: span,
        hint: "make an instance with `layer NAME = ..` and apply it"
      )
    case .instance(let instance):
      throw failure(
        "`\(instance.path)` is a layer, not a value",
        at: span,
        hint: "apply it, as in `\(instance.path)(x)`"
      )
    }
  }

  /// A real value.
  func real(_ operand: Operand, at span: SourceSpan) throws(Failure) -> Value {
    let value = try value(operand, at: span)
    guard !value.type.isToken else {
      throw failure(
        "a real number is needed, but \(place(value, else: "this")) is \(text(value.type))",
        at: span,
        hint: tokenAdvice(value)
      )
    }
    return value
  }

  /// The real value of an expression at this step.
  func real(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Value {
    try real(operand(expression, in: scope), at: expression.span)
  }

  /// The value of an expression at this step.
  func value(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Value {
    try value(operand(expression, in: scope), at: expression.span)
  }

  /// A number known when the model is built.
  func number(_ expression: ExpressionSyntax, for use: String, in scope: Scope) throws(Failure)
    -> Double
  {
    switch try operand(expression, in: scope) {
    case .number(let number): return number
    case .none, .value, .axis, .template, .instance:
      throw failure(
        "\(use) must be known when the model is built",
        at: expression.span,
        hint: "it is made of numbers, sizes and what stands after `;` in a definition's head"
      )
    }
  }

  /// A whole number known when the model is built, within a range.
  func integer(
    _ expression: ExpressionSyntax,
    for use: String,
    in range: ClosedRange<Int>,
    _ scope: Scope
  ) throws(Failure) -> Int {
    let number = try number(expression, for: use, in: scope)
    return try integer(number, for: use, in: range, at: expression.span)
  }

  /// A number as a whole number within a range.
  func integer(
    _ number: Double,
    for use: String,
    in range: ClosedRange<Int>,
    at span: SourceSpan
  ) throws(Failure) -> Int {
    guard let whole = Int(exactly: number) else {
      throw failure(
        "\(use) must be a whole number, not \(number)",
        at: span,
        hint: use == "a size"
          ? "sizes must come out whole"
          : "it must be from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    guard range.contains(whole) else {
      throw failure(
        "\(use) cannot be \(whole)",
        at: span,
        hint: range.upperBound < range.lowerBound + 1
          ? "only \(range.lowerBound) is possible"
          : "it must be from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return whole
  }

  /// A size known when the model is built.
  func size(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Int {
    try integer(expression, for: "a size", in: 1...Shape.maximumCount, scope)
  }

  /// An operand as a token of those bounded, if it can be one; a literal beside a token is a token.
  func token(_ operand: Operand, of bound: Int32, at span: SourceSpan) throws(Failure) -> Value {
    switch operand {
    case .none: return try append(.token(-1, of: bound), [], at: span)
    case .number(let number):
      let place = try integer(
        number,
        for: "a token of \(bound)",
        in: 0...Int(bound) - 1,
        at: span
      )
      return try append(.token(Int32(place), of: bound), [], at: span)
    case .value, .axis, .template, .instance: return try value(operand, at: span)
    }
  }

  /// Two operands of one element: a literal beside a token becomes a token.
  func matched(_ a: Operand, _ b: Operand, at span: SourceSpan) throws(Failure) -> (Value, Value) {
    if case .value(let left) = a, case .token(let bound) = left.type.element {
      return (left, try token(b, of: bound, at: span))
    }
    if case .value(let right) = b, case .token(let bound) = right.type.element {
      return (try token(a, of: bound, at: span), right)
    }
    return (try value(a, at: span), try value(b, at: span))
  }

  // MARK: - Operators

  private func combine(
    _ operation: OperationSyntax,
    _ left: Operand,
    _ right: Operand,
    at span: SourceSpan
  ) throws(Failure) -> Operand {
    if case .number(let a) = left, case .number(let b) = right {
      return .number(try folded(operation, a, b))
    }
    let sign = operation.operator.rawValue
    switch operation.operator {
    case .contract: return .value(try product(left, right, operation, at: span))
    case .add: return try binary(.add, sign, left, right, operation, at: span)
    case .subtract: return try binary(.subtract, sign, left, right, operation, at: span)
    case .multiply: return try binary(.multiply, sign, left, right, operation, at: span)
    case .divide: return try binary(.divide, sign, left, right, operation, at: span)
    case .less: return try binary(.less, sign, left, right, operation, at: span)
    case .lessOrEqual: return try binary(.lessEqual, sign, left, right, operation, at: span)
    // The graph has the one direction only.
    case .greater: return try binary(.less, sign, right, left, operation, at: span)
    case .greaterOrEqual: return try binary(.lessEqual, sign, right, left, operation, at: span)
    case .equal: return try binary(.equal, sign, left, right, operation, at: span)
    case .notEqual: return try binary(.notEqual, sign, left, right, operation, at: span)
    }
  }

  private func folded(_ operation: OperationSyntax, _ a: Double, _ b: Double) throws(Failure)
    -> Double
  {
    switch operation.operator {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide:
      guard b != 0 else {
        throw failure(
          "this divides by 0",
          at: operation.span,
          hint: "both sides are numbers known when the model is built"
        )
      }
      return a / b
    case .less: return a < b ? 1 : 0
    case .lessOrEqual: return a <= b ? 1 : 0
    case .greater: return a > b ? 1 : 0
    case .greaterOrEqual: return a >= b ? 1 : 0
    case .equal: return a == b ? 1 : 0
    case .notEqual: return a != b ? 1 : 0
    case .contract:
      throw failure(
        "`@` takes vectors and matrices, not numbers",
        at: operation.span,
        hint: "write `*`"
      )
    }
  }

  private func binary(
    _ op: BinaryOp,
    _ sign: String,
    _ left: Operand,
    _ right: Operand,
    _ operation: OperationSyntax,
    at span: SourceSpan
  ) throws(Failure) -> Operand {
    let takesTokens = op == .equal || op == .notEqual
    let (a, b) =
      takesTokens
      ? try matched(left, right, at: operation.operand.span)
      : (try arithmetic(left, sign, operation.span), try arithmetic(right, sign, operation.span))
    return .value(try binary(op, called: sign, a, b, at: span))
  }

  private func arithmetic(_ operand: Operand, _ sign: String, _ span: SourceSpan) throws(Failure)
    -> Value
  {
    let value = try value(operand, at: span)
    guard value.type.isToken else { return value }
    throw failure(
      "`\(sign)` takes real numbers, but \(place(value, else: "one side")) is \(text(value.type))",
      at: span,
      hint: tokenAdvice(value)
    )
  }

  /// What to write where a token stands instead of a real number.
  private func tokenAdvice(_ value: Value) -> String {
    let name = value.name.flatMap { $0.contains("(") ? nil : $0 } ?? "t"
    return "tokens are only compared; write `onehot(\(name))` or `number(\(name))`"
  }

  /// An operation on two values, element by element.
  func binary(_ op: BinaryOp, called name: String, _ a: Value, _ b: Value, at span: SourceSpan)
    throws(Failure) -> Value
  {
    try requireEqualShapes([a, b], for: name, at: span)
    guard a.type.isToken == b.type.isToken else {
      throw failure(
        "`\(name)` meets \(text(a.type)) and \(text(b.type))",
        at: span,
        hint: "a token is compared with a token or a literal: \(sources(a, b))"
      )
    }
    return try append(.binary(op), [a, b], at: span)
  }

  /// Refuses values of unequal shapes, single numbers aside.
  func requireEqualShapes(_ values: [Value], for name: String, at span: SourceSpan)
    throws(Failure)
  {
    var first: Value?
    for value in values where !value.type.shape.isScalar {
      if let first, first.type.shape != value.type.shape {
        throw failure(
          "`\(name)` meets \(text(first.type)) and \(text(value.type))",
          at: span,
          hint: "shapes must be equal, or one a single number: \(sources(first, value))"
        )
      }
      first = first ?? value
    }
  }

  /// Where two values come from, for a hint.
  func sources(_ a: Value, _ b: Value) -> String {
    let (first, second) = (place(a, else: "the first"), place(b, else: "the second"))
    return "\(first) is \(text(a.type)), \(second) is \(text(b.type))"
  }

  private func product(
    _ left: Operand,
    _ right: Operand,
    _ operation: OperationSyntax,
    at span: SourceSpan
  ) throws(Failure) -> Value {
    let a = try arithmetic(left, "@", operation.span)
    let b = try arithmetic(right, "@", operation.span)
    guard (1...2).contains(a.type.shape.rank), (1...2).contains(b.type.shape.rank) else {
      throw failure(
        "`@` meets \(text(a.type)) and \(text(b.type))",
        at: span,
        hint: "it takes vectors and matrices, `*` takes numbers: \(sources(a, b))"
      )
    }
    let (inner, outer) = (a.type.shape[a.type.shape.rank - 1], b.type.shape[0])
    guard inner == outer else {
      throw failure(
        "`@` meets \(text(a.type)) and \(text(b.type)): \(inner) is not \(outer)",
        at: span,
        hint: "the last dimension of the first is summed with the first of the second: "
          + sources(a, b)
      )
    }
    return try append(.contract(.product(leftRank: a.type.shape.rank)), [a, b], at: span)
  }
}
