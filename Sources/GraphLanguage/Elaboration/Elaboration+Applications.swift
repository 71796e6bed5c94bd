import GraphIR

/// Applications of cells and layers.
extension Elaboration {
  /// Applies whatever a name stands for.
  func apply(_ application: ApplicationSyntax, at span: SourceSpan, in scope: Scope)
    throws(Failure) -> Operand
  {
    let name = application.function
    switch scope.find(name.text) {
    case .operand(.instance(let instance)):
      let result = try apply(instance, application, at: span, in: scope)
      scope.shown.append(Member(name: name.text, value: result))
      return .value(result)
    case .operand(.template(let template)):
      guard !needsInstance(template) else { throw needsInstance(name) }
      let instance = Instance(template, path: scope.joined(name.text))
      return .value(try apply(instance, application, at: span, in: scope))
    case .operand, .pending:
      throw failure(
        "`\(name.text)` is a value, not a cell, layer or function",
        at: name.span,
        hint: "write `*` to multiply"
      )
    case .failed: throw Failure()
    case nil: break
    }
    if scope.environment.broken.contains(name.text) { throw Failure() }
    if let definition = scope.environment.find(name.text) {
      return .value(try applyDirectly(definition, application, at: span, in: scope))
    }
    guard let primitive = Primitive(rawValue: name.text) else {
      throw unknownFunction(name, in: scope)
    }
    return try apply(primitive, application, at: span, in: scope)
  }

  /// Applies a definition without weights by its name: what its values leave over are statics.
  private func applyDirectly(
    _ definition: Definition,
    _ application: ApplicationSyntax,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    guard !needsInstance(definition) else { throw needsInstance(application.function) }
    var values: [ArgumentSyntax] = []
    var others: [ArgumentSyntax] = []
    let staticNames = definition.syntax.statics.map(\.name.text)
    var labels: [ArgumentSyntax] = []
    for argument in application.arguments {
      if argument.label.isEmpty, values.count < definition.syntax.values.count {
        values.append(argument)
      } else if argument.label.count != 1 || staticNames.contains(argument.label[0].text) {
        others.append(argument)
      } else {
        labels.append(argument)
      }
    }
    if values.count < definition.syntax.values.count, labels.isEmpty, others.isEmpty {
      let missing = definition.syntax.values[values.count].name.text
      throw failure(
        "`\(definition.name)` takes \(definition.syntax.values.count) values, not \(values.count)",
        at: span,
        hint: "`\(missing)` is missing"
      )
    }
    if let label = labels.first?.label.first {
      throw failure(
        "`\(definition.name)` has no argument called `\(label.text)`",
        at: label.span,
        hint: suggestion(label.text, among: staticNames)
          ?? (staticNames.isEmpty
            ? "its arguments have no labels"
            : "labels are \(staticNames.map { "`\($0)`" }.joined(separator: ", "))")
      )
    }
    let statics = try statics(of: definition, others, at: span, in: scope)
    let template = Template(.definition(definition, statics: statics))
    let instance = Instance(template, path: scope.joined(definition.name))
    return try apply(instance, values, [], application.isStep, at: span, in: scope)
  }

  private func needsInstance(_ name: Name) -> Failure {
    failure(
      "`\(name.text)` has weights or states and needs an instance to own them",
      at: name.span,
      hint: "declare one with `layer NAME = \(name.text)(..)` and apply that"
    )
  }

  private func needsInstance(_ template: Template) -> Bool {
    switch template.kind {
    case .stack: true
    case .definition(let definition, _): needsInstance(definition)
    }
  }

  /// `true` iff a definition has weights or states, or instances that may.
  ///
  /// A layer of the library's whose only states are of scans within itself is a function to those who
  /// apply it.
  func needsInstance(_ definition: Definition) -> Bool {
    let isLibrary = definition.syntax.name.span.source == .library
    return definition.isCell
      || definition.syntax.body.statements.contains { statement in
        switch statement.kind {
        case .param, .state, .layer: true
        case .scan(let scan):
          !isLibrary
            && scan.body.statements.contains { statement in
              if case .state = statement.kind { true } else { false }
            }
        case .size, .axis, .input, .target, .binding, .next, .emit, .output, .loss, .metric,
          .train, .stream, .generate, .broken:
          false
        }
      }
  }

  // MARK: - Instances

  private func apply(
    _ instance: Instance,
    _ application: ApplicationSyntax,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    let values = application.arguments.filter { $0.label.isEmpty }
    let labels = application.arguments.filter { !$0.label.isEmpty }
    return try apply(instance, values, labels, application.isStep, at: span, in: scope)
  }

  private func apply(
    _ instance: Instance,
    _ values: [ArgumentSyntax],
    _ labels: [ArgumentSyntax],
    _ isStep: Bool,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    var givens: [Given] = []
    for argument in values + labels {
      guard let destination = argument.destination else { continue }
      throw failure(
        "a cell or layer leads to no other axis",
        at: destination.span,
        hint: "`to` belongs to `window` and `along`"
      )
    }
    for argument in values {
      let operand = try operand(argument.value, in: scope)
      givens.append(
        Given(operand: operand, told: argument.axes, span: argument.span, scope: scope)
      )
    }
    var firsts: [FirstValue] = []
    for argument in labels {
      if let axis = argument.axes.first {
        throw failure(
          "a first value works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`"
        )
      }
      let path = argument.label.map(\.text)
      if firsts.contains(where: { $0.path == path }) {
        throw failure(
          "`\(path.joined(separator: "."))` is given twice",
          at: argument.span,
          hint: "leave one out"
        )
      }
      labelCount += 1
      firsts.append(
        FirstValue(
          path: path,
          operand: try operand(argument.value, in: scope),
          span: argument.span,
          number: labelCount
        )
      )
    }
    callSites.append(span)
    defer { callSites.removeLast() }
    // The states of the instance whose body this is may be meant by labels from outside.
    let outside = reaching(instance, from: scope)
    let result = try apply(instance, givens, outside + firsts, isStep, at: span, in: scope)
    for first in firsts where !reachedLabels.contains(first.number) {
      if outside.contains(where: { $0.path == first.path }) { continue }
      let states = statePaths(of: instance.template)
      let name = first.path.joined(separator: ".")
      var hint = "it has no states"
      if let near = suggestion(name, among: states) {
        hint = near
      } else if !states.isEmpty {
        hint = "its states are \(states.prefix(8).map { "`\($0)`" }.joined(separator: ", "))"
      }
      throw failure("`\(instance.path)` has no state `\(name)`", at: first.span, hint: hint)
    }
    return result
  }

  /// The labels of the definition around that go on into an instance of it.
  private func reaching(_ instance: Instance, from scope: Scope) -> [FirstValue] {
    guard let owner = scope.owner,
      let name = owner.children.first(where: { $0.value === instance })?.key
    else { return [] }
    return stripped(scope.labelled, of: name)
  }

  private func stripped(_ firsts: [FirstValue], of name: String) -> [FirstValue] {
    firsts.filter { $0.path.count > 1 && $0.path[0] == name }.map {
      FirstValue(
        path: Array($0.path.dropFirst()),
        operand: $0.operand,
        span: $0.span,
        number: $0.number
      )
    }
  }

  /// The paths of all states of an instance, for hints.
  private func statePaths(of template: Template, depth: Int = 0) -> [String] {
    guard depth < 8 else { return [] }
    switch template.kind {
    case .stack(let parts, _):
      return parts.enumerated().flatMap { place, part in
        statePaths(of: part, depth: depth + 1).map { "l\(place).\($0)" }
      }
    case .definition(let definition, let statics):
      var paths: [String] = []
      func collect(_ statements: [StatementSyntax]) {
        for statement in statements {
          switch statement.kind {
          case .state(let state): paths += state.names.map(\.text)
          case .scan(let scan): collect(scan.body.statements)
          case .layer(let instances):
            for inner in instances {
              guard case .name(let name) = inner.value.kind,
                case .template(let given)? = statics[name.text]
              else {
                if case .application(let call) = inner.value.kind,
                  let found = definition.environment.find(call.function.text)
                {
                  let template = Template(.definition(found, statics: [:]))
                  paths += statePaths(of: template, depth: depth + 1)
                    .map { "\(inner.name.text).\($0)" }
                }
                continue
              }
              paths += statePaths(of: given, depth: depth + 1)
                .map { "\(inner.name.text).\($0)" }
            }
          case .size, .axis, .input, .target, .param, .binding, .next, .emit, .output, .loss,
            .metric, .train, .stream, .generate, .broken:
            continue
          }
        }
      }
      collect(definition.syntax.body.statements)
      return paths
    }
  }

  // MARK: - The four ways to apply

  /// Applies an instance: scanning an axis, running along a scan, one step, or at each position.
  private func apply(
    _ instance: Instance,
    _ givens: [Given],
    _ firsts: [FirstValue],
    _ isStep: Bool,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    // An application may come to nothing but must not be free: sixty definitions that apply each
    // other twice are 2^60 of them.
    try count(64, at: span)
    return try nested(at: span) { () throws(Failure) -> Value in
      switch instance.template.kind {
      case .stack(_, let dropout):
        try applyStack(instance, dropout, givens, firsts, isStep, at: span, in: scope)
      case .definition(let definition, let statics):
        try apply(definition, statics, instance, givens, firsts, isStep, at: span, in: scope)
      }
    }
  }

  private func applyStack(
    _ instance: Instance,
    _ dropout: Double,
    _ givens: [Given],
    _ firsts: [FirstValue],
    _ isStep: Bool,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    guard var given = givens.first, givens.count == 1 else {
      throw failure(
        "a stack takes 1 value, not \(givens.count)",
        at: span,
        hint: "each instance in it is given what the one before it gives"
      )
    }
    var members: [Member] = []
    var result: Value?
    for (place, part) in instance.stacked.enumerated() {
      if let before = result, dropout > 0 {
        let between = "\(instance.path)/stack/\(place - 1)"
        let value = try real(.value(before), at: span)
        given.operand = .value(try dropped(value, dropout, place: between, at: span))
      }
      let inner = stripped(firsts, of: "l\(place)")
      let value = try apply(part, [given], inner, isStep, at: span, in: scope)
      members.append(Member(name: "l\(place)", value: value))
      given.operand = .value(value)
      result = value
    }
    guard var result else { throw failure("a stack of nothing", at: span) }
    result.members = members
    return result
  }

  private func apply(
    _ definition: Definition,
    _ statics: [String: Operand],
    _ instance: Instance,
    _ givens: [Given],
    _ firsts: [FirstValue],
    _ isStep: Bool,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Value {
    if definition.environment.broken.contains(definition.name) { throw Failure() }
    let bound = try bind(givens, to: definition, of: instance, statics: statics, at: span)
    let hasStates = instance.template.hasStates
    let rest = bound.values.reduce(AxisSet.none) { $0.union($1.type.axes) }
      .subtracting(bound.allWhole)
    let seen = rest.subtracting(scope.hidden).subtracting(scope.level.around)
    func body(_ values: [Value], in level: Level, isStep: Bool) throws(Failure) -> Value {
      let inner = Scope(
        environment: definition.environment,
        path: instance.path,
        level: level,
        hidden: scope.hidden.union(rest),
        instance: instance
      )
      inner.isStep = isStep && hasStates
      inner.firsts = firsts
      return try elaborate(definition, statics, instance, values, in: inner, at: span)
    }
    guard hasStates else {
      if isStep {
        throw failure(
          "`\(instance.path)` has no states",
          at: span,
          hint: "leave out `step`"
        )
      }
      if let told = bound.told {
        throw failure(
          "`\(definition.name)` works at each position of `\(graph[told].name)`",
          at: span,
          hint: "leave out `over \(graph[told].name)`"
        )
      }
      return try body(bound.values, in: scope.level, isStep: false)
    }
    if isStep { return try body(bound.values, in: scope.level, isStep: true) }
    let isInStep = scope.level.axis != nil || scope.isInStep
    let scanned: AxisID
    if let told = bound.told {
      scanned = told
    } else if isInStep, seen.isEmpty || bound.values.contains(where: { $0.level.axis != nil }) {
      // What takes one step from given states takes its instances' from given states too.
      if scope.isInStep { return try body(bound.values, in: scope.level, isStep: true) }
      guard scope.level.ranAlong.insert(ObjectIdentifier(instance)).inserted else {
        throw failure(
          "`\(instance.path)` runs along this scan twice",
          at: span,
          hint: "its states take one step at each step; declare a second instance"
        )
      }
      return try body(bound.values, in: scope.level, isStep: false)
    } else if seen.count == 1, let only = seen.axes.first {
      scanned = only
    } else {
      throw failure(
        seen.isEmpty
          ? "`\(definition.name)` scans an axis, but this runs over none"
          : "`\(definition.name)` scans one axis, but this runs over "
            + seen.axes.map { "`\(graph[$0].name)`" }.joined(separator: " and "),
        at: span,
        hint: seen.isEmpty
          ? "apply it to a sequence, or inside a `scan over`"
          : "say which: `over \(seen.axes.map { graph[$0].name }.joined(separator: "` or `over "))`"
      )
    }
    let results = try scan(over: scanned, isReverse: false, in: scope.level, at: span) {
      (level) throws(Failure) -> [Value] in
      var elements: [Value] = []
      for value in bound.values {
        var element = value
        if value.type.axes.contains(scanned) {
          element.node = try capture(value, in: level, at: span)
          element.level = level
          element.type = level.builder.type(element.node)
        }
        elements.append(element)
      }
      return [try body(elements, in: level, isStep: false)]
    }
    return results[0]
  }

  // MARK: - Bodies

  /// Elaborates a definition's statements; gives what it emits, with what it shows.
  private func elaborate(
    _ definition: Definition,
    _ statics: [String: Operand],
    _ instance: Instance,
    _ values: [Value],
    in scope: Scope,
    at span: SourceSpan
  ) throws(Failure) -> Value {
    let syntax = definition.syntax
    for (name, operand) in statics { scope.entries[name] = .operand(operand) }
    for (name, size) in instance.sizes { scope.entries[name] = .operand(.number(Double(size))) }
    for (name, axis) in instance.axes { scope.entries[name] = .operand(.axis(axis)) }
    for (value, parameter) in zip(values, syntax.values) {
      var value = value
      value.name = parameter.name.text
      if parameter.span.source == .definition { value.origin = parameter.span }
      scope.entries[parameter.name.text] = .operand(.value(value))
    }
    let order = definition.order ?? StatementOrder(syntax.body.statements)
    definition.order = order
    declare(syntax.body.statements, order, in: scope)
    var isWhole = true
    var emitted: Value?
    for place in order.places {
      let statement = syntax.body.statements[place]
      guard case .emit(let value, let members) = statement.kind else {
        if !elaborate(statement, in: scope) { isWhole = false }
        continue
      }
      do throws(Failure) {
        emitted = try emit(value, members, in: scope)
      } catch {
        isWhole = false
      }
    }
    guard isWhole, let emitted, scope.states.values.allSatisfy({ $0.next != nil }) else {
      throw Failure()
    }
    return emitted
  }

  private func emit(_ expression: ExpressionSyntax, _ names: [Name], in scope: Scope)
    throws(Failure) -> Value
  {
    var emitted = try value(expression, in: scope)
    var members: [Member] = []
    for name in names {
      let operand = try atStep(find(name, in: scope), in: scope)
      members.append(Member(name: name.text, value: try value(operand, at: name.span)))
    }
    // Afterwards a state's name is its value after the step.
    emitted.members = members + scope.shown
    emitted.name = nil
    return emitted
  }
}
