import GraphIR
import Lowering
import Rondo
import TestSupport
import Testing

@Suite("The memory plan")
struct MemoryPlanTests {
  private static let unrollings: [Compiler.Unrolling] = [.auto, .steps(2), .full]

  @Test("whatever is read is what was written there last", arguments: SampleModels.names)
  func ownership(name: String) throws {
    for unrolling in Self.unrollings {
      let options = Compiler.Options(batch: 3, unrolling: unrolling, pullback: name == "scalars")
      let model = try LoweredModel(SampleModels.plan(name, options: options))
      let bounds = RandomValues.greatestLengths(model.graph)
      for program in model.programs {
        let simulation = MemorySimulation(program, lengths: bounds)
        #expect(simulation.faults == [], "\(program.entry), \(unrolling)")
        // Shorter lengths lay values out closer.
        let short = bounds.indices.map { axis in
          program.exactAxes.contains(AxisID(axis)) ? bounds[axis] : max(1, bounds[axis] - 2)
        }
        #expect(MemorySimulation(program, lengths: short).faults == [], "\(program.entry), short")
        if program.entry == .train { #expect(simulation.reads > 100) }
      }
    }
  }

  @Test("the simulation finds what shares bytes wrongly")
  func planted() throws {
    let model = try LoweredModel(SampleModels.plan("letters"))
    var program = try #require(model.programs.first { $0.entry == .train })
    for index in program.buffers.indices { program.buffers[index].offset = 0 }
    let lengths = RandomValues.greatestLengths(model.graph)
    #expect(!MemorySimulation(program, lengths: lengths).faults.isEmpty)
  }

  @Test("buffers are on cache lines, within the arena, and share it")
  func places() throws {
    let model = try LoweredModel(SampleModels.plan("letters"))
    let program = try #require(model.programs.first { $0.entry == .train })
    let buffers = program.buffers.filter { $0.place == .arena }
    var sum = 0
    for buffer in buffers {
      let bytes = buffer.extent.size.greatest(in: model.graph) * 4
      #expect(buffer.offset % 64 == 0)
      #expect(buffer.offset + bytes <= program.arenaBytes)
      sum += Program.rounded(bytes)
    }
    #expect(program.arenaBytes < sum)
  }
}
