internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo train`: a definition and data to a trained model.
  static let train = Command(
    name: "train",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "trains a definition on a file of data, into a folder to go on from",
    options: DataRequest.options + [.validation, .folder, .epochs, .rate, .seed]
      + Building.optionTable + [.saveEvery, .resume, .overwrite, .threads],
    example: "rondo train graphs/char_lm.graph --data graphs/data/village.txt -o build/char_lm"
  ) { arguments, setting in
    let plan = try TrainingPlan(arguments, setting)
    let definition = try Definition(path: arguments.operands[0])
    let training = try Training(plan, definition, setting.console)
    return try training.run(setting)
  }
}

extension Option {
  /// How long.
  static let epochs = Option(
    "--epochs",
    "N",
    help: "how often the data is read, in all (default 15)"
  )
  /// The rate.
  static let rate = Option("--rate", "R", help: "the learning rate (default: the definition's)")
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
  /// Which data, and how it is read.
  var request: DataRequest
  /// The folder; nil is named after the model.
  var folder: String?
  /// How many epochs in all.
  var epochs: Int
  /// The rate; nil is the definition's.
  var rate: Float?
  /// The seed; nil was not given.
  var seed: UInt64?
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
    request = try DataRequest(arguments)
    folder = arguments.text(.folder)
    epochs = try arguments.int(.epochs, in: 1...1_000_000) ?? 15
    rate = try arguments.number(
      .rate,
      in: .leastNonzeroMagnitude...Double(Float.greatestFiniteMagnitude)
    )
    .map { Float($0) }
    seed = try arguments.seed()
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
