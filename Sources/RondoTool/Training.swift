internal import ModelRuntime
internal import Rondo
internal import Workbench

/// A run of `rondo train`, checked as a whole before the folder is touched.
struct Training {
  /// What was asked for.
  private let plan: TrainingPlan
  /// The folder.
  private let folder: String
  /// The definition's text.
  private let definition: Definition
  /// What was compiled.
  private let artifact: Artifact
  /// Whether it was compiled by an earlier command.
  private let wasCached: Bool
  /// How long it took to compile, in seconds.
  private let compileSeconds: Double
  /// The data.
  private let data: TrainingData
  /// The data to train on.
  private let training: any BatchSource
  /// The data to choose the best weights by.
  private let validation: (any BatchSource)?
  /// Where the run goes on from.
  private let checkpoint: Checkpoint?
  /// The model at work.
  private let session: Session

  /// Reads the data, compiles the model and checks that the two fit; writes nothing.
  init(_ plan: TrainingPlan, _ definition: Definition, _ console: Console) throws {
    let start = Platform.now
    folder = try plan.folder ?? "build/\(Declarations(of: definition).model)"
    checkpoint = plan.resumes ? try Self.checkpoint(in: folder, plan) : nil
    let seed = checkpoint?.progress.seed ?? plan.seed ?? 0
    var request = plan.request
    request.seed = seed
    data = try TrainingData(definition, request, sizes: plan.building.options.sizes)
    var building = plan.building
    building.options.sizes = data.sizes
    var model = try building.generate(definition)
    if checkpoint != nil, !plan.hasBatch, let earlier = Self.batch(of: model.name, in: folder),
      earlier != model.manifest.batch
    {
      building.options.batch = earlier
      model = try building.generate(definition)
    }
    let isExact = building.options.unrolling == .full
    training = try data.trainingBatches(for: model.manifest, seed: seed, isExact: isExact)
    validation = try data.validationBatches(for: model.manifest, isExact: isExact)
    if checkpoint != nil {
      guard try DataForm.read(in: folder) == data.form else {
        let what = request.kind == .text ? "text" : "data"
        throw RuntimeError(
          "the \(what) is not the one that the run in \(quoted(folder)) began with",
          hint: "give that \(what) by --data, or begin anew with --overwrite"
        )
      }
    } else if !plan.overwrites {
      try Self.checkIsFree(folder)
    }
    try FolderContents(folder).check(for: definition)
    (artifact, wasCached) = try building.compile(model)
    compileSeconds = Platform.now - start
    building.sayTimes()
    session = try Session(building.open(artifact), threads: plan.threads)
    if let checkpoint {
      try checkpoint.restore(session)
    } else {
      try session.initialize(seed: seed)
    }
    self.plan = plan
    self.definition = definition
    // A trainer without a folder refuses what the real one will, and writes nothing.
    _ = try Trainer(
      session,
      training: training,
      validation: validation,
      options: plan.options(seed: seed, folder: nil)
    )
    if !plan.overwrites { try FolderContents(folder).check(for: artifact) }
  }

  /// Trains, and says how it went.
  func run(_ setting: Setting) throws -> Int32 {
    let console = setting.console
    try prepareFolder()
    let trainer = try Trainer(
      session,
      training: training,
      validation: validation,
      options: plan.options(seed: checkpoint?.progress.seed ?? plan.seed ?? 0, folder: folder)
    )
    if let checkpoint { try trainer.resume(checkpoint) }
    describe(console)
    Interruption.listen()
    let unit = data.unit
    var bar = ProgressBar(epochs: plan.epochs, unit: unit)
    let outcome = try trainer.run { event in
      switch event {
      case .batch(let report):
        let speed = data.isText ? report.positionsPerSecond : report.rowsPerSecond
        let line = bar.update(report, speed: speed, now: Platform.now)
        if console.isTerminal, let line { console.note(line) }
      case .epoch(let report):
        if console.isTerminal { console.note(ProgressBar.clear) }
        let speed = data.isText ? report.positionsPerSecond : report.rowsPerSecond
        console.line(RunText.epoch(report, of: plan.epochs, speed: speed, unit: unit))
        if plan.showsGradientFlow { describeFlow(console) }
      }
      return !Interruption.isAsked
    }
    if outcome == .stopped {
      if console.isTerminal { console.note(ProgressBar.clear) }
      console.line("stopped and saved; to go on: \(resumeCommand(setting.words))")
      return 130
    }
    if outcome == .exhausted, let patience = plan.patience {
      console.line(
        "stopped early: no better loss for \(NumberText.counted(patience, "epoch")), the best was in "
          + "epoch \(trainer.progress.bestEpoch)"
      )
    }
    try conclude(trainer, console)
    return 0
  }

  /// Says how much of the gradient comes to the first, the middle and the last step of each state.
  private func describeFlow(_ console: Console) {
    var source: any BatchSource = training
    do {
      for flow in try session.gradientFlows(&source) where !flow.norms.isEmpty {
        let places = [0, flow.norms.count / 2, flow.norms.count - 1]
        let norms = places.map { "\(NumberText.power(flow.norms[$0])) at \($0 + 1)" }
          .joined(separator: ", ")
        console.line("  gradient along \(flow.axis), \(flow.state): \(norms)")
      }
    } catch {
      console.note("rondo: \(error.message)\n")
    }
  }

  /// Writes the model, its definition and the vocabulary; removes what an earlier run left, if that was asked for.
  private func prepareFolder() throws {
    if plan.overwrites { try FolderContents(folder).remove() }
    try artifact.write(to: folder, overwrite: plan.overwrites)
    try Platform.replace(Platform.join(folder, DataForm.fileName), with: data.form.json)
    try Platform.replace(
      Platform.join(folder, FolderContents.definitionName),
      with: definition.bytes
    )
  }

  /// Says what is about to be trained.
  private func describe(_ console: Console) {
    let manifest = artifact.manifest
    console.line(
      "\(manifest.model): \(NumberText.counted(manifest.parameterCount, "parameter")), "
        + data.vocabularyText
        + (wasCached
          ? "compiled before" : "compiled in \(NumberText.seconds(compileSeconds))")
    )
    console.line("\(data.epochText(training, validation)); the folder is \(folder)")
    for source in [training, validation].compactMap({ $0 as? ExampleBatches }) {
      if let text = source.examples.skippedText { console.line(text) }
    }
    if let checkpoint {
      console.line("going on after update \(NumberText.grouped(Int(checkpoint.progress.update)))")
    }
  }

  /// A sample of the best weights, what the loss is to be compared with, what to do next.
  private func conclude(_ trainer: Trainer, _ console: Console) throws {
    let name = artifact.name
    let best = NumberText.fixed(trainer.progress.bestLoss, 4)
    let weights = Platform.join(folder, name + ".safetensors")
    try session.loadWeights(from: weights)
    let kind = validation == nil ? "training" : "validation"
    guard let text = data.text, let vocabulary = data.form.vocabularies.first?.vocabulary else {
      console.line("best \(kind) loss \(best)")
      console.line("weights: \(weights)")
      let place = shellWord(folder)
      console.line("next: rondo evaluate \(place) --data FILE, rondo predict \(place) --data FILE")
      return
    }
    if session.model.generates {
      let sample = try session.text(
        Generation(limit: 400, temperature: 0.7, seed: trainer.progress.seed),
        after: text.lastLines(limit: 500),
        vocabulary: vocabulary
      )
      console.line("\nfrom where the training text ends, at temperature 0.7:\n")
      console.line(String(decoding: sample, as: UTF8.self) + "\n")
    }
    let entropy = NumberText.fixed(Entropy.unigram(vocabulary.counts), 4)
    console.line(
      "best \(kind) loss \(best) nats a "
        + "\(data.unit); knowing only how often each occurs gives \(entropy)"
    )
    console.line("weights: \(weights)")
    if session.model.generates {
      let prompt = text.firstWords.map { " --prompt \(shellWord($0))" } ?? ""
      console.line("next: rondo generate \(shellWord(folder))\(prompt)")
    }
  }

  /// The command that goes on with this run.
  private func resumeCommand(_ words: [String]) -> String {
    let kept = words.filter { $0 != Option.overwrite.name && $0 != Option.resume.name }
    return (["rondo"] + kept + [Option.resume.name]).map(shellWord).joined(separator: " ")
  }
}

// MARK: - Checks

extension Training {
  /// The checkpoint to go on from.
  private static func checkpoint(in folder: String, _ plan: TrainingPlan) throws -> Checkpoint {
    let path = Platform.join(folder, FolderContents.checkpointName)
    guard try Platform.status(path) != nil else {
      throw RuntimeError(
        "there is no run in \(quoted(folder)) to go on with",
        hint: "begin one: leave out --resume"
      )
    }
    let checkpoint = try Checkpoint(path: path)
    if let seed = plan.seed, seed != checkpoint.progress.seed {
      throw RuntimeError(
        "the run in \(quoted(folder)) has the seed \(checkpoint.progress.seed), not \(seed)",
        hint: "leave out --seed"
      )
    }
    return checkpoint
  }

  /// The batch that the model in a folder was built for.
  private static func batch(of name: String, in folder: String) -> Int? {
    let path = Platform.join(folder, name + ".json")
    return (try? Manifest(json: Platform.read(path, limit: 1 << 26)))?.batch
  }

  /// Refuses to write over a run.
  private static func checkIsFree(_ folder: String) throws(RuntimeError) {
    let path = Platform.join(folder, FolderContents.checkpointName)
    guard try Platform.status(path) != nil else { return }
    throw RuntimeError(
      "\(quoted(folder)) holds a run already",
      hint: "go on with it by --resume, begin anew by --overwrite, or name another folder by -o"
    )
  }
}

/// A word as a shell reads it back.
func shellWord(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || "-_./=,:+@%".utf8.contains(byte)
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
