internal import ModelRuntime

/// `log.jsonl`: one line of JSON for each epoch that is done.
struct RunLog {
  /// A line.
  private struct Line: Encodable {
    /// The epoch, from 1.
    var epoch: Int
    /// How many updates there were in all.
    var update: UInt64
    /// The rate it was trained at.
    var rate: Float
    /// The mean loss of its batches.
    var loss: Double
    /// The loss and metrics on the validation data.
    var validation: [String: Double]
    /// Whether its weights were the best so far.
    var best: Bool
    /// Examples a second in training.
    var examplesPerSecond: Double
    /// Positions a second in training.
    var positionsPerSecond: Double
    /// How long it took.
    var seconds: Double

    /// The names in the line.
    private enum CodingKeys: String, CodingKey {
      case epoch, update, rate, loss, validation, best, seconds
      case examplesPerSecond = "examples_per_second"
      case positionsPerSecond = "positions_per_second"
    }
  }

  /// Where it is.
  let path: String
  /// The lines so far.
  private var lines: [[UInt8]] = []

  /// A log that is empty until the first epoch ends.
  init(path: String) {
    self.path = path
  }

  /// Takes up a log after that many epochs; what was written beyond is forgotten.
  mutating func rewind(to epochs: Int) throws(RuntimeError) {
    lines = []
    guard try Platform.status(path) != nil else { return }
    let all = try Platform.read(path).split(separator: UInt8(ascii: "\n"))
    lines = all.prefix(epochs).map(Array.init)
  }

  /// Adds an epoch, and writes all lines in one step.
  mutating func append(_ report: Trainer.EpochReport) throws(RuntimeError) {
    var validation: [String: Double] = [:]
    // A metric may be without a value, which JSON has no number for.
    for measure in report.validation where measure.value.isFinite {
      validation[measure.name] = measure.value
    }
    let line = Line(
      epoch: report.epoch,
      update: report.update,
      rate: report.rate,
      loss: report.trainingLoss,
      validation: validation,
      best: report.isBest,
      examplesPerSecond: report.rowsPerSecond,
      positionsPerSecond: report.positionsPerSecond,
      seconds: report.seconds
    )
    lines.append(try JSON.encode(line, what: "a line of the log"))
    try Platform.replace(path, with: lines.flatMap { $0 + [UInt8(ascii: "\n")] })
  }
}
