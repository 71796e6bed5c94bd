import ModelRuntime
import TestSupport
import Testing

@testable import Rondo
@testable import Workbench

/// Small definitions, and what is read for them.
enum DataFixture {
  /// A tagger: two sequences of one length, a vocabulary each.
  static let tagger = """
    model tagger {
      size words, tags
      axis word
      input text: token(words) over word
      target tag: token(tags) over word
      layer embed = embedding(6), rnn = bidirectional(gru(6)), score = linear(tags)
      logits = score(rnn(embed(text)))
      output argmax(logits) as answer
      loss cross_entropy(logits, tag)
      metric argmax(logits) == tag as accuracy
      train adam(rate: 0.02)
    }

    """
  /// Numbers of every form a cell can have.
  static let numbers = """
    model numbers {
      size width
      axis time
      input x: real[width] over time
      input once: real[2]
      input line: real over time
      target y: real
      layer rnn = gru(3), mix = linear(1)
      guess = mix(concat(last(rnn(concat(x, [line, 1]))), once))[0]
      output guess
      loss mse(guess, y)
      train sgd(rate: 0.1)
    }

    """
  /// An encoder-decoder that writes until its end.
  static let copier = """
    model copier {
      size symbols
      axis source
      axis result
      input question: token(symbols) over source
      target answer: token(symbols) over result
      layer embed = embedding(8), encoder = gru(8), decoder = gru(8), score = linear(symbols)
      start = last(encoder(embed(question)))
      logits = score(decoder(embed(previous(answer)), h: start))
      loss cross_entropy(logits, answer)
      train adam(rate: 0.02)
      generate answer from logits until 0
    }

    """

  /// A definition.
  static func definition(_ text: String) -> Definition {
    Definition(name: "test.graph", bytes: Array(text.utf8))
  }

  /// The data that a definition gets from a file of that text.
  static func data(
    _ definition: String,
    _ text: String,
    as name: String = "data.tsv",
    _ change: (inout DataRequest) -> Void = { _ in }
  ) throws -> TrainingData {
    var result: Result<TrainingData, any Error> = .failure(RuntimeError("nothing was read"))
    try inFolder { folder in
      let path = Platform.join(folder, name)
      try Platform.replace(path, with: Array(text.utf8))
      var request = DataRequest(path, validation: .fraction(0))
      change(&request)
      result = Result { try TrainingData(Self.definition(definition), request) }
    }
    return try result.get()
  }

  /// The first example's values by name.
  static func example(_ data: TrainingData, _ number: Int = 0) throws -> [String: FieldValue] {
    guard case .examples(let set) = data.training else { return [:] }
    let values = try set.reader.values(of: set.numbers[number]).get()
    return Dictionary(uniqueKeysWithValues: zip(set.reader.fields.map(\.name), values))
  }

  /// The message of what a definition's data is refused by.
  static func refusal(
    _ definition: String,
    _ text: String,
    as name: String = "data.tsv",
    _ change: (inout DataRequest) -> Void = { _ in }
  ) -> String {
    do {
      _ = try data(definition, text, as: name, change)
      return "nothing"
    } catch let error as RuntimeError {
      // The folder is another one each time.
      guard let end = error.message.firstRange(of: "/" + name) else { return error.message }
      return "'" + error.message[end.lowerBound...].dropFirst()
    } catch {
      return "\(error)"
    }
  }
}
