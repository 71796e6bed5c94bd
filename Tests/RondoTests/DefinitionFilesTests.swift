import CBackend
import GraphIR
import GraphLanguage
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing

/// A definition file, as it stands or made small.
struct DefinitionFile: CustomTestStringConvertible {
  /// The file's name.
  let name: String
  /// Its text.
  let text: String
  /// `true` iff its numbers were made small.
  let isSmall: Bool

  var testDescription: String { isSmall ? name + ", small" : name }

  /// How it is compiled: sizes that it leaves open are bound, small ones if its numbers are.
  func options(_ arithmetic: Compiler.Arithmetic) -> Compiler.Options {
    let tree = Parser.parse(SourceFile(name: name, text: text)).0
    var sizes: [String: Int] = [:]
    for open in Elaborator.openSizes(of: tree) {
      sizes[open.name] = isSmall ? (open.isAxis ? 5 : 9) : (open.isAxis ? 50 : 64)
    }
    return Compiler.Options(sizes: sizes, batch: isSmall ? 3 : 16, arithmetic: arithmetic)
  }

  /// Its graph, and its programs and their layout.
  func plan() throws -> (elaborated: Graph, plan: ModelPlan) {
    var pipeline = Pipeline(options: options(.strict))
    let graph = try pipeline.elaborate(SourceFile(name: name, text: text))
    return (graph, try pipeline.plan(graph))
  }
}

/// The language's definition files and the examples, as models to be run.
enum DefinitionFiles {
  private static let tests = Platform.split(Platform.split(#filePath).folder).folder
  private static let folder = Platform.join(tests, "GraphLanguageTests/Definitions")
  private static let examples = Platform.join(Platform.split(tests).folder, "graphs")

  /// The language's, made small.
  static let allSmall = names.map { DefinitionFile(name: $0, text: small($0), isSmall: true) }

  /// All of them, as they stand.
  static let all: [DefinitionFile] =
    names.map { DefinitionFile(name: $0, text: text($0), isSmall: false) }
    + ((try? Platform.list(examples)) ?? []).filter { $0.hasSuffix(".graph") }.sorted().map {
      let bytes = (try? Platform.read(Platform.join(examples, $0))) ?? []
      return DefinitionFile(
        name: "graphs/" + $0,
        text: String(decoding: bytes, as: UTF8.self),
        isSmall: false
      )
    }

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

extension CallData {
  /// Some rows of a call, in any order.
  func rows(_ picked: [Int], of graph: Graph) -> CallData {
    var part = self
    part.batch = picked.count
    func pick<Value>(_ values: [Value]) -> [Value] {
      let size = values.count / batch
      return picked.flatMap { values[$0 * size..<($0 + 1) * size] }
    }
    part.own = own.mapValues(pick)
    for variable in graph.variables where variable.type.axes.contains(AxisID.batch) {
      part.arrays[variable.name] = arrays[variable.name].map(pick)
    }
    return part
  }
}

@Suite("The definition files") struct DefinitionFilesTests {
  @Test(
    "compile, and strict C gives the interpreter's bits at lengths of rows' own",
    arguments: DefinitionFiles.names
  )
  func run(_ name: String) throws {
    let harness = try Self.harness(name, .strict)
    let native = try harness.native()
    for round in 0..<3 {
      let data = Self.data(harness.elaborated, native, round)
      let own = data.own
      for entry in [Entry.infer, .evaluate, .gradients, .train]
      where native.model.manifest.entries.contains(where: { $0.name == entry.rawValue }) {
        let wanted = try harness.interpret(entry, data, in: Float.self)
        let found = try native.run(entry, data)
        #expect(wanted.values.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(entry) at \(own)")
        #expect(differences(found, from: wanted) == [], "\(entry) at \(own)")
      }
    }
  }

  @Test(
    "give in fast C the same bytes for a row alone and among others, in any order",
    arguments: DefinitionFiles.names
  )
  func rows(_ name: String) throws {
    guard try Self.elaborated(name).roots.contains(where: { $0.kind == .output }) else { return }
    let harness = try Self.harness(name, .fast, entries: [.infer])
    let native = try harness.native()
    let entry = try #require(native.model.manifest.entry("infer"))
    let data = Self.data(harness.elaborated, native, 1)
    let together = try native.run(.infer, data)
    func compare(_ picked: [Int], _ part: CallData) throws {
      let found = try native.run(.infer, part)
      for (output, values) in together where entry.outputs.contains(where: { $0.name == output }) {
        let size = values.count / 3
        let wanted = picked.flatMap { values[$0 * size..<($0 + 1) * size] }
        #expect(differences([output: found[output] ?? []], from: [output: wanted]) == [])
      }
    }
    for row in 0..<3 {
      var alone = data.rows([row], of: harness.elaborated)
      alone.firstExample = UInt32(row)
      try compare([row], alone)
    }
    // What is drawn follows an example's number, which its place in the batch says.
    if !entry.inputs.contains(where: { $0.role == .seed }) {
      try compare([2, 0, 1], data.rows([2, 0, 1], of: harness.elaborated))
    }
  }

  /// The graph of a definition, as elaborated.
  static func elaborated(_ name: String) throws -> Graph { try harness(name, .fast).elaborated }

  /// A definition made small, both ways; with all entries if none is named.
  static func harness(
    _ name: String,
    _ arithmetic: Compiler.Arithmetic,
    entries: [Compiler.EntryChoice] = []
  ) throws -> ModelHarness {
    let file = DefinitionFile(name: name, text: DefinitionFiles.small(name), isSmall: true)
    var options = file.options(arithmetic)
    options.entries = entries
    return try ModelHarness(file.text, options)
  }

  /// Random arrays for three rows, with lengths of their own; padding is signalling NaN or no token.
  static func data(_ graph: Graph, _ native: NativeModel, _ round: Int) -> CallData {
    var random = SmallRandom(seed: UInt64(round * 100 + graph.name.count))
    var own: [String: [Int]] = [:]
    for axis in native.model.manifest.axes.dropFirst() where axis.given > 0 {
      // A quarter of a sequence must have a place, and its letters must fit.
      let least = graph.axes.contains { $0.name == "frame" } && axis.name == "time" ? 8 : 1
      own[axis.name] = (0..<3 * axis.given).map { _ in
        least + random.below(max(1, axis.bound - least + 1))
      }
    }
    return CallData.random(for: graph, batch: 3, own: own, seed: UInt64(round))
  }

  /// Definitions that carry states along their only axis.
  private static let carried = ["amplifier.graph", "char-lm.graph", "word-lm.graph"]

  @Test("cut at any place leave the states of the whole", arguments: carried)
  func cut(_ name: String) throws {
    let harness = try Self.harness(name, .fast)
    let native = try harness.native()
    let graph = harness.elaborated
    let time = try #require(graph.carryAxis)
    let bound = graph[time].bound ?? 1
    let data = CallData.random(for: graph, batch: 3, seed: 5)
    func window(_ places: Range<Int>, isFresh: Bool) -> CallData {
      var part = data
      part.lengths[graph[time].name] = places.count
      part.arrays["fresh"] = [Float](repeating: isFresh ? 1 : 0, count: 3)
      for variable in graph.variables where variable.type.axes.contains(time) {
        guard let values = data.arrays[variable.name] else { continue }
        let size = values.count / 3 / bound
        part.arrays[variable.name] = (0..<3).flatMap { row in
          let start = (row * bound + places.lowerBound) * size
          let rest = (bound - places.count) * size
          return values[start..<start + places.count * size] + [Float](repeating: 0, count: rest)
        }
      }
      return part
    }
    let states = { (results: Arrays) in results.filter { $0.key.hasPrefix("after ") } }
    let whole = states(try native.run(.evaluate, window(0..<bound, isFresh: true)))
    #expect(!whole.isEmpty)
    for place in 1..<bound {
      let session = try native.session(data)
      _ = try native.run(.evaluate, window(0..<place, isFresh: true), in: session)
      let parts = try native.run(.evaluate, window(place..<bound, isFresh: false), in: session)
      #expect(differences(states(parts), from: whole) == [], "cut at \(place)")
    }
  }
}
