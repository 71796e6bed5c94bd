package import ModelRuntime

/// Which token stands for which character, byte, word or class, and how often each was seen.
///
/// Tokens are numbered by falling count, ties by the bytes of what is written. Before them stand, as
/// far as they are needed, the end of a row that is drawn, which is 0, and the unknown, which stands
/// for all that was never seen.
package struct Vocabulary: Hashable, Sendable {
  /// What one token is.
  package let unit: TextUnit
  /// Whether 0 is the end.
  package let hasEnd: Bool
  /// Whether the token after that is the unknown.
  package let hasUnknown: Bool
  /// What the other tokens are written as, in their order; a byte as the scalar of its value.
  package let entries: [String]
  /// How often each token was seen, ends and unknowns among them.
  package let counts: [Int]
  /// The token of each entry.
  private let tokens: [ExactString: Int32]
  /// The token of each character or byte, which a long text is read by.
  private let scalars: [UInt32: Int32]

  /// The symbol that ends a line of a text.
  static let newline = "\n"

  /// How many tokens there are.
  package var count: Int { counts.count }
  /// How many tokens stand before the entries.
  private var specials: Int { (hasEnd ? 1 : 0) + (hasUnknown ? 1 : 0) }
  /// The token of what was never seen.
  package var unknown: Int32? { hasUnknown ? (hasEnd ? 1 : 0) : nil }

  /// Numbers the symbols of a text, in which the end is that of a line.
  package init(of text: Text, hasEnd: Bool, limit: Int? = nil) {
    var counts = VocabularyCounts()
    for (symbol, count) in text.symbolCounts { counts.add(symbol, count) }
    if hasEnd { counts.takeEnds(Self.newline) }
    self.init(
      unit: text.unit,
      counts: counts,
      hasEnd: hasEnd,
      hasUnknown: hasEnd || text.unit == .word,
      limit: limit
    )
  }

  /// Numbers what was counted; with an unknown, of more than `limit` tokens the rarest become unknown.
  package init(
    unit: TextUnit,
    counts: VocabularyCounts,
    hasEnd: Bool,
    hasUnknown: Bool,
    limit: Int? = nil
  ) {
    // Sorted whole, so that the dictionary's order never shows.
    var ordered = counts.seen.sorted { left, right in
      if left.value != right.value { return left.value > right.value }
      return left.key.text.utf8.lexicographicallyPrecedes(right.key.text.utf8)
    }
    var rare = 0
    let kept = (limit ?? .max) - (hasEnd ? 1 : 0) - 1
    if hasUnknown, ordered.count > kept {
      rare = ordered[max(kept, 0)...].reduce(0) { $0 + $1.value }
      ordered = Array(ordered[..<max(kept, 0)])
    }
    self.init(
      unit: unit,
      hasEnd: hasEnd,
      hasUnknown: hasUnknown,
      entries: ordered.map(\.key.text),
      counts: (hasEnd ? [counts.ends] : []) + (hasUnknown ? [rare] : []) + ordered.map(\.value)
    )
  }

  /// Puts a vocabulary together from its parts.
  init(unit: TextUnit, hasEnd: Bool, hasUnknown: Bool, entries: [String], counts: [Int]) {
    self.unit = unit
    self.hasEnd = hasEnd
    self.hasUnknown = hasUnknown
    self.entries = entries
    self.counts = counts
    let specials = (hasEnd ? 1 : 0) + (hasUnknown ? 1 : 0)
    var tokens: [ExactString: Int32] = [:]
    var scalars: [UInt32: Int32] = hasEnd ? [10: 0] : [:]
    for (index, entry) in entries.enumerated() {
      let token = Int32(clamping: index + specials)
      tokens[ExactString(entry)] = token
      if unit == .character || unit == .byte, let scalar = entry.unicodeScalars.first {
        scalars[scalar.value] = token
      }
    }
    self.tokens = tokens
    self.scalars = scalars
  }

  /// The token of what is written so; the unknown if there is one; nil for what is not known.
  package func token(of entry: String) -> Int32? { tokens[ExactString(entry)] ?? unknown }

  /// What a token is written as; nil for the end, the unknown and what is none.
  package func entry(of token: Int32) -> String? {
    let index = Int(token) - specials
    return entries.indices.contains(index) ? entries[index] : nil
  }

  /// What a token is called where each is listed.
  package func name(of token: Int32) -> String {
    entry(of: token) ?? (hasEnd && token == 0 ? "<end>" : "<unknown>")
  }

  /// What a row of tokens is written as in a cell, without its end.
  package func cell(_ row: some Sequence<Int32>) -> String {
    unit.joined(row.filter { !hasEnd || $0 != 0 }.map { name(of: $0) })
  }

  /// The tokens of a text; throws for a symbol that was never seen, unless there is an unknown.
  package func encode(_ text: Text) throws(RuntimeError) -> [Int32] {
    guard text.unit == unit else {
      throw RuntimeError("the text is read by \(text.unit), and the vocabulary is by \(unit)")
    }
    var ofWord: [Int32?] = []
    for word in text.words {
      ofWord.append(hasEnd && word == Self.newline ? 0 : tokens[ExactString(word)])
    }
    var result: [Int32] = []
    result.reserveCapacity(text.symbols.count)
    for (place, symbol) in text.symbols.enumerated() {
      if let token = unit == .word ? ofWord[Int(symbol)] : scalars[symbol] {
        result.append(token)
      } else if let unknown {
        result.append(unknown)
      } else {
        let line = text.line(of: place)
        throw RuntimeError(
          "\(named(symbol)) in line \(line) is not among the \(count) \(unit)s of the vocabulary"
        )
      }
    }
    return result
  }

  /// The text of tokens; what is unknown becomes U+FFFD, or `?` among bytes.
  package func decode(_ tokens: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    var isAfterWord = false
    for token in tokens {
      let entry = hasEnd && token == 0 ? Self.newline : entry(of: token)
      switch unit {
      case .byte:
        bytes.append(UInt8(clamping: entry?.unicodeScalars.first?.value ?? 0x3f))
      case .character: bytes += Array((entry ?? "\u{fffd}").utf8)
      case .word, .name, .number:
        let isEnd = entry == Self.newline
        if isAfterWord && !isEnd { bytes.append(0x20) }
        bytes += Array((entry ?? "<unknown>").utf8)
        isAfterWord = !isEnd
      }
    }
    return bytes
  }

  /// Refuses a vocabulary that a model's input cannot take.
  package func check(
    fits tokens: Int,
    of input: String,
    in what: String
  ) throws(RuntimeError) {
    guard count > tokens else { return }
    let many = unit == .name ? "different names" : "different \(unit)s"
    throw RuntimeError(
      "the \(what) has \(count) \(many), and \(quoted(input)) takes "
        + "\(tokens) tokens",
      hint: "leave the size open in the definition, or raise it"
    )
  }

  /// A character or byte for a message: itself and its number.
  private func named(_ symbol: UInt32) -> String {
    let digits = String(symbol, radix: 16, uppercase: true)
    if unit == .byte { return "the byte 0x" + (digits.count < 2 ? "0" : "") + digits }
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return Unicode.Scalar(symbol).map { "\(quoted(String(Character($0)))) (\(code))" } ?? code
  }
}

extension Vocabulary {
  /// Classes that are called by the numbers from 0 on, and keep them; nil for others.
  ///
  /// - Parameter count: how many there are, where the definition says it; else none may be left out.
  init?(numbered counts: VocabularyCounts, by unit: TextUnit, count: Int?) {
    var byNumber: [Int: Int] = [:]
    for (name, seen) in counts.seen {
      guard let number = Int(name.text), number >= 0, String(number) == name.text else {
        return nil
      }
      byNumber[number] = seen
    }
    guard let greatest = byNumber.keys.max() else { return nil }
    guard greatest < count ?? byNumber.count else { return nil }
    let numbers = 0..<(count ?? byNumber.count)
    self.init(
      unit: unit,
      hasEnd: false,
      hasUnknown: false,
      entries: numbers.map { "\($0)" },
      counts: numbers.map { byNumber[$0] ?? 0 }
    )
  }
}

/// How often things were seen, before they are numbered.
package struct VocabularyCounts: Hashable, Sendable {
  /// How often each was seen.
  fileprivate(set) var seen: [ExactString: Int] = [:]
  /// How often a row ended.
  private(set) var ends = 0

  /// Nothing yet.
  package init() {}

  /// Sees something, perhaps again.
  package mutating func add(_ entry: String, _ count: Int = 1) {
    seen[ExactString(entry), default: 0] += count
  }

  /// Sees the end of a row.
  package mutating func addEnd() { ends += 1 }

  /// Takes what ends a line of a text for the end of a row.
  fileprivate mutating func takeEnds(_ entry: String) {
    ends += seen.removeValue(forKey: ExactString(entry)) ?? 0
  }
}
