/// Why an operation cannot stand on operands of some types.
package struct TypeMismatch: Error, Hashable, Sendable {
  /// One clause, to follow "because".
  package var reason: String

  /// Says why.
  package init(_ reason: String) {
    self.reason = reason
  }
}

extension Graph {
  /// The type of what an operation makes of operands of these types.
  ///
  /// The builder types nodes by it and the verifier checks them by it. `argument` and `project` are
  /// typed by their block, in `Block.type(of:operands:in:)`.
  package func type(of op: Op, _ operands: [ValueType]) throws(TypeMismatch) -> ValueType {
    if let arity = op.arity, arity != operands.count {
      throw TypeMismatch("\(op.text) takes \(arity) operands, not \(operands.count)")
    }
    switch op {
    case .constant: return .real
    case .token(_, let bound): return ValueType(.token(bound))
    case .variable(let variable): return self[variable].type
    case .argument, .project: throw TypeMismatch("only a block knows this type")
    case .scan: return .tuple
    case .position(let axis): return ValueType(axes: AxisSet(axis))
    case .length(let axis):
      guard Int(axis.index) < axes.count else { throw TypeMismatch("there is no such axis") }
      return ValueType(axes: lengthAxes(of: axis))
    case .random(_, _, let axes, let shape, let axis):
      let around = operands.first?.axes ?? .none
      guard operands.allSatisfy({ $0.element == .real && $0.shape.isScalar }),
        axis.map({ !axes.union(around).contains($0) }) ?? true
      else { throw TypeMismatch("random takes the place along an axis that it does not run over") }
      return ValueType(axes: axes.union(around), shape: shape)
    case .unary:
      try require(operands, areReal: op)
      return operands[0]
    case .number:
      guard operands[0].isToken else { throw TypeMismatch("number takes a token") }
      return ValueType(axes: operands[0].axes, shape: operands[0].shape)
    case .binary(let binary): return try elementwise(binary, operands)
    case .select: return try select(operands)
    case .contract(let contraction): return try contract(contraction, operands)
    case .reduce(_, let reduction): return try reduce(reduction, operands)
    case .argmax(let axis): return try argmax(axis, operands[0])
    case .draw:
      try require(operands, areReal: op)
      guard operands[0].shape.rank == 1 else { throw TypeMismatch("draw takes logits of rank 1") }
      return ValueType(.token(Int32(operands[0].shape[0])), axes: operands[0].axes)
    case .oneHot(let bound):
      guard operands[0].isToken, let shape = Shape([Int(bound)] + operands[0].shape.dims) else {
        throw TypeMismatch("oneHot takes a token")
      }
      return ValueType(axes: operands[0].axes, shape: shape)
    case .gather:
      guard operands[0].shape.rank >= 1, operands[1].isToken, operands[1].shape.isScalar else {
        throw TypeMismatch("gather takes a table and one token")
      }
      return ValueType(
        operands[0].element,
        axes: operands[0].axes.union(operands[1].axes),
        shape: operands[0].shape.droppingFirst
      )
    case .scatterAdd(let rows, let axes):
      guard operands[0].isToken, operands[0].shape.isScalar,
        let shape = Shape([Int(rows)] + operands[1].shape.dims)
      else { throw TypeMismatch("scatterAdd takes one token and a value") }
      let union = operands[0].axes.union(operands[1].axes)
      guard union.contains(axes) else { throw TypeMismatch("scatterAdd sums over a missing axis") }
      return ValueType(axes: union.subtracting(axes), shape: shape)
    case .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast:
      return try movement(op, operands)
    case .element, .place, .shift, .sequence, .reindex:
      return try axisMovement(op, operands)
    }
  }

  private func require(_ operands: [ValueType], areReal op: Op) throws(TypeMismatch) {
    for operand in operands where operand.element != .real {
      throw TypeMismatch("\(op.text) takes real numbers")
    }
  }

  /// Axes united and shapes equal, but for single numbers.
  private func united(_ operands: [ValueType]) throws(TypeMismatch) -> (AxisSet, Shape) {
    var axes = AxisSet.none
    var shape = Shape.scalar
    for operand in operands {
      axes = axes.union(operand.axes)
      if operand.shape.isScalar { continue }
      guard shape.isScalar || shape == operand.shape else {
        throw TypeMismatch("shapes \(shape.dims) and \(operand.shape.dims) differ")
      }
      shape = operand.shape
    }
    guard axes.count <= ValueType.maximumAxes else {
      throw TypeMismatch("a value runs over at most \(ValueType.maximumAxes) axes")
    }
    return (axes, shape)
  }

  private func elementwise(_ op: BinaryOp, _ operands: [ValueType]) throws(TypeMismatch)
    -> ValueType
  {
    let (axes, shape) = try united(operands)
    let takesTokens = op == .equal || op == .notEqual
    guard
      operands.allSatisfy({ $0.element == .real })
        || takesTokens && operands.allSatisfy(\.isToken)
    else {
      throw TypeMismatch(
        takesTokens ? "\(op) takes two of one element" : "\(op) takes real numbers"
      )
    }
    return ValueType(axes: axes, shape: shape)
  }

  private func select(_ operands: [ValueType]) throws(TypeMismatch) -> ValueType {
    let (axes, shape) = try united(operands)
    guard operands[0].element == .real, operands[1].element == operands[2].element else {
      throw TypeMismatch("select takes a condition and two values of one element")
    }
    return ValueType(operands[1].element, axes: axes, shape: shape)
  }

  private func contract(_ contraction: Contraction, _ operands: [ValueType]) throws(TypeMismatch)
    -> ValueType
  {
    try require(operands, areReal: .contract(contraction))
    let (a, b) = (operands[0], operands[1])
    let (left, right) = (contraction.left.dims, contraction.right.dims)
    guard left.count == right.count, Set(left).count == left.count,
      Set(right).count == right.count, left.allSatisfy({ $0 < a.shape.rank }),
      right.allSatisfy({ $0 < b.shape.rank })
    else { throw TypeMismatch("the contracted dimensions are not there") }
    for (l, r) in zip(left, right) where a.shape[l] != b.shape[r] {
      throw TypeMismatch("the contracted dimensions are \(a.shape[l]) and \(b.shape[r])")
    }
    let union = a.axes.union(b.axes)
    guard union.contains(contraction.axes) else {
      throw TypeMismatch("a contracted axis is not there")
    }
    let kept =
      a.shape.dims.indices.filter { !left.contains($0) }.map { a.shape[$0] }
      + b.shape.dims.indices.filter { !right.contains($0) }.map { b.shape[$0] }
    guard let shape = Shape(kept) else { throw TypeMismatch("the product is too large") }
    guard !contraction.inParts || shape.count == 1 && left.count == 1 && contraction.axes.isEmpty
    else { throw TypeMismatch("a dot product makes one element of one dimension") }
    return ValueType(axes: union.subtracting(contraction.axes), shape: shape)
  }

  private func reduce(_ reduction: Reduction, _ operands: [ValueType]) throws(TypeMismatch)
    -> ValueType
  {
    let operand = operands[0]
    try require(operands, areReal: .reduce(.sum, reduction))
    guard operand.axes.contains(reduction.axes),
      reduction.dims.dims.allSatisfy({ $0 < operand.shape.rank })
    else { throw TypeMismatch("what is reduced is not there") }
    let kept = operand.shape.dims.indices.filter { !reduction.dims.dims.contains($0) }
    guard let shape = Shape(kept.map { operand.shape[$0] }) else {
      throw TypeMismatch("the shape is too large")
    }
    return ValueType(axes: operand.axes.subtracting(reduction.axes), shape: shape)
  }

  private func argmax(_ axis: AxisID?, _ operand: ValueType) throws(TypeMismatch) -> ValueType {
    try require([operand], areReal: .argmax(axis))
    if let axis {
      guard operand.axes.contains(axis), let bound = self[axis].bound else {
        throw TypeMismatch("argmax takes a value over the axis, which has a bound")
      }
      return ValueType(
        .token(Int32(clamping: bound)),
        axes: operand.axes.removing(axis),
        shape: operand.shape
      )
    }
    guard let last = operand.shape.dims.last, let rest = Shape(operand.shape.dims.dropLast()) else {
      throw TypeMismatch("argmax takes a value with a shape")
    }
    return ValueType(.token(Int32(last)), axes: operand.axes, shape: rest)
  }

  private func movement(_ op: Op, _ operands: [ValueType]) throws(TypeMismatch) -> ValueType {
    guard let first = operands.first else { throw TypeMismatch("\(op.text) takes an operand") }
    let shape: Shape?
    switch op {
    case .slice(let start, let count, let dim):
      guard dim >= 0, dim < first.shape.rank, start >= 0, count >= 1,
        Int(start) + Int(count) <= first.shape[Int(dim)]
      else { throw TypeMismatch("there are no \(count) rows from \(start)") }
      shape = first.shape.replacing(Int(dim), by: Int(count))
    case .pad(let before, let after, let dim):
      guard dim >= 0, dim < first.shape.rank, before >= 0, after >= 0, first.element == .real else {
        throw TypeMismatch("pad takes a real value with a shape")
      }
      let rows = first.shape[Int(dim)] + Int(before) + Int(after)
      shape = first.shape.replacing(Int(dim), by: rows)
    case .concat(let dim):
      var rows = 0
      var axes = AxisSet.none
      guard dim >= 0, dim < first.shape.rank else {
        throw TypeMismatch("the parts have no dimension \(dim)")
      }
      for operand in operands {
        guard operand.shape.rank == first.shape.rank, operand.element == first.element,
          operand.shape.replacing(Int(dim), by: 1) == first.shape.replacing(Int(dim), by: 1)
        else { throw TypeMismatch("the parts differ in more than dimension \(dim)") }
        rows += operand.shape[Int(dim)]
        axes = axes.union(operand.axes)
      }
      guard let joined = first.shape.replacing(Int(dim), by: rows) else {
        throw TypeMismatch("the shape is too large")
      }
      return ValueType(first.element, axes: axes, shape: joined)
    case .orthogonalize:
      guard first.shape.rank == 2, first.element == .real else {
        throw TypeMismatch("orthogonalize takes a matrix")
      }
      shape = first.shape
    case .transpose:
      guard first.shape.rank == 2 else { throw TypeMismatch("transpose takes a matrix") }
      shape = Shape([first.shape[1], first.shape[0]])
    case .reshape(let new):
      guard new.count == first.shape.count else {
        throw TypeMismatch("\(first.shape.dims) does not have as many elements as \(new.dims)")
      }
      shape = new
    case .broadcast(let broadcast):
      let kept = broadcast.kept.dims
      guard broadcast.axes.contains(first.axes), kept.count == first.shape.rank,
        zip(kept, kept.dropFirst()).allSatisfy({ $0 < $1 }),
        kept.allSatisfy({ $0 < broadcast.shape.rank }),
        zip(kept, first.shape.dims).allSatisfy({ broadcast.shape[$0] == $1 })
      else { throw TypeMismatch("the value does not fit what it is repeated to") }
      return ValueType(first.element, axes: broadcast.axes, shape: broadcast.shape)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
      .element, .place, .shift, .reindex, .sequence, .scan, .project:
      shape = nil
    }
    guard let shape else { throw TypeMismatch("the shape is too large") }
    return first.shaped(shape)
  }

  private func axisMovement(_ op: Op, _ operands: [ValueType]) throws(TypeMismatch) -> ValueType {
    guard let first = operands.first else { throw TypeMismatch("\(op.text) takes an operand") }
    switch op {
    case .element(let axis, _):
      guard first.axes.contains(axis) else { throw TypeMismatch("the axis is not there") }
      return first.over(first.axes.removing(axis))
    case .place(let axis, _):
      guard !first.axes.contains(axis), first.element == .real else {
        throw TypeMismatch("place takes a real value without the axis")
      }
      return first.over(first.axes.adding(axis))
    case .shift(let axis, _):
      let (axes, shape) = try united(operands)
      guard first.axes.contains(axis), !operands[1].axes.contains(axis),
        operands[1].element == first.element
      else { throw TypeMismatch("shift takes a value over the axis and one without it") }
      return ValueType(first.element, axes: axes, shape: shape)
    case .sequence(let axis):
      let (axes, shape) = try united(operands)
      guard !axes.contains(axis), operands.allSatisfy({ $0.element == first.element }) else {
        throw TypeMismatch("sequence takes values without the axis")
      }
      return ValueType(first.element, axes: axes.adding(axis), shape: shape)
    case .reindex(let reindex):
      let axes = first.axes.removing(reindex.from)
      guard first.axes.contains(reindex.from), first.element == .real, reindex.scale >= 1,
        reindex.divisor >= 1, reindex.row == 0 || first.shape.rank >= 1,
        reindex.from == reindex.to || !axes.contains(reindex.to),
        Int(reindex.to.index) < self.axes.count
      else { throw TypeMismatch("reindex takes a real value over the axis it reads") }
      return first.over(axes.adding(reindex.to))
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .scan, .project:
      throw TypeMismatch("\(op.text) does not move along an axis")
    }
  }
}

extension Block {
  /// The type of what an operation would make here, `argument` and `project` among them.
  package func type(of op: Op, operands: [ValueID], in graph: Graph) throws(TypeMismatch)
    -> ValueType
  {
    switch op {
    case .argument(let place):
      guard operands.isEmpty, arguments.indices.contains(Int(place)) else {
        throw TypeMismatch("the step is not given that many operands")
      }
      return arguments[Int(place)]
    case .project(let place):
      guard operands.count == 1, case .scan(let id) = self[operands[0]].op,
        graph.scans.indices.contains(Int(id.index))
      else { throw TypeMismatch("project takes a scan") }
      let scan = graph[id]
      guard scan.body.results.indices.contains(Int(place)) else {
        throw TypeMismatch("the scan has no result \(place)")
      }
      var type = scan.body.type(scan.body.results[Int(place)])
      if Int(place) < scan.stateCount { type = scan.stateType(Int(place)) }
      return type.over(type.axes.adding(scan.axis))
    case .constant, .token, .variable, .position, .length, .random, .unary, .binary, .select,
      .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
      .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan:
      return try graph.type(of: op, operands.map { type($0) })
    }
  }
}

extension Scan {
  /// The type of a state: what the step is given for it.
  package func stateType(_ state: Int) -> ValueType {
    body.arguments[outerCount + sequenceCount + state]
  }
}
