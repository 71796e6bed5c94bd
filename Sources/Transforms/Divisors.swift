internal import GraphIR

extension Pass {
  /// Lets the caller of `gradients` say what the sum of each average in the loss is divided by.
  ///
  /// With the counts of all calls together, gradients of parts of a batch add up to the whole batch's.
  /// That holds where the loss is a sum of multiples of averages; an average that stands anywhere else,
  /// as in a quotient of two, gets no divisor. It works on the elaborated graph, where every average is
  /// still a division of its own.
  package static let divisors = Pass(
    "divisors",
    "lets gradients be of a part of a batch: what averages are divided by can be given"
  ) { graph throws(Diagnostic) in
    guard let loss = graph.roots.firstIndex(where: { $0.kind == .loss }) else { return graph }
    var divided = graph
    var divisors: [ValueID: VariableID] = [:]
    let summands = summands(of: graph.main.results[loss], in: graph.main)
    for (root, count) in zip(graph.roots, graph.main.results) where root.name.hasSuffix(".count") {
      let name = String(root.name.dropLast(6))
      guard let sum = graph.result(named: name + ".sum") else { continue }
      let average = summands.first {
        graph.main[$0].op == .binary(.divide) && Array(graph.main.operands($0)) == [sum, count]
      }
      guard let average, divisors[average] == nil else { continue }
      divisors[average] = VariableID(divided.variables.count)
      divided.variables.append(Variable(name: name + ".divisor", kind: .divisor, type: .real))
    }
    return try GraphRewriter.rewrite(divided) { (site) throws(Diagnostic) in
      guard site.block.arguments.isEmpty, let divisor = divisors[site.id] else { return nil }
      let given = site.builder.variable(divisor)
      return (site.exprs[0] / given.select(given, site.exprs[1])).id
    }
  }

  /// What a value is the sum of, each times a number, unless it is part of anything else in it too.
  private static func summands(of value: ValueID, in block: Block) -> Set<ValueID> {
    var added: Set<ValueID> = []
    var others: [ValueID] = []
    var pending = [value]
    while let next = pending.popLast() {
      guard added.insert(next).inserted else { continue }
      let operands = Array(block.operands(next))
      switch block[next].op {
      case .binary(.add), .binary(.subtract), .unary(.negate): pending += operands
      case .binary(.multiply) where isNumber(operands[0], block): pending.append(operands[1])
      case .binary(.multiply) where isNumber(operands[1], block): pending.append(operands[0])
      case .binary(.divide):
        // An average, or any other quotient: what it is made of has no part of its own.
        others += operands
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
        .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
        .shift, .reindex, .sequence, .scan, .project:
        others += operands
      }
    }
    let within = block.live(from: others)
    return added.filter { !within[Int($0.index)] }
  }

  private static func isNumber(_ id: ValueID, _ block: Block) -> Bool {
    if case .constant = block[id].op { true } else { false }
  }
}
