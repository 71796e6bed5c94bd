import TestSupport

/// Statements that go along the axis.
extension RandomGraphText {
  /// Reduces along the axis.
  mutating func overAxis() {
    guard let x = random.pick(pool.filter { $0.tokens == 0 && $0.isSequence }) else { return }
    let name = random.pick(["sum", "mean", "max", "min", "first", "last"]) ?? "last"
    bind("\(name)(\(x.name) over \(axis))", x.shape, false)
  }

  /// Goes one place along the axis.
  mutating func shifted() {
    guard let x = random.pick(pool.filter(\.isSequence)) else { return }
    guard x.tokens == 0 else {
      bind("\(parameter([x.tokens, 3]))[previous(\(x.name))]", [3], true)
      return
    }
    let firsts = pool.filter { $0.tokens == 0 && !$0.isSequence && $0.shape == x.shape }
    if let first = random.pick(firsts), random.below(2) == 0 {
      bind("previous(\(x.name), first: \(first.name))", x.shape, true)
    } else {
      bind("previous(\(x.name))", x.shape, true)
    }
  }

  /// Weighs a sequence by a query.
  mutating func attention() {
    let vectors = pool.filter { $0.tokens == 0 && $0.shape.count == 1 }
    guard let memory = random.pick(vectors.filter(\.isSequence)),
      let query = random.pick(vectors.filter { !$0.isSequence && $0.shape == memory.shape })
    else { return }
    bind("attention(\(query.name), \(memory.name))", memory.shape, false)
  }

  /// Counts along the axis.
  mutating func place() {
    bind(
      random.below(2) == 0 ? "0.1 * position(\(axis))" : "position(\(axis)) / length(\(axis))",
      [],
      true
    )
  }

  /// Applies a cell of the library.
  mutating func cell() {
    let vectors = pool.filter { $0.tokens == 0 && $0.shape.count == 1 && $0.isSequence }
    guard let x = random.pick(vectors) else { return }
    let units = extent()
    let cells = ["rnn_tanh", "rnn_relu", "lstm", "gru", "gru_reset_before", "lstm_peephole"]
    made += 1
    let name = "\(prefix)c\(made)"
    lines.append("layer \(name) = \(random.pick(cells) ?? "gru")(\(units))")
    bind("\(name)(\(x.name))", [units], true)
  }

  /// Repeats a step along the axis.
  mutating func scan() {
    let outside = pool
    let states = (0...random.below(2)).map { _ in state() }
    lines.append("scan\(random.below(3) == 0 ? " reverse" : "") over \(axis) {")
    for (value, first) in states {
      lines.append("  state \(value.name): \(type(value.shape)) = \(first)")
    }
    // Parameters are declared outside, so the step is written apart.
    let before = lines
    lines = []
    isInScan = true
    pool = outside + states.map(\.0)
    for _ in 0..<(2 + random.below(4)) { statement() }
    for (value, _) in states {
      let fits = pool.filter { $0.tokens == 0 && $0.shape == value.shape && $0.name != value.name }
      let other = random.pick(fits)?.name ?? value.name
      let form = random.pick(["tanh(0.6 * S + O)", "0.5 * S + 0.4 * O", "sigmoid(O) * S - 0.2"])
      let next = (form ?? "S").replacing("S", with: value.name).replacing("O", with: other)
      lines.append("next \(value.name) = \(next)")
    }
    isInScan = false
    let step = lines
    let isDeclaration = { (line: String) in line.hasPrefix("param ") }
    lines = before
    lines.insert(contentsOf: step.filter(isDeclaration), at: before.count - 1 - states.count)
    lines += step.filter { !isDeclaration($0) }.map { "  " + $0 } + ["}"]
    for index in pool.indices where index >= outside.count { pool[index].isSequence = true }
  }

  /// A state's name and shape, and its first value.
  private mutating func state() -> (Value, String) {
    made += 1
    let shape = random.below(4) == 0 ? [] : [extent()]
    let value = Value(name: "\(prefix)s\(made)", shape: shape, isSequence: false)
    let firsts = pool.filter { $0.tokens == 0 && !$0.isSequence && $0.shape == shape }
    return (value, random.pick(firsts)?.name ?? random.pick(["0", "0.5", "-1"]) ?? "0")
  }
}
