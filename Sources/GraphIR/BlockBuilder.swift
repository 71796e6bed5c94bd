/// Builds one block: types each node, and gives an equal node the same id.
///
/// A class, confined to the function that builds; the block it finishes is a value. Nodes are only
/// ever appended, so operands precede uses. The first mistake is kept and thrown by `finish`, so that
/// rules may be written as mathematics.
package final class BlockBuilder {
  private struct Key: Hashable {
    var op: Op
    var operands: [ValueID]
  }

  /// The tables that types depend on; scans are added to it as they are finished.
  package var graph: Graph
  /// Where the nodes appended from here on were written.
  package var origin: SourceSpan = .none
  /// The block so far.
  package private(set) var block = Block()
  /// The first operation that could not be typed.
  package private(set) var failure: Diagnostic?
  private var interned: [Key: ValueID] = [:]

  /// Starts a block that is given values of these types; a main block is given none.
  package init(graph: Graph, arguments: [ValueType] = []) {
    self.graph = graph
    block.arguments = arguments
  }

  /// Goes on with a block.
  package init(graph: Graph, continuing block: Block) {
    self.graph = graph
    self.block = block
    for id in block.ids where block[id].op.isShared {
      interned[Key(op: block[id].op, operands: Array(block.operands(id)))] = id
    }
  }

  /// Adds a value that the step is given, and names it.
  package func addArgument(_ type: ValueType, name: String = "") -> ValueID {
    block.arguments.append(type)
    return append(.argument(Int32(block.arguments.count - 1)), [], name: name)
  }

  /// Appends a node, or finds the equal one; a mistake stands for 0 and is thrown by `finish`.
  @discardableResult
  package func append(_ op: Op, _ operands: [ValueID], name: String = "") -> ValueID {
    do throws(TypeMismatch) {
      return try checked(op, operands, name: name)
    } catch {
      if failure == nil {
        let types = operands.map { graph.text(block.type($0)) }.joined(separator: ", ")
        failure = Diagnostic(.bug, "\(op.text)(\(types)): \(error.reason)", at: origin)
      }
      return (try? checked(.real(0), [])) ?? ValueID(0)
    }
  }

  /// Appends a node, or finds the equal one; says why not if the operation does not fit.
  package func checked(_ op: Op, _ operands: [ValueID], name: String = "") throws(TypeMismatch)
    -> ValueID
  {
    let id = ValueID(block.nodes.count)
    if op.isShared {
      // Looked up and entered at once, since to hash an operation takes longer than all else here.
      let known = Self.itself(&interned[Key(op: op, operands: operands), default: id])
      if known != id {
        if block.names[Int(known.index)].isEmpty { block.names[Int(known.index)] = name }
        return known
      }
    }
    let type: ValueType
    do throws(TypeMismatch) {
      type = try block.type(of: op, operands: operands, in: graph)
    } catch {
      if op.isShared { interned[Key(op: op, operands: operands)] = nil }
      throw error
    }
    block.nodes.append(
      Node(
        op: op,
        firstOperand: Int32(block.operandPool.count),
        operandCount: Int32(operands.count),
        type: type,
        origin: origin
      )
    )
    block.operandPool += operands
    block.names.append(name)
    return id
  }

  /// The value of an entry of a table, which is made if it is not there.
  private static func itself(_ value: inout ValueID) -> ValueID { value }

  /// Makes room for so many nodes more.
  package func reserve(_ count: Int) {
    block.nodes.reserveCapacity(block.nodes.count + count)
    block.names.reserveCapacity(block.names.count + count)
    interned.reserveCapacity(interned.count + count)
  }

  /// The type of a node so far.
  package func type(_ id: ValueID) -> ValueType { block.type(id) }

  /// Names a node that has no name yet.
  package func name(_ id: ValueID, _ name: String) {
    if block.names[Int(id.index)].isEmpty { block.names[Int(id.index)] = name }
  }

  /// Adds a scan to the tables and its node here.
  package func scan(_ scan: Scan, _ operands: [ValueID]) -> ValueID {
    graph.scans.append(scan)
    return append(.scan(ScanID(graph.scans.count - 1)), operands)
  }

  /// The finished block with these results; the first mistake is thrown.
  package func finish(results: [ValueID]) throws(Diagnostic) -> Block {
    if let failure { throw failure }
    var finished = block
    finished.results = results
    return finished
  }
}

extension BlockBuilder {
  /// A node as something to calculate with.
  package func expr(_ id: ValueID) -> Expr { Expr(id: id, builder: self) }

  /// A real number.
  package func real(_ value: Double) -> Expr { expr(append(.real(value), [])) }

  /// A step's argument.
  package func argument(_ place: Int) -> ValueID { append(.argument(Int32(place)), []) }

  /// A variable's value.
  package func variable(_ id: VariableID) -> Expr { expr(append(.variable(id), [])) }
}

/// A node and its builder, so that rules read as mathematics.
package struct Expr {
  /// The node.
  package let id: ValueID
  /// The block it is in.
  package let builder: BlockBuilder

  /// Pairs a node with its builder.
  package init(id: ValueID, builder: BlockBuilder) {
    self.id = id
    self.builder = builder
  }

  /// The node's type.
  package var type: ValueType { builder.type(id) }

  /// One operation on this value.
  package func apply(_ op: Op, _ others: Expr...) -> Expr {
    builder.expr(builder.append(op, [id] + others.map(\.id)))
  }

  /// One element-by-element operation on this value.
  package func unary(_ op: UnaryOp) -> Expr { apply(.unary(op)) }

  /// Where this is not 0 the first, else the second.
  package func select(_ a: Expr, _ b: Expr) -> Expr { apply(.select, a, b) }

  /// The product that the contraction says.
  package func contract(_ other: Expr, _ contraction: Contraction) -> Expr {
    apply(.contract(contraction), other)
  }

  /// The sum over dimensions and axes; the value itself where there are none.
  package func sum(dims: [Int] = [], axes: AxisSet = .none) -> Expr {
    dims.isEmpty && axes.isEmpty
      ? self : apply(.reduce(.sum, Reduction(dims: DimList(dims), axes: axes)))
  }

  package static func + (a: Expr, b: Expr) -> Expr { a.apply(.binary(.add), b) }
  package static func - (a: Expr, b: Expr) -> Expr { a.apply(.binary(.subtract), b) }
  package static func * (a: Expr, b: Expr) -> Expr { a.apply(.binary(.multiply), b) }
  package static func / (a: Expr, b: Expr) -> Expr { a.apply(.binary(.divide), b) }
  package static prefix func - (a: Expr) -> Expr { a.unary(.negate) }
  package static func + (a: Expr, b: Double) -> Expr { a + a.builder.real(b) }
  package static func - (a: Double, b: Expr) -> Expr { b.builder.real(a) - b }
  package static func * (a: Double, b: Expr) -> Expr { b.builder.real(a) * b }
  package static func / (a: Expr, b: Double) -> Expr { a / a.builder.real(b) }

  /// 1 where this is less, else 0.
  package func isLess(than other: Expr) -> Expr { apply(.binary(.less), other) }
}
