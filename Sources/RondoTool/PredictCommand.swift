internal import ModelRuntime
internal import Workbench

extension Command {
  /// `rondo predict`: what a trained model says of new examples.
  static let predict = Command(
    name: "predict",
    operands: "DIR [VALUE | INPUT=VALUE ...]",
    operandCount: 1...100,
    summary: "what a trained model says of an example that is typed, or of a file's rows",
    options: [.rows, .bind, probabilities, file, .skipBadRows, .threads],
    example: "rondo predict build/sentiment \"the film was boring\""
  ) { arguments, setting in
    guard (arguments.operands.count > 1) != arguments.has(.rows) else {
      throw UsageError("predict takes either --data FILE or an example: INPUT=VALUE")
    }
    guard arguments.has(.rows) || !arguments.has(file) else {
      throw UsageError("--out goes with --data")
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
    if let out = arguments.text(file), out.hasSuffix(".npz") {
      try Platform.replace(out, with: model.predictedArrays(examples))
    } else {
      let rows = PredictedRows(examples, like: arguments.text(file) ?? path)
      var lines = [try rows.head(prediction.columns)]
      // Without a file each row is written when it is there.
      if !arguments.has(file) { setting.console.line(lines.removeLast()) }
      try prediction.run(examples) { place, cells throws(RuntimeError) in
        let line = try rows.row(place, cells)
        if arguments.has(file) { lines.append(line) } else { setting.console.line(line) }
      }
      if let out = arguments.text(file) {
        try Platform.replace(out, with: Array((lines.joined(separator: "\n") + "\n").utf8))
      }
    }
    if let text = examples.skippedText { setting.console.note("rondo: \(text)\n") }
    return 0
  }

  /// Where the rows go.
  private static let file = Option(
    "--out",
    "FILE",
    letter: "-o",
    help: "write the rows to a .tsv or .csv, or the outputs as arrays to a .npz"
  )
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
  func head(_ names: [String]) throws(RuntimeError) -> String {
    try text.row(columns + names.map { columns.contains($0) ? "predicted_" + $0 : $0 })
  }

  /// The line of an example.
  func row(_ place: Int, _ cells: [String]) throws(RuntimeError) -> String {
    try text.row(examples.reader.cells(of: examples.numbers[place]) + cells)
  }
}
