import GraphIR
import TestSupport
import Testing
import Transforms

@Suite("Long graphs")
struct LongGraphTests {
  @Test("a chain of 100 000 nodes is built, rewritten and verified, without recursion")
  func chain() throws {
    let builder = BlockBuilder(graph: Graph(name: "chain"))
    let x = builder.append(.random(.uniform, draw: 0, axes: .batch, shape: .scalar), [])
    let end = (0..<50_000).reduce(builder.expr(x)) { value, turn in
      (value * builder.expr(x)).unary(turn.isMultiple(of: 2) ? .tanh : .sin)
    }
    var graph = builder.graph
    graph.main = try builder.finish(results: [end.id])
    graph.roots = [Root(name: "y", kind: .output, entries: [.infer])]
    let copied = try GraphRewriter.rewrite(graph) { _ throws(Diagnostic) in nil }
    try copied.verify()
    #expect(copied == graph)
    #expect(graph.main.count == 100_001)
  }

  /// How many steps are written out: 10^5 nodes, or 10^4 where Swift is not optimised.
  private static let steps: Int = {
    #if DEBUG
      200
    #else
      2000
    #endif
  }()

  @Test("a network whose steps are all written out goes through all passes, without recursion")
  func unrolled() throws {
    let text = """
      model chain {
        axis time <= \(Self.steps)
        input x: real[4] over time
        target y: real[4]
        layer rnn = lstm(4)
        loss mse(last(rnn(x)), y)
        train adam(0.001)
      }

      """
    let written = try run(
      [.simplify, .unroll(.full), .simplify],
      on: SampleModels.graph(text: text)
    )
    #expect(written.scans.isEmpty && written.nodeCount > 15 * Self.steps)
    let whole = try run(Pipelines.prepare + Pipelines.rolled(.auto), on: written)
    #expect(whole.scans.isEmpty && whole.nodeCount > 45 * Self.steps)
    let train = try run(Pipelines.finishRagged(.auto, .train), on: whole)
    #expect(train.nodeCount > 40 * Self.steps)
    // What is read back is the same graph.
    #expect(try GraphReader.read(train.printed()) == train)
  }
}
