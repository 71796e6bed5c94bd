import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Work in parts") struct PartsTests {
  private static let text = """
    model parted {
      axis time <= 4
      input x: real[3] over time
      input weight: real over time
      target y: real over time
      layer cell = gru(4), fc = linear(1)
      p = fc(cell(x))[0]
      loss average(square(p - y), weight: weight * weight) as error
      loss 0.1 * average(abs(p)) as size
      loss sum(fc.weight * fc.weight) as decay
      metric average(abs(p - y))
      train adam(rate: 0.01, clip_norm: 0.05)
    }
    """

  private static func data(_ harness: ModelHarness) -> CallData {
    CallData.random(
      for: harness.elaborated,
      batch: 5,
      own: ["time": [4, 1, 3, 2, 4]],
      seed: 3
    )
  }

  /// The data of some rows.
  private static func part(_ data: CallData, _ rows: Range<Int>) -> CallData {
    var part = data
    part.batch = rows.count
    part.own = ["time": Array(data.own["time", default: []][rows])]
    for (name, width) in [("x", 12), ("weight", 4), ("y", 4)] {
      let range = rows.lowerBound * width..<rows.upperBound * width
      part.arrays[name] = Array(data.arrays[name, default: []][range])
    }
    return part
  }

  private static let parts = [0..<2, 2..<3, 3..<5]

  /// What the counts of all parts add up to; nothing averages over them again.
  private static func divisors(_ native: NativeModel, _ data: CallData) throws -> Arrays {
    var divisors: Arrays = [:]
    for rows in parts {
      for (name, values) in try native.run(.evaluate, part(data, rows))
      where name.hasSuffix(".count") && !name.hasPrefix("metric") {
        let name = name.dropLast(5) + "divisor"
        divisors[String(name)] = [(divisors[String(name)]?[0] ?? 0) + values[0]]
      }
    }
    // What is not averaged is added up as often as there are parts.
    #expect(divisors["decay.divisor"] == [3])
    return divisors
  }

  private static func gradients(_ native: NativeModel, _ data: CallData) throws -> Arrays {
    let divisors = try divisors(native, data)
    var total: Arrays = [:]
    for rows in parts {
      var part = part(data, rows)
      part.arrays.merge(divisors) { $1 }
      for (name, values) in try native.run(.gradients, part) where name.hasPrefix("gradient ") {
        total[name] = zip(total[name] ?? values.map { _ in 0 }, values).map(+)
      }
    }
    return total
  }

  @Test("gradients of parts add up to those of the whole, with the counts of all as divisors")
  func gradients() throws {
    let harness = try ModelHarness(Self.text, .init(batch: 5))
    let native = try harness.native()
    let data = Self.data(harness)
    let whole = try native.run(.gradients, data)
    let total = try Self.gradients(native, data)
    #expect(total.count == 6)
    for (name, values) in total {
      #expect(relativeError(values, to: whole[name] ?? []) < 1e-5, "\(name)")
    }
  }

  @Test("added-up gradients update weights as training on the whole does")
  func update() throws {
    let harness = try ModelHarness(Self.text, .init(batch: 5))
    let native = try harness.native()
    let data = Self.data(harness)
    var given = data
    for (name, values) in try Self.gradients(native, data) {
      given.arrays["gradient." + name.dropFirst("gradient ".count)] = values
    }
    let updated = try native.run(.update, given)
    let trained = try native.run(.train, data)
    let weights = trained.keys.filter { $0.hasPrefix("after ") }
    #expect(weights.count == 6 * 3 + 2)
    for name in weights.sorted() {
      #expect(relativeError(updated[name] ?? [], to: trained[name] ?? []) < 1e-5, "\(name)")
    }
  }

  @Test("gradients that are not finite update nothing")
  func notFinite() throws {
    let harness = try ModelHarness(Self.text, .init(batch: 5))
    let native = try harness.native()
    var data = CallData.random(for: harness.whole, batch: 1, seed: 3)
    data.arrays["gradient.fc.bias"] = [.infinity]
    #expect(throws: RuntimeError.self) { try native.run(.update, data) }
  }

  @Test("an average that is not merely added to the loss has no divisor")
  func quotient() throws {
    let text = """
      model quotient {
        input x: real
        param w: real ~ 0.5
        loss average(square(w - x)) / average(square(x)) as error
        loss 2 * average(abs(w)) - 1 as size
      }
      """
    let harness = try ModelHarness(text, .init(batch: 2))
    let names = harness.whole.variables.filter { $0.kind == .divisor }.map(\.name)
    #expect(names.count == 1)
    #expect(names[0].hasPrefix("size"))
  }
}

@Suite("States of rows") struct StateCopyTests {
  private static let text = """
    model echo {
      axis time <= 6
      input x: real[2] over time
      layer cell = lstm(3)
      output cell(x) as y
      output sum(previous(x)) as before
      stream over time
    }
    """

  /// Steps some rows of a session on numbers that differ by row and time.
  private static func step(_ session: Session, rows: [Int], time: Int) throws -> [[Float]] {
    let inputs = rows.flatMap { row -> [Float] in
      [0, 2].map { dim -> Float in Float(row * 3 + dim - time) * 0.1 }
    }
    let found = try session.run("step", batch: rows.count, inputs: ["x": .float(inputs)])
    guard case .float(let y)? = found["y"] else { return [] }
    return rows.indices.map { Array(y[$0 * 3..<$0 * 3 + 3]) }
  }

  @Test("go from session to session, and the stream goes on as if it had stayed")
  func moved() throws {
    let harness = try ModelHarness(Self.text, .init(batch: 3))
    let model = try harness.native().model
    let one = try Session(model)
    for variable in model.manifest.parameters {
      let count = variable.shape.reduce(1, *)
      try one.set(.parameters, variable.name, (0..<count).map { Float($0 % 7) * 0.1 - 0.25 })
    }
    let other = try Session(model, sharing: one.parameters)
    _ = try one.run("begin", batch: 3)
    _ = try other.run("begin", batch: 1)
    for time in 0..<2 { _ = try Self.step(one, rows: [0, 1, 2], time: time) }
    // Row 2 moves into row 0 of the other session, and the one that had begun there into row 1.
    try other.copyState(row: 0, to: one, row: 1)
    try one.copyState(row: 2, to: other, row: 0)
    let alone = try Self.step(other, rows: [2], time: 2)
    let together = try Self.step(one, rows: [0, 1, 2], time: 2)
    #expect(alone[0] == together[2])
    let fresh = try Session(model, sharing: one.parameters)
    _ = try fresh.run("begin", batch: 2)
    #expect(try Self.step(fresh, rows: [0, 1], time: 2)[1] == together[1])
    #expect(throws: RuntimeError.self) { try one.copyState(row: 3, to: other, row: 0) }
  }
}
