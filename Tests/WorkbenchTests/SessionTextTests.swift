import ModelRuntime
import Testing

@testable import Rondo
@testable import Workbench

@Suite struct SessionTextTests {
  /// A model that saw one line again and again writes it down, after any of its beginnings.
  @Test func writesWhatItRead() throws {
    let line = try text("abcabdabe\n")
    var whole = line
    for _ in 0..<6 { whole = whole + whole }
    for until in [false, true] {
      let vocabulary = Vocabulary(of: whole, hasEnd: until)
      let model = try TextModel.loaded(
        TextModel.definition(carry: true, until: until),
        letters: vocabulary.count,
        batch: 4
      )
      let session = try Session(model)
      try session.initialize(seed: 3)
      let windows = try TextWindows(
        vocabulary.encode(whole),
        input: TextInput(of: model.manifest),
        batch: 4,
        seed: 0
      )
      let trainer = try Trainer(
        session,
        training: windows,
        options: .init(epochs: 25, rate: 0.03)
      )
      _ = try trainer.run()
      let likeliest = Generation(limit: 12, temperature: 0)
      let bytes = try session.text(likeliest, after: text("abcab"), vocabulary: vocabulary)
      let written = String(decoding: bytes, as: UTF8.self)
      // Rows that end stop before the line's end, which is not part of the text.
      #expect(written == (until ? "dabe" : "dabe\nabcabda"))
    }
  }

  /// The probability of what is drawn is the one that reading it again gives.
  @Test func drawsWhatItEvaluates() throws {
    let model = try TextModel.loaded(TextModel.definition(carry: true), letters: 7, batch: 1)
    let session = try Session(model)
    try session.initialize(seed: 3)
    let row = try #require(try session.generate(Generation(limit: 30, seed: 8)).first)
    var again = try TextWindows(
      row.values,
      input: TextInput(of: model.manifest),
      batch: 1,
      seed: nil
    )
    let loss = try session.evaluate(&again).loss
    #expect(abs(loss * 30 + Double(row.logProbability)) < 1e-4)
  }

  /// A vocabulary of another run is refused.
  @Test func refusesOtherVocabularies() throws {
    let session = try Session(TextModel.loaded(TextModel.definition(carry: true), letters: 3))
    let vocabulary = Vocabulary(of: try text("abcdef"), hasEnd: false)
    #expect(throws: RuntimeError.self) {
      try session.text(Generation(limit: 1), after: text(""), vocabulary: vocabulary)
    }
  }

  /// Every entry of a model takes what is made up for it.
  @Test func timesEntries() throws {
    let model = try TextModel.loaded(TextModel.definition(carry: true))
    for entry in ["train", "gradients", "evaluate", "step"] {
      let times = try Session(model).time(entry, seconds: 0.01)
      #expect(times.count >= 5 && times.allSatisfy { $0 > 0 })
      let measurement = Measurement(
        of: model.manifest,
        entry: entry,
        times: [3, 1, 2, 5],
        compileSeconds: 0.5,
        sourceBytes: 10,
        libraryBytes: 20
      )
      #expect(
        try measurement.json
          == #"{"batch":3,"c_bytes":10,"calls":4,"compile_s":0.5,"entry":"\#(entry)","#
          + #""library_bytes":20,"median_s":2.5,"min_s":1,"model":"reader","threads":1,"#
          + #""work_bytes":\#(model.manifest.blocks.work)}"#
      )
    }
    #expect(throws: RuntimeError.self) { try Session(model).time("infer", seconds: 0.01) }
  }
}
