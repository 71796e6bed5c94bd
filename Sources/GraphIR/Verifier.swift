// What holds for every graph, after every pass:
//
// Nodes     operands precede uses; the operand count fits the operation; the type is the one that the
//           typing rule gives, over at most four axes that are there; only `project` reads a tuple;
//           a counted place is one that its axis has, and a sequence has a value for each place.
// Scans     every scan is used by one node, and by a step only if the step's own scan comes later; the
//           operands are as many as the step is given, and each fits: an outer value as it is, a
//           sequence's element, a first state; a state's next value fits the state; outer values and
//           first states do not run over the scan's axis, sequences do; a step reads only its arguments
//           and never a variable.
// Lengths   of a masked graph no operation of the main block means each row's own last place but by
//           `rowLast`; only of a masked graph any does by it.
// Tables    variables and axes that nodes, roots and generation name are there, at most 64 axes; kept
//           lengths stand in variables that run over what the lengths run over.
// Roots     one for each of the main block's results; a store's value fits its variable.

extension Graph {
  /// Throws the first rule of the list above that the graph breaks, with the node printed.
  package func verify() throws(Diagnostic) {
    guard (1...64).contains(axes.count) else { throw broken("it has \(axes.count) axes") }
    for variable in variables {
      guard areThere(variable.type) else {
        throw broken("\(variable.name) runs over axes that are not there")
      }
    }
    for (index, scan) in scans.enumerated() {
      guard scan.body.arguments.count == scan.operandCount, scan.outerCount >= 0,
        scan.sequenceCount >= 0, scan.body.results.count >= scan.stateCount,
        scan.stateNames.count == scan.stateCount, scan.stepsPerTurn >= 1,
        axes.indices.contains(Int(scan.axis.index))
      else { throw broken("scan \(index) counts its operands, states or results wrongly") }
      try verifyResults(scan.body)
    }
    var uses = [Int](repeating: 0, count: scans.count)
    for (index, scan) in scans.enumerated() {
      try verify(scan.body, ofStep: index, uses: &uses)
      for state in 0..<scan.stateCount
      where !scan.body.type(scan.body.results[state]).fits(scan.stateType(state)) {
        throw broken("scan \(index): the next value of state \(state) does not fit it")
      }
      for argument in scan.body.arguments where argument.axes.contains(scan.axis) {
        throw broken("scan \(index): a step's argument runs over the scan's axis")
      }
    }
    try verifyResults(main)
    try verify(main, ofStep: nil, uses: &uses)
    for (index, count) in uses.enumerated() where count > 1 {
      throw broken("scan \(index) is used by \(count) nodes")
    }
    try verifyRoots()
  }

  private func verifyRoots() throws(Diagnostic) {
    guard roots.count == main.results.count else { throw broken("roots and results differ") }
    for (root, result) in zip(roots, main.results) {
      switch root.kind {
      case .store(let variable):
        guard isThere(variable) else { throw broken("a store in a variable that is not there") }
        guard main.type(result).fits(self[variable].type) else {
          throw broken("the value stored in \(self[variable].name) does not fit it")
        }
      case .gradient(let variable):
        guard isThere(variable) else { throw broken("a gradient by a variable that is not there") }
      case .output, .loss, .metric, .generated, .finite: continue
      }
    }
    for index in axes.indices {
      guard let variable = keptLengths[AxisID(index)] else { continue }
      guard isThere(variable), self[variable].type == ValueType(axes: lengthAxes(of: AxisID(index)))
      else { throw broken("lengths of \(axes[index].name) kept where they do not fit") }
    }
    if let generation, !isThere(generation.target) {
      throw broken("the generated target is a variable that is not there")
    }
  }

  private func verifyResults(_ block: Block) throws(Diagnostic) {
    for result in block.results {
      guard result.index >= 0, Int(result.index) < block.count else {
        throw broken("a result that is not there")
      }
      guard block.type(result).element != .tuple else { throw broken("a result that is a tuple") }
    }
  }

  private func isThere(_ variable: VariableID) -> Bool {
    variables.indices.contains(Int(variable.index))
  }

  private func areThere(_ type: ValueType) -> Bool {
    type.axes.bits >> UInt64(axes.count) == 0 && type.axes.count <= ValueType.maximumAxes
  }

  private func broken(_ message: String) -> Diagnostic {
    Diagnostic(.bug, "the graph is not valid: \(message)")
  }

  private func verify(_ block: Block, ofStep step: Int?, uses: inout [Int]) throws(Diagnostic) {
    for id in block.ids {
      let node = block[id]
      func blame(_ message: String) -> Diagnostic {
        broken("\(message)\n\(text(id, in: block))")
      }
      let operands = block.operands(id)
      for operand in operands where operand >= id || operand.index < 0 {
        throw blame("an operand that does not precede its use")
      }
      switch node.op {
      case .variable(let variable):
        guard step == nil else { throw blame("a step that reads a variable") }
        guard isThere(variable) else { throw blame("a variable that is not there") }
      case .scan(let scan):
        guard (0..<(step ?? scans.count)).contains(Int(scan.index)) else {
          throw blame("no such scan before it")
        }
        uses[Int(scan.index)] += 1
        try verify(self[scan], given: operands.map { block.type($0) }, blame)
      case .position(let axis), .length(let axis), .element(let axis, _), .place(let axis, _),
        .shift(let axis, _), .sequence(let axis):
        guard Int(axis.index) < axes.count else { throw blame("an axis that is not there") }
        try verifyPlaces(node.op, operands.count, along: self[axis], blame)
      case .reindex(let reindex):
        guard Int(max(reindex.from, reindex.to).index) < axes.count else {
          throw blame("an axis that is not there")
        }
      case .constant, .token, .argument, .random, .unary, .binary, .select, .number, .contract,
        .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat, .transpose,
        .orthogonalize,
        .reshape, .broadcast, .project:
        break
      }
      try verifyEnds(node, operands.first.map { block[$0] }, step, blame)
      if operands.contains(where: { block.type($0).element == .tuple }) {
        guard case .project = node.op else { throw blame("only project reads a scan") }
      }
      do throws(TypeMismatch) {
        let type = try block.type(of: node.op, operands: Array(operands), in: self)
        guard type == node.type else { throw TypeMismatch("the type should be \(text(type))") }
        guard areThere(type) else {
          throw TypeMismatch("a value runs over at most \(ValueType.maximumAxes) axes")
        }
      } catch {
        throw blame(error.reason)
      }
    }
  }

  /// Each row's own last place is meant by `rowLast` in masked graphs, and by `last` in others.
  ///
  /// What a scan leaves may be read at the last place in masked graphs too: its steps hold it from each
  /// row's end on.
  private func verifyEnds(
    _ node: Node,
    _ operand: Node?,
    _ step: Int?,
    _ blame: (String) -> Diagnostic
  ) throws(Diagnostic) {
    func tellsRows(_ axis: AxisID, _ axes: AxisSet) -> Bool {
      isMasked && step == nil && !lengthAxes(of: axis).intersection(axes).isEmpty
    }
    switch node.op {
    case .element(_, .rowLast) where !isMasked, .place(_, .rowLast):
      throw blame("a row's own last place where nothing says what lies past it")
    case .element(let axis, .last)
    where tellsRows(axis, operand?.type.axes ?? .none) && operand?.isMadeByScan != true,
      .place(let axis, .last) where tellsRows(axis, node.type.axes):
      throw blame("a last place that is not each row's own")
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .sequence, .scan, .project:
      return
    }
  }

  /// A counted place is one that the axis has, and a sequence has a value for each.
  private func verifyPlaces(
    _ op: Op,
    _ operands: Int,
    along axis: Axis,
    _ blame: (String) -> Diagnostic
  ) throws(Diagnostic) {
    let bound = axis.bound ?? .max
    switch op {
    case .element(_, .at(let place)), .place(_, .at(let place)):
      guard place >= 0, place < bound else { throw blame("a place that the axis does not have") }
    case .sequence:
      guard axis.bound == nil || operands == bound else {
        throw blame("\(operands) values for \(bound) places")
      }
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .scan, .project:
      return
    }
  }

  private func verify(_ scan: Scan, given: [ValueType], _ blame: (String) -> Diagnostic)
    throws(Diagnostic)
  {
    guard given.count == scan.operandCount else { throw blame("a wrong number of operands") }
    for (place, type) in given.enumerated() {
      let wanted = scan.body.arguments[place]
      let isSequence =
        place >= scan.outerCount && place < scan.outerCount + scan.sequenceCount
      if isSequence {
        guard type.axes.contains(scan.axis), type.over(type.axes.removing(scan.axis)) == wanted
        else { throw blame("sequence \(place) does not fit the step") }
      } else if place < scan.outerCount {
        guard type == wanted else { throw blame("outer value \(place) does not fit the step") }
      } else if !type.fits(wanted) {
        throw blame("first state \(place) does not fit the step")
      }
    }
  }
}

extension Node {
  /// `true` iff it is a result of a scan, or of a scan's steps written out.
  fileprivate var isMadeByScan: Bool {
    switch op {
    case .project, .sequence: true
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
      .reindex, .scan:
      false
    }
  }
}
