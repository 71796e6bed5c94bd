import GraphIR

/// The functions that move along an axis: `first`, `last`, `previous`, `window` and `along`.
extension Elaboration {
  // MARK: - One place

  /// `first` or `last`.
  func element(_ position: Position, _ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, takesAxes: true)[0]
    var value = try value(argument.value, in: call.scope)
    let axis = try onlyAxis(of: value, told: argument.axes, call)
    try refuseTaking(AxisSet(axis), from: value, for: call.name, at: argument.span)
    if position == .last {
      value = try spread(value, overLengthsOf: AxisSet(axis), at: call.span)
    }
    return try append(.element(axis, position), [value], at: call.span)
  }

  /// The axis that a function works along: the one told, or the only one there is.
  private func onlyAxis(
    of value: Value,
    told: [Name],
    isWhole: Bool = false,
    _ call: Call
  ) throws(Failure) -> AxisID {
    guard told.count <= 1 else {
      throw failure(
        "`\(call.name)` works along one axis",
        at: told[1].span,
        hint: "apply it again for the other"
      )
    }
    if let name = told.first {
      let axis = try axis(name, in: call.scope)
      try require(value, runsOver: axis, name, call.scope, isWhole: isWhole)
      return axis
    }
    let seen = value.type.axes.subtracting(call.scope.hidden).subtracting(call.scope.level.around)
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

  /// What a function that reads other places works on, whole along the axis it works along.
  ///
  /// What is bound outside of a scan is there with all its places; what is bound inside is there along
  /// other axes than the scanned one.
  private func whole(_ argument: ArgumentSyntax, _ call: Call) throws(Failure) -> (Value, AxisID) {
    let value = try value(evaluate(argument.value, in: call.scope), at: argument.span)
    if value.level.axis != nil {
      let told = try argument.axes.first.map { (name) throws(Failure) in
        try self.axis(name, in: call.scope)
      }
      let isScanned =
        told.map { value.level.around.contains($0) }
        ?? value.type.axes.subtracting(call.scope.hidden).isEmpty
      guard !isScanned else {
        throw failure(
          "`\(call.name)` takes what is bound outside of the scan",
          at: argument.span,
          hint: "keep a value for the next step in a `state`"
        )
      }
    }
    var level: Level? = argument.axes.isEmpty ? call.scope.level : nil
    var along: AxisID?
    while let here = level, let scanned = here.axis, along == nil {
      if value.type.axes.contains(scanned) { along = scanned }
      level = here.enclosing
    }
    let axis: AxisID
    if let along {
      axis = along
    } else {
      axis = try onlyAxis(of: value, told: argument.axes, isWhole: true, call)
    }
    try refuseTaking(AxisSet(axis), from: value, for: call.name, at: argument.span)
    return (value, axis)
  }

  // MARK: - One place before

  /// `previous`: the value one position earlier in the axis's order.
  func previous(_ call: Call) throws(Failure) -> Value {
    let argument = try arguments(call, 1...1, labels: ["first"], takesAxes: true)[0]
    var (value, axis) = try whole(argument, call)
    // What a row's last window left stands before its first place, so each row has its own.
    value = try spread(value, overLengthsOf: AxisSet(axis), at: argument.span)
    let first = try firstBefore(value, axis, call)
    var shifted = try append(.shift(axis, reverse: false), [value, first], at: call.span)
    shifted.name = value.name.map { "previous(\($0))" }
    return shifted
  }

  private func firstBefore(_ value: Value, _ axis: AxisID, _ call: Call) throws(Failure) -> Value {
    let given = labelled("first", call)
    let span = given?.span ?? call.span
    let isStep = value.level.axis != nil
    let operand = try given.map { (expression) throws(Failure) -> Operand in
      // Beside a sequence stands what is whole, beside this step's value what it is at this step.
      let first = try evaluate(expression, in: call.scope)
      return isStep ? try atStep(first, in: call.scope) : first
    }
    let first: Value
    switch value.type.element {
    case .token(let bound): first = try token(operand ?? .none, of: bound, at: span)
    case .real, .tuple: first = try real(operand ?? .number(0), at: span)
    }
    guard first.level.axis == nil || isStep, !first.type.axes.contains(axis) else {
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

  // MARK: - Other places

  /// `window(x over a to b, k, ahead: j)`: the k steps up to the last of b's block, j later.
  func window(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 2...2, labels: ["ahead"], takesAxes: true, leads: true)
    let (value, from, to) = try moved(given[0], call)
    let width = try integer(
      given[1].value,
      for: "the width of a window",
      in: 1...Shape.maximumCount,
      call.scope
    )
    let ahead =
      try labelled("ahead", call).map { (expression) throws(Failure) -> Int in
        let range = 0...Shape.maximumCount
        return try integer(expression, for: "how far a window looks ahead", in: range, call.scope)
      } ?? 0
    guard let block = positions(of: from, toOneOf: to) else {
      throw failure(
        "`\(graph[to].name)` has no block of `\(graph[from].name)` at each position",
        at: given[0].destination?.span ?? given[0].span,
        hint: "declare it as `axis \(graph[to].name) = \(graph[from].name) / 2`, or leave out "
          + "`to \(graph[to].name)`"
      )
    }
    let dims = value.type.shape.dims
    guard let shape = Shape([width] + dims) else {
      throw failure(
        dims.count == Shape.maximumRank
          ? "a window adds a dimension, but \(text(value.type)) has \(dims.count) already"
          : "a window of \(width) values \(text(value.type)) is too large",
        at: call.span,
        hint: "a shape has at most \(Shape.maximumRank) dimensions"
      )
    }
    if ahead == 0, from == to, value.level.axis == nil,
      steppedAxes(of: file.model).contains(graph[from].name)
    {
      return try remembered(value, along: from, steps: width, at: call.span)
    }
    let broadcast = Broadcast(
      axes: value.type.axes,
      shape: shape,
      kept: DimList(Array(1..<shape.rank))
    )
    let repeated = try append(.broadcast(broadcast), [value], at: call.span)
    // Row i of the block's last place, `ahead` later, is so many places before it.
    let plus = block - 1 + ahead - (width - 1)
    let reindex = Reindex(from: from, to: to, scale: block, plus: plus, row: 1)
    return try append(.reindex(reindex), [repeated], at: call.span)
  }

  /// The last steps, oldest first, as what `previous` remembers: it goes on from call to call.
  private func remembered(
    _ value: Value,
    along axis: AxisID,
    steps: Int,
    at span: SourceSpan
  ) throws(Failure) -> Value {
    guard let row = Shape([1] + value.type.shape.dims) else { return value }
    let zero = try constant(0, at: span)
    var newest = try append(.reshape(row), [value], at: span)
    newest.level.builder.name(newest.node, value.name ?? "window")
    var rows = [newest]
    for _ in 1..<steps {
      newest = try append(.shift(axis, reverse: false), [newest, zero], at: span)
      rows.append(newest)
    }
    return rows.count == 1 ? newest : try append(.concat(), rows.reversed(), at: span)
  }

  /// `along(x over a to b)`: the value along another axis of the same lengths, or the value of the
  /// block that each position of a finer one is in.
  func along(_ call: Call) throws(Failure) -> Value {
    let given = try arguments(call, 1...1, takesAxes: true, leads: true)[0]
    guard let destination = given.destination else {
      throw failure(
        "`along` leads to another axis",
        at: call.span,
        hint: "write `along(x over a to b)`"
      )
    }
    let (value, from, to) = try moved(given, call)
    guard from != to else {
      throw failure(
        "this runs along `\(graph[to].name)` already",
        at: destination.span,
        hint: "leave out `along`"
      )
    }
    if positions(of: from, toOneOf: to) == 1 {
      return try append(.reindex(Reindex(from: from, to: to)), [value], at: call.span)
    }
    if let block = positions(of: to, toOneOf: from) {
      guard let shape = Shape([block] + value.type.shape.dims) else {
        throw failure("\(text(value.type)) has too many dimensions for this", at: call.span)
      }
      let broadcast = Broadcast(
        axes: value.type.axes,
        shape: shape,
        kept: DimList(Array(1..<shape.rank))
      )
      // Of the rows one is at a whole place: that of the position in its block.
      let repeated = try append(.broadcast(broadcast), [value], at: call.span)
      let reindex = Reindex(from: from, to: to, row: -1, divisor: block)
      let rows = try append(.reindex(reindex), [repeated], at: call.span)
      return try append(.reduce(.sum, Reduction(dims: [0])), [rows], at: call.span)
    }
    let block = positions(of: from, toOneOf: to)
    throw failure(
      "`\(graph[to].name)` does not have the positions of `\(graph[from].name)`",
      at: destination.span,
      hint: block.map {
        "each of its positions has \($0): take them with "
          + "`window(x over \(graph[from].name) to \(graph[to].name), \($0))`"
      } ?? "declare it as `axis \(graph[to].name) = \(graph[from].name)`"
    )
  }

  /// What is moved, and the axes it is moved from and to.
  private func moved(_ argument: ArgumentSyntax, _ call: Call) throws(Failure) -> (
    value: Value, from: AxisID, to: AxisID
  ) {
    let (found, from) = try whole(argument, call)
    guard !found.type.isToken else {
      throw failure(
        "`\(call.name)` takes real numbers, but this is \(text(found.type))",
        at: argument.span,
        hint: "a place outside is 0, which a token cannot be; write `onehot(t)`"
      )
    }
    let to =
      try argument.destination.map { (name) throws(Failure) in
        try axis(name, in: call.scope)
      } ?? from
    guard to == from || !found.type.axes.contains(to) else {
      throw failure(
        "\(place(found, else: "this")) runs over `\(graph[to].name)` already",
        at: argument.span,
        hint: "take its place with `last`, or reduce over it, before"
      )
    }
    let value = try spread(found, overLengthsOf: AxisSet(from), at: call.span)
    return (value, from, to)
  }
}
