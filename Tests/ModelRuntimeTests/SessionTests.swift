import TestSupport
import Testing

@testable import ModelRuntime

@Suite struct SessionTests {
  /// A session of the tiny model with chosen weights.
  private func session() throws -> Session {
    let session = try Session(TinyModel.loaded())
    try session.set(.parameters, "w", [1, 2, 3])
    try session.set(.parameters, "b", [0.5])
    return session
  }

  /// Two rows of three steps of two numbers.
  private let x: [Float] = [1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1]

  /// Names, sizes and defaults are as the table says.
  @Test func describes() throws {
    let model = try TinyModel.loaded()
    #expect(model.name == "tiny")
    #expect(model.manifest.axes.map(\.name) == ["batch", "time"])
    #expect(model.defaultRate == 0.05)
    #expect(model.generates)
    #expect(model.manifest.entry("train")?.inputs.map(\.role).last == .rate)
  }

  /// The answer is right, for a batch below the bound.
  @Test func infers() throws {
    let result = try session().run("infer", batch: 2, inputs: ["x": .float(x)])
    #expect(result["y"] == .float([4.5, 4, 9.25, 0.5, 0.5, 2.5]))
  }

  /// Arrays of any other size, type or name are refused before the model sees them.
  @Test func refusesArrays() throws {
    let session = try session()
    func message(
      _ inputs: [String: TensorData],
      batch: Int = 2,
      lengths: [String: [Int32]] = [:],
      outputs: Set<String>? = nil,
      entry: String = "infer"
    ) -> String {
      do {
        _ = try session.run(
          entry,
          batch: batch,
          lengths: lengths,
          inputs: inputs,
          outputs: outputs
        )
        return "no error"
      } catch { return error.message }
    }
    #expect(message(["x": .float([1])]).contains("has 12 elements for 2 rows, and 1 are given"))
    #expect(message(["x": .float(x + [1])]).contains("and 13 are given"))
    #expect(message(["x": .int([1])]).contains("has elements float32, not int32"))
    #expect(message([:]) == "tiny.infer needs 'x'")
    #expect(message(["x": .float(x), "z": .float(x)]) == "tiny.infer has no input 'z'")
    #expect(message(["x": .float(x)], batch: 0).contains("between 1 and 4"))
    #expect(message(["x": .float(x)], batch: 5).contains("between 1 and 4"))
    #expect(message(["x": .float(x)], outputs: ["q"]) == "tiny.infer has no output 'q'")
    #expect(message([:], entry: "fly").contains("no entry 'fly'"))
    #expect(message(["x": .float(x)], lengths: ["time": [1]]).contains("1 lengths of time"))
    #expect(message(["x": .float(x)], lengths: ["time": [1, 4]]).contains("a length 4 of time"))
    #expect(message(["x": .float(x)], lengths: ["time": [0, 1]]).contains("a length 0 of time"))
    #expect(message(["x": .float(x)], lengths: ["batch": [1, 1]]).contains("no axis"))
  }

  /// What the model refuses comes with its own sentence and its status.
  @Test func passesStatuses() throws {
    let session = try session()
    let token = #expect(throws: RuntimeError.self) {
      try session.run("look", batch: 1, inputs: ["text": .int([0, 5, 1])])
    }
    #expect(token?.status == 7)
    #expect(token?.message == "tiny.look: a token is out of range")
    let ragged = #expect(throws: RuntimeError.self) {
      try session.run("infer", batch: 2, lengths: ["time": [1, 2]], inputs: ["x": .float(x)])
    }
    #expect(ragged?.message == "tiny.infer: rows differ in length")
    #expect(
      try session.run("look", batch: 1, lengths: ["time": [2]], inputs: ["text": .int([1, 2, 4])])[
        "sum"
      ] == .int([3])
    )
  }

  /// The weights follow from the seed, and are read as they were written.
  @Test func initializes() throws {
    let session = try session()
    #expect(try session.get(.parameters, "w") == [1, 2, 3])
    #expect(try session.get(.parameters, "b") == [0.5])
    try session.initialize(seed: 3)
    let first = try session.parameters.bytes()
    try session.initialize(seed: 4)
    #expect(try session.parameters.bytes() != first)
    try session.initialize(seed: 3)
    #expect(try session.parameters.bytes() == first)
    #expect(throws: RuntimeError.self) { try session.get(.parameters, "v") }
    #expect(throws: RuntimeError.self) { try session.set(.parameters, "b", [1, 2]) }
  }

  /// A call whose arrays stand ready gives what the convenient way gives.
  @Test func runsPreparedCalls() throws {
    let session = try session()
    let call = try EntryCall(session.model, entry: "infer")
    try call.setBatch(2)
    for _ in 0..<3 {
      try call.withInput(0, as: Float.self) { _ = $0.update(fromContentsOf: x) }
      try session.run(call)
      #expect(
        try call.withOutput(0, as: Float.self) { Array($0) } == [4.5, 4, 9.25, 0.5, 0.5, 2.5]
      )
    }
    #expect(throws: RuntimeError.self) { try call.withInput(0, as: Int32.self) { $0.count } }
    #expect(throws: RuntimeError.self) { try call.withInput(1, as: Float.self) { $0.count } }
    let other = try Session(TinyModel.loaded())
    #expect(throws: RuntimeError.self) { try other.run(call) }
  }

  /// Rows are drawn to their end, and a prompt is gone on from.
  @Test func generates() throws {
    let session = try session()
    let rows = try session.generate(Generation(limit: 10, prompt: [[1, 2], [3, 3]]), batch: 2)
    #expect(rows.map(\.values) == [[3, 4, 0], [4, 0]])
    #expect(rows.map(\.logProbability) == [-3, -2])
    #expect(try session.generate(Generation(limit: 2)).map(\.values) == [[1, 2]])
    for wrong in [
      Generation(limit: 0), Generation(limit: 1, prompt: [[1], [2]]),
      Generation(limit: Int.max), Generation(limit: 1, temperature: -1),
    ] {
      #expect(throws: RuntimeError.self) { try session.generate(wrong) }
    }
  }

  /// Sessions may share weights; a shared block is not written while it is read.
  @Test func sharesParameters() throws {
    let session = try session()
    let other = try Session(session.model, sharing: session.parameters)
    #expect(try other.get(.parameters, "w") == [1, 2, 3])
    try session.parameters.use(exclusive: false) { () throws(RuntimeError) in
      _ = try other.run("infer", batch: 2, inputs: ["x": .float(x)])
      var refused = false
      do { try other.initialize(seed: 1) } catch { refused = true }
      #expect(refused)
    }
    try other.initialize(seed: 1)
    let small = try Block(byteCount: 3)
    #expect(throws: RuntimeError.self) { try Session(session.model, sharing: small) }
    #expect(throws: RuntimeError.self) { try Block(byteCount: -1) }
    #expect(throws: RuntimeError.self) { try Block(byteCount: Int.max) }
  }

  /// Many threads infer from one block at a time.
  @Test func infersConcurrently() async throws {
    let model = try TinyModel.loaded()
    let session = try session()
    let weights = try Block(byteCount: session.parameters.byteCount)
    try weights.replace(with: session.parameters.bytes())
    let x = x
    let all = try await withThrowingTaskGroup(of: TensorData?.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let own = try Session(model, sharing: weights)
          var last: TensorData?
          for _ in 0..<200 { last = try own.run("infer", batch: 2, inputs: ["x": .float(x)])["y"] }
          return last
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all == Array(repeating: .float([4.5, 4, 9.25, 0.5, 0.5, 2.5]), count: 8))
  }

  /// Weights go to a file and back; what does not fit is refused by name, and nothing is changed.
  @Test func loadsWeights() throws {
    let session = try session()
    let bytes = try session.weights(metadata: ["note": "x"])
    #expect(try bytes == session.weights(metadata: ["note": "x"]))
    let other = try Session(session.model)
    try other.load(Safetensors(bytes))
    #expect(try other.parameters.bytes() == session.parameters.bytes())
    func message(_ arrays: [(name: String, shape: [Int], values: [Float])]) throws -> String {
      let file = try Safetensors(Safetensors.encode(arrays))
      do {
        try other.load(file)
        return "no error"
      } catch { return error.message }
    }
    #expect(try message([("w", [3], [9, 9, 9])]) == "the weights lack 'b'")
    #expect(
      try message([("w", [3], [9, 9, 9]), ("b", [], [9]), ("c", [], [9])])
        == "the weights have left over 'c'"
    )
    #expect(try message([("v", [], [9])]) == "the weights lack 'w', 'b' and have left over 'v'")
    #expect(
      try message([("w", [3], [9, 9, 9]), ("b", [1], [9])])
        == "'b' has shape [1], and b has []"
    )
    #expect(try other.parameters.bytes() == session.parameters.bytes())
  }
}
