import GraphIR
import Testing
import Transforms

@Suite("Long graphs")
struct LongGraphTests {
  @Test("a chain of 100 000 nodes is built, rewritten and verified in seconds, without recursion")
  func chain() throws {
    let clock = ContinuousClock()
    let start = clock.now
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
    #expect(clock.now - start < .seconds(10))
  }
}
