public import ModelRuntime

/// Trains a session: epochs, rate, validation, the best weights, checkpoints and a log.
///
/// A run that was stopped and goes on from its checkpoint ends in the same bytes as one that never
/// stopped. It belongs to one thread at a time.
public final class Trainer {
  /// How to train.
  public struct Options: Sendable {
    /// How many epochs in all.
    public var epochs: Int
    /// The learning rate; nil is the definition's.
    public var rate: Float?
    /// How the rate changes from epoch to epoch.
    public var schedule: Schedule
    /// Over how many updates, from the first, the rate grows to its whole; 0 begins with it.
    public var warmUp: Int
    /// After how many epochs in a row without a best loss the run ends; nil never.
    public var patience: Int?
    /// What first values, draws and the order of the data follow from.
    public var seed: UInt64
    /// Where weights, checkpoint and log go; nil writes nothing.
    public var folder: String?
    /// After how many batches a checkpoint is written within an epoch; 0 only at its end.
    public var checkpointEvery: Int
    /// After how many seconds a checkpoint is written within an epoch, whatever the batches; 0 never.
    public var checkpointSeconds: Double

    /// One epoch at the definition's rate, without files, unless told otherwise.
    public init(
      epochs: Int = 1,
      rate: Float? = nil,
      schedule: Schedule = .constant,
      warmUp: Int = 0,
      patience: Int? = nil,
      seed: UInt64 = 0,
      folder: String? = nil,
      checkpointEvery: Int = 0,
      checkpointSeconds: Double = 0
    ) {
      self.epochs = epochs
      self.rate = rate
      self.schedule = schedule
      self.warmUp = warmUp
      self.patience = patience
      self.seed = seed
      self.folder = folder
      self.checkpointEvery = checkpointEvery
      self.checkpointSeconds = checkpointSeconds
    }
  }

  /// What is told while training.
  public enum Event: Sendable {
    /// A batch is done.
    case batch(BatchReport)
    /// An epoch is done.
    case epoch(EpochReport)
  }

  /// A batch that is done.
  public struct BatchReport: Hashable, Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The batch in its epoch, from 1.
    public var batch: Int
    /// How many the epoch has, if known.
    public var total: Int?
    /// How many updates there were in all.
    public var update: UInt64
    /// The batch's loss.
    public var loss: Double
    /// Examples a second, since the epoch began or went on.
    public var rowsPerSecond: Double
    /// Positions (tokens, frames) a second.
    public var positionsPerSecond: Double
  }

  /// An epoch that is done.
  public struct EpochReport: Hashable, Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// How many updates there were in all.
    public var update: UInt64
    /// The rate it was trained at.
    public var rate: Float
    /// The mean loss of its batches, while the weights changed.
    public var trainingLoss: Double
    /// The loss and the metrics on the validation data; empty when there is none.
    public var validation: [Evaluation.Measure]
    /// Whether these weights are the best so far.
    public var isBest: Bool
    /// Examples a second in training, since the epoch began or went on.
    public var rowsPerSecond: Double
    /// Positions a second in training.
    public var positionsPerSecond: Double
    /// How long it took, in seconds, validation included.
    public var seconds: Double
  }

  /// How a run ended.
  public enum Outcome: Hashable, Sendable {
    /// All epochs are done.
    case finished
    /// The loss has not become better for as many epochs as the run has patience for.
    case exhausted
    /// The caller said stop; the checkpoint is written.
    case stopped
  }

  /// The session that is trained.
  public let session: Session
  /// How.
  public let options: Options
  /// How far the run has come.
  public private(set) var progress: Checkpoint.Progress
  /// The data to train on.
  private var training: any BatchSource
  /// The data to choose the best weights by.
  private var validation: (any BatchSource)?
  /// The arrays of `train`.
  private let call: EntryCall
  /// Which output of `train` is the loss.
  private let lossOutput: Int
  /// Carries the validation data's states, apart from the training data's.
  private let validationState: Block
  /// The log.
  private var log: RunLog?
  /// When the checkpoint was last written, or the run began.
  private var saved = Platform.now

  /// Prepares a run; the session's weights are those it has.
  ///
  /// - Parameters:
  ///   - session: what is trained.
  ///   - training: the data to train on.
  ///   - validation: the data to choose the best weights by; without it the training loss decides.
  ///   - options: how.
  /// - Throws: `RuntimeError` when the model cannot be trained, or there is no rate.
  public init(
    _ session: Session,
    training: any BatchSource,
    validation: (any BatchSource)? = nil,
    options: Options = Options()
  ) throws(RuntimeError) {
    let call = try EntryCall(session.model, entry: "train")
    guard let lossOutput = call.output(named: "loss") else {
      throw RuntimeError(.bug, "\(session.model.name).train has no output `loss`")
    }
    let rate = options.rate ?? session.model.defaultRate
    guard rate.isFinite, rate > 0 else {
      throw RuntimeError(
        "the rate \(rate) of \(session.model.name) is not above 0",
        hint: "give one by --rate"
      )
    }
    if validation != nil, session.model.manifest.entry("evaluate") == nil {
      throw RuntimeError(.unsupported, "\(session.model.name) has no entry `evaluate`")
    }
    for (index, tensor) in call.entry.outputs.enumerated() {
      call.setWanted(tensor.role == .loss, output: index)
    }
    self.session = session
    self.training = training
    self.validation = validation
    self.options = options
    self.call = call
    self.lossOutput = lossOutput
    progress = Checkpoint.Progress(seed: options.seed)
    validationState = try Block(byteCount: session.model.manifest.blocks.state)
    if let folder = options.folder {
      try Platform.makeFolder(folder)
      Platform.removeLeftovers(in: folder, olderThan: 3_600)
      log = RunLog(path: Platform.join(folder, "log.jsonl"))
    }
  }

  /// Goes back to where a checkpoint was written; the run's seed becomes its seed.
  ///
  /// - Throws: `RuntimeError` when it is damaged or of another model; then nothing is changed.
  public func resume(_ checkpoint: Checkpoint) throws(RuntimeError) {
    try checkpoint.restore(session)
    progress = checkpoint.progress
    try log?.rewind(to: Int(clamping: progress.epoch))
  }

  /// Goes back to `last.checkpoint` in the folder; false when there is none.
  public func resume() throws(RuntimeError) -> Bool {
    guard let path = checkpointPath, try Platform.status(path) != nil else { return false }
    try resume(Checkpoint(path: path))
    return true
  }

  /// Trains to the end of the last epoch, or until it is told to stop.
  ///
  /// - Parameter tell: called after each batch and epoch; says whether to go on.
  /// - Throws: `RuntimeError` for a loss that is not finite, for data and files; the checkpoint
  ///   stays as it was last written.
  public func run(_ tell: (Event) -> Bool = { _ in true }) throws(RuntimeError) -> Outcome {
    saved = Platform.now
    while Int(clamping: progress.epoch) < options.epochs {
      if let patience = options.patience, progress.epoch &- progress.bestEpoch >= patience {
        return .exhausted
      }
      if try !runEpoch(tell) {
        try save()
        return .stopped
      }
    }
    return .finished
  }

  /// Writes the checkpoint, if there is a folder for it.
  public func save() throws(RuntimeError) {
    guard let path = checkpointPath else { return }
    try Checkpoint(of: session, progress: progress).save(to: path)
    saved = Platform.now
  }

  /// Whether a checkpoint is due after a batch.
  private var isDue: Bool {
    let every = UInt64(clamping: options.checkpointEvery)
    let seconds = options.checkpointSeconds
    return every > 0 && progress.position % every == 0
      || seconds > 0 && Platform.now - saved >= seconds
  }

  /// Where the checkpoint is.
  private var checkpointPath: String? {
    options.folder.map { Platform.join($0, "last.checkpoint") }
  }

  /// The rest of an epoch; false when told to stop before its end.
  private func runEpoch(_ tell: (Event) -> Bool) throws(RuntimeError) -> Bool {
    let start = Platform.now
    let epoch = Int(clamping: progress.epoch)
    let factor = options.schedule.factor(
      epoch: epoch,
      of: options.epochs,
      reductions: Int(clamping: progress.reductions)
    )
    let rate = (options.rate ?? session.model.defaultRate) * factor
    var sums = Evaluation(call)
    sums.lossParts = (progress.lossSum, progress.lossCount)
    var rows = 0
    var positions = 0
    while let batch = try fill(epoch) {
      try call.set(.rate, to: rate * warmth)
      let loss = try update(batch)
      try sums.add(call, rows: batch.rows)
      progress.update += 1
      progress.position += 1
      (progress.lossSum, progress.lossCount) = sums.lossParts
      rows += batch.rows
      positions += batch.positions
      let seconds = max(Platform.now - start, 1e-9)
      let report = BatchReport(
        epoch: epoch + 1,
        batch: Int(clamping: progress.position),
        total: batch.total,
        update: progress.update,
        loss: loss,
        rowsPerSecond: Double(rows) / seconds,
        positionsPerSecond: Double(positions) / seconds
      )
      if isDue { try save() }
      guard tell(.batch(report)) else { return false }
    }
    guard progress.position > 0 else {
      throw RuntimeError("there is no batch to train \(session.model.name) on")
    }
    let seconds = max(Platform.now - start, 1e-9)
    let speed = (rows: Double(rows) / seconds, positions: Double(positions) / seconds)
    return try endEpoch(rate: rate, loss: sums.loss, start: start, speed: speed, tell)
  }

  /// What the rate of the next update is multiplied by while the run warms up.
  private var warmth: Float {
    let updates = UInt64(clamping: options.warmUp)
    return progress.update < updates ? Float(progress.update + 1) / Float(updates) : 1
  }

  /// The next batch of an epoch, put into the call.
  private func fill(_ epoch: Int) throws(RuntimeError) -> Batch? {
    try training.fill(call, epoch: epoch, number: Int(clamping: progress.position))
  }

  /// One update; the batch's loss.
  private func update(_ batch: Batch) throws(RuntimeError) -> Double {
    try call.set(.seed, to: drawSeed(progress.seed, update: progress.update))
    // The row's number in the epoch, where all batches but the last are whole.
    call.firstExample = UInt32(
      truncatingIfNeeded: progress.position &* UInt64(session.model.manifest.batch)
    )
    let place = "in batch \(progress.position + 1) of epoch \(progress.epoch + 1)"
    do {
      try session.run(call)
    } catch {
      var error = error
      error.message += ", \(place)"
      if error.status == notFinite { error.hint = "try a smaller rate or clip_norm" }
      throw error
    }
    let loss = try Evaluation.number(call, lossOutput)
    guard loss.isFinite else {
      throw RuntimeError(
        "the loss of \(session.model.name) is \(loss), \(place)",
        hint: "try a smaller rate or clip_norm"
      )
    }
    return loss
  }

  /// Validates, keeps the best weights, writes log and checkpoint; false when told to stop.
  private func endEpoch(
    rate: Float,
    loss: Double,
    start: Double,
    speed: (rows: Double, positions: Double),
    _ tell: (Event) -> Bool
  ) throws(RuntimeError) -> Bool {
    var measures: [Evaluation.Measure] = []
    var deciding = loss
    if var source = validation {
      let evaluation = try session.evaluate(
        &source,
        state: validationState,
        seed: progress.seed
      )
      validation = source
      measures = evaluation.measures
      deciding = evaluation.loss
    }
    guard deciding.isFinite else {
      throw RuntimeError(
        "the loss of \(session.model.name) after epoch \(progress.epoch + 1) is \(deciding)",
        hint: "try a smaller rate or clip_norm"
      )
    }
    let isBest = deciding < progress.bestLoss
    if isBest {
      progress.bestLoss = deciding
      if let folder = options.folder {
        try session.saveWeights(
          to: Platform.join(folder, session.model.name + ".safetensors"),
          metadata: ["epoch": "\(progress.epoch + 1)", "update": "\(progress.update)"]
        )
      }
    }
    progress.epoch += 1
    if isBest { progress.bestEpoch = progress.epoch }
    if case .plateau(let patience, _) = options.schedule,
      progress.epoch - max(progress.bestEpoch, progress.reducedEpoch) >= patience
    {
      progress.reductions += 1
      progress.reducedEpoch = progress.epoch
    }
    progress.position = 0
    progress.lossSum = 0
    progress.lossCount = 0
    let report = EpochReport(
      epoch: Int(clamping: progress.epoch),
      update: progress.update,
      rate: rate,
      trainingLoss: loss,
      validation: measures,
      isBest: isBest,
      rowsPerSecond: speed.rows,
      positionsPerSecond: speed.positions,
      seconds: Platform.now - start
    )
    try log?.append(report)
    try save()
    return tell(.epoch(report))
  }
}

/// The status of a loss or norm that is not finite, `RONDO_NOT_FINITE`.
let notFinite: Int32 = 9
