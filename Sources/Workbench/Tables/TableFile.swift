package import ModelRuntime

/// A table in a file, a line of names and then a row an example, of which only the places are held.
///
/// Cells of `.csv` may be quoted as RFC 4180 says; in `.tsv` a quote is a character like any other.
package struct TableFile: Sendable {
  /// The file.
  private let file: Platform.OpenFile
  /// What stands between cells.
  private let separator: UInt8
  /// The names of the columns.
  package let columns: [String]
  /// Where each row begins, and at the end where the last one ends.
  private let starts: [Int]

  /// How many rows there are.
  package var count: Int { starts.count - 1 }
  /// The path, for messages.
  package var path: String { file.path }
  /// How many bytes the file has.
  package var size: Int { file.size }

  /// Whether a path names a table.
  package static func isTable(_ path: String) -> Bool {
    path.hasSuffix(".tsv") || path.hasSuffix(".csv")
  }

  /// Opens a file, reads its first line and finds its rows.
  package init(_ path: String) throws(RuntimeError) {
    file = try Platform.OpenFile(path)
    separator = path.hasSuffix(".tsv") ? 0x09 : 0x2c
    let mark = try file.bytes(at: 0, count: min(3, file.size))
    let isQuoted = separator == 0x2c
    var scan = RowScan(
      separator: separator,
      isQuoted: isQuoted,
      start: mark == [0xef, 0xbb, 0xbf] ? 3 : 0
    )
    var place = scan.start
    while place < file.size {
      let bytes = try file.bytes(at: place, count: min(1 << 20, file.size - place))
      scan.read(bytes)
      place += bytes.count
    }
    scan.finish()
    guard scan.starts.count > 1 else { throw RuntimeError("\(quoted(path)) is empty") }
    let head = try file.bytes(at: scan.starts[0], count: scan.starts[1] - scan.starts[0])
    do {
      columns = try Self.split(head, at: separator, isQuoted: isQuoted)
    } catch {
      throw RuntimeError("\(quoted(path)) line 1: \(error.message)")
    }
    starts = Array(scan.starts.dropFirst())
    guard starts.count > 1 else {
      throw RuntimeError(
        "\(quoted(path)) has no row",
        hint: "the first line is the names of the columns"
      )
    }
  }

  /// The number of the only column of that name.
  package func column(_ name: String) throws(RuntimeError) -> Int? {
    let found = columns.indices.filter { columns[$0] == name }
    guard found.count < 2 else {
      throw RuntimeError("\(quoted(path)) has \(found.count) columns \(quoted(name))")
    }
    return found.first
  }

  /// The cells of a row.
  func cells(of row: Int) throws(RuntimeError) -> Result<[String], BadValue> {
    let bytes = try file.bytes(at: starts[row], count: starts[row + 1] - starts[row])
    do {
      let cells = try Self.split(bytes, at: separator, isQuoted: separator == 0x2c)
      guard cells.count == columns.count else {
        return .failure(
          BadValue("has \(cells.count) cells, and the first line has \(columns.count)")
        )
      }
      return .success(cells)
    } catch {
      return .failure(error)
    }
  }

  /// The line that a row begins in, from 1.
  package func line(of row: Int) throws(RuntimeError) -> Int {
    var (line, place) = (1, 0)
    while place < starts[row] {
      let bytes = try file.bytes(at: place, count: min(1 << 20, starts[row] - place))
      line += bytes.reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
      place += bytes.count
    }
    return line
  }

  /// A bad row as an error of its line and column.
  func error(_ trouble: BadValue, row: Int) throws(RuntimeError) -> RuntimeError {
    let column = trouble.column.map { ", column \(quoted($0))" } ?? ""
    return RuntimeError(
      "\(quoted(path)) line \(try line(of: row))\(column): \(trouble.message)",
      hint: trouble.hint ?? "mend the row, or leave such rows out by --skip-bad-rows"
    )
  }

  /// The cells of a line.
  static func split(
    _ bytes: [UInt8],
    at separator: UInt8,
    isQuoted: Bool
  ) throws(BadValue) -> [String] {
    var rest = bytes[...]
    // Empty lines after a row stand with it.
    while rest.last == 0x0a || rest.last == 0x0d { rest.removeLast() }
    var cells: [String] = []
    while true {
      var cell: [UInt8] = []
      if isQuoted, rest.first == 0x22 {
        rest.removeFirst()
        cell = try quotedCell(&rest, number: cells.count + 1, separator)
      } else {
        let end = rest.firstIndex(of: separator) ?? rest.endIndex
        cell = Array(rest[..<end])
        rest = rest[end...]
        if isQuoted, cell.contains(0x22) {
          throw BadValue("cell \(cells.count + 1) has a quote in it, and does not begin with one")
        }
      }
      guard let text = String(validating: cell, as: UTF8.self) else {
        throw BadValue("cell \(cells.count + 1) is not UTF-8")
      }
      cells.append(text)
      guard rest.popFirst() != nil else { return cells }
    }
  }

  /// What stands up to the closing quote, of which two are one.
  private static func quotedCell(
    _ rest: inout ArraySlice<UInt8>,
    number: Int,
    _ separator: UInt8
  ) throws(BadValue) -> [UInt8] {
    var cell: [UInt8] = []
    while true {
      guard let end = rest.firstIndex(of: 0x22) else {
        throw BadValue("the quote that begins cell \(number) is not closed")
      }
      cell += rest[..<end]
      rest = rest[(end + 1)...]
      guard rest.first == 0x22 else { break }
      cell.append(0x22)
      rest.removeFirst()
    }
    guard rest.first == nil || rest.first == separator else {
      throw BadValue("cell \(number) goes on after its closing quote")
    }
    return cell
  }
}

/// Finds where rows begin; lines with nothing in them are no rows.
private struct RowScan {
  /// Where in a row a byte stands.
  private enum State {
    case lineStart, cellStart, inside, quoted, afterQuote
  }

  /// Where each row begins, and where the last one ends.
  private(set) var starts: [Int] = []
  /// Where the first row may begin.
  let start: Int
  private let separator: UInt8
  private let isQuoted: Bool
  private var state = State.lineStart
  private var place: Int
  /// Where the row begins that is read now.
  private var rowStart: Int
  /// Where the last whole row ended.
  private var rowEnd: Int

  /// Begins at a place.
  init(separator: UInt8, isQuoted: Bool, start: Int) {
    self.separator = separator
    self.isQuoted = isQuoted
    self.start = start
    (place, rowStart, rowEnd) = (start, start, start)
  }

  /// Goes over the next bytes.
  mutating func read(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      for byte in bytes {
        place += 1
        switch state {
        case .lineStart where byte == 0x0a: rowStart = place
        case .lineStart where byte == 0x0d: continue
        case .quoted:
          if byte == 0x22 { state = .afterQuote }
        case .lineStart, .cellStart, .inside, .afterQuote:
          if byte == 0x0a {
            endRow()
          } else if byte == separator {
            state = .cellStart
          } else if isQuoted, byte == 0x22, state != .inside {
            state = .quoted
          } else {
            state = .inside
          }
        }
      }
    }
  }

  /// Ends the last row, which may be without a line's end.
  mutating func finish() {
    if state != .lineStart { endRow() }
    if !starts.isEmpty { starts.append(rowEnd) }
  }

  /// Notes a row that ends here.
  private mutating func endRow() {
    starts.append(rowStart)
    rowEnd = place
    rowStart = place
    state = .lineStart
  }
}
