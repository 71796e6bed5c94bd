import GraphIR
import Testing
package import Transforms

extension Pass {
  /// Replaces what is negated twice by what it is.
  package static let unnegate = Pass("unnegate", "drops two negations, one of the other") {
    graph throws(Diagnostic) in
    try GraphRewriter.rewrite(graph) { site throws(Diagnostic) in
      guard case .unary(.negate) = site.node.op, case .unary(.negate) = site.op(0) else {
        return nil
      }
      return site.builder.block.operands(site.operands[0]).first
    }
  }
}

/// The pass that the page AddingAPass shows, as it stands there; `PagesTests` holds the two together.
@Suite("The example of a pass")
struct ExamplePassTests {
  @Test("drops two negations and keeps one")
  func negations() throws {
    let builder = BlockBuilder(graph: Graph(name: "signs"))
    let x = builder.expr(
      builder.append(.random(.uniform, draw: 0, axes: .batch, shape: .scalar), [])
    )
    let results = [
      x.unary(.negate).unary(.negate).unary(.tanh), x.unary(.negate).unary(.negate).unary(.negate),
    ]
    var graph = builder.graph
    graph.main = try builder.finish(results: results.map(\.id))
    graph.roots = ["a", "b"].map { Root(name: $0, kind: .output, entries: [.infer]) }
    let found = try PassRunner().run([.unnegate], on: graph).0
    #expect(found.main.ids.map { found.main[$0].op.text } == ["random.uniform", "negate", "tanh"])
  }
}
