import Foundation
import ModelRuntime
import TestSupport
import Testing

@testable import Rondo
@testable import Workbench

/// Models that were never trained, on a few rows: what is said of them must agree with itself.
@Suite struct UsingTests {
  /// A classifier with probabilities.
  private static let classifier = """
    model classifier {
      size words, moods
      axis time
      input text: token(words) over time
      target mood: token(moods)
      layer embed = embedding(4), rnn = gru(4), score = linear(moods)
      logits = score(last(rnn(embed(text))))
      output logits as scores
      output argmax(logits) as answer
      loss cross_entropy(logits, mood)
      metric argmax(logits) == mood as accuracy
      train sgd(rate: 0.1)
    }

    """
  /// Rows for it.
  private static let moods =
    "mood\ttext\ngood\tnice film\nbad\ta film\ngood\tso nice a film\nodd\twell\nbad\tnot nice\n"

  /// Runs a body on a model with first weights, and the folder of its data.
  private func using(
    _ definition: String,
    _ text: String,
    as name: String = "data.tsv",
    _ change: (inout DataRequest) -> Void = { _ in },
    _ body: (TrainedModel, String) throws -> Void
  ) throws {
    try inFolder { folder in
      let path = Platform.join(folder, name)
      try Platform.replace(path, with: Array(text.utf8))
      var request = DataRequest(path, validation: .fraction(0))
      change(&request)
      let definition = DataFixture.definition(definition)
      let data = try TrainingData(definition, request)
      let compiler = Compiler(options: .init(sizes: data.sizes, batch: 3))
      let session = try Session(BuiltModels.build(compiler.generate(definition), 0))
      try session.initialize(seed: 4)
      try body(TrainedModel(session, form: data.form), path)
    }
  }

  /// Each row's answer is the class of the greatest probability, and the table counts it.
  @Test func predictsAndCounts() throws {
    try using(Self.classifier, Self.moods) { model, path in
      let examples = try model.examples(path, for: ["infer"])
      let prediction = try Prediction(model, probabilities: true)
      #expect(prediction.columns == ["scores.bad", "scores.good", "scores.odd", "answer"])
      var rows: [[String]] = []
      try prediction.run(examples) { place, cells in
        #expect(place == rows.count)
        rows.append(cells)
      }
      #expect(rows.count == 5)
      for row in rows {
        let shares = try row.prefix(3).map { try #require(Double($0)) }
        #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
        let best = try #require(shares.firstIndex { $0 == shares.max() })
        #expect(row[3] == ["bad", "good", "odd"][best])
      }
      let plain = try Prediction(model, probabilities: false)
      #expect(plain.columns == ["answer"])
      let typed = try model.example(["text": "so nice a film"], for: plain.entries)
      try plain.run(typed) { _, cells in #expect(cells == [rows[2][3]]) }
      #expect(try examples.reader.cells(of: 2) == ["good", "so nice a film"])

      let arrays = Platform.join(Platform.split(path).folder, "out.npz")
      try Platform.replace(arrays, with: model.predictedArrays(examples))
      let written = try ArrayFile(arrays)
      #expect(written.arrays.map(\.name) == ["scores", "answer"])
      #expect(written.arrays.map(\.shape) == [[5, 3], [5]])
      let answers = try written.arrays[1].numbers(at: 0, count: 5)
      #expect(answers.map { ["bad", "good", "odd"][Int($0)] } == rows.map { $0[3] })

      let judgement = try model.judge(path)
      let part = try #require(judgement.parts.first)
      let truth = ["good", "bad", "good", "odd", "bad"]
      let right = zip(truth, rows).filter { $0 == $1[3] }.count
      #expect(judgement.examples == 5 && part.rightTokens == right && part.tokens == 5)
      #expect(part.confusion?.total == 5 && part.confusion?.right == right)
      #expect(judgement.measures.map(\.name) == ["loss", "accuracy"])
      #expect(abs(judgement.measures[1].value - Double(right) / 5) < 1e-6)
      let json = try judgement.json
      #expect(json.contains(#""examples":5,"#) && json.contains(#""name":"odd","#))
      #expect(judgement.lines.contains { $0.hasPrefix("class") })
    }
  }

  /// The product of the steps is the whole, and the mean over all tokens is the loss.
  @Test func scoresByTheChainRule() throws {
    let rows = "question\tanswer\nab\tba\nc\t\nabc\tcba\n"
    try using(DataFixture.copier, rows, { $0.unit = .character }) { model, path in
      var (total, count) = (0.0, 0)
      try model.score(model.scoredRows(path), steps: true) { cells, score in
        #expect(score.tokens.count == cells[1].count + 1 && score.tokens.last == "<end>")
        #expect(score.steps.allSatisfy { $0 < 0 })
        #expect(abs(score.steps.reduce(0, +) - score.logProbability) < 1e-6)
        total += score.logProbability
        count += score.tokens.count
      }
      let judgement = try model.judge(path)
      #expect(abs(judgement.measures[0].value + total / Double(count)) < 1e-6)
      let perplexity = try #require(judgement.perplexity)
      #expect(abs(perplexity - exp(judgement.measures[0].value)) < 1e-9)
      let typed = try model.score(["question": "ab", "answer": "ba"], steps: false)
      #expect(typed.steps.isEmpty && typed.tokens == ["b", "a", "<end>"])
      // A character that was never seen is unknown, and no reason to stop.
      #expect(try model.score(["question": "z", "answer": "a"], steps: true).steps.count == 2)
    }
  }

  /// A row is drawn as it is scored, and what is drawn right is counted.
  @Test func drawsAnswers() throws {
    let rows = "question\tanswer\nab\tba\nc\tc\nabc\tcba\nb\tb\n"
    try using(DataFixture.copier, rows, { $0.unit = .character }) { model, path in
      let examples = try model.examples(path, for: ["evaluate", "begin"])
      var answers: [String] = []
      let prediction = try Prediction(model, probabilities: false)
      #expect(prediction.columns == ["answer"] && prediction.entries == ["begin"])
      try prediction.run(examples) { _, cells in answers += cells }
      #expect(answers.count == 4)
      let judgement = try model.judge(examples, drawing: true)
      let truth = ["ba", "c", "cba", "b"]
      var drawn: [GeneratedRow] = []
      try model.draw(examples, Generation(limit: 0, temperature: 0)) { _, _, row in
        drawn.append(row)
      }
      #expect(drawn.allSatisfy { $0.values.count <= 4 })
      let ended = zip(answers, drawn).enumerated().filter { index, pair in
        pair.0 == truth[index] && pair.1.values.last == 0
      }
      #expect(judgement.exactMatches == ended.count)
      // What is drawn does not depend on the batch that it is drawn in.
      for (row, (question, answer)) in zip(["ab", "c", "abc", "b"], answers).enumerated() {
        let one = try model.example(["question": question], for: ["begin"])
        try model.draw(one, Generation(limit: 0, temperature: 0)) { _, _, alone in
          #expect(alone.values == drawn[row].values)
          #expect(model.cell(alone, of: "answer") == answer)
        }
      }
    }
  }

  /// A long text is scored in windows that go on from each other.
  @Test func scoresLongTexts() throws {
    let model = try TextModel.loaded(TextModel.definition(carry: true), letters: 5, batch: 2)
    let session = try Session(model)
    try session.initialize(seed: 3)
    let vocabulary = Vocabulary(of: try text("abcabdabce\n"), hasEnd: false)
    #expect(vocabulary.count == 6)
    let small = Vocabulary(of: try text("abcabdabce"), hasEnd: false)
    let form = DataForm(text: small, input: "text", size: "letters", isCrossEntropy: true)
    let trained = try TrainedModel(session, form: form)
    let score = try trained.score(["text": "abcabdabce"], steps: true)
    #expect(score.steps.count == 10 && score.tokens.last == "e")
    var windows = try TextWindows(
      small.encode(text("abcabdabce")),
      input: TextInput(of: model.manifest),
      batch: 1,
      seed: nil
    )
    let loss = try session.evaluate(&windows).loss
    #expect(abs(loss * 10 + score.logProbability) < 1e-4)
    let other = DataForm(text: vocabulary, input: "text", size: "letters", isCrossEntropy: true)
    #expect(throws: RuntimeError.self) { try TrainedModel(session, form: other) }
  }

  /// Numbers are compared as numbers, and a forecast reaches beyond the series' end.
  @Test func forecasts() throws {
    let definition = """
      model forecaster {
        axis past
        input x: real over past
        target y: real
        layer rnn = gru(3), mix = linear(1)
        guess = mix(last(rnn(x)))[0]
        output guess
        loss mse(guess, y)
        train sgd(rate: 0.1)
      }

      """
    let series = "at,v\n" + (0..<8).map { "d\($0),\($0 % 3)\n" }.joined()
    let change: (inout DataRequest) -> Void = {
      $0.bindings = ["x": ["v"], "y": ["v"]]
      $0.window = 3
      $0.ahead = 2
    }
    try using(definition, series, as: "data.csv", change) { model, path in
      let judgement = try model.judge(path)
      let part = try #require(judgement.parts.first)
      #expect(judgement.examples == 4 && part.numbers == 4)
      #expect(abs(part.squaredError / 4 - judgement.measures[0].value) < 1e-5)
      let examples = try model.examples(path, for: ["infer"])
      var places: [Int] = []
      try Prediction(model, probabilities: false).run(examples) { place, cells in
        places.append(place)
        #expect(cells.allSatisfy { Float($0) != nil })
      }
      let rows = try places.flatMap { try examples.reader.cells(of: examples.numbers[$0]) }
      #expect(rows == ["5", "6", "7", "8", "9", "10"])
    }
  }

  /// What the model cannot be used for, or is given wrongly.
  @Test func refuses() throws {
    try using(Self.classifier, Self.moods) { model, path in
      func message(_ body: () throws -> Void) -> String {
        do {
          try body()
          return "nothing"
        } catch let error as RuntimeError { return error.message } catch { return "\(error)" }
      }
      #expect(
        message { _ = try model.score(["text": "a", "mood": "bad"], steps: false) }
          == "the loss of classifier does not say how likely a sequence is"
      )
      #expect(
        message { _ = try model.judge(path, drawing: true) }.hasPrefix("classifier draws no target")
      )
      #expect(
        message { _ = try model.example([:], for: ["infer"]) } == "nothing is given for 'text'"
      )
      #expect(
        message { _ = try model.example(["text": "a b c d e"], for: ["infer"]) }
          == "the length along time is 5, and the bound is 4"
      )
      #expect(
        message { _ = try model.example(["text": "a", "mood": "sad"], for: ["evaluate"]) }
          == "'mood': 'sad' is not among the 3 of the vocabulary"
      )
      #expect(
        message { _ = try model.examples(path, for: ["infer"], bindings: ["mood": ["x"]]) }
          == "classifier has no input 'mood' here, it has text"
      )
      #expect(
        message { _ = try model.examples("/tmp/a.npz", for: ["infer"]) }
          == "'/tmp/a.npz' is not of the kind that classifier was trained on"
      )
    }
  }
}

@Suite struct ConfusionTests {
  /// Precision, recall and the table, of an asymmetric example.
  @Test func counts() throws {
    var confusion = Confusion(names: ["cat", "dog", "newt", "unseen"])
    for (truth, guess) in [(0, 0), (0, 0), (0, 1), (1, 0), (2, 2), (2, 9)] {
      confusion.add(truth: Int32(truth), guess: Int32(guess))
    }
    #expect(confusion.total == 5 && confusion.right == 3)
    let scores = confusion.scores
    #expect(scores.map(\.name) == ["cat", "dog", "newt"])
    #expect(scores.map(\.count) == [3, 1, 1])
    #expect(scores[0].precision == 2.0 / 3 && scores[0].recall == 2.0 / 3)
    #expect(scores[1].precision == 0 && scores[1].f1 == 0 && scores[2].f1 == 1)
    #expect(
      confusion.table
        == "      cat  dog newt\ncat     2    1    .\ndog     1    .    .\nnewt    .    .    1"
    )
  }
}
