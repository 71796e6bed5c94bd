import Foundation
import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Random models") struct RandomGraphTests {
  /// The seed of the first; another when the environment gives one.
  private static let firstSeed =
    ProcessInfo.processInfo.environment["RONDO_SEED"].flatMap { UInt64($0) } ?? 20_261_121
  /// How many models a test checks.
  private static let modelsPerTest: UInt64 = 12

  /// Models and what came of checking them.
  private static func check(_ group: UInt64) throws -> FuzzReport {
    let fuzzer = try Fuzzer(seed: firstSeed, environment: Platform.environment)
    var report = FuzzReport()
    for number in 0..<modelsPerTest { report.add(fuzzer.check(group * modelsPerTest + number)) }
    return report
  }

  @Test(
    "give the interpreter's bits, mean the same before and after the passes, and are differentiated",
    arguments: UInt64(0)..<4
  )
  func models(group: UInt64) throws {
    let report = try Self.check(group)
    for failure in report.failures { Issue.record("\(failure.line)\n\(failure.file)") }
    #expect(report.comparisons >= 20 * Int(Self.modelsPerTest), "\(report.summary)")
  }

  @Test("have every feature in at least one of twenty, and follow from their seeds")
  func features() {
    let models = (0..<2000).map { FuzzModel.random(seed: Self.firstSeed &+ UInt64($0)) }
    for feature in FuzzFeature.allCases {
      let count = models.count { $0.features.contains(feature) }
      #expect(count >= 100, "\(feature.rawValue) is in \(count) of 2000")
    }
    #expect(models[7] == FuzzModel.random(seed: Self.firstSeed &+ 7))
    #expect(Set(models.map(\.text)).count > 1990)
  }

  /// Definitions that failed once, with what they are run on.
  private static let kept: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("FuzzCases").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".graph") }.sorted().map { folder + "/" + $0 }
  }()

  @Test("that failed once fail no more", arguments: kept)
  func keptCase(path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let fuzzer = try Fuzzer(seed: 0, environment: Platform.environment)
    #expect(try fuzzer.failures(ofCase: text) == [])
  }

  @Test("there are kept cases")
  func casesAreFound() { #expect(Self.kept.count >= 3) }
}

@Suite("A planted fault") struct PlantedFaultTests {
  /// A fault in every entry whose graph has a sine within a scan.
  private static let fault = PlantedFault(result: { _, graph, found in
    let isHit = graph.scans.contains { scan in
      scan.body.nodes.contains { $0.op == .unary(.sin) }
    }
    guard isHit, let name = found.keys.sorted().first, found[name]?.isEmpty == false else { return }
    found[name]?[0] += 1
  })

  /// A larger model than needed, with the fault's cause in the middle.
  private static let model = FuzzModel(parts: [
    .init(.declaration, "t", "axis t <= 4"),
    .init(.declaration, "x1", "input x1: real[3] over t"),
    .init(.declaration, "x2", "input x2: real over t"),
    .init(.declaration, "w1", "param w1: real[3, 3] ~ uniform(1)"),
    .init(.declaration, "c1", "layer c1 = linear(2)"),
    .init(.binding, "v1", "tanh(w1 @ x1)", type: "real[3] over t"),
    .init(.binding, "v2", "c1(v1)", type: "real[2] over t"),
    scan,
    .init(.root, "", "output v2 as y1"),
    .init(.root, "", "output s1 as y2"),
    .init(.root, "", "loss mean(square(s1)) as l1"),
    .init(.root, "", "train adam(rate: 0.1, clip_norm: 1)"),
  ])

  private static var scan: FuzzModel.Part {
    var state = FuzzModel.Part(.state, "s1", "real[3] = 0.5", type: "real[3] over t")
    state.next = "0.5 * s1 + sin(s1 + v3)"
    var scan = FuzzModel.Part(.scan, "", "scan reverse over t")
    scan.parts = [state, .init(.binding, "v3", "x2 * v1 + sum(v2)", type: "real[3] over t")]
    return scan
  }

  @Test("is found, and shrunk to a few lines that still show it")
  func found() throws {
    let compiler =
      try (try? CCompiler.find(option: "tcc", environment: Platform.environment))
      ?? CCompiler.find(environment: Platform.environment)
    let run = FuzzRun(compiler: compiler, fault: Self.fault)
    let item = FuzzCase(text: Self.model.text, seed: 5, lengths: ["t": [2, 4, 3]])
    var report = FuzzReport()
    #expect(
      FuzzRun(compiler: compiler).failures(of: item, report: &report) == [],
      "without the fault"
    )
    let failure = try #require(run.failures(of: item, report: &report).first)
    #expect(failure.check == .bits)
    let small = FuzzShrinker.shrink(
      .init(model: Self.model, item: item, failure: failure),
      by: run,
      seconds: 60
    )
    let lines = small.item.text.split(separator: "\n")
    #expect(lines.count <= 9, "\(small.item.text)")
    #expect(small.item.text.contains("sin("))
    #expect(small.item.batch == 1)
    #expect(small.item.lengths["t"] == [1])
    // What is kept fails alike, and not without the fault.
    let file = small.item.file(saying: small.failure.line)
    let again = try #require(FuzzCase(file: file))
    #expect(run.failures(of: again, report: &report).first?.isLike(failure) == true)
    #expect(FuzzRun(compiler: compiler).failures(of: again, report: &report) == [])
  }
}
