internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo generate`: text from a trained model.
  static let generate = Command(
    name: "generate",
    operands: "DIR [VALUE | INPUT=VALUE ...]",
    operandCount: 1...100,
    summary: "draws text from a trained model, or the answer to an input",
    options: [prompt, .rows, .bind, .skipBadRows, length, temperature, topK, topP, beam, .seed],
    example: "rondo generate build/char_lm --prompt \"The \" --length 300"
  ) { arguments, setting in
    let generation = Generation(
      limit: try arguments.int(length, in: 1...1_000_000) ?? 400,
      topK: try arguments.int(topK, in: 0...1_000_000) ?? 0,
      topP: Float(try arguments.number(topP, in: .leastNonzeroMagnitude...1) ?? 1),
      temperature: Float(try arguments.number(temperature, in: 0...1000) ?? 0.7),
      seed: try arguments.seed() ?? 0,
      beamWidth: try arguments.int(beam, in: 1...1_000_000) ?? 0
    )
    let model = try TrainedModel(folder: arguments.operands[0])
    guard let target = model.manifest.generates else {
      throw RuntimeError(
        .unsupported,
        "\(model.manifest.model) draws nothing: its definition has no `generate`",
        hint: "rondo predict shows what it says of an example"
      )
    }
    let takesData = try !model.fields(of: ["begin"]).isEmpty
    guard takesData || !arguments.has(.rows) else {
      throw UsageError(
        "--data is for models that draw an answer, and \(model.manifest.model) goes on"
      )
    }
    guard takesData else {
      _ = try arguments.typedInputs(model, entries: ["begin"])
      try go(on: model, target, generation, arguments.text(prompt) ?? "", setting.console)
      return 0
    }
    guard !arguments.has(prompt) else {
      throw UsageError("--prompt is for models that go on from it, and this one draws an answer")
    }
    var answering = generation
    if !arguments.has(length) { answering.limit = 0 }
    if !arguments.has(temperature) { answering.temperature = 0 }
    guard (arguments.operands.count > 1) != arguments.has(.rows) else {
      let names = try model.fields(of: ["begin"]).map { "\($0.name)=VALUE" }.joined(separator: " ")
      throw UsageError(
        "\(model.manifest.model) answers \(names) or --data FILE, so give one of them"
      )
    }
    guard let path = arguments.text(.rows) else {
      let cells = try arguments.typedInputs(model, entries: ["begin"])
      try model.draw(model.example(cells, for: ["begin"]), answering) { _, _, row in
        setting.console.line(model.cell(row, of: target))
      }
      return 0
    }
    let bindings = try DataRequest.bindings(arguments)
    let skips = arguments.has(.skipBadRows)
    let examples = try model.examples(path, for: ["begin"], bindings: bindings, skipping: skips)
    let rows = PredictedRows(examples, like: path)
    setting.console.line(try rows.head([target]))
    try model.draw(examples, answering) { place, _, row throws(RuntimeError) in
      setting.console.line(try rows.row(place, [model.cell(row, of: target)]))
    }
    return 0
  }

  /// Draws what follows a prompt, and writes both.
  private static func go(
    on model: TrainedModel,
    _ target: String,
    _ generation: Generation,
    _ beginning: String,
    _ console: Console
  ) throws {
    guard let vocabulary = model.form.vocabulary(of: target) else {
      throw RuntimeError(.unsupported, "\(model.manifest.model) draws no tokens of a vocabulary")
    }
    let bytes = try model.session.text(
      generation,
      after: Text(Array(beginning.utf8), by: vocabulary.unit),
      vocabulary: vocabulary
    )
    let isWord = vocabulary.unit == .word
    let gap = isWord && !beginning.isEmpty && bytes.first != 10 && !bytes.isEmpty ? " " : ""
    console.line(beginning + gap + String(decoding: bytes, as: UTF8.self))
  }

  /// The beginning.
  private static let prompt = Option("--prompt", "TEXT", help: "what the text begins with")
  /// The length.
  private static let length = Option(
    "--length",
    "N",
    help: "how many tokens are drawn at most (default 400; an answer as long as its axis)"
  )
  /// The temperature.
  private static let temperature = Option(
    "--temperature",
    "T",
    help: "below 1 likelier, above 1 wilder, 0 always the likeliest (default 0.7; an answer 0)"
  )
  /// The k likeliest.
  private static let topK = Option(
    "--top-k",
    "K",
    help: "draw among the K likeliest (default 0: all)"
  )
  /// The width of a beam.
  private static let beam = Option(
    "--beam",
    "N",
    help: "do not draw, but search the likeliest text, following N at a time"
  )
  /// The likeliest up to p.
  private static let topP = Option(
    "--top-p",
    "P",
    help: "draw among the likeliest that together reach P (default 1: all)"
  )
}
