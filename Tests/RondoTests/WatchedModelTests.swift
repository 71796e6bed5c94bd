import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Models in programs of their own") struct WatchedModelTests {
  /// The sanitizers that are installed; valgrind is left to `rondo fuzz --sanitize all`.
  private static let exercises = [.gcc, .clang, .memory, .thread].compactMap {
    ModelExercise($0, environment: Platform.environment)
  }

  /// A definition for each sanitizer, so that the whole takes a few seconds.
  private static let cases = Array(
    zip(
      ["attention.graph", "char-lm.graph", "translator.graph", "tagger.graph"],
      exercises.indices
    )
  )

  @Test("do nothing that sanitizers report", arguments: cases)
  func definitions(_ name: String, _ place: Int) throws {
    let hash = try Self.exercises[place].run(DefinitionFilesTests.harness(name, .fast).generated())
    #expect(hash.utf8.count == 16)
  }
}

@Suite("Random models by every compiler") struct EveryCompilerTests {
  @Test("give the interpreter's bits at every level")
  func models() throws {
    var fuzzer = try Fuzzer(
      seed: 20_261_121,
      everyCompiler: true,
      environment: Platform.environment
    )
    // Forward and backward; the other entries are made of the same kernels.
    fuzzer.entries = [.infer, .gradients]
    var report = FuzzReport()
    for number in 0..<UInt64(2) { report.add(fuzzer.check(number)) }
    for failure in report.failures { Issue.record("\(failure.line)\n\(failure.file)") }
    #expect(report.comparisons > 50)
  }
}
