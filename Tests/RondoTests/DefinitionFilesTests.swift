import GraphIR
import GraphLanguage
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

/// The language's definition files, made small, as models to be run.
enum DefinitionFiles {
  private static let folder = Platform.join(
    Platform.split(Platform.split(#filePath).folder).folder,
    "GraphLanguageTests/Definitions"
  )

  /// The files that have a model and are not there to be refused.
  static let names: [String] =
    (try? Platform.list(folder).filter { name in
      name.hasSuffix(".graph") && !name.hasPrefix("refused") && text(name).contains("model ")
    }.sorted()) ?? []

  private static func text(_ name: String) -> String {
    (try? String(decoding: Platform.read(Platform.join(folder, name)), as: UTF8.self)) ?? ""
  }

  /// Smaller numbers for large ones, so that the interpreter takes a moment and not minutes.
  private static let smaller = [
    12: 3, 15: 4, 16: 4, 20: 5, 25: 3, 30: 4, 32: 4, 35: 5, 40: 5, 48: 4, 50: 6, 64: 4, 80: 3,
    100: 3, 128: 3, 200: 2, 256: 4, 512: 5, 640: 24, 650: 5, 2000: 11,
  ]

  /// A file's text with small numbers.
  static func small(_ name: String) -> String {
    text(name).replacing(/(^|[^\w.])([0-9]+)(?![\w.])/) { match in
      let number = Int(match.output.2) ?? 0
      return "\(match.output.1)\(smaller[number] ?? number)"
    }
  }
}

@Suite("The definition files") struct DefinitionFilesTests {
  @Test(
    "compile, and strict C gives the interpreter's bits at lengths of rows' own",
    arguments: DefinitionFiles.names
  )
  func run(_ name: String) throws {
    let text = DefinitionFiles.small(name)
    let tree = Parser.parse(SourceFile(name: name, text: text)).0
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: tree) { sizes[open.name] = open.isAxis ? 5 : 9 }
    let options = Compiler.Options(sizes: sizes, batch: 3, arithmetic: .strict)
    let harness = try ModelHarness(text, options)
    let native = try harness.native()
    let graph = harness.elaborated
    var random = SmallRandom(seed: UInt64(name.count))
    for round in 0..<3 {
      var own: [String: [Int]] = [:]
      for axis in native.model.manifest.axes.dropFirst() where axis.given > 0 {
        // A quarter of a sequence must have a place, and its letters must fit.
        let least = graph.axes.contains { $0.name == "frame" } && axis.name == "time" ? 8 : 1
        own[axis.name] = (0..<3 * axis.given).map { _ in
          least + random.below(max(1, axis.bound - least + 1))
        }
      }
      let data = CallData.random(for: graph, batch: 3, own: own, seed: UInt64(round))
      for entry in [Entry.infer, .evaluate, .gradients, .train]
      where native.model.manifest.entries.contains(where: { $0.name == entry.rawValue }) {
        let wanted = try harness.interpret(entry, data, in: Float.self)
        let found = try native.run(entry, data)
        #expect(wanted.values.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(entry) at \(own)")
        #expect(differences(found, from: wanted) == [], "\(entry) at \(own)")
      }
    }
  }
}
