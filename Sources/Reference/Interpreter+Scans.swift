internal import GraphIR

extension Interpreter {
  /// Runs a scan and gives the results asked for at every place of its axis.
  ///
  /// First and next states that fit their state's type are repeated to it. Recursion is only as deep as
  /// scans are nested.
  func run(_ scan: Scan, _ operands: [Operand], wanted: Set<Int>, in frame: Frame)
    throws(Diagnostic) -> [Operand?]
  {
    let body = scan.body
    let length = lengths[Int(scan.axis.index)]
    let outer = operands[..<scan.outerCount]
    let sequences = operands[scan.outerCount..<(scan.outerCount + scan.sequenceCount)]
    var states = operands[(scan.outerCount + scan.sequenceCount)...].enumerated().map {
      state(scan.stateType($0), from: $1)
    }
    var slabs = body.results.indices.map { place -> Operand? in
      guard wanted.contains(place) else { return nil }
      let type = place < scan.stateCount ? scan.stateType(place) : body.type(body.results[place])
      return zeros(type.over(type.axes.adding(scan.axis)))
    }
    var step = Frame(variables: frame.variables, seed: frame.seed)
    step.places = frame.places
    for turn in 0..<length {
      let index = scan.isReverse ? length - 1 - turn : turn
      step.places[scan.axis] = index
      let elements = sequences.map { sequence in
        let type = sequence.type.over(sequence.type.axes.removing(scan.axis))
        return Operand(
          type: type,
          values: element(sequence, scan.axis, index, type: type)
        )
      }
      step.arguments = outer + elements + states
      var results = try evaluate(body, body.results, in: &step)
      for place in states.indices {
        results[place] = state(scan.stateType(place), from: results[place])
        states[place] = results[place]
      }
      for (place, result) in results.enumerated() {
        guard var slab = slabs[place].take() else { continue }
        put(result.values, into: &slab, scan.axis, index)
        slabs[place] = slab
      }
    }
    return slabs
  }

  /// A value repeated to a state's type.
  private func state(_ type: ValueType, from value: Operand) -> Operand {
    Operand(type: type, values: repeated(value, to: type))
  }
}
