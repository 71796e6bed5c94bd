internal import GraphIR

extension Interpreter {
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
  /// The positions of the scans around the value count as its own do, so that a draw in a step and one
  /// hoisted out of it are the same.
  func random(_ kind: RandomOp, draw: Int32, type: ValueType, in frame: Frame) -> [S] {
    let around = frame.places.keys.reduce(AxisSet.none) { $0.adding($1) }
    var positions: [UInt32] = [0]
    for axis in type.axes.union(around).removing(.batch).axes {
      let places =
        type.axes.contains(axis)
        ? Array(0..<lengths[Int(axis.index)]) : [frame.places[axis] ?? 0]
      positions = positions.flatMap { position in
        places.map { Philox.Counter.position(position, then: UInt32($0)) }
      }
    }
    let rows = type.axes.contains(AxisID.batch) ? lengths[0] : 1
    var values: [S] = []
    for position in positions {
      for row in 0..<rows {
        for element in 0..<type.shape.count {
          let counter = Philox.Counter(
            draw: UInt32(bitPattern: draw),
            example: UInt32(row),
            position: position,
            element: UInt32(element)
          )
          switch kind {
          case .uniform: values.append(S(Philox.uniform(seed: frame.seed, at: counter)))
          case .normal: values.append(S(Philox.normal(seed: frame.seed, at: counter)))
          }
        }
      }
    }
    return values
  }
}
