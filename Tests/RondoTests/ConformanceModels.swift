import Rondo
import TestSupport

extension ConformanceCase {
  /// Whether there is a definition for a case of that name below.
  static func isSupported(_ name: String) -> Bool {
    if name.contains("bi") || name.contains("lengths") || name.contains("projected") {
      return false
    }
    return ["rnn", "lstm", "gru"].contains { name.hasPrefix($0) }
      || ["classifier-sgd", "classifier-adam", "classifier-clip-norm", "tied-lm"].contains(name)
  }

  /// Whether it is a model that is trained, and not a layer.
  var isTraining: Bool { text("kind") == "train" }
  /// How many updates are known.
  var updates: Int { array("loss").count }

  /// The definition of the case's model, its sizes taken from the arrays.
  var definition: String {
    switch text("kind") {
    case "layer": layer
    case _ where text("model") == "classifier": classifier
    default: languageModel
    }
  }

  /// What the definition is compiled with.
  func options(
    _ arithmetic: Compiler.Arithmetic,
    _ unrolling: Compiler.Unrolling = .auto
  ) -> Compiler.Options {
    Compiler.Options(
      batch: shape("x")[0],
      arithmetic: arithmetic,
      unrolling: unrolling,
      pullback: text("kind") == "layer"
    )
  }

  /// What a call of any entry is given at the start.
  var data: CallData {
    var arrays = parameters("param")
    for name in ["x", "targets"] where has(name) { arrays[name] = array(name) }
    arrays["gradient.y"] = has("gy") ? array("gy") : nil
    for level in 0..<layers {
      for state in ["h", "c"] {
        if has(state + "0") { arrays["\(state)0_\(level)"] = self.state(state + "0", layer: level) }
        if has("g\(state)n") {
          arrays["gradient.\(state)n_\(level)"] = self.state("g\(state)n", layer: level)
        }
      }
    }
    return CallData(batch: shape("x")[0], arrays: arrays)
  }

  /// A recurrent layer or a stack of them, every state an output.
  private var layer: String {
    let states = has("cn") ? ["h", "c"] : ["h"]
    let levels = 0..<layers
    let units = count("hidden")
    let firsts = levels.flatMap { level in states.map { "\($0)0_\(level)" } }
    let path = { (level: Int) in layers > 1 ? "l\(level)." : "" }
    let labels = levels.flatMap { level in
      states.map { ", \(path(level))\($0): \($0)0_\(level)" }
    }
    let lasts = levels.flatMap { level in
      states.map { "  output last(y.\(path(level))\($0)) as \($0)n_\(level)\n" }
    }
    return """
      model answer {
        axis time <= \(count("time"))
        input x: real[\(count("input"))] over time
      \(has("h0") ? "  input \(firsts.joined(separator: ", ")): real[\(units)]" : "")
        layer rnn = \(layers > 1 ? "stack(\(layers), \(cell(units)))" : cell(units))
        y = rnn(x\(has("h0") ? labels.joined() : ""))
        output y
      \(lasts.joined())\(has("h0") ? "" : "  stream over time\n")}

      """
  }

  /// A classifier of the last step.
  private var classifier: String {
    let classes = shape("y")[1]
    return """
      model answer {
        axis time <= \(shape("x")[1])
        input x: real[\(shape("x")[2])] over time
        target targets: token(\(classes))
        layer rnn = \(cell(shape("param.fc.weight")[1])), fc = linear(\(classes))
        y = fc(last(rnn(x)))
        output y
        loss cross_entropy(y, targets)
        train \(optimizer)
      }

      """
  }

  /// A language model whose embedding is its output matrix too.
  private var languageModel: String {
    let table = shape("param.embedding.weight")
    return """
      model answer {
        axis time <= \(shape("x")[1])
        input x: token(\(table[0])) over time
        target targets: token(\(table[0])) over time
        layer embed = embedding(\(table[1])), rnn = \(cell(table[1]))
        h = rnn(embed(x))
        y = embed.weight @ h
        output y
        loss cross_entropy(y, targets)
        train \(optimizer)
        stream over time
      }

      """
  }

  /// The optimiser with its settings.
  private var optimizer: String {
    let settings = ["rate", "momentum", "beta1", "beta2", "epsilon", "weight_decay"]
    var arguments = settings.filter { !text($0).isEmpty }.map { "\($0): \(text($0))" }
    for clip in ["clip_norm", "clip_value"] where Double(text(clip)) ?? 0 > 0 {
      arguments.append("\(clip): \(text(clip))")
    }
    return "\(text("optimizer"))(\(arguments.joined(separator: ", ")))"
  }

  /// PyTorch's results under the names our entries give them; training's stand apart.
  var expected: Arrays {
    var expected: Arrays = ["y": array("y")]
    for level in 0..<layers {
      for state in ["h", "c"] {
        if has(state + "n") {
          expected["\(state)n_\(level)"] = self.state(state + "n", layer: level)
        }
        if has("grad.\(state)0") {
          expected["gradient \(state)0_\(level)"] = self.state("grad.\(state)0", layer: level)
        }
      }
    }
    if has("grad.x") { expected["gradient x"] = array("grad.x") }
    for (name, values) in parameters("grad") { expected["gradient " + name] = values }
    for (update, loss) in array("loss").enumerated() { expected["loss \(update + 1)"] = [loss] }
    for update in [1, 5] {
      for (name, values) in parameters("step\(update)") {
        expected["step\(update) " + name] = values
      }
    }
    return expected
  }
}
