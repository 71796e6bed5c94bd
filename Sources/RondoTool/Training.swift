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
  /// The text.
  private let text: TrainingText
  /// What the tokens mean.
  private let vocabulary: Vocabulary
  /// The data to train on.
  private let training: TextWindows
  /// The data to choose the best weights by.
  private let validation: TextWindows?
  /// Where the run goes on from.
  private let checkpoint: Checkpoint?
  /// The model at work.
  private let session: Session

  /// Reads the data, compiles the model and checks that the two fit; writes nothing.
  init(_ plan: TrainingPlan, _ definition: Definition, _ console: Console) throws {
    let openings = try Compiler.openings(of: definition)
    let size = try TextInput.size(among: openings, given: plan.building.options.sizes)
    let data = try TrainingText(plan)
    var building = plan.building
    func generate(hasEnd: Bool) throws -> (GeneratedModel, Vocabulary) {
      let vocabulary = Vocabulary(of: data.whole, hasEnd: hasEnd)
      if let size { building.options.sizes[size] = vocabulary.count }
      return (try building.generate(definition), vocabulary)
    }
    let start = Platform.now
    var (model, vocabulary) = try generate(hasEnd: false)
    // Only the compiled model says whether its rows end, and under which name it is kept.
    folder = plan.folder ?? "build/\(model.name)"
    let hasEnd = model.manifest.until != nil
    checkpoint = plan.resumes ? try Self.checkpoint(in: folder, plan) : nil
    if checkpoint != nil, !plan.hasBatch, let earlier = Self.batch(of: model.name, in: folder) {
      building.options.batch = earlier
    }
    if hasEnd || building.options.batch != model.manifest.batch {
      (model, vocabulary) = try generate(hasEnd: hasEnd)
    }
    let input = try TextInput(of: model.manifest, exact: building.options.unrolling == .full)
    try vocabulary.check(fits: input.tokens, of: input.name)
    if checkpoint != nil {
      guard try Vocabulary.read(in: folder) == vocabulary else {
        throw RuntimeError(
          "the text is not the one that the run in \(quoted(folder)) began with",
          hint: "give that text by --data, or begin anew with --overwrite"
        )
      }
    } else if !plan.overwrites {
      try Self.checkIsFree(folder)
    }
    let batch = model.manifest.batch
    let seed = checkpoint?.progress.seed ?? plan.seed ?? 0
    training = try data.windows(data.training, vocabulary, input, batch, seed)
    validation = try data.validation.map { text in
      try data.windows(text, vocabulary, input, batch, nil)
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
    self.vocabulary = vocabulary
    text = data
    // A trainer without a folder refuses what the real one will, and writes nothing.
    _ = try Trainer(
      session,
      training: training,
      validation: validation,
      options: .init(epochs: plan.epochs, rate: plan.rate)
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
      options: .init(
        epochs: plan.epochs,
        rate: plan.rate,
        seed: checkpoint?.progress.seed ?? plan.seed ?? 0,
        folder: folder,
        checkpointEvery: plan.saveEvery ?? 0,
        checkpointSeconds: plan.saveEvery == nil ? 60 : 0
      )
    )
    if let checkpoint { try trainer.resume(checkpoint) }
    describe(console)
    Interruption.listen()
    let unit = plan.unit.rawValue
    var bar = ProgressBar()
    var speed = 0.0
    let outcome = try trainer.run { event in
      switch event {
      case .batch(let report):
        speed = report.positionsPerSecond
        if console.isTerminal,
          let line = bar.update(report, epochs: plan.epochs, unit: unit, now: Platform.now)
        {
          console.note(line)
        }
      case .epoch(let report):
        if console.isTerminal { console.note(ProgressBar.clear) }
        console.line(RunText.epoch(report, of: plan.epochs, speed: speed, unit: unit))
      }
      return !Interruption.isAsked
    }
    if outcome == .stopped {
      if console.isTerminal { console.note(ProgressBar.clear) }
      console.line("stopped and saved; to go on: \(resumeCommand(setting.words))")
      return 130
    }
    try conclude(trainer, console)
    return 0
  }

  /// Writes the model, its definition and the vocabulary; removes what an earlier run left, if that was asked for.
  private func prepareFolder() throws {
    if plan.overwrites { try FolderContents(folder).remove() }
    try artifact.write(to: folder, overwrite: plan.overwrites)
    try Platform.replace(Platform.join(folder, Vocabulary.fileName), with: vocabulary.json)
    try Platform.replace(
      Platform.join(folder, FolderContents.definitionName),
      with: definition.bytes
    )
  }

  /// Says what is about to be trained.
  private func describe(_ console: Console) {
    let manifest = artifact.manifest
    let unit = plan.unit.rawValue
    console.line(
      "\(manifest.model): \(NumberText.counted(manifest.parameterCount, "parameter")), "
        + "\(NumberText.counted(vocabulary.count, "different \(unit)")), "
        + (wasCached
          ? "compiled before" : "compiled in \(NumberText.seconds(compileSeconds))")
    )
    console.line(
      "an epoch is \(NumberText.counted(training.batchCount, "batch")) of \(training.rows) x "
        + "\(training.input.length) \(unit)s; the folder is \(folder)"
    )
    if let checkpoint {
      console.line("going on after update \(NumberText.grouped(Int(checkpoint.progress.update)))")
    }
  }

  /// A sample of the best weights, what the loss is to be compared with, what to do next.
  private func conclude(_ trainer: Trainer, _ console: Console) throws {
    let name = artifact.name
    let entropy = NumberText.fixed(Entropy.unigram(vocabulary.counts), 4)
    let best = NumberText.fixed(trainer.progress.bestLoss, 4)
    let weights = Platform.join(folder, name + ".safetensors")
    try session.loadWeights(from: weights)
    if session.model.generates {
      let sample = try session.text(
        Generation(limit: 400, temperature: 0.7, seed: trainer.progress.seed),
        after: text.training.lastLines(limit: 500),
        vocabulary: vocabulary
      )
      console.line("\nfrom where the training text ends, at temperature 0.7:\n")
      console.line(String(decoding: sample, as: UTF8.self) + "\n")
    }
    console.line(
      "best \(validation == nil ? "training" : "validation") loss \(best) nats a "
        + "\(plan.unit.rawValue); knowing only how often each occurs gives \(entropy)"
    )
    console.line("weights: \(weights)")
    if session.model.generates {
      let prompt = text.training.firstWords.map { " --prompt \(shellWord($0))" } ?? ""
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
