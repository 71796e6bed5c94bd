import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

@Suite struct TrainerTests {
  /// What a run leaves that does not hold a time.
  private struct Remains: Equatable {
    var weights: [UInt8]
    var checkpoint: [UInt8]
    var epochs: Int
  }

  /// Trains to the end in a folder, stopping and beginning anew after each of the batches named.
  private func train(
    _ model: CompiledModel,
    stoppingAfter stops: [UInt64],
    in folder: String
  ) throws -> Remains {
    for stop in stops + [UInt64.max] {
      let session = try Session(model)
      let trainer = try Trainer(
        session,
        training: TinyData(),
        validation: TinyData(batches: 2),
        options: .init(epochs: 3, seed: 11, folder: folder)
      )
      if try !trainer.resume() { try session.initialize(seed: 11) }
      let outcome = try trainer.run { event in
        if case .batch(let report) = event { return report.update < stop }
        return true
      }
      #expect(outcome == (stop == .max ? .finished : .stopped))
    }
    let log = try Platform.read(Platform.join(folder, "log.jsonl"))
    return Remains(
      weights: try Platform.read(Platform.join(folder, "tiny.safetensors")),
      checkpoint: try Platform.read(Platform.join(folder, "last.checkpoint")),
      epochs: log.count { $0 == UInt8(ascii: "\n") }
    )
  }

  /// A run that was stopped ends in the bytes of one that was not, wherever it was stopped.
  @Test func resumes() throws {
    let model = try TinyModel.loaded()
    try inFolder { folder in
      let whole = try train(model, stoppingAfter: [], in: Platform.join(folder, "whole"))
      #expect(whole.epochs == 3)
      for stop in UInt64(1)...21 {
        let parts = try train(
          model,
          stoppingAfter: [stop],
          in: Platform.join(folder, "\(stop)")
        )
        #expect(parts == whole)
      }
      let many = try train(model, stoppingAfter: Array(1...20), in: Platform.join(folder, "many"))
      #expect(many == whole)
    }
  }

  /// The loss falls, reports say how far it is, and the files are the folder's only ones.
  @Test func trains() throws {
    let model = try TinyModel.loaded()
    try inFolder { folder in
      let session = try Session(model)
      try session.initialize(seed: 1)
      let trainer = try Trainer(
        session,
        training: TinyData(),
        validation: TinyData(batches: 2),
        options: .init(
          epochs: 40,
          rate: 0.1,
          schedule: .step(every: 20, factor: 0.5),
          folder: folder
        )
      )
      var batches: [Trainer.BatchReport] = []
      var epochs: [Trainer.EpochReport] = []
      let outcome = try trainer.run { event in
        switch event {
        case .batch(let report): batches.append(report)
        case .epoch(let report): epochs.append(report)
        }
        return true
      }
      #expect(outcome == .finished)
      #expect(batches.count == 280)
      #expect(batches.allSatisfy { $0.total == 7 && $0.positionsPerSecond >= $0.rowsPerSecond })
      #expect(batches.last?.batch == 7 && batches.last?.epoch == 40)
      #expect(epochs.map(\.epoch) == Array(1...40))
      #expect(epochs.first?.rate == 0.1 && epochs.last?.rate == 0.05)
      let first = try #require(epochs.first?.validation.first)
      let last = try #require(epochs.last?.validation.first)
      #expect(first.name == "loss" && last.value < 0.01 && last.value < first.value)
      #expect(
        try Platform.list(folder) == ["last.checkpoint", "log.jsonl", "tiny.safetensors"]
      )
      // What was kept is the best, and gives its loss again.
      let best = try Session(model)
      try best.loadWeights(from: Platform.join(folder, "tiny.safetensors"))
      var data = TinyData(batches: 2)
      let again = try best.evaluate(&data)
      let least = epochs.compactMap { $0.validation.first?.value }.min()
      #expect(again.loss == least)
      #expect(again.measures.map(\.name) == ["loss"])
    }
  }

  /// Schedules, warm-up and the end of patience follow from the checkpoint: a run in parts has the rates
  /// of a whole one.
  @Test func schedules() throws {
    let model = try TinyModel.loaded()
    func rates(_ schedule: Schedule, patience: Int? = nil, stops: Bool) throws -> [Float] {
      var rates: [Float] = []
      try inFolder { folder in
        var outcome = Trainer.Outcome.stopped
        while outcome == .stopped {
          let session = try Session(model)
          try session.initialize(seed: 1)
          let trainer = try Trainer(
            session,
            training: TinyData(),
            validation: TinyData(batches: 2),
            options: .init(
              epochs: 8,
              rate: 0.6,
              schedule: schedule,
              warmUp: 10,
              patience: patience,
              folder: folder
            )
          )
          _ = try trainer.resume()
          outcome = try trainer.run { event in
            guard case .epoch(let report) = event else { return true }
            rates.append(report.rate)
            return !stops
          }
        }
        #expect(outcome == (patience == nil ? .finished : .exhausted))
      }
      return rates
    }
    let schedules: [Schedule] = [
      .constant, .cosine, .step(every: 3, factor: 0.1), .plateau(patience: 2, factor: 0.5),
    ]
    for schedule in schedules {
      let whole = try rates(schedule, stops: false)
      #expect(whole.count == 8 && whole[0] == 0.6)
      #expect(try rates(schedule, stops: true) == whole)
    }
    #expect(try abs(rates(.cosine, stops: false)[4] - 0.3) < 1e-6)
    #expect(try rates(.step(every: 3, factor: 0.5), stops: false).suffix(2) == [0.15, 0.15])
    let short = try rates(.constant, patience: 1, stops: true)
    #expect(short.count < 8)
    #expect(try rates(.constant, patience: 1, stops: false) == short)
  }

  /// While a run warms up its rate grows update by update.
  @Test func warmsUp() throws {
    let model = try TinyModel.loaded()
    func weights(_ warmUp: Int, _ rate: Float) throws -> [Float] {
      let session = try Session(model)
      try session.initialize(seed: 1)
      let options = Trainer.Options(rate: rate, warmUp: warmUp)
      _ = try Trainer(session, training: TinyData(batches: 1), options: options).run()
      return try session.get(.parameters, "w")
    }
    #expect(try weights(4, 0.2) == weights(0, 0.05))
    #expect(try weights(1, 0.2) == weights(0, 0.2))
  }

  /// Parts of unequal size merge to the mean over all positions.
  @Test func mergesExactly() throws {
    let session = try Session(TinyModel.loaded())
    var data = TinyData(batches: 3)
    let evaluation = try session.evaluate(&data)
    // All weights are 0, so the loss is the mean of the squared targets, over 4*3 + 4*3 + 2*2.
    var sum = 0.0
    let call = try EntryCall(session.model, entry: "evaluate")
    for number in 0..<3 {
      let batch = try #require(try data.fill(call, epoch: 0, number: number))
      try call.withInput(1, as: Float.self) { y in
        for row in 0..<batch.rows {
          for t in 0..<batch.positions / batch.rows {
            sum += Double(y[row * 3 + t] * y[row * 3 + t])
          }
        }
      }
    }
    #expect(abs(evaluation.loss - sum / 28) < 1e-6)
  }

  /// A loss that is not finite stops the run, says where, and leaves the last checkpoint.
  @Test func stopsAtInfinity() throws {
    try inFolder { folder in
      let session = try Session(TinyModel.loaded())
      try session.initialize(seed: 1)
      let trainer = try Trainer(
        session,
        training: TinyData(poisoned: 4),
        options: .init(folder: folder, checkpointEvery: 3)
      )
      let error = #expect(throws: RuntimeError.self) { try trainer.run() }
      #expect(error?.status == 9)
      #expect(error?.message == "tiny.train: the loss is not finite, in batch 5 of epoch 1")
      #expect(error?.hint?.contains("smaller rate") == true)
      let checkpoint = try Checkpoint(path: Platform.join(folder, "last.checkpoint"))
      #expect(checkpoint.progress.position == 3)
    }
  }

  /// What cannot be trained is refused before it begins.
  @Test func refuses() throws {
    let session = try Session(TinyModel.loaded())
    for rate in [0, -1, Float.nan, .infinity] {
      #expect(throws: RuntimeError.self) {
        try Trainer(session, training: TinyData(), options: .init(rate: rate))
      }
    }
    let empty = try Trainer(session, training: TinyData(batches: 0))
    #expect(throws: RuntimeError.self) { try empty.run() }
    let unchecked = try Trainer(session, training: TinyData(), validation: TinyData(batches: 0))
    #expect(throws: RuntimeError.self) { try unchecked.run() }
    var none = TinyData(batches: 0)
    #expect(throws: RuntimeError.self) { try session.evaluate(&none) }
  }

  /// A damaged checkpoint stops a run from going on, rather than from the beginning.
  @Test func refusesDamagedCheckpoint() throws {
    try inFolder { folder in
      let trainer = try Trainer(
        Session(TinyModel.loaded()),
        training: TinyData(),
        options: .init(folder: folder)
      )
      #expect(try !trainer.resume())
      try trainer.save()
      #expect(try trainer.resume())
      let path = Platform.join(folder, "last.checkpoint")
      var bytes = try Platform.read(path)
      bytes[70] ^= 4
      try Platform.replace(path, with: bytes)
      #expect(throws: RuntimeError.self) { try trainer.resume() }
    }
  }
}
