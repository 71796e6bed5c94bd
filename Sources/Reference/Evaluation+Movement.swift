internal import GraphIR

extension Evaluation {
  /// Some rows of one dimension, at each position.
  func slice(_ operand: Operand, start: Int, count: Int, dim: Int) -> [S] {
    let rest = operand.type.shape.count(after: dim)
    var values: [S] = []
    for row in stride(
      from: 0,
      to: operand.values.count,
      by: operand.type.shape[dim] * rest
    ) {
      values += operand.values[(row + start * rest)..<(row + (start + count) * rest)]
    }
    return values
  }

  /// Zeros before and after along one dimension.
  func pad(_ operand: Operand, before: Int, after: Int, dim: Int) -> [S] {
    let rest = operand.type.shape.count(after: dim)
    let inner = operand.type.shape[dim] * rest
    var values: [S] = []
    for row in stride(from: 0, to: operand.values.count, by: inner) {
      values += repeatElement(0, count: before * rest)
      values += operand.values[row..<(row + inner)]
      values += repeatElement(0, count: after * rest)
    }
    return values
  }

  /// One after the other along one dimension.
  func concat(_ operands: [Operand], dim: Int, type: ValueType) -> [S] {
    let parts = operands.map { starts($0, over: type) }
    let rest = type.shape.count(after: dim)
    var values: [S] = []
    values.reserveCapacity(count(type))
    for position in 0..<domains[type.axes].count {
      for outer in 0..<(type.shape.count / (type.shape[dim] * rest)) {
        for (operand, starts) in zip(operands, parts) {
          let inner = operand.type.shape[dim] * rest
          let start = starts[position] + outer * inner
          values += operand.values[start..<(start + inner)]
        }
      }
    }
    return values
  }

  /// A matrix's rows as columns.
  func transpose(_ operand: Operand) -> [S] {
    let (rows, columns) = (operand.type.shape[0], operand.type.shape[1])
    let turned = Shape.walk([columns, rows], [1, columns])
    return stride(from: 0, to: operand.values.count, by: rows * columns).flatMap { position in
      turned.map { operand.values[position + $0] }
    }
  }

  /// Rows, or columns where they are fewer, made perpendicular in turn and of length 1.
  func orthogonalize(_ operand: Operand) -> [S] {
    let (rows, columns) = (operand.type.shape[0], operand.type.shape[1])
    let (count, length) = (min(rows, columns), max(rows, columns))
    let (next, along) = rows <= columns ? (columns, 1) : (1, columns)
    var values = operand.values
    for start in stride(from: 0, to: values.count, by: rows * columns) {
      for vector in 0..<count {
        let own = start + vector * next
        for other in 0..<vector {
          let before = start + other * next
          var product: S = 0
          for place in 0..<length {
            product += values[own + place * along] * values[before + place * along]
          }
          for place in 0..<length {
            values[own + place * along] -= product * values[before + place * along]
          }
        }
        var square: S = 0
        for place in 0..<length {
          square += values[own + place * along] * values[own + place * along]
        }
        let norm = square.squareRoot()
        for place in 0..<length { values[own + place * along] /= norm }
      }
    }
    return values
  }

  /// Repeated along new axes and dimensions.
  func broadcast(_ operand: Operand, _ broadcast: Broadcast) -> [S] {
    let shape = broadcast.shape.dims
    let own = Shape.strides(operand.type.shape.dims)
    var strides = [Int](repeating: 0, count: shape.count)
    for (place, dim) in broadcast.kept.dims.enumerated() { strides[dim] = own[place] }
    let elements = Shape.walk(shape, strides)
    let wanted = operand.type.over(broadcast.axes)
    return starts(operand, over: wanted).flatMap { start in
      elements.map { operand.values[start + $0] }
    }
  }
}

extension Shape {
  /// How many elements a row of one dimension has.
  fileprivate func count(after dim: Int) -> Int { dims[(dim + 1)...].reduce(1, *) }
}
