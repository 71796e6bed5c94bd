import CBackend
import GraphIR
import GraphLanguage
import Lowering
import Rondo
import TestSupport
import Testing

@Suite("Where states stand") struct StateMemoryTests {
  /// An LSTM, of which what is asked for is given out.
  private static func lstm(_ outputs: String) -> String {
    """
    model cell {
      axis time <= 7
      input x: real[3] over time
      layer rnn = bidirectional(lstm(4))
      y = rnn(x)
      \(outputs)
    }
    """
  }

  /// States of which a step needs the old value when it has the new one, and such as do not.
  private static let turning = """
    model turning {
      axis time <= 7
      input x: real[3] over time
      param w: real[3, 3] ~ uniform(0.9)
      param v: real[3, 3] ~ uniform(0.9)
      scan over time {
        state a: real[3] = 0.5
        state b: real[3] = -0.25
        next a = w @ a + x
        next b = v @ (next a) + w @ b - 0.5 * a
        aa = next a
        bb = next b
      }
      scan reverse over time {
        state c: real[3] = 1
        state e: real[3] = 0.1
        next c = w @ c - x
        next e = v @ (next c) + 0.5 * c
        cc = next c
        ee = next e
      }
      scan over time {
        state d: real[3] = 0.75
        next d = v @ d
        dd = next d
      }
      output last(aa) as end_a
      output last(bb) as end_b
      output first(cc) as end_c
      output first(ee) as end_e
      output last(dd) as end_d
    }
    """

  /// The infer programs of a definition: for rows of one length, and of any.
  private static func programs(_ text: String, _ unrolling: Compiler.Unrolling = .auto) throws
    -> (graph: Graph, programs: [Program])
  {
    let plans = try [text.replacing("time <= 7", with: "time = 7"), text].map {
      try SampleModels.plan(text: $0, options: .init(batch: 3, unrolling: unrolling))
    }
    return (plans[1].graph, plans.flatMap(\.programs).filter { $0.entry == .infer })
  }

  /// By state, how many places it has at the bound.
  private static func places(_ text: String, _ names: [String]) throws -> [[Int]] {
    let (graph, programs) = try programs(text)
    return programs.map { program in
      names.map { name in
        program.buffers.filter { $0.name == name && $0.place == .arena }.map { buffer in
          let count =
            program.greatest(buffer.extent.size, in: graph)
            + program.greatest(buffer.beyond, in: graph)
          return count / (3 * 4)
        }.reduce(0, +)
      }
    }
  }

  @Test("a state of which all steps are used has a slab, of which the last is, one place")
  func slabs() throws {
    let names = ["rnn.forward", "rnn.backward"].flatMap { [$0 + ".h", $0 + ".c"] }
    #expect(
      try Self.places(Self.lstm("output last(y.ahead.h) + first(y.back.h) as z"), names)
        == [[1, 1, 1, 1], [1, 1, 1, 1]]
    )
    #expect(
      try Self.places(Self.lstm("output y.ahead.h + first(y.back.c) as z"), names)
        == [[8, 1, 1, 1], [8, 1, 1, 1]]
    )
    #expect(
      try Self.places(Self.lstm("output y.ahead.c + last(y.back.c) as z"), names)
        == [[1, 8, 1, 8], [1, 8, 1, 8]]
    )
  }

  @Test("a state that is read when it has been written has two places in turn")
  func alternating() throws {
    // Where rows end apart, a kernel chooses the next d, and may put it in the place of the last.
    let wanted = [["a", "c", "d"], ["a", "c"]]
    for (program, names) in zip(try Self.programs(Self.turning).programs, wanted) {
      let doubled = program.buffers.filter { !$0.beyond.isZero }
      #expect(doubled.map(\.name) == names)
      #expect(doubled.allSatisfy { $0.beyond == $0.extent.size })
    }
  }

  @Test(
    "the bits are the interpreter's, at even and odd lengths, of rows' own too",
    arguments: [turning, lstm("output last(y.ahead.h) + first(y.back.c) as z")],
    [Compiler.Unrolling.auto, .steps(2), .steps(3)]
  )
  func bits(_ text: String, _ unrolling: Compiler.Unrolling) throws {
    let harness = try ModelHarness(
      text,
      .init(batch: 3, arithmetic: .strict, unrolling: unrolling)
    )
    let native = try harness.native()
    for own in [[7, 7, 7], [6, 6, 6], [1, 1, 1], [2, 5, 3], [7, 1, 4]] {
      let data = CallData.random(for: harness.elaborated, batch: 3, own: ["time": own], seed: 3)
      let wanted = try harness.interpret(.infer, data, in: Float.self)
      #expect(differences(try native.run(.infer, data), from: wanted) == [], "at \(own)")
    }
  }
}
