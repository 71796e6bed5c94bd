import Foundation
import GraphIR
import Reference
import Rondo
import TestSupport
import Testing
import Transforms

@Suite("Random models") struct RandomGraphTests {
  /// How many models stand in one definition, compiled together.
  private static let modelsPerFile = 20
  /// The seed of the first; another when the environment gives one.
  private static let firstSeed =
    ProcessInfo.processInfo.environment["RONDO_SEED"].flatMap { UInt64($0) } ?? 20_261_121

  /// How far folded constants, which are Floats, may move a result that is computed in Double.
  private static let folding = 1e-6

  /// Twenty models side by side in one definition, with the text of each.
  private static func models(_ file: UInt64) -> (whole: String, texts: [String]) {
    let texts = (0..<UInt64(modelsPerFile)).map { place in
      RandomGraphText(prefix: "m\(place)_", seed: firstSeed &+ file &* 1000 &+ place).text
    }
    return ("model many {\n\(texts.joined())}\n", texts)
  }

  @Test("give the interpreter's bits, forward and backward", arguments: UInt64(0)..<10)
  func bits(file: UInt64) throws {
    let (text, _) = Self.models(file)
    let options = Compiler.Options(batch: 3, arithmetic: .strict, pullback: true)
    let harness = try ModelHarness(text, options)
    let model = try harness.native(optimization: 0)
    for entry in [Entry.infer, .gradients, .pullback] {
      let graph = try harness.graph(of: entry)
      let data = CallData.random(for: graph, batch: 3, seed: Self.firstSeed &+ file)
      let wanted = try ModelHarness.interpret(graph, data, in: Float.self)
      #expect(wanted.count >= Self.modelsPerFile)
      let found = try model.run(entry, data)
      #expect(differences(found, from: wanted) == [], "\(entry), RONDO_SEED=\(Self.firstSeed)")
    }
  }

  @Test("mean the same before and after the passes, rolled and unrolled", arguments: UInt64(0)..<10)
  func passes(file: UInt64) throws {
    let (text, _) = Self.models(file)
    let harness = try ModelHarness(text, Compiler.Options(batch: 2))
    let data = CallData.random(for: harness.elaborated, batch: 2, seed: Self.firstSeed &+ file)
    let elaborated = try ModelHarness.interpret(harness.elaborated, data, in: Double.self)
    let reference = try ModelHarness.interpret(harness.reference(), data, in: Double.self)
    for entry in [Entry.infer, .gradients] {
      for (name, values) in try harness.interpret(entry, data, in: Double.self) {
        for wanted in [elaborated[name], reference[name]].compactMap({ $0 }) {
          let error = relativeError(values, to: wanted)
          #expect(error <= Self.folding, "\(name), RONDO_SEED=\(Self.firstSeed)")
        }
        #expect(reference[name] != nil)
      }
    }
  }
}
