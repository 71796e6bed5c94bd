package import GraphIR

/// The text of one definition file: its bytes, what messages call it, and where its lines begin.
package struct SourceFile: Sendable {
  /// The longest text that is read, in bytes.
  package static let sizeLimit = 1 << 20
  /// The most tokens and comments that are read; a long definition of the project has some 2,000.
  package static let tokenLimit = 1 << 16

  /// The library of cells and layers that every definition sees.
  package static let library = SourceFile(
    name: "library.graph",
    source: .library,
    bytes: PackageResources.library_graph
  )

  /// What messages call the file.
  package let name: String
  /// Which of the texts it is, as spans say it.
  package let source: SourceSpan.Source
  /// The text as it came; nothing is assumed of it.
  package let bytes: [UInt8]
  /// The offset of the first byte of every line.
  private let lineStarts: [Int]

  /// Takes a text and finds its lines.
  package init(name: String, source: SourceSpan.Source = .definition, bytes: [UInt8]) {
    self.name = name
    self.source = source
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == Ascii.lineFeed {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// Takes a text from a string.
  package init(name: String, source: SourceSpan.Source = .definition, text: String) {
    self.init(name: name, source: source, bytes: Array(text.utf8))
  }

  /// How many lines the text has; what follows the last line end counts as one.
  package var lineCount: Int { lineStarts.count }

  /// The bytes of a line counted from 1, without its line end; empty where there is no such line.
  package func line(_ number: Int) -> ArraySlice<UInt8> {
    guard number >= 1, number <= lineStarts.count else { return [] }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == Ascii.carriageReturn { end -= 1 }
    return bytes[start..<end]
  }

  /// A stretch of the text as a string, bytes that are not UTF-8 replaced.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// The character at an offset and its length in bytes; no character where a byte is not UTF-8.
  func character(at offset: Int) -> (scalar: Unicode.Scalar?, length: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length: Int
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return (nil, 1)
    }
    guard offset + length <= bytes.count else { return (nil, 1) }
    var value = UInt32(first) & (0xFF >> UInt32(length + 1))
    for byte in bytes[(offset + 1)..<(offset + length)] {
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    // The shortest form only, or one character would have several spellings.
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= least, let scalar = Unicode.Scalar(value) else { return (nil, 1) }
    return (scalar, length)
  }
}

/// The bytes that the front end asks for by name.
enum Ascii {
  /// A tabulator, a space like any other.
  static let tab = UInt8(ascii: "\t")
  /// What ends a line.
  static let lineFeed = UInt8(ascii: "\n")
  /// What may stand before the end of a line.
  static let carriageReturn = UInt8(ascii: "\r")
  /// A space.
  static let space = UInt8(ascii: " ")
  /// What parts a number's fraction, and a member from its value.
  static let point = UInt8(ascii: ".")

  /// `true` iff the byte is one of `0` to `9`.
  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// `true` iff the byte is one of `A` to `Z` and `a` to `z`.
  static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
  }

  /// `true` iff the byte may stand in a name after its first letter.
  static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
  }
}
