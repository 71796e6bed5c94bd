internal import GraphIR

extension Evaluation {
  /// The places along an axis, as numbers.
  func places(along axis: AxisID) -> [S] {
    let domain = domains[AxisSet(axis)]
    return (0..<domain.count).map { S(domain.coordinate(axis, of: $0)) }
  }

  /// How many positions an axis has, or rows the batch has.
  func length(of axis: AxisID, type: ValueType) -> [S] {
    let domain = domains[type.axes]
    return (0..<domain.count).map { position in
      let places = Dictionary(
        uniqueKeysWithValues: domain.axes.map { ($0, domain.coordinate($0, of: position)) }
      )
      return S(domains.lengths.length(of: axis, at: places))
    }
  }

  /// For each position without an axis, which of those with it is meant; -1 where there is none.
  private func chosen(_ position: Position, _ axis: AxisID, of axes: AxisSet) -> [Int] {
    let rest = axes.removing(axis)
    switch position {
    case .first, .last, .rowLast:
      let groups = domains.groups(of: axes, by: rest)
      return (0..<groups.count).map { group in
        (position == .first ? groups[group].first : groups[group].last) ?? -1
      }
    case .at(let place):
      return domains.ranks(of: axes, at: Int(place), axis, over: rest)
    }
  }

  /// The value at one place of an axis, of the type without the axis; 0 where a row has no such place.
  func element(_ operand: Operand, _ axis: AxisID, _ position: Position, type: ValueType) -> [S] {
    rows(operand, chosen(position, axis, of: operand.type.axes))
  }

  /// The rows of a value at some of its positions; 0 where one is -1.
  func rows(_ operand: Operand, _ positions: [Int]) -> [S] {
    let inner = operand.type.shape.count
    var values: [S] = []
    values.reserveCapacity(positions.count * inner)
    for position in positions {
      if position < 0 {
        values += repeatElement(0, count: inner)
      } else {
        values += operand.values[(position * inner)..<((position + 1) * inner)]
      }
    }
    return values
  }

  /// Writes the rows of a value into some positions of another; -1 is none.
  func put(_ value: [S], into whole: inout Operand, at positions: [Int]) {
    let inner = whole.type.shape.count
    for (row, position) in positions.enumerated() where position >= 0 {
      for element in 0..<inner {
        whole.values[position * inner + element] = value[row * inner + element]
      }
    }
  }

  /// The value at one place of an axis, 0 elsewhere.
  func place(_ operand: Operand, _ axis: AxisID, _ position: Position, type: ValueType) -> [S] {
    var whole = zeros(type)
    put(operand.values, into: &whole, at: chosen(position, axis, of: type.axes))
    return whole.values
  }

  /// One place later along an axis, or earlier; the vacant place takes the second value.
  func shift(_ a: Operand, _ b: Operand, _ axis: AxisID, reverse: Bool, type: ValueType) -> [S] {
    let source = Operand(type: type, values: repeated(a, to: type))
    let rest = type.over(type.axes.removing(axis))
    let vacant = Operand(type: rest, values: repeated(b, to: rest))
    let groups = domains.groups(of: type.axes, by: rest.axes)
    var whole = zeros(type)
    for group in 0..<groups.count {
      let members = reverse ? groups[group].reversed() : Array(groups[group])
      guard let first = members.first else { continue }
      put(rows(vacant, [group]), into: &whole, at: [first])
      put(rows(source, members.dropLast()), into: &whole, at: Array(members.dropFirst()))
    }
    return whole.values
  }

  /// One operand for each place of an axis.
  func sequence(_ operands: [Operand], _ axis: AxisID, type: ValueType) throws(Diagnostic) -> [S] {
    let length = domains.lengths.greatest[Int(axis.index)]
    guard operands.count >= length else {
      throw Diagnostic(
        .wrong,
        "\(operands.count) values were given for the \(length) places of \(graph[axis].name)"
      )
    }
    let rest = type.over(type.axes.removing(axis))
    var whole = zeros(type)
    for (place, operand) in operands.prefix(length).enumerated() {
      let positions = domains.ranks(of: type.axes, at: place, axis, over: rest.axes)
      put(repeated(operand, to: rest), into: &whole, at: positions)
    }
    return whole.values
  }

  /// Other places of an axis, perhaps along another one; 0 where there is none.
  func reindex(_ operand: Operand, _ reindex: Reindex, type: ValueType) -> [S] {
    let domain = domains[type.axes]
    let source = domains[operand.type.axes]
    let rows = type.shape.rank == 0 ? 1 : type.shape[0]
    let width = type.shape.count / rows
    let greatest = domains.lengths.greatest[Int(reindex.from.index)]
    let others = source.axes.filter { $0 != reindex.from }.map { ($0, source.stride($0)) }
    var values: [S] = []
    values.reserveCapacity(count(type))
    for position in 0..<domain.count {
      let start = others.reduce(0) { $0 + domain.coordinate($1.0, of: position) * $1.1 }
      for row in 0..<rows {
        let place = reindex.place(
          for: domain.coordinate(reindex.to, of: position),
          row: row,
          of: greatest
        )
        let rank = place.map { source.ranks[start + $0 * source.stride(reindex.from)] } ?? -1
        if rank < 0 {
          values += repeatElement(0, count: width)
        } else {
          let first = (rank * rows + row) * width
          values += operand.values[first..<(first + width)]
        }
      }
    }
    return values
  }

  /// A value that is 0 everywhere.
  func zeros(_ type: ValueType) -> Operand {
    Operand(type: type, values: [S](repeating: 0, count: count(type)))
  }
}
