internal import Foundation
package import ModelRuntime

/// Which token stands for which character or byte, and how often each was seen.
///
/// Tokens are numbered by falling count, ties by the value of the symbol. A model whose rows end
/// (`until`) has two more before them: 0 ends a line, 1 stands for what was never seen.
package struct Vocabulary: Hashable, Sendable {
  /// What one token of the text is.
  package let unit: TextUnit
  /// Whether 0 is the end of a line and 1 the unknown.
  package let hasEnd: Bool
  /// The scalars or bytes, in the order of their tokens.
  package let symbols: [UInt32]
  /// How often each token was seen, ends and unknowns among them.
  package let counts: [Int]
  /// The token of each symbol.
  private let tokens: [UInt32: Int32]

  /// The symbol that ends a line.
  private static let newline: UInt32 = 10

  /// How many tokens there are.
  package var count: Int { counts.count }

  /// Numbers the symbols of a text.
  package init(of text: Text, hasEnd: Bool) {
    var seen: [UInt32: Int] = [:]
    for symbol in text.symbols { seen[symbol, default: 0] += 1 }
    let ends = hasEnd ? seen.removeValue(forKey: Self.newline) ?? 0 : 0
    // Sorted whole, so that the dictionary's order never shows.
    let ordered = seen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    self.init(
      unit: text.unit,
      hasEnd: hasEnd,
      symbols: ordered.map(\.key),
      counts: (hasEnd ? [ends, 0] : []) + ordered.map(\.value)
    )
  }

  /// Puts a vocabulary together from its parts.
  private init(unit: TextUnit, hasEnd: Bool, symbols: [UInt32], counts: [Int]) {
    self.unit = unit
    self.hasEnd = hasEnd
    self.symbols = symbols
    self.counts = counts
    var tokens: [UInt32: Int32] = hasEnd ? [Self.newline: 0] : [:]
    for (index, symbol) in symbols.enumerated() {
      tokens[symbol] = Int32(clamping: index + (hasEnd ? 2 : 0))
    }
    self.tokens = tokens
  }

  /// The tokens of a text; throws for a symbol that was never seen, unless there is an unknown.
  package func encode(_ text: Text) throws(RuntimeError) -> [Int32] {
    guard text.unit == unit else {
      throw RuntimeError("the text is read by \(text.unit), and the vocabulary is by \(unit)")
    }
    var result: [Int32] = []
    result.reserveCapacity(text.symbols.count)
    var line = 1
    for symbol in text.symbols {
      if let token = tokens[symbol] {
        result.append(token)
      } else if hasEnd {
        result.append(1)
      } else {
        throw RuntimeError(
          "\(named(symbol)) in line \(line) is not among the \(count) \(unit)s of the vocabulary"
        )
      }
      if symbol == Self.newline { line += 1 }
    }
    return result
  }

  /// The text of tokens; what is unknown becomes U+FFFD, or `?` among bytes.
  package func decode(_ tokens: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    for token in tokens {
      let index = Int(token) - (hasEnd ? 2 : 0)
      let symbol: UInt32 =
        if hasEnd && token == 0 {
          Self.newline
        } else if symbols.indices.contains(index) {
          symbols[index]
        } else {
          unit == .byte ? 0x3f : 0xfffd
        }
      switch unit {
      case .byte: bytes.append(UInt8(truncatingIfNeeded: symbol))
      case .character:
        bytes += Array(String(Unicode.Scalar(symbol).map(Character.init) ?? "\u{fffd}").utf8)
      }
    }
    return bytes
  }

  /// Refuses a vocabulary that a model's input cannot take.
  package func check(fits tokens: Int, of input: String) throws(RuntimeError) {
    guard count > tokens else { return }
    throw RuntimeError(
      "the text has \(count) different \(unit)s, and \(quoted(input)) takes \(tokens) tokens",
      hint: "leave the size open in the definition, or raise it"
    )
  }

  /// A symbol for a message: itself and its number.
  private func named(_ symbol: UInt32) -> String {
    let digits = String(symbol, radix: 16, uppercase: true)
    switch unit {
    case .byte: return "the byte 0x" + (digits.count < 2 ? "0" : "") + digits
    case .character:
      let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      return Unicode.Scalar(symbol).map { "\(quoted(String(Character($0)))) (\(code))" } ?? code
    }
  }
}

// MARK: - The file

extension Vocabulary {
  /// What the file is called.
  package static let fileName = "vocabulary.json"

  /// The file's members.
  private struct File: Codable {
    /// The version of the form.
    var format: Int
    /// What a token is.
    var by: String
    /// Whether 0 is the end and 1 the unknown.
    var end: Bool
    /// The characters in the order of their tokens, when it is by character.
    var characters: [String]?
    /// The bytes in the order of their tokens, when it is by byte.
    var bytes: [UInt8]?
    /// How often each token was seen.
    var counts: [Int]
    /// The `Checksum`: another character in a token's place would be seen by nobody but the reader.
    var checksum: String?
  }

  /// The file's bytes: same vocabulary, same bytes.
  package var json: [UInt8] {
    get throws(RuntimeError) {
      let file = File(
        format: 1,
        by: unit.rawValue,
        end: hasEnd,
        characters: unit == .character
          ? symbols.map { Unicode.Scalar($0).map { String(Character($0)) } ?? "" } : nil,
        bytes: unit == .byte ? symbols.map { UInt8(truncatingIfNeeded: $0) } : nil,
        counts: counts,
        checksum: Checksum.blank
      )
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do {
        var bytes = try Array(encoder.encode(file)) + [UInt8(ascii: "\n")]
        Checksum.fill(&bytes, in: bytes.indices)
        return bytes
      } catch {
        throw RuntimeError(.bug, "the vocabulary cannot be written: \(error)")
      }
    }
  }

  /// Reads a file's bytes; throws when they are not what `json` gives.
  package init(json: [UInt8]) throws(RuntimeError) {
    guard let file = try? JSONDecoder().decode(File.self, from: Data(json)), file.format == 1,
      let unit = TextUnit(rawValue: file.by)
    else { throw RuntimeError("this is no vocabulary, or one of another version") }
    let symbols =
      switch unit {
      case .byte: (file.bytes ?? []).map { UInt32($0) }
      case .character: (file.characters ?? []).flatMap { $0.unicodeScalars.map(\.value) }
      }
    guard Set(symbols).count == symbols.count,
      symbols.count + (file.end ? 2 : 0) == file.counts.count,
      file.counts.allSatisfy({ $0 >= 0 }), file.counts.count <= Int(Int32.max)
    else { throw RuntimeError("the vocabulary is damaged: its parts do not agree") }
    guard let checksum = file.checksum, Checksum.agrees(checksum, with: json, in: json.indices)
    else {
      throw RuntimeError("the vocabulary is damaged: its checksum does not agree")
    }
    self.init(unit: unit, hasEnd: file.end, symbols: symbols, counts: file.counts)
  }

  /// Reads the vocabulary that a run left in a folder; throws when there is none.
  package static func read(in folder: String) throws(RuntimeError) -> Vocabulary {
    let path = Platform.join(folder, fileName)
    guard try Platform.status(path) != nil else {
      throw RuntimeError(
        "there is no \(fileName) in \(quoted(folder))",
        hint: "train the model on a text: rondo train FILE.graph --data TEXT -o \(folder)"
      )
    }
    do {
      return try Vocabulary(json: Platform.read(path, limit: 1 << 28))
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }
}
