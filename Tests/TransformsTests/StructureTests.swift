import GraphIR
import TestSupport
import Testing
import Transforms

/// What the passes leave of a trained two-layer LSTM, whoever wrote it.
@Suite("The structure of a trained LSTM")
struct StructureTests {
  /// The library's, and one by hand in which gates, parameters and states are called otherwise and
  /// stand in another order.
  static let texts = [
    "library": """
    model library {
      axis time <= 6
      input x: real[3] over time
      target y: real[5] over time
      layer rnn = stack(2, lstm(5))
      h = rnn(x)
      loss mse(h, y)
      train sgd(rate: 0.1)
    }
    """,
    "by hand": """
    cell remember(word: real[n]; size) {
      param late: real[4 * size] ~ 0
      param recur: real[4 * size, size] ~ uniform(1)
      param feed: real[4 * size, n] ~ uniform(1)
      state memory, shown: real[size] = 0
      fresh, keep, write, show = split(recur @ shown + (feed @ word + late), 4)
      next memory = sigmoid(write) * tanh(fresh) + memory * sigmoid(keep)
      next shown = tanh(next memory) * sigmoid(show)
      emit next shown
    }
    model by_hand {
      axis tick <= 6
      input given: real[3] over tick
      target wanted: real[5] over tick
      layer below = remember(5), above = remember(5)
      seen = above(below(given))
      loss mse(seen, wanted)
      train sgd(rate: 0.1)
    }
    """,
  ]

  private func products(_ block: Block) -> Int {
    block.ids.count { if case .contract = block[$0].op { true } else { false } }
  }

  @Test(
    "products stand outside the loops but for one a step each way",
    arguments: texts.keys.sorted()
  )
  func products(name: String) throws {
    let graph = try run(
      Pipelines.prepare + Pipelines.rolled(.auto),
      on: SampleModels.graph(text: Self.texts[name] ?? "")
    )
    #expect(graph.scans.count == 4)
    #expect(graph.scans.map { products($0.body) } == [1, 1, 1, 1])
    #expect(graph.scans.map(\.isReverse) == [false, false, true, true])
    // Per layer the inputs' product and two weights' gradients, and the lower layer's gradient from
    // the upper.
    #expect(products(graph.main) == 2 * 3 + 1)
  }

  @Test(
    "gates are calculated in the loop, elementwise, and none outside",
    arguments: texts.keys.sorted()
  )
  func gates(name: String) throws {
    let graph = try run(
      Pipelines.prepare + Pipelines.rolled(.auto),
      on: SampleModels.graph(text: Self.texts[name] ?? "")
    )
    func count(_ block: Block, _ op: UnaryOp) -> Int {
      block.ids.count { block[$0].op == .unary(op) }
    }
    #expect(graph.scans.map { count($0.body, .sigmoid) } == [3, 3, 0, 0])
    #expect(graph.scans.map { count($0.body, .tanh) } == [2, 2, 0, 0])
    #expect(count(graph.main, .sigmoid) == 0 && count(graph.main, .tanh) == 0)
  }

  @Test("without a gradient a scan emits nothing but what is asked for")
  func inference() throws {
    let text = (Self.texts["library"] ?? "").replacing("loss mse(h, y)", with: "output last(h)")
      .replacing("  train sgd(rate: 0.1)\n", with: "").replacing(
        "  target y: real[5] over time\n",
        with: ""
      )
    let graph = try run(
      Pipelines.prepare + Pipelines.rolled(.auto) + Pipelines.entry(.infer),
      on: SampleModels.graph(text: text)
    )
    #expect(graph.scans.map(\.emitCount) == [0, 0])
    #expect(graph.scans.map(\.stateCount) == [2, 2])
  }
}
