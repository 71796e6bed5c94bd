import GraphIR
import TestSupport
import Testing
import Transforms

@Suite("Products that are split")
struct SplitTests {
  /// The products of a block: the types of their operands.
  private func products(_ block: Block) -> [[ValueType]] {
    block.ids.compactMap { id in
      guard case .contract = block[id].op else { return nil }
      return block.operands(id).map { block.type($0) }
    }
  }

  private func graph(_ step: String, _ passes: [Pass]) throws -> Graph {
    try run(
      Pipelines.prepare + passes,
      on: SampleModels.graph(
        text: """
          model split {
            axis source <= 4
            axis time <= 6
            input memory: real[5] over source
            input x: real[3] over time
            input late: real[2] over time
            target y: real[5] over time
            param w: real[5, 10] ~ glorot
            param u: real[5, 5] ~ glorot
            scan over time {
              state h: real[5] = 0
              next h = tanh(\(step))
              seen = next h
            }
            output seen
            loss mse(seen, y)
            train sgd(rate: 0.1)
            stream over time
          }
          """
      )
    )
  }

  private static let joined = "w @ concat(x, h, late)"

  @Test("of a concatenation the loop multiplies the state alone, and concatenates nothing")
  func concatenation() throws {
    let graph = try graph(Self.joined, Pipelines.rolled(.auto))
    let (row, weight) = (real(.batch, 5), real(.none, 5, 5))
    #expect(graph.scans.map { products($0.body) } == [[[weight, row]], [[row, weight]]])
    for scan in graph.scans {
      for node in scan.body.nodes {
        #expect(![.slice, .pad, .concat].contains(OpKind(node.op)))
      }
    }
    // Each input's part, and the gradient of the weight in three pieces.
    #expect(products(graph.main).count == 2 + 3)
    let place = try #require(graph.roots.firstIndex { $0.name == "w" })
    let gradient = graph.main.results[place]
    #expect(graph.main[gradient].op == .concat(dim: 1))
    #expect(graph.main.operands(gradient).map { graph.main.type($0).shape.dims[1] } == [3, 5, 2])
  }

  @Test("a step of a stream adds in the order that the loop does")
  func stream() throws {
    let step = try graph(Self.joined, Pipelines.stream + Pipelines.entry(.step))
    // The parts without a state come first.
    let widths = products(step.main).map { $0[1].shape.dims[0] }
    #expect(step.scans.isEmpty && widths == [3, 2, 5])
  }

  @Test("a memory plus a state is multiplied apart: in the loop, no product runs over the memory")
  func sum() throws {
    let graph = try graph("sum(u @ (memory + h) over source)", Pipelines.rolled(.auto))
    let source = AxisID(1)
    for type in graph.scans.flatMap({ products($0.body) }).joined() {
      #expect(!type.axes.contains(source))
    }
  }

  @Test(
    "what would move nothing, or leave as much in the loop, stays whole",
    arguments: ["u @ (h + u @ x0)", "w @ concat(h, h)", "u @ (x0 - h)"]
  )
  func whole(step: String) throws {
    let text = step.replacing("x0", with: "concat(x, late)")
    let graph = try graph(text, [])
    #expect(try run([.split], on: graph) == graph)
    #expect(products(graph.scans[0].body).count == text.count { $0 == "@" })
  }
}
