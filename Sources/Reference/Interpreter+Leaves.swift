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
  /// A place is counted along the axes of the value and of the scans around it, in the order of the
  /// layout, so that a draw in a step and one hoisted out of it are the same.
  func random(_ kind: RandomOp, draw: Int32, type: ValueType, in frame: Frame) -> [S] {
    let around = frame.places.keys.reduce(AxisSet.none) { $0.adding($1) }
    let order = Layout.order(type.axes.union(around)).filter { $0 != .batch }
    let extents = order.map { lengths[Int($0.index)] }
    let strides = Layout.strides(extents)
    var start = 0
    for (axis, stride) in zip(order, strides) where !type.axes.contains(axis) {
      start += (frame.places[axis] ?? 0) * stride
    }
    let own = order.indices.filter { type.axes.contains(order[$0]) }
    let positions = Layout.walk(own.map { extents[$0] }, own.map { strides[$0] })
    let rows = type.axes.contains(AxisID.batch) ? lengths[0] : 1
    var values: [S] = []
    for position in positions {
      for row in 0..<rows {
        for element in 0..<type.shape.count {
          let counter = Philox.Counter(
            draw: UInt32(bitPattern: draw),
            example: UInt32(row),
            position: UInt32(start + position),
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
