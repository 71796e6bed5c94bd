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

  @Test("nor what a product reads with the last of its columns, though it makes nothing of it")
  func acrossTheEnd() throws {
    let text = """
      model across {
        axis t <= 2
        axis u <= 3
        input x: real[4] over t
        input y: real[2] over t over u
        input z: real[2] over t over u
        param w: real ~ 0
        score = x @ x
        loss w * average(mean(square(tanh(window(y over t, 2)))))
        loss abs(score) / (1 + abs(score)) as second
        metric mean(abs(z) / (1 + abs(z))) as third
      }
      """
    let model = try LoweredModel(SampleModels.plan(text: text, options: .init(batch: 3)))
    let program = try #require(model.programs.first { $0.entry == .evaluate })
    var lengths = RandomValues.greatestLengths(model.graph)
    lengths[0] = 3
    #expect(RaceSimulation(program, lengths: lengths, workers: 3).faults == [])
  }

  /// The programs of a model of one row with this layer.
  private static func oneRow(_ layer: String) throws -> (graph: Graph, programs: [Program]) {
    let text = """
      model alone {
        axis time <= 4
        input x: real[6] over time
        target y: real[2] over time
        layer rnn = \(layer), head = linear(2)
        z = head(rnn(x))
        output z
        loss mse(z, y)
        train sgd(rate: 0.1)
      }
      """
    let model = try LoweredModel(SampleModels.plan(text: text, options: .init(batch: 1)))
    return (model.graph, model.programs.filter { $0.entry == .infer || $0.entry == .train })
  }

  /// Nobody races in a program of one row.
  private static func hold(_ program: Program, _ graph: Graph) {
    var lengths = RandomValues.greatestLengths(graph)
    lengths[0] = 1
    for workers in [2, 3, 7] {
      let simulation = RaceSimulation(program, lengths: lengths, workers: workers)
      #expect(simulation.faults == [], "\(program.entry), \(workers) workers")
    }
  }

  @Test("the new states of a wide row alone are calculated by all workers at every step")
  func wideRow() throws {
    for (width, isDivided) in [(8192, true), (64, false)] {
      let text = """
        model wide {
          axis time <= 3
          input x: real[\(width)] over time
          scan over time {
            state h: real[\(width)] = 0
            next h = tanh(x + sigmoid(h)) * sigmoid(x)
          }
          output last(h) as h
        }
        """
      let model = try LoweredModel(SampleModels.plan(text: text, options: .init(batch: 1)))
      let program = try #require(model.programs.first { $0.entry == .infer })
      let kernels = program.statements.flatMap { statement -> [KernelCall] in
        guard case .loop(let loop) = statement else { return [] }
        return loop.body.compactMap { if case .kernel(let call) = $0 { call } else { nil } }
      }
      let divided = kernels.filter { if case .stretch = $0.share { true } else { false } }
      #expect(!divided.isEmpty == isDivided)
      Self.hold(program, model.graph)
    }
  }

  @Test("two directions of a row alone are gone through by two workers, who do not wait")
  func sideBySide() throws {
    let (graph, programs) = try Self.oneRow("bidirectional(lstm(100))")
    for program in programs {
      let loops = program.statements.compactMap { statement -> LoopStatement? in
        if case .loop(let loop) = statement { loop } else { nil }
      }
      #expect(loops.map(\.worker) == (program.entry == .infer ? [0, 1] : [0, 1, 0, 1]))
      #expect(!loops.contains { $0.body.contains(.barrier) })
      let neighbours = program.statements.indices.dropLast().count {
        guard case .loop(let one) = program.statements[$0], one.worker == 0 else { return false }
        if case .loop = program.statements[$0 + 1] { return true }
        return false
      }
      #expect(neighbours == loops.count / 2)
      Self.hold(program, graph)
    }
  }

  @Test("a row alone is cut into columns at every step, and nobody races")
  func oneRow() throws {
    let (graph, programs) = try Self.oneRow("lstm(100)")
    for program in programs {
      let cut = program.allStatements.contains {
        if case .product(let call) = $0, case .stretch(call.columnDimension, _) = call.share {
          return call.n.constant == 400
        }
        return false
      }
      #expect(cut, "\(program.entry)")
      Self.hold(program, graph)
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
    // Memory may overlap at the bounds where at these lengths nobody touches it.
    #expect(found >= barriers.count - 1)
  }
}
