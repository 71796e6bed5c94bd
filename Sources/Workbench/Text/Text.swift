package import ModelRuntime

/// A text as the numbers of its characters, bytes or words.
package struct Text: Hashable, Sendable {
  /// What the numbers are of.
  package let unit: TextUnit
  /// The scalars' or bytes' values, or the words' places among `words`, in the order of the text.
  package let symbols: [UInt32]
  /// The different words in the order they first stand in, the end of a line among them; empty for
  /// other units.
  package let words: [String]

  /// Takes bytes apart; throws when characters or words are asked for and the bytes are not UTF-8.
  package init(_ bytes: [UInt8], by unit: TextUnit) throws(RuntimeError) {
    self.unit = unit
    if unit != .byte, let place = Self.invalidPlace(bytes) {
      throw RuntimeError(
        "the text is not UTF-8 at byte \(place)",
        hint: "read it by bytes: --by byte"
      )
    }
    switch unit {
    case .byte:
      symbols = bytes.map { UInt32($0) }
      words = []
    case .character:
      symbols = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
      words = []
    case .word:
      (symbols, words) = Self.words(of: bytes)
    case .name, .number:
      throw RuntimeError(.unsupported, "a text is read by character, byte or word, not by \(unit)")
    }
  }

  /// Takes a part of a text.
  private init(unit: TextUnit, symbols: [UInt32], words: [String]) {
    self.unit = unit
    self.symbols = symbols
    self.words = words
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

  /// The words between spaces and line ends, each end a word of its own.
  private static func words(of bytes: [UInt8]) -> (symbols: [UInt32], words: [String]) {
    var symbols: [UInt32] = []
    var words: [String] = []
    var numbers: [ExactString: UInt32] = [:]
    func add(_ word: String) {
      let number = numbers[ExactString(word)] ?? UInt32(words.count)
      if numbers.updateValue(number, forKey: ExactString(word)) == nil { words.append(word) }
      symbols.append(number)
    }
    var start = 0
    for (place, byte) in bytes.enumerated() where byte.isBlank {
      if place > start { add(String(decoding: bytes[start..<place], as: UTF8.self)) }
      if byte == 10 { add(Vocabulary.newline) }
      start = place + 1
    }
    if start < bytes.count { add(String(decoding: bytes[start...], as: UTF8.self)) }
    return (symbols, words)
  }

  /// Each symbol as it is written, and how often it stands here.
  package var symbolCounts: [(symbol: String, count: Int)] {
    var counts: [UInt32: Int] = [:]
    for symbol in symbols { counts[symbol, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { (written($0.key), $0.value) }
  }

  /// A symbol as it is written, a byte as the scalar of its value.
  private func written(_ symbol: UInt32) -> String {
    if unit == .word { return words[Int(symbol)] }
    return Unicode.Scalar(symbol).map { String(Character($0)) } ?? ""
  }

  /// The symbol that ends a line, if there is one.
  private var newline: UInt32? {
    unit == .word ? words.firstIndex(of: Vocabulary.newline).map { UInt32($0) } : 10
  }

  /// The line that a place is in, from 1.
  package func line(of place: Int) -> Int {
    let newline = newline
    return 1 + symbols[..<place].reduce(0) { $0 + ($1 == newline ? 1 : 0) }
  }

  /// The first and the last part, the last with that fraction of the symbols, rounded down.
  package func split(last fraction: Double) -> (first: Text, last: Text) {
    let count = symbols.count - Int(Double(symbols.count) * fraction)
    return (
      Text(unit: unit, symbols: Array(symbols[..<count]), words: words),
      Text(unit: unit, symbols: Array(symbols[count...]), words: words)
    )
  }

  /// The last lines, as far as `limit` symbols hold them; without lines the last symbols.
  package func lastLines(limit: Int) -> Text {
    let last = symbols.suffix(limit)
    let newline = newline
    let end = last.lastIndex { $0 == newline }.map { $0 + 1 } ?? last.endIndex
    return Text(unit: unit, symbols: Array(last[..<end]), words: words)
  }

  /// The first three words as a prompt that can be typed; nil when the text has no such beginning.
  package var firstWords: String? {
    if unit == .word {
      let first = symbols.prefix(3).map { self.words[Int($0)] }
      return first.count == 3 && !first.contains(Vocabulary.newline)
        ? first.joined(separator: " ") : nil
    }
    let line = symbols.prefix(48).prefix { (0x20..<0x7f).contains($0) }
    let words = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, words.prefix(3).allSatisfy({ !$0.isEmpty }) else { return nil }
    let length = words.prefix(3).reduce(0) { $0 + $1.count + 1 }
    return String(decoding: line.prefix(length).map { UInt8(clamping: $0) }, as: UTF8.self)
  }

  /// One text after another; both are of one unit.
  package static func + (left: Text, right: Text) -> Text {
    var words = left.words
    var numbers: [ExactString: UInt32] = [:]
    for (number, word) in words.enumerated() { numbers[ExactString(word)] = UInt32(number) }
    var moved: [UInt32] = []
    for word in right.words {
      let number = numbers[ExactString(word)] ?? UInt32(words.count)
      if number == words.count { words.append(word) }
      moved.append(number)
    }
    let symbols = left.unit == .word ? right.symbols.map { moved[Int($0)] } : right.symbols
    return Text(unit: left.unit, symbols: left.symbols + symbols, words: words)
  }

  /// The byte at which a text stops being UTF-8; nil when all of it is.
  static func invalidPlace(_ bytes: [UInt8]) -> Int? {
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
