import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Chosen entries") struct EntryChoiceTests {
  private static let text = """
    model chooser {
      axis time <= 5
      input x: real[3] over time
      target y: real[2] over time
      layer rnn = lstm(4)
      layer head = linear(2)
      z = head(rnn(x))
      output z
      loss mse(z, y)
      train adam(rate: 0.01)
      stream over time
    }
    """

  private static func generated(_ entries: [Compiler.EntryChoice]) throws -> GeneratedModel {
    var options = Compiler.Options(batch: 2, arithmetic: .strict)
    options.entries = entries
    return try ModelHarness(text, options).generated()
  }

  @Test(
    "bring what they cannot be used without, and nothing else",
    arguments: [
      ([.infer], "initialize infer"), ([.step], "initialize begin step"),
      ([.evaluate], "initialize evaluate measures"),
      ([.gradients, .update], "initialize measures gradients update"),
      ([.infer, .pullback], "initialize infer pullback"), ([.train], "initialize train"),
    ] as [([Compiler.EntryChoice], String)]
  )
  func names(entries: [Compiler.EntryChoice], names: String) throws {
    let found = try Self.generated(entries).manifest.entries.map(\.name)
    #expect(found.joined(separator: " ") == names)
  }

  @Test("give the bits they give among all", arguments: [Entry.infer, .gradients, .train])
  func bits(entry: Entry) throws {
    var options = Compiler.Options(batch: 2)
    let all = try ModelHarness(Self.text, options)
    options.entries = [try #require(Compiler.EntryChoice(rawValue: entry.rawValue))]
    let alone = try ModelHarness(Self.text, options)
    let data = CallData.random(for: try all.graph(of: entry), batch: 2, seed: 6)
    let expected = try all.native(optimization: 0).run(entry, data)
    #expect(try alone.native(optimization: 0).run(entry, data) == expected)
    #expect(!expected.isEmpty)
  }

  @Test("without training need no memory for it")
  func memory() throws {
    let all = try Self.generated([]).manifest.blocks
    let infer = try Self.generated([.infer]).manifest.blocks
    #expect(all.optimizer > 0 && infer.optimizer == 0)
    #expect(infer.work < all.work)
    let gradients = try Self.generated([.gradients]).manifest.blocks
    #expect(gradients.work <= all.work)
  }
}
