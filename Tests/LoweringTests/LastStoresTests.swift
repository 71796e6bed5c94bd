import GraphIR
import Lowering
import Testing

@Suite("Last stores")
struct LastStoresTests {
  /// The program of an entry that stores what `next` makes of the variables a and b in them.
  private func program(
    _ a: [Int] = [4],
    _ b: [Int] = [4],
    _ next: (Expr, Expr) -> [Expr]
  ) throws -> Program {
    var graph = Graph(name: "stores")
    let types = [a, b].map { ValueType(shape: Shape($0) ?? .scalar) }
    let kind = Variable.Kind.parameter(.constant(0), frozen: false)
    graph.variables = zip(["a", "b"], types).map { Variable(name: $0, kind: kind, type: $1) }
    let builder = BlockBuilder(graph: graph)
    let results = next(builder.variable(VariableID(0)), builder.variable(VariableID(1)))
    graph.main = try builder.finish(results: results.map(\.id))
    graph.roots = results.indices.map {
      Root(name: graph.variables[$0].name, kind: .store(VariableID($0)), entries: [.train])
    }
    try graph.verify()
    return try ProgramLowering.lower(graph, entry: .train).program
  }

  /// Faults of the order: a variable read after a kernel wrote it.
  private func readsAfterWrites(_ program: Program) -> [String] {
    var faults: [String] = []
    var written: Set<Int> = []
    for case .kernel(let call) in program.statements {
      let accesses = call.kernel.operations.compactMap {
        if case .load(let access) = $0 { access } else { nil }
      }
      let read = accesses.map { call.arguments[$0.argument].buffer.index }
      faults += read.filter { written.contains($0) && isVariable(program.buffers[$0]) }
        .map { program.buffers[$0].name }
      written.formUnion(call.kernel.stores.map { call.arguments[$0.access.argument].buffer.index })
    }
    return faults
  }

  private func isVariable(_ buffer: Buffer) -> Bool {
    if case .variable = buffer.place { true } else { false }
  }

  @Test("what each kernel reads where it writes is stored in place")
  func inPlace() throws {
    let program = try program { a, b in [a * a, b + 1] }
    #expect(program.buffers.allSatisfy(isVariable))
    #expect(program.statements.count == 1)
  }

  @Test("a value that another update reads at the same element needs no temporary")
  func sameElement() throws {
    let program = try program { a, b in [a + b, a * b] }
    #expect(program.buffers.allSatisfy(isVariable))
  }

  @Test("a variable that is read elsewhere than it is written goes through a temporary")
  func elsewhere() throws {
    let program = try program([2, 2]) { a, b in [a.apply(.transpose), b] }
    #expect(program.buffers.contains { $0.name == "next transpose" && $0.place == .arena })
    #expect(readsAfterWrites(program) == [])
  }

  @Test("a variable that a later kernel reads goes through a temporary")
  func later() throws {
    let program = try program([4], [2]) { a, b in
      [a * a, a.apply(.slice(start: 2, count: 2)) + b]
    }
    #expect(program.buffers.count { $0.place == .arena } == 1)
    #expect(readsAfterWrites(program) == [])
  }

  @Test("a variable that only an earlier kernel reads is stored in place")
  func earlier() throws {
    let program = try program([2], [4]) { a, b in
      [b.apply(.slice(start: 2, count: 2)) + a, b * b]
    }
    #expect(program.buffers.allSatisfy(isVariable))
    #expect(readsAfterWrites(program) == [])
  }
}
