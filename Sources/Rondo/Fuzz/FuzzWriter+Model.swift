/// How models begin and end.
extension FuzzWriter {
  /// Declares axes and inputs.
  mutating func declare() {
    let kinds = random.below(20)
    if kinds < 5 { causal = "t" }
    // A stream is given nothing that does not run over its axis.
    isStream = kinds < 2
    let several = !isStream && random.below(10) < 6
    axes.append(Axis(name: "t", bound: several ? 1 + random.below(5) : extent() + 1, kind: .own))
    declare("t", "axis t <= \(axes[0].bound)")
    if several {
      axes.append(Axis(name: "u", bound: 1 + random.below(4), kind: .own))
      declare("u", "axis u <= \(axes[1].bound)", .severalAxes)
    }
    if random.isOne(in: 3) {
      axes.append(Axis(name: "f", bound: 1 + random.below(3), kind: .fixed))
      declare("f", "axis f = \(axes[axes.count - 1].bound)", .severalAxes)
    }
    if causal == nil, random.isOne(in: 4) {
      axes.append(Axis(name: "n", bound: 1 + random.below(3), kind: .inside("t")))
      declare("n", "axis n <= \(axes[axes.count - 1].bound) in t", .nestedAxis, .severalAxes)
    }
    if causal == nil, axes[0].bound >= 2, random.isOne(in: 2) {
      let divisor = random.one(1, 2)
      axes.append(Axis(name: "d", bound: axes[0].bound / divisor, kind: .derived("t", divisor)))
      declare("d", "axis d = t\(divisor > 1 ? " / \(divisor)" : "")", .derivedAxis, .severalAxes)
    }
    give([extent()], ["t"])
    give([extent()], ["t"])
    give([extent()], [])
    give([], random.isOne(in: 2) ? ["t"] : [])
    give([], ["t"], tokens: 4)
    for axis in axes.dropFirst() { give(random.isOne(in: 3) ? [] : [extent()], [axis.name]) }
    if several, random.isOne(in: 3) { give([2], ["t", "u"]) }
    if random.isOne(in: 4) { give([], [], tokens: 3) }
    if axes.contains(where: { $0.name == "f" }) {
      let shape = [extent()]
      pool.append(Value(name: parameter(shape, over: "f"), shape: shape, axes: ["f"]))
    }
  }

  /// Declares an input.
  mutating func give(_ shape: [Int], _ axes: [String], tokens: Int = 0) {
    let axes = union(axes, [])
    if isStream, !axes.contains("t") {
      if tokens == 0, axes.isEmpty {
        pool.append(Value(name: parameter(shape), shape: shape, axes: []))
      }
      return
    }
    let name = self.name("x")
    declare(name, "input \(name): \(type(shape, axes, tokens: tokens))")
    if axes.contains(where: { axis in self.axes.contains { $0.name == axis && $0.kind != .fixed } })
    {
      parts[parts.count - 1].features.append(.raggedLengths)
    }
    pool.append(Value(name: name, shape: shape, axes: axes, tokens: tokens))
  }

  /// Gives the last values as outputs, and losses made of them.
  mutating func finish() {
    if isStream, let x = pool.first(where: { $0.axes == ["t"] && $0.tokens == 0 }) {
      bind("sin(\(x.name))", x.shape, x.axes)
    }
    let real = pool.filter { $0.tokens == 0 && !$0.name.hasPrefix("x") }
    var kept = Array(real.suffix(3))
    for _ in 0..<2 {
      if let more = random.pick(real), !kept.contains(where: { $0.name == more.name }) {
        kept.append(more)
      }
    }
    if causal != nil, let over = real.last(where: { $0.axes.contains("t") }),
      !kept.contains(where: { $0.axes.contains("t") })
    {
      kept.append(over)
    }
    for value in kept { root("output \(value.name) as \(name("y"))") }
    if let token = random.pick(pool.filter { $0.tokens > 0 && $0.name.hasPrefix("v") }) {
      root("output \(token.name) as \(name("y"))")
    }
    let weight = name("w")
    declare(weight, "param \(weight): real ~ 1")
    root("loss \(weight) * average(\(error(of: kept.last)))")
    for value in kept.dropLast().prefix(random.below(3)) { loss(value) }
    if random.below(6) == 0 { labels() }
    if random.isOne(in: 3), let value = random.pick(real) {
      root(
        "metric \(random.one("exp(-average(E))", "E", "sqrt(1 + average(E))"))"
          .replacing("E", with: error(of: value)) + " as \(name("m"))",
        .metric
      )
    }
    update()
  }

  private mutating func root(_ text: String, _ features: FuzzFeature...) {
    parts.append(FuzzModel.Part(.root, "", text, features: features))
  }

  /// One number a position, never negative.
  private mutating func error(of value: Value?) -> String {
    guard let value else { return "0" }
    let error = random.one("square(tanh(X))", "abs(X) / (1 + abs(X))", "square(sigmoid(X))")
      .replacing("X", with: value.name)
    return value.shape.isEmpty ? error : "mean(\(error))"
  }

  /// One more loss.
  private mutating func loss(_ value: Value) {
    let name = self.name("l")
    let y = self.name("x")
    switch random.below(5) {
    case 0 where value.shape.count == 1:
      declare(y, "target \(y): \(type([], value.axes, tokens: value.shape[0]))")
      let smoothing = random.one("", ", smoothing: 0.1")
      root(
        "loss cross_entropy(\(value.name), \(y)\(smoothing)) as \(name)",
        .severalLosses,
        .lossLayer
      )
      root("metric argmax(\(value.name)) == \(y) as \(self.name("m"))", .metric, .argmax)
    case 1 where value.shape.count == 1:
      declare(y, "target \(y): \(type(value.shape, value.axes))")
      let layer = random.one("mse(X, Y)", "huber(X, Y)", "huber(X, Y, delta: 0.5)", "mse(Y, X)")
      let form = layer.replacing("X", with: value.name).replacing("Y", with: y)
      root("loss 0.5 * average(\(form)) as \(name)", .severalLosses, .lossLayer)
    case 2 where value.shape.count == 1:
      declare(y, "target \(y): \(type(value.shape, value.axes))")
      let form = "binary_cross_entropy(\(value.name), sigmoid(\(y)))"
      root("loss \(form) as \(name)", .severalLosses, .lossLayer)
    case 3:
      declare(y, "target \(y): \(type([], value.axes))")
      let form = "average(\(error(of: value)), weight: abs(\(y)) + 0.1)"
      root("loss \(form) as \(name)", .severalLosses, .weightedLoss)
    default:
      root("loss \(error(of: value)) as \(name)", .severalLosses)
    }
  }

  /// A loss of labels that are spread over the places of an axis.
  private mutating func labels() {
    let logits = pool.filter {
      $0.isVector && $0.axes == ["t"] && $0.shape[0] > 1 && mayLookAhead("t")
    }
    guard axes.contains(where: { $0.name == "u" }), let x = random.pick(logits) else { return }
    let y = self.name("x")
    declare(y, "target \(y): \(type([], ["u"], tokens: x.shape[0]))")
    let blank = random.below(x.shape[0])
    root("loss 0.1 * average(ctc(\(x.name) over t, \(y) over u, blank: \(blank))) as \(name("l"))")
    parts[parts.count - 1].features += [.severalLosses, .ctc]
  }

  /// How the weights are trained, and what is kept from call to call.
  private mutating func update() {
    let rules = [
      "sgd(rate: 0.1)", "sgd(rate: 0.1, momentum: 0.9, nesterov: 1)", "adam(rate: 0.01)",
      "adamw(rate: 0.01, weight_decay: 0.1)", "rmsprop(rate: 0.01)", "adagrad(rate: 0.01)",
      "sgd(rate: 0.1, clip_norm: 1)", "adam(rate: 0.01, clip_value: 0.1)",
    ]
    let rule = random.pick(rules) ?? ""
    if causal != nil, random.below(3) > 0 {
      root("train \(rule) carry over t", .optimizer, .carry)
    } else if random.below(3) > 0 {
      root("train \(rule)", .optimizer)
    }
    if isStream { root("stream over t", .stream) }
  }
}
