internal import ModelRuntime

/// What a cell says before its words are numbered.
enum CellValue {
  /// Real numbers, the lengths of its axes, and how many stand at each position.
  case numbers([Float], lengths: [[Int]], width: Int)
  /// What each token is written as, and the lengths of its axes.
  case units([String], lengths: [[Int]])
}

/// Reads the cells of one input.
struct CellReader {
  /// The input.
  let field: Field

  /// Refuses an input that no cell can be written for.
  init(_ field: Field) throws(RuntimeError) {
    self.field = field
    try field.checkAxes()
    let columns = field.form.columns.count
    guard columns == 1 || !field.isToken && field.axes.isEmpty && field.shape.count == 1 else {
      throw RuntimeError(
        "\(quoted(field.name)) is bound to \(columns) columns, which only a vector of numbers can be"
      )
    }
    if let known = field.width, columns > 1, known != columns {
      throw RuntimeError(
        "\(quoted(field.name)) has \(known) numbers, and is bound to \(columns) columns"
      )
    }
    let isSpelled = field.isToken && field.axes.count == 2 && field.isInner == [false, true]
    guard field.axes.count < 2 || isSpelled else {
      throw RuntimeError(
        .unsupported,
        "\(quoted(field.name)) runs over \(field.axes.joined(separator: " and ")), which no cell of a "
          + "table is written for",
        hint: "give it as an array: .npz or .safetensors"
      )
    }
  }

  /// What the cells of a row say.
  func read(_ cells: [String]) throws(BadValue) -> CellValue {
    if field.isToken { return try units(cells[0]) }
    if cells.count > 1 {
      var numbers: [Float] = []
      for (cell, column) in zip(cells, field.form.columns) {
        do { numbers.append(try Self.number(Substring(cell))) } catch {
          throw BadValue(error.message, column: column)
        }
      }
      return .numbers(numbers, lengths: [], width: numbers.count)
    }
    return try numbers(cells[0])
  }

  /// The tokens of a cell.
  private func units(_ cell: String) throws(BadValue) -> CellValue {
    let unit = field.form.by ?? .word
    if field.axes.count == 2 {
      let words = TextUnit.word.units(of: cell)
      let inner = unit == .word ? TextUnit.character : unit
      let spelled = words.map { inner.units(of: $0) }
      guard !words.isEmpty else { throw BadValue("the cell is empty") }
      return .units(spelled.flatMap(\.self), lengths: [[words.count], spelled.map(\.count)])
    }
    let units = unit.units(of: cell)
    guard !field.axes.isEmpty else {
      let width = field.width ?? units.count
      guard units.count == width, !(units == [""]) else {
        throw BadValue(
          cell.isEmpty
            ? "the cell is empty" : "\(quoted(cell)) is \(units.count) \(unit)s, not \(width)"
        )
      }
      return .units(units, lengths: [])
    }
    let width = field.width ?? 1
    guard !units.isEmpty || field.form.ends else { throw BadValue("the cell is empty") }
    guard units.count % width == 0 else {
      throw BadValue("\(units.count) \(unit)s do not make steps of \(width)")
    }
    return .units(units, lengths: [[units.count / width]])
  }

  /// The numbers of a cell.
  private func numbers(_ cell: String) throws(BadValue) -> CellValue {
    let isStepped = !field.axes.isEmpty && !field.shape.isEmpty && field.width != 1
    let steps =
      isStepped ? cell.split(separator: ";", omittingEmptySubsequences: false) : [cell[...]]
    var numbers: [Float] = []
    var width: Int?
    for (place, step) in steps.enumerated() {
      let before = numbers.count
      for text in step.split(whereSeparator: \.isWhitespace) {
        numbers.append(try Self.number(text))
      }
      let found = numbers.count - before
      if isStepped, found != field.width ?? width ?? found || found == 0 {
        let expected = (field.width ?? width).map { ", not \($0)" } ?? ""
        throw BadValue("step \(place + 1) has \(found) numbers\(expected)")
      }
      width = found
    }
    guard !numbers.isEmpty else { throw BadValue("the cell is empty") }
    if isStepped { return .numbers(numbers, lengths: [[steps.count]], width: width ?? 1) }
    guard field.axes.isEmpty else { return .numbers(numbers, lengths: [[numbers.count]], width: 1) }
    if let width = field.width, numbers.count != width {
      throw BadValue("there are \(numbers.count) numbers, not \(width)")
    }
    return .numbers(numbers, lengths: [], width: numbers.count)
  }

  /// A finite number.
  static func number(_ text: Substring) throws(BadValue) -> Float {
    let trimmed = text.filter { !$0.isWhitespace }
    guard !trimmed.isEmpty else { throw BadValue("the cell is empty") }
    guard let value = Float(trimmed), value.isFinite else {
      throw BadValue("\(quoted(text)) is not a number that can be used")
    }
    return value
  }
}
