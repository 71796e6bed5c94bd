import GraphIR

/// Statements that bind names.
extension Elaboration {
  /// Takes down the names that statements will bind.
  func declare(_ statements: [StatementSyntax], _ order: StatementOrder, in scope: Scope) {
    for name in order.cycles { scope.entries[name.text] = .failed }
    for statement in statements {
      for name in statement.boundNames where scope.entries[name.text] == nil {
        scope.entries[name.text] = .pending(name.span)
      }
    }
  }

  /// Elaborates a statement, whose names are known as failed if it is; `true` iff it is not.
  func elaborate(_ statement: StatementSyntax, in scope: Scope) -> Bool {
    do throws(Failure) {
      try elaborate(statement.kind, at: statement.span, in: scope)
      return true
    } catch {
      for name in statement.boundNames {
        if case .operand? = scope.entries[name.text] { continue }
        scope.entries[name.text] = .failed
      }
      return false
    }
  }

  private func elaborate(
    _ kind: StatementSyntax.Kind,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) {
    switch kind {
    case .size(let sizes): try elaborate(sizes, in: scope)
    case .axis(let axis): try elaborate(axis, in: scope)
    case .input(let names, let type): try variables(names, type, isTarget: false, in: scope)
    case .target(let names, let type): try variables(names, type, isTarget: true, in: scope)
    case .param(let parameter): try elaborate(parameter, in: scope)
    case .layer(let instances): try elaborate(instances, in: scope)
    case .binding(let names, let value): try bind(names, to: value, in: scope)
    case .state(let state): try elaborate(state, at: span, in: scope)
    case .next(let name, let value): try elaborateNext(name, value, in: scope)
    case .scan(let scan): try self.scan(scan, at: span, in: scope)
    case .output(let value, let name): try output(value, name, in: scope)
    case .loss(let value, let name): try loss(value, name, in: scope)
    case .metric(let value, let name): try metric(value, name, in: scope)
    case .train(let train): try elaborate(train, at: span, in: scope)
    case .stream(let name): try stream(over: name, in: scope)
    case .generate(let generate): try elaborate(generate, at: span, in: scope)
    case .emit: break
    case .broken: throw Failure()
    }
  }

  // MARK: - Values

  private func bind(_ names: [Name], to expression: ExpressionSyntax, in scope: Scope)
    throws(Failure)
  {
    if case .application(let application) = expression.kind,
      application.function.text == Primitive.split.rawValue,
      scope.find("split") == nil, scope.environment.find("split") == nil
    {
      try count(at: expression.span)
      let parts = try split(Call(application, expression.span, scope), names: names)
      for (name, part) in zip(names, parts) { bind(name, to: .value(part), in: scope) }
      return
    }
    guard let name = names.first, names.count == 1 else {
      throw failure(
        "several names are the parts of a `split`",
        at: expression.span,
        hint: "write `a, b = split(x, 2)`, or one line for each name"
      )
    }
    let operand = try operand(expression, in: scope)
    switch operand {
    case .value, .number: bind(name, to: operand, in: scope)
    case .none, .axis, .template, .instance:
      // The message says what stands instead of a value.
      _ = try value(operand, at: expression.span)
    }
  }

  // MARK: - Sizes

  private func elaborate(_ sizes: [SizeSyntax], in scope: Scope) throws(Failure) {
    var hasFailed = false
    for syntax in sizes {
      let name = syntax.name.text
      do throws(Failure) {
        scope.entries[name] = .operand(.number(try size(of: syntax, in: scope)))
      } catch {
        scope.entries[name] = .failed
        hasFailed = true
      }
    }
    if hasFailed { throw Failure() }
  }

  private func size(of syntax: SizeSyntax, in scope: Scope) throws(Failure) -> Double {
    let name = syntax.name.text
    if let value = syntax.value {
      if sizes[name] != nil, scope.instance == nil {
        throw failure(
          "`\(name)` has a value in the text and one given by `--size \(name)`",
          at: syntax.span,
          hint: "leave out one of them"
        )
      }
      return Double(try size(value, in: scope))
    }
    guard scope.instance == nil else {
      throw failure(
        "a size of a definition needs a value",
        at: syntax.span,
        hint: "write `size \(name) = ..`, or take it after the `;` of the head"
      )
    }
    guard let given = sizes[name] else {
      throw failure(
        "the size `\(name)` has no value",
        at: syntax.span,
        hint: "give it when building: `--size \(name)=1000`"
      )
    }
    guard (1...Shape.maximumCount).contains(given) else {
      throw failure(
        "the size `\(name)` cannot be \(given)",
        at: syntax.span,
        hint: "it must be from 1 to \(Shape.maximumCount)"
      )
    }
    return Double(given)
  }

  // MARK: - Variables

  private func variables(
    _ names: [Name],
    _ syntax: TypeSyntax,
    isTarget: Bool,
    in scope: Scope
  ) throws(Failure) {
    let type = try type(syntax, in: scope)
    let batched = type.over(type.axes.adding(.batch))
    for name in names {
      let value = try variable(name.text, .input(isTarget: isTarget), batched, at: name)
      scope.entries[name.text] = .operand(.value(value))
    }
  }

  /// Declares a variable, and gives its value.
  func variable(
    _ path: String,
    _ kind: Variable.Kind,
    _ type: ValueType,
    at name: Name
  ) throws(Failure) -> Value {
    let id = VariableID(graph.variables.count)
    // Not through `graph`, which would copy the table.
    main.builder.graph.variables.append(
      Variable(name: path, kind: kind, type: type, origin: name.span)
    )
    var value = try append(.variable(id), [], at: name.span, name: path)
    value.name = name.text
    return value
  }

  private func elaborate(_ syntax: ParameterSyntax, in scope: Scope) throws(Failure) {
    if let instance = scope.instance, let first = syntax.names.first,
      instance.parameters[first.text] != nil
    {
      for name in syntax.names {
        guard let value = instance.parameters[name.text] else { continue }
        scope.entries[name.text] = .operand(.value(value))
      }
      return
    }
    let type = try type(syntax.type, in: scope)
    for axis in type.axes.axes {
      if case .fixed = graph[axis].extent { continue }
      throw failure(
        "a parameter runs over axes of a fixed length only, not over `\(graph[axis].name)`",
        at: syntax.type.span,
        hint: "declare it as `axis \(graph[axis].name) = 8`, or leave out "
          + "`over \(graph[axis].name)`"
      )
    }
    guard !type.isToken else {
      throw failure(
        "a parameter is real",
        at: syntax.type.span,
        hint: "tokens cannot be trained"
      )
    }
    let initial = try initialValue(syntax.first, type, in: scope)
    for name in syntax.names {
      let value = try variable(
        scope.joined(name.text),
        .parameter(initial, frozen: syntax.isFrozen),
        type,
        at: name
      )
      scope.instance?.parameters[name.text] = value
      scope.entries[name.text] = .operand(.value(value))
    }
  }

  private func initialValue(_ syntax: ExpressionSyntax, _ type: ValueType, in scope: Scope)
    throws(Failure) -> InitialValue
  {
    switch syntax.kind {
    case .name(let name) where scope.find(name.text) == nil:
      switch Primitive(rawValue: name.text) {
      case .glorot?:
        guard type.shape.rank == 2 else {
          throw failure(
            "`glorot` is for matrices, not for \(text(type))",
            at: syntax.span,
            hint: "write `uniform(b)` with a bound of your own"
          )
        }
        let sum = Double(type.shape[0] + type.shape[1])
        return .uniform(bound: (6 / sum).squareRoot())
      case .orthogonal?:
        guard type.shape.rank == 2 else {
          throw failure(
            "`orthogonal` is for matrices, not for \(text(type))",
            at: syntax.span,
            hint: "write `uniform(b)` or `normal(s)`"
          )
        }
        return .orthogonal
      case .identity?:
        guard type.shape.rank == 2, type.shape[0] == type.shape[1] else {
          throw failure(
            "`identity` is for square matrices, not for \(text(type))",
            at: syntax.span,
            hint: "write `orthogonal`, or a number"
          )
        }
        return .identity
      case .some, nil: break
      }
    case .application(let application):
      let isHidden =
        scope.find(application.function.text) != nil
        || scope.environment.find(application.function.text) != nil
      switch Primitive(rawValue: application.function.text) {
      case .uniform? where !isHidden:
        return .uniform(bound: try setting(application, syntax.span, in: scope))
      case .normal? where !isHidden:
        return .normal(deviation: try setting(application, syntax.span, in: scope))
      case .some, nil: break
      }
    case .name, .number, .training, .none, .next, .array, .negation, .operations, .selections:
      break
    }
    return .constant(try number(syntax, for: "a first value", in: scope))
  }

  private func setting(_ application: ApplicationSyntax, _ span: SourceSpan, in scope: Scope)
    throws(Failure) -> Double
  {
    let argument = try arguments(Call(application, span, scope), 1...1)[0].value
    let number = try number(argument, for: "a bound or deviation", in: scope)
    guard number >= 0, number.isFinite else {
      throw failure(
        "a bound or deviation cannot be \(number)",
        at: argument.span,
        hint: "it must be at least 0"
      )
    }
    return number
  }
}
