import GraphIR

/// The functions that draw, and `training`.
extension Elaboration {
  /// 1 where weights are trained, else 0; the variable is declared when somebody asks for it.
  func training(at span: SourceSpan) throws(Failure) -> Value {
    if let training { return training }
    let name = Name(text: "training", span: span)
    let value = try variable(name.text, .training, .real, at: name)
    training = value
    return value
  }

  // MARK: - Draws of a shape

  /// `uniform(n, ..)` or `normal(n, ..)`.
  func random(_ op: RandomOp, _ call: Call) throws(Failure) -> Value {
    let shape = try shape(arguments(call, 0...Int.max)[...], call)
    return try random(op, shape, over: .none, in: call.scope.level, call)
  }

  /// `bernoulli(p, n, ..)`: 1 with a chance of p, else 0.
  func bernoulli(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 1...Int.max)
    let shape = try shape(given.dropFirst(), call)
    let operand = try operand(given[0].value, in: call.scope)
    if case .number(let chance) = operand, !(0...1).contains(chance) {
      throw failure(
        "the chance of a `bernoulli` cannot be \(chance)",
        at: given[0].value.span,
        hint: "it must be from 0 to 1"
      )
    }
    let chance = try real(operand, at: given[0].value.span)
    guard chance.type.shape.isScalar || chance.type.shape == shape else {
      throw failure(
        "`bernoulli` draws \(text(ValueType(shape: shape))) with a chance that is "
          + text(chance.type),
        at: given[0].span,
        hint: "the chance is one number, or has the shape that is drawn"
      )
    }
    let number = try random(.uniform, shape, over: .none, in: call.scope.level, call)
    return try append(.binary(.less), [number, chance], at: call.span)
  }

  private func shape(_ sizes: ArraySlice<ArgumentSyntax>, _ call: Call) throws(Failure) -> Shape {
    var dims: [Int] = []
    for argument in sizes { dims.append(try size(argument.value, in: call.scope)) }
    guard let shape = Shape(dims) else {
      throw failure(
        dims.count > Shape.maximumRank
          ? "a shape has at most \(Shape.maximumRank) dimensions"
          : "a value has at most \(Shape.maximumCount) elements",
        at: call.span
      )
    }
    return shape
  }

  // MARK: - Draws from a value

  /// `draw(logits)`: a token, each with its chance (Gumbel and Maddison: the greatest of the logits
  /// with noise of their own).
  func draw(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1)[0]
    let logits = try real(argument.value, in: call.scope)
    guard logits.type.shape.rank >= 1 else {
      throw failure(
        "`draw` takes logits, not \(text(logits.type))",
        at: argument.span,
        hint: "\(place(logits, else: "it")) has no dimension to draw from"
      )
    }
    let span = call.span
    let level = logits.level.axis == nil ? call.scope.level : logits.level
    let number = try random(.uniform, logits.type.shape, over: logits.type.axes, in: level, call)
    let waiting = try append(.unary(.negate), [append(.unary(.log), [number], at: span)], at: span)
    let noise = try append(.unary(.log), [waiting], at: span)
    let noisy = try append(.binary(.subtract), [logits, noise], at: span)
    let fixed = try append(.unary(.stopGradient), [noisy], at: span)
    return try append(.argmax(nil), [fixed], at: span)
  }

  /// `dropout(x, p)`.
  func dropout(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 2...2)
    let chance = try chance(given[1].value, in: call.scope)
    let value = try real(given[0].value, in: call.scope)
    return try dropped(value, chance, place: place(of: call), at: call.span)
  }

  /// The chance of a `dropout`.
  func chance(_ expression: ExpressionSyntax, in scope: Scope) throws(Failure) -> Double {
    let chance = try number(expression, for: "the chance of a `dropout`", in: scope)
    guard chance >= 0, chance < 1 else {
      throw failure(
        "the chance of a `dropout` cannot be \(chance)",
        at: expression.span,
        hint: "it must be at least 0 and less than 1"
      )
    }
    return chance
  }

  /// In training each element is 0 with a chance, else divided by the chance to stay.
  func dropped(_ value: Value, _ chance: Double, place: String, at span: SourceSpan)
    throws(Failure) -> Value
  {
    if chance == 0 { return value }
    let number = try random(
      .uniform,
      value.type.shape,
      over: value.type.axes,
      in: value.level,
      place: place,
      at: span
    )
    let isOut = try append(.binary(.less), [number, constant(chance, at: span)], at: span)
    let stay = try constant(1 - chance, at: span)
    let kept = try append(.binary(.divide), [value, stay], at: span)
    let masked = try append(.select, [isOut, constant(0, at: span), kept], at: span)
    return try append(.select, [training(at: span), masked, value], at: span)
  }

  // MARK: - One draw

  /// A draw for each position that the text around stands at, and for those of some more axes.
  private func random(
    _ op: RandomOp,
    _ shape: Shape,
    over axes: AxisSet,
    in level: Level,
    _ call: Call
  ) throws(Failure) -> Value {
    let around = call.scope.hidden.union(axes)
    return try random(op, shape, over: around, in: level, place: place(of: call), at: call.span)
  }

  /// Where a draw stands: what its number is made of.
  private func place(of call: Call) -> String {
    if case .definition(let definition, _)? = call.scope.owner?.template.kind {
      let ordinals = definition.draws ?? DrawOrdinals(definition.syntax.body.statements)
      definition.draws = ordinals
      let path = call.scope.owner?.path ?? ""
      return "\(path)/\(definition.name)/\(ordinals[call.syntax.function])"
    }
    let ordinals = modelDraws ?? DrawOrdinals(file.model?.body.statements ?? [])
    modelDraws = ordinals
    return "/\(graph.name)/\(ordinals[call.syntax.function])"
  }

  /// A draw in a block: for each example, and each position of the axes that are not being scanned.
  private func random(
    _ op: RandomOp,
    _ shape: Shape,
    over axes: AxisSet,
    in level: Level,
    place: String,
    at span: SourceSpan
  ) throws(Failure) -> Value {
    try count(at: span)
    // Where a scan was taken out of the step that its text stands in, it draws for all those steps.
    let own = axes.union(.batch).union(level.around).subtracting(level.scanned)
    guard own.count <= ValueType.maximumAxes else {
      throw failure("this is drawn over more than \(ValueType.maximumAxes - 1) axes", at: span)
    }
    level.builder.origin = span
    let draw = Op.random(op, draw: draws.number(of: place), axes: own, shape: shape)
    let node = level.builder.append(draw, [])
    if level === main { noteSite(of: node, at: span) }
    let type = level.builder.type(node)
    guard isCountable(type) else {
      throw failure("\(text(type)) has more than \(Shape.maximumCount) elements", at: span)
    }
    return Value(node: node, level: level, type: type, origin: span)
  }
}
