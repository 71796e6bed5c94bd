/// JSON as it stands in a file: the order of members is kept and a second one of a name refused.
///
/// Headers of weights come from strangers, so this reader is strict, has limits, and answers any
/// bytes with a value or an error. Numbers keep their text: an offset beyond 2^53 stays exact.
enum JSONText: Hashable {
  /// An object's members in their order.
  case object([Member])
  /// An array.
  case array([JSONText])
  /// A text.
  case string(String)
  /// A number as written.
  case number(String)
  /// `true`, `false` or `null`.
  case word(String)

  /// A name and its value.
  struct Member: Hashable {
    /// The name.
    var name: String
    /// What it names.
    var value: JSONText
  }

  /// Reads a text of at most 16 levels.
  init(_ bytes: ArraySlice<UInt8>) throws(RuntimeError) {
    var reader = Reader(bytes: bytes)
    self = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.bytes.isEmpty else {
      throw RuntimeError("there is more after the end of the JSON")
    }
  }

  /// The whole number this is, if it is one and not negative.
  var count: Int? {
    guard case .number(let text) = self else { return nil }
    return text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }

  /// Reads bytes from the front.
  private struct Reader {
    /// What is not read yet.
    var bytes: ArraySlice<UInt8>

    /// Passes over white space.
    mutating func skipSpace() {
      bytes = bytes.drop { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
    }

    /// Passes over one character of punctuation, if it is next.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      skipSpace()
      guard bytes.first == UInt8(ascii: scalar) else { return false }
      bytes.removeFirst()
      return true
    }

    /// One value.
    mutating func value(depth: Int) throws(RuntimeError) -> JSONText {
      guard depth < 16 else { throw RuntimeError("the JSON is nested deeper than 16 levels") }
      if take("{") { return .object(try members(depth: depth)) }
      if take("[") { return .array(try elements(depth: depth)) }
      if bytes.first == UInt8(ascii: "\"") { return .string(try string()) }
      let word = bytes.prefix { byte in
        (48...57).contains(byte) || (97...122).contains(byte) || (65...90).contains(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
      }
      bytes = bytes.dropFirst(word.count)
      let text = String(decoding: word, as: UTF8.self)
      if text == "true" || text == "false" || text == "null" { return .word(text) }
      guard Self.isNumber(word) else { throw RuntimeError("the text is not JSON") }
      return .number(text)
    }

    /// The members after an opening brace.
    private mutating func members(depth: Int) throws(RuntimeError) -> [Member] {
      var members: [Member] = []
      var names: Set<String> = []
      if take("}") { return members }
      while true {
        skipSpace()
        let name = try string()
        guard take(":") else { throw RuntimeError("the JSON lacks a colon after \(quoted(name))") }
        guard names.insert(name).inserted else {
          throw RuntimeError("the name \(quoted(name)) stands twice")
        }
        members.append(Member(name: name, value: try value(depth: depth + 1)))
        if take("}") { return members }
        guard take(",") else { throw RuntimeError("the JSON lacks a comma or a brace") }
      }
    }

    /// The elements after an opening bracket.
    private mutating func elements(depth: Int) throws(RuntimeError) -> [JSONText] {
      var elements: [JSONText] = []
      if take("]") { return elements }
      while true {
        elements.append(try value(depth: depth + 1))
        if take("]") { return elements }
        guard take(",") else { throw RuntimeError("the JSON lacks a comma or a bracket") }
      }
    }

    /// A string in quotes.
    private mutating func string() throws(RuntimeError) -> String {
      guard bytes.first == UInt8(ascii: "\"") else { throw RuntimeError("the text is not JSON") }
      bytes.removeFirst()
      var text: [UInt8] = []
      while let byte = bytes.popFirst() {
        switch byte {
        case UInt8(ascii: "\""):
          guard let result = String(validating: text, as: UTF8.self) else {
            throw RuntimeError("a string of the JSON is not UTF-8")
          }
          return result
        case UInt8(ascii: "\\"): try escape(into: &text)
        case ..<0x20: throw RuntimeError("a string of the JSON has a control character in it")
        default: text.append(byte)
        }
      }
      throw RuntimeError("a string of the JSON does not end")
    }

    /// What follows a backslash.
    private mutating func escape(into text: inout [UInt8]) throws(RuntimeError) {
      switch bytes.popFirst() {
      case UInt8(ascii: "\"")?: text.append(0x22)
      case UInt8(ascii: "\\")?: text.append(0x5c)
      case UInt8(ascii: "/")?: text.append(0x2f)
      case UInt8(ascii: "b")?: text.append(0x08)
      case UInt8(ascii: "f")?: text.append(0x0c)
      case UInt8(ascii: "n")?: text.append(0x0a)
      case UInt8(ascii: "r")?: text.append(0x0d)
      case UInt8(ascii: "t")?: text.append(0x09)
      case UInt8(ascii: "u")?:
        var code = try hexadecimal()
        if (0xd800..<0xdc00).contains(code) {
          guard bytes.popFirst() == UInt8(ascii: "\\"), bytes.popFirst() == UInt8(ascii: "u") else {
            throw RuntimeError("a string of the JSON has half a surrogate pair")
          }
          let low = try hexadecimal()
          guard (0xdc00..<0xe000).contains(low) else {
            throw RuntimeError("a string of the JSON has half a surrogate pair")
          }
          code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else {
          throw RuntimeError("a string of the JSON has half a surrogate pair")
        }
        text += Array(String(Character(scalar)).utf8)
      default: throw RuntimeError("a string of the JSON has an escape that is not known")
      }
    }

    /// Four hexadecimal digits.
    private mutating func hexadecimal() throws(RuntimeError) -> UInt32 {
      let digits = bytes.prefix(4)
      bytes = bytes.dropFirst(4)
      let text = String(decoding: digits, as: UTF8.self)
      guard digits.count == 4, text.utf8.first != UInt8(ascii: "+"),
        text.utf8.first != UInt8(ascii: "-"), let code = UInt32(text, radix: 16)
      else { throw RuntimeError("a string of the JSON has an escape that is not known") }
      return code
    }

    /// Whether a word is a number by JSON's grammar.
    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
      var rest = word
      func digits() -> Int {
        let found = rest.prefix { (48...57).contains($0) }.count
        rest = rest.dropFirst(found)
        return found
      }
      if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      let leadingZero = rest.first == UInt8(ascii: "0")
      let whole = digits()
      guard whole > 0, !leadingZero || whole == 1 else { return false }
      if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        guard digits() > 0 else { return false }
      }
      if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest.removeFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
          rest.removeFirst()
        }
        guard digits() > 0 else { return false }
      }
      return rest.isEmpty
    }
  }

  /// A text in quotes, escaped as JSON asks.
  static func escaped(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
