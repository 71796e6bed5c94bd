import GraphIR

/// The functions that take many places together: reductions, and what moves along an axis.
extension Elaboration {
  // MARK: - Reductions

  /// The axes that an argument names, each of which its value must run over.
  private func axes(_ argument: ArgumentSyntax, of value: Value, _ call: Call) throws(Failure)
    -> AxisSet
  {
    var axes = AxisSet.none
    for name in argument.axes {
      let axis = try axis(name, in: call.scope)
      try require(value, runsOver: axis, name, call.scope)
      axes = axes.adding(axis)
    }
    for (child, parent) in parents.sorted(by: { $0.key < $1.key })
    where axes.contains(parent) && value.type.axes.contains(child) && !axes.contains(child) {
      throw failure(
        "`\(graph[parent].name)` cannot be reduced while `\(graph[child].name)`, which is in it, stays",
        at: argument.span,
        hint: "work along `\(graph[child].name)` first"
      )
    }
    return axes
  }

  /// Refuses a value that does not run over an axis.
  func require(_ value: Value, runsOver axis: AxisID, _ name: Name, _ scope: Scope)
    throws(Failure)
  {
    guard !value.type.axes.contains(axis) else { return }
    var level: Level? = scope.level
    while let here = level {
      if here.axis == axis {
        throw failure(
          "\(place(value, else: "this")) is its value at one step of `\(name.text)` here",
          at: name.span,
          hint: "work along `\(name.text)` before or after the scan"
        )
      }
      level = here.enclosing
    }
    throw failure(
      "\(text(value.type)) does not run over `\(name.text)`",
      at: name.span,
      hint: "\(place(value, else: "it")) is the same at all positions of `\(name.text)`"
    )
  }

  /// `sum`, `mean`, `max` or `min` of a shape or over axes.
  func reduction(_ primitive: Primitive, _ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    let value = try real(argument.value, in: call.scope)
    let op: ReduceOp = primitive == .max ? .maximum : primitive == .min ? .minimum : .sum
    guard !argument.axes.isEmpty else {
      let shape = value.type.shape
      if shape.isScalar { return value }
      let dims = DimList(Array(0..<shape.rank))
      let reduced = try append(.reduce(op, Reduction(dims: dims)), [value], at: call.span)
      guard primitive == .mean else { return reduced }
      let count = try constant(Double(shape.count), at: call.span)
      return try append(.binary(.divide), [reduced, count], at: call.span)
    }
    let axes = try axes(argument, of: value, call)
    let reduced = try append(.reduce(op, Reduction(axes: axes)), [value], at: call.span)
    guard primitive == .mean else { return reduced }
    return try append(.binary(.divide), [reduced, lengths(of: axes, at: call.span)], at: call.span)
  }

  /// How many positions some axes have together, for each position of what is left of their lengths'.
  ///
  /// The lengths are multiplied, and summed over those of the axes that other lengths run over.
  func lengths(of axes: AxisSet, at span: SourceSpan) throws(Failure) -> Value {
    var summed = AxisSet.none
    for axis in axes.axes { summed = summed.union(graph.lengthAxes(of: axis)) }
    summed = summed.intersection(axes)
    var product: Value?
    for axis in axes.subtracting(summed).axes {
      let length = try append(.length(axis), [], at: span)
      if let before = product {
        product = try append(.binary(.multiply), [before, length], at: span)
      } else {
        product = length
      }
    }
    guard let product else { return try constant(1, at: span) }
    if summed.isEmpty { return product }
    return try append(.reduce(.sum, Reduction(axes: summed)), [product], at: span)
  }

  /// exp(x - m) / sum of these, or x - m - log of it; the maximum m keeps exp from overflowing, and
  /// no gradient needs to pass through it.
  func softmax(_ call: Call, isLog: Bool) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    let value = try real(argument.value, in: call.scope)
    let span = call.span
    let axes = try axes(argument, of: value, call)
    let shape = value.type.shape
    let reduction: Reduction
    if axes.isEmpty {
      guard shape.rank >= 1 else {
        throw failure(
          "`\(call.name)` works on the last dimension, but this is \(text(value.type))",
          at: argument.span,
          hint: "say which axis to work along: `\(call.name)(x over a)`"
        )
      }
      reduction = Reduction(dims: [shape.rank - 1])
    } else {
      reduction = Reduction(axes: axes)
    }
    func repeated(_ reduced: Value) throws(Failure) -> Value {
      guard axes.isEmpty, shape.rank > 1 else { return reduced }
      let kept = DimList(Array(0..<shape.rank - 1))
      let broadcast = Broadcast(axes: value.type.axes, shape: shape, kept: kept)
      return try append(.broadcast(broadcast), [reduced], at: span)
    }
    let greatest = try append(.reduce(.maximum, reduction), [value], at: span)
    let fixed = try repeated(append(.unary(.stopGradient), [greatest], at: span))
    let shifted = try append(.binary(.subtract), [value, fixed], at: span)
    let powers = try append(.unary(.exp), [shifted], at: span)
    let total = try append(.reduce(.sum, reduction), [powers], at: span)
    if isLog {
      let logarithm = try repeated(append(.unary(.log), [total], at: span))
      return try append(.binary(.subtract), [shifted, logarithm], at: span)
    }
    return try append(.binary(.divide), [powers, repeated(total)], at: span)
  }

  /// `argmax` of the last dimension.
  func argmax(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    if let axis = argument.axes.first {
      throw unsupported(
        "`argmax` over an axis",
        at: axis.span,
        hint: "it works on the last dimension for now"
      )
    }
    let value = try real(argument.value, in: call.scope)
    guard value.type.shape.rank >= 1 else {
      throw failure(
        "`argmax` works on the last dimension, but this is \(text(value.type))",
        at: argument.span,
        hint: "\(place(value, else: "it")) has no dimension"
      )
    }
    return try append(.argmax(nil), [value], at: call.span)
  }

  // MARK: - Along an axis

  /// `first` or `last`.
  func element(_ position: Position, _ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    let value = try value(argument.value, in: call.scope)
    let axis = try onlyAxis(of: value, told: argument.axes, call)
    return try append(.element(axis, position), [value], at: call.span)
  }

  /// The axis that a function works along: the one told, or the only one there is.
  private func onlyAxis(of value: Value, told: [Name], _ call: Call) throws(Failure) -> AxisID {
    guard told.count <= 1 else {
      throw failure(
        "`\(call.name)` works along one axis",
        at: told[1].span,
        hint: "apply it again for the other"
      )
    }
    if let name = told.first {
      let axis = try axis(name, in: call.scope)
      try require(value, runsOver: axis, name, call.scope)
      return axis
    }
    let seen = value.type.axes.subtracting(call.scope.hidden)
    guard seen.count == 1 else {
      let names = seen.axes.map { graph[$0].name }
      throw failure(
        seen.isEmpty
          ? "`\(call.name)` works along an axis, but this is \(text(value.type))"
          : "`\(call.name)` works along one axis, but this is \(text(value.type))",
        at: call.span,
        hint: seen.isEmpty
          ? call.scope.level.axis == nil
            ? "\(place(value, else: "it")) runs over no axis here"
            : "inside a scan a value is what it is at this step; do this before or after"
          : "say which: `over \(names.joined(separator: "` or `over "))`"
      )
    }
    return seen.axes[0]
  }

  /// `previous`: the sequence one position later, in the direction of a scan around.
  func previous(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, labels: ["first"], takesAxes: true)[0]
    let raw = try evaluate(argument.value, in: call.scope)
    let value = try value(raw, at: argument.span)
    guard value.level.axis == nil else {
      throw failure(
        "`previous` takes what is bound outside of the scan",
        at: argument.span,
        hint: "keep a value for the next step in a `state`"
      )
    }
    var axis: AxisID?
    var isReverse = false
    var level: Level? = call.scope.level
    while let here = level, let scanned = here.axis, argument.axes.isEmpty, axis == nil {
      if value.type.axes.contains(scanned) { (axis, isReverse) = (scanned, here.isReverse) }
      level = here.enclosing
    }
    let along: AxisID
    if let axis { along = axis } else { along = try onlyAxis(of: value, told: argument.axes, call) }
    level = call.scope.level
    while let here = level {
      if here.axis == along { isReverse = here.isReverse }
      level = here.enclosing
    }
    let first = try firstBefore(value, along, call)
    var shifted = try append(.shift(along, reverse: isReverse), [value, first], at: call.span)
    shifted.name = value.name.map { "previous(\($0))" }
    return shifted
  }

  private func firstBefore(_ value: Value, _ axis: AxisID, _ call: Call) throws(Failure) -> Value {
    let given = labelled("first", call)
    let span = given?.span ?? call.span
    let operand = try given.map { (expression) throws(Failure) -> Operand in
      try evaluate(expression, in: call.scope)
    }
    let first: Value
    switch value.type.element {
    case .token(let bound): first = try token(operand ?? .none, of: bound, at: span)
    case .real, .tuple: first = try real(operand ?? .number(0), at: span)
    }
    guard first.level.axis == nil, !first.type.axes.contains(axis) else {
      throw failure(
        "what comes before the first position cannot depend on the position",
        at: span,
        hint: "it must not run over `\(graph[axis].name)`"
      )
    }
    guard first.type.element == value.type.element,
      first.type.shape == value.type.shape || first.type.shape.isScalar
    else {
      throw failure(
        "\(text(first.type)) cannot come before \(text(value.type))",
        at: span,
        hint: sources(first, value)
      )
    }
    return first
  }
}
