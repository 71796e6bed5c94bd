import GraphIR

/// Axes: how they are declared, what they are made of, and what runs over them.
extension Elaboration {
  // MARK: - Declarations

  /// Elaborates `axis NAME ..`.
  func elaborate(_ syntax: AxisSyntax, in scope: Scope) throws(Failure) {
    let name = syntax.name.text
    guard name != "batch" else {
      throw failure(
        "the axis of the examples is called `batch` already",
        at: syntax.name.span,
        hint: "give this one another name"
      )
    }
    guard graph.axes.count < 64 else {
      throw failure("a model has at most 63 axes", at: syntax.name.span)
    }
    let source = try source(of: syntax, in: scope)
    let extent = try extent(of: syntax, from: source, in: scope)
    let parent = try parent(of: syntax, extent, in: scope)
    let axis = AxisID(graph.axes.count)
    graph.axes.append(Axis(name: name, extent: extent, in: parent))
    derivations[axis] = source
    scope.entries[name] = .operand(.axis(axis))
  }

  /// The axis after `in`.
  private func parent(of syntax: AxisSyntax, _ extent: Axis.Extent, in scope: Scope)
    throws(Failure) -> AxisID?
  {
    guard let name = syntax.parent else { return nil }
    let parent = try axis(name, in: scope)
    switch extent {
    case .bounded: break
    case .fixed:
      throw failure(
        "`\(syntax.name.text)` has the same length everywhere, so it is in no other axis",
        at: name.span,
        hint: "leave out `in \(name.text)`, or write `<=` for lengths that differ"
      )
    case .derived:
      throw failure(
        "`\(syntax.name.text)` has the lengths of another axis, so it is in what that one is in",
        at: name.span,
        hint: "leave out `in \(name.text)`"
      )
    }
    guard graph.lengthAxes(of: parent).adding(parent).adding(.batch).count < ValueType.maximumAxes
    else {
      throw failure(
        "axes are too deep in each other: what runs over `\(syntax.name.text)` runs over all of them",
        at: name.span,
        hint: "a value runs over at most \(ValueType.maximumAxes - 1) axes"
      )
    }
    return parent
  }

  private func extent(
    of syntax: AxisSyntax,
    from source: Derivation?,
    in scope: Scope
  ) throws(Failure) -> Axis.Extent {
    let name = syntax.name.text
    let given = sizes[name]
    switch syntax.length {
    case nil:
      guard let given else { return .bounded(nil) }
      guard (1...Shape.maximumCount).contains(given) else {
        throw failure(
          "the axis `\(name)` cannot have \(given) positions",
          at: syntax.name.span,
          hint: "it has at least 1"
        )
      }
      return .bounded(given)
    case .atMost(let length)?:
      try refuse(given, for: syntax)
      return .bounded(try size(length, in: scope))
    case .exactly(let length)?:
      try refuse(given, for: syntax)
      guard let source else { return .fixed(try size(length, in: scope)) }
      let bound = graph[source.axis].bound.map { $0 / source.divisor }
      if bound == 0 {
        throw failure(
          "`\(name)` would have no position: `\(graph[source.axis].name)` has at most "
            + "\(graph[source.axis].bound ?? 0), divided by \(source.divisor)",
          at: length.span,
          hint: "divide by less"
        )
      }
      if case .fixed = graph[source.axis].extent, let bound { return .fixed(bound) }
      return .derived(from: source.axis, divisor: source.divisor, bound: bound)
    }
  }

  /// The axis that another is made of, if it is made of one: `time`, or `time / 2`.
  private func source(of syntax: AxisSyntax, in scope: Scope) throws(Failure) -> Derivation? {
    guard case .exactly(let length)? = syntax.length else { return nil }
    func axisNamed(_ expression: ExpressionSyntax) -> AxisID? {
      guard case .name(let name) = expression.kind,
        case .axis(let axis)? = scope.find(name.text)?.operand
      else { return nil }
      return axis
    }
    if let axis = axisNamed(length) { return Derivation(axis: axis, divisor: 1) }
    if case .operations(let first, let operations) = length.kind, let axis = axisNamed(first),
      operations.allSatisfy({ $0.operator == .divide })
    {
      var divisor = 1
      for operation in operations {
        let factor = try integer(
          operation.operand,
          for: "a divisor of an axis",
          in: 1...1 << 20,
          scope
        )
        divisor = min(divisor * factor, Shape.maximumCount)
      }
      return Derivation(axis: axis, divisor: divisor)
    }
    var reader = NameReader()
    reader.read(length)
    guard reader.places.contains(where: { scope.find($0.name.text)?.operand?.isAxis == true })
    else { return nil }
    throw failure(
      "an axis is made of another by division only",
      at: length.span,
      hint: "write `axis half = time / 2`, or `axis other = time`"
    )
  }

  private func refuse(_ given: Int?, for syntax: AxisSyntax) throws(Failure) {
    guard given != nil else { return }
    let name = syntax.name.text
    throw failure(
      "`\(name)` has a length in the text and one given by `--size \(name)`",
      at: syntax.name.span,
      hint: "leave out one of them"
    )
  }

  // MARK: - How axes hang together

  /// How an axis is made of another.
  struct Derivation {
    /// The other.
    var axis: AxisID
    /// What its lengths are divided by.
    var divisor: Int
  }

  /// How many positions of an axis there are to one of another, if the other is made of it or of
  /// what it is made of itself; 1 for a second axis of the same lengths.
  func positions(of axis: AxisID, toOneOf other: AxisID) -> Int? {
    let (a, b) = (origin(of: axis), origin(of: other))
    guard a.axis == b.axis, b.divisor % a.divisor == 0 else { return nil }
    return b.divisor / a.divisor
  }

  /// The axis that one is made of in the end, and what its lengths are divided by in all.
  private func origin(of axis: AxisID) -> Derivation {
    var origin = Derivation(axis: axis, divisor: 1)
    while let source = derivations[origin.axis] {
      origin = Derivation(axis: source.axis, divisor: origin.divisor * source.divisor)
    }
    return origin
  }

  /// Axes together with those that they are in: what runs over the first runs over all.
  func closed(_ axes: AxisSet) -> AxisSet {
    axes.axes.reduce(axes) { $0.union(graph.lengthAxes(of: $1).removing(.batch)) }
  }

  /// Refuses to take an axis away from a value that runs over another in it.
  func refuseTaking(_ axes: AxisSet, from value: Value, for use: String? = nil, at span: SourceSpan)
    throws(Failure)
  {
    for child in value.type.axes.subtracting(axes).axes {
      let around = graph.lengthAxes(of: child).removing(.batch).intersection(axes)
      guard let parent = around.axes.last else { continue }
      let name = graph[parent].name
      throw failure(
        (use.map { "`\($0)` cannot work along `\(name)`" } ?? "`\(name)` cannot be reduced")
          + " while `\(graph[child].name)`, which is in it, stays",
        at: span,
        hint: "work along `\(graph[child].name)` first"
      )
    }
  }

  /// A value repeated along what the lengths of some axes run over, before they are taken away.
  ///
  /// Each row, or position of an axis around, has places of its own to take: a value that is the same
  /// for all of them would be taken at the places of the longest.
  func spread(_ value: Value, overLengthsOf axes: AxisSet, at span: SourceSpan) throws(Failure)
    -> Value
  {
    var wanted = axes.axes.reduce(value.type.axes) { $0.union(graph.lengthAxes(of: $1)) }
    wanted = wanted.subtracting(value.level.scanned)
    guard wanted != value.type.axes else { return value }
    return try repeated(value, as: value.type.over(wanted), at: span)
  }

  /// A value repeated to a type that it fits.
  func repeated(_ value: Value, as type: ValueType, at span: SourceSpan) throws(Failure) -> Value {
    let kept = value.type.shape.isScalar ? [] : Array(0..<type.shape.rank)
    let broadcast = Broadcast(axes: type.axes, shape: type.shape, kept: DimList(kept))
    return try append(.broadcast(broadcast), [value], at: span)
  }

  /// The place along an axis; along one in another, at each position of that.
  func position(along axis: AxisID, at span: SourceSpan) throws(Failure) -> Value {
    let place = try append(.position(axis), [], at: span)
    let axes = closed(place.type.axes)
    return axes == place.type.axes
      ? place : try repeated(place, as: place.type.over(axes), at: span)
  }

  // MARK: - Stepping

  /// The axes that the model is stepped along: those of `carry`, `stream` and `generate`.
  ///
  /// These statements come last, but what stands before them must know.
  func steppedAxes(of model: ModelSyntax?) -> Set<String> {
    var names: Set<String> = []
    let statements = model?.body.statements ?? []
    for statement in statements {
      switch statement.kind {
      case .train(let train):
        if let carry = train.carry { names.insert(carry.text) }
      case .stream(let axis): names.insert(axis.text)
      case .generate(let generate):
        for case .target(let targets, let type) in statements.map(\.kind)
        where targets.contains(where: { $0.text == generate.target.text }) {
          let axes = type.axes.compactMap { name in
            graph.axes.firstIndex { $0.name == name.text }
          }
          if let last = axes.max() { names.insert(graph.axes[last].name) }
        }
      case .size, .axis, .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit,
        .output, .loss, .metric, .broken:
        continue
      }
    }
    return names
  }
}

extension Operand {
  /// `true` iff this is an axis.
  fileprivate var isAxis: Bool {
    if case .axis = self { true } else { false }
  }
}

extension Level {
  /// The axes scanned by this block and those its scan stands in: no value of it runs over them.
  var scanned: AxisSet { (host?.scanned ?? .none).union(axis.map { AxisSet($0) } ?? .none) }

  /// The axes scanned by this block and those around its text.
  var around: AxisSet { (enclosing?.around ?? .none).union(axis.map { AxisSet($0) } ?? .none) }
}
