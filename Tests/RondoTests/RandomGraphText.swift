import TestSupport

/// Writes the statements of one random, well-typed model on an axis of its own.
struct RandomGraphText {
  /// A name bound so far.
  struct Value {
    var name: String
    /// The extents at one position.
    var shape: [Int]
    /// Whether it runs over the axis.
    var isSequence: Bool
    /// Of tokens, how many there are; 0 for reals.
    var tokens = 0

    var count: Int { shape.reduce(1, *) }
  }

  /// The statements.
  var lines: [String] = []
  /// What all names begin with.
  let prefix: String
  /// The axis.
  var axis: String { prefix + "t" }
  /// Where choices come from.
  var random: SmallRandom
  /// What statements may use.
  var pool: [Value] = []
  /// How many names were made.
  var made = 0
  /// Whether statements stand in a scan's step.
  var isInScan = false

  /// Writes a model; equal seeds, equal texts but for the prefix.
  init(prefix: String, seed: UInt64) {
    self.prefix = prefix
    random = SmallRandom(seed: seed)
    let bound = extent()
    lines.append("axis \(axis) <= \(bound)")
    give("real", [extent()], overAxis: true)
    give("real", [extent()], overAxis: true)
    give("real", [extent()], overAxis: false)
    give("real", [], overAxis: random.below(2) == 0)
    give("token(5)", [], overAxis: true)
    for _ in 0..<(6 + random.below(7)) { statement() }
    finish()
  }

  /// The statements' text within a model.
  var text: String { lines.map { "  " + $0 + "\n" }.joined() }

  // MARK: Statements

  /// Writes one statement of a kind drawn.
  mutating func statement() {
    let kinds = isInScan ? 16 : 24
    switch random.below(kinds) {
    case 0, 1, 2: unary()
    case 3, 4, 5: binary()
    case 6, 7: matrix()
    case 8: reduction()
    case 9: slice()
    case 10: concatenation()
    case 11: reordering()
    case 12: normalized()
    case 13: choice()
    case 14: tokens()
    case 15: product()
    case 16, 17, 18: scan()
    case 19: cell()
    case 20: overAxis()
    case 21: shifted()
    case 22: attention()
    default: place()
    }
  }

  private mutating func unary() {
    guard let x = real() else { return }
    let forms = [
      "tanh(X)", "sigmoid(X)", "exp(-abs(X))", "log(0.5 + abs(X))", "log1p(abs(X))",
      "sqrt(abs(X) + 0.1)", "sin(X)", "cos(X)", "-X", "abs(X)", "relu(X)", "1 / (1.5 + X * X)",
      "stop_gradient(X) * X", "0.7 * X - 0.3", "square(X)", "softplus(X)",
      "clamp(X, -0.5, high: 0.8)",
    ]
    bind((random.pick(forms) ?? "X").replacing("X", with: x.name), x.shape, x.isSequence)
  }

  private mutating func binary() {
    guard let x = real() else { return }
    let others = pool.filter { $0.tokens == 0 && ($0.shape == x.shape || $0.shape.isEmpty) }
    guard let y = random.pick(others) else { return }
    let forms = [
      "X + Y", "X - Y", "Y - X", "X * Y", "X / (2 + abs(Y))", "max(X, Y)", "min(Y, X)",
      "X * Y + Y", "max(X, 0.25 * Y)", "X - 0.5 * X * Y",
    ]
    let form = (random.pick(forms) ?? "X + Y").replacing("X", with: x.name)
    bind(form.replacing("Y", with: y.name), x.shape, x.isSequence || y.isSequence)
  }

  private mutating func matrix() {
    guard let x = random.pick(pool.filter { $0.tokens == 0 && $0.shape.count == 1 }) else { return }
    let rows = extent()
    if random.below(4) == 0 {
      let w = parameter([x.shape[0], rows])
      bind("\(x.name) @ \(w)", [rows], x.isSequence)
    } else {
      let w = parameter([rows, x.shape[0]])
      let b = parameter([rows])
      bind("\(w) @ \(x.name) + \(b)", [rows], x.isSequence)
    }
  }

  private mutating func product() {
    guard let a = random.pick(pool.filter { $0.tokens == 0 && !$0.shape.isEmpty }) else { return }
    let fits = pool.filter { $0.tokens == 0 && $0.shape.first == a.shape.last }
    guard let b = random.pick(fits) else { return }
    let shape = Array(a.shape.dropLast() + b.shape.dropFirst())
    guard shape.reduce(1, *) <= 64 else { return }
    bind("\(a.name) @ \(b.name)", shape, a.isSequence || b.isSequence)
  }

  private mutating func reduction() {
    guard let x = shaped() else { return }
    let name = random.pick(["sum", "mean", "max", "min"]) ?? "sum"
    bind("\(name)(\(x.name))", [], x.isSequence)
  }

  private mutating func slice() {
    guard let x = shaped() else { return }
    if random.below(2) == 0 {
      bind("\(x.name)[\(random.below(x.shape[0]))]", Array(x.shape.dropFirst()), x.isSequence)
    } else {
      let start = random.below(x.shape[0])
      let end = start + 1 + random.below(x.shape[0] - start)
      bind("\(x.name)[\(start):\(end)]", [end - start] + x.shape.dropFirst(), x.isSequence)
    }
  }

  private mutating func concatenation() {
    guard let x = shaped() else { return }
    let fits = pool.filter { $0.tokens == 0 && !$0.shape.isEmpty }
      .filter { $0.shape.dropFirst() == x.shape.dropFirst() }
    guard let y = random.pick(fits), x.count + y.count <= 64 else { return }
    let isSequence = x.isSequence || y.isSequence
    let rows = x.shape[0] + y.shape[0]
    bind("concat(\(x.name), \(y.name))", [rows] + x.shape.dropFirst(), isSequence)
  }

  private mutating func reordering() {
    guard let x = shaped() else { return }
    if x.shape.count == 2 {
      random.below(2) == 0
        ? bind("transpose(\(x.name))", x.shape.reversed(), x.isSequence)
        : bind("reshape(\(x.name), \(x.count))", [x.count], x.isSequence)
    } else if random.below(2) == 0 {
      bind("[\(x.name), 0.5 * \(x.name)]", [2] + x.shape, x.isSequence)
    } else if let y = random.pick(pool.filter { $0.tokens == 0 && $0.shape.count == 1 }),
      x.count * y.count <= 64
    {
      let isSequence = x.isSequence || y.isSequence
      bind("outer(\(x.name), \(y.name))", x.shape + y.shape, isSequence)
    }
  }

  private mutating func normalized() {
    guard let x = shaped() else { return }
    let name = random.pick(["softmax", "log_softmax"]) ?? "softmax"
    bind("\(name)(\(x.name))", x.shape, x.isSequence)
  }

  private mutating func choice() {
    guard let x = real() else { return }
    guard let y = random.pick(pool.filter { $0.tokens == 0 && $0.shape == x.shape }) else { return }
    let test = random.pick(["<", "<=", ">", ">="]) ?? "<"
    let form = "select(\(x.name) \(test) 0.2, \(y.name), 0.5 * \(x.name))"
    bind(form, x.shape, x.isSequence || y.isSequence)
  }

  private mutating func tokens() {
    guard let k = random.pick(pool.filter { $0.tokens > 0 }) else { return }
    let width = extent()
    switch random.below(4) {
    case 0: bind("onehot(\(k.name))", [k.tokens], k.isSequence)
    case 1: bind("0.3 * number(\(k.name))", [], k.isSequence)
    case 2:
      guard let x = random.pick(pool.filter { $0.tokens == 0 && $0.shape.count == 1 }) else {
        return
      }
      made += 1
      let name = "\(prefix)v\(made)"
      lines.append("\(name) = argmax(\(x.name))")
      pool.append(Value(name: name, shape: [], isSequence: x.isSequence, tokens: x.shape[0]))
    default: bind("\(parameter([k.tokens, width]))[\(k.name)]", [width], k.isSequence)
    }
  }
}
