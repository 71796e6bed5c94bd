import GraphIR

/// Types as they are written, and the sizes and axes that an application binds.
extension Elaboration {
  /// The type that is written, all of its sizes being known.
  func type(_ syntax: TypeSyntax, in scope: Scope) throws(Failure) -> ValueType {
    let element = try element(syntax.element, in: scope)
    guard case .dimensions(let dimensions) = syntax.shape else {
      throw failure(
        "`[..]` is any shape, but one is needed here",
        at: syntax.span,
        hint: "write its dimensions; `[..]` stands in a definition's head"
      )
    }
    let shape = try shape(dimensions, at: syntax.span, in: scope)
    var axes = AxisSet.none
    for name in syntax.axes {
      let axis = try axis(name, in: scope)
      guard !axes.contains(axis) else {
        throw failure(
          "`\(name.text)` stands here twice",
          at: name.span,
          hint: "a value runs over an axis or not; leave one out"
        )
      }
      axes = axes.adding(axis)
    }
    axes = closed(axes)
    guard axes.count < ValueType.maximumAxes else {
      throw failure(
        "a value runs over at most \(ValueType.maximumAxes - 1) axes",
        at: syntax.span,
        hint: "the batch is the fourth"
      )
    }
    return ValueType(element, axes: axes, shape: shape)
  }

  private func element(_ syntax: TypeSyntax.Element, in scope: Scope) throws(Failure) -> Element {
    switch syntax {
    case .real: return .real
    case .token(let bound): return .token(Int32(clamping: try size(bound, in: scope)))
    }
  }

  private func shape(_ dimensions: [ExpressionSyntax], at span: SourceSpan, in scope: Scope)
    throws(Failure) -> Shape
  {
    var dims: [Int] = []
    for dimension in dimensions { dims.append(try size(dimension, in: scope)) }
    guard let shape = Shape(dims) else {
      throw failure(
        dims.count > Shape.maximumRank
          ? "a shape has at most \(Shape.maximumRank) dimensions"
          : "a value has at most \(Shape.maximumCount) elements",
        at: span,
        hint: dims.count > Shape.maximumRank
          ? "join some of them, or make an axis of one" : "lower its sizes"
      )
    }
    return shape
  }

  // MARK: - Binding

  /// What a definition is given, its types checked.
  struct Bound {
    /// The values in the order of the head.
    var values: [Value] = []
    /// The axes that each takes whole.
    var whole: [AxisSet] = []
    /// The axis that a cell is told to scan.
    var told: AxisID?

    /// The axes that any takes whole.
    var allWhole: AxisSet { whole.reduce(.none) { $0.union($1) } }
  }

  /// An argument on its way to a definition.
  struct Given {
    /// What is given.
    var operand: Operand
    /// The axes after `over`.
    var told: [Name]
    /// Where the argument stands.
    var span: SourceSpan
    /// Where its names are looked up.
    var scope: Scope
  }

  /// Gives a definition its arguments: binds its unknown sizes and axes, or checks them.
  func bind(
    _ givens: [Given],
    to definition: Definition,
    of instance: Instance,
    statics: [String: Operand],
    at span: SourceSpan
  ) throws(Failure) -> Bound {
    let syntax = definition.syntax
    guard givens.count == syntax.values.count else {
      let names = syntax.values.map { "`\($0.name.text)`" }.joined(separator: ", ")
      throw failure(
        "`\(definition.name)` takes \(syntax.values.count) "
          + "value\(syntax.values.count == 1 ? "" : "s"), not \(givens.count)",
        at: span,
        hint: names.isEmpty ? "it is applied as `\(definition.name)()`" : "it is given \(names)"
      )
    }
    let head = Scope(
      environment: definition.environment,
      path: instance.path,
      level: main,
      hidden: .batch
    )
    for (name, operand) in statics { head.entries[name] = .operand(operand) }
    var bound = Bound()
    for (given, parameter) in zip(givens, syntax.values) {
      try bindSizes(given, to: parameter, instance, head, definition)
    }
    for (name, size) in instance.sizes { head.entries[name] = .operand(.number(Double(size))) }
    for (given, parameter) in zip(givens, syntax.values) {
      let value = try fitted(given, to: parameter, instance, head, definition)
      let (whole, told) = try bindAxes(given, value, to: parameter, instance, definition)
      bound.values.append(value)
      bound.whole.append(whole)
      if let told {
        if let other = bound.told, other != told {
          throw failure(
            "`\(definition.name)` cannot scan both `\(graph[other].name)` and `\(graph[told].name)`",
            at: given.span,
            hint: "tell it one axis"
          )
        }
        bound.told = told
      }
    }
    for (place, value) in bound.values.enumerated() {
      let seen = value.type.axes.subtracting(givens[place].scope.hidden)
        .subtracting(bound.whole[place])
      for (other, whole) in bound.whole.enumerated() where other != place {
        guard let axis = seen.intersection(whole).axes.first else { continue }
        throw failure(
          "`\(syntax.values[place].name.text)` runs over `\(graph[axis].name)`, which "
            + "`\(syntax.values[other].name.text)` of `\(definition.name)` takes whole",
          at: givens[place].span,
          hint: "take a second axis of the same lengths for one of them: `axis other = "
            + "\(graph[axis].name)`"
        )
      }
    }
    if instance.boundAt == .none { instance.boundAt = span }
    return bound
  }

  /// Binds sizes that stand alone in a type: `n` of `real[n]` and `token(n)`.
  private func bindSizes(
    _ given: Given,
    to parameter: ValueSyntax,
    _ instance: Instance,
    _ head: Scope,
    _ definition: Definition
  ) throws(Failure) {
    guard case .value(let value) = given.operand else {
      if case .number = given.operand, case .real = parameter.type.element,
        case .dimensions(let dimensions) = parameter.type.shape, dimensions.count == 1
      {
        try bindSize(dimensions[0], to: 1, given, parameter, instance, head, definition)
      }
      return
    }
    switch (parameter.type.element, value.type.element) {
    case (.real, .real): break
    case (.token(let size), .token(let bound)):
      try bindSize(size, to: Int(bound), given, parameter, instance, head, definition)
    case (.real, _), (.token, _):
      throw doesNotFit(value, given, parameter, instance, definition)
    }
    guard case .dimensions(let dimensions) = parameter.type.shape else { return }
    let shape = value.type.shape
    // A single number passes as real[1].
    let dims = shape.isScalar && dimensions.count == 1 ? [1] : shape.dims
    guard dims.count == dimensions.count else {
      throw doesNotFit(value, given, parameter, instance, definition)
    }
    for (dimension, extent) in zip(dimensions, dims) {
      try bindSize(dimension, to: extent, given, parameter, instance, head, definition)
    }
  }

  private func bindSize(
    _ expression: ExpressionSyntax,
    to extent: Int,
    _ given: Given,
    _ parameter: ValueSyntax,
    _ instance: Instance,
    _ head: Scope,
    _ definition: Definition
  ) throws(Failure) {
    guard case .name(let name) = expression.kind, head.entries[name.text] == nil else { return }
    guard let known = instance.sizes[name.text] else {
      instance.sizes[name.text] = extent
      return
    }
    guard known != extent else { return }
    let value = try value(given.operand, at: given.span)
    throw doesNotFit(value, given, parameter, instance, definition)
  }

  private func doesNotFit(
    _ value: Value,
    _ given: Given,
    _ parameter: ValueSyntax,
    _ instance: Instance,
    _ definition: Definition
  ) -> Failure {
    let wanted = spelled(parameter.type, sizes: instance.sizes)
    let subject =
      instance.boundAt.line > 0 && instance.boundAt.source == .definition
      ? "`\(instance.path)`" : "`\(definition.name)`"
    var hint = "\(place(value, else: "this")) is \(text(value.type))"
    if instance.boundAt.line > 0, instance.boundAt.source == .definition,
      instance.boundAt != given.span
    {
      hint += "; the application in line \(instance.boundAt.line) fixed the sizes"
    } else if case .token = value.type.element, case .real = parameter.type.element {
      hint += "; write `onehot(t)`, or look its row up with an `embedding`"
    }
    return failure(
      "\(subject) takes `\(parameter.name.text): \(wanted)`, not \(text(value.type))",
      at: given.span,
      hint: hint
    )
  }

  /// A type as it is written, with the sizes that are known put in.
  private func spelled(_ type: TypeSyntax, sizes: [String: Int]) -> String {
    func spelled(_ size: ExpressionSyntax) -> String {
      switch size.kind {
      case .name(let name): sizes[name.text].map(String.init) ?? name.text
      case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
      case .training, .none, .next, .application, .array, .negation, .operations, .selections:
        "?"
      }
    }
    let element: String
    switch type.element {
    case .real: element = "real"
    case .token(let bound): element = "token(\(spelled(bound)))"
    }
    let shape: String
    switch type.shape {
    case .any: shape = "[..]"
    case .dimensions(let dimensions):
      shape =
        dimensions.isEmpty
        ? "" : "[\(dimensions.map(spelled).joined(separator: ", "))]"
    }
    return element + shape + type.axes.map { " over \($0.text)" }.joined()
  }

  /// The value that a parameter stands for, of the parameter's type.
  private func fitted(
    _ given: Given,
    to parameter: ValueSyntax,
    _ instance: Instance,
    _ head: Scope,
    _ definition: Definition
  ) throws(Failure) -> Value {
    var value: Value
    switch parameter.type.element {
    case .real: value = try real(given.operand, at: given.span)
    case .token(let bound):
      let size: Int
      do throws(Failure) {
        size = try self.size(bound, in: head)
      } catch {
        throw Failure()
      }
      value = try token(given.operand, of: Int32(clamping: size), at: given.span)
      guard value.type.element == .token(Int32(clamping: size)) else {
        throw doesNotFit(value, given, parameter, instance, definition)
      }
    }
    guard case .dimensions(let dimensions) = parameter.type.shape else { return value }
    let shape = try shape(dimensions, at: parameter.type.span, in: head)
    if value.type.shape == shape { return value }
    guard value.type.shape.isScalar, shape.dims == [1], !value.type.isToken else {
      throw doesNotFit(value, given, parameter, instance, definition)
    }
    let members = value.members
    value = try append(.reshape(shape), [value], at: given.span)
    value.members = members
    return value
  }

  /// The axes that a parameter takes whole, and the one that is left for a cell to scan.
  private func bindAxes(
    _ given: Given,
    _ value: Value,
    to parameter: ValueSyntax,
    _ instance: Instance,
    _ definition: Definition
  ) throws(Failure) -> (whole: AxisSet, told: AxisID?) {
    var told: [(AxisID, Name)] = []
    for name in given.told {
      let axis = try axis(name, in: given.scope)
      try require(value, runsOver: axis, name, given.scope)
      told.append((axis, name))
    }
    let declared = parameter.type.axes
    var whole = AxisSet.none
    for (place, name) in declared.enumerated() {
      let axis: AxisID
      if place < told.count {
        axis = told[place].0
      } else if let known = instance.axes[name.text] {
        axis = known
      } else {
        axis = try onlyAxis(of: value, given, parameter, definition, excluding: whole)
      }
      if let known = instance.axes[name.text], known != axis {
        throw failure(
          "`\(name.text)` of `\(definition.name)` is `\(graph[known].name)`, not "
            + "`\(graph[axis].name)`",
          at: given.span,
          hint: "its first use fixed it; make a second instance for the other axis"
        )
      }
      guard value.type.axes.contains(axis), !whole.contains(axis) else {
        throw failure(
          "`\(definition.name)` takes `\(parameter.name.text)` over `\(graph[axis].name)`, but "
            + "this is \(text(value.type))",
          at: given.span,
          hint: "\(place == 0 ? self.place(value, else: "it") : "it") does not run over it"
        )
      }
      if let other = definition.axes(otherThan: name).first(where: {
        instance.axes[$0.text] == axis
      }) {
        throw failure(
          "`\(name.text)` and `\(other.text)` of `\(definition.name)` are two axes, and cannot both "
            + "be `\(graph[axis].name)`",
          at: given.span,
          hint: "take a second axis of the same lengths for one of them: `axis other = "
            + "\(graph[axis].name)`"
        )
      }
      instance.axes[name.text] = axis
      whole = whole.adding(axis)
    }
    guard told.count <= declared.count + 1 else {
      let extra = told[declared.count + 1].1
      throw failure(
        "there is nothing to do along `\(extra.text)` here",
        at: extra.span,
        hint: "leave out `over \(extra.text)`"
      )
    }
    return (whole, told.count > declared.count ? told[declared.count].0 : nil)
  }

  private func onlyAxis(
    of value: Value,
    _ given: Given,
    _ parameter: ValueSyntax,
    _ definition: Definition,
    excluding taken: AxisSet
  ) throws(Failure) -> AxisID {
    let seen = value.type.axes.subtracting(given.scope.hidden)
      .subtracting(given.scope.level.around).subtracting(taken)
    guard seen.count == 1 else {
      throw failure(
        "`\(definition.name)` takes `\(parameter.name.text)` over an axis, but this is "
          + text(value.type),
        at: given.span,
        hint: seen.isEmpty
          ? "\(place(value, else: "it")) runs over no axis here"
          : "say which: `over \(seen.axes.map { graph[$0].name }.joined(separator: "` or `over "))`"
      )
    }
    return seen.axes[0]
  }
}

extension Definition {
  /// The axes of its head that have another name.
  fileprivate func axes(otherThan name: Name) -> [Name] {
    syntax.values.flatMap(\.type.axes).filter { $0.text != name.text }
  }
}
