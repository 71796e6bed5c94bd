/// What one token is of what stands in a file.
package enum TextUnit: String, CaseIterable, Hashable, Sendable, Codable {
  /// A Unicode scalar; the text is UTF-8.
  case character
  /// A byte, whatever it means.
  case byte
  /// What stands between spaces; the end of a line is a word of its own in a text.
  case word
  /// A whole cell of a table: a class.
  case name
  /// The token's own number, in decimal digits.
  case number

  /// What a cell falls into.
  package func units(of cell: String) -> [String] {
    switch self {
    case .character: cell.unicodeScalars.map { String(Character($0)) }
    case .byte: cell.utf8.map { String(Character(Unicode.Scalar($0))) }
    case .word, .number: cell.utf8.split(whereSeparator: \.isBlank).map { String(Substring($0)) }
    case .name: [cell]
    }
  }

  /// What units are written as when they stand together.
  package func joined(_ units: [String]) -> String {
    switch self {
    case .character: units.joined()
    case .byte:
      String(
        decoding: units.compactMap { $0.unicodeScalars.first }.map { UInt8(clamping: $0.value) },
        as: UTF8.self
      )
    case .word, .name, .number: units.joined(separator: " ")
    }
  }
}

extension UInt8 {
  /// Whether it stands between words: a space, a tab or the end of a line.
  var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0d || self == 0x0a }
}
