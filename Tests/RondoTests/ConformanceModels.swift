import Rondo
import TestSupport

extension ConformanceCase {
  /// Whether it is a model that is trained, and not a layer.
  var isTraining: Bool { text("kind") == "train" }
  /// Whether it is a loss by itself, of each example.
  var isLoss: Bool { text("kind") == "loss" }
  /// How many updates are known.
  var updates: Int { isTraining ? array("loss").count : 0 }

  /// The definition of the case's model, its sizes taken from the arrays.
  var definition: String {
    let statements: [String]
    switch text("model") {
    case "": statements = isLoss ? alignment : layer
    case "encoder-decoder": statements = encoderDecoder
    case "language model, tied embedding": statements = languageModel
    case "classifier over pooled states": statements = pooled
    case "tagger": statements = tagger
    default: statements = lastStep
    }
    let lines = statements + (isTraining ? [loss, "train \(optimizer)"] : [])
    return "model answer {\n\(lines.map { "  \($0)\n" }.joined())}\n"
  }

  /// What the definition is compiled with: the entries that tests call, and steps of a stream only in
  /// loops, as they are the same unrolled.
  func options(
    _ arithmetic: Compiler.Arithmetic,
    _ unrolling: Compiler.Unrolling = .auto
  ) -> Compiler.Options {
    var options = Compiler.Options(
      batch: shape("x")[0],
      arithmetic: arithmetic,
      unrolling: unrolling,
      pullback: !isTraining
    )
    options.entries = isTraining ? [.infer, .evaluate, .gradients, .train] : [.infer, .pullback]
    if isStream, unrolling == .auto { options.entries.append(.step) }
    return options
  }

  // MARK: Layers

  /// A recurrent layer or a stack of them, every state an output.
  private var layer: [String] {
    var cell = cell(count("hidden"))
    if isBidirectional { cell = "bidirectional(\(cell))" }
    var lines = [
      "axis time <= \(count("time"))",
      "input x: real[\(count("input"))] over time",
      "layer rnn = \(layers > 1 ? "stack(\(layers), \(cell))" : cell)",
    ]
    var labels = ""
    for place in statePlaces where has("h0") {
      lines.append("input \(place.name)0_\(place.number): real[\(shape("\(place.name)0")[2])]")
      let path = place.path.replacing("ahead.", with: "forward.")
        .replacing("back.", with: "backward.")
      labels += ", \(path): \(place.name)0_\(place.number)"
    }
    lines += ["y = rnn(x\(labels))", "output y"]
    for place in statePlaces {
      let value = "\(place.isBackward ? "first" : "last")(y.\(place.path))"
      lines.append("output \(value) as \(place.name)n_\(place.number)")
    }
    if !has("h0"), !isBidirectional { lines.append("stream over time") }
    return lines
  }

  /// Where one of PyTorch's states, `[layers and directions, batch, units]`, is in ours.
  private struct StatePlace {
    var name: String
    var number: Int
    var path: String
    var isBackward: Bool
  }

  private var statePlaces: [StatePlace] {
    let directions = isBidirectional ? 2 : 1
    return (0..<layers * directions).flatMap { number in
      (has("cn") ? ["h", "c"] : ["h"]).map { name in
        let isBackward = number % directions == 1
        let level = layers > 1 ? "l\(number / directions)." : ""
        let side = isBidirectional ? (isBackward ? "back." : "ahead.") : ""
        return StatePlace(
          name: name,
          number: number,
          path: level + side + name,
          isBackward: isBackward
        )
      }
    }
  }

  // MARK: Models

  private var sequence: [String] {
    ["axis time <= \(shape("x")[1])", "input x: real[\(shape("x")[2])] over time"]
  }

  private var tokens: [String] {
    let rows = shape("param.embedding.weight")[0]
    return ["axis time <= \(shape("x")[1])", "input x: token(\(rows)) over time"]
  }

  private var embedding: String {
    "embed = embedding(\(shape("param.embedding.weight")[1]))"
  }

  private var recurrence: String { "rnn = \(cell(shape("param.rnn.weight_hh_l0")[1]))" }

  /// What is known of one example: a class, or a real number.
  private var target: String {
    let type = text("loss").hasPrefix("cross_entropy") ? "token(\(shape("y")[1]))" : "real[1]"
    return "target targets: \(type)"
  }

  /// A linear layer on the last state.
  private var lastStep: [String] {
    sequence + [
      target, "layer \(recurrence), fc = linear(\(shape("y")[1]))", "y = fc(last(rnn(x)))",
      "output y",
    ]
  }

  /// A classifier of the mean or the greatest of all states.
  private var pooled: [String] {
    tokens + [
      target, "layer \(embedding), \(recurrence), fc = linear(\(shape("y")[1]))",
      "y = fc(\(text("pool"))(rnn(embed(x)) over time))", "output y",
    ]
  }

  /// The loss of an alignment of labels to frames.
  private var alignment: [String] {
    let kinds = shape("x")[2]
    return [
      "axis frame <= \(shape("x")[1])", "axis label <= \(shape("targets")[1])",
      "input x: real[\(kinds)] over frame", "input targets: token(\(kinds)) over label",
      "output ctc(x over frame, targets over label, blank: 0) as y",
    ]
  }

  /// A class at every step, from both directions.
  private var tagger: [String] {
    tokens + [
      "target targets: token(\(shape("y")[2])) over time",
      "layer \(embedding), rnn = bidirectional(\(cell(shape("param.rnn.weight_hh_l0")[1])))",
      "layer fc = linear(\(shape("y")[2]))", "y = fc(rnn(embed(x)))", "output y",
    ]
  }

  /// A language model whose embedding is its output matrix too.
  private var languageModel: [String] {
    tokens + [
      "target targets: token(\(shape("y")[2])) over time", "layer \(embedding), \(recurrence)",
      "h = rnn(embed(x))", "y = embed.weight @ h", "output y", "stream over time",
    ]
  }

  /// An encoder and a decoder that is given the encoder's last state, or attends to all.
  private var encoderDecoder: [String] {
    let (rows, width) = (shape("y")[2], shape("param.source.weight")[1])
    let units = shape("param.encoder.weight_hh_l0")[1]
    let scores = text("attention") == "bilinear" ? "memory @ (h @ score)" : "memory @ h"
    return [
      "axis source <= \(shape("x")[1])", "axis result <= \(shape("y")[1])",
      "input x: token(\(rows)) over source", "input before: token(\(rows)) over result",
      "target targets: token(\(rows)) over result",
      "layer embed_source = embedding(\(width)), embed_target = embedding(\(width))",
      "layer encoder = gru(\(units)), decoder = gru(\(units)), fc = linear(\(rows))",
      has("param.score") ? "param score: real[\(units), \(units)] ~ 0" : "",
      "memory = encoder(embed_source(x))", "h0 = last(memory)", "scan over result {",
      "  state h: real[\(units)] = h0",
      text("attention") == "none" ? "" : "  weights = softmax(\(scores) over source)",
      text("attention") == "none"
        ? "  context = h0" : "  context = sum(weights * memory over source)",
      "  next h = decoder(concat(embed_target(before), context), h: h0)", "  y = fc(next h)", "}",
      "output y",
    ]
  }

  private var loss: String {
    for (start, name) in [("binary", "binary_cross_entropy"), ("mse", "mse"), ("huber", "huber")]
    where text("loss").hasPrefix(start) {
      return "loss \(name)(y, targets)"
    }
    return "loss cross_entropy(y, targets)"
  }

  /// The optimiser with its settings.
  private var optimizer: String {
    let settings = ["rate", "momentum", "alpha", "beta1", "beta2", "epsilon", "weight_decay"]
    var arguments = settings.filter { !text($0).isEmpty }.map { "\($0): \(text($0))" }
    if text("nesterov") == "true" { arguments.append("nesterov: 1") }
    for clip in ["clip_norm", "clip_value"] where Double(text(clip)) ?? 0 > 0 {
      arguments.append("\(clip): \(text(clip))")
    }
    return "\(text("optimizer"))(\(arguments.joined(separator: ", ")))"
  }

  // MARK: Arrays

  /// What a call of any entry is given at the start.
  var data: CallData {
    var arrays = parameters("param")
    for name in ["x", "targets"] where has(name) { arrays[name] = array(name) }
    if has("previous") { arrays["before"] = array("previous") }
    if has("gy") { arrays["gradient.y"] = array("gy") }
    for place in statePlaces {
      let (name, number) = (place.name, place.number)
      if has("\(name)0") { arrays["\(name)0_\(number)"] = state("\(name)0", number) }
      if has("g\(name)n") { arrays["gradient.\(name)n_\(number)"] = state("g\(name)n", number) }
    }
    var own: [String: [Int]] = [:]
    if has("lengths") { own[isLoss ? "frame" : "time"] = array("lengths").map { Int($0) } }
    if has("target_lengths") { own["label"] = array("target_lengths").map { Int($0) } }
    if isLoss { arrays["gradient.y"] = Array(repeating: 1, count: shape("x")[0]) }
    return CallData(batch: shape("x")[0], own: own, arrays: arrays)
  }

  /// PyTorch's results under the names our entries give them.
  var expected: Arrays {
    var expected: Arrays = ["y": isLoss ? array("loss") : withoutPadding("y")]
    for place in statePlaces {
      let (name, number) = (place.name, place.number)
      if has("\(name)n") { expected["\(name)n_\(number)"] = state("\(name)n", number) }
      if has("grad.\(name)0") {
        expected["gradient \(name)0_\(number)"] = state("grad.\(name)0", number)
      }
    }
    if has("grad.x") { expected["gradient x"] = array("grad.x") }
    for (name, values) in parameters("grad") { expected["gradient " + name] = values }
    for (update, loss) in array("loss").prefix(updates).enumerated() {
      expected["loss \(update + 1)"] = [loss]
    }
    for update in [1, 5] {
      for (name, values) in parameters("step\(update)") {
        expected["step\(update) " + name] = values
      }
    }
    return expected
  }

  /// An array over time with 0 past each row's length, where PyTorch's linear layer leaves its bias.
  private func withoutPadding(_ name: String) -> [Float] {
    guard has("lengths") else { return array(name) }
    let (rows, steps) = (shape(name)[0], shape(name)[1])
    let width = array(name).count / (rows * steps)
    return array(name).enumerated().map { place, value in
      let (row, step) = (place / width / steps, place / width % steps)
      return step < Int(array("lengths")[row]) ? value : 0
    }
  }

  /// The greatest magnitude among all gradients.
  var gradientMagnitude: Double {
    Double(parameters("grad").values.flatMap { $0 }.map(\.magnitude).max() ?? 0)
  }
}
