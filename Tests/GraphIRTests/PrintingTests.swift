import GraphIR
import TestSupport
import Testing

@Suite("The printed graph")
struct PrintingTests {
  @Test("the sample holds every operation, and those of every family")
  func sampleIsWhole() throws {
    let graph = try SampleGraph.make()
    try graph.verify()
    let blocks = [graph.main] + graph.scans.map(\.body)
    let ops = Set(blocks.flatMap { block in block.ids.map { block[$0].op } })
    #expect(Set(ops.map(OpKind.init)) == Set(OpKind.allCases))
    #expect(UnaryOp.allCases.allSatisfy { ops.contains(.unary($0)) })
    #expect(BinaryOp.allCases.allSatisfy { ops.contains(.binary($0)) })
    let names = Set(ops.map(\.text))
    #expect(ReduceOp.allCases.allSatisfy { names.contains("reduce.\($0)") })
    #expect(RandomOp.allCases.allSatisfy { names.contains("random.\($0)") })
  }

  @Test("what is printed reads back to an equal graph")
  func roundTrip() throws {
    let graph = try SampleGraph.make()
    #expect(try GraphReader.read(graph.printed()) == graph)
  }

  @Test("every rule of optimisers reads back", arguments: [false, true])
  func optimizers(flag: Bool) throws {
    let rules: [Optimizer.Rule] = [
      .sgd(momentum: 0.9, nesterov: flag),
      .adam(beta1: 0.5, beta2: 0.25, epsilon: 1e-6, decoupled: flag),
      .rmsprop(alpha: 0.9, epsilon: 1e-8),
      .adagrad(epsilon: 1e-10),
    ]
    for rule in rules {
      var graph = SampleGraph.tables()
      graph.optimizer = Optimizer(rule: rule, rate: 0.1)
      #expect(try GraphReader.read(graph.printed()) == graph)
    }
  }

  @Test("without origins the text says what is calculated and not where it was written")
  func withoutOrigins() throws {
    let graph = try SampleGraph.make()
    let text = graph.printed(withOrigins: false)
    #expect(!text.contains("#"))
    #expect(graph.printed().contains("#"))
    let read = try GraphReader.read(text)
    #expect(read != graph)
    #expect(read.printed() == text)
  }

  @Test("what is not a printed graph is refused with its line")
  func refusals() throws {
    let text = try SampleGraph.make().printed(withOrigins: false)
    #expect(throws: Diagnostic.self) { try GraphReader.read("  %0 = constant[1.0] : real\n") }
    do {
      _ = try GraphReader.read(text.replacing("tanh", with: "tan"))
      Issue.record("an operation that is none was read")
    } catch {
      #expect(error.message.contains("the operation tan"))
      #expect(error.span.line > 10)
    }
  }
}
