import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

/// Faults that reviews found, each kept away by the definition that showed it.
@Suite("Faults found once")
struct FoundFaultTests {
  private static let strict = Compiler.Options(batch: 3, arithmetic: .strict)

  /// A scan with a state of tokens that follows from a weight.
  private static let tokenState = """
    model token_state {
      axis time <= 4
      input x: real[3] over time
      target y: real[3]
      param b: real[3, 3] ~ uniform(1)
      scan over time {
        state m: real[3] = 0
        state seen: token(3) = none
        next m = 0.5 * m + b @ x + onehot(seen)
        next seen = argmax(next m)
      }
      output seen
      loss mse(last(m), y)
      train sgd(rate: 0.1)
    }
    """

  @Test("A state of tokens has no gradient, and the others keep theirs")
  func tokenStateTrains() throws {
    let harness = try ModelHarness(Self.tokenState, Self.strict)
    let data = CallData.random(for: harness.whole, batch: 3, seed: 4)
    let native = try harness.native(optimization: 0)
    for entry in [Entry.infer, .gradients] {
      let expected = try harness.interpret(entry, data, in: Float.self)
      let outputs = try native.run(entry, data)
      for (name, values) in outputs {
        #expect(values.map(\.bitPattern) == expected[name]?.map(\.bitPattern), "\(name)")
      }
    }
  }

  @Test("Setting a token checks it, and leaves the state as it was")
  func tokensAreChecked() throws {
    let text = """
      model memory {
        axis time <= 4
        input t: token(4) over time
        param w: real[4, 2] ~ uniform(1)
        y = w[previous(t)]
        output y
        stream over time
      }
      """
    let native = try ModelHarness(text, Self.strict).native(optimization: 0)
    let session = try Session(native.model)
    let name = try #require(session.variables(.state).first).name
    try session.set(.state, name, [-1, 3, 0])
    for wrong in [1e6, 4, -2, Float.nan] {
      #expect(throws: RuntimeError.self) { try session.set(.state, name, [0, 0, wrong]) }
    }
    #expect(try session.get(.state, name) == [-1, 3, 0])
  }

  @Test("Only tokens that lengths reach are checked")
  func paddingIsNotChecked() throws {
    let text = """
      model pairs {
        axis past <= 4
        axis future <= 3
        input g: token(3) over past over future
        param w: real[3] ~ uniform(1)
        output w[g]
      }
      """
    let native = try ModelHarness(text, Self.strict).native(optimization: 0)
    var tokens = [Float](repeating: -99, count: 36)
    for row in 0..<3 { for p in 0..<3 { for f in 0..<2 { tokens[row * 12 + p * 3 + f] = 2 } } }
    var data = CallData(batch: 3, lengths: ["past": 3, "future": 2], arrays: ["g": tokens])
    #expect(try native.run(.infer, data).count == 1)
    tokens[1 * 12 + 2 * 3 + 1] = 3
    data.arrays["g"] = tokens
    #expect(throws: RuntimeError.self) { try native.run(.infer, data) }
  }

  @Test("A weight's second form is renewed at every level of optimisation", arguments: 0...3)
  func secondFormIsRenewed(level: Int) throws {
    let text = """
      model lin {
        input x: real[4]
        layer project = linear(5)
        output project(x) as y
      }
      """
    let harness = try ModelHarness(text, .init(batch: 1, arithmetic: .strict))
    let data = CallData.random(for: harness.whole, batch: 1, seed: 4)
    let output = try harness.native(optimization: level).run(.infer, data)["y"]
    let expected = try harness.interpret(.infer, data, in: Float.self)["y"]
    #expect(output?.map(\.bitPattern) == expected?.map(\.bitPattern))
  }

  @Test("An arena past 64 GiB is refused before any C is written", arguments: [1_000, 1_000_000])
  func hugeArena(batch: Int) throws {
    let text = """
      model huge {
        axis time <= 100000
        input x: real[1000] over time
        layer rnn = lstm(1000)
        output rnn(x) as y
      }
      """
    let definition = Definition(name: "huge.graph", bytes: Array(text.utf8))
    do {
      _ = try Compiler(options: .init(batch: batch)).generate(definition)
      Issue.record("the definition was compiled")
    } catch {
      #expect(error.description.contains("more than 64 GiB of arena"))
    }
  }
}
