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
    options: DataRequest.options + [
      .validation, .folder, .epochs, .rate, .schedule, .warmUp, .patience, .seed,
    ]
      + Building.optionTable + [.gradientFlow, .saveEvery, .resume, .overwrite, .threads],
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
  /// How the rate changes.
  static let schedule = Option(
    "--schedule",
    "S",
    help: "how the rate changes: constant, cosine, step:EVERY,FACTOR or plateau:EPOCHS,FACTOR "
      + "(default constant)"
  )
  /// How slowly the rate begins.
  static let warmUp = Option(
    "--warm-up",
    "N",
    help: "updates over which the rate grows to its whole (default 0)"
  )
  /// When to give up.
  static let patience = Option(
    "--patience",
    "N",
    help: "stop after N epochs in a row without a best loss"
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
  /// Which data, and how it is read.
  var request: DataRequest
  /// The folder; nil is named after the model.
  var folder: String?
  /// How many epochs in all.
  var epochs: Int
  /// The rate; nil is the definition's.
  var rate: Float?
  /// How the rate changes.
  var schedule: Schedule
  /// Over how many updates it grows to its whole.
  var warmUp: Int
  /// After how many epochs without a best loss the run ends.
  var patience: Int?
  /// The seed; nil was not given.
  var seed: UInt64?
  /// How many updates are between two checkpoints within an epoch; nil is by the clock.
  var saveEvery: Int?
  /// Whether to go on from a checkpoint.
  var resumes: Bool
  /// Whether what the folder holds may be replaced.
  var overwrites: Bool
  /// Whether it is said how much of the gradient comes to each step.
  var showsGradientFlow: Bool
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
    schedule = try Self.schedule(arguments)
    warmUp = try arguments.int(.warmUp, in: 0...1_000_000_000) ?? 0
    patience = try arguments.int(.patience, in: 1...1_000_000)
    seed = try arguments.seed()
    saveEvery = try arguments.int(.saveEvery, in: 1...1_000_000_000)
    resumes = arguments.has(.resume)
    overwrites = arguments.has(.overwrite)
    showsGradientFlow = arguments.has(.gradientFlow)
    building.options.showsGradientFlow = showsGradientFlow
    hasBatch = arguments.has(.batch)
    threads = try arguments.threads()
    guard !resumes || !overwrites else {
      throw UsageError("--resume goes on with a run and --overwrite removes it, write one of them")
    }
  }

  /// The value of `--schedule`.
  private static func schedule(_ arguments: Arguments) throws(UsageError) -> Schedule {
    guard let text = arguments.text(.schedule) else { return .constant }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
    let every = numbers.first.flatMap(Int.init).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
    let factor = numbers.last.flatMap(Float.init).flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
    switch (parts.first.map(String.init), numbers.count, every, factor) {
    case ("constant", 0, _, _) where parts.count == 1: return .constant
    case ("cosine", 0, _, _) where parts.count == 1: return .cosine
    case ("step", 2, let every?, let factor?): return .step(every: every, factor: factor)
    case ("plateau", 2, let epochs?, let factor?):
      return .plateau(patience: epochs, factor: factor)
    default:
      throw UsageError(
        "--schedule takes constant, cosine, step:EVERY,FACTOR or plateau:EPOCHS,FACTOR with a factor "
          + "above 0 to 1, not \(quoted(text))"
      )
    }
  }

  /// What a trainer is told, with a seed and a folder, or to write nothing.
  func options(seed: UInt64, folder: String?) -> Trainer.Options {
    Trainer.Options(
      epochs: epochs,
      rate: rate,
      schedule: schedule,
      warmUp: warmUp,
      patience: patience,
      seed: seed,
      folder: folder,
      checkpointEvery: saveEvery ?? 0,
      checkpointSeconds: saveEvery == nil ? 60 : 0
    )
  }
}
