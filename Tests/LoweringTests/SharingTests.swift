import GraphIR
import Lowering
import Rondo
import TestSupport
import Testing

@Suite("Sharing among workers")
struct SharingTests {
  @Test("no worker touches what another writes between two barriers", arguments: SampleModels.names)
  func races(name: String) throws {
    for unrolling in [Compiler.Unrolling.auto, .full] {
      let options = Compiler.Options(batch: 5, unrolling: unrolling, pullback: name == "scalars")
      let model = try LoweredModel(SampleModels.plan(name, options: options))
      var lengths = RandomValues.greatestLengths(model.graph)
      lengths[0] = 5
      for program in model.programs where program.isShared {
        for workers in unrolling == .auto ? [2, 3, 7] : [3] {
          let simulation = RaceSimulation(program, lengths: lengths, workers: workers)
          #expect(simulation.faults == [], "\(program.entry), \(unrolling), \(workers) workers")
        }
      }
    }
  }

  @Test("the simulation finds a barrier that is missing")
  func planted() throws {
    let model = try LoweredModel(SampleModels.plan("letters", options: .init(batch: 5)))
    let program = try #require(model.programs.first { $0.entry == .train })
    let lengths = RandomValues.greatestLengths(model.graph)
    let barriers = program.statements.indices.filter { program.statements[$0] == .barrier }
    var found = 0
    for barrier in barriers {
      var damaged = program
      damaged.statements.remove(at: barrier)
      found += RaceSimulation(damaged, lengths: lengths, workers: 3).faults.isEmpty ? 0 : 1
    }
    #expect(barriers.count > 10)
    #expect(found == barriers.count)
  }
}
