import CBackend
import GraphIR
import Lowering
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Sequences in pieces") struct PieceTests {
  private static let entries: [Entry] = [.infer, .evaluate, .gradients, .pullback, .train, .begin]

  /// Holds what a model gives in pieces against what it gives else, by all bits.
  private static func hold(
    _ text: String,
    _ options: Compiler.Options,
    _ inPieces: Compiler.Options,
    lengths: [[String: [Int]]]
  ) throws {
    let whole = try ModelHarness(text, options)
    let (wanted, found) = try (whole.native(), ModelHarness(text, inPieces).native())
    for entry in entries where wanted.model.manifest.entry(entry.rawValue) != nil {
      for own in lengths {
        let graph = try whole.graph(of: entry)
        let data = CallData.random(for: graph, batch: options.batch, own: own, seed: 5)
        let differences = try differences(found.run(entry, data), from: wanted.run(entry, data))
        #expect(differences == [], "\(entry), \(inPieces)")
      }
    }
  }

  @Test(
    "give the bits of the whole, for rows with lengths of their own",
    arguments: RaggedModels.all
  )
  func ragged(_ model: RaggedModels.Model) throws {
    for (arithmetic, keepsTerms) in [(Compiler.Arithmetic.fast, true), (.strict, false)] {
      let options = Compiler.Options(batch: 3, arithmetic: arithmetic, pullback: true)
      var inPieces = options
      inPieces.pieces = .pieces(steps: 2, keepsTerms: keepsTerms)
      try Self.hold(model.text, options, inPieces, lengths: model.lengths)
    }
  }

  /// Long enough that pieces save memory.
  private static let long = """
    model long {
      axis time <= 200
      input text: token(20) over time
      target following: token(20) over time
      layer rnn = stack(2, lstm(16), dropout: 0.2), score = linear(20)
      logits = score(rnn(onehot(text)))
      loss cross_entropy(logits, following)
      train adam(rate: 0.01, clip_norm: 1) carry over time
    }
    """

  @Test("keep training within a budget, to the same gradients")
  func budget() throws {
    let options = Compiler.Options(batch: 4)
    let plan = try SampleModels.plan(text: Self.long, options: options)
    let most = plan.programs.map(\.arenaBytes).max() ?? 0
    for share in [2, 3] {
      let budget = Compiler.Options(batch: 4, memory: most / share)
      let small = try SampleModels.plan(text: Self.long, options: budget)
      for program in small.programs {
        #expect(program.arenaBytes <= most / share, "\(program.entry)")
        let isTraining = program.entry == .train || program.entry == .gradients
        #expect(!isTraining || program.pieces.count == 1)
      }
      try Self.hold(Self.long, options, budget, lengths: [[:]])
    }
  }

  @Test("that would still need more are refused, with what they need")
  func refused() throws {
    let error = #expect(throws: Diagnostic.self) {
      try SampleModels.plan(text: Self.long, options: .init(batch: 4, memory: 20_000))
    }
    #expect(error?.kind == .wrong)
    #expect(error?.message.contains("needs at least") == true)
  }
}
