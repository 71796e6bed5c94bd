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
    try refuseTaking(axes, from: value, at: argument.span)
    return axes
  }

  /// Refuses a value that does not run over an axis, or is here what it is at one step of it, unless
  /// it is taken whole from outside.
  func require(
    _ value: Value,
    runsOver axis: AxisID,
    _ name: Name,
    _ scope: Scope,
    isWhole: Bool = false
  ) throws(Failure) {
    let runsOver = value.type.axes.contains(axis)
    if runsOver, isWhole || !scope.level.around.contains(axis) { return }
    guard !scope.level.around.contains(axis) else {
      throw failure(
        "\(place(value, else: "this")) is its value at one step of `\(name.text)` here",
        at: name.span,
        hint: "work along `\(name.text)` before or after the scan"
      )
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
    let whole = try spread(value, overLengthsOf: axes, at: call.span)
    let reduced = try append(.reduce(op, Reduction(axes: axes)), [whole], at: call.span)
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
    var value = try real(argument.value, in: call.scope)
    let span = call.span
    let axes = try axes(argument, of: value, call)
    value = try spread(value, overLengthsOf: axes, at: span)
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

  /// `argmax` of the last dimension, or along an axis.
  func argmax(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    let value = try real(argument.value, in: call.scope)
    guard let name = argument.axes.first else {
      guard value.type.shape.rank >= 1 else {
        throw failure(
          "`argmax` works on the last dimension, but this is \(text(value.type))",
          at: argument.span,
          hint: "\(place(value, else: "it")) has no dimension"
        )
      }
      return try append(.argmax(nil), [value], at: call.span)
    }
    let axes = try axes(argument, of: value, call)
    guard let axis = axes.axes.first, axes.count == 1 else {
      throw failure(
        "`argmax` gives a place along one axis",
        at: argument.axes[1].span,
        hint: "work along one axis at a time"
      )
    }
    guard graph[axis].bound != nil else {
      throw failure(
        "`argmax` over `\(name.text)` needs its bound: the place is a token of so many",
        at: name.span,
        hint: "declare `axis \(name.text) <= 50`, or build with `--size \(name.text)=50`"
      )
    }
    let whole = try spread(value, overLengthsOf: axes, at: call.span)
    return try append(.argmax(axis), [whole], at: call.span)
  }
}
