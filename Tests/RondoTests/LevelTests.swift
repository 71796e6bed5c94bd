import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Levels of processors") struct LevelTests {
  #if arch(x86_64)
    /// The levels that this machine has; `portable` is all of them in one library.
    private static let levels = ["x86-64-v2", "x86-64-v3", "x86-64-v4", "portable"].filter {
      level in
      let features = Platform.processorFeatures
      return switch level {
      case "x86-64-v4": features.contains("avx512vl")
      case "x86-64-v3": features.contains("fma") && features.contains("avx2")
      default: true
      }
    }

    @Test("give the same bits in fast mode, each alone and in one library, by gcc and clang")
    func sameBits() throws {
      let harness = try DefinitionFilesTests.harness(
        "char-lm.graph",
        .fast,
        entries: [.gradients]
      )
      let generated = try harness.generated()
      let data = CallData.random(for: harness.elaborated, batch: 3, seed: 3)
      var all: [(name: String, results: Arrays)] = []
      for name in ["gcc", "clang"] {
        guard let compiler = try? CCompiler.find(option: name, environment: Platform.environment)
        else { continue }
        for level in Self.levels {
          let folder = try Platform.makePrivateFolder(in: "/tmp")
          defer { try? Platform.remove(folder) }
          let library = try compiler.compile(
            generated.source,
            header: generated.header,
            name: generated.name,
            options: .init(cpu: level, optimization: 1),
            scratch: folder
          )
          #expect(!library.features.contains("fma") || level != "portable")
          try Artifact(generated, library).write(to: folder)
          let model = try CompiledModel(folder: folder, name: generated.name)
          let native = NativeModel(model, stores: harness.stores)
          all.append(("\(name) \(level)", try native.run(.gradients, data)))
        }
      }
      let first = try #require(all.first)
      #expect(first.results.count > 5)
      for (name, results) in all.dropFirst() {
        #expect(differences(results, from: first.results) == [], "\(name)")
      }
    }
  #endif
}
