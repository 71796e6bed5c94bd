import GraphIR

/// What the formatter asks about a text, found in one pass.
///
/// Which brackets belong together, where spaces go, how wide a stretch is on one line, where
/// comments are.
struct LayoutPlan {
  /// The tokens.
  private let tokens: [Token]
  /// For each opening bracket or brace the token that closes it; for any other token itself.
  private(set) var partner: [Int]
  /// `true` for a token that a space parts from the one before it on its line.
  private(set) var hasSpace: [Bool]
  /// Where each token ends if everything stands on one line.
  private var flatEnd: [Int] = []
  /// How many comments stand before each token.
  private var commentCount: [Int] = []

  /// Looks at a text without mistakes.
  init(file: SourceFile, stream: TokenStream) {
    tokens = stream.tokens
    partner = Array(stream.tokens.indices)
    hasSpace = [Bool](repeating: false, count: stream.tokens.count)
    var spacing = Spacing()
    var openers: [Int] = []
    var end = 0
    var comments = 0
    for (index, token) in stream.tokens.enumerated() {
      while comments < stream.comments.count, stream.comments[comments].tokenIndex <= index {
        comments += 1
      }
      commentCount.append(comments)
      if token.kind == .newline {
        spacing.passNewline()
      } else {
        hasSpace[index] = spacing.pass(token, of: file)
        end += token.range.count + (hasSpace[index] ? 1 : 0)
      }
      flatEnd.append(end)
      switch token.kind {
      case .symbol(.leftParenthesis), .symbol(.leftBracket), .symbol(.leftBrace):
        openers.append(index)
      case .symbol(.rightParenthesis), .symbol(.rightBracket), .symbol(.rightBrace):
        if let opener = openers.popLast() { partner[opener] = index }
      case .name, .number, .word, .symbol, .newline, .end, .invalid: break
      }
    }
  }

  /// The first token from here on that is no line end.
  func skipNewlines(from start: Int) -> Int {
    var index = start
    while tokens[index].kind == .newline { index += 1 }
    return index
  }

  /// The line end, brace or end that ends the statement or head beginning at a token.
  func statementEnd(from start: Int) -> Int {
    var index = start
    while true {
      switch tokens[index].kind {
      case .newline, .end, .symbol(.leftBrace), .symbol(.rightBrace): return index
      case .name, .number, .word, .symbol, .invalid: index = partner[index] + 1
      }
    }
  }

  /// How wide tokens are on one line.
  func width(of range: Range<Int>) -> Int {
    let first = skipNewlines(from: range.lowerBound)
    guard first < range.upperBound else { return 0 }
    return flatEnd[range.upperBound - 1] - flatEnd[first] + tokens[first].range.count
  }

  /// `true` iff there is a comment between the first and the last of some tokens.
  func hasComments(in range: ClosedRange<Int>) -> Bool {
    commentCount[range.upperBound] > commentCount[range.lowerBound]
  }

  /// The opening token of the widest outermost brackets among some tokens; the first of equals.
  func widestBrackets(in range: Range<Int>) -> Int? {
    var widest: Int?
    var greatest = 0
    var index = range.lowerBound
    while index < range.upperBound {
      let close = partner[index]
      if close > index, close < range.upperBound {
        let width = width(of: index..<(close + 1))
        if width > greatest { (widest, greatest) = (index, width) }
      }
      index = close + 1
    }
    return widest
  }

  /// The parts of brackets, each with the comma or semicolon that ends it.
  func parts(of range: ClosedRange<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = skipNewlines(from: range.lowerBound + 1)
    var index = start
    while index < range.upperBound {
      if [.symbol(.comma), .symbol(.semicolon)].contains(tokens[index].kind) {
        parts.append(start..<(index + 1))
        start = skipNewlines(from: index + 1)
        index = start
      } else {
        index = partner[index] + 1
      }
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }
}

/// Decides token by token whether a space goes before it.
private struct Spacing {
  /// What the token before is to the one after it.
  private enum Before {
    /// The beginning of a statement.
    case start
    /// The end of a value: a bracket after it indexes or applies, a minus subtracts.
    case value
    /// A name: a value, and what can be applied.
    case name
    /// `real` or `token`: its bracket stands close.
    case element
    /// A sign that nothing is parted from.
    case tight
    /// Anything else.
    case loose
  }

  /// What the token before is.
  private var before = Before.start
  /// For every bracket open here whether it is a square one.
  private var squares: [Bool] = []

  /// Passes a line end, which outside of brackets ends a statement.
  mutating func passNewline() {
    if squares.isEmpty { before = .start }
  }

  /// Passes a token; `true` iff a space goes before it.
  mutating func pass(_ token: Token, of file: SourceFile) -> Bool {
    let previous = before
    let isParted = previous != .tight
    switch token.kind {
    case .name:
      // A statement's first word is no value, though it has the looks of one.
      let isWord = previous == .start && StatementWord(rawValue: file.text(token.range)) != nil
      before = isWord ? .loose : .name
      return isParted
    case .number, .word(.training), .word(.none):
      before = .value
      return isParted
    case .word(.real), .word(.token):
      before = .element
      return isParted
    case .word, .invalid:
      before = .loose
      return isParted
    case .newline, .end:
      return false
    case .symbol(let symbol):
      return pass(symbol, after: previous, isParted: isParted)
    }
  }

  /// Passes a sign; `true` iff a space goes before it.
  private mutating func pass(_ symbol: Symbol, after previous: Before, isParted: Bool) -> Bool {
    switch symbol {
    case .leftParenthesis:
      squares.append(false)
      before = .tight
      return isParted && previous != .name && previous != .element
    case .leftBracket:
      squares.append(true)
      before = .tight
      return isParted && previous == .loose
    case .rightParenthesis, .rightBracket:
      _ = squares.popLast()
      before = .value
      return false
    case .comma, .semicolon:
      before = .loose
      return false
    case .colon:
      // Between square brackets a colon is a slice's.
      before = squares.last == true ? .tight : .loose
      return false
    case .dot, .dots:
      before = .tight
      return false
    case .minus:
      let isSign = previous != .name && previous != .value
      before = isSign ? .tight : .loose
      return isParted
    case .leftBrace, .rightBrace:
      before = .start
      return true
    case .equals, .tilde, .plus, .times, .divide, .contract, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .equal, .notEqual:
      before = .loose
      return isParted
    }
  }
}
