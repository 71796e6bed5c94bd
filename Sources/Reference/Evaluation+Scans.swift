internal import GraphIR

extension Evaluation {
  /// Runs a scan and gives the results asked for at every place of its axis.
  ///
  /// A step is taken by the rows that have its place; the others' states stay. First and next states
  /// that fit their state's type are repeated to it. Recursion is only as deep as scans are nested.
  func run(_ scan: Scan, _ operands: [Operand], wanted: Set<Int>, in frame: Frame)
    throws(Diagnostic) -> [Operand?]
  {
    let body = scan.body
    let length = domains.lengths.greatest[Int(scan.axis.index)]
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
    var inner = Frame(variables: frame.variables, seed: frame.seed)
    inner.places = frame.places
    for turn in 0..<length {
      let index = scan.isReverse ? length - 1 - turn : turn
      inner.places[scan.axis] = index
      let step = Evaluation(domains.step(scan.axis, at: index))
      inner.arguments = outer.map { step.restricted($0, from: self) }
      inner.arguments += sequences.map { sequence in
        let type = sequence.type.over(sequence.type.axes.removing(scan.axis))
        let positions = step.positions(of: sequence.type.axes, at: index, scan.axis, in: self)
        return Operand(type: type, values: rows(sequence, positions))
      }
      inner.arguments += states.map { step.restricted($0, from: self) }
      var results = try step.evaluate(body, body.results, in: &inner)
      for place in states.indices {
        results[place] = step.state(scan.stateType(place), from: results[place])
        put(
          results[place].values,
          into: &states[place],
          at: step.positions(of: states[place].type.axes, in: self)
        )
      }
      for (place, result) in results.enumerated() {
        guard var slab = slabs[place].take() else { continue }
        let positions = step.positions(of: slab.type.axes, at: index, scan.axis, in: self)
        put(result.values, into: &slab, at: positions)
        slabs[place] = slab
      }
    }
    return slabs
  }

  /// A value repeated to a state's type.
  private func state(_ type: ValueType, from value: Operand) -> Operand {
    Operand(type: type, values: repeated(value, to: type))
  }

  /// Which of the positions around the scan each position of this step is.
  private func positions(of axes: AxisSet, in around: Evaluation) -> [Int] {
    domains[axes].places.map { around.domains[axes].ranks[$0] }
  }

  /// The same for a value over the scan's axis, at one place of it.
  private func positions(of axes: AxisSet, at place: Int, _ axis: AxisID, in around: Evaluation)
    -> [Int]
  {
    let whole = around.domains[axes]
    let here = domains[axes.removing(axis)]
    let others = here.axes.map { ($0, whole.stride($0)) }
    let first = place * whole.stride(axis)
    return (0..<here.count).map { position in
      whole.ranks[others.reduce(first) { $0 + here.coordinate($1.0, of: position) * $1.1 }]
    }
  }

  /// A value from around the scan, at the positions that this step has.
  private func restricted(_ value: Operand, from around: Evaluation) -> Operand {
    if domains === around.domains { return value }
    return Operand(
      type: value.type,
      values: rows(value, positions(of: value.type.axes, in: around))
    )
  }
}
