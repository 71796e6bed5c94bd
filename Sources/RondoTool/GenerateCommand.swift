internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo generate`: text from a trained model.
  static let generate = Command(
    name: "generate",
    operands: "DIR",
    operandCount: 1...1,
    summary: "draws text from a trained model",
    options: [prompt, length, temperature, topK, topP, beam, .seed],
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
    let folder = arguments.operands[0]
    guard try Platform.status(folder)?.kind == .folder else {
      throw RuntimeError(
        "there is no folder \(quoted(folder))",
        hint: "train a model into it: rondo train FILE.graph --data TEXT -o \(folder)"
      )
    }
    let model = try CompiledModel(folder: folder)
    let form = try DataForm.read(in: folder)
    guard let name = model.manifest.generates, let vocabulary = form.vocabulary(of: name) else {
      throw RuntimeError(.unsupported, "\(model.name) draws no tokens of a vocabulary")
    }
    let session = try Session(model)
    try session.loadWeights(from: Platform.join(folder, model.name + ".safetensors"))
    let beginning = arguments.text(prompt) ?? ""
    let bytes = try session.text(
      generation,
      after: Text(Array(beginning.utf8), by: vocabulary.unit),
      vocabulary: vocabulary
    )
    setting.console.line(beginning + String(decoding: bytes, as: UTF8.self))
    return 0
  }

  /// The beginning.
  private static let prompt = Option("--prompt", "TEXT", help: "what the text begins with")
  /// The length.
  private static let length = Option(
    "--length",
    "N",
    help: "how many tokens are drawn (default 400)"
  )
  /// The temperature.
  private static let temperature = Option(
    "--temperature",
    "T",
    help: "below 1 likelier, above 1 wilder, 0 always the likeliest (default 0.7)"
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
