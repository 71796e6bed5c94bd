/// Assembles a scan whose operands come to light while its step is built.
///
/// Arguments are numbered as they are asked for; `finish` puts them in the order that scans have:
/// outer values, sequences, states.
package final class ScanAssembler {
  private enum Given {
    case outer(ValueID)
    case sequence(ValueID)
    case state(first: ValueID)
  }

  /// Builds the step.
  package let step: BlockBuilder
  private let axis: AxisID
  private let isReverse: Bool
  private var given: [Given] = []
  private var stateNames: [String] = []

  /// Starts a scan along an axis; `graph` has the tables that the step's types depend on.
  package init(graph: Graph, axis: AxisID, isReverse: Bool) {
    step = BlockBuilder(graph: graph)
    self.axis = axis
    self.isReverse = isReverse
  }

  /// Gives the step a value whole.
  package func outer(_ value: ValueID, _ type: ValueType, name: String = "") -> ValueID {
    given.append(.outer(value))
    return step.addArgument(type, name: name)
  }

  /// Gives the step a sequence's element; `type` is the sequence's.
  package func sequence(_ value: ValueID, _ type: ValueType, name: String = "") -> ValueID {
    given.append(.sequence(value))
    return step.addArgument(type.over(type.axes.removing(axis)), name: name)
  }

  /// Adds a state under its path; its next value is the result of the same place in `finish`.
  package func state(first: ValueID, _ type: ValueType, path: String, name: String = "") -> ValueID
  {
    given.append(.state(first: first))
    stateNames.append(path)
    return step.addArgument(type, name: name)
  }

  /// The scan and its operands; `results` are the states' next values, then what is emitted.
  package func finish(results: [ValueID]) throws(Diagnostic) -> (scan: Scan, operands: [ValueID]) {
    let unordered = try step.finish(results: results)
    var outers: [Int] = []
    var sequences: [Int] = []
    var states: [Int] = []
    var operands: [ValueID] = []
    for (place, given) in given.enumerated() {
      switch given {
      case .outer(let operand):
        outers.append(place)
        operands.append(operand)
      case .sequence(let operand):
        sequences.append(place)
        operands.append(operand)
      case .state(let first):
        states.append(place)
        operands.append(first)
      }
    }
    let order = outers + sequences + states
    var newPlace = [Int](repeating: 0, count: order.count)
    for (place, old) in order.enumerated() { newPlace[old] = place }
    var body = unordered
    body.arguments = order.map { unordered.arguments[$0] }
    for index in body.nodes.indices {
      if case .argument(let place) = body.nodes[index].op {
        body.nodes[index].op = .argument(Int32(newPlace[Int(place)]))
      }
    }
    let scan = Scan(
      axis: axis,
      isReverse: isReverse,
      outerCount: outers.count,
      sequenceCount: sequences.count,
      stateNames: stateNames,
      body: body
    )
    return (scan, order.map { operands[$0] })
  }
}
