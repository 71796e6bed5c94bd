// What holds for every graph, after every pass:
//
// Nodes     operands precede uses; the operand count fits the operation; the type is the one that the
//           typing rule gives; shapes and axes are within their limits.
// Scans     every scan is used by one node; the operands are as many as the step is given, and each
//           fits: an outer value as it is, a sequence's element, a first state; a state's next value
//           fits the state; outer values and first states do not run over the scan's axis, sequences
//           do; a step reads only its arguments and never a variable.
// Tables    variables and axes that nodes name are there; `project` reads a scan.
// Roots     one for each of the main block's results; a store's value fits its variable.

extension Graph {
  /// Throws the first rule of the list above that the graph breaks, with the node printed.
  package func verify() throws(Diagnostic) {
    var uses = [Int](repeating: 0, count: scans.count)
    for (index, scan) in scans.enumerated() {
      try verify(scan.body, isStep: true, uses: &uses)
      guard scan.body.arguments.count == scan.operandCount,
        scan.body.results.count >= scan.stateCount, scan.stateNames.count == scan.stateCount,
        scan.stepsPerTurn >= 1
      else { throw broken("scan \(index) counts its operands, states or results wrongly") }
      for state in 0..<scan.stateCount
      where !scan.body.type(scan.body.results[state]).fits(scan.stateType(state)) {
        throw broken("scan \(index): the next value of state \(state) does not fit it")
      }
      for argument in scan.body.arguments where argument.axes.contains(scan.axis) {
        throw broken("scan \(index): a step's argument runs over the scan's axis")
      }
    }
    try verify(main, isStep: false, uses: &uses)
    for (index, count) in uses.enumerated() where count > 1 {
      throw broken("scan \(index) is used by \(count) nodes")
    }
    guard roots.count == main.results.count else { throw broken("roots and results differ") }
    for (root, result) in zip(roots, main.results) {
      guard case .store(let variable) = root.kind else { continue }
      guard main.type(result).fits(self[variable].type) else {
        throw broken("the value stored in \(self[variable].name) does not fit it")
      }
    }
  }

  private func broken(_ message: String) -> Diagnostic {
    Diagnostic(.bug, "the graph is not valid: \(message)")
  }

  private func verify(_ block: Block, isStep: Bool, uses: inout [Int]) throws(Diagnostic) {
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
        guard !isStep else { throw blame("a step that reads a variable") }
        guard variables.indices.contains(Int(variable.index)) else {
          throw blame("a variable that is not there")
        }
      case .scan(let scan):
        guard scans.indices.contains(Int(scan.index)) else { throw blame("no such scan") }
        uses[Int(scan.index)] += 1
        try verify(self[scan], given: operands.map { block.type($0) }, blame)
      case .position(let axis), .length(let axis), .element(let axis, _), .place(let axis, _),
        .shift(let axis, _), .sequence(let axis):
        guard Int(axis.index) < axes.count else { throw blame("an axis that is not there") }
      case .constant, .token, .argument, .random, .unary, .binary, .select, .number, .contract,
        .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat, .transpose,
        .reshape, .broadcast, .project:
        break
      }
      do throws(TypeMismatch) {
        let type = try block.type(of: node.op, operands: Array(operands), in: self)
        guard type == node.type else { throw TypeMismatch("the type should be \(text(type))") }
      } catch {
        throw blame(error.reason)
      }
    }
    for result in block.results where result.index < 0 || Int(result.index) >= block.count {
      throw broken("a result that is not there")
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
