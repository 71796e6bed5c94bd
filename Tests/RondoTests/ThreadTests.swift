import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Several threads in a call") struct ThreadTests {
  private static let entries: [Entry] = [
    .infer, .evaluate, .gradients, .pullback, .train, .begin, .step,
  ]

  /// Holds what several threads give against what one gives, by all bits.
  private static func hold(
    _ native: NativeModel,
    _ entry: Entry,
    _ data: CallData,
    _ threads: [Int] = [2, 3, 8]
  ) throws {
    let wanted = try native.run(entry, data)
    for count in threads {
      let found = try native.run(entry, data, threads: count)
      #expect(differences(found, from: wanted) == [], "\(entry), \(count) threads")
    }
  }

  @Test("gives the bits of one, for rows with lengths of their own", arguments: RaggedModels.all)
  func ragged(_ model: RaggedModels.Model) throws {
    for arithmetic in Compiler.Arithmetic.allCases {
      let options = Compiler.Options(batch: 3, arithmetic: arithmetic, pullback: true)
      let harness = try ModelHarness(model.text, options)
      let native = try harness.native()
      for lengths in model.lengths.indices {
        for entry in Self.entries where native.model.manifest.entry(entry.rawValue) != nil {
          let data = CallData.random(
            for: try harness.graph(of: entry),
            batch: 3,
            own: model.lengths[lengths],
            seed: 5
          )
          try Self.hold(native, entry, data)
        }
      }
    }
  }

  /// Wide enough that weights' gradients, updates and products of many rows are cut.
  private static let wide = """
    model wide {
      axis time <= 6
      input text: token(40) over time
      target following: token(40) over time
      layer embed = embedding(48), rnn = stack(2, lstm(40), dropout: 0.3), score = linear(40)
      logits = score(rnn(embed(text)))
      output logits
      loss cross_entropy(logits, following)
      train adam(rate: 0.01, clip_norm: 1) carry over time
    }
    """

  @Test("gives the bits of one, for full rows and fewer than threads", arguments: [1, 2, 5, 13])
  func rows(_ batch: Int) throws {
    for arithmetic in Compiler.Arithmetic.allCases {
      let harness = try ModelHarness(
        Self.wide,
        Compiler.Options(batch: 13, arithmetic: arithmetic, pullback: true)
      )
      let native = try harness.native()
      for entry in Self.entries where native.model.manifest.entry(entry.rawValue) != nil {
        let graph = try harness.graph(of: entry)
        try Self.hold(native, entry, .random(for: graph, batch: batch, seed: 3))
      }
    }
  }

  @Test("gives the bits of one for a row alone, whose products are cut into columns")
  func oneRow() throws {
    let text = Self.wide.replacing("lstm(40)", with: "bidirectional(lstm(100))")
      .replacing(" carry over time", with: "")
    for arithmetic in Compiler.Arithmetic.allCases {
      var options = Compiler.Options(batch: 1, arithmetic: arithmetic)
      options.entries = [.infer, .train]
      let harness = try ModelHarness(text, options)
      let native = try harness.native()
      for entry in [Entry.infer, .train] {
        let graph = try harness.graph(of: entry)
        try Self.hold(native, entry, .random(for: graph, batch: 1, seed: 3))
      }
    }
  }

  @Test("draws the same first values")
  func initializes() throws {
    let model = try ModelHarness(Self.wide, .init(batch: 13, pullback: true)).native().model
    let (one, three) = (try Session(model), try Session(model, threads: 3))
    try one.initialize(seed: 7)
    try three.initialize(seed: 7)
    #expect(try one.parameters.bytes() == three.parameters.bytes())
  }

  @Test("goes on giving them, call after call")
  func goesOn() throws {
    let harness = try ModelHarness(Self.wide, .init(batch: 13, pullback: true))
    let native = try harness.native()
    let data = CallData.random(for: try harness.graph(of: .train), batch: 13, seed: 4)
    let sessions = try [1, 2, 5].map { try native.session(data, threads: $0) }
    for _ in 0..<40 {
      let results = try sessions.map { try native.run(.train, data, in: $0) }
      #expect(differences(results[1], from: results[0]) == [])
      #expect(differences(results[2], from: results[0]) == [])
    }
  }

  @Test("stops all of them where the loss is not finite, and updates nothing")
  func notFinite() throws {
    let harness = try ModelHarness(Self.wide, .init(batch: 13, pullback: true))
    let native = try harness.native()
    var data = CallData.random(for: try harness.graph(of: .train), batch: 13, seed: 4)
    data.arrays["score.bias"] = Array(repeating: .infinity, count: 40)
    let session = try native.session(data, threads: 3)
    let before = try session.parameters.bytes()
    #expect(throws: RuntimeError.self) { try native.run(.train, data, in: session) }
    #expect(try session.parameters.bytes() == before)
    // Whoever helped is there for the next call.
    try session.set(.parameters, "score.bias", Array(repeating: 0, count: 40))
    _ = try native.run(.train, data, in: session)
  }

  @Test("is refused for none, and for more than there can be")
  func refused() throws {
    let model = try ModelHarness(Self.wide, .init(batch: 13, pullback: true)).native().model
    #expect(throws: RuntimeError.self) { try Session(model, threads: 0) }
    #expect(throws: RuntimeError.self) { try Session(model, threads: 1025) }
    #expect(throws: RuntimeError.self) { try Session(TinyModel.loaded(), threads: 2) }
  }
}
