import GraphIR
import TestSupport
import Testing
import Transforms

@Suite("What backward loops calculate again")
struct RecomputeTests {
  private func graph(_ step: String, _ passes: [Pass]) throws -> Graph {
    try run(
      Pipelines.prepare + Pipelines.gradient + passes,
      on: SampleModels.graph(
        text: """
          model again {
            axis time <= 6
            input x, z: real[3] over time
            target y: real[3] over time
            param w: real[3, 3] ~ glorot
            scan over time {
              state h: real[3] = 0.5
              next h = \(step)
              seen = next h
            }
            loss mse(seen, y)
            train sgd(rate: 0.1)
          }
          """
      )
    )
  }

  private static let products = "tanh(w @ h) * ((x - h) * (z * h))"

  @Test("products and differences of what is saved are not saved")
  func products() throws {
    let rest = Array(Pipelines.update.drop { $0.name != Pass.recompute.name })
    let with = try graph(Self.products, rest)
    let without = try graph(Self.products, Array(rest.dropFirst()))
    // Saved are the tanh and the state before; without the pass the difference and the products too.
    #expect(with.scans.map(\.emitCount) == [2, 1])
    #expect(without.scans.map(\.emitCount) == [5, 1])
    #expect(with.scans[1].sequenceCount < without.scans[1].sequenceCount)
    let (a, b) = (try values(of: with), try values(of: without))
    for (key, value) in a { #expect(b[key] == value, "\(key)") }
  }

  @Test("what is costly, or of what nobody saved, is saved")
  func saved() throws {
    let step = "tanh(h * exp(x * h)) * z"
    let before = try graph(step, [])
    let after = try run([.recompute, .trim], on: before)
    #expect(after.scans.map(\.emitCount) == (try run([.trim], on: before)).scans.map(\.emitCount))
  }
}
