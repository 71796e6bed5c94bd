internal import GraphLanguage

/// Scans, and what has states.
extension FuzzWriter {
  /// An instance of a layer, with what it was applied to.
  struct Instance {
    var name: String
    /// The extents of what it takes.
    var shape: [Int]
    /// How many numbers it gives.
    var units: Int
    /// Whether it has states named `h`.
    var isCell: Bool
  }

  /// Declares an instance, and gives its name.
  mutating func layer(_ text: String, _ features: FuzzFeature...) -> String {
    let name = self.name("c")
    declare(name, "layer \(name) = \(text)")
    parts[parts.count - 1].features += features
    return name
  }

  /// Applies a layer without states at each position.
  mutating func instance() {
    guard let x = vector() else { return }
    let again = instances.filter { !$0.isCell && $0.shape == x.shape }
    if let shared = random.pick(again), random.below(3) > 0 {
      bind("\(shared.name)(\(x.name))", [shared.units], x.axes, .sharedInstance)
      return
    }
    let units = extent()
    var made: (text: String, units: Int) = ("linear(\(units))", units)
    switch random.below(4) {
    case 0: made = ("layer_norm", x.shape[0])
    case 1: made = ("residual(linear(\(x.shape[0])))", x.shape[0])
    default: break
    }
    let name = layer(made.text)
    instances.append(Instance(name: name, shape: x.shape, units: made.units, isCell: false))
    bind("\(name)(\(x.name))", [made.units], x.axes)
  }

  /// Applies a cell: it scans a sequence, or runs along in a scan.
  mutating func cell() {
    if !steps.isEmpty, random.below(4) > 0 { return cellAlong() }
    // In a step nothing is kept along an axis that states are carried along.
    guard let (x, axis) = along(ahead: false, where: \.isVector), steps.isEmpty || axis != causal
    else { return }
    let told = "\(x.name) over \(axis)"
    let again = instances.filter { $0.isCell && $0.shape == x.shape }
    if let shared = random.pick(again), random.below(3) > 0 {
      bind("\(shared.name)(\(told))", [shared.units], x.axes, .sharedInstance, .cell)
      return
    }
    let units = extent()
    switch random.below(5) {
    case 0 where mayLookAhead(axis):
      let name = layer("bidirectional(\(kind(units)))")
      guard let y = bind("\(name)(\(told))", [2 * units], x.axes, .bidirectional) else { return }
      bind(
        random.one("last(Y.ahead.h over A)", "first(Y.back.h over A)")
          .replacing("Y", with: y.name).replacing("A", with: axis),
        [units],
        x.axes.filter { $0 != axis },
        .firstLast
      )
    case 1:
      let dropout = random.isOne(in: 2) ? ", dropout: 0.5" : ""
      let text = random.one(
        "stack(2, \(kind(units))\(dropout))",
        "stack(\(kind(3)), \(kind(units))\(dropout))"
      )
      let y = bind("\(layer(text))(\(told))", [units], x.axes, .stack, .cell)
      if let y { bind("\(y.name).l1.h", [units], y.axes) }
    default:
      let firsts = pool.filter {
        $0.isVector && $0.shape == [units] && !$0.axes.contains(axis)
          && Set($0.axes).isSubset(of: x.axes) && isWhole($0)
      }
      let name = layer(kind(units))
      let first = random.pick(firsts).map { ", h: \($0.name)" } ?? ""
      guard let y = bind("\(name)(\(told)\(first))", [units], x.axes, .cell) else { return }
      if !first.isEmpty { mark(.firstValue) }
      if first.isEmpty {
        instances.append(Instance(name: name, shape: x.shape, units: units, isCell: true))
      }
      if random.isOne(in: 3) { bind("\(y.name).h", [units], y.axes) }
    }
  }

  /// The library's cells, with how many sizes each is declared by.
  private static let cells: [(name: String, sizes: Int)] = Elaborator.libraryCells

  /// A cell of the library, whose states `h` are of that many numbers: the last of its sizes.
  private mutating func kind(_ units: Int) -> String {
    guard let cell = random.pick(Self.cells) else { return "" }
    let sizes = Array(repeating: "2", count: cell.sizes - 1) + ["\(units)"]
    return "\(cell.name)(\(sizes.joined(separator: ", ")))"
  }

  /// A cell that runs along in the scan around.
  private mutating func cellAlong() {
    guard let step = steps.last else { return }
    let xs = pool.filter { $0.isVector && $0.axes.isEmpty }
    guard let x = random.pick(xs) else { return }
    let ready = instances.filter {
      $0.isCell && $0.shape == x.shape && !step.run.contains($0.name)
    }
    let units: Int
    let name: String
    let shared = random.isOne(in: 2) ? random.pick(ready) : nil
    if let shared {
      (name, units) = (shared.name, shared.units)
    } else {
      units = extent()
      name = layer(kind(units))
      instances.append(Instance(name: name, shape: x.shape, units: units, isCell: true))
    }
    steps[steps.count - 1].run.append(name)
    bind("\(name)(\(x.name))", [units], [], .cellAlong, .cell)
    if shared != nil { mark(.sharedInstance) }
  }

  /// Repeats a step along an axis.
  mutating func scan() {
    // What is carried is kept by outer scans only.
    let ready = axes.filter { axis in
      !steps.contains { $0.axis == axis.name } && (steps.isEmpty || axis.name != causal)
    }
    let outer = ready.filter { axis in
      // What an axis is in must be scanned outside of it, or not at all.
      !ready.contains { axis.kind == .inside($0.name) }
    }
    guard let axis = random.pick(outer.filter { $0.name == "t" } + outer)?.name, steps.count < 2
    else { return }
    let isReverse = mayLookAhead(axis) && random.isOne(in: 3)
    let outside = pool
    var step = Step(axis: axis, isReverse: isReverse)
    step.sequences = outside.filter { $0.axes.contains(axis) }
    steps.append(step)
    for place in pool.indices { pool[place].axes.removeAll { $0 == axis } }
    let states = (0...random.below(3)).compactMap { _ in state(among: outside) }
    if isReverse, random.isOne(in: 2) { shifted() }
    for _ in 0..<(2 + random.below(4)) { statement() }
    close(states, outside)
  }

  /// Gives the states their next values and leaves the scan.
  private mutating func close(_ states: [Value], _ outside: [Value]) {
    for state in states {
      let fits = pool.filter {
        $0.tokens == 0 && $0.shape == state.shape && $0.name != state.name
          && Set($0.axes).isSubset(of: state.axes)
      }
      let other = random.pick(fits.filter(\.isOfStep)) ?? random.pick(fits)
      let forms = ["tanh(0.6 * S + O)", "0.5 * S + 0.4 * O", "sigmoid(O) * S - 0.2"]
      let next = (random.pick(forms) ?? "S").replacing("S", with: state.name)
        .replacing("O", with: other?.name ?? "0.3")
      let last = steps.count - 1
      if let place = steps[last].parts.firstIndex(where: { $0.name == state.name }) {
        steps[last].parts[place].next = next
      }
    }
    if let state = states.last, random.isOne(in: 4) {
      bind("next \(state.name) - \(state.name)", state.shape, state.axes, late: true)
    }
    guard let step = steps.popLast() else { return }
    var features: [FuzzFeature] = [step.isReverse ? .reverseScan : .forwardScan]
    if states.count > 1 { features.append(.severalStates) }
    let names = Set(
      step.parts.flatMap {
        FuzzModel.Part.names($0.text) + FuzzModel.Part.names($0.next)
      }.map(String.init)
    )
    if !names.isDisjoint(with: scanned) { features.append(.chainedScans) }
    if outside.contains(where: { names.contains($0.name) && !$0.axes.contains(step.axis) }) {
      features.append(.outerValue)
    }
    var part = FuzzModel.Part(
      .scan,
      "",
      "scan\(step.isReverse ? " reverse" : "") over \(step.axis)",
      features: features
    )
    part.parts = step.parts
    add(part)
    let inner = pool.dropFirst(outside.count)
    pool = outside
    for var value in inner {
      let isDeclared = value.name.hasPrefix("x") || value.name.hasPrefix("w")
      value.axes = union(value.axes, isDeclared ? [] : [step.axis])
      value.isOfStep = !steps.isEmpty
      pool.append(value)
      scanned.insert(value.name)
    }
  }

  /// Declares a state, beginning with what is known outside.
  private mutating func state(among outside: [Value]) -> Value? {
    let shape = random.isOne(in: 4) ? [] : [extent()]
    let axis = steps.last?.axis ?? ""
    let others = axes.filter { other in
      switch other.kind {
      case .own, .fixed, .derived: !steps.contains { $0.axis == other.name }
      case .inside: false
      }
    }
    var over = random.isOne(in: 4) ? random.pick(others).map { [$0.name] } ?? [] : []
    // What runs over an axis inside of another runs over that one, and so do most of its states.
    if let scanned = axes.first(where: { $0.name == axis }), case .inside(let outer) = scanned.kind,
      !steps.contains(where: { $0.axis == outer }), random.below(4) > 0
    {
      over = union(over, [outer])
    }
    guard fits(shape, over) else { return nil }
    let firsts = outside.filter {
      $0.tokens == 0 && $0.shape == shape && !$0.axes.contains(axis)
        && Set($0.axes).isSubset(of: over) && isWhole($0)
    }
    let first = random.pick(firsts)
    let name = self.name("s")
    let value = first?.name ?? random.one("0", "0.5", "-1")
    var part = FuzzModel.Part(
      .state,
      name,
      "\(type(shape, over)) = \(value)",
      type: type(shape, over + steps.map(\.axis))
    )
    if first != nil { part.features.append(.firstValue) }
    if !over.isEmpty { part.features.append(.stateOverAxis) }
    add(part)
    let state = Value(name: name, shape: shape, axes: over, isOfStep: true)
    pool.append(state)
    return state
  }
}
