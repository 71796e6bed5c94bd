import ModelRuntime
import Rondo
import TestSupport
import Testing
import Workbench

@Suite("Rows 1 to 5, 8 and 21: layers") struct LayerRowsTests {
  /// How far from PyTorch's double precision a result may be, in parts of the greatest magnitude.
  private static let tolerance = 2e-6

  // MARK: Row 1

  @Test("the scalar network gives the textbook's state, answer and error")
  func scalar() throws {
    let trained = try TrainedExamples.model("scalar_rnn")
    let first = try Session(CompiledModel(folder: trained.folder))
    try first.initialize(seed: 0)
    let x = padded([[Float](arrayLiteral: 1, 5, 7, 4)], to: 16, with: .nan)
    let found = try first.infer(lengths: ["time": [4]], ["x": .float(x)])
    #expect(abs(try #require(found["h"]?.first) + 1) < 0.00005)
    #expect(abs(try #require(found["y"]?.first) - 0.7311) < 0.00005)
    #expect(abs(try #require(trained.epochs.first).loss - 203.6027) < 0.00005)
  }

  @Test(
    "one step of Adam moves the weights of the scalar network's answer by the rate, and no other"
  )
  func scalarStep() throws {
    let after = try TrainedExamples.model("scalar_rnn").session()
    #expect(abs(try #require(after.get(.parameters, "w_hy").first) - 3.9) < 1e-6)
    #expect(abs(try #require(after.get(.parameters, "b_y").first) - 5.1) < 1e-6)
    #expect(try after.get(.parameters, "w_hh") == [10])
    #expect(try after.get(.parameters, "w_xh") == [-10])
    #expect(try after.get(.parameters, "b_h") == [0])
  }

  // MARK: Row 2

  /// The tutorial's weights of a layer with two inputs and three units, in four digits.
  private static let weights: [String: [Float]] = [
    "weight_ih": [0.5407, -0.1051, 0.1025, 0.3401, -0.1288, 0.4972],
    "bias_ih": [-0.5645, 0.1087, -0.1245],
    "weight_hh": [-0.2017, -0.4285, -0.0833, 0.4595, 0.3113, -0.0283, -0.5705, -0.0535, -0.1654],
    "bias_hh": [0.3875, 0.5334, -0.2906],
  ]

  /// A layer's outputs on (1, 1), (2, 2), (3, 3), (4, 4).
  private func tutorialOutputs(_ name: String, prefix: String) throws -> [Float] {
    let session = try TrainedExamples.model(name).session()
    for (weight, values) in Self.weights { try session.set(.parameters, prefix + weight, values) }
    let x = padded([[Float](arrayLiteral: 1, 1, 2, 2, 3, 3, 4, 4)], to: 20, with: .nan)
    let found = try session.infer(lengths: ["time": [4]], ["x": .float(x)])
    return Array(try #require(found["y"]).prefix(12))
  }

  @Test("the layer by hand gives the tutorial's outputs, the library's the same bits")
  func layerByHand() throws {
    let byHand = try tutorialOutputs("rnn_by_hand", prefix: "")
    let wanted: [Float] = [
      0.2529, 0.7949, -0.0466, 0.2971, 0.9556, 0.1416, 0.5706, 0.9837, 0.4186, 0.7589, 0.9947,
      0.5448,
    ]
    #expect(byHand.count == wanted.count)
    for (a, b) in zip(byHand, wanted) { #expect(abs(a - b) <= 2e-4) }
    let fromLibrary = try tutorialOutputs("rnn_layer", prefix: "rnn.")
    #expect(fromLibrary.map(\.bitPattern) == byHand.map(\.bitPattern))
  }

  @Test(
    "trained from one seed, the layer by hand and the library's have the same losses, bit for bit"
  )
  func sameTraining() throws {
    let byHand = try TrainedExamples.model("rnn_by_hand").epochs.map(\.loss)
    #expect(byHand.count == 200)
    #expect(try TrainedExamples.model("rnn_layer").epochs.map(\.loss) == byHand)
  }

  // MARK: Rows 3 to 5

  @Test(
    "layers give PyTorch's outputs and states with PyTorch's weights, which load by name",
    arguments: ["rnn_layer", "lstm_layer", "gru_layer", "gru_reset_before_layer"]
  )
  func layers(_ name: String) throws {
    try compare(Session(CompiledModel(folder: TrainedExamples.model(name).folder)), name)
  }

  /// A definition and one of the cells it is tried with.
  struct Variant: CustomTestStringConvertible, Sendable {
    var name: String
    var cell: String
    var testDescription: String { "\(name) with \(cell)" }
  }

  /// Deep ones and those that go both ways, with each cell.
  static let variants = ["bidirectional_lstm", "stacked_lstm", "stacked_bidirectional_gru"]
    .flatMap { name in ["rnn_tanh", "lstm", "gru"].map { Variant(name: name, cell: $0) } }

  @Test("deep and bidirectional layers of each cell give PyTorch's answers", arguments: variants)
  func deepLayers(_ variant: Variant) throws {
    let definition = try Example(variant.name).definition
    let text = String(decoding: definition.bytes, as: UTF8.self)
      .replacing(/(rnn_tanh|lstm|gru)\(/, with: variant.cell + "(")
    let other = Definition(name: "\(variant.name).graph", bytes: Array(text.utf8))
    let generated = try Compiler(options: .init(batch: 3)).generate(other)
    // No level of optimisation changes the bits.
    try compare(
      Session(BuiltModels.build(generated, 0)),
      "\(variant.name)-\(variant.cell)"
    )
  }

  /// Loads PyTorch's weights and holds every output against PyTorch's.
  private func compare(_ session: Session, _ name: String) throws {
    try session.loadWeights(from: Answers.path(name + ".weights"))
    let answers = try Answers(name)
    let lengths = try #require(answers.counts["lengths"])
    let x = try #require(answers.numbers["x"])
    let time = try #require(session.model.manifest.axes.first { $0.name == "time" })
    let width = x.count / lengths.count / 10
    let rows = lengths.indices.map { Array(x[$0 * 10 * width..<($0 + 1) * 10 * width]) }
    let found = try session.infer(
      batch: lengths.count,
      lengths: ["time": lengths],
      ["x": .float(padded(rows, to: time.bound * width, with: .nan))]
    )
    for (output, wanted) in answers.numbers where output != "x" {
      let values = try #require(found[output], "no \(output)")
      // Ours has room for the bound, PyTorch's for ten steps.
      let own = values.count / lengths.count
      let size = wanted.count / lengths.count
      let cut = lengths.indices.flatMap { Array(values[$0 * own..<$0 * own + size]) }
      #expect(relativeError(cut, to: wanted) <= Self.tolerance, "\(output)")
    }
    #expect(found.count == answers.numbers.count - 1)
  }

  // MARK: Row 21

  /// A cell written gate by gate, and where its gates are in the library's.
  struct Textbook: CustomTestStringConvertible, Sendable {
    var byHand: String
    var library: String
    /// By gate of the library's in its order: its name in the textbook.
    var gates: [String]
    /// Whether the textbook has a second bias.
    var hasSecondBias = false
    var testDescription: String { byHand }
  }

  /// The cells of the textbooks.
  static let textbooks = [
    Textbook(
      byHand: "lstm_by_hand",
      library: "lstm_layer",
      gates: ["add", "forget", "new", "output"]
    ),
    Textbook(
      byHand: "gru_by_hand",
      library: "gru_layer",
      gates: ["reset", "update", "new"],
      hasSecondBias: true
    ),
    Textbook(
      byHand: "gru_reset_before_by_hand",
      library: "gru_reset_before_layer",
      gates: ["reset", "update", "new"]
    ),
  ]

  @Test("cells written gate by gate give the library's bits", arguments: textbooks)
  func textbook(_ cells: Textbook) throws {
    let library = try Session(CompiledModel(folder: TrainedExamples.model(cells.library).folder))
    let byHand = try Session(CompiledModel(folder: TrainedExamples.model(cells.byHand).folder))
    try library.initialize(seed: 4)
    if !cells.hasSecondBias {
      let count = try library.get(.parameters, "rnn.bias_hh").count
      try library.set(.parameters, "rnn.bias_hh", [Float](repeating: 0, count: count))
    }
    var names = [("weight_ih", "w_"), ("weight_hh", "u_"), ("bias_ih", "b_")]
    if cells.hasSecondBias { names.append(("bias_hh", "bu_")) }
    for (whole, part) in names {
      let values = try library.get(.parameters, "rnn." + whole)
      let size = values.count / cells.gates.count
      for (place, gate) in cells.gates.enumerated() {
        let own = Array(values[place * size..<(place + 1) * size])
        try byHand.set(.parameters, "rnn." + part + gate, own)
      }
    }
    for name in ["value.weight", "value.bias"] {
      try byHand.set(.parameters, name, library.get(.parameters, name))
    }
    var random = SmallRandom(seed: 9)
    let x = (0..<2 * 20).map { _ in random.real(2) }
    let lengths: [Int32] = [10, 7]
    let inputs = ["x": TensorData.float(x)]
    let wanted = try library.infer(batch: 2, lengths: ["time": lengths], inputs)
    let found = try byHand.infer(batch: 2, lengths: ["time": lengths], inputs)
    #expect(differences(found, from: wanted) == [])
  }

  // MARK: Row 8

  @Test("the classifier's losses over 20 epochs are PyTorch's")
  func lossCurve() throws {
    let trained = try TrainedExamples.model("last_step_classifier")
    let session = try Session(CompiledModel(folder: trained.folder))
    try session.loadWeights(from: Answers.path("last_step_classifier.weights"))
    let data = try trained.wholeData()
    let trainer = try Trainer(
      session,
      training: data.trainingBatches(for: session.model.manifest, seed: nil),
      options: .init(epochs: 20)
    )
    var losses: [Double] = []
    _ = try trainer.run { event in
      if case .epoch(let report) = event { losses.append(report.trainingLoss) }
      return true
    }
    let wanted = try #require(Answers("last_step_classifier").numbers["loss"])
    #expect(losses.count == wanted.count && losses.count == 20)
    for (a, b) in zip(losses, wanted) { #expect(abs(a - Double(b)) < 1e-4) }
    #expect(try #require(losses.last) < 0.5)
  }
}
