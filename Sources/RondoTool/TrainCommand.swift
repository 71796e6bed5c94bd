internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo train`: a definition and a text to a trained model.
  static let train = Command(
    name: "train",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "trains a definition on a text, into a folder to go on from",
    options: [.data, .folder, .epochs, .rate, .seed, .validation, .by] + Building.optionTable
      + [.saveEvery, .resume, .overwrite, .threads],
    example: "rondo train graphs/char_lm.graph --data graphs/data/village.txt -o build/char_lm"
  ) { arguments, setting in
    let plan = try TrainingPlan(arguments, setting)
    let definition = try Definition(path: arguments.operands[0])
    let training = try Training(plan, definition, setting.console)
    return try training.run(setting)
  }
}

extension Option {
  /// The text.
  static let data = Option("--data", "TEXT", help: "the text to train on")
  /// How long.
  static let epochs = Option(
    "--epochs",
    "N",
    help: "how often the text is read, in all (default 15)"
  )
  /// The rate.
  static let rate = Option("--rate", "R", help: "the learning rate (default: the definition's)")
  /// What the best weights are chosen by.
  static let validation = Option(
    "--validation",
    "F|FILE",
    help: "the fraction at the text's end, or the file, that is only looked at (default 0.1)"
  )
  /// What a token is.
  static let by = Option(
    "--by",
    "character|byte",
    help: "what a token of the text is (default character)"
  )
  /// How often a checkpoint is written.
  static let saveEvery = Option(
    "--save-every",
    "N",
    help: "updates between two checkpoints within an epoch (default: one a minute)"
  )
  /// Going on.
  static let resume = Option("--resume", help: "go on from the folder's last checkpoint")
}

/// The words of `rondo train`, read.
struct TrainingPlan {
  /// How the model is built.
  var building: Building
  /// The text's path.
  var data: String
  /// The folder; nil is named after the model.
  var folder: String?
  /// How many epochs in all.
  var epochs: Int
  /// The rate; nil is the definition's.
  var rate: Float?
  /// The seed; nil was not given.
  var seed: UInt64?
  /// The fraction of the text that is only looked at.
  var fraction: Double
  /// The file that is only looked at, instead.
  var validationFile: String?
  /// What a token is; nil for words.
  var unit: TextUnit
  /// How many updates are between two checkpoints within an epoch; nil is by the clock.
  var saveEvery: Int?
  /// Whether to go on from a checkpoint.
  var resumes: Bool
  /// Whether what the folder holds may be replaced.
  var overwrites: Bool
  /// Whether the batch was given.
  var hasBatch: Bool
  /// How many threads a call has.
  var threads: Int

  /// Reads the words.
  init(_ arguments: Arguments, _ setting: Setting) throws {
    building = try Building(arguments, setting, batch: 16)
    data = try arguments.required(.data)
    folder = arguments.text(.folder)
    epochs = try arguments.int(.epochs, in: 1...1_000_000) ?? 15
    rate = try arguments.number(
      .rate,
      in: .leastNonzeroMagnitude...Double(Float.greatestFiniteMagnitude)
    )
    .map { Float($0) }
    seed = try arguments.seed()
    fraction = 0.1
    let text = arguments.text(.validation)
    if let number = text.flatMap(Double.init) {
      guard (0..<1).contains(number) else {
        throw UsageError(
          "--validation takes a fraction from 0 to below 1, or a file, not \(number)"
        )
      }
      fraction = number
    } else {
      validationFile = text
    }
    if arguments.text(.by) == "word" {
      throw RuntimeError(
        .unsupported,
        "reading a text by words does not work yet",
        hint: "read it by characters: --by character"
      )
    }
    unit = try arguments.choice(.by, TextUnit.self) ?? .character
    saveEvery = try arguments.int(.saveEvery, in: 1...1_000_000_000)
    resumes = arguments.has(.resume)
    overwrites = arguments.has(.overwrite)
    hasBatch = arguments.has(.batch)
    threads = try arguments.threads()
    guard !resumes || !overwrites else {
      throw UsageError("--resume goes on with a run and --overwrite removes it, write one of them")
    }
  }
}
