import Foundation
import ModelRuntime
import Rondo
import TestSupport
import Testing
import Workbench

@Suite("Rows 7 to 17: words and series") struct WordRowsTests {
  /// A sentence's tokens.
  private func tokens(_ sentence: String, of input: String, _ form: DataForm) throws -> [Int32] {
    let vocabulary = try #require(form.vocabulary(of: input))
    return try sentence.split(separator: " ").map { word in
      try #require(vocabulary.token(of: String(word)))
    }
  }

  @Test("row 7: the loss falls, and the accuracy is printed each epoch")
  func accuracyEachEpoch() throws {
    let trained = try TrainedExamples.model("simple_rnn_classifier")
    let losses = trained.epochs.map(\.loss)
    #expect(losses.count == 20)
    #expect(try #require(losses.last) < 0.2 * #require(losses.first))
    let lines = trained.output.split(separator: "\n").filter { $0.hasPrefix("epoch ") }
    #expect(lines.count == 20 && lines.allSatisfy { $0.contains("accuracy") })
  }

  @Test("row 10: every beginning of the sentences is gone on with rightly")
  func nextWord() throws {
    let trained = try TrainedExamples.model("next_word")
    #expect(try trained.judgement(on: "next_word.tsv").measures["accuracy"] == 1)
    #expect(try trained.says("predict", ["when night"]).contains("falls"))
  }

  @Test("row 11: a text's chance is the product of its words', each given those before")
  func chainRule() throws {
    let trained = try TrainedExamples.model("word_lm")
    let session = try trained.session()
    let text = try tokens("Clara has nine loaves. She keeps them in", of: "text", trained.form())
    let whole = try session.infer(
      lengths: ["word": [Int32(text.count)]],
      ["text": .int(padded([text], to: 35, with: -1))]
    )
    // A chance that is asked for by itself: that of the last word of a beginning.
    var product = 0.0
    for count in 1...text.count {
      let part = try session.infer(
        lengths: ["word": [Int32(count)]],
        ["text": .int(padded([Array(text.prefix(count))], to: 35, with: -1))]
      )
      product += log(Double(try #require(part["chances"])[count - 1]))
    }
    let logarithm = Double(try #require(whole["log_probability"]?.first))
    #expect(abs(logarithm - product) < 1e-4)
    #expect(logarithm < 0)
    #expect(trained.output.contains("perplexity"))
  }

  @Test("row 12: tying halves the words' weights, and adds the gradients of both uses")
  func tying() throws {
    let (untied, tied) = try (
      TrainedExamples.model("word_lm").session(), TrainedExamples.model("word_lm_tied").session()
    )
    let table = try tied.get(.parameters, "embed.weight")
    let counts = [untied, tied].map { session in
      session.model.manifest.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
    #expect(counts[0] - counts[1] == table.count)
    for name in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
      try untied.set(.parameters, "rnn." + name, tied.get(.parameters, "rnn." + name))
    }
    try untied.set(.parameters, "embed.weight", table)
    try untied.set(.parameters, "score.weight", table)
    try untied.set(.parameters, "score.bias", tied.get(.parameters, "bias"))
    var random = SmallRandom(seed: 3)
    let words = table.count / 64
    let text = (0..<2 * 35).map { _ in Int32(random.below(words)) }
    let inputs = ["text": TensorData.int(text), "fresh": .byte([1, 1])]
    let one = try tied.run("gradients", batch: 2, inputs: inputs)
    let two = try untied.run("gradients", batch: 2, inputs: inputs)
    let sum = zip(
      try #require(two["embed.weight"]).numbers,
      try #require(two["score.weight"]).numbers
    )
    .map { $0 + $1 }
    let found = try #require(one["embed.weight"]).numbers
    #expect(found.count == table.count && sum.count == table.count)
    #expect(relativeError(found, to: sum) < 1e-5)
  }

  @Test("row 13: all tags of the training sentences are right, and padding counts for nothing")
  func tagging() throws {
    let trained = try TrainedExamples.model("tagger")
    #expect(try trained.judgement(on: "tags.tsv").measures["accuracy"] == 1)
    let session = try trained.session()
    let form = try trained.form()
    let sentences = [
      "she watches some watches", "the old farmer plants these green plants in the garden",
    ]
    let rows = try sentences.map { try tokens($0, of: "text", form) }
    let together = try session.run(
      "infer",
      batch: 2,
      lengths: ["word": rows.map { Int32($0.count) }],
      inputs: ["text": .int(padded(rows, to: 12, with: -7))]
    )
    let tags = try #require(form.vocabulary(of: "tag"))
    let answers = try #require(together["answer"]).tokens
    let first = answers.prefix(4).compactMap { tags.entry(of: $0) }
    #expect(first == ["pronoun", "verb", "article", "noun"])
    let alone = try session.run(
      "infer",
      batch: 1,
      lengths: ["word": [4]],
      inputs: ["text": .int(padded([rows[0]], to: 12, with: 99))]
    )
    #expect(try #require(alone["answer"]).tokens == Array(answers.prefix(12)))
  }

  @Test(
    "row 14: a sentence of one's own is judged, whichever way the states are pooled",
    arguments: ["sentiment_last", "sentiment_mean", "sentiment_max"]
  )
  func mood(_ name: String) throws {
    let trained = try TrainedExamples.model(name)
    for (sentence, mood) in [
      ("the film was boring", "bad"), ("i loved the book", "good"),
      ("the meal was not bad", "good"),
    ] {
      let said = try trained.says("predict", [sentence])
      let answer = said.split(separator: "\n").first { $0.hasPrefix("answer") }
      #expect(answer?.hasSuffix(mood) == true, "\(sentence): \(said)")
    }
  }

  @Test(
    "rows 15 and 16: from its first words the story is told to its end",
    arguments: ["text_rnn", "text_lstm"]
  )
  func story(_ name: String) throws {
    let trained = try TrainedExamples.model(name)
    let story = ExampleData.story
    let start = "once upon a time an old"
    #expect(story.hasPrefix(start))
    let text = try trained.says(
      "generate",
      ["--prompt", start, "--length", "110", "--temperature", "0"]
    )
    // The last word is written without the line's end that follows it in the story.
    #expect(story.hasPrefix(text.trimmingCharacters(in: .newlines)))
    #expect(text.count > 500)
  }

  @Test("row 17: names end by themselves, and the same seed gives the same names")
  func names() throws {
    let trained = try TrainedExamples.model("place_names")
    let session = try trained.session()
    let letters = try #require(try trained.form().vocabulary(of: "name"))
    func names(_ seed: UInt64, limit: Int) throws -> [[Int32]] {
      try session.generate(Generation(limit: limit, seed: seed), batch: 16).map(\.values)
    }
    let first = try names(5, limit: 20)
    #expect(try names(5, limit: 20) == first)
    #expect(try names(6, limit: 20) != first)
    #expect(first.count { $0.last == 0 } >= 15)
    #expect(first.allSatisfy { !$0.dropLast().contains(0) })
    #expect(try names(5, limit: 4).allSatisfy { $0.count == 4 })
    let written = first.map { letters.decode(Array($0.dropLast())) }
      .map { String(decoding: $0, as: UTF8.self) }
    let known = ExampleData.placeNames(rows: 120, seed: 9).split(separator: "\n").map(String.init)
    #expect(written.contains { !known.contains($0) })
    // Most of them begin and end as names of that country do.
    let beginnings = Set(known.dropFirst().map { $0.prefix(3) })
    let endings = Set(known.dropFirst().map { $0.suffix(2) })
    #expect(
      written.count { beginnings.contains($0.prefix(3)) && endings.contains($0.suffix(2)) } >= 12,
      "\(written)"
    )
  }

  @Test(
    "the counting cell counts on in texts eight times as long as any it has seen; an LSTM does not"
  )
  func counting() throws {
    let counter = try TrainedExamples.model("counting_cell")
    let right = try counter.judgement(on: "brackets_long.tsv").measures["accuracy"]
    #expect(try #require(right) > 0.97)
    let lstm = try TrainedExamples.model("many_to_many_equal")
    let lost = try lstm.judgement(on: "brackets_long.tsv").measures["accuracy"]
    #expect(try #require(lost) < 0.9)
  }
}
