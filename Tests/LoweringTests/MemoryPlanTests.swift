import GraphIR
import Rondo
import TestSupport
import Testing

@testable import Lowering

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

  /// A program of three kernels: a is filled, b is a read at these strides, c is b.
  private func program(reading strides: [Size]) throws -> (Program, Graph) {
    var program = Program(entry: .infer)
    program.buffers = ["a", "b", "c"].map {
      Buffer(name: $0, place: .arena, holdsTokens: false, extent: Extent(64))
    }
    func call(_ from: [Size]?, _ read: Int, _ written: Int) -> Statement {
      let dense = [Size(8), Size(1)]
      let value: Operation =
        from.map { .load(Access(argument: 0, strides: $0, offset: 0)) } ?? .constant(1)
      let argument = Kernel.Argument(holdsTokens: false, isWritten: true)
      let kernel = Kernel(
        constants: [8, 8],
        operations: [value],
        stores: [
          Kernel.Store(
            access: Access(argument: 1, strides: dense, offset: 0),
            value: 0,
            isToken: false
          )
        ],
        arguments: [Kernel.Argument(holdsTokens: false, isWritten: false), argument]
      )
      return .kernel(
        KernelCall(
          kernel: kernel,
          extents: [Extent(8), Extent(8)],
          arguments: [read, written].map { Pointer(buffer: BufferID($0)) },
          note: "",
          origin: .none
        )
      )
    }
    program.statements = [call(nil, 0, 0), call(strides, 0, 1), call([Size(8), Size(1)], 1, 2)]
    return (program, Graph(name: "chain"))
  }

  @Test("a result stands where the operand stood that dies with it, element by element")
  func inPlace() throws {
    let (program, graph) = try program(reading: [Size(8), Size(1)])
    let plan = MemoryPlan(program, in: graph)
    #expect(plan.pieces.map { $0.buffers.map(\.index) } == [[0, 1, 2]])
    #expect(plan.bytes == Program.rounded(64 * 4))
  }

  @Test("a result does not stand where an operand stood that is read at other elements")
  func notInPlace() throws {
    let (program, graph) = try program(reading: [Size(1), Size(8)])
    let plan = MemoryPlan(program, in: graph)
    #expect(plan.pieces.map { $0.buffers.map(\.index) } == [[0], [1, 2]])
    #expect(plan.bytes == 2 * Program.rounded(64 * 4))
    #expect(plan.live.dropFirst() == [320, 640, 320])
  }

  @Test("the simulation finds a result that is made in place at other elements")
  func plantedInPlace() throws {
    for (strides, count) in [([Size(8), Size(1)], 0), ([Size(1), Size(8)], 1)] {
      var (program, _) = try program(reading: strides)
      program.arenaBytes = Program.rounded(64 * 4)
      #expect(MemorySimulation(program, lengths: [1]).faults.count == count)
    }
  }

  @Test("regions know all others that share bytes with them", arguments: ["letters", "translator"])
  func regions(name: String) throws {
    let model = try LoweredModel(SampleModels.plan(name))
    for program in model.programs {
      let regions = MemoryRegions(program, in: model.graph)
      for (number, region) in regions.all.enumerated() {
        let others = regions.all.indices.filter {
          let other = regions.all[$0]
          return other.place == region.place
            && (region.place != .arena || other.bytes.overlaps(region.bytes))
        }
        #expect(regions.overlapping[number].sorted() == others, "\(program.entry)")
      }
      #expect(Set(regions.all).count == regions.all.count)
    }
  }

  @Test("buffers are on cache lines, within the arena, and share it")
  func places() throws {
    let model = try LoweredModel(SampleModels.plan("letters"))
    let program = try #require(model.programs.first { $0.entry == .train })
    let buffers = program.buffers.filter { $0.place == .arena }
    var sum = 0
    for buffer in buffers {
      let bytes = program.greatest(buffer.extent.size, in: model.graph) * 4
      #expect(buffer.offset % 64 == 0)
      #expect(buffer.offset + bytes <= program.arenaBytes)
      sum += Program.rounded(bytes)
    }
    #expect(program.arenaBytes < sum)
  }
}
