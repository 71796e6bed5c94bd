import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("The systems of the tutorials") struct SystemsTests {
  /// h = tanh(w_hh h + w_xh x + b_h), y = sigmoid(w_hy h + b_y), on numbers.
  private static let scalar = """
    model scalar {
      axis time <= 4
      input x: real over time
      target truth: real
      param w_hh, w_xh, b_h, w_hy, b_y: real ~ uniform(1)
      scan over time {
        state h: real = -1
        next h = tanh(w_hh * h + w_xh * x + b_h)
      }
      y = sigmoid(w_hy * last(h) + b_y)
      output last(h) as h
      output y
      loss square(y - truth)
      train adam(rate: 0.1)
    }

    """

  private static let scalarData = CallData(
    batch: 1,
    arrays: [
      "x": [1, 5, 7, 4], "truth": [15], "w_xh": [-10], "w_hh": [10], "b_h": [0], "w_hy": [4],
      "b_y": [5],
    ]
  )

  @Test("the scalar network gives the textbook's state, output and error")
  func scalarForward() throws {
    let model = try ModelHarness(Self.scalar, .init()).native()
    let outputs = try model.run(.infer, Self.scalarData)
    let h = try #require(outputs["h"]?.first)
    let y = try #require(outputs["y"]?.first)
    #expect(abs(h + 1) < 0.00005)
    #expect(abs(y - 0.7311) < 0.00005)
    let loss = try #require(try model.run(.evaluate, Self.scalarData)["loss"]?.first)
    #expect(abs(loss - 203.6027) < 0.0005)
  }

  @Test("one Adam step moves the scalar network's output weights by the rate, and no other")
  func scalarStep() throws {
    let model = try ModelHarness(Self.scalar, .init()).native()
    let after = try model.run(.train, Self.scalarData)
    let w = try #require(after["after w_hy"]?.first)
    let b = try #require(after["after b_y"]?.first)
    #expect(abs(w - 3.9) < 1e-6)
    #expect(abs(b - 5.1) < 1e-6)
    #expect(after["after w_hh"] == [10])
    #expect(after["after w_xh"] == [-10])
    #expect(after["after b_h"] == [0])
  }

  /// The layer with two inputs and three units; `body` gives `y`.
  private static func layer(_ body: String) -> String {
    """
    model layer3 {
      axis time <= 4
      input x: real[2] over time
    \(body)
      output y
    }

    """
  }

  private static let byHand = layer(
    """
      param weight_ih: real[3, 2] ~ uniform(1)
      param weight_hh: real[3, 3] ~ uniform(1)
      param bias_ih, bias_hh: real[3] ~ uniform(1)
      scan over time {
        state h: real[3] = 0
        next h = tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)
        y = next h
      }
    """
  )

  private static let fromLibrary = layer(
    """
      layer rnn = rnn_tanh(3)
      y = rnn(x)
    """
  )

  private static let weights: Arrays = [
    "weight_ih": [0.5407, -0.1051, 0.1025, 0.3401, -0.1288, 0.4972],
    "bias_ih": [-0.5645, 0.1087, -0.1245],
    "weight_hh": [-0.2017, -0.4285, -0.0833, 0.4595, 0.3113, -0.0283, -0.5705, -0.0535, -0.1654],
    "bias_hh": [0.3875, 0.5334, -0.2906],
  ]

  /// The layer's outputs on (1, 1), (2, 2), (3, 3), (4, 4).
  private static func outputs(
    _ text: String,
    prefix: String,
    _ arithmetic: Compiler.Arithmetic
  ) throws -> [Float] {
    var arrays: Arrays = ["x": [1, 1, 2, 2, 3, 3, 4, 4]]
    for (name, values) in weights { arrays[prefix + name] = values }
    let model = try ModelHarness(text, .init(arithmetic: arithmetic)).native()
    return try #require(try model.run(.infer, CallData(batch: 1, arrays: arrays))["y"])
  }

  @Test("the layer by hand gives the tutorial's outputs", arguments: Compiler.Arithmetic.allCases)
  func layerByHand(_ arithmetic: Compiler.Arithmetic) throws {
    let found = try Self.outputs(Self.byHand, prefix: "", arithmetic)
    let wanted: [Float] = [
      0.2529, 0.7949, -0.0466, 0.2971, 0.9556, 0.1416, 0.5706, 0.9837, 0.4186, 0.7589, 0.9947,
      0.5448,
    ]
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) <= 2e-4) }
  }

  @Test(
    "the library's layer gives the bits of the one by hand",
    arguments: Compiler.Arithmetic.allCases
  )
  func sameBits(_ arithmetic: Compiler.Arithmetic) throws {
    let byHand = try Self.outputs(Self.byHand, prefix: "", arithmetic)
    let fromLibrary = try Self.outputs(Self.fromLibrary, prefix: "rnn.", arithmetic)
    #expect(differences(["y": fromLibrary], from: ["y": byHand]) == [])
  }
}
