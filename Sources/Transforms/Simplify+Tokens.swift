internal import GraphIR

extension Simplification {
  /// One element of what is calculated element by element is calculated from one element of each value it
  /// is made of: of a softmax's logarithm at the right class, from one logit.
  ///
  /// So what is gathered from stands in memory anyway; `none` still gives 0.
  func gathered(_ operands: [ValueID], _ type: ValueType) -> ValueID? {
    let (table, token) = (operands[0], operands[1])
    guard builder.type(table).shape.rank == 1, builder.block[table].op.isElementwise,
      builder.graph.count(type) * 4 <= builder.graph.count(builder.type(table)),
      let tree = elementwise(below: table)
    else { return nil }
    var values: [ValueID: ValueID] = [:]
    for id in tree {
      let op = builder.block[id].op
      if builder.type(id).shape.isScalar {
        values[id] = id
      } else if op.isElementwise {
        values[id] = make(op, builder.block.operands(id).compactMap { values[$0] })
      } else if case .broadcast = op {
        values[id] = builder.block.operands(id).first
      } else {
        values[id] = make(.gather, [id, token])
      }
    }
    guard let value = values[table] else { return nil }
    let isToken = make(.binary(.equal), [token, token])
    return make(.select, [isToken, value, builder.append(.real(0), [])])
  }

  /// What a vector is made of element by element, down to single numbers and to vectors in memory, in order;
  /// nothing if some of it is neither.
  private func elementwise(below root: ValueID) -> [ValueID]? {
    var seen = Set<ValueID>()
    var pending = [root]
    while let id = pending.popLast() {
      guard seen.insert(id).inserted, !builder.type(id).shape.isScalar else { continue }
      let operands = builder.block.operands(id)
      switch builder.block[id].op {
      case .unary, .binary, .select, .number: pending += operands
      case .broadcast:
        guard let source = operands.first, builder.type(source).shape.isScalar else { return nil }
      case .variable, .argument, .contract, .reduce, .project: continue
      case .constant, .token, .position, .length, .random, .argmax, .oneHot, .gather, .scatterAdd,
        .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .element, .place,
        .shift, .reindex, .sequence, .scan:
        return nil
      }
    }
    return seen.sorted()
  }
}
