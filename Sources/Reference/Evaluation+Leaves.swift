internal import GraphIR

extension Evaluation {
  /// What the caller gave for a variable.
  func value(of variable: VariableID, in frame: Frame) throws(Diagnostic) -> [S] {
    guard let tensor = frame.variables[variable] else {
      let variable = graph[variable]
      throw Diagnostic(.wrong, "no value is given for \(variable.name)", at: variable.origin)
    }
    return tensor.values
  }

  /// Random numbers.
  ///
  /// A place is counted along the axes of the value and of the scans around it, in declared order, and
  /// by no length, so that a draw in a step and one hoisted out of it are the same.
  func random(
    _ kind: RandomOp,
    draw: Int32,
    axes: AxisSet,
    at given: (axis: AxisID, place: Operand)?,
    type: ValueType,
    in frame: Frame
  ) -> [S] {
    let domain = domains[type.axes]
    let here = given.map { repeated($0.place, to: type.shaped(.scalar)) } ?? []
    let order = frame.places.keys.reduce(axes) { $0.adding($1) }
      .union(given.map { AxisSet($0.axis) } ?? .none).removing(.batch).axes
    var values: [S] = []
    for position in 0..<domain.count {
      let row = axes.contains(AxisID.batch) ? domain.coordinate(.batch, of: position) : 0
      let place = order.reduce(UInt32(0)) { total, axis in
        let place =
          axis == given?.axis
          ? Int(here[position])
          : axes.contains(axis)
            ? domain.coordinate(axis, of: position) : frame.places[axis] ?? 0
        return total &* 65537 &+ UInt32(truncatingIfNeeded: place)
      }
      for element in 0..<type.shape.count {
        let counter = Philox.Counter(
          draw: UInt32(bitPattern: draw),
          example: UInt32(row),
          position: place,
          element: UInt32(element)
        )
        switch kind {
        case .uniform: values.append(S(Philox.uniform(seed: frame.seed, at: counter)))
        case .normal: values.append(S(Philox.normal(seed: frame.seed, at: counter)))
        }
      }
    }
    return values
  }
}
