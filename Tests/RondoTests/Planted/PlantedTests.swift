import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Every planted fault") struct PlantedTests {
  @Test("is found by the suite's own checks", arguments: NamedFault.all)
  func found(_ one: NamedFault) throws {
    #expect(try Self.findings(of: one.fault, by: one.finder) > 0)
  }

  @Test("is what is found: without it nothing is")
  func nothing() throws {
    var texts = Set<String>()
    for one in NamedFault.all {
      if case .randomModels(let text) = one.finder, !texts.insert(text).inserted { continue }
      #expect(try Self.findings(of: nil, by: one.finder) == 0, "\(one.name)")
    }
    #expect(NamedFault.all.count >= 30)
  }

  /// How much is wrong with models that have a fault.
  private static func findings(of fault: PlantedFault?, by finder: NamedFault.Finder) throws -> Int
  {
    switch finder {
    case .randomModels(let text): try randomModels(text, fault)
    case .conformance(let name): try conformance(name, fault)
    case .finiteness: try finiteness(fault)
    case .refusal: try refusal(fault)
    case .carrying: try carrying(fault)
    case .stepping: try stepping(fault)
    }
  }

  private static func randomModels(_ text: String, _ fault: PlantedFault?) throws -> Int {
    let compiler =
      try (try? CCompiler.find(option: "tcc", environment: Platform.environment))
      ?? CCompiler.find(environment: Platform.environment)
    var report = FuzzReport()
    // The seed has three for a factor, so that the steps are written out too.
    let item = FuzzCase(text: text, seed: 9, lengths: ["t": [2, 3, 1]])
    return FuzzRun(compiler: compiler, fault: fault).failures(of: item, report: &report).count
  }

  private static func conformance(_ name: String, _ fault: PlantedFault?) throws -> Int {
    let item = try ConformanceCase(name)
    let harness = try ModelHarness(item.definition, item.options(.strict), fault: fault)
    let found = try ConformanceRun.interpreted(item, harness)
    return item.expected.count { name, values in
      relativeError(found[name] ?? [], to: values, least: 1e-3) > 1e-4
    }
  }

  private static let carried = """
    model carried {
      axis t <= 6
      input x: real[2] over t
      input w: token(5) over t
      layer embed = embedding(2), rnn = gru(3)
      output rnn(x + embed(w)) as y
      loss average(sum(square(rnn(x + embed(w)))))
      train sgd(rate: 0.1) carry over t
    }
    """

  /// 1 iff an update with numbers that are not finite is not refused.
  private static func finiteness(_ fault: PlantedFault?) throws -> Int {
    let harness = try ModelHarness(carried, .init(batch: 2), fault: fault)
    var data = CallData.random(for: harness.whole, batch: 2, seed: 3)
    data.arrays["x"]?[3] = .infinity
    do {
      _ = try harness.native().run(.train, data)
      return 1
    } catch is RuntimeError {
      return 0
    }
  }

  private static let guarded = """
    model guarded {
      axis word <= 3
      axis letter <= 4 in word
      input x: real over word over letter
      input w: token(5) over word
      output sum(x over word over letter) as total
      output number(last(w)) as tail
    }
    """

  /// How many wrong calls are not refused: a token at its bound, a row without letters.
  private static func refusal(_ fault: PlantedFault?) throws -> Int {
    let native = try ModelHarness(guarded, .init(batch: 2), fault: fault).native()
    let session = try Session(native.model)
    var missed = 0
    for isToken in [true, false] {
      let call = try EntryCall(native.model, entry: "infer")
      let words = try #require(call.input(named: "w"))
      if isToken {
        try call.withInput(words, as: Int32.self) { $0[1] = 5 }
      } else {
        try call.setLengths([4, 2, 1, 3, 0, 4], axis: "letter")
      }
      do {
        try session.run(call)
        missed += 1
      } catch {
        continue
      }
    }
    return missed
  }

  /// How many states differ after two windows from those after both at once.
  private static func carrying(_ fault: PlantedFault?) throws -> Int {
    let harness = try ModelHarness(carried, .init(batch: 2, arithmetic: .strict), fault: fault)
    let native = try harness.native()
    let data = CallData.random(for: harness.whole, batch: 2, seed: 3)
    let session = try native.session(data)
    func run(_ range: Range<Int>, isFresh: Bool) throws -> Arrays {
      var part = data
      part.lengths = ["t": range.count]
      for (name, width) in [("x", 2), ("w", 1)] {
        let all = data.arrays[name, default: []]
        part.arrays[name] = (0..<2).flatMap { row in
          (0..<6).flatMap { time in
            (0..<width).map {
              all[(row * 6 + min(5, range.lowerBound + time)) * width + $0]
            }
          }
        }
      }
      part.arrays["fresh"] = isFresh ? [1, 1] : [0, 0]
      return try native.run(.evaluate, part, in: session).filter { $0.key.hasPrefix("after ") }
    }
    let whole = try run(0..<6, isFresh: true)
    _ = try run(0..<4, isFresh: true)
    let parts = try run(4..<6, isFresh: false)
    return whole.count { parts[$0.key] != $0.value }
  }

  /// How many steps differ from the whole.
  private static func stepping(_ fault: PlantedFault?) throws -> Int {
    let text = """
      model stepped {
        axis t <= 4
        input x: real over t
        layer rnn = lstm(3)
        output rnn(x) as y
        stream over t
      }
      """
    let native = try ModelHarness(text, .init(batch: 1), fault: fault).native()
    let session = try Session(native.model)
    try session.initialize(seed: 4)
    let x: [Float] = [0.5, -1, 0.25, 2]
    let whole = try session.run("infer", batch: 1, inputs: ["x": .float(x)])
    guard case .float(let y)? = whole["y"] else { return 0 }
    _ = try session.run("begin", batch: 1)
    return try x.indices.count { time in
      let step = try session.run("step", batch: 1, inputs: ["x": .float([x[time]])])
      return step["y"] != .float(Array(y[time * 3..<time * 3 + 3]))
    }
  }
}
