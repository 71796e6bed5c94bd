import ModelRuntime
import Testing

@testable import Workbench

@Suite struct TableFileTests {
  /// The cells of a file's rows, or what is said of it.
  private func rows(_ text: String, as name: String = "a.csv") throws -> [[String]] {
    var result: [[String]] = []
    try inFolder { folder in
      let path = Platform.join(folder, name)
      try Platform.replace(path, with: Array(text.utf8))
      let table = try TableFile(path)
      result.append(table.columns)
      for row in 0..<table.count { result.append(try table.cells(of: row).get()) }
    }
    return result
  }

  /// Quotes, doubled quotes, commas and line ends in cells, as RFC 4180 has them.
  @Test func readsQuotedCells() throws {
    let text = "a,\"b \"\"c\"\"\",d\r\n1,\"x,y\",\r\n\"two\r\nlines\",,\"\"\r\n"
    #expect(
      try rows(text) == [["a", "b \"c\"", "d"], ["1", "x,y", ""], ["two\r\nlines", "", ""]]
    )
    #expect(try rows("\u{feff}a,b\n1,2") == [["a", "b"], ["1", "2"]])
  }

  /// Of tabs a quote is a character; empty lines are no rows, wherever they stand.
  @Test func readsTabs() throws {
    #expect(
      try rows("\na\tb\n\n\"x\t5\"\n\r\n\ny\t\n\n", as: "a.tsv")
        == [["a", "b"], ["\"x", "5\""], ["y", ""]]
    )
  }

  /// Rows longer than what is read at a time are whole.
  @Test func readsLongRows() throws {
    let long = String(repeating: "abc ", count: 265_000)
    #expect(
      try rows("a\tb\n\(long)\t1\n2\t3\n", as: "a.tsv").map(\.[0].count) == [1, 1_060_000, 1]
    )
  }

  /// What is wrong with a row is said.
  @Test(arguments: [
    ("a,b\n1\n", "has 1 cells, and the first line has 2"),
    ("a,b\n1,2,3\n", "has 3 cells, and the first line has 2"),
    ("a,b\n1,\"2\n", "the quote that begins cell 2 is not closed"),
    ("a,b\n1,\"2\"x\n", "cell 2 goes on after its closing quote"),
    ("a,b\n1,2\"\n", "cell 2 has a quote in it, and does not begin with one"),
  ])
  func refusesRows(text: String, message: String) throws {
    let error = #expect(throws: BadValue.self) { try rows(text) }
    #expect(error?.message == message)
  }

  /// Files without a name or a row are refused.
  @Test func refusesFiles() throws {
    for text in ["", "\n\n"] {
      #expect(throws: RuntimeError.self) { try rows(text) }
    }
    let error = #expect(throws: RuntimeError.self) { try rows("a,b\n") }
    #expect(error?.message.hasSuffix("a.csv' has no row") == true)
  }

  /// Any damage gives rows or an error, and what is read is what stands there.
  @Test func bearsDamage() throws {
    let text = Array("a,\"b \"\"c\"\"\",d\r\n1,\"x,y\",\r\n\"two\r\nlines\",,\"\"\r\n\n3,4,5".utf8)
    for place in text.indices {
      for byte in [0x22, 0x2c, 0x0a, 0x0d, 0x00, 0xff] as [UInt8] {
        var changed = text
        changed[place] = byte
        try inFolder { folder in
          let path = Platform.join(folder, "a.csv")
          try Platform.replace(path, with: changed)
          guard let table = try? TableFile(path) else { return }
          for row in 0..<table.count {
            guard case .success(let cells) = try table.cells(of: row) else { continue }
            #expect(cells.count == table.columns.count)
            #expect(try table.line(of: row) > 1)
          }
        }
      }
    }
  }

  /// The line of a row counts the lines in cells before it.
  @Test func namesLines() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "a.csv")
      try Platform.replace(path, with: Array("a,b\n\"x\ny\",1\n\nz,2\n".utf8))
      let table = try TableFile(path)
      #expect(try (0..<table.count).map(table.line) == [2, 5])
    }
  }
}

@Suite struct TableTextTests {
  /// What is written is read again as it was; with tabs, what cannot be is refused.
  @Test func returns() throws {
    let cells = ["a", "b,c", "d \"e\"", "two\nlines", "", " f "]
    let line = try TableText(like: "a.csv").row(cells)
    #expect(line == "a,\"b,c\",\"d \"\"e\"\"\",\"two\nlines\",, f ")
    #expect(try TableFile.split(Array(line.utf8), at: 0x2c, isQuoted: true) == cells)
    #expect(try TableText(like: "a.tsv").row(["a", "\"b", "c,d"]) == "a\t\"b\tc,d")
    for cell in ["a\tb", "a\nb"] {
      #expect(throws: RuntimeError.self) { try TableText(like: "a.tsv").row([cell]) }
    }
  }
}
