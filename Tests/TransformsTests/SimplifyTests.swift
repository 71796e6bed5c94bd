import GraphIR
import TestSupport
import Testing
import Transforms

/// The constitution of `simplify`: never worse, and done in one run.
@Suite("Simplifying")
struct SimplifyTests {
  @Test("never makes a sample worse, and is done in one run", arguments: SampleModels.names)
  func samples(name: String) throws {
    let elaborated = try SampleModels.graph(name)
    let writtenOut = [Pipelines.rolled(.full), Pipelines.reference].map { Pipelines.prepare + $0 }
    for list in simplifyingLists + writtenOut + [Pipelines.measures] {
      #expect(try simplifyFaults(list, on: elaborated) == [])
    }
  }

  /// What one rule makes of some values.
  private func simplified(_ make: (BlockBuilder) -> Expr) throws -> Block {
    var graph = Graph(name: "rule")
    graph.axes.append(Axis(name: "time", extent: .fixed(3)))
    graph.axes[0].extent = .bounded(2)
    let steps = AxisSet(.batch, AxisID(1))
    let types = [
      real(.none, 4, 3), real(steps, 3), real(.batch, 4), ValueType(.token(3), axes: steps),
    ]
    graph.variables = types.enumerated().map {
      Variable(name: "v\($0)", kind: .input(isTarget: false), type: $1)
    }
    let builder = BlockBuilder(graph: graph)
    let result = make(builder)
    graph.main = try builder.finish(results: [result.id])
    graph.roots = [Root(name: "y", kind: .output, entries: [.infer])]
    return try run([.simplify], on: graph).main
  }

  private func kinds(_ block: Block) -> [OpKind] {
    block.nodes.map { OpKind($0.op) }.filter { $0 != .variable && $0 != .constant }
  }

  private func variable(_ builder: BlockBuilder, _ place: Int) -> Expr {
    builder.variable(VariableID(place))
  }

  @Test("a product with a one-hot is a column of the matrix, or a row")
  func oneHot() throws {
    let column = try simplified {
      variable($0, 0).contract(
        variable($0, 3).apply(.oneHot(3)),
        .product(leftRank: 2)
      )
    }
    #expect(kinds(column) == [.transpose, .gather])
    let row = try simplified {
      variable($0, 3).apply(.oneHot(3)).contract(
        variable($0, 0).apply(.transpose),
        Contraction(left: [0], right: [0])
      )
    }
    #expect(kinds(row) == [.transpose, .gather])
  }

  @Test("a product with a transposed matrix is one with the matrix")
  func transposed() throws {
    let block = try simplified {
      variable($0, 0).apply(.transpose).contract(variable($0, 2), .product(leftRank: 2))
    }
    #expect(kinds(block) == [.contract])
    #expect(block.nodes.last?.op == .contract(Contraction(left: [0], right: [0])))
  }

  @Test("what one operand alone runs over is summed before the product")
  func summedFirst() throws {
    let block = try simplified {
      variable($0, 0).contract(variable($0, 1), .product(leftRank: 2)).sum(axes: AxisSet(AxisID(1)))
    }
    #expect(kinds(block) == [.reduce, .contract])
    #expect(block.type(block.operands(block.results[0]).last ?? block.results[0]).axes == .batch)
  }

  @Test("neighbouring slices put together are one slice, or the whole")
  func slices() throws {
    let parts = { (builder: BlockBuilder, last: Int32) in
      let parts = [(0, 1), (1, 2), (3, last)].map { start, count in
        variable(builder, 2).apply(.slice(start: Int32(start), count: Int32(count)))
      }
      return builder.expr(builder.append(.concat(), parts.map(\.id)))
    }
    #expect(try kinds(simplified { parts($0, 1) }).isEmpty)
    let some = try simplified { parts($0, 1).apply(.slice(start: 0, count: 3)) }
    #expect(kinds(some) == [.slice])
  }

  @Test("signs meet in sums and differences")
  func signs() throws {
    let sum = try simplified { variable($0, 1) + -(variable($0, 1) * variable($0, 1)) }
    #expect(kinds(sum) == [.binary, .binary])
    let difference = try simplified { variable($0, 1) - -(variable($0, 1) * variable($0, 1)) }
    #expect(difference.nodes.last?.op == .binary(.add))
  }
}
