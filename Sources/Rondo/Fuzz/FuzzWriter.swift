/// Writes the statements of one random, well-typed model.
struct FuzzWriter {
  /// A name bound so far.
  struct Value {
    var name: String
    /// The extents at one position.
    var shape: [Int]
    /// The axes that it is seen to run over here.
    var axes: [String]
    /// Of tokens, how many there are; 0 for reals.
    var tokens = 0
    /// Whether it was bound at a step of a scan around.
    var isOfStep = false

    var count: Int { shape.reduce(1, *) }
    var isVector: Bool { tokens == 0 && shape.count == 1 }
  }

  /// An axis of the model.
  struct Axis {
    /// How its lengths come about.
    enum Kind: Hashable {
      /// Each row has its own.
      case own
      /// Always the bound.
      case fixed
      /// One for each place of another axis.
      case inside(String)
      /// That of another, divided.
      case derived(String, Int)
    }

    var name: String
    var bound: Int
    var kind: Kind
  }

  /// What a scan's step is written with.
  struct Step {
    /// The scanned axis.
    var axis: String
    var isReverse: Bool
    /// What runs over the axis outside.
    var sequences: [Value] = []
    /// Instances that ran along already.
    var run: [String] = []
    /// Statements so far.
    var parts: [FuzzModel.Part] = []
  }

  /// Where choices come from.
  var random: FuzzRandom
  /// The axes.
  var axes: [Axis] = []
  /// What statements may use.
  var pool: [Value] = []
  /// The statements outside of all scans.
  var parts: [FuzzModel.Part] = []
  /// The scans around, the innermost last.
  var steps: [Step] = []
  /// Instances, with what they may be applied to again.
  var instances: [Instance] = []
  /// How many names were made.
  var made = 0
  /// The axis along which nothing may look ahead.
  var causal: String?
  /// Whether the model is run one position at a time too.
  var isStream = false
  /// The values that came out of scans, for scans that follow.
  var scanned: Set<String> = []

  /// Writes a model; equal seeds, equal models.
  static func model(seed: UInt64) -> FuzzModel {
    var writer = FuzzWriter(random: FuzzRandom(seed: seed, stream: "model"))
    writer.declare()
    for _ in 0..<(5 + writer.random.below(8)) { writer.statement() }
    writer.finish()
    return FuzzModel(parts: writer.parts).trimmed
  }

  // MARK: Names

  /// A new name.
  mutating func name(_ letter: String) -> String {
    made += 1
    return "\(letter)\(made)"
  }

  /// Adds a statement where the writer stands.
  mutating func add(_ part: FuzzModel.Part) {
    if steps.isEmpty { parts.append(part) } else { steps[steps.count - 1].parts.append(part) }
  }

  /// Adds a declaration, which stands outside of all scans.
  mutating func declare(_ name: String, _ text: String, _ features: FuzzFeature...) {
    parts.append(FuzzModel.Part(.declaration, name, text, features: features))
  }

  /// The type of a value, as it is declared outside.
  func type(_ shape: [Int], _ axes: [String], tokens: Int = 0) -> String {
    let element = tokens > 0 ? "token(\(tokens))" : "real"
    let extents = shape.isEmpty ? "" : "[\(shape.map(String.init).joined(separator: ", "))]"
    let whole = self.axes.map(\.name).filter { axis in axes.contains(axis) }
    return element + extents + whole.map { " over \($0)" }.joined()
  }

  /// Binds an expression, unless it would be too large.
  @discardableResult
  mutating func bind(
    _ expression: String,
    _ shape: [Int],
    _ axes: [String],
    tokens: Int = 0,
    late: Bool = false,
    _ features: FuzzFeature...
  ) -> Value? {
    let united = union(axes, [])
    guard fits(shape, united) else { return nil }
    let name = self.name("v")
    let type = type(shape, united + steps.map(\.axis), tokens: tokens)
    let kind: FuzzModel.Part.Kind = late ? .lateBinding : .binding
    add(FuzzModel.Part(kind, name, expression, type: type, features: features))
    let value = Value(
      name: name,
      shape: shape,
      axes: united,
      tokens: tokens,
      isOfStep: !steps.isEmpty
    )
    pool.append(value)
    return value
  }

  // MARK: Axes

  /// The axes of either list, with those that others are in, in the order declared.
  func union(_ a: [String], _ b: [String]) -> [String] {
    var all = Set(a + b)
    for axis in axes.reversed() where all.contains(axis.name) {
      if case .inside(let outer) = axis.kind, !steps.contains(where: { $0.axis == outer }) {
        all.insert(outer)
      }
    }
    return axes.map(\.name).filter(all.contains)
  }

  /// Whether a value is small enough, with the scans around.
  func fits(_ shape: [Int], _ axes: [String]) -> Bool {
    let all = Set(axes + steps.map(\.axis))
    let positions = self.axes.filter { all.contains($0.name) }.map(\.bound).reduce(1, *)
    return all.count <= 3 && shape.count <= 3 && positions * shape.reduce(1, *) <= 1500
  }

  /// Whether a function may take an axis away from a value, or move along it.
  func mayTake(_ axis: String, of value: Value) -> Bool {
    value.axes.contains(axis)
      && !axes.contains { $0.kind == .inside(axis) && value.axes.contains($0.name) }
  }

  /// Whether what looks along an axis may look ahead.
  func mayLookAhead(_ axis: String) -> Bool { causal != axis }

  // MARK: Choices

  /// One of the extents.
  mutating func extent() -> Int { random.one(1, 2, 3, 5, 7) }

  /// A real value.
  mutating func real(where isFit: (Value) -> Bool = { _ in true }) -> Value? {
    // The later half is drawn from more often, so that long chains come about.
    let fits = pool.filter { $0.tokens == 0 && isFit($0) }
    return random.pick(random.isOne(in: 2) ? fits : Array(fits.suffix(5)))
  }

  /// A real value with a dimension.
  mutating func shaped() -> Value? { real { !$0.shape.isEmpty } }

  /// A vector.
  mutating func vector(where isFit: (Value) -> Bool = { _ in true }) -> Value? {
    real { $0.shape.count == 1 && isFit($0) }
  }

  /// A value and an axis that may be taken from it.
  mutating func along(
    ahead: Bool,
    where isFit: (Value) -> Bool = { _ in true }
  ) -> (Value, String)? {
    let choices = pool.filter(isFit).flatMap { value in
      value.axes.filter { mayTake($0, of: value) && (!ahead || mayLookAhead($0)) }
        .map { (value, $0) }
    }
    return random.pick(choices)
  }

  /// Declares a weight, and gives its name.
  mutating func parameter(_ shape: [Int], over axis: String? = nil) -> String {
    let name = self.name("w")
    let first =
      shape.count == 2
      ? random.one("uniform(1)", "normal(1)", "glorot", "orthogonal") : "uniform(1)"
    let isFrozen = random.isOne(in: 8)
    let text =
      "param \(name): \(type(shape, axis.map { [$0] } ?? [])) ~ \(first)"
      + (isFrozen ? " frozen" : "")
    declare(name, text)
    if isFrozen { parts[parts.count - 1].features.append(.frozen) }
    if axis != nil { parts[parts.count - 1].features.append(.fixedAxis) }
    return name
  }
}

extension FuzzModel {
  /// A random model; equal seeds, equal models.
  package static func random(seed: UInt64) -> FuzzModel { FuzzWriter.model(seed: seed) }
}
