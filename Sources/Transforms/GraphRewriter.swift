package import GraphIR

/// Copies a graph's live nodes, in order, into a new graph, letting a rule replace some.
///
/// The builder interns, so copying is also common-subexpression elimination, and what no result needs
/// is not copied. Only scans within scans recurse.
package struct GraphRewriter {
  /// What a rule is asked about: a node, and its operands as they are in the new block.
  package struct Site {
    /// What is copied, the same for all sites of a block.
    fileprivate let original: Original
    /// The node there.
    package let id: ValueID
    /// The node's operands in the new block.
    package let operands: [ValueID]
    /// The new block.
    package let builder: BlockBuilder

    /// The graph that is copied.
    package var graph: Graph { original.graph }
    /// The block that is copied.
    package var block: Block { original.block }
    /// How many live nodes and results read each node.
    package var readers: [Int] { original.readers }
    /// The node.
    package var node: Node { original.block[id] }
    /// The operands to calculate with.
    package var exprs: [Expr] { operands.map { builder.expr($0) } }
    /// The operation of an operand in the new block.
    package func op(_ place: Int) -> Op { builder.block[operands[place]].op }
  }

  /// A block that is copied; a class, since sites are many and each would hold on to a dozen arrays.
  fileprivate final class Original {
    /// The graph.
    let graph: Graph
    /// Its block.
    let block: Block
    /// How many live nodes and results read each node.
    let readers: [Int]

    /// Describes a block of a graph.
    init(graph: Graph, block: Block, readers: [Int]) {
      self.graph = graph
      self.block = block
      self.readers = readers
    }
  }

  /// Gives the node's replacement, of the same type; nothing to copy it as it is.
  package typealias Rule = (Site) throws(Diagnostic) -> ValueID?

  private let source: Graph
  private let rule: Rule

  /// The graph with every live node copied or replaced.
  package static func rewrite(_ graph: Graph, _ rule: Rule) throws(Diagnostic) -> Graph {
    // The closure does not outlive the call; Swift has no way to say so for a stored one.
    try withoutActuallyEscaping(rule) { (rule: @escaping Rule) throws(Diagnostic) -> Graph in
      let rewriter = GraphRewriter(source: graph, rule: rule)
      var result = graph
      result.scans = []
      let builder = BlockBuilder(graph: result)
      let map = try rewriter.copy(graph.main, into: builder)
      let main = try builder.finish(results: graph.main.results.map { map[Int($0.index)] })
      result = builder.graph
      result.main = main
      return result
    }
  }

  /// A scan of a graph on other operands, with the scans in its step, letting a rule replace nodes there.
  package static func scan(
    _ scan: Scan,
    of graph: Graph,
    _ operands: [ValueID],
    into builder: BlockBuilder,
    _ rule: Rule = { _ in nil }
  ) throws(Diagnostic) -> ValueID {
    try withoutActuallyEscaping(rule) { (rule: @escaping Rule) throws(Diagnostic) -> ValueID in
      try GraphRewriter(source: graph, rule: rule).scan(scan, operands, into: builder)
    }
  }

  private func copy(_ block: Block, into builder: BlockBuilder) throws(Diagnostic) -> [ValueID] {
    var map = [ValueID](repeating: ValueID(-1), count: block.count)
    let live = block.live()
    let original = Original(graph: source, block: block, readers: block.readers(live))
    builder.reserve(block.count)
    for id in block.ids where live[Int(id.index)] {
      let node = block[id]
      let operands = block.operands(id).map { map[Int($0.index)] }
      builder.origin = node.origin
      let site = Site(
        original: original,
        id: id,
        operands: operands,
        builder: builder
      )
      if let replaced = try rule(site) {
        builder.name(replaced, block.name(id))
        map[Int(id.index)] = builder.matching(replaced, node.type)
      } else if case .scan(let scan) = node.op {
        map[Int(id.index)] = try self.scan(source[scan], operands, into: builder)
      } else {
        map[Int(id.index)] = builder.append(node.op, operands, name: block.name(id))
      }
    }
    return map
  }

  private func scan(_ scan: Scan, _ operands: [ValueID], into builder: BlockBuilder)
    throws(Diagnostic) -> ValueID
  {
    let step = BlockBuilder(graph: builder.graph, arguments: scan.body.arguments)
    let map = try copy(scan.body, into: step)
    var copied = scan
    copied.body = try step.finish(results: scan.body.results.map { map[Int($0.index)] })
    builder.graph = step.graph
    return builder.scan(copied, operands)
  }
}

extension Block {
  /// For each node, how many live nodes and results read it.
  func readers(_ live: [Bool]) -> [Int] {
    var readers = [Int](repeating: 0, count: count)
    for id in ids where live[Int(id.index)] {
      for operand in operands(id) { readers[Int(operand.index)] += 1 }
    }
    for result in results { readers[Int(result.index)] += 1 }
    return readers
  }
}

extension BlockBuilder {
  /// The value repeated to a type that it fits.
  package func matching(_ id: ValueID, _ type: ValueType) -> ValueID {
    let own = self.type(id)
    if own == type { return id }
    let kept = own.shape.isScalar ? [] : Array(0..<own.shape.rank)
    return append(
      .broadcast(Broadcast(axes: type.axes, shape: type.shape, kept: DimList(kept))),
      [id]
    )
  }

  /// A value about to be summed over axes for another that runs over these: repeated over those of them
  /// that the lengths of the summed axes run over, so that each row's sum goes to its own end.
  package func told(apart id: ValueID, for wanted: AxisSet, summing summed: AxisSet) -> ValueID {
    var needed = AxisSet.none
    for axis in summed.axes { needed = needed.union(graph.lengthAxes(of: axis)) }
    let own = type(id)
    return matching(id, own.over(own.axes.union(needed.intersection(wanted))))
  }

  /// Zeros of a type.
  package func zero(_ type: ValueType) -> ValueID {
    matching(append(.real(0), []), type)
  }

  /// `true` iff the value is 0 everywhere, as its operation shows.
  package func isZero(_ id: ValueID) -> Bool {
    switch block[id].op {
    case .constant(let bits): return Double(bitPattern: bits) == 0
    case .broadcast:
      guard let source = block.operands(id).first else { return false }
      return isZero(source)
    case .token, .variable, .argument, .position, .length, .random, .unary, .binary, .select,
      .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
      .concat, .transpose, .orthogonalize, .reshape, .element, .place, .shift, .reindex, .sequence,
      .scan, .project:
      return false
    }
  }

  /// The real number that the value is everywhere, if its operation shows it.
  package func constant(_ id: ValueID) -> Double? {
    guard case .constant(let bits) = block[id].op else { return nil }
    return Double(bitPattern: bits)
  }
}
