/// Statements that go along an axis.
extension FuzzWriter {
  /// Takes an axis away, or works along it.
  mutating func overAxis() {
    guard let (x, axis) = along(ahead: true, where: { $0.tokens == 0 }) else { return }
    let rest = x.axes.filter { $0 != axis }
    let form = "(\(x.name) over \(axis))"
    switch random.below(11) {
    case 0, 1, 2, 3:
      let name = random.one("sum", "mean", "max", "min")
      if let other = rest.first, random.isOne(in: 3), mayLookAhead(other),
        axes.allSatisfy({ $0.kind != .inside(other) || $0.name == axis })
      {
        bind(
          "\(name)(\(x.name) over \(axis) over \(other))",
          x.shape,
          rest.filter { $0 != other },
          .reduceAxis
        )
      } else {
        bind(name + form, x.shape, rest, .reduceAxis)
      }
    case 4, 5: bind("\(random.one("first", "last"))\(form)", x.shape, rest, .firstLast)
    case 6, 7, 8:
      bind("\(random.one("softmax", "log_softmax"))\(form)", x.shape, x.axes, .softmaxAxis)
    case 9 where x.shape.isEmpty:
      let bound = axes.first { $0.name == axis }?.bound ?? 1
      bind("argmax\(form)", [], rest, tokens: bound, .argmax)
    default:
      guard let y = real(where: { $0.axes.contains(axis) && $0.shape == x.shape }),
        mayTake(axis, of: y), fits(x.shape, union(x.axes, y.axes))
      else { return }
      let united = union(rest, y.axes.filter { $0 != axis })
      bind("sum(\(x.name) * \(y.name) over \(axis))", x.shape, united, .reduceAxis)
    }
  }

  /// Goes one place along an axis.
  mutating func shifted() {
    if let step = steps.last, random.below(3) > 0,
      let x = random.pick(step.sequences.filter { mayTake(step.axis, of: $0) })
    {
      return previous(of: x, along: step.axis, told: "", inside: true)
    }
    // In a step nothing is kept along an axis that states are carried along.
    guard let (x, axis) = along(ahead: false), steps.isEmpty || axis != causal else { return }
    previous(of: x, along: axis, told: " over \(axis)", inside: false)
  }

  private mutating func previous(
    of x: Value,
    along axis: String,
    told: String,
    inside: Bool
  ) {
    let seen = inside ? x.axes.filter { $0 != axis } : x.axes
    let reversed = inside && steps.last?.isReverse == true
    let features: [FuzzFeature] = reversed ? [.previous, .previousReverse] : [.previous]
    guard x.tokens == 0 else {
      bind("\(parameter([x.tokens, 3]))[previous(\(x.name)\(told))]", [3], seen, .previous)
      if reversed { mark(.previousReverse) }
      return
    }
    let firsts = pool.filter {
      $0.tokens == 0 && $0.shape == x.shape && Set($0.axes).isSubset(of: seen)
        && !$0.axes.contains(axis) && isWhole($0)
    }
    if let first = random.pick(firsts), random.isOne(in: 2) {
      bind("previous(\(x.name)\(told), first: \(first.name))", x.shape, seen, .previousFirst)
    } else {
      bind("previous(\(x.name)\(told))", x.shape, seen)
    }
    for feature in features { mark(feature) }
  }

  /// Whether a value is the same at every step of the scans around.
  func isWhole(_ value: Value) -> Bool {
    !value.isOfStep && !steps.contains { $0.sequences.contains { $0.name == value.name } }
  }

  /// Notes a feature of the statement written last.
  mutating func mark(_ feature: FuzzFeature) {
    if steps.isEmpty {
      parts[parts.count - 1].features.append(feature)
    } else if let last = steps[steps.count - 1].parts.indices.last {
      steps[steps.count - 1].parts[last].features.append(feature)
    }
  }

  /// Weighs a sequence by a query.
  mutating func attention() {
    let memories = pool.filter { $0.isVector && $0.axes.contains(where: mayLookAhead) }
    guard let memory = random.pick(memories),
      let axis = random.pick(memory.axes.filter { mayTake($0, of: memory) && mayLookAhead($0) }),
      let query = vector(where: { !$0.axes.contains(axis) })
    else { return }
    guard fits(memory.shape, union(query.axes, memory.axes)) else { return }
    let axes = union(query.axes, memory.axes.filter { $0 != axis })
    let shape = memory.shape
    let given = "(\(query.name), \(memory.name) over \(axis))"
    switch random.below(3) {
    case 0 where query.shape == shape: bind("attention\(given)", shape, axes, .attention)
    case 1: bind("\(layer("attention_bilinear"))\(given)", shape, axes, .attention)
    default: bind("\(layer("attention_additive(3)"))\(given)", shape, axes, .attention)
    }
  }

  /// Counts along an axis.
  mutating func place() {
    guard let axis = random.pick(axes.map(\.name).filter(mayLookAhead)) else { return }
    // In a scan of the axis, a place is this step's.
    let seen = steps.contains { $0.axis == axis } ? [] : [axis]
    let form = random.one("0.1 * position(A)", "position(A) / length(A)", "1 / length(A)")
    // A length is one number for all places, but for each of what the axis is in.
    let outer = union([axis], []).filter { $0 != axis }
    bind(form.replacing("A", with: axis), [], form.contains("position") ? seen : outer)
  }

  /// Looks at several places of an axis at once.
  mutating func window() {
    let width = 1 + random.below(3)
    if let step = steps.last {
      let whole = step.sequences.filter {
        $0.tokens == 0 && $0.shape.count < 3 && !$0.isOfStep && mayTake(step.axis, of: $0)
      }
      guard let x = random.pick(whole) else { return }
      let seen = x.axes.filter { $0 != step.axis }
      bind("window(\(x.name), \(width))", [width] + x.shape, seen, .window)
      return
    }
    guard let (x, axis) = along(ahead: true, where: { $0.tokens == 0 && $0.shape.count < 3 })
    else { return }
    let ahead = random.isOne(in: 3) ? ", ahead: \(1 + random.below(2))" : ""
    if axis == "t", let derived, random.isOne(in: 2), !x.axes.contains(derived.name) {
      let seen = union(x.axes.filter { $0 != axis }, [derived.name])
      let form = "window(\(x.name) over \(axis) to \(derived.name), \(width)\(ahead))"
      bind(form, [width] + x.shape, seen, .window)
    } else {
      bind("window(\(x.name) over \(axis), \(width)\(ahead))", [width] + x.shape, x.axes, .window)
    }
  }

  /// The axis that is made of `t`.
  private var derived: Axis? {
    axes.first { if case .derived = $0.kind { true } else { false } }
  }

  /// Goes over to a second axis of the same lengths, or from one that is divided.
  mutating func along() {
    guard steps.isEmpty, let derived else { return window() }
    let isSame = derived.kind == .derived("t", 1)
    let ways = [(derived.name, "t")] + (isSame ? [("t", derived.name)] : [])
    guard let (from, to) = random.pick(ways) else { return }
    let fits = pool.filter { $0.tokens == 0 && mayTake(from, of: $0) && !$0.axes.contains(to) }
    guard let x = random.pick(fits) else { return }
    let seen = union(x.axes.filter { $0 != from }, [to])
    bind("along(\(x.name) over \(from) to \(to))", x.shape, seen, .along)
  }

  /// Works with weights over a fixed axis, or lays its places side by side.
  mutating func fixedAxis() {
    guard let axis = axes.first(where: { $0.kind == .fixed }) else { return scan() }
    let heads = pool.filter {
      $0.tokens == 0 && $0.shape.count == 1 && mayTake(axis.name, of: $0)
    }
    if let x = random.pick(heads), random.below(3) > 0 {
      let seen = x.axes.filter { $0 != axis.name }
      bind("concat(\(x.name) over \(axis.name))", [axis.bound * x.shape[0]], seen, .concatAxis)
    } else if let x = vector() {
      let rows = extent()
      let w = parameter([rows, x.shape[0]], over: axis.name)
      bind("\(w) @ \(x.name)", [rows], union(x.axes, [axis.name]), .product)
    }
  }
}
