import GraphIR
import Lowering
import Rondo
import TestSupport
import Testing

@Suite("Programs in pieces") struct PiecePlanTests {
  /// A sample's programs, each in pieces wherever it can be.
  private static func model(_ name: String, steps: Int, keepsTerms: Bool, batch: Int = 3) throws
    -> LoweredModel
  {
    var options = Compiler.Options(batch: batch, pullback: name == "scalars")
    options.pieces = .pieces(steps: steps, keepsTerms: keepsTerms)
    return try LoweredModel(SampleModels.plan(name, options: options))
  }

  @Test("read what was written there last", arguments: SampleModels.names)
  func ownership(name: String) throws {
    for keepsTerms in [true, false] {
      let model = try Self.model(name, steps: 2, keepsTerms: keepsTerms)
      let bounds = RandomValues.greatestLengths(model.graph)
      for program in model.programs {
        for less in [0, 1, 2] {
          let lengths = bounds.map { max(1, $0 - less) }
          #expect(MemorySimulation(program, lengths: lengths).faults == [], "\(program.entry)")
        }
      }
    }
  }

  @Test("keep workers apart", arguments: SampleModels.names)
  func races(name: String) throws {
    for keepsTerms in [true, false] {
      let model = try Self.model(name, steps: 2, keepsTerms: keepsTerms, batch: 5)
      var lengths = RandomValues.greatestLengths(model.graph)
      lengths[0] = 5
      for program in model.programs where program.isShared {
        let simulation = RaceSimulation(program, lengths: lengths, workers: 3)
        #expect(simulation.faults == [], "\(program.entry)")
      }
    }
  }

  /// Which way each sweep of an entry goes.
  private static func sweeps(_ name: String, _ entry: Entry, keepsTerms: Bool) throws -> [Bool] {
    let model = try Self.model(name, steps: 2, keepsTerms: keepsTerms)
    let program = try #require(model.programs.first { $0.entry == entry })
    return program.statements.compactMap { statement in
      guard case .loop(let loop) = statement, case .pieces = loop.span else { return nil }
      return loop.isReverse
    }
  }

  @Test("go forwards, back, and forwards again for what is added up from the first step on")
  func sweeps() throws {
    #expect(try Self.sweeps("letters", .evaluate, keepsTerms: false) == [false])
    #expect(try Self.sweeps("letters", .train, keepsTerms: true) == [false, true])
    #expect(try Self.sweeps("letters", .train, keepsTerms: false) == [false, true, false])
  }
}
