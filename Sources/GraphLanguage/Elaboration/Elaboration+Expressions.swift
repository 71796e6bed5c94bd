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
      case .training:
        throw unsupported(
          "`training`",
          at: expression.span,
          hint: "leave out what depends on it for now"
        )
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
        var left = try operand(first, in: scope)
        for operation in operations {
          let right = try operand(operation.operand, in: scope)
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

  // MARK: - Selections

  private func select(_ selection: SelectionSyntax, of base: Operand, in scope: Scope)
    throws(Failure) -> Operand
  {
    switch selection.kind {
    case .member(let name): return try member(name, of: base, at: selection.span)
    case .index(let index):
      let rows = try table(atStep(base, in: scope), at: selection.span)
      return .value(try row(of: rows, at: index, selection.span, in: scope))
    case .slice(let from, let to):
      let rows = try table(atStep(base, in: scope), at: selection.span)
      let count = rows.type.shape[0]
      let start = try integer(from, for: "the first row", in: 0...count - 1, scope)
      let end = try integer(to, for: "the row after the last", in: 1...count, scope)
      guard start < end else {
        throw failure(
          "rows \(start) up to \(end) are none",
          at: selection.span,
          hint: "`x[a:b]` takes the rows from a up to, not including, b"
        )
      }
      return .value(
        try append(
          .slice(start: Int32(start), count: Int32(end - start)),
          [rows],
          at: selection.span
        )
      )
    }
  }

  private func table(_ operand: Operand, at span: SourceSpan) throws(Failure) -> Value {
    let value = try value(operand, at: span)
    guard value.type.shape.rank >= 1 else {
      throw failure(
        "\(text(value.type)) has no rows",
        at: span,
        hint: "\(place(value, else: "it")) is a single number at each position"
      )
    }
    return value
  }

  private func row(
    of rows: Value,
    at index: ExpressionSyntax,
    _ span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    let count = rows.type.shape[0]
    let place = try operand(index, in: scope)
    if case .number(let number) = place {
      let row = try integer(number, for: "a row of \(count)", in: 0...count - 1, at: index.span)
      let slice = try append(.slice(start: Int32(row), count: 1), [rows], at: span)
      return try append(.reshape(rows.type.shape.droppingFirst), [slice], at: span)
    }
    let token = try value(place, at: index.span)
    guard case .token(let bound) = token.type.element, token.type.shape.isScalar else {
      throw failure(
        "a row is named by a number or a token, not by \(text(token.type))",
        at: index.span,
        hint: "\(self.place(token, else: "it")) is known only when the model runs"
      )
    }
    guard Int(bound) == count else {
      throw failure(
        "\(text(token.type)) does not name the rows of \(text(rows.type))",
        at: span,
        hint: "the token has \(bound) values, the first dimension \(count)"
      )
    }
    return try append(.gather, [rows, token], at: span)
  }

  private func member(_ name: Name, of base: Operand, at span: SourceSpan) throws(Failure)
    -> Operand
  {
    let known: [String]
    let what: String
    switch base {
    case .value(let value):
      if let found = value.member(name.text) { return .value(found) }
      known = value.members.map(\.name)
      what = value.name.map { "`\($0)`" } ?? "this value"
    case .instance(let instance):
      if let parameter = instance.parameters[name.text] { return .value(parameter) }
      if let child = instance.children[name.text] { return .instance(child) }
      if instance.boundAt == .none, instance.owns(name.text) {
        // The application that would have bound them may be what is wrong.
        if hasFailed { throw Failure() }
        throw failure(
          "the sizes of `\(instance.path)` are not known yet",
          at: span,
          hint: "they are bound where it is applied first; apply it above"
        )
      }
      known = instance.memberNames
      what = "`\(instance.path)`"
    case .number, .none, .axis, .template:
      known = []
      what = "this"
    }
    var hint = "members are states, instances and what `emit` shows"
    if let near = suggestion(name.text, among: known) {
      hint = near
    } else if !known.isEmpty {
      hint =
        "there \(known.count == 1 ? "is" : "are") "
        + known.map { "`\($0)`" }.joined(separator: ", ")
    }
    throw failure("\(what) has no member `\(name.text)`", at: span, hint: hint)
  }

  /// A vector of numbers, or a first dimension added to values of one shape.
  private func array(_ elements: [ExpressionSyntax], _ span: SourceSpan, in scope: Scope)
    throws(Failure) -> Value
  {
    var values: [Value] = []
    for element in elements { values.append(try real(element, in: scope)) }
    guard
      let shape = values.first(where: { !$0.type.shape.isScalar })?.type.shape
        ?? values.first?.type.shape
    else { throw failure("`[ ]` is empty", at: span) }
    var rows: [Value] = []
    for (value, element) in zip(values, elements) {
      guard shape.rank < Shape.maximumRank else {
        throw failure(
          "`[ ]` adds a dimension to \(text(value.type))",
          at: element.span,
          hint: "a shape has at most \(Shape.maximumRank) dimensions: "
            + "\(place(value, else: "it")) has so many"
        )
      }
      guard value.type.shape == shape, let row = Shape([1] + shape.dims) else {
        throw failure(
          "`[ ]` holds \(text(values[0].type)) and \(text(value.type))",
          at: element.span,
          hint: "all must have one shape: \(sources(values[0], value))"
        )
      }
      rows.append(try append(.reshape(row), [value], at: element.span))
    }
    return rows.count == 1 ? rows[0] : try append(.concat, rows, at: span)
  }
}

extension Instance {
  /// `true` iff its definition declares a weight or instance of a name.
  fileprivate func owns(_ name: String) -> Bool { memberNames.contains(name) }

  /// The names of its weights and instances, sorted.
  fileprivate var memberNames: [String] {
    guard case .definition(let definition, _) = template.kind else { return children.keys.sorted() }
    return definition.syntax.body.statements.flatMap { statement -> [String] in
      switch statement.kind {
      case .param, .layer: statement.boundNames.map(\.text)
      case .size, .axis, .input, .target, .binding, .state, .next, .scan, .emit, .output, .loss,
        .metric, .train, .stream, .generate, .broken:
        []
      }
    }.sorted()
  }
}
