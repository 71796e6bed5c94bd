/// Writes rows as they are read: with tabs, or with commas and quotes as RFC 4180 says.
package struct TableText: Hashable, Sendable {
  /// Whether cells are parted by commas.
  private let isQuoted: Bool

  /// The form of a file of that name.
  package init(like path: String) { isQuoted = path.hasSuffix(".csv") }

  /// A row without its line's end.
  package func row(_ cells: [String]) -> String {
    if !isQuoted { return cells.joined(separator: "\t") }
    return cells.map { cell in
      let isPlain = cell.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2c && $0 != 0x0a && $0 != 0x0d }
      return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
