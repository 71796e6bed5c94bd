import GraphIR

/// What is taken out of values: rows, members; and arrays.
extension Elaboration {
  /// A row, rows, or a member.
  func select(_ selection: SelectionSyntax, of base: Operand, in scope: Scope)
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
  func array(_ elements: [ExpressionSyntax], _ span: SourceSpan, in scope: Scope)
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
    return rows.count == 1 ? rows[0] : try append(.concat(), rows, at: span)
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
