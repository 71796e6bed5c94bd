import GraphIR
import Reference
import TestSupport
import Testing
import Transforms

@Suite("The flow of gradients") struct GradientFlowTests {
  /// What is added to a state has the state's own gradient.
  private static let text = """
    model flow {
      axis time <= 5
      input x, bump: real[2] over time
      target y: real[2] over time
      param w: real[2, 2] ~ uniform(1)
      scan reverse over time {
        state h: real[2] = 0.5
        next h = tanh(w @ h + x) + bump
        e = sum(square(next h - y))
      }
      loss e
      train sgd(rate: 0.1)
    }
    """

  @Test("is the norm of a state's gradient after each step, for each row")
  func norms() throws {
    let graph = try run(
      Pipelines.prepare + Pipelines.gradientShowingFlow,
      on: SampleModels.graph(text: Self.text, batch: 3)
    )
    let bump = try #require(graph.variableIDs.first { graph[$0].name == "bump" })
    let lengths = RandomValues.greatestLengths(graph)
    var given = try #require(RandomValues.variables(of: graph, lengths: lengths, seed: 1)[bump])
    let flow = try #require(values(of: graph).first { $0.key.name == "flow.h" }?.value)
    #expect(flow.type.axes == graph[bump].type.axes)
    #expect(flow.values.count == 15)
    func loss() throws -> Double {
      let all = try values(of: graph, given: [bump: given])
      return try #require(all.first { $0.key.kind == .loss }?.value.values.first)
    }
    for place in flow.values.indices {
      var square = 0.0
      for element in [2 * place, 2 * place + 1] {
        let value = given.values[element]
        given.values[element] = value + 1e-5
        let above = try loss()
        given.values[element] = value - 1e-5
        let slope = (above - (try loss())) / 2e-5
        given.values[element] = value
        square += slope * slope
      }
      #expect(abs(flow.values[place] - square.squareRoot()) < 1e-8)
    }
  }
}
