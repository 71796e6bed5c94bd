package import ModelRuntime
internal import Rondo

/// How likely a model takes a sequence to be.
package struct SequenceScore: Hashable, Sendable {
  /// The tokens as they are written.
  package var tokens: [String]
  /// The natural logarithm of each one's probability after those before; empty if not asked for.
  package var steps: [Double]
  /// The natural logarithm of the probability of all: the sum of the steps'.
  package var logProbability: Double

  /// The exponential of the mean surprise.
  package var perplexity: Double { Self.perplexity(logProbability, over: tokens.count) }
  /// The probability of all.
  package var probability: Double { Platform.exp(logProbability) }
  /// The exponential of the mean surprise of so many tokens.
  package static func perplexity(_ logProbability: Double, over count: Int) -> Double {
    Platform.exp(-logProbability / Double(max(count, 1)))
  }
  /// The probability of a step.
  package func probability(_ step: Int) -> Double { Platform.exp(steps[step]) }
}

extension TrainedModel {
  /// The target whose tokens are scored, and its axis.
  private func scored() throws(RuntimeError) -> (name: String, axis: String) {
    let targets = (manifest.entry("evaluate")?.inputs ?? []).filter { tensor in
      tensor.role == .data && tensor.element == .int32 && form.input(tensor.name)?.target == true
    }
    let target = targets.first { $0.name == manifest.generates } ?? targets.first
    guard form.isCrossEntropy, targets.count == 1 || manifest.generates != nil, let target,
      let axis = target.dimensions.dropFirst().first?.axis
    else {
      throw RuntimeError(
        .unsupported,
        "the loss of \(manifest.model) does not say how likely a sequence is",
        hint: "it does where it is one cross_entropy(logits, target) of a target over an axis"
      )
    }
    return (target.name, axis)
  }

  /// Scores what was typed, step by step: by input, what would stand in its cell.
  package func score(_ cells: [String: String], steps: Bool) throws(RuntimeError) -> SequenceScore {
    let fields = try fields(of: ["evaluate"])
    let reader = try TypedExamples(fields, [cells], vocabularies: vocabularies(of: fields))
    return try score(reader.all[0], fields, steps: steps)
  }

  /// Scores the rows of a file one by one; `body` gets what stands in the row, and its score.
  package func score(
    _ examples: ExampleSet,
    steps: Bool,
    _ body: (_ cells: [String], _ score: SequenceScore) throws(RuntimeError) -> Void
  ) throws(RuntimeError) {
    let reader = examples.reader
    for number in examples.numbers {
      switch try reader.values(of: number) {
      case .failure(let trouble): throw try reader.error(trouble, example: number)
      case .success(let values):
        try body(reader.cells(of: number), score(values, reader.fields, steps: steps))
      }
    }
  }

  /// The rows of a file that are to be scored; the lines of a text, those with nothing in them aside.
  package func scoredRows(
    _ path: String,
    bindings: [String: [String]] = [:],
    skipping: Bool = false
  ) throws(RuntimeError) -> ExampleSet {
    guard form.kind == .text else {
      return try examples(path, for: ["evaluate"], bindings: bindings, skipping: skipping)
    }
    let fields = try fields(of: ["evaluate"])
    guard fields.count == 1, let name = fields.first?.name else {
      throw RuntimeError("\(manifest.model) takes more than a text")
    }
    let text = String(decoding: try Platform.read(path, limit: 1 << 31), as: UTF8.self)
    let lines = text.split(separator: "\n").map { [name: String($0)] }
    guard !lines.isEmpty else { throw RuntimeError("\(quoted(path)) is empty") }
    do {
      let reader = try TypedExamples(fields, lines, vocabularies: vocabularies(of: fields))
      return try ExampleSet(reader, 0..<reader.count, skipping: skipping)
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }

  /// Scores one example: the whole of its target, and, if asked for, step by step.
  ///
  /// A step's surprise is what the loss of the sequence up to it is more than that of the one before it,
  /// so the steps' product is the whole's probability by the chain rule.
  package func score(
    _ values: [FieldValue],
    _ fields: [Field],
    steps: Bool
  ) throws(RuntimeError) -> SequenceScore {
    let (name, axis) = try scored()
    guard let index = fields.firstIndex(where: { $0.name == name }),
      let length = values[index].lengths.first?.first,
      let bound = manifest.axes.first(where: { $0.name == axis })?.bound
    else { throw RuntimeError("there is no \(quoted(name)) to score") }
    let carries = manifest.carry == axis
    guard length > 0 else { throw RuntimeError("there is nothing to score") }
    guard length <= bound || carries else {
      throw RuntimeError(
        "the length along \(axis) is \(length), and the bound is \(bound)",
        hint:
          "train with a larger one: --size \(axis)=\(length), where the definition leaves it open"
      )
    }
    guard !steps || carries || manifest.generates == name else {
      throw RuntimeError(
        .unsupported,
        "\(manifest.model) does not say that a step depends on those before it only",
        hint: "it does with `carry`, `stream` or `generate`; leave out --steps"
      )
    }
    let call = try EntryCall(session.model, entry: "evaluate")
    let state = try Block(byteCount: manifest.blocks.state)
    var score = SequenceScore(
      tokens: values[index].tokens.map { token in
        form.vocabulary(of: name)?.name(of: token) ?? "\(token)"
      },
      steps: [],
      logProbability: 0
    )
    for start in stride(from: 0, to: length, by: bound) {
      let end = min(start + bound, length)
      let before = try state.bytes()
      var last = 0.0
      for upTo in steps ? Array(start + 1...end) : [end] {
        try state.replace(with: before)
        let cut = zip(values, fields).map { $0.cut($1, axis, start..<upTo) }
        let sum = try surprise(cut, fields, call, state, isFresh: start == 0)
        if steps { score.steps.append(last - sum) }
        last = sum
      }
      score.logProbability -= last
    }
    return score
  }

  /// The sum of the surprises of one example.
  private func surprise(
    _ values: [FieldValue],
    _ fields: [Field],
    _ call: EntryCall,
    _ state: Block,
    isFresh: Bool
  ) throws(RuntimeError) -> Double {
    try call.setBatch(1)
    for (value, field) in zip(values, fields) {
      for (depth, axis) in field.axes.enumerated() {
        try call.setLengths([value.lengths], of: axis, depth: depth)
      }
      guard let input = call.input(named: field.name) else { continue }
      try call.setValues([value], input: input)
    }
    try call.set(.fresh, to: UInt8(isFresh ? 1 : 0))
    try call.set(.seed, to: UInt64(0))
    try session.run(call, state: state)
    var evaluation = Evaluation(call)
    try evaluation.add(call, rows: 1)
    guard let sum = evaluation.lossSum?.sum else {
      throw RuntimeError(.unsupported, "the loss of \(manifest.model) is no single average")
    }
    return sum
  }
}

extension FieldValue {
  /// The part of it along an axis; all of it where it does not run over that.
  fileprivate func cut(_ field: Field, _ axis: String, _ range: Range<Int>) -> FieldValue {
    guard field.axes == [axis], let length = lengths.first?.first, length > 0 else { return self }
    let width = count / length
    let part = range.lowerBound * width..<range.upperBound * width
    switch elements {
    case .numbers(let all):
      return FieldValue(elements: .numbers(Array(all[part])), lengths: [[range.count]])
    case .tokens(let all):
      return FieldValue(elements: .tokens(Array(all[part])), lengths: [[range.count]])
    }
  }
}
