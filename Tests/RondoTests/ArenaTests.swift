import CBackend
import GraphIR
import GraphLanguage
import Lowering
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("The arena") struct ArenaTests {
  /// Blames plans of which some place would do with a tenth less.
  private static func checkSize(_ plan: ModelPlan) {
    for program in plan.programs {
      let memory = MemoryPlan(program, in: plan.graph)
      #expect(memory.bytes == program.arenaBytes)
      #expect(memory.bytes >= memory.leastBytes)
      #expect(
        memory.bytes * 10 <= memory.leastBytes * 11,
        "\(program.entry): \(memory.bytes) for \(memory.leastBytes)"
      )
    }
  }

  @Test(
    "is at most a tenth larger than what lives together at some statement",
    arguments: DefinitionFiles.all
  )
  func size(_ file: DefinitionFile) throws { Self.checkSize(try file.plan().plan) }

  /// The entries that are run on arrays alone.
  private static let entries: [Entry] = [.infer, .evaluate, .gradients, .train, .begin, .step]

  /// The plans as models that leave all variables to be seen.
  private static func built(_ plans: [ModelPlan]) throws -> [NativeModel] {
    let tiny = try? CCompiler.find(option: "tcc", environment: Platform.environment)
    let compiler = try tiny ?? CCompiler.find(environment: Platform.environment)
    return try plans.map { plan in
      try NativeModel(
        .built(Compiler.assemble(plan), by: compiler, optimization: 0),
        stores: { _ in plan.graph.variables }
      )
    }
  }

  /// Blames entries that give other bits when what stands for nothing is spoilt; gives how many ran.
  private static func checkSpoilt(
    _ graph: Graph,
    _ plan: ModelPlan,
    _ data: (NativeModel) -> [CallData]
  ) throws -> Int {
    let spoilt = plan.replacing { $0.poisoned(in: plan.graph) }
    let models = try built([plan, spoilt])
    var runs = 0
    for data in data(models[0]) {
      for entry in entries {
        guard let description = models[0].model.manifest.entry(entry.rawValue) else { continue }
        var data = data
        for tensor in description.inputs {
          // A step of a stream takes what a whole sequence begins with, and no padding for a token.
          let count = tensor.count(batch: data.batch)
          guard let values = data.arrays[tensor.name], values.count > count else { continue }
          data.arrays[tensor.name] = values.prefix(count).map { $0 == 0x1p31 ? 0 : $0 }
        }
        let found = try models.map { try $0.run(entry, data) }
        #expect(differences(found[1], from: found[0]) == [], "\(graph.name), \(entry)")
        runs += 1
      }
    }
    return runs
  }

  @Test(
    "may be spoilt wherever it stands for nothing",
    arguments: DefinitionFiles.allSmall
  )
  func spoilt(_ file: DefinitionFile) throws {
    let (graph, plan) = try file.plan()
    Self.checkSize(plan)
    let runs = try Self.checkSpoilt(graph, plan) { model in
      (0..<2).map { DefinitionFilesTests.data(graph, model, $0) }
    }
    #expect(runs >= 2)
  }

  @Test("may be spoilt wherever it stands for nothing, in random models", arguments: UInt64(0)..<2)
  func spoiltRandom(group: UInt64) throws {
    let fuzzer = try Fuzzer(seed: 7_000, environment: Platform.environment)
    var runs = 0
    for number in group * 5..<group * 5 + 5 {
      let text = fuzzer.definition(number)
      var pipeline = Pipeline(options: .init(batch: 3, arithmetic: .strict))
      let graph = try pipeline.elaborate(SourceFile(name: "random.graph", text: text))
      guard let plan = try? pipeline.plan(graph) else { continue }
      runs += try Self.checkSpoilt(graph, plan) { _ in
        [FuzzData.call(FuzzCase(text: text, seed: number), of: plan.graph, isFresh: true)]
      }
    }
    #expect(runs >= 10)
  }

  @Test("that is spoilt too early is found out")
  func planted() throws {
    let text = """
      model planted {
        axis time <= 4
        input x: real[3] over time
        layer rnn = lstm(4)
        output rnn(x)
      }
      """
    var pipeline = Pipeline(options: .init(batch: 2, arithmetic: .strict))
    let graph = try pipeline.elaborate(SourceFile(name: "planted.graph", text: text))
    let plan = try pipeline.plan(graph)
    let wrong = plan.replacing { $0.poisoned(in: plan.graph, early: 1) }
    let models = try Self.built([plan, wrong])
    let data = CallData.random(for: graph, batch: 2, seed: 1)
    let found = try models.map { try $0.run(.infer, data) }
    #expect(differences(found[1], from: found[0]) != [])
  }
}
