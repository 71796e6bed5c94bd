import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Measures over a whole data set") struct MeasuresTests {
  private static let text = """
    model measured {
      axis time <= 4
      input x: real over time
      target y: real over time
      param w: real ~ 0.5
      p = w * x
      output p
      loss square(p - y) as error
      loss 0.1 * average(abs(p), weight: y * y) as size
      metric exp(average(square(p - y))) as perplexity
      metric 1 - average(square(p - y)) / average(square(y)) as explained
      metric average(p) - 1
      train sgd(rate: 0.1)
    }
    """

  /// A formula of averages is not the average of formulas, so this holds for merged sums alone.
  @Test("are the formulas of the averages over all, however the rows are batched")
  func merged() throws {
    let harness = try ModelHarness(Self.text, .init(batch: 5))
    let data = CallData.random(
      for: harness.elaborated,
      batch: 5,
      own: ["time": [4, 1, 3, 2, 4]],
      seed: 3
    )
    let native = try harness.native()
    let whole = try native.run(.evaluate, data)
    var sums: Arrays = [:]
    for rows in [0..<2, 2..<3, 3..<5] {
      var part = data
      part.batch = rows.count
      part.own = ["time": Array(data.own["time", default: []][rows])]
      for name in ["x", "y"] {
        part.arrays[name] = Array(
          data.arrays[name, default: []][rows.lowerBound * 4..<rows.upperBound * 4]
        )
      }
      for (name, values) in try native.run(.evaluate, part)
      where name.hasSuffix(".sum") || name.hasSuffix(".count") {
        sums[name] = [(sums[name]?[0] ?? 0) + values[0]]
      }
    }
    var given = CallData(batch: 1, arrays: sums)
    given.arrays["w"] = data.arrays["w"]
    let measures = try native.run(.measures, given)
    #expect(
      measures.keys.sorted() == ["error", "explained", "loss", "metric", "perplexity", "size"]
    )
    for (name, value) in measures {
      #expect(relativeError(value, to: whole[name] ?? []) < 1e-5, "\(name)")
    }
  }
}
