package import ModelRuntime

/// What one token of a text is.
package enum TextUnit: String, CaseIterable, Sendable {
  /// A Unicode scalar; the text is UTF-8.
  case character
  /// A byte, whatever it means.
  case byte
}

/// A text as the numbers of its characters or bytes.
package struct Text: Hashable, Sendable {
  /// What the numbers are of.
  package let unit: TextUnit
  /// The scalars' or bytes' values, in the order of the text.
  package let symbols: [UInt32]

  /// Takes bytes apart; throws when characters are asked for and the bytes are not UTF-8.
  package init(_ bytes: [UInt8], by unit: TextUnit) throws(RuntimeError) {
    self.unit = unit
    switch unit {
    case .byte: symbols = bytes.map { UInt32($0) }
    case .character:
      if let place = Self.invalidPlace(bytes) {
        throw RuntimeError(
          "the text is not UTF-8 at byte \(place)",
          hint: "read it by bytes: --by byte"
        )
      }
      symbols = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }
  }

  /// Takes a part of a text.
  private init(unit: TextUnit, symbols: [UInt32]) {
    self.unit = unit
    self.symbols = symbols
  }

  /// Reads a file.
  package static func read(_ path: String, by unit: TextUnit) throws(RuntimeError) -> Text {
    let bytes = try Platform.read(path, limit: 1 << 31)
    do {
      return try Text(bytes, by: unit)
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }

  /// The first and the last part, the last with that fraction of the symbols, rounded down.
  package func split(last fraction: Double) -> (first: Text, last: Text) {
    let count = symbols.count - Int(Double(symbols.count) * fraction)
    return (
      Text(unit: unit, symbols: Array(symbols[..<count])),
      Text(unit: unit, symbols: Array(symbols[count...]))
    )
  }

  /// The last lines, as far as `limit` symbols hold them; without lines the last symbols.
  package func lastLines(limit: Int) -> Text {
    let last = symbols.suffix(limit)
    let end = last.lastIndex(of: 10).map { $0 + 1 } ?? last.endIndex
    return Text(unit: unit, symbols: Array(last[..<end]))
  }

  /// The first three words as a prompt that can be typed; nil when the text has no such beginning.
  package var firstWords: String? {
    let line = symbols.prefix(48).prefix { (0x20..<0x7f).contains($0) }
    let words = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, words.prefix(3).allSatisfy({ !$0.isEmpty }) else { return nil }
    let length = words.prefix(3).reduce(0) { $0 + $1.count + 1 }
    return String(decoding: line.prefix(length).map { UInt8(clamping: $0) }, as: UTF8.self)
  }

  /// One text after another; both are of one unit.
  package static func + (left: Text, right: Text) -> Text {
    Text(unit: left.unit, symbols: left.symbols + right.symbols)
  }

  /// The byte at which a text stops being UTF-8; nil when all of it is.
  private static func invalidPlace(_ bytes: [UInt8]) -> Int? {
    // The decoder says that something is wrong but not where, so the place is looked for only then.
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    var place = 0
    while true {
      switch decoder.decode(&rest) {
      case .scalarValue(let scalar): place += UTF8.width(scalar)
      case .emptyInput, .error: return place
      }
    }
  }
}
