import GraphIR

/// The functions that are not text.
extension Elaboration {
  /// Applies a primitive.
  func apply(
    _ primitive: Primitive,
    _ application: ApplicationSyntax,
    at span: SourceSpan,
    in scope: Scope
  ) throws(Failure) -> Operand {
    let call = Call(application, span, scope)
    switch primitive {
    case .exp: return .value(try unary(.exp, call))
    case .log: return .value(try unary(.log, call))
    case .log1p: return .value(try unary(.log1p, call))
    case .tanh: return .value(try unary(.tanh, call))
    case .sigmoid: return .value(try unary(.sigmoid, call))
    case .sin: return .value(try unary(.sin, call))
    case .cos: return .value(try unary(.cos, call))
    case .stopGradient: return .value(try unary(.stopGradient, call))
    case .sqrt, .abs:
      // Sizes are made with these; the rounding is the same when the model runs.
      let argument = try arguments(call, 1...1)[0].value
      let operand = try operand(argument, in: scope)
      if case .number(let number) = operand, primitive == .abs || number >= 0 {
        return .number(primitive == .abs ? Swift.abs(number) : number.squareRoot())
      }
      let value = try real(operand, at: argument.span)
      return .value(try append(.unary(primitive == .abs ? .abs : .sqrt), [value], at: span))
    case .max, .min: return try extreme(primitive, call)
    case .select: return .value(try select(call))
    case .concat: return .value(try concat(call))
    case .split:
      throw failure(
        "the parts of a `split` need names",
        at: span,
        hint: "write `a, b = split(x, 2)`"
      )
    case .transpose:
      let value = try value(arguments(call, 1...1)[0].value, in: scope)
      guard value.type.shape.rank == 2 else {
        throw failure(
          "`transpose` takes a matrix, not \(text(value.type))",
          at: span,
          hint: "\(place(value, else: "it")) has rank \(value.type.shape.rank)"
        )
      }
      return .value(try append(.transpose, [value], at: span))
    case .reshape: return .value(try reshape(call))
    case .outer: return .value(try outer(call))
    case .sum, .mean: return .value(try reduction(primitive, call))
    case .softmax: return .value(try softmax(call, isLog: false))
    case .logSoftmax: return .value(try softmax(call, isLog: true))
    case .argmax: return .value(try argmax(call))
    case .first: return .value(try element(.first, call))
    case .last: return .value(try element(.last, call))
    case .previous: return .value(try previous(call))
    case .position: return .value(try append(.position(axisArgument(call)), [], at: span))
    case .length: return .value(try append(.length(axisArgument(call)), [], at: span))
    case .onehot:
      let token = try tokenArgument(call)
      return .value(try append(.oneHot(token.bound), [token.value], at: span))
    case .number: return .value(try append(.number, [tokenArgument(call).value], at: span))
    case .dropout: return try dropout(call)
    case .average: return .value(try average(call))
    case .window, .along, .draw, .uniform, .normal, .bernoulli, .ctc:
      throw unsupported(
        "`\(primitive.rawValue)`",
        at: span,
        hint: "leave it out for now"
      )
    case .glorot, .orthogonal, .identity:
      throw failure(
        "`\(primitive.rawValue)` is a first value",
        at: span,
        hint: "it stands after the `~` of a `param`, without parentheses"
      )
    case .stack:
      throw failure(
        "`stack` makes an instance",
        at: span,
        hint: "write `layer rnn = stack(2, lstm(8))` and apply `rnn`"
      )
    }
  }

  // MARK: - Arguments

  /// An application of a primitive.
  struct Call {
    /// What is written.
    let syntax: ApplicationSyntax
    /// Where.
    let span: SourceSpan
    /// Where its names are looked up.
    let scope: Scope

    /// Takes an application.
    init(_ syntax: ApplicationSyntax, _ span: SourceSpan, _ scope: Scope) {
      self.syntax = syntax
      self.span = span
      self.scope = scope
    }

    /// The function's name.
    var name: String { syntax.function.text }
  }

  /// The arguments without a label, as many as must be; labels only those listed, axes if taken.
  func arguments(
    _ call: Call,
    _ count: ClosedRange<Int>,
    labels: [String] = [],
    takesAxes: Bool = false
  ) throws(Failure) -> [ArgumentSyntax] {
    guard !call.syntax.isStep else {
      throw failure(
        "`\(call.name)` is no cell",
        at: call.span,
        hint: "`step` takes an instance of a cell"
      )
    }
    for argument in call.syntax.arguments {
      if let label = argument.label.first,
        argument.label.count > 1 || !labels.contains(label.text)
      {
        throw failure(
          "`\(call.name)` has no argument called `\(argument.label.map(\.text).joined(separator: "."))`",
          at: label.span,
          hint: suggestion(label.text, among: labels)
            ?? (labels.isEmpty
              ? "its arguments have no labels"
              : "labels are \(labels.map { "`\($0)`" }.joined(separator: ", "))")
        )
      }
      if let axis = argument.axes.first, !takesAxes || !argument.label.isEmpty {
        throw failure(
          "`\(call.name)` works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`: it works at each position"
        )
      }
      if let destination = argument.destination {
        throw failure(
          "`\(call.name)` leads to no other axis",
          at: destination.span,
          hint: "`to` belongs to `window` and `along`"
        )
      }
    }
    let positional = call.syntax.arguments.filter { $0.label.isEmpty }
    guard count.contains(positional.count) else {
      let wanted =
        count.lowerBound == count.upperBound
        ? "\(count.lowerBound)"
        : count.upperBound == Int.max
          ? "at least \(count.lowerBound)" : "\(count.lowerBound) or \(count.upperBound)"
      throw failure(
        "`\(call.name)` takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(positional.count)",
        at: call.span
      )
    }
    return positional
  }

  /// The argument of a label.
  func labelled(_ label: String, _ call: Call) -> ExpressionSyntax? {
    call.syntax.arguments.first { $0.label.map(\.text) == [label] }?.value
  }

  private func axisArgument(_ call: Call) throws(Failure) -> AxisID {
    let argument = try arguments(call, 1...1)[0].value
    guard case .name(let name) = argument.kind else {
      throw failure("`\(call.name)` takes the name of an axis", at: argument.span)
    }
    if call.scope.find(name.text) == nil { throw unknown(name, in: call.scope) }
    return try axis(name, in: call.scope)
  }

  private func tokenArgument(_ call: Call) throws(Failure) -> (value: Value, bound: Int32) {
    let argument = try arguments(call, 1...1)[0].value
    let value = try value(argument, in: call.scope)
    guard case .token(let bound) = value.type.element else {
      throw failure(
        "`\(call.name)` takes a token, not \(text(value.type))",
        at: argument.span,
        hint: "\(place(value, else: "it")) is real"
      )
    }
    return (value, bound)
  }

  // MARK: - Elements

  private func unary(_ op: UnaryOp, _ call: Call) throws(Failure) -> Value {
    let value = try real(arguments(call, 1...1)[0].value, in: call.scope)
    return try append(.unary(op), [value], at: call.span)
  }

  private func extreme(_ primitive: Primitive, _ call: Call) throws(Failure) -> Operand {
    let given = try arguments(call, 1...2, takesAxes: true)
    guard given.count == 2 else { return .value(try reduction(primitive, call)) }
    if let axis = given.flatMap(\.axes).first {
      throw failure(
        "`\(call.name)` of two works along no axis",
        at: axis.span,
        hint: "leave out `over \(axis.text)`: it works at each position"
      )
    }
    let a = try operand(given[0].value, in: call.scope)
    let b = try operand(given[1].value, in: call.scope)
    if case .number(let x) = a, case .number(let y) = b {
      return .number(primitive == .max ? Swift.max(x, y) : Swift.min(x, y))
    }
    return .value(
      try binary(
        primitive == .max ? .maximum : .minimum,
        called: call.name,
        real(a, at: given[0].value.span),
        real(b, at: given[1].value.span),
        at: call.span
      )
    )
  }

  private func select(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 3...3)
    let condition = try real(given[0].value, in: call.scope)
    let (a, b) = try matched(
      operand(given[1].value, in: call.scope),
      operand(given[2].value, in: call.scope),
      at: given[2].value.span
    )
    try requireEqualShapes([condition, a, b], for: "select", at: call.span)
    guard a.type.isToken == b.type.isToken else {
      throw failure(
        "`select` chooses between \(text(a.type)) and \(text(b.type))",
        at: call.span,
        hint: "both must be real or both tokens: \(sources(a, b))"
      )
    }
    return try append(.select, [condition, a, b], at: call.span)
  }

  private func dropout(_ call: Call) throws(Failure) -> Operand {
    let given = try arguments(call, 2...2)
    let chance = try number(given[1].value, for: "the chance of a `dropout`", in: call.scope)
    guard chance >= 0, chance < 1 else {
      throw failure(
        "the chance of a `dropout` cannot be \(chance)",
        at: given[1].value.span,
        hint: "it must be at least 0 and less than 1"
      )
    }
    guard chance == 0 else {
      throw unsupported(
        "`dropout` with a chance other than 0",
        at: call.span,
        hint: "write 0 for now, or leave it out"
      )
    }
    return .value(try real(given[0].value, in: call.scope))
  }

  // MARK: - Shapes

  private func concat(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 1...Int.max, takesAxes: true)
    if let axis = given.flatMap(\.axes).first {
      throw unsupported(
        "`concat` over an axis",
        at: axis.span,
        hint: "take the places one by one, or reduce over the axis"
      )
    }
    var parts: [Value] = []
    for argument in given {
      var part = try value(argument.value, in: call.scope)
      if part.type.shape.isScalar, let one = Shape([1]) {
        part = try append(.reshape(one), [part], at: argument.span)
      }
      if let first = parts.first,
        first.type.element != part.type.element
          || first.type.shape.droppingFirst != part.type.shape.droppingFirst
          || first.type.shape.rank != part.type.shape.rank
      {
        throw failure(
          "`concat` joins \(text(first.type)) and \(text(part.type))",
          at: argument.span,
          hint: "the parts may differ in their first dimension only: \(sources(first, part))"
        )
      }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : try append(.concat, parts, at: call.span)
  }

  /// The parts of `split(x, k)`.
  func split(_ call: Call, names: [Name]) throws(Failure) -> [Value] {
    let given = try arguments(call, 2...2)
    let value = try value(given[0].value, in: call.scope)
    guard value.type.shape.rank >= 1 else {
      throw failure(
        "\(text(value.type)) cannot be split",
        at: given[0].span,
        hint: "\(place(value, else: "it")) has no dimension"
      )
    }
    let rows = value.type.shape[0]
    let count = try integer(given[1].value, for: "the number of parts", in: 1...rows, call.scope)
    guard rows % count == 0 else {
      throw failure(
        "\(text(value.type)) does not split into \(count) equal parts",
        at: call.span,
        hint: "\(rows) is not a multiple of \(count)"
      )
    }
    guard names.count == count else {
      throw failure(
        "\(count) parts, but \(names.count) name\(names.count == 1 ? "" : "s")",
        at: call.span,
        hint: "write as many names as parts"
      )
    }
    if count == 1 { return [value] }
    var parts: [Value] = []
    for place in 0..<count {
      let op = Op.slice(start: Int32(place * (rows / count)), count: Int32(rows / count))
      parts.append(try append(op, [value], at: call.span))
    }
    return parts
  }

  private func reshape(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 2...Int.max)
    let value = try value(given[0].value, in: call.scope)
    var dims: [Int] = []
    for argument in given.dropFirst() { dims.append(try size(argument.value, in: call.scope)) }
    guard let shape = Shape(dims), shape.count == value.type.shape.count else {
      throw failure(
        "\(text(value.type)) cannot be reshaped to \(dims)",
        at: call.span,
        hint: "the number of elements must stay, and a shape has at most \(Shape.maximumRank) "
          + "dimensions"
      )
    }
    return try append(.reshape(shape), [value], at: call.span)
  }

  private func outer(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 2...2)
    let a = try real(given[0].value, in: call.scope)
    let b = try real(given[1].value, in: call.scope)
    guard a.type.shape.rank == 1, b.type.shape.rank == 1 else {
      throw failure(
        "`outer` takes two vectors, not \(text(a.type)) and \(text(b.type))",
        at: call.span,
        hint: sources(a, b)
      )
    }
    return try append(.contract(Contraction()), [a, b], at: call.span)
  }

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

  private func reduction(_ primitive: Primitive, _ call: Call) throws(Failure) -> Value {
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

  /// How many positions some axes have together.
  func lengths(of axes: AxisSet, at span: SourceSpan) throws(Failure) -> Value {
    var product: Value?
    for axis in axes.axes {
      let length = try append(.length(axis), [], at: span)
      if let before = product {
        product = try append(.binary(.multiply), [before, length], at: span)
      } else {
        product = length
      }
    }
    if let product { return product }
    return try constant(1, at: span)
  }

  /// exp(x - m) / sum of these, or x - m - log of it; the maximum m keeps exp from overflowing, and
  /// no gradient needs to pass through it.
  private func softmax(_ call: Call, isLog: Bool) throws(Failure) -> Value {
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

  private func argmax(_ call: Call) throws(Failure) -> Value {
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
    return try append(.argmax, [value], at: call.span)
  }

  // MARK: - Along an axis

  private func element(_ position: Position, _ call: Call) throws(Failure) -> Value {
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

  private func previous(_ call: Call) throws(Failure) -> Value {
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
