import GraphIR

/// Instances of cells and layers, and what they are made of.
extension Elaboration {
  /// Elaborates `layer NAME = ..`.
  func elaborate(_ instances: [InstanceSyntax], in scope: Scope) throws(Failure) {
    var hasFailed = false
    for syntax in instances {
      let name = syntax.name.text
      do throws(Failure) {
        if let known = scope.instance?.children[name] {
          scope.entries[name] = .operand(.instance(known))
          continue
        }
        let template = try template(syntax.value, in: scope)
        let made = try instance(template, path: scope.joined(name), at: syntax.span)
        scope.instance?.children[name] = made
        scope.entries[name] = .operand(.instance(made))
      } catch {
        scope.entries[name] = .failed
        hasFailed = true
      }
    }
    if hasFailed { throw Failure() }
  }

  private func instance(_ template: Template, path: String, at span: SourceSpan) throws(Failure)
    -> Instance
  {
    try count(at: span)
    let made = Instance(template, path: path)
    guard case .stack(let parts, _) = template.kind else { return made }
    return try nested(at: span) { () throws(Failure) -> Instance in
      for (place, part) in parts.enumerated() {
        made.children["l\(place)"] = try instance(part, path: "\(path).l\(place)", at: span)
      }
      return made
    }
  }

  /// What an expression after `layer NAME =`, or given for a layer, stands for.
  private func template(_ syntax: ExpressionSyntax, in scope: Scope) throws(Failure) -> Template {
    try count(at: syntax.span)
    return try nested(at: syntax.span) { () throws(Failure) -> Template in
      switch syntax.kind {
      case .name(let name):
        switch scope.find(name.text) {
        case .operand(.template(let template)): return template
        case .failed: throw Failure()
        case .operand(.instance):
          throw failure(
            "`\(name.text)` is an instance, with weights of its own",
            at: name.span,
            hint: "apply it where it is, or write what it is an instance of"
          )
        case .operand, .pending:
          throw failure(
            "`\(name.text)` is not a cell or layer",
            at: name.span,
            hint: "write a name and what it is made of, as in `lstm(128)`"
          )
        case nil: break
        }
        let definition = try definition(name, in: scope)
        let statics = try statics(of: definition, [], at: syntax.span, in: scope)
        return Template(.definition(definition, statics: statics))
      case .application(let application):
        let name = application.function
        if application.isStep {
          throw failure("`step` applies a cell", at: syntax.span, hint: "leave out `step` here")
        }
        if scope.find(name.text) == nil, scope.environment.find(name.text) == nil,
          name.text == Primitive.stack.rawValue
        {
          return try stack(application, at: syntax.span, in: scope)
        }
        if scope.find(name.text) != nil {
          if case .failed? = scope.find(name.text) { throw Failure() }
          throw failure(
            "`\(name.text)` is not a cell or layer that takes anything here",
            at: name.span,
            hint: "write it without parentheses, or a definition's name with what it takes"
          )
        }
        let definition = try definition(name, in: scope)
        let statics = try statics(of: definition, application.arguments, at: syntax.span, in: scope)
        return Template(.definition(definition, statics: statics))
      case .number, .training, .none, .next, .array, .negation, .operations, .selections:
        throw failure(
          "a cell or layer is needed here",
          at: syntax.span,
          hint: "write its name and what it is made of, as in `lstm(128)`"
        )
      }
    }
  }

  private func definition(_ name: Name, in scope: Scope) throws(Failure) -> Definition {
    if scope.environment.broken.contains(name.text) { throw Failure() }
    if let definition = scope.environment.find(name.text) { return definition }
    if Primitive(rawValue: name.text) != nil {
      throw failure(
        "`\(name.text)` is a primitive, which needs no instance",
        at: name.span,
        hint: "define a layer that applies it"
      )
    }
    // The check of names has said so.
    if hasFailed { throw Failure() }
    throw unknownFunction(name, in: scope)
  }

  private func stack(_ application: ApplicationSyntax, at span: SourceSpan, in scope: Scope)
    throws(Failure) -> Template
  {
    var parts: [Template] = []
    var count: Int?
    var dropout = 0.0
    for (place, argument) in application.arguments.enumerated() {
      if let axis = argument.axes.first ?? argument.destination {
        throw failure(
          "`stack` works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`"
        )
      }
      if let label = argument.label.first {
        guard argument.label.count == 1, label.text == "dropout" else {
          throw failure(
            "`stack` has no argument called `\(label.text)`",
            at: label.span,
            hint: "it takes a number, layers and `dropout:`"
          )
        }
        dropout = try chance(argument.value, in: scope)
      } else if place == 0, !isTemplate(argument.value, in: scope) {
        count = try integer(argument.value, for: "the height of a stack", in: 1...1024, scope)
      } else {
        parts.append(try template(argument.value, in: scope))
      }
    }
    guard let first = parts.first, count == nil || parts.count == 1 else {
      throw failure(
        "`stack` takes a number and one layer, or several layers",
        at: span,
        hint: "write `stack(2, lstm(8))` or `stack(lstm(8), gru(8))`"
      )
    }
    if let count { parts = [Template](repeating: first, count: count) }
    return Template(.stack(parts, dropout: dropout))
  }

  /// `true` iff an expression names a layer rather than a number.
  private func isTemplate(_ syntax: ExpressionSyntax, in scope: Scope) -> Bool {
    switch syntax.kind {
    case .name(let name):
      if case .operand(.number)? = scope.find(name.text) { return false }
      return true
    case .application(let application):
      return application.function.text == Primitive.stack.rawValue
        || scope.environment.find(application.function.text) != nil
    case .number, .training, .none, .next, .array, .negation, .operations, .selections:
      return false
    }
  }

  /// What a definition is made of: arguments in order, then by label, then defaults.
  func statics(
    of definition: Definition,
    _ arguments: [ArgumentSyntax],
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> [String: Operand] {
    let wanted = definition.syntax.statics
    var given: [String: Operand] = [:]
    var place = 0
    for argument in arguments {
      if let axis = argument.axes.first ?? argument.destination {
        throw failure(
          "what `\(definition.name)` is made of runs over no axis",
          at: axis.span,
          hint: "give axes where it is applied"
        )
      }
      let parameter: StaticSyntax
      if let label = argument.label.first {
        guard argument.label.count == 1,
          let found = wanted.first(where: { $0.name.text == label.text })
        else {
          let name = argument.label.map(\.text).joined(separator: ".")
          throw failure(
            "`\(definition.name)` has no argument called `\(name)`",
            at: label.span,
            hint: suggestion(label.text, among: wanted.map(\.name.text))
              ?? "what it is made of: " + listed(wanted)
          )
        }
        parameter = found
      } else {
        guard place < wanted.count else {
          throw failure(
            wanted.isEmpty
              ? "`\(definition.name)` takes nothing more"
              : "`\(definition.name)` takes \(wanted.count), not \(arguments.count)",
            at: argument.span,
            hint: "what it is made of: " + listed(wanted)
          )
        }
        parameter = wanted[place]
        place += 1
      }
      guard given[parameter.name.text] == nil else {
        throw failure(
          "`\(parameter.name.text)` is given twice",
          at: argument.span,
          hint: "leave one out"
        )
      }
      switch parameter.kind {
      case .number:
        given[parameter.name.text] = .number(
          try number(
            argument.value,
            for: "`\(parameter.name.text)` of `\(definition.name)`",
            in: scope
          )
        )
      case .layer:
        given[parameter.name.text] = .template(try template(argument.value, in: scope))
      }
    }
    let defaults = Scope(
      environment: definition.environment,
      path: "",
      level: main,
      hidden: .batch
    )
    for parameter in wanted {
      let name = parameter.name.text
      if given[name] == nil {
        guard case .number(let value?) = parameter.kind else {
          throw failure(
            "`\(definition.name)` needs `\(name)`",
            at: span,
            hint: "what it is made of: " + listed(wanted)
          )
        }
        given[name] = .number(try number(value, for: "`\(name)`", in: defaults))
      }
      defaults.entries[name] = given[name].map { .operand($0) }
    }
    return given
  }

  private func listed(_ statics: [StaticSyntax]) -> String {
    statics.isEmpty ? "nothing" : statics.map { "`\($0.name.text)`" }.joined(separator: ", ")
  }
}
