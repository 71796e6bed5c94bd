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
    case .window: return .value(try window(call))
    case .along: return .value(try along(call))
    case .position: return .value(try position(along: axisArgument(call), at: span))
    case .length: return .value(try append(.length(axisArgument(call)), [], at: span))
    case .onehot:
      let token = try tokenArgument(call)
      return .value(try append(.oneHot(token.bound), [token.value], at: span))
    case .number: return .value(try append(.number, [tokenArgument(call).value], at: span))
    case .dropout: return .value(try dropout(call))
    case .uniform: return .value(try random(.uniform, call))
    case .normal: return .value(try random(.normal, call))
    case .bernoulli: return .value(try bernoulli(call))
    case .draw: return .value(try draw(call))
    case .average: return .value(try average(call))
    case .glorot, .orthogonal, .identity: throw isFirstValue(primitive.rawValue, at: span)
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

  /// The arguments without a label, as many as must be; labels only those listed, axes if taken, and
  /// after the first of them another axis if it leads there.
  func arguments(
    _ call: Call,
    _ count: ClosedRange<Int>,
    labels: [String] = [],
    takesAxes: Bool = false,
    leads: Bool = false
  ) throws(Failure) -> [ArgumentSyntax] {
    guard !call.syntax.isStep else {
      throw failure(
        "`\(call.name)` is no cell",
        at: call.span,
        hint: "`step` takes an instance of a cell"
      )
    }
    for (place, argument) in call.syntax.arguments.enumerated() {
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
      if let axis = argument.axes.first, !takesAxes || !argument.label.isEmpty || leads && place > 0
      {
        throw failure(
          "`\(call.name)` works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`: it works at each position"
        )
      }
      if let destination = argument.destination, !leads || place > 0 {
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
        "`\(call.name)` takes \(wanted) argument\(wanted.hasSuffix(" 1") || wanted == "1" ? "" : "s"), not \(positional.count)",
        at: call.span,
        hint: takesAxes ? axesHint(positional) : nil
      )
    }
    return positional
  }

  /// What is meant by `x over a, b`, if that is what stands there.
  private func axesHint(_ arguments: [ArgumentSyntax]) -> String? {
    guard let first = arguments.first, !first.axes.isEmpty else { return nil }
    var words = first.axes.map(\.text)
    for argument in arguments.dropFirst() {
      guard let name = argument.value.bareName, graph.axes.contains(where: { $0.name == name.text })
      else { return nil }
      words += [name.text] + argument.axes.map(\.text)
    }
    return "for several axes write `" + words.map { "over \($0)" }.joined(separator: " ") + "`"
  }

  /// The argument of a label.
  func labelled(_ label: String, _ call: Call) -> ExpressionSyntax? {
    call.syntax.arguments.first { $0.label.map(\.text) == [label] }?.value
  }

  private func axisArgument(_ call: Call) throws(Failure) -> AxisID {
    let argument = try arguments(call, 1...1)[0].value
    guard case .name(let name) = argument.kind else {
      throw failure(
        "`\(call.name)` takes the name of an axis",
        at: argument.span,
        hint: "write it alone, as in `\(call.name)(time)`"
      )
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
    guard a.type.element == b.type.element else {
      throw failure(
        "`select` chooses between \(text(a.type)) and \(text(b.type))",
        at: call.span,
        hint: "both must be real, or both tokens of one size: \(sources(a, b))"
      )
    }
    return try append(.select, [condition, a, b], at: call.span)
  }

  // MARK: - Shapes

  private func concat(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 1...Int.max, takesAxes: true)
    var parts: [Value] = []
    for argument in given {
      let value = try value(argument.value, in: call.scope)
      for var part in try places(of: value, argument, call) {
        if let first = parts.first, first.type.element != part.type.element {
          throw failure(
            "`concat` joins \(text(first.type)) and \(text(part.type))",
            at: argument.span,
            hint: "all parts must be real, or all tokens of one size: \(sources(first, part))"
          )
        }
        if part.type.shape.isScalar, let one = Shape([1]) {
          part = try append(.reshape(one), [part], at: argument.span)
        }
        if let first = parts.first,
          first.type.shape.droppingFirst != part.type.shape.droppingFirst
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
    }
    return parts.count == 1 ? parts[0] : try append(.concat(), parts, at: call.span)
  }

  /// The values at the places of the axes that an argument of `concat` names, the last the fastest.
  private func places(of value: Value, _ argument: ArgumentSyntax, _ call: Call) throws(Failure)
    -> [Value]
  {
    var parts = [value]
    for name in argument.axes {
      let axis = try axis(name, in: call.scope)
      try require(parts[0], runsOver: axis, name, call.scope)
      guard case .fixed(let count) = graph[axis].extent else {
        throw failure(
          "`concat` over `\(name.text)` would have a shape of no fixed size",
          at: name.span,
          hint: "it takes an axis of a fixed length, declared as `axis \(name.text) = 8`"
        )
      }
      try refuseTaking(AxisSet(axis), from: value, for: call.name, at: argument.span)
      var finer: [Value] = []
      for part in parts {
        for place in 0..<count {
          let op = Op.element(axis, .at(Int32(place)))
          finer.append(try append(op, [part], at: argument.span))
        }
      }
      parts = finer
    }
    return parts
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
}
