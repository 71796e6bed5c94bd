import GraphIR
import GraphLanguage
import ModelRuntime
import TestSupport
import Testing
import Transforms

@testable import Rondo

/// A fault of ours leaves a file that shows it again.
@Suite("Reproducers")
struct ReproducerTests {
  private let file = SourceFile(name: "sample.graph", text: "model sample {}\n")
  /// A pass that fails as one of ours would.
  private let planted = Pass("planted", "fails", setting: "deep") { _ throws(Diagnostic) in
    throw Diagnostic(.bug, "a planted fault")
  }

  /// What a run of passes that fails on a sample is told to the person as.
  private func failure(_ passes: [Pass]) throws -> CompilationFailure {
    let options = Compiler.Options(sizes: ["n": 4], batch: 2, unrolling: .steps(3))
    var pipeline = Pipeline(options: options)
    let graph = try SampleModels.graph("tagger")
    let fault = try #require(throws: Diagnostic.self) { try pipeline.run(passes, on: graph) }
    return CompilationFailure(Diagnostics([fault]), in: file, options)
  }

  @Test("a pass that fails is run again on the graph it was given, and fails the same way")
  func failingPass() throws {
    try inFolder { folder in
      let failure = try failure([.simplify, planted])
      #expect(failure.isBug && failure.description.contains("the pass planted deep: a planted"))
      let reproducer = try #require(failure.reproducer)
      let path = try reproducer.write(into: folder)
      #expect(path.hasPrefix(folder + "/rondo-bug-planted-deep-") && path.hasSuffix(".graph"))
      let kept = try Definition(path: path)
      let text = String(decoding: kept.bytes, as: UTF8.self)
      #expect(text.contains("# options: --size n=4 --batch 2 --math fast --unroll 3\n"))
      let before = try SampleModels.graph("tagger")
      let simplified = try PassRunner().run([.simplify], on: before).0
      #expect(try Pipeline.read(SourceFile(name: path, bytes: kept.bytes)) == simplified)

      let again = #expect(throws: CompilationFailure.self) {
        try Compiler.reproduce(kept) { $0 == "planted deep" ? planted : nil }
      }
      #expect(again?.isBug == true && again?.reproducer == nil)
      #expect(again?.description.contains("the pass planted deep: a planted fault") == true)
      #expect(try Compiler.reproduce(kept) { _ in .simplify } == "pass planted deep")
      // The same fault is written once, and what stands there stays.
      try Platform.replace(path, with: [1])
      #expect(try reproducer.write(into: folder) == path)
      #expect(try Platform.list(folder).count == 1 && Platform.read(path) == [1])
    }
  }

  @Test("a pass that leaves a broken graph is blamed, and its reproducer holds the graph before")
  func breakingPass() throws {
    let breaking = Pass("breaking", "forgets the results") { graph throws(Diagnostic) in
      var graph = graph
      graph.main.results = []
      return graph
    }
    let failure = try failure([breaking])
    #expect(failure.description.contains("the pass breaking: the graph is not valid"))
    #expect(failure.reproducer?.name.hasPrefix("rondo-bug-breaking-") == true)
  }

  @Test("what is not our fault leaves none")
  func ordinary() throws {
    let refusing = Pass("refusing", "refuses") { _ throws(Diagnostic) in
      throw Diagnostic(.unsupported, "so much")
    }
    #expect(try failure([refusing]).reproducer == nil)
    let wrong = Definition(name: "wrong.graph", bytes: Array("model wrong { loss x }".utf8))
    let refused = #expect(throws: CompilationFailure.self) { try Compiler().generate(wrong) }
    #expect(refused?.reproducer == nil)
  }

  @Test("every pass of the lists is found by its title")
  func titles() {
    let passes =
      Pipelines.prepare + Pipelines.rolled(.steps(4)) + Pipelines.finishRagged(.full, .train)
      + Pipelines.reference + Pipelines.pullback(.auto) + Pipelines.measures + Pipelines.stream
      + Pipelines.initialize + Entry.allCases.flatMap { Pipelines.entry($0) }
    for pass in passes {
      #expect(Pipelines.pass(titled: pass.title)?.title == pass.title, "\(pass.title)")
    }
    #expect(Pipelines.pass(titled: "unroll") == nil && Pipelines.pass(titled: "unroll 0") == nil)
  }
}
