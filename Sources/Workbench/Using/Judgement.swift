package import ModelRuntime
package import Rondo

/// How a trained model does on some data: its loss and metrics, and what its answers come to.
package struct Judgement: Sendable {
  /// How the answers to a target compare with it.
  package struct Part: Hashable, Sendable {
    /// The target.
    package var target: String
    /// How often each class was taken for each; nil where it is no class.
    package var confusion: Confusion?
    /// How many tokens there are.
    package var tokens = 0
    /// How many of them were right.
    package var rightTokens = 0
    /// Whether each example has a sequence of them.
    package var isSequence = false
    /// Whether it is what the definition draws, so that here each token was told the true ones before it.
    package var isForced = false
    /// How many sequences were right in all their tokens.
    package var rightRows = 0
    /// How many numbers there are.
    package var numbers = 0
    /// The sum of their absolute errors.
    package var absoluteError = 0.0
    /// The sum of their squared errors.
    package var squaredError = 0.0
  }

  /// How many examples there were; nil for a long text.
  package var examples: Int?
  /// How many were left out.
  package var skipped = 0
  /// The loss and the metrics that the definition declares.
  package var measures: [Evaluation.Measure]
  /// The perplexity, where the loss is a cross entropy of tokens.
  package var perplexity: Double?
  /// The answers, target by target.
  package var parts: [Part] = []
  /// Of how many sequences that were drawn greedily all tokens were right; nil if none was drawn.
  package var exactMatches: Int?

  /// The most classes of which it is counted what each was taken for.
  package static let classLimit = 50
}

extension TrainedModel {
  /// Judges the model on a file: examples, or a long text.
  ///
  /// - Parameter drawing: whether the target that the definition draws is drawn greedily, and compared.
  package func judge(
    _ path: String,
    bindings: [String: [String]] = [:],
    skipping: Bool = false,
    drawing: Bool = false
  ) throws(RuntimeError) -> Judgement {
    if form.kind == .text {
      guard !drawing else {
        throw RuntimeError("a text has no sequences of its own to be drawn again")
      }
      var windows = try windows(path)
      return try judgement(session.evaluate(&windows))
    }
    let entries = ["evaluate", "infer"]
    let examples = try examples(path, for: entries, bindings: bindings, skipping: skipping)
    return try judge(examples, drawing: drawing)
  }

  /// Judges the model on examples.
  package func judge(
    _ examples: ExampleSet,
    drawing: Bool = false
  ) throws(RuntimeError) -> Judgement {
    var batches = try ExampleBatches(examples, rows: manifest.batch, seed: nil)
    var judgement = judgement(try session.evaluate(&batches))
    judgement.examples = examples.count
    judgement.skipped = examples.skipped
    judgement.parts = try compare(examples)
    if drawing { judgement.exactMatches = try exactMatches(examples) }
    return judgement
  }

  /// The numbers of an evaluation.
  private func judgement(_ evaluation: Evaluation) -> Judgement {
    let isDrawn = manifest.generates != nil
    let isGiven = evaluation.measures.contains { $0.name == "perplexity" }
    return Judgement(
      measures: evaluation.measures,
      perplexity: form.isCrossEntropy && isDrawn && !isGiven ? Platform.exp(evaluation.loss) : nil
    )
  }

  /// Compares answers with targets.
  private func compare(_ examples: ExampleSet) throws(RuntimeError) -> [Judgement.Part] {
    let fields = examples.reader.fields
    let answers = Answer.all(of: manifest, form).filter { answer in
      fields.contains { $0.name == answer.target.name }
    }
    guard !answers.isEmpty else { return [] }
    var parts = answers.map { answer in
      var part = Judgement.Part(target: answer.target.name)
      part.isSequence = answer.target.dimensions.count > 1
      part.isForced = answer.target.name == manifest.generates
      if answer.form != .numbers, !part.isForced, answer.target.tokens <= Judgement.classLimit {
        let vocabulary = form.vocabulary(of: answer.target.name)
        part.confusion = Confusion(
          names: (0..<answer.target.tokens).map { token in
            vocabulary?.name(of: Int32(token)) ?? "\(token)"
          }
        )
      }
      return part
    }
    let reader = try OutputReader(session, entry: "infer", outputs: answers.map(\.output.name))
    try reader.run(examples) { _, values, outputs throws(RuntimeError) in
      for (index, answer) in answers.enumerated() {
        guard let place = fields.firstIndex(where: { $0.name == answer.target.name }),
          let output = reader.outputs.firstIndex(where: { $0.name == answer.output.name })
        else { continue }
        switch values[place].elements {
        case .tokens(let truth):
          parts[index].add(truth, answer.tokens(of: outputs[output]))
        case .numbers(let truth):
          if case .numbers(let guess) = outputs[output].elements {
            parts[index].add(truth, guess)
          }
        }
      }
    }
    return parts
  }

  /// How many of the drawn sequences are the examples'.
  private func exactMatches(_ examples: ExampleSet) throws(RuntimeError) -> Int {
    guard let name = manifest.generates,
      let place = examples.reader.fields.firstIndex(where: { $0.name == name })
    else {
      throw RuntimeError(
        .unsupported,
        "\(manifest.model) draws no target, so nothing can be compared"
      )
    }
    var right = 0
    try draw(examples, Generation(limit: 0, temperature: 0)) { _, values, row in
      if case .tokens(let truth) = values[place].elements, truth == row.values { right += 1 }
    }
    return right
  }
}

extension Judgement.Part {
  /// Compares tokens.
  fileprivate mutating func add(_ truth: [Int32], _ guess: [Int32]) {
    let pairs = zip(truth, guess)
    let right = pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    tokens += truth.count
    rightTokens += right
    rightRows += right == truth.count && truth.count == guess.count ? 1 : 0
    for (truth, guess) in pairs { confusion?.add(truth: truth, guess: guess) }
  }

  /// Compares numbers.
  fileprivate mutating func add(_ truth: [Float], _ guess: [Float]) {
    for (truth, guess) in zip(truth, guess) {
      numbers += 1
      absoluteError += Double(abs(truth - guess))
      squaredError += Double(truth - guess) * Double(truth - guess)
    }
  }
}
