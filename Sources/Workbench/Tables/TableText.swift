package import ModelRuntime

/// Writes rows as they are read: with tabs, or with commas and quotes as RFC 4180 says.
package struct TableText: Hashable, Sendable {
  /// Whether cells are parted by commas.
  private let isQuoted: Bool

  /// The form of a file of that name; quoted but for tabs.
  package init(like path: String) { isQuoted = !path.hasSuffix(".tsv") }

  /// A row without its line's end; throws for a cell that cannot be written so.
  package func row(_ cells: [String]) throws(RuntimeError) -> String {
    if !isQuoted {
      if let cell = cells.first(where: { $0.utf8.contains { $0 == 0x09 || $0 == 0x0a } }) {
        throw RuntimeError(
          "the cell \(quoted(cell)) has a tab or a line's end in it, which no .tsv can hold",
          hint: "write a .csv"
        )
      }
      return cells.joined(separator: "\t")
    }
    return cells.map { cell in
      let isPlain = cell.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2c && $0 != 0x0a && $0 != 0x0d }
      return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
