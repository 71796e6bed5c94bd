import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

@Suite("Bits of compiled code") struct StrictBitsTests {
  /// PyTorch's cases, as models to be run.
  static let names = (try? ConformanceCase.names()) ?? []
  /// Those that can be run one position at a time.
  static let streams = names.filter { (try? ConformanceCase($0).isStream) ?? false }

  @Test("strict C gives the interpreter's, forward, backward and after updates", arguments: names)
  func strict(_ name: String) throws {
    let item = try ConformanceCase(name)
    let harness = try ModelHarness(item.definition, item.options(.strict))
    let wanted = try ConformanceRun.interpreted(item, harness)
    let found = try ConformanceRun.native(item, harness)
    #expect(wanted.count >= 2)
    #expect(differences(found, from: wanted) == [])
  }

  /// The cases with each arithmetic; long ones, whose unrolled C takes as long to compile as twenty
  /// others', in the one that PyTorch's answers are held against.
  static let unrolledNames = names.flatMap { name in
    Compiler.Arithmetic.allCases.filter { $0 == .fast || !name.hasSuffix("-long") }.map {
      (name, $0)
    }
  }

  @Test("unrolled C gives the rolled one's", arguments: unrolledNames)
  func unrolled(_ name: String, _ arithmetic: Compiler.Arithmetic) throws {
    let item = try ConformanceCase(name)
    let rolled = try ModelHarness(item.definition, item.options(arithmetic))
    let unrolled = try ModelHarness(item.definition, item.options(arithmetic, .full))
    let wanted = try ConformanceRun.native(item, rolled)
    #expect(differences(try ConformanceRun.native(item, unrolled), from: wanted) == [])
  }

  @Test("steps give an inference's", arguments: streams, Compiler.Arithmetic.allCases)
  func steps(_ name: String, _ arithmetic: Compiler.Arithmetic) throws {
    let item = try ConformanceCase(name)
    let model = try ModelHarness(item.definition, item.options(arithmetic)).native()
    let whole = try #require(try model.run(.infer, item.data)["y"])
    let session = try model.session(item.data)
    _ = try model.run(.begin, item.data, in: session)
    for step in 0..<item.time {
      let found = try #require(try model.run(.step, item.data(at: step), in: session)["y"])
      let wanted = item.rows(of: whole, at: step)
      #expect(differences(["y": found], from: ["y": wanted]) == [], "step \(step)")
    }
  }

  @Test(
    "a row gives the same alone and among others",
    arguments: names,
    Compiler.Arithmetic.allCases
  )
  func rows(_ name: String, _ arithmetic: Compiler.Arithmetic) throws {
    let item = try ConformanceCase(name)
    let model = try ModelHarness(item.definition, item.options(arithmetic)).native()
    let together = try model.run(.infer, item.data)
    for row in 0..<item.data.batch {
      let alone = try model.run(.infer, item.data(row: row))
      for (output, values) in together {
        let size = values.count / item.data.batch
        let wanted = Array(values[row * size..<(row + 1) * size])
        #expect(differences([output: alone[output] ?? []], from: [output: wanted]) == [])
      }
    }
  }

  @Test("fast C is as near strict C as its longest sum allows", arguments: names)
  func fast(_ name: String) throws {
    let item = try ConformanceCase(name)
    let strict = try ConformanceRun.native(
      item,
      ModelHarness(item.definition, item.options(.strict))
    )
    let fast = try ConformanceRun.native(item, ModelHarness(item.definition, item.options(.fast)))
    #expect(fast.keys == strict.keys)
    // An optimiser that divides by the gradient's size makes of a small difference a large one.
    for (result, values) in strict where !result.hasPrefix("step") && !result.hasPrefix("loss ") {
      let error = relativeError(fast[result] ?? [], to: values)
      #expect(error <= item.allowance, "\(result)")
    }
  }

  @Test("fast C is not strict C")
  func modesDiffer() throws {
    let item = try ConformanceCase(#require(Self.names.first { $0.hasSuffix("long") }))
    let both = try Compiler.Arithmetic.allCases.map { arithmetic in
      try ModelHarness(item.definition, item.options(arithmetic)).native().run(.infer, item.data)
    }
    #expect(both[0] != both[1])
  }
}

extension ConformanceCase {
  /// Whether its model can be run one position at a time.
  var isStream: Bool { definition.contains("stream over") && !has("lengths") }
  /// How many positions a row has.
  var time: Int { shape("x")[1] }

  /// What a call of `step` is given at a position.
  func data(at step: Int) -> CallData {
    var data = data
    data.arrays["x"] = rows(of: array("x"), at: step)
    return data
  }

  /// What a call of `infer` is given for one row.
  func data(row: Int) -> CallData {
    var one = data
    one.batch = 1
    one.own = data.own.mapValues { [$0[row]] }
    for (name, values) in data.arrays
    where ["x", "before", "targets"].contains(name) || name.hasPrefix("h0_")
      || name.hasPrefix("c0_")
    {
      let size = values.count / data.batch
      one.arrays[name] = Array(values[row * size..<(row + 1) * size])
    }
    return one
  }

  /// One position's part of an array that is `[batch, time, ...]`.
  func rows(of values: [Float], at step: Int) -> [Float] {
    let inner = values.count / data.batch / time
    var rows: [Float] = []
    for row in 0..<data.batch {
      let start = (row * time + step) * inner
      rows += values[start..<start + inner]
    }
    return rows
  }

  /// 8 (1 + ceil(log2 terms)) 2^-23, terms being those of the longest chain of additions: forward
  /// through all steps and layers, and back through all gates.
  var allowance: Double {
    let gates = parameters("param").filter { $0.key.contains("bias") }.map(\.value.count).max() ?? 1
    let terms = 2 * time * layers * gates
    let logarithm = Double(Int.bitWidth - (terms - 1).leadingZeroBitCount)
    return 8 * (1 + logarithm) * 0x1p-23
  }
}
