/// A table of shaded cells with names of rows and columns: attention, or what was taken for what.
package struct MatrixChart: Hashable, Sendable {
  /// A cell.
  package struct Cell: Hashable, Sendable {
    /// How full its colour is, from 0 to 1; nil for what has no place on the scale.
    package var shade: Double?
    /// Which of the colours.
    package var colour: Int
    /// What is written in it where there is room.
    package var text: String
    /// What it says when pointed at.
    package var whole: String
  }

  /// What it shows.
  package var title: String
  /// A line below the title.
  package var note: String?
  /// What the rows are.
  package var rowTitle: String
  /// What the columns are.
  package var columnTitle: String
  /// The rows' names.
  package var rows: [String]
  /// The columns' names.
  package var columns: [String]
  /// The cells, a list a row.
  package var cells: [[Cell]]
}

extension MatrixChart {
  /// Weights between 0 and their greatest, such as attention: for each row, how much of each column.
  package init(
    attention values: [[Double]],
    title: String,
    note: String? = nil,
    rowTitle: String,
    columnTitle: String,
    rows: [String],
    columns: [String]
  ) {
    self.init(
      title: title,
      note: note,
      rowTitle: rowTitle,
      columnTitle: columnTitle,
      rows: rows,
      columns: columns,
      cells: []
    )
    let most = values.joined().filter(\.isFinite).max() ?? 0
    cells = values.enumerated().map { row, list in
      list.enumerated().map { column, value in
        let digits =
          value >= 0.995
          ? NumberText.fixed(value, 1) : "." + NumberText.fixed(value, 2).dropFirst(2)
        let names = [rows, columns]
        let place = zip(names, [row, column]).map { $0.indices.contains($1) ? $0[$1] : "\($1 + 1)" }
        return Cell(
          shade: value.isFinite ? max(0, value) / (most > 0 ? most : 1) : nil,
          colour: 0,
          text: value.isFinite ? (value < 0.005 ? "" : digits) : "!",
          whole: "\(place[0]) → \(place[1]): \(Scale.figure(value))"
        )
      }
    }
  }

  /// What was taken for what: a row for each true class, a column for each that was said.
  package init(confusion: Confusion, title: String) {
    let total = confusion.total
    let right = confusion.right
    let share =
      total > 0 ? NumberText.fixed(100 * Double(right) / Double(total), 1) + " % right: " : ""
    let names = confusion.names
    self.init(
      title: title,
      note: share + "\(NumberText.grouped(right)) of \(NumberText.counted(total, "example"))",
      rowTitle: "true",
      columnTitle: "predicted",
      rows: names,
      columns: names,
      cells: confusion.counts.enumerated().map { row, list in
        let whole = list.reduce(0, +)
        return list.enumerated().map { column, count in
          // Mistakes are few among many, and are what one looks for: the root lets them be seen.
          let share = whole > 0 ? Double(count) / Double(whole) : 0
          return Cell(
            shade: row == column ? share : share.squareRoot(),
            colour: row == column ? 0 : 4,
            text: count == 0 ? "" : NumberText.grouped(count),
            whole: "\(names[row]) taken for \(names[column]): \(NumberText.grouped(count))"
          )
        }
      }
    )
  }
}

extension MatrixChart: Drawable {
  /// The smallest cell in which a word can stand.
  private static let readable = 15.0

  /// Whether it is as wide on any page: so many cells cannot be made smaller.
  package var hasOneWidth: Bool { (cells.map(\.count).max() ?? 0) > 24 }

  /// Draws it.
  package func picture(width: Double) -> Picture {
    let count = (rows: cells.count, columns: cells.map(\.count).max() ?? 0)
    let texts = cells.joined().map { TextWidth.of($0.text, size: 11) }
    let widest = texts.max() ?? 0
    let labelRoom = min(width * 0.32, 170)
    func names(_ all: [String], _ count: Int) -> [String] {
      (0..<count).map { all.indices.contains($0) ? all[$0] : "\($0 + 1)" }
    }
    let rowNames = names(rows, count.rows)
    let columnNames = names(columns, count.columns)
    let rowRoom = min(rowNames.map { TextWidth.of($0, size: 11) }.max() ?? 0, labelRoom)
    let left = rowRoom + 14 + 18
    let wanted = (width - left - 12) / Double(max(count.columns, 1))
    // As wide as its words ask for, but never so small that it cannot be seen.
    let size = max(6, min(wanted, max(30, min(widest + 10, 56))))
    let turned = columnNames.contains { TextWidth.of($0, size: 11) > size }
    let columnRoom =
      turned ? min(columnNames.map { TextWidth.of($0, size: 11) }.max() ?? 0, 120) : 14
    var canvas = Canvas()
    let total = max(left + size * Double(count.columns) + 12, min(width, 300))
    let line = canvas.head(title, note, width: total) + Canvas.row + 4
    let right = left + size * Double(count.columns)
    canvas.text(columnTitle, left, line, "small faint")
    let top = line + 10 + columnRoom + 4
    let bottom = top + size * Double(count.rows)
    canvas.text(rowTitle, 13, (top + bottom) / 2, "small faint middle", turned: true)
    // Where cells are low, only some names have room.
    let every = max(1, Int((13 / size).rounded(.up)))
    for (index, name) in rowNames.enumerated() where index % every == 0 {
      let text = TextWidth.cut(name, to: rowRoom) { TextWidth.of($0, size: 11) }
      canvas.text(text, left - 8, top + size * (Double(index) + 0.5) + 4, "small end", whole: name)
    }
    for (index, name) in columnNames.enumerated() where index % every == 0 || !turned {
      let text = TextWidth.cut(name, to: turned ? columnRoom : size) { TextWidth.of($0, size: 11) }
      let x = left + size * (Double(index) + 0.5)
      if turned {
        canvas.text(text, x + 4, top - 6, "small", whole: name, turned: true)
      } else {
        canvas.text(text, x, top - 6, "small middle", whole: name)
      }
    }
    let hasText = size >= Self.readable && widest <= size - 3
    for line in 0...count.rows {
      let y = top + size * Double(line)
      canvas.line(.init(x: left, y: y), .init(x: right, y: y), "grid")
    }
    for line in 0...count.columns {
      let x = left + size * Double(line)
      canvas.line(.init(x: x, y: top), .init(x: x, y: bottom), "grid")
    }
    for (row, list) in cells.enumerated() {
      for (column, cell) in list.enumerated() {
        let (x, y) = (left + size * Double(column), top + size * Double(row))
        draw(cell, x, y, size, hasText, on: &canvas)
      }
    }
    if count.rows == 0 || count.columns == 0 {
      canvas.text("nothing to show", left, top + 8, "faint")
    }
    return canvas.picture(title, width: max(total, right + 12), height: max(bottom, top + 20) + 12)
  }

  /// Draws a cell: its colour, its text; nothing where both are nothing.
  private func draw(
    _ cell: Cell,
    _ x: Double,
    _ y: Double,
    _ size: Double,
    _ hasText: Bool,
    on canvas: inout Canvas
  ) {
    let shade = min(max(cell.shade ?? 0, 0), 1)
    if shade >= 0.005 {
      canvas.rectangle(x, y, size, size, "f\(cell.colour)", opacity: shade, saying: cell.whole)
    }
    guard hasText, !cell.text.isEmpty else { return }
    let classes = shade > 0.82 ? " inverse" : shade > 0.62 ? " dark" : ""
    canvas.text(cell.text, x + size / 2, y + size / 2 + 4, "small middle" + classes)
  }
}
