internal import GraphIR

extension Evaluation {
  /// The row that a token names of so many; nothing of `none`; anything else is refused.
  private func row(_ token: S, of rows: Int) throws(Diagnostic) -> Int? {
    guard let row = Int(exactly: token), row >= -1, row < rows else {
      throw Diagnostic(.wrong, "the token \(token) is not one of 0 to \(rows - 1)")
    }
    return row < 0 ? nil : row
  }

  /// 1 at the token's place, 0 elsewhere.
  func oneHot(_ bound: Int32, _ token: Operand) throws(Diagnostic) -> [S] {
    let inner = token.type.shape.count
    var values = [S](repeating: 0, count: token.values.count * Int(bound))
    for (place, value) in token.values.enumerated() {
      guard let row = try row(value, of: Int(bound)) else { continue }
      let (position, element) = place.quotientAndRemainder(dividingBy: inner)
      values[(position * Int(bound) + row) * inner + element] = 1
    }
    return values
  }

  /// The row of a table that the token names; of `none` 0.
  func gather(_ table: Operand, _ token: Operand, type: ValueType) throws(Diagnostic) -> [S] {
    let inner = type.shape.count
    let tables = starts(table, over: type)
    let tokens = starts(token, over: type)
    var values: [S] = []
    values.reserveCapacity(tables.count * inner)
    for (start, place) in zip(tables, tokens) {
      if let row = try row(token.values[place], of: table.type.shape[0]) {
        values += table.values[(start + row * inner)..<(start + (row + 1) * inner)]
      } else {
        values += repeatElement(0, count: inner)
      }
    }
    return values
  }

  /// Rows that are the sums of the values whose token names them, over some axes.
  func scatterAdd(
    rows: Int,
    _ axes: AxisSet,
    _ token: Operand,
    _ value: Operand,
    type: ValueType
  ) throws(Diagnostic) -> [S] {
    let inner = value.type.shape.count
    let union = token.type.axes.union(value.type.axes)
    let tokenStarts = starts(token, over: union)
    let valueStarts = starts(value, over: union)
    let groups = domains.groups(of: union, by: type.axes)
    var values = [S](repeating: 0, count: groups.count * rows * inner)
    for group in 0..<groups.count {
      for position in groups[group] {
        guard let row = try row(token.values[tokenStarts[position]], of: rows) else { continue }
        for element in 0..<inner {
          values[(group * rows + row) * inner + element] +=
            value.values[valueStarts[position] + element]
        }
      }
    }
    return values
  }

  /// A token drawn at temperature 0: the first greatest; NaN counts as -infinity.
  func draw(_ logits: Operand) -> [S] {
    let width = logits.type.shape.count
    return stride(from: 0, to: logits.values.count, by: width).map { start in
      var (best, greatest) = (0, -S.infinity)
      for place in 0..<width where logits.values[start + place] > greatest {
        (best, greatest) = (place, logits.values[start + place])
      }
      return S(best)
    }
  }
}
