/// Statements that work at each position.
extension FuzzWriter {
  /// Writes one statement of a kind drawn.
  mutating func statement() {
    switch random.below(steps.isEmpty ? 48 : 32) {
    case 0, 1: unary()
    case 2, 3, 4: binary()
    case 5, 6, 7: matrix()
    case 8: reduction()
    case 9: slice()
    case 10: concatenation()
    case 11: reordering()
    case 12: normalized()
    case 13: choice()
    case 14, 15, 16: tokens()
    case 17: product()
    case 18: draw()
    case 19: instance()
    case 20, 21: overAxis()
    case 22, 23: shifted()
    case 24: attention()
    case 25: drop()
    case 26: place()
    case 27, 28, 29: cell()
    case 30: steps.isEmpty ? along() : window()
    case 31, 32, 33, 34, 35: scan()
    case 36, 37, 38, 39: cell()
    case 40: window()
    case 41: along()
    case 42, 43, 46: fixedAxis()
    case 44: drop()
    case 47: along()
    default: shared()
    }
  }

  /// Applies an instance that is there once more.
  private mutating func shared() {
    if instances.isEmpty { instance() }
    if instances.contains(where: \.isCell), random.isOne(in: 2) { cell() } else { instance() }
  }

  private mutating func unary() {
    guard let x = real() else { return }
    let forms = [
      "tanh(X)", "sigmoid(X)", "exp(-abs(X))", "log(0.5 + abs(X))", "log1p(abs(X))",
      "sqrt(abs(X) + 0.1)", "sin(X)", "cos(X)", "-X", "abs(X)", "relu(X)", "1 / (1.5 + X * X)",
      "stop_gradient(X) * X", "0.7 * X - 0.3", "square(X)", "softplus(X)",
      "clamp(X, -0.5, high: 0.8)",
    ]
    bind((random.pick(forms) ?? "X").replacing("X", with: x.name), x.shape, x.axes)
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
    bind(form.replacing("Y", with: y.name), x.shape, union(x.axes, y.axes))
  }

  private mutating func matrix() {
    guard let x = vector() else { return }
    let rows = extent()
    if random.isOne(in: 4) {
      let w = parameter([x.shape[0], rows])
      bind("\(x.name) @ \(w)", [rows], x.axes, .product)
    } else {
      let w = parameter([rows, x.shape[0]])
      let b = parameter([rows])
      bind("\(w) @ \(x.name) + \(b)", [rows], x.axes, .product)
    }
  }

  private mutating func product() {
    // Vectors and matrices only.
    guard let a = shaped(), let last = a.shape.last, a.shape.count <= 2,
      let b = real(where: { $0.shape.first == last && $0.shape.count <= 2 })
    else { return }
    let shape = Array(a.shape.dropLast() + b.shape.dropFirst())
    bind("\(a.name) @ \(b.name)", shape, union(a.axes, b.axes), .product)
  }

  private mutating func reduction() {
    guard let x = shaped() else { return }
    bind("\(random.one("sum", "mean", "max", "min"))(\(x.name))", [], x.axes, .reduceShape)
  }

  private mutating func slice() {
    guard let x = shaped() else { return }
    if random.isOne(in: 2) {
      let row = random.below(x.shape[0])
      bind("\(x.name)[\(row)]", Array(x.shape.dropFirst()), x.axes, .movement)
    } else {
      let start = random.below(x.shape[0])
      let end = start + 1 + random.below(x.shape[0] - start)
      bind("\(x.name)[\(start):\(end)]", [end - start] + x.shape.dropFirst(), x.axes, .movement)
    }
  }

  private mutating func concatenation() {
    guard let x = shaped() else { return }
    let rest = x.shape.dropFirst()
    guard let y = real(where: { !$0.shape.isEmpty && $0.shape.dropFirst() == rest }),
      x.count + y.count <= 30
    else { return }
    let shape = [x.shape[0] + y.shape[0]] + rest
    bind("concat(\(x.name), \(y.name))", shape, union(x.axes, y.axes), .movement)
  }

  private mutating func reordering() {
    guard let x = shaped() else { return }
    if x.shape.count == 2 {
      if random.isOne(in: 2) {
        bind("transpose(\(x.name))", x.shape.reversed(), x.axes, .movement)
      } else {
        bind("reshape(\(x.name), \(x.count))", [x.count], x.axes, .movement)
      }
    } else if random.isOne(in: 2) {
      bind("[\(x.name), 0.5 * \(x.name)]", [2] + x.shape, x.axes, .movement)
    } else if x.shape.count == 1, let y = vector(), x.count * y.count <= 30 {
      bind("outer(\(x.name), \(y.name))", x.shape + y.shape, union(x.axes, y.axes), .movement)
    }
  }

  private mutating func normalized() {
    guard let x = shaped() else { return }
    bind("\(random.one("softmax", "log_softmax"))(\(x.name))", x.shape, x.axes, .softmaxShape)
  }

  private mutating func choice() {
    guard let x = real(), let y = real(where: { $0.shape == x.shape }) else { return }
    let test = random.one("X < 0.2", "X <= Y", "0.1 > Y", "Y >= X", "X - Y")
    let form = "select(\(test), Y, 0.5 * X)"
      .replacing("X", with: x.name).replacing("Y", with: y.name)
    bind(form, x.shape, union(x.axes, y.axes), .select, .comparison)
  }

  private mutating func tokens() {
    guard let k = random.pick(pool.filter { $0.tokens > 0 }) else { return }
    let width = extent()
    switch random.below(8) {
    case 0: bind("onehot(\(k.name))", [k.tokens], k.axes, .tokens)
    case 1: bind("0.3 * number(\(k.name))", [], k.axes, .tokens)
    case 2, 3:
      guard let x = vector() else { return }
      bind("argmax(\(x.name))", [], x.axes, tokens: x.shape[0], .argmax)
    case 4:
      let same = pool.filter { $0.tokens == k.tokens }
      guard let j = random.pick(same) else { return }
      let test = random.one("K == J", "K != J", "K == 0", "J != 0")
        .replacing("K", with: k.name).replacing("J", with: j.name)
      bind(test, [], union(k.axes, j.axes), .comparison)
    case 5:
      guard let j = random.pick(pool.filter { $0.tokens == k.tokens }),
        let x = real(where: { $0.shape.isEmpty })
      else { return }
      let form = "select(\(x.name) > 0, \(k.name), \(random.one(j.name, "none", "0")))"
      bind(form, [], union(union(k.axes, j.axes), x.axes), tokens: k.tokens, .select)
    case 6:
      guard let x = real(where: { $0.shape.first == k.tokens }) else { return }
      let shape = Array(x.shape.dropFirst())
      bind("\(x.name)[\(k.name)]", shape, union(x.axes, k.axes), .tokens)
    default: bind("\(parameter([k.tokens, width]))[\(k.name)]", [width], k.axes, .tokens)
    }
  }

  private mutating func draw() {
    let feature: FuzzFeature = steps.isEmpty ? .drawExample : .drawStep
    let width = extent()
    switch random.below(4) {
    case 0: bind("uniform(\(width))", [width], [], feature)
    case 1: bind("0.5 * normal(\(width))", [width], [], feature)
    case 2: bind("bernoulli(0.4, \(width))", [width], [], feature)
    default:
      guard let x = vector() else { return }
      bind("draw(\(x.name))", [], x.axes, tokens: x.shape[0], feature)
    }
  }

  private mutating func drop() {
    guard let x = real() else { return }
    switch random.below(3) {
    case 0:
      guard let y = real(where: { $0.shape == x.shape }) else { return }
      bind("select(training, \(x.name), \(y.name))", x.shape, union(x.axes, y.axes), .training)
    default: bind("dropout(\(x.name), \(random.one("0.3", "0.5")))", x.shape, x.axes, .dropout)
    }
  }
}
