internal import ModelRuntime
internal import Workbench

extension Command {
  /// `rondo predict`: what a trained model says of new examples.
  static let predict = Command(
    name: "predict",
    operands: "DIR [VALUE | INPUT=VALUE ...]",
    operandCount: 1...100,
    summary: "what a trained model says of an example that is typed, or of a file's rows",
    options: [.rows, .bind, probabilities, .skipBadRows, .threads],
    example: "rondo predict build/sentiment \"the film was boring\""
  ) { arguments, setting in
    guard (arguments.operands.count > 1) != arguments.has(.rows) else {
      throw UsageError("predict takes either --data FILE or an example: INPUT=VALUE")
    }
    let bindings = try DataRequest.bindings(arguments)
    let folder = arguments.operands[0]
    let model = try TrainedModel(folder: folder, threads: arguments.threads())
    let prediction = try Prediction(model, probabilities: arguments.has(probabilities))
    guard let path = arguments.text(.rows) else {
      let cells = try arguments.typedInputs(model, entries: prediction.entries)
      let example = try model.example(cells, for: prediction.entries)
      let columns = prediction.columns
      let width = columns.map(\.count).max() ?? 0
      try prediction.run(example) { _, cells in
        for (name, cell) in zip(columns, cells) {
          let gap = String(repeating: " ", count: width - name.count)
          setting.console.line("\(name)\(gap)  \(cell)")
        }
      }
      return 0
    }
    let examples = try model.examples(
      path,
      for: prediction.entries,
      bindings: bindings,
      skipping: arguments.has(.skipBadRows)
    )
    let rows = PredictedRows(examples, like: path)
    setting.console.line(rows.head(prediction.columns))
    try prediction.run(examples) { place, cells throws(RuntimeError) in
      setting.console.line(try rows.row(place, cells))
    }
    if let text = examples.skippedText { setting.console.note("rondo: \(text)\n") }
    return 0
  }

  /// How likely each class is.
  private static let probabilities = Option(
    "--probabilities",
    help: "show the probability of each class, too"
  )
}

extension Option {
  /// The rows that a model is used on.
  static let rows = Option("--data", "FILE", help: "the rows, in the form that was trained on")
}

/// Rows as they were read, with what is said of each after them.
struct PredictedRows {
  /// How rows are written.
  private let text: TableText
  /// What was read.
  private let examples: ExampleSet
  /// The columns before what is said.
  private let columns: [String]

  /// The rows of a file.
  init(_ examples: ExampleSet, like path: String) {
    self.examples = examples
    text = TableText(like: path)
    columns = examples.reader.columns
  }

  /// The line of names; one that is there already is told apart.
  func head(_ names: [String]) -> String {
    text.row(columns + names.map { columns.contains($0) ? "predicted_" + $0 : $0 })
  }

  /// The line of an example.
  func row(_ place: Int, _ cells: [String]) throws(RuntimeError) -> String {
    text.row(try examples.reader.cells(of: examples.numbers[place]) + cells)
  }
}
