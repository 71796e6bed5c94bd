internal import GraphIR

extension Interpreter {
  /// The place along an axis that is meant.
  func index(_ position: Position, along axis: AxisID) throws(Diagnostic) -> Int {
    let length = lengths[Int(axis.index)]
    switch position {
    case .first: return 0
    case .last, .rowLast: return length - 1
    case .at(let index):
      guard index >= 0, index < length else {
        throw Diagnostic(.wrong, "\(graph[axis].name) has \(length) places; there is no \(index)")
      }
      return Int(index)
    }
  }

  /// Where the elements of a value over an axis begin at one place of it, for each position of the
  /// other axes.
  func starts(_ type: ValueType, at place: Int, _ axis: AxisID) -> [Int] {
    let layout = layout(type)
    let first = place * layout.stride(axis)
    return layout.offsets(over: type.axes.removing(axis), lengths: lengths).map { $0 + first }
  }

  /// The value at one place of an axis, of the type without the axis.
  func element(_ operand: Operand, _ axis: AxisID, _ index: Int, type: ValueType) -> [S] {
    let inner = type.shape.count
    var values: [S] = []
    values.reserveCapacity(layout(type).count)
    for start in starts(operand.type, at: index, axis) {
      values += operand.values[start..<(start + inner)]
    }
    return values
  }

  /// Writes a value into one place of an axis.
  func put(_ value: [S], into whole: inout Operand, _ axis: AxisID, _ index: Int) {
    let inner = whole.type.shape.count
    for (position, start) in starts(whole.type, at: index, axis).enumerated() {
      for element in 0..<inner { whole.values[start + element] = value[position * inner + element] }
    }
  }

  /// The value at one place of an axis, 0 elsewhere.
  func place(_ operand: Operand, _ axis: AxisID, _ index: Int, type: ValueType) -> [S] {
    var whole = zeros(type)
    put(operand.values, into: &whole, axis, index)
    return whole.values
  }

  /// One place later along an axis, or earlier; the vacant place takes the second value.
  func shift(_ a: Operand, _ b: Operand, _ axis: AxisID, reverse: Bool, type: ValueType) -> [S] {
    let source = Operand(type: type, values: repeated(a, to: type))
    let single = type.over(type.axes.removing(axis))
    let length = lengths[Int(axis.index)]
    var whole = zeros(type)
    for index in 0..<length {
      let from = reverse ? index + 1 : index - 1
      let value =
        from < 0 || from == length
        ? repeated(b, to: single) : element(source, axis, from, type: single)
      put(value, into: &whole, axis, index)
    }
    return whole.values
  }

  /// One operand for each place of an axis.
  func sequence(_ operands: [Operand], _ axis: AxisID, type: ValueType) throws(Diagnostic) -> [S] {
    let length = lengths[Int(axis.index)]
    guard operands.count == length else {
      throw Diagnostic(
        .wrong,
        "\(operands.count) values were given for the \(length) places of \(graph[axis].name)"
      )
    }
    let single = type.over(type.axes.removing(axis))
    var whole = zeros(type)
    for (index, operand) in operands.enumerated() {
      put(repeated(operand, to: single), into: &whole, axis, index)
    }
    return whole.values
  }

  /// Other places of an axis, perhaps along another one; 0 where there is none.
  func reindex(_ operand: Operand, _ reindex: Reindex, type: ValueType) -> [S] {
    var whole = zeros(type)
    let single = type.over(type.axes.removing(reindex.to))
    let rows = type.shape.rank == 0 ? 1 : type.shape[0]
    let width = type.shape.count / rows
    for index in 0..<lengths[Int(reindex.to.index)] {
      var values = [S](repeating: 0, count: layout(single).count)
      for row in 0..<rows {
        guard
          let place = reindex.place(
            for: index,
            row: row,
            of: lengths[Int(reindex.from.index)]
          )
        else { continue }
        let source = element(operand, reindex.from, place, type: single)
        for start in stride(from: row * width, to: values.count, by: rows * width) {
          for element in start..<(start + width) { values[element] = source[element] }
        }
      }
      put(values, into: &whole, reindex.to, index)
    }
    return whole.values
  }

  /// A value that is 0 everywhere.
  func zeros(_ type: ValueType) -> Operand {
    Operand(type: type, values: [S](repeating: 0, count: layout(type).count))
  }
}
