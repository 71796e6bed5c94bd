import GraphIR
import TestSupport
import Testing
import Transforms

@Suite("Products of one element")
struct DotTests {
  /// A model with heads of one element, of several, and scores of places, by a query and by a weight.
  private static func graph(_ passes: [Pass], width: Int = 20) throws -> Graph {
    try run(
      Pipelines.prepare + passes,
      on: SampleModels.graph(
        text: """
          model heads {
            axis source <= 4
            axis time <= 6
            input memory: real[\(width)] over source
            input x: real[\(width)] over time
            target y: real[1] over time
            layer rnn = gru(\(width)), one = linear(1), other = linear(1), two = linear(2)
            param v: real[\(width)] ~ uniform(1)
            h = rnn(x)
            by_query = sum(softmax(memory @ h over source) * memory[0] over source)
            by_weight = max(v @ tanh(memory) over source)
            output one(h) as first
            output other(h) as second
            output two(h) as both
            output by_query
            output by_weight
            loss mse(one(h), y)
            train sgd(rate: 0.1)
            stream over time
          }
          """
      )
    )
  }

  /// How many products of the whole graph add in parts.
  private static func dots(_ graph: Graph) -> Int {
    ([graph.main] + graph.scans.map(\.body)).reduce(0) { sum, block in
      let live = block.live()
      return sum
        + block.ids.count { id in
          guard live[Int(id.index)], case .contract(let contraction) = block[id].op else {
            return false
          }
          return contraction.inParts
        }
    }
  }

  @Test("a weight's and a query's are added in parts, those of a layer of two in turn")
  func chosen() throws {
    #expect(try Self.dots(Self.graph([])) == 4)
  }

  @Test("they stay so in every entry, apart from each other, and their gradients in turn")
  func kept() throws {
    #expect(try Self.dots(Self.graph(Pipelines.rolled(.auto))) == 4)
    // A step has nothing to do with what does not run over time.
    #expect(try Self.dots(Self.graph(Pipelines.stream)) == 3)
  }

  @Test("fewer terms than there are parts are added in turn")
  func short() throws {
    #expect(try Self.dots(Self.graph([], width: Contraction.leastInParts)) == 4)
    #expect(try Self.dots(Self.graph([], width: Contraction.leastInParts - 1)) == 0)
  }
}
