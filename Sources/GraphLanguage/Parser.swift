package import GraphIR

/// Reads a text into a syntax tree by recursive descent; one token decides every choice.
///
/// A statement that cannot be read gives one message and a `broken` statement, and reading goes on
/// at the next line, so one reading finds all mistakes.
package struct Parser {
  /// How deep brackets, blocks and signs may stand in each other.
  package static let nestingLimit = 64

  /// The text.
  let file: SourceFile
  /// Its tokens.
  let tokens: [Token]
  /// The column after the last token of every line; line 0 is there to count from 1.
  private let lineEnds: [Int32]
  /// The token looked at.
  private(set) var index = 0
  /// The token passed last.
  private(set) var lastIndex = 0
  /// The tokens that opened the brackets open here.
  private var openBrackets: [Int] = []
  /// How many brackets, blocks and signs stand around the token.
  private var nesting = 0
  /// The names the statement being read has bound so far.
  var boundNames: [Name] = []
  /// Where to go on after a bracket that was never closed.
  private var resumption: Int?
  /// `true` once a missing `}` has been reported; the blocks around it miss theirs for its sake.
  private var hasUnclosedBlock = false
  /// What is wrong so far.
  private var diagnostics: [Diagnostic]

  /// Thrown when what is being read cannot be; its message has been given.
  struct Failure: Error {}

  /// Reads a file; the tree holds what could be read, the messages are in the order of the text.
  package static func parse(_ file: SourceFile) -> (SyntaxFile, [Diagnostic]) {
    guard file.bytes.count <= SourceFile.sizeLimit else {
      let start = SourceSpan(source: file.source, line: 1, column: 1, length: 1)
      return refuse(
        "\(file.bytes.count) bytes; at most \(SourceFile.sizeLimit) are read",
        at: start
      )
    }
    let stream = Lexer.read(file)
    guard !stream.isCutShort else {
      let end = stream.tokens[stream.tokens.count - 1].span
      return refuse("more than \(SourceFile.tokenLimit) words, signs and comments", at: end)
    }
    return parse(stream, of: file)
  }

  /// The answer to a text that is too long to be read.
  private static func refuse(_ size: String, at span: SourceSpan) -> (SyntaxFile, [Diagnostic]) {
    let hint = "split the definition, or check that this is the file you mean"
    return (SyntaxFile(), [Diagnostic(.wrong, "the text has \(size)", at: span, hint: hint)])
  }

  /// Reads a file whose tokens are known.
  static func parse(_ stream: TokenStream, of file: SourceFile) -> (SyntaxFile, [Diagnostic]) {
    var parser = Parser(file: file, stream: stream)
    let tree = parser.parseFile()
    return (tree, parser.diagnostics.sorted { $0.span.start < $1.span.start })
  }

  /// Starts at the first token.
  private init(file: SourceFile, stream: TokenStream) {
    self.file = file
    tokens = stream.tokens
    diagnostics = stream.diagnostics
    var ends = [Int32](repeating: 1, count: file.lineCount + 1)
    for token in stream.tokens where token.kind != .newline {
      ends[Int(token.span.line)] = token.span.column + token.span.length
    }
    lineEnds = ends
  }

  // MARK: - Looking and moving

  /// What the token looked at is.
  var kind: Token.Kind { tokens[index].kind }

  /// What the token some tokens ahead is.
  func kind(ahead distance: Int) -> Token.Kind {
    index + distance < tokens.count ? tokens[index + distance].kind : .end
  }

  /// The letters of a token.
  func text(at index: Int) -> String { file.text(tokens[index].range) }

  /// `true` iff the token looked at is this sign.
  func at(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }

  /// Passes a token, and line ends after it where they mean nothing.
  mutating func advance() {
    lastIndex = index
    if kind != .end { index += 1 }
    if !openBrackets.isEmpty { skipNewlines() }
  }

  /// Passes line ends.
  mutating func skipNewlines() {
    while kind == .newline { index += 1 }
  }

  /// Passes the token if it is this sign; `true` iff it was.
  mutating func accept(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    advance()
    return true
  }

  /// Passes the token if it is this word; `true` iff it was.
  mutating func accept(_ word: ReservedWord) -> Bool {
    guard kind == .word(word) else { return false }
    advance()
    return true
  }

  /// Passes the sign that must stand here.
  mutating func expect(_ symbol: Symbol, _ hint: String) throws(Failure) {
    guard accept(symbol) else { throw unexpected(hint) }
  }

  /// Passes the word that must stand here.
  mutating func expect(_ word: ReservedWord, _ hint: String) throws(Failure) {
    guard accept(word) else { throw unexpected(hint) }
  }

  /// Passes the name that must stand here; `role` says what it is the name of.
  mutating func expectName(_ role: String) throws(Failure) -> Name {
    if kind == .name {
      let name = Name(text: text(at: index), span: tokens[index].span)
      advance()
      return name
    }
    if case .word = kind {
      throw unexpected("write \(role); a reserved word is never a name")
    }
    throw unexpected("write \(role)")
  }

  /// Passes a name and takes down that the statement binds it.
  mutating func expectBoundName(_ role: String) throws(Failure) -> Name {
    let name = try expectName(role)
    boundNames.append(name)
    return name
  }

  /// The span from a token to the one passed last, cut at the end of its first line.
  func span(from start: Int) -> SourceSpan {
    var span = tokens[start].span
    let last = tokens[max(start, lastIndex)].span
    let end = last.line == span.line ? last.column + last.length : lineEnds[Int(span.line)]
    span.length = max(1, end - span.column)
    return span
  }

  // MARK: - Nesting

  /// Goes one level deeper, if there is one.
  mutating func enter() throws(Failure) {
    guard nesting < Self.nestingLimit else {
      throw failure(
        "nesting is deeper than \(Self.nestingLimit)",
        at: tokens[index].span,
        hint: "bind a part of it to a name on a line of its own"
      )
    }
    nesting += 1
  }

  /// Comes one level back.
  mutating func leave() { nesting -= 1 }

  /// Passes an opening bracket; line ends mean nothing until it is closed.
  mutating func open() throws(Failure) {
    try enter()
    openBrackets.append(index)
    advance()
  }

  /// Passes the bracket that closes the last one opened.
  mutating func close(_ symbol: Symbol, _ hint: String) throws(Failure) {
    guard at(symbol) else { throw unexpected(hint) }
    openBrackets.removeLast()
    leave()
    advance()
  }

  // MARK: - Messages

  /// Gives a message, and the failure to throw.
  mutating func failure(_ message: String, at span: SourceSpan, hint: String) -> Failure {
    complain(message, at: span, hint: hint)
    return Failure()
  }

  /// Gives a message without stopping.
  mutating func complain(_ message: String, at span: SourceSpan, hint: String) {
    guard diagnostics.count < Diagnostic.limit else {
      // Whoever made so many mistakes has the wrong file; the rest of it is not read.
      index = tokens.count - 1
      return
    }
    diagnostics.append(Diagnostic(.wrong, message, at: span, hint: hint))
  }

  /// Says that the token looked at cannot stand here, and what to write.
  mutating func unexpected(_ hint: String) -> Failure {
    // The lexer has complained.
    if kind == .invalid { return Failure() }
    if let opener = openBrackets.last, let place = resumptionPlace(after: opener) {
      resumption = place
      let text = text(at: opener)
      let closer = text == "(" ? ")" : "]"
      return failure(
        "`\(text)` is never closed",
        at: tokens[opener].span,
        hint: "write `\(closer)` where it ends"
      )
    }
    return failure("unexpected \(found)", at: tokens[index].span, hint: hint)
  }

  /// How many messages there are.
  var messageCount: Int { diagnostics.count }

  /// Takes messages back that were only a consequence of others.
  mutating func forgetMessages(after count: Int) {
    diagnostics.removeSubrange(count...)
  }

  /// The token looked at, in words.
  var found: String {
    switch kind {
    case .name, .number, .invalid: quote(file, tokens[index].range)
    case .word(let word): "reserved word `\(word.rawValue)`"
    case .symbol(let symbol): "`\(symbol.rawValue)`"
    case .newline: "end of line"
    case .end: "end of text"
    }
  }

  /// Says once that a block is never closed.
  mutating func reportUnclosedBlock(openedAt opener: Int) {
    if hasUnclosedBlock { return }
    hasUnclosedBlock = true
    complain("`{` is never closed", at: tokens[opener].span, hint: "write `}` where it ends")
  }

  // MARK: - Going on after a mistake

  /// Reads a part; if that fails, goes on at the next line and gives no part but the names bound.
  mutating func recovering<Part>(
    _ read: (inout Parser) throws(Failure) -> Part
  ) -> (part: Part?, names: [Name]) {
    let depth = nesting
    boundNames = []
    do {
      return (try read(&self), boundNames)
    } catch {
      nesting = depth
      var names = boundNames
      names += skipToNextLine()
      return (nil, names)
    }
  }

  /// Goes to the end of the line, or of the brackets open here; reads blocks on the way, so that
  /// their mistakes are told and their braces counted, and gives the names bound in them.
  private mutating func skipToNextLine() -> [Name] {
    var depth = openBrackets.count
    openBrackets = []
    if let place = resumption {
      resumption = nil
      depth = 0
      index = place
      if place > 0, tokens[place - 1].kind == .newline, !at(.leftBrace) { return [] }
    }
    var names: [Name] = []
    while true {
      switch kind {
      case .end, .symbol(.rightBrace): return names
      case .newline:
        if depth == 0 || beginsStatement(index + 1) { return names }
      case .symbol(.leftBrace):
        depth = 0
        if nesting < Self.nestingLimit {
          if let block = try? parseBlock() { names += block.statements.flatMap(\.boundNames) }
        } else {
          skipBraces()
        }
        continue
      case .symbol(.leftParenthesis), .symbol(.leftBracket): depth += 1
      case .symbol(.rightParenthesis), .symbol(.rightBracket): depth = max(0, depth - 1)
      case .name, .number, .word, .symbol, .invalid: break
      }
      index += 1
    }
  }

  /// Passes a block without reading it.
  private mutating func skipBraces() {
    var depth = 0
    while kind != .end {
      if at(.leftBrace) { depth += 1 }
      if at(.rightBrace) { depth -= 1 }
      advance()
      if depth == 0 { return }
    }
  }

  /// Where to go on if the bracket opened at a token is never closed; `nil` if it may yet be.
  private func resumptionPlace(after opener: Int) -> Int? {
    switch kind {
    case .end, .symbol(.leftBrace), .symbol(.rightBrace): return index
    case .name, .number, .word, .symbol, .newline, .invalid: break
    }
    guard tokens[index].span.line > tokens[opener].span.line else { return nil }
    var first = index
    while first > 0, tokens[first - 1].kind != .newline { first -= 1 }
    return beginsStatement(first) ? first : nil
  }

  /// `true` iff the tokens from here on are likely to be a new statement; asked after a mistake.
  private func beginsStatement(_ start: Int) -> Bool {
    guard start + 1 < tokens.count else { return true }
    let following = tokens[start + 1].kind
    switch tokens[start].kind {
    case .symbol(.rightBrace): return true
    case .word(.next): return following == .name
    case .name:
      if following == .symbol(.equals) { return true }
      let text = text(at: start)
      guard StatementWord(rawValue: text) != nil || text == "cell" || text == "model" else {
        return false
      }
      switch following {
      case .name, .number: return true
      case .word(let word): return word != .to
      case .symbol, .newline, .end, .invalid: return false
      }
    case .number, .word, .symbol, .newline, .end, .invalid: return false
    }
  }
}

extension SourceSpan {
  /// Line and column, to compare places by.
  fileprivate var start: (Int32, Int32) { (line, column) }
}
