import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

/// Definitions that draw, from text to C.
@Suite("Definitions that draw") struct DrawingDefinitionTests {
  private static let tagger = """
    model tagger {
      axis word <= 6
      input text: token(7) over word
      target tag: token(3) over word
      layer embed = embedding(4), rnn = stack(2, bidirectional(gru(3)), dropout: 0.3)
      layer score = linear(3)
      logits = score(dropout(rnn(dropout(embed(text), 0.4)), 0.5))
      output argmax(logits) as answer
      loss cross_entropy(logits, tag)
      train sgd(rate: 0.1, momentum: 0.9)
    }

    """

  private static let letters = """
    model letters {
      axis time <= 6
      target text: token(6) over time
      layer embed = embedding(5), rnn = stack(2, lstm(4), dropout: 0.5)
      y = rnn(dropout(embed(previous(text)), 0.5))
      logits = embed.weight @ concat(dropout(y, 0.5), [0.5])
      loss cross_entropy(logits, text)
      generate text from logits
      train sgd(rate: 0.1)
    }

    """

  /// A mask drawn once for each example, one for each step, and noise that is always there.
  private static let noisy = """
    model noisy {
      axis time <= 6
      input x: real[3] over time
      target y: real over time
      param w: real[4, 3] ~ orthogonal
      param u: real[4, 4] ~ orthogonal
      param v: real[4] ~ normal(0.5)
      mask = bernoulli(0.75, 4) / 0.75
      scan over time {
        state h: real[4] = 0
        kept = select(training * bernoulli(0.5), h, h * mask)
        next h = tanh(w @ x + u @ kept + 0.1 * normal(4))
        score = sum(v * next h) + uniform() * position(time)
      }
      output score
      loss square(score - y)
      stream over time
      train sgd(rate: 0.1)
    }

    """

  static let names = ["tagger", "letters", "noisy"]

  private static func harness(_ name: String) throws -> ModelHarness {
    let text = name == "tagger" ? tagger : name == "letters" ? letters : noisy
    return try ModelHarness(text, .init(batch: 3, arithmetic: .strict))
  }

  private static let entries: [Entry] = [.initialize, .infer, .evaluate, .gradients, .train]

  @Test("strict C is the interpreter, with lengths of rows' own", arguments: names, [false, true])
  func strictBits(_ name: String, isRagged: Bool) throws {
    let harness = try Self.harness(name)
    let axis = name == "tagger" ? "word" : "time"
    var data = CallData.random(
      for: harness.elaborated,
      batch: 3,
      own: isRagged ? [axis: [5, 1, 6]] : [:],
      seed: 9
    )
    data.seed = 77
    let native = try harness.native()
    let there = Set(native.model.manifest.entries.map(\.name))
    for entry in Self.entries where there.contains(entry.rawValue) {
      let wanted = try harness.interpret(entry, data, in: Float.self)
      #expect(differences(try native.run(entry, data), from: wanted) == [], "\(entry)")
    }
  }

  @Test(
    "evaluation of what drops out only in training takes no seed",
    arguments: ["tagger", "letters"]
  )
  func quiet(_ name: String) throws {
    let manifest = try Self.harness(name).native().model.manifest
    for entry in manifest.entries {
      let draws = entry.inputs.contains { $0.role == .seed }
      #expect(draws == ["initialize", "gradients", "train"].contains(entry.name), "\(entry.name)")
    }
  }

  @Test("a stream draws what a whole sequence draws")
  func stream() throws {
    let harness = try Self.harness("noisy")
    let model = try harness.native()
    var data = CallData.random(for: harness.elaborated, batch: 3, seed: 9)
    data.seed = 5
    let whole = try #require(try model.run(.infer, data)["score"])
    let session = try model.session(data)
    _ = try model.run(.begin, data, in: session)
    let x = try #require(data.arrays["x"])
    for step in 0..<6 {
      data.arrays["x"] = (0..<3).flatMap { row -> ArraySlice<Float> in
        let start = (row * 6 + step) * 3
        return x[start..<start + 3]
      }
      let found = try model.run(.step, data, in: session)["score"]
      #expect(found == (0..<3).map { whole[$0 * 6 + step] }, "step \(step)")
    }
  }
}
