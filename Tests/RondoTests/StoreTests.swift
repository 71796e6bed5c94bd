import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Weights stored as bfloat16") struct StoreTests {
  private static let text = """
    model halves {
      axis time <= 5
      input x: real[3] over time
      target y: real[2] over time
      layer rnn = gru(70), head = linear(2)
      z = head(rnn(x))
      output z
      loss mse(z, y)
      train adam(rate: 0.01)
      stream over time
    }
    """

  private static func harness(
    _ store: Compiler.Store,
    _ batch: Int,
    _ arithmetic: Compiler.Arithmetic
  ) throws -> ModelHarness {
    var options = Compiler.Options(batch: batch, arithmetic: arithmetic)
    options.store = store
    return try ModelHarness(text, options)
  }

  /// A float whose lower half is rounded away, to even at a tie.
  private static func rounded(_ value: Float) -> Float {
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
  }

  @Test(
    "give the bits of a model whose matrices were rounded before",
    arguments: [1, 3],
    Compiler.Arithmetic.allCases
  )
  func bits(batch: Int, arithmetic: Compiler.Arithmetic) throws {
    let plain = try Self.harness(.float32, batch, arithmetic)
    let halves = try Self.harness(.bfloat16, batch, arithmetic)
    for entry in [Entry.infer, .evaluate, .begin, .step] {
      let data = CallData.random(for: try plain.graph(of: entry), batch: batch, seed: 8)
      var before = data
      for variable in plain.whole.variables where variable.type.shape.rank == 2 {
        guard case .parameter = variable.kind else { continue }
        before.arrays[variable.name] = data.arrays[variable.name]?.map(Self.rounded)
      }
      let expected = try plain.native(optimization: 1).run(entry, before)
      #expect(try halves.native(optimization: 1).run(entry, data) == expected, "\(entry)")
      #expect(!expected.isEmpty)
    }
    let data = CallData.random(for: plain.whole, batch: batch, seed: 8)
    #expect(
      try halves.native(optimization: 0).run(.infer, data)
        != plain.native(optimization: 0).run(.infer, data)
    )
  }

  @Test("train as they are")
  func training() throws {
    let plain = try Self.harness(.float32, 3, .fast)
    let halves = try Self.harness(.bfloat16, 3, .fast)
    let data = CallData.random(for: plain.whole, batch: 3, seed: 8)
    let expected = try plain.native(optimization: 0).run(.train, data)
    #expect(try halves.native(optimization: 0).run(.train, data) == expected)
  }
}
