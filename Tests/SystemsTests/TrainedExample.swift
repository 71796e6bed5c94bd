import Foundation
import ModelRuntime
import Rondo
import Synchronization
import Testing
import Workbench

@testable import RondoTool

/// A folder that the command has trained a model into.
struct TrainedExample: Sendable, CustomTestStringConvertible {
  /// A line of the log.
  struct Epoch: Sendable, Decodable {
    /// The mean loss of its batches.
    var loss: Double
    /// The loss and the metrics on what is only looked at.
    var validation: [String: Double]
    /// Whether its weights were the best so far.
    var best: Bool
  }

  /// What it was trained from.
  let example: Example
  /// The words of the command.
  let words: [String]
  /// The folder.
  let folder: String
  /// What the command wrote.
  let output: String
  /// The epochs.
  let epochs: [Epoch]

  /// Whatever the tests of this process write, removed at its end.
  static let workshop: String? = {
    atexit {
      if let folder = TrainedExample.workshop { try? Platform.remove(folder) }
    }
    return try? Platform.makePrivateFolder(in: "/tmp")
  }()

  /// Runs the command of an example's head comment.
  ///
  /// - Parameters:
  ///   - data: another file to train on.
  ///   - isQuick: `true` compiles with less effort than the command would, which changes no bit and takes a
  ///     third of the time.
  init(_ example: Example, data: String? = nil, isQuick: Bool = true) throws {
    let workshop = try #require(Self.workshop)
    let suffix = (data.map { "-" + Platform.split($0).name } ?? "") + (isQuick ? "" : "-whole")
    self.example = example
    folder = Platform.join(workshop, example.name + suffix)
    words = example.words(data: data, folder: folder) + (isQuick ? ["--cc-flag=-O1"] : [])
    let ran = try Self.run(words)
    output = ran.output
    try #require(ran.code == 0, "\(example.name): \(ran.notes)")
    let log = try Platform.read(Platform.join(folder, "log.jsonl"))
    epochs = try log.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Epoch.self, from: Data($0))
    }
  }

  /// Runs a command in this process, with a cache of its own.
  static func run(_ words: [String]) throws -> (code: Int32, output: String, notes: String) {
    var environment = Platform.environment
    environment["RONDO_CACHE"] = Platform.join(try #require(workshop), "cache")
    let collected = Collected()
    let result = Tool.run(
      words,
      console: Console(
        write: { text in collected.texts.withLock { $0.output += text } },
        note: { text in collected.texts.withLock { $0.notes += text } },
        isTerminal: false
      ),
      environment: environment
    )
    let all = collected.texts.withLock { $0 }
    return (result, all.output, all.notes)
  }

  /// What a command writes.
  private final class Collected: Sendable {
    let texts = Mutex((output: "", notes: ""))
  }

  var testDescription: String { example.name }

  /// The epoch whose weights are kept.
  var best: Epoch? { epochs.last { $0.best } }

  /// The value of what an expectation is about.
  func value(of expectation: Example.Expectation) -> Double? {
    if expectation.isValidation { return best?.validation[expectation.measure] }
    return expectation.measure == "loss" ? epochs.last?.loss : nil
  }

  /// The model with the weights that are kept.
  func session() throws -> Session {
    let session = try Session(CompiledModel(folder: folder))
    try session.loadWeights(from: Platform.join(folder, example.name + ".safetensors"))
    return session
  }

  /// How it reads data, and what its tokens mean.
  func form() throws -> DataForm { try DataForm.read(in: folder) }

  /// Its data in the file's order, all of it to train on.
  func wholeData() throws -> TrainingData {
    let arguments = try Arguments(Array(words.dropFirst()), for: .train)
    var request = try DataRequest(arguments)
    request.validation = .fraction(0)
    return try TrainingData(example.definition, request)
  }

  /// What `rondo COMMAND FOLDER ..` writes.
  func says(_ command: String, _ words: [String]) throws -> String {
    let ran = try Self.run([command, folder] + words.map(Example.found))
    try #require(ran.code == 0, "\(command): \(ran.notes)")
    return ran.output
  }

  /// What `rondo evaluate` finds on a file.
  struct Judgement: Decodable {
    /// The loss and the metrics.
    var measures: [String: Double]
    /// Which share of the rows is right when it is drawn.
    var exactMatch: Double?

    private enum CodingKeys: String, CodingKey {
      case measures
      case exactMatch = "exact_match_drawn"
    }
  }

  /// What `rondo evaluate` finds on a file in `graphs/data`.
  func judgement(on file: String, _ options: String...) throws -> Judgement {
    let words = ["evaluate", folder, "--data", Example.found("graphs/data/" + file), "--json"]
    let ran = try Self.run(words + options)
    try #require(ran.code == 0, "\(ran.notes)")
    return try JSONDecoder().decode(Judgement.self, from: Data(ran.output.utf8))
  }
}

/// The examples trained so far: each once, whoever asks for it meanwhile waits.
final class TrainedExamples: Sendable {
  /// All of them.
  private static let shared = TrainedExamples()

  /// One training.
  private final class Slot: Sendable {
    let model = Mutex<TrainedExample?>(nil)
  }

  private let slots = Mutex<[String: Slot]>([:])

  /// The example of that name, trained as its head comment says.
  static func model(_ name: String) throws -> TrainedExample {
    let slot = shared.slots.withLock { slots in
      let slot = slots[name] ?? Slot()
      slots[name] = slot
      return slot
    }
    return try slot.model.withLock { model in
      if let model { return model }
      let trained = try TrainedExample(Example(name))
      model = trained
      return trained
    }
  }
}
