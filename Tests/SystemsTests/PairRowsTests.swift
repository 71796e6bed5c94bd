import ModelRuntime
import Rondo
import Testing
import Workbench

@Suite("Rows 18 to 20: from one sequence to another") struct PairRowsTests {
  @Test(
    "at most 8 letters are learnt without attention, and with it those and 20",
    arguments: [
      ("encoder_decoder", ["cipher_short_test.tsv"]),
      ("encoder_decoder_stacked", ["cipher_short_test.tsv"]),
      ("attention_dot", ["cipher_short_test.tsv", "cipher_long_test.tsv"]),
      ("attention_bilinear", ["cipher_short_test.tsv", "cipher_long_test.tsv"]),
      ("attention_additive", ["cipher_short_test.tsv", "cipher_long_test.tsv"]),
    ]
  )
  func learns(_ name: String, _ files: [String]) throws {
    let trained = try TrainedExamples.model(name)
    for file in files {
      let share = try trained.judgement(on: file, "--exact-match").exactMatch
      #expect(try #require(share) >= 0.99, "\(file)")
    }
  }

  @Test("20 letters are too many for one vector")
  func tooMany() throws {
    let trained = try TrainedExample(
      Example("encoder_decoder"),
      data: "graphs/data/cipher_long.tsv"
    )
    let share = try trained.judgement(on: "cipher_long_test.tsv", "--exact-match").exactMatch
    #expect(try #require(share) < 0.9)
  }

  @Test(
    "attention looks along the word, letter for letter",
    arguments: ["attention_dot", "attention_bilinear", "attention_additive"]
  )
  func looks(_ name: String) throws {
    let trained = try TrainedExamples.model(name)
    let session = try trained.session()
    let letters = try #require(try trained.form().vocabulary(of: "question"))
    let file = ExampleData.ciphers.longTest.split(separator: "\n")
    let cells = try #require(file.last?.split(separator: "\t"))
    let question = cells[0].compactMap { letters.token(of: String($0)) }
    let answer = cells[1].compactMap { letters.token(of: String($0)) } + [0]
    let found = try session.infer(
      lengths: ["source": [20], "result": [21]],
      ["question": .int(question), "answer": .int(answer)]
    )
    // By source and result: where each letter of the result looked most.
    let weights = try #require(found["weights"])
    let looked = (0..<20).map { place in
      (0..<20).max { weights[$0 * 21 + place] < weights[$1 * 21 + place] } ?? 0
    }
    #expect(zip(looked, looked.dropFirst()).count { $1 == $0 + 1 } >= 12, "\(looked)")
    for place in 0..<21 {
      #expect(abs((0..<20).reduce(0) { $0 + weights[$1 * 21 + place] } - 1) < 1e-5)
    }
  }
}
