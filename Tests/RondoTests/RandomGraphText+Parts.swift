import TestSupport

/// What statements are put together from.
extension RandomGraphText {
  /// Gives the last values as outputs, and losses made of them.
  mutating func finish() {
    let real = pool.filter { $0.tokens == 0 }
    for (place, value) in real.suffix(3).enumerated() {
      lines.append("output \(value.name) as \(prefix)y\(place)")
      let error = "square(tanh(\(value.name)))"
      lines.append("loss \(value.shape.isEmpty ? error : "mean(\(error))") as \(prefix)l\(place)")
    }
  }

  /// One of the extents.
  mutating func extent() -> Int { random.pick([1, 2, 3, 5, 17]) ?? 1 }

  /// The type of reals of a shape.
  func type(_ shape: [Int]) -> String {
    shape.isEmpty ? "real" : "real[\(shape.map(String.init).joined(separator: ", "))]"
  }

  /// A real value.
  mutating func real() -> Value? { random.pick(pool.filter { $0.tokens == 0 }) }

  /// A real value that is not a single number.
  mutating func shaped() -> Value? {
    random.pick(pool.filter { $0.tokens == 0 && !$0.shape.isEmpty })
  }

  /// Declares an input.
  mutating func give(_ element: String, _ shape: [Int], overAxis: Bool) {
    made += 1
    let name = "\(prefix)x\(made)"
    let type = element == "real" ? type(shape) : element
    lines.append("input \(name): \(type)\(overAxis ? " over \(axis)" : "")")
    let tokens = element == "real" ? 0 : 5
    pool.append(Value(name: name, shape: shape, isSequence: overAxis, tokens: tokens))
  }

  /// Declares a weight, and gives its name.
  mutating func parameter(_ shape: [Int]) -> String {
    made += 1
    lines.append("param \(prefix)w\(made): \(type(shape)) ~ uniform(1)")
    return "\(prefix)w\(made)"
  }

  /// Binds an expression of this shape.
  mutating func bind(_ expression: String, _ shape: [Int], _ isSequence: Bool) {
    made += 1
    let name = "\(prefix)v\(made)"
    lines.append("\(name) = \(expression)")
    pool.append(Value(name: name, shape: shape, isSequence: isSequence))
  }
}
