/// What the lexer knows about characters that are in no token.
extension Unicode.Scalar {
  /// The character's number as it is written: `U+00A0`.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// `true` iff the character shows nothing or changes the order of what is shown.
  var isHidden: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
    default: false
    }
  }

  /// `true` iff the character is some kind of space.
  var isBlank: Bool {
    switch value {
    case 0xA0, 0x2000...0x200B, 0x202F, 0x205F, 0x3000, 0xFEFF: true
    default: false
    }
  }

  /// The sign or the space that the character is likely to be meant for.
  var lookalike: String? {
    if isBlank { return " " }
    switch value {
    case 0x2010...0x2015, 0x2212: return "-"
    case 0x00D7, 0x2217, 0x22C5, 0x00B7: return "*"
    case 0x00F7, 0x2044, 0x2215: return "/"
    case 0x2264, 0x2A7D: return "<="
    case 0x2265, 0x2A7E: return ">="
    case 0x2260: return "!="
    case 0x223C, 0x02DC: return "~"
    case 0x2024: return "."
    case 0x2025: return ".."
    case 0x3001: return ","
    // The full-width forms of the printable characters stand in their order.
    case 0xFF01...0xFF5E:
      let plain = String(Character(Unicode.Scalar(UInt8(value - 0xFEE0))))
      return Symbol.bySpelling[plain]?.rawValue
    default: return nil
    }
  }

  /// What to write instead of a character that begins no token.
  var advice: String {
    switch self {
    case "\"", "'", "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}":
      "remove it; the language has no strings"
    case "^": "write `x * x`; there is no power"
    case "%": "remove it; there is no remainder"
    case "!": "write `!=` to compare, `1 - x` to negate a condition"
    case "&": "write `a * b` where both must hold"
    case "|": "write `max(a, b)` where one must hold"
    case "?": "write `select(c, a, b)` to choose"
    case "\\": "remove it; inside ( ) and [ ] a statement goes on over line ends"
    case "\r": "end lines with a line feed"
    case "_": "begin a name with a letter"
    default: "remove it"
    }
  }
}
