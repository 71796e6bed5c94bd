package import ModelRuntime

/// What a model says of examples, as the cells of a table.
package struct Prediction {
  /// What one column shows.
  private enum Content {
    /// An output as it is.
    case output(Int)
    /// The tokens that an output means.
    case answer(Int, Answer)
    /// The probability of one class.
    case probability(Int, Answer, token: Int)
    /// What is drawn.
    case drawn(String)

    /// Whether it is the probability of a class.
    var isProbability: Bool {
      if case .probability = self { return true }
      return false
    }
  }

  /// The columns' names.
  package private(set) var columns: [String] = []
  /// What each shows.
  private var contents: [Content] = []
  /// The outputs that are computed.
  private var outputs: [Manifest.Tensor] = []
  /// The model.
  private let model: TrainedModel
  /// Whether a target is drawn, since the outputs need it.
  private let isDrawn: Bool

  /// The entries whose inputs an example needs.
  package var entries: [String] { [isDrawn ? "begin" : "infer"] }

  /// Decides what is shown.
  ///
  /// - Parameter probabilities: whether the probability of each class is, too.
  package init(_ model: TrainedModel, probabilities: Bool) throws(RuntimeError) {
    self.model = model
    let manifest = model.manifest
    let infer = manifest.entry("infer")
    let needsTarget =
      infer?.inputs.contains { model.form.input($0.name)?.target == true && $0.role == .data }
      ?? true
    isDrawn = needsTarget && manifest.generates != nil
    if isDrawn, let name = manifest.generates {
      columns = [name]
      contents = [.drawn(name)]
      return
    }
    guard let infer, !infer.outputs.isEmpty else {
      throw RuntimeError(
        .unsupported,
        "\(manifest.model) has no output",
        hint: "add one to the definition, such as: output argmax(logits) as answer"
      )
    }
    outputs = infer.outputs
    let answers = Answer.all(of: manifest, model.form)
    let scores = Answer.scores(of: manifest, model.form)
    for (index, output) in outputs.enumerated() {
      let answer = answers.first { $0.output.name == output.name }
      if let answer, answer.form != .numbers {
        columns.append(answer.form == .tokens ? output.name : answer.target.name)
        contents.append(.answer(index, answer))
      } else if !scores.contains(where: { $0.output.name == output.name }) {
        columns.append(output.name)
        contents.append(.output(index))
      }
      guard probabilities, output.dimensions.count == 2,
        let score = scores.first(where: { $0.output.name == output.name })
      else { continue }
      for token in 0..<score.target.tokens {
        let vocabulary = model.form.vocabulary(of: score.target.name)
        columns.append("\(output.name).\(vocabulary?.name(of: Int32(token)) ?? "\(token)")")
        contents.append(.probability(index, score, token: token))
      }
    }
    guard !probabilities || contents.contains(where: \.isProbability) else {
      throw RuntimeError(
        "\(manifest.model) gives no probability of classes",
        hint: "add one to the definition, such as: output softmax(logits) as probability"
      )
    }
  }

  /// The cells of each example, in their order.
  package func run(
    _ examples: ExampleSet,
    _ body: (_ place: Int, _ cells: [String]) throws(RuntimeError) -> Void
  ) throws(RuntimeError) {
    if isDrawn {
      let name = model.manifest.generates ?? ""
      let greedy = Generation(limit: 0, temperature: 0)
      try model.draw(examples, greedy) { place, _, row throws(RuntimeError) in
        try body(place, [model.cell(row, of: name)])
      }
      return
    }
    let reader = try OutputReader(model.session, entry: "infer", outputs: outputs.map(\.name))
    try reader.run(examples) { place, _, values throws(RuntimeError) in
      try body(place, contents.map { cell($0, values) })
    }
  }

  /// A cell.
  private func cell(_ content: Content, _ values: [FieldValue]) -> String {
    switch content {
    case .output(let index): return values[index].cell
    case .answer(let index, let answer):
      let tokens = answer.tokens(of: values[index])
      return model.cell(tokens, of: answer.target.name)
    case .probability(let index, _, let token):
      let shares = Self.shares(values[index].numbers)
      return NumberText.fixed(shares.indices.contains(token) ? shares[token] : .nan, 6)
    case .drawn: return ""
    }
  }

  /// Scores as shares of 1: as they are, if they are, else by softmax.
  private static func shares(_ scores: [Float]) -> [Double] {
    let numbers = scores.map { Double($0) }
    let sum = numbers.reduce(0, +)
    if numbers.allSatisfy({ $0 >= 0 }), abs(sum - 1) < 1e-3 { return numbers }
    let most = numbers.max() ?? 0
    let powers = numbers.map { Platform.exp($0 - most) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }
}

extension TrainedModel {
  /// Tokens as they are written in a cell, without the end.
  package func cell(_ tokens: [Int32], of input: String) -> String {
    form.vocabulary(of: input)?.cell(tokens)
      ?? tokens.map { "\($0)" }.joined(separator: " ")
  }

  /// What was drawn, as it is written in a cell.
  package func cell(_ row: GeneratedRow, of input: String) -> String {
    guard row.numbers.isEmpty else {
      let target = manifest.entry(Manifest.Entry.generate)?.outputs.first
      let width = target?.dimensions.filter { $0.axis == nil }.reduce(1) { $0 * $1.extent } ?? 1
      let lengths = [[row.numbers.count / width]]
      return FieldValue(elements: .numbers(row.numbers), lengths: lengths).cell
    }
    return cell(row.values, of: input)
  }
}

extension FieldValue {
  /// The value as a cell that would be read as the same: steps by spaces where each is one number, by `;`
  /// otherwise.
  package var cell: String {
    let texts =
      switch elements {
      case .numbers(let numbers): numbers.map { "\($0)" }
      case .tokens(let tokens): tokens.map { "\($0)" }
      }
    guard let outer = lengths.first?.first, outer > 0, texts.count != outer else {
      return texts.joined(separator: " ")
    }
    let size = texts.count / outer
    return stride(from: 0, to: size * outer, by: max(size, 1))
      .map { texts[$0..<$0 + size].joined(separator: " ") }.joined(separator: ";")
  }
}
