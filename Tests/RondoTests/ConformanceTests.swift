import Foundation
import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

@Suite("PyTorch's answers") struct ConformanceTests {
  /// How far from PyTorch's double precision a result may be, in parts of the greatest magnitude.
  private static let tolerance = 2e-6

  /// What was compared.
  private struct Tally: Sendable {
    var cases = 0
    var comparisons = 0
    var largest = 0.0

    /// Adds what was compared elsewhere.
    mutating func add(_ other: Tally) {
      cases += other.cases
      comparisons += other.comparisons
      largest = max(largest, other.largest)
    }
  }

  @Test("hold in the interpreter, in rolled C, fast and strict, and in unrolled C")
  func hold() async throws {
    let names = try ConformanceCase.names()
    let total = try await withThrowingTaskGroup(of: Tally.self) { group in
      for name in names {
        group.addTask { try Self.compare(ConformanceCase(name)) }
      }
      return try await group.reduce(into: Tally()) { $0.add($1) }
    }
    print(
      "\(total.cases) cases, 3 ways, \(total.comparisons) comparisons,",
      "largest error \(total.largest)"
    )
    #expect(total.cases == names.count)
    #expect(total.cases >= 49 || ProcessInfo.processInfo.environment["RONDO_CONFORMANCE"] != nil)
    #expect(total.comparisons >= 30 * total.cases)
  }

  /// Computes a case every way, and holds all of it against PyTorch's arrays.
  private static func compare(_ item: ConformanceCase) throws -> Tally {
    var tally = Tally(cases: 1)
    let wanted = item.expected
    func hold(_ found: Arrays, _ way: String) {
      for (name, values) in wanted {
        guard let array = found[name] else {
          Issue.record("\(item.name), \(way): no \(name)")
          continue
        }
        // One number may be what is left of a sum that cancels: its own magnitude says nothing.
        let least = name.hasPrefix("gradient ") && values.count == 1 ? item.gradientMagnitude : 0
        let error = relativeError(array, to: values, least: least)
        #expect(error <= tolerance, "\(item.name), \(way): \(name)")
        tally.comparisons += 1
        tally.largest = max(tally.largest, error)
      }
    }
    let rolled = try ModelHarness(item.definition, item.options(.strict))
    hold(try ConformanceRun.interpreted(item, rolled), "interpreted")
    for arithmetic in Compiler.Arithmetic.allCases {
      let harness = try ModelHarness(item.definition, item.options(arithmetic))
      let found = try ConformanceRun.native(item, harness)
      hold(found, "\(arithmetic)")
      for threads in [2, 3, 8] {
        let shared = try ConformanceRun.native(item, harness, threads: threads)
        #expect(
          differences(shared, from: found) == [],
          "\(item.name), \(arithmetic), \(threads) threads"
        )
      }
    }
    let unrolled = try ModelHarness(item.definition, item.options(.fast, .full))
    hold(try ConformanceRun.native(item, unrolled), "unrolled")
    return tally
  }
}

/// All results of a case, one way: outputs, gradients, and the weights after updates.
enum ConformanceRun {
  /// The entries that a case is about, `train` aside.
  static func entries(_ item: ConformanceCase) -> [Entry] {
    item.isTraining ? [.infer, .evaluate, .gradients] : [.infer, .pullback]
  }

  /// In the interpreter, on the optimised graphs.
  static func interpreted(_ item: ConformanceCase, _ harness: ModelHarness) throws -> Arrays {
    try results(item) { try harness.interpret($0, $1, in: Float.self) }
  }

  /// In a compiled model; updates go on in the same blocks.
  static func native(
    _ item: ConformanceCase,
    _ harness: ModelHarness,
    threads: Int = 1
  ) throws -> Arrays {
    // No level of optimisation changes the bits, and the least compiles fastest.
    let model = try harness.native()
    let session = try model.session(item.data, threads: threads)
    return try results(item) { try model.run($0, $1, in: session) }
  }

  /// What a way of running gives; each update is told the arrays that the one before left.
  private static func results(
    _ item: ConformanceCase,
    _ run: (Entry, CallData) throws -> Arrays
  ) throws -> Arrays {
    var data = item.data
    var found: Arrays = [:]
    for entry in entries(item) {
      for (name, values) in try run(entry, data) { found[name] = values }
    }
    guard item.isTraining else { return found }
    for update in 1...item.updates {
      let after = try run(.train, data)
      found["loss \(update)"] = after["loss"]
      for (name, values) in after where name.hasPrefix("after ") {
        data.arrays[String(name.dropFirst(6))] = values
        found["step\(update) " + name.dropFirst(6)] = values
      }
    }
    return found
  }
}
