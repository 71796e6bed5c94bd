import GraphIR

/// Scans, states, and what comes out of them.
extension Elaboration {
  /// Builds a step and its scan; what the step gives is given back as it is along the axis.
  ///
  /// A state runs over the axes that its first and next values do. The next value is known only when
  /// the step is built, so a step that shows one axis more is built again. So is one that needs the
  /// values of a step around it: its scan stands in that step, and otherwise in the main block, where
  /// all those steps are taken at once.
  func scan(
    over axis: AxisID,
    isReverse: Bool,
    in enclosing: Level,
    at span: SourceSpan,
    _ build: (Level) throws(Failure) -> [Value]
  ) throws(Failure) -> [Value] {
    var widened: [String: AxisSet] = [:]
    var host = main
    var around: Level? = enclosing
    while let here = around {
      if here.axis == axis {
        throw failure(
          "`\(graph[axis].name)` is being scanned already",
          at: span,
          hint: "inside the scan, what runs over it is its value at this step"
        )
      }
      around = here.enclosing
    }
    while true {
      let (start, paths, numbers) = (mark, statePaths, draws)
      let level = Level(
        scanning: axis,
        isReverse: isReverse,
        graph: graph,
        enclosing: enclosing,
        host: host,
        widened: widened
      )
      var built: [Value]?
      do throws(Failure) {
        built = try build(level)
        // What is given may need the step of a scan around even where the step itself does not.
        for value in built ?? [] { _ = try capture(value, in: level, at: span) }
      } catch {
        built = nil
      }
      if level.wantedHost != nil || !level.wider.isEmpty {
        // Of a state at another place the axes are others.
        if let wanted = level.wantedHost { (host, widened) = (wanted, [:]) }
        for (path, axes) in level.wider where level.wantedHost == nil {
          widened[path] = axes.union(widened[path] ?? .none)
        }
        takeBack(to: start)
        statePaths = paths
        draws = numbers
        try count(at: span)
        continue
      }
      guard let built, level.isComplete else { throw Failure() }
      return try finish(level, over: axis, giving: built, at: span)
    }
  }

  private func finish(
    _ level: Level,
    over axis: AxisID,
    giving values: [Value],
    at span: SourceSpan
  ) throws(Failure) -> [Value] {
    var nodes: [ValueID] = []
    for value in values {
      nodes.append(try capture(value, in: level, at: span))
      collect(value.members, of: level, into: &nodes)
    }
    for node in nodes {
      let axes = level.builder.type(node).axes.adding(axis).removing(.batch)
      guard axes.count >= ValueType.maximumAxes else { continue }
      throw isOver(axes, at: span)
    }
    let result: (scan: Scan, operands: [ValueID], places: [Int])?
    do throws(Diagnostic) {
      result = try level.finish(emitting: nodes)
    } catch {
      report(error)
      throw Failure()
    }
    guard let (scan, operands, places) = result, !scan.body.results.isEmpty else { return values }
    try count(at: span)
    let host = level.host ?? main
    host.builder.origin = span
    // The table of scans is one for all blocks.
    host.builder.graph.scans = graph.scans
    let node = host.builder.scan(scan, operands)
    graph.scans = host.builder.graph.scans
    if host === main { noteSite(of: node, at: span) }
    var projected: [ValueID: Value] = [:]
    for (id, place) in zip(nodes, places) where projected[id] == nil {
      let project = host.builder.append(.project(Int32(place)), [node])
      projected[id] = Value(
        node: project,
        level: host,
        type: host.builder.type(project),
        origin: span
      )
    }
    func outside(_ value: Value, _ id: ValueID) -> Value {
      var result = value
      if let projected = projected[id] {
        result.node = projected.node
        result.level = host
        result.type = projected.type
      }
      result.members = value.members.map { member in
        guard member.value.level === level else { return member }
        return Member(name: member.name, value: outside(member.value, member.value.node))
      }
      return result
    }
    var results: [Value] = []
    for value in values {
      results.append(outside(value, try capture(value, in: level, at: span)))
    }
    return results
  }

  private func collect(_ members: [Member], of level: Level, into nodes: inout [ValueID]) {
    for member in members where member.value.level === level {
      nodes.append(member.value.node)
      collect(member.value.members, of: level, into: &nodes)
    }
  }

  /// A scan's block: its names are afterwards values over the axis.
  func scan(_ syntax: ScanSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    let axis = try axis(syntax.axis, in: scope)
    let statements = syntax.body.statements
    let order = StatementOrder(statements)
    var names: [(name: String, value: Value)] = []
    var others: [(name: String, operand: Operand)] = []
    var shown: [Member] = []
    var isWhole = true
    let values = try self.scan(over: axis, isReverse: syntax.isReverse, in: scope.level, at: span) {
      (level) throws(Failure) -> [Value] in
      names = []
      others = []
      let inner = Scope(
        environment: scope.environment,
        path: scope.path,
        level: level,
        hidden: scope.hidden,
        parent: scope
      )
      declare(statements, order, in: inner)
      isWhole = true
      for place in order.places where !elaborate(statements[place], in: inner) { isWhole = false }
      for name in statements.flatMap(\.boundNames) {
        if let state = inner.states[name.text] {
          if let next = state.next { names.append((name.text, next)) }
        } else if let operand = inner.entries[name.text]?.operand {
          switch operand {
          case .value(let value): names.append((name.text, value))
          case .number, .none, .axis, .template, .instance: others.append((name.text, operand))
          }
        }
      }
      shown = inner.shown
      return names.map(\.value) + shown.map(\.value)
    }
    for (name, value) in zip(names.map(\.name), values) {
      bind(Name(text: name, span: value.origin), to: .value(value), in: scope)
    }
    for (name, operand) in others { scope.entries[name] = .operand(operand) }
    for (member, value) in zip(shown, values.dropFirst(names.count)) {
      scope.shown.append(Member(name: member.name, value: value))
    }
    if !isWhole { throw Failure() }
  }

  // MARK: - States

  /// A state's value after the step.
  func nextValue(_ name: Name, in scope: Scope) throws(Failure) -> Value {
    guard let state = scope.states[name.text] else {
      if case .failed? = scope.entries[name.text] { throw Failure() }
      throw failure(
        "`\(name.text)` is not a state here",
        at: name.span,
        hint: suggestion(name.text, among: scope.states.keys.sorted())
          ?? "`next` stands before the name of a state of this step"
      )
    }
    guard let next = state.next else { throw Failure() }
    return next
  }

  /// Declares states: what they are, and what they are before the first step.
  func elaborate(_ syntax: StateSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    let declared = try type(syntax.type, in: scope)
    // A state that stands in neither scan nor cell has its message from the check of statements.
    guard let axis = scope.level.axis ?? (scope.isStep ? AxisID.batch : nil) else {
      throw Failure()
    }
    let outside = scope.outside
    defer { if outside !== scope { scope.parent?.shown += outside.shown } }
    for name in syntax.names {
      let label = scope.labelled.first { $0.path == [name.text] }
      if let label { reachedLabels.insert(label.number) }
      if scope.isStep, label == nil {
        throw failure(
          "`step` needs the state `\(name.text)`",
          at: callSites.last ?? span,
          hint: "give it as `\(name.text): ..`; `step` takes all states"
        )
      }
      if !scope.isStep, let axis = declared.axes.intersection(scope.level.around).axes.last {
        if let inner = declared.axes.axes.first(where: { graph.lengthAxes(of: $0).contains(axis) }),
          syntax.type.axes.contains(where: { $0.text == graph[inner].name })
        {
          throw differs(name, inner, axis, at: syntax.type.span)
        }
        throw failure(
          "a state cannot run over `\(graph[axis].name)`, which is being scanned",
          at: syntax.type.span,
          hint: "leave out `over \(graph[axis].name)`"
        )
      }
      let place = label?.span ?? syntax.first.span
      // What a scan's block begins with is computed before it, where its own names are not known.
      let operand: Operand
      if let label {
        operand = label.operand
      } else {
        operand = try self.operand(syntax.first, in: outside)
      }
      let first: Value
      switch declared.element {
      case .token(let bound): first = try token(operand, of: bound, at: place)
      case .real, .tuple: first = try real(operand, at: place)
      }
      guard first.type.element == declared.element,
        first.type.shape == declared.shape || first.type.shape.isScalar
      else {
        throw failure(
          "the state `\(name.text): \(text(declared))` cannot begin as \(text(first.type))",
          at: place,
          hint: "\(self.place(first, else: "the first value")) is \(text(first.type))"
        )
      }
      if scope.isStep {
        // A number stands for a state that has it everywhere, as where a scan begins.
        var before =
          first.type.shape == declared.shape
          ? first : try repeated(first, as: first.type.shaped(declared.shape), at: place)
        before.name = name.text
        scope.states[name.text] = Scope.State(declared: declared, before: before)
        scope.entries[name.text] = .operand(.value(before))
        continue
      }
      guard first.level !== scope.level, !first.type.axes.contains(axis) else {
        throw failure(
          "the first value of `\(name.text)` depends on the step",
          at: place,
          hint: "it must be known before the scan over `\(graph[axis].name)` begins"
        )
      }
      let type = declared.over(
        declared.axes.union(first.type.axes).union(.batch).union(graph.lengthAxes(of: axis))
          .subtracting(scope.level.scanned)
      )
      guard let firstNode = scope.level.captureOutside(first),
        let before = scope.level.addState(
          uniqueStatePath(scope.joined(name.text)),
          name: scope.joined(name.text),
          type: type,
          first: firstNode,
          at: name.span
        )
      else { throw Failure() }
      var named = before
      named.name = name.text
      scope.states[name.text] = Scope.State(declared: declared, before: named)
      scope.entries[name.text] = .operand(.value(named))
    }
  }

  /// Says that a state cannot run over an axis of which each step has another length.
  private func differs(_ state: Name, _ inner: AxisID, _ outer: AxisID, at span: SourceSpan)
    -> Failure
  {
    failure(
      "the state `\(state.text)` cannot run over `\(graph[inner].name)`, which has a length of its "
        + "own at each step of `\(graph[outer].name)`",
      at: span,
      hint: "work along `\(graph[inner].name)` first"
    )
  }

  private func uniqueStatePath(_ path: String) -> String {
    var unique = path
    var number = 2
    while !statePaths.insert(unique).inserted {
      unique = "\(path).\(number)"
      number += 1
    }
    return unique
  }

  /// Elaborates `next NAME = ..`.
  func elaborateNext(_ name: Name, _ expression: ExpressionSyntax, in scope: Scope)
    throws(Failure)
  {
    let operand = try operand(expression, in: scope)
    guard let state = scope.states[name.text] else {
      if case .failed? = scope.entries[name.text] { throw Failure() }
      throw failure(
        "`\(name.text)` is not a state here",
        at: name.span,
        hint: suggestion(name.text, among: scope.states.keys.sorted())
          ?? "declare it with `state \(name.text): real = 0`"
      )
    }
    var next: Value
    switch state.declared.element {
    case .token(let bound): next = try token(operand, of: bound, at: expression.span)
    case .real, .tuple: next = try real(operand, at: expression.span)
    }
    guard next.type.element == state.declared.element,
      next.type.shape == state.declared.shape || next.type.shape.isScalar
    else {
      throw failure(
        "the state `\(name.text): \(text(state.declared))` cannot become \(text(next.type))",
        at: expression.span,
        hint: sources(state.before, next)
      )
    }
    if let axis = scope.level.axis, !scope.isStep,
      let inner = next.type.axes.axes.first(where: { graph.lengthAxes(of: $0).contains(axis) })
    {
      throw differs(name, inner, axis, at: expression.span)
    }
    let members = next.members
    if !scope.isStep {
      // A next value from outside of the step is one of its operands.
      next.node = try capture(next, in: scope.level, at: expression.span)
      next.level = scope.level
      next.type = scope.level.builder.type(next.node)
      let wanted = state.before.type
      if next.type != wanted, next.type.fits(wanted) {
        next = try repeated(next, as: wanted, at: expression.span)
      }
    } else if next.type.shape != state.declared.shape {
      next = try repeated(
        next,
        as: state.declared.over(next.type.axes),
        at: expression.span
      )
    }
    next.members = members
    next.name = "next \(name.text)"
    next.origin = name.span
    next.level.builder.name(next.node, "\(scope.joined(name.text)).next")
    if !scope.isStep { scope.level.setNext(of: state.before, to: next) }
    scope.states[name.text]?.next = next
    scope.shown.append(Member(name: name.text, value: next))
  }
}

extension Scope {
  /// What the first values of a scan's block see: the names around it, in the block that the scan
  /// stands in.
  fileprivate var outside: Scope {
    guard let parent, let host = level.host else { return self }
    return Scope(
      environment: parent.environment,
      path: parent.path,
      level: host,
      hidden: parent.hidden,
      parent: parent
    )
  }
}
