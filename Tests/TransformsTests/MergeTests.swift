import GraphIR
import TestSupport
import Testing
import Transforms

@Suite("Products that become one")
struct MergeTests {
  /// A trained LSTM: the library's, and one by hand with a weight for every gate and input.
  private static let texts = [
    "library": model(cell: "", layer: "lstm(4)"),
    "by hand": model(
      cell: """
        cell gates(x: real[n]; size) {
          param wi, wf, wg, wo: real[size, n] ~ uniform(1)
          param uf, ui, uo, ug: real[size, size] ~ uniform(1)
          param bi, bf, bg, bo: real[size] ~ 0
          state c, h: real[size] = 0
          f = sigmoid(bf + wf @ x + uf @ h)
          i = sigmoid(wi @ x + ui @ h + bi)
          g = tanh(ug @ h + wg @ x + bg)
          next c = f * c + i * g
          next h = sigmoid(wo @ x + uo @ h + bo) * tanh(next c)
          emit next h
        }
        """,
      layer: "gates(4)"
    ),
  ]

  private static func model(cell: String, layer: String) -> String {
    """
    \(cell)
    model merged {
      axis time <= 6
      input x: real[3] over time
      target y: real[4] over time
      layer below = \(layer), rnn = \(layer)
      h = rnn(below(x))
      output h
      loss mse(h, y)
      train sgd(rate: 0.1)
      stream over time
    }
    """
  }

  private func count(_ block: Block, _ kind: OpKind) -> Int {
    let live = block.live()
    return block.ids.count { live[Int($0.index)] && OpKind(block[$0].op) == kind }
  }

  @Test(
    "four gates by hand cost the products of the library's LSTM",
    arguments: texts.keys.sorted()
  )
  func gates(name: String) throws {
    let text = try #require(Self.texts[name])
    let graph = try run(
      Pipelines.prepare + Pipelines.rolled(.auto) + Pipelines.entry(.train),
      on: SampleModels.graph(text: text)
    )
    #expect(graph.scans.map { count($0.body, .contract) } == [1, 1, 1, 1])
    // Weights are put together outside the loops; the backward ones put the gates' gradients together.
    #expect(graph.scans.map { count($0.body, .concat) } == [0, 0, 1, 1])
    // Per layer the inputs' product and two weights' gradients, and the lower layer's gradient.
    #expect(count(graph.main, .contract) == 2 * 3 + 1)
  }

  @Test("a step of a stream, which would put them together each time, multiplies gate by gate")
  func step() throws {
    let text = try #require(Self.texts["by hand"])
    let graph = try run(
      Pipelines.prepare + Pipelines.stream + Pipelines.entry(.step),
      on: SampleModels.graph(text: text)
    )
    #expect(count(graph.main, .contract) == 2 * 8)
    #expect(count(graph.main, .concat) == 0)
  }

  @Test("neighbouring rows of one weight are multiplied where they lie")
  func neighbours() throws {
    let graph = try run(
      Pipelines.prepare + Pipelines.rolled(.auto) + Pipelines.entry(.infer),
      on: SampleModels.graph(text: Self.model(cell: "", layer: "gru_reset_before(4)"))
    )
    #expect(graph.scans.map { count($0.body, .contract) } == [2, 2])
    #expect(count(graph.main, .concat) == 0)
  }
}

@Suite("Products with one-hots")
struct OneHotTests {
  @Test("are rows, and their gradients rows added up", arguments: ["letters", "gates"])
  func rows(name: String) throws {
    let graph = try run(Pipelines.rolled(.auto), on: prepared(name))
    var (rows, sums) = (0, 0)
    for block in [graph.main] + graph.scans.map(\.body) {
      let live = block.live()
      for id in block.ids where live[Int(id.index)] {
        switch block[id].op {
        case .contract:
          for operand in block.operands(id) {
            #expect(OpKind(block[operand].op) != .oneHot)
          }
        case .gather: rows += 1
        case .scatterAdd: sums += 1
        default: continue
        }
      }
    }
    // Beside the weight's, that of the bias of the letters' logits, at the right letter of each.
    #expect(rows >= 1 && sums == (name == "letters" ? 2 : 1))
  }
}
