import GraphIR
import GraphLanguage
import Lowering
import Rondo
import TestSupport
import Testing

@Suite("The arena") struct ArenaTests {
  @Test(
    "is at most a tenth larger than what lives together at some statement",
    arguments: DefinitionFiles.all
  )
  func size(_ file: DefinitionFile) throws {
    let model = try LoweredModel(file.plan())
    #expect(!model.programs.isEmpty)
    for program in model.programs {
      let plan = MemoryPlan(program, in: model.graph)
      #expect(plan.bytes == program.arenaBytes)
      #expect(plan.bytes >= plan.leastBytes)
      #expect(
        plan.bytes * 10 <= plan.leastBytes * 11,
        "\(program.entry): \(plan.bytes) for \(plan.leastBytes)"
      )
    }
  }
}
