import GraphIR

/// A word, number or sign of the text, or the end of a line.
struct Token: Sendable {
  /// What a token is; the families keep the parser's choices exhaustive.
  enum Kind: Hashable, Sendable {
    case name
    case number
    case word(ReservedWord)
    case symbol(Symbol)
    /// One or more line ends; the parser looks past it inside brackets.
    case newline
    case end
    /// What the lexer has already complained about.
    case invalid
  }

  /// What it is.
  let kind: Kind
  /// Where it stands.
  let span: SourceSpan
  /// The offset of its first byte; small, since a text may be a million tokens.
  private let start: Int32
  /// The offset after its last byte.
  private let end: Int32

  /// Describes a token.
  init(kind: Kind, range: Range<Int>, span: SourceSpan) {
    self.kind = kind
    self.span = span
    start = Int32(range.lowerBound)
    end = Int32(range.upperBound)
  }

  /// The bytes it takes in the text.
  var range: Range<Int> { Int(start)..<Int(end) }
}

/// A word that is never a name.
enum ReservedWord: String, CaseIterable, Sendable {
  case next, step, over, to, `in`, `as`, from, until, carry, frozen, reverse, real, token, training
  case none

  /// Reserved words by their spelling.
  static let bySpelling = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}

/// A word that starts a statement, and is a name everywhere else; `next`, reserved, starts one too.
enum StatementWord: String, CaseIterable, Sendable {
  case size, axis, input, target, param, layer, state, scan, emit, output, loss, metric, train
  case stream, generate
}

/// A sign of one or two characters.
enum Symbol: String, CaseIterable, Sendable {
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case semicolon = ";"
  case colon = ":"
  case dot = "."
  case dots = ".."
  case equals = "="
  case tilde = "~"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case contract = "@"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="

  /// Signs by their spelling.
  static let bySpelling = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

  /// The sign that two bytes of a text begin with, the longer before the shorter.
  static func starting(_ first: UInt8, _ second: UInt8) -> Symbol? {
    let place = Int(first) << 8
    return byBytes[place | Int(second)] ?? byBytes[place]
  }

  /// Signs by their bytes, 0 for the second that is not there.
  private static let byBytes: [Symbol?] = {
    var table = [Symbol?](repeating: nil, count: 1 << 16)
    for symbol in allCases {
      let place = symbol.rawValue.utf8.reduce(0) { $0 << 8 | Int($1) }
      table[symbol.rawValue.utf8.count == 1 ? place << 8 : place] = symbol
    }
    return table
  }()
}

/// A comment, kept beside the tokens for the formatter alone.
struct Comment: Sendable {
  /// Its bytes, from `#` to the last that is not white space.
  let range: Range<Int>
  /// Its line, counted from 1.
  let line: Int
  /// How many tokens stand before it.
  let tokenIndex: Int
}

/// What the lexer makes of a text.
struct TokenStream: Sendable {
  /// The tokens; the last, and only the last, is the end.
  var tokens: [Token] = []
  /// The comments in the order of the text.
  var comments: [Comment] = []
  /// What is wrong with the characters, at most one message a line.
  var diagnostics: [Diagnostic] = []
  /// `true` iff the text has more tokens and comments than are read; these are the first.
  var isCutShort = false
}
