/// A stretch of one line of a definition's text.
package struct SourceSpan: Hashable, Sendable, BitwiseCopyable {
  /// Which text: a person's own or the library's.
  package enum Source: UInt8, Hashable, Sendable, BitwiseCopyable {
    case definition
    case library
  }

  /// The text the line is in.
  package var source: Source
  /// The line, counted from 1; 0 where nothing in the text is meant.
  package var line: Int32
  /// The first column, counted from 1 in characters.
  package var column: Int32
  /// How many characters are meant.
  package var length: Int32

  /// Makes a span from its parts.
  package init(source: Source = .definition, line: Int, column: Int, length: Int) {
    self.source = source
    self.line = Int32(clamping: line)
    self.column = Int32(clamping: column)
    self.length = Int32(clamping: length)
  }

  /// The span of what no line of a text says.
  package static let none = SourceSpan(line: 0, column: 0, length: 0)
}
