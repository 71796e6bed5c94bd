package import ModelRuntime
internal import Rondo

extension RunReport {
  /// The most examples that are shown one by one.
  private static let shown = 6
  /// The most maps of attention, and sequences of numbers, each of which is a picture.
  private static let pictured = 3

  /// Puts in what a trained model says of examples: figures, forecasts, classes, attention, answers.
  package mutating func add(
    _ model: TrainedModel,
    on examples: ExampleSet
  ) throws(RuntimeError) {
    let judgement = try model.judge(examples)
    figures.append(.init("examples", NumberText.grouped(examples.count)))
    figures += judgement.figures.map { ModelFacts.Fact($0.name, $0.text) }
    for part in judgement.parts {
      guard let confusion = part.confusion, confusion.total > 0 else { continue }
      confusions.append(Classes(title: part.target, confusion: confusion))
    }
    try addOutputs(model, examples)
    try addAnswers(model, examples)
  }

  /// Puts in how a model of a long text does on one.
  package mutating func add(_ model: TrainedModel, onText path: String) throws(RuntimeError) {
    figures += try model.judge(path).figures.map { ModelFacts.Fact($0.name, $0.text) }
  }

  // MARK: - What `infer` gives

  /// Puts in forecasts, maps of attention and single answers, in one run over the examples.
  private mutating func addOutputs(
    _ model: TrainedModel,
    _ examples: ExampleSet
  ) throws(RuntimeError) {
    let fields = examples.reader.fields
    let answers = Answer.all(of: model.manifest, model.form).filter { answer in
      fields.contains { $0.name == answer.target.name }
    }
    let outputs = model.manifest.entry("infer")?.outputs ?? []
    let maps = outputs.filter { output in
      output.element == .float32 && output.dimensions.count == 3
        && output.dimensions.dropFirst().allSatisfy { $0.axis != nil }
        && !answers.contains { $0.output.name == output.name }
    }
    let wanted = answers.map(\.output.name) + maps.map(\.name)
    guard !wanted.isEmpty else { return }
    let reader = try OutputReader(model.session, entry: "infer", outputs: wanted)
    var found: [Forecast] = []
    var single: [String: Forecast] = [:]
    var attended: [Attention] = []
    var answered: [Sample] = []
    try reader.run(examples) { place, values, results throws(RuntimeError) in
      for (output, result) in zip(reader.outputs, results) {
        if place < Self.pictured, maps.contains(where: { $0.name == output.name }) {
          let axes = output.dimensions.dropFirst().compactMap(\.axis)
          let map = Attention(
            title: "\(output.name), example \(place + 1)",
            values: result.numbers,
            axes: axes,
            names: Self.positions(axes, result, fields, values, model),
            rowAxis: Self.rowAxis(axes, fields)
          )
          if let map { attended.append(map) }
        }
        guard let answer = answers.first(where: { $0.output.name == output.name }),
          let index = fields.firstIndex(where: { $0.name == answer.target.name })
        else { continue }
        let target = answer.target.name
        let truth = values[index]
        if answer.form != .numbers {
          guard place < Self.shown, target != model.manifest.generates else { continue }
          answered.append(
            Sample(
              title: "example \(place + 1): \(target)",
              prompt: Self.given(fields, values, model),
              text: "\n" + model.cell(answer.tokens(of: result), of: target),
              truth: model.cell(truth.tokens, of: target)
            )
          )
        } else if fields[index].axes.isEmpty, fields[index].width == 1 {
          if single[target] == nil {
            let cells = try examples.reader.cells(of: examples.numbers.first ?? 0)
            let isSeries = model.form.kind == .series
            single[target] = Forecast(
              title: target,
              xTitle: isSeries ? "row" : "example",
              first: isSeries ? cells.first.flatMap { Int($0) } ?? 1 : 1,
              truth: [],
              guess: []
            )
          }
          single[target]?.truth.append(truth.numbers.first.map(Double.init))
          single[target]?.guess.append(result.numbers.first.map(Double.init))
        } else if place < Self.pictured, fields[index].width == 1 {
          found.append(
            Forecast(
              title: "\(target), example \(place + 1)",
              xTitle: fields[index].axes.last ?? "step",
              truth: truth.numbers.map(Double.init),
              guess: result.numbers.map(Double.init)
            )
          )
        }
      }
    }
    forecasts += (answers.compactMap { single[$0.target.name] } + found).map(\.withError)
    attentions += attended
    samples += answered
  }

  /// What stands at the positions of axes: the tokens of an input over just that axis, or numbers.
  private static func positions(
    _ axes: [String],
    _ result: FieldValue,
    _ fields: [Field],
    _ values: [FieldValue],
    _ model: TrainedModel
  ) -> [String: [String]] {
    var names: [String: [String]] = [:]
    for (depth, axis) in axes.enumerated() {
      let count = result.lengths[depth].first ?? 0
      names[axis] = (0..<count).map { "\($0 + 1)" }
      for (field, value) in zip(fields, values) where field.isToken && field.axes == [axis] {
        guard let vocabulary = model.form.vocabulary(of: field.name), value.tokens.count == count
        else { continue }
        names[axis] = value.tokens.map { vocabulary.name(of: $0) }
      }
    }
    return names
  }

  /// The axis whose positions look at the other's: that of a target, if there is one.
  private static func rowAxis(_ axes: [String], _ fields: [Field]) -> String {
    axes.first { axis in fields.contains { $0.form.target && $0.axes.contains(axis) } }
      ?? axes.last ?? ""
  }

  /// What the model is given in an example, as one would type it.
  private static func given(
    _ fields: [Field],
    _ values: [FieldValue],
    _ model: TrainedModel
  ) -> String {
    let texts = zip(fields, values).filter { !$0.0.form.target }.map { field, value -> String in
      let cell = field.isToken ? model.cell(value.tokens, of: field.name) : value.cell
      return cell.count > 200 ? cell.prefix(200) + "…" : cell
    }
    return texts.joined(separator: "\n")
  }

  // MARK: - What is drawn

  /// Puts in what the model draws for the first examples, where it draws an answer to an input.
  private mutating func addAnswers(
    _ model: TrainedModel,
    _ examples: ExampleSet
  ) throws(RuntimeError) {
    let fields = examples.reader.fields
    guard let target = model.manifest.generates, try !model.fields(of: ["begin"]).isEmpty,
      let index = fields.firstIndex(where: { $0.name == target }), fields[index].isToken
    else { return }
    var drawn: [Sample] = []
    try model.draw(examples.first(Self.shown), Generation(limit: 0, temperature: 0)) {
      place,
      values,
      row throws(RuntimeError) in
      drawn.append(
        Sample(
          title: "example \(place + 1), \(target) drawn greedily",
          prompt: Self.given(fields, values, model),
          text: "\n" + model.cell(row, of: target),
          truth: model.cell(values[index].tokens, of: target)
        )
      )
    }
    samples += drawn
  }
}

extension RunReport.Forecast {
  /// The forecast with its mean absolute error below the title.
  fileprivate var withError: RunReport.Forecast {
    let errors = zip(truth, guess).compactMap { truth, guess in
      truth.flatMap { truth in guess.map { abs(truth - $0) } }
    }
    guard !errors.isEmpty else { return self }
    var forecast = self
    let mean = Scale.figure(errors.reduce(0, +) / Double(errors.count))
    forecast.note = "mean absolute error \(mean) over \(NumberText.counted(errors.count, "value"))"
    return forecast
  }
}

extension ExampleSet {
  /// The first of them.
  func first(_ count: Int) -> ExampleSet {
    var part = ExampleSet(reader)
    for place in 0..<min(count, self.count) {
      part.add(
        numbers[place],
        lengths: Array(lengths[place * axes.count..<(place + 1) * axes.count])
      )
    }
    return part
  }
}
