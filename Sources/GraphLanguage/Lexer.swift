import GraphIR

/// Cuts a text into tokens, byte by byte; a column counts characters, which are Unicode scalars.
struct Lexer {
  /// The text.
  private let file: SourceFile
  /// The next byte to read.
  private var position = 0
  /// The line of the next byte, counted from 1.
  private var line = 1
  /// The column of the next byte, counted from 1.
  private var column = 1
  /// What was found so far.
  private var stream = TokenStream()

  /// Where a token begins.
  private struct Mark {
    /// The offset of its first byte.
    let position: Int
    /// The column of its first character.
    let column: Int
  }

  /// Reads a text, whatever it holds, up to the most tokens; every byte is looked at a bounded
  /// number of times.
  static func read(_ file: SourceFile) -> TokenStream {
    var lexer = Lexer(file: file)
    lexer.skipByteOrderMark()
    while lexer.position < file.bytes.count {
      guard lexer.stream.tokens.count + lexer.stream.comments.count < SourceFile.tokenLimit else {
        lexer.stream.isCutShort = true
        break
      }
      lexer.readNext()
    }
    lexer.append(.end, from: lexer.mark)
    return lexer.stream
  }

  /// Starts at the first byte of a text.
  private init(file: SourceFile) {
    self.file = file
  }

  // MARK: - Moving

  /// The place of the next byte.
  private var mark: Mark { Mark(position: position, column: column) }

  /// The byte some bytes ahead; 0, which no token holds, past the end.
  private func byte(ahead distance: Int = 0) -> UInt8 {
    let index = position + distance
    return index < file.bytes.count ? file.bytes[index] : 0
  }

  /// Passes bytes that are a character each.
  private mutating func take(_ count: Int = 1) {
    position += count
    column += count
  }

  /// Passes one character of any length, or one byte that is none.
  private mutating func takeCharacter() {
    position += file.character(at: position).length
    column += 1
  }

  /// Passes bytes as long as a condition holds.
  private mutating func take(while condition: (UInt8) -> Bool) {
    while position < file.bytes.count, condition(file.bytes[position]) { take() }
  }

  /// Passes the mark that some editors put before the first line.
  private mutating func skipByteOrderMark() {
    if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The span from a mark to the next byte.
  private func span(from mark: Mark) -> SourceSpan {
    SourceSpan(
      source: file.source,
      line: line,
      column: mark.column,
      length: max(1, column - mark.column)
    )
  }

  /// The text from a mark to the next byte, quoted and not too long.
  private func quoted(from mark: Mark) -> String {
    quote(file, mark.position..<position)
  }

  /// Adds the token that began at a mark.
  private mutating func append(_ kind: Token.Kind, from mark: Mark) {
    stream.tokens.append(
      Token(kind: kind, range: mark.position..<position, span: span(from: mark))
    )
  }

  /// Adds a message about what began at a mark, unless the line has one.
  private mutating func complain(_ message: String, from mark: Mark, hint: String) {
    guard !isSilent else { return }
    stream.diagnostics.append(Diagnostic(.wrong, message, at: span(from: mark), hint: hint))
  }

  /// `true` iff this line has a message, or the text has enough.
  private var isSilent: Bool {
    guard let last = stream.diagnostics.last else { return false }
    return Int(last.span.line) == line || stream.diagnostics.count >= Diagnostic.limit
  }

  // MARK: - Tokens

  /// Reads one token, comment or stretch of white space.
  private mutating func readNext() {
    let byte = byte()
    if byte == Ascii.space || byte == Ascii.tab {
      take()
    } else if byte == Ascii.lineFeed {
      readLineEnd()
    } else if byte == Ascii.carriageReturn, self.byte(ahead: 1) == Ascii.lineFeed {
      take()
    } else if byte == UInt8(ascii: "#") {
      readComment()
    } else if Ascii.isLetter(byte) {
      readWord()
    } else if Ascii.isDigit(byte) {
      readNumber()
    } else if !readSymbol() {
      readStranger()
    }
  }

  /// Reads a line end; a run of them, comments between or not, is one token.
  private mutating func readLineEnd() {
    let start = mark
    position += 1
    if let last = stream.tokens.last, last.kind != .newline { append(.newline, from: start) }
    line += 1
    column = 1
  }

  /// Reads a comment up to the end of its line.
  private mutating func readComment() {
    let start = mark
    while position < file.bytes.count, byte() != Ascii.lineFeed {
      let here = mark
      let scalar = file.character(at: position).scalar
      takeCharacter()
      guard let scalar else {
        complain("this byte is not UTF-8", from: here, hint: "save the file as UTF-8")
        continue
      }
      let endsLine = scalar == "\r" && (byte() == Ascii.lineFeed || position == file.bytes.count)
      if scalar.isHidden, scalar != "\t", !endsLine {
        complain(
          "the comment holds the control character \(scalar.codePoint)",
          from: here,
          hint: "remove it"
        )
      }
    }
    var end = position
    while [Ascii.space, Ascii.tab, Ascii.carriageReturn].contains(file.bytes[end - 1]) { end -= 1 }
    stream.comments.append(
      Comment(range: start.position..<end, line: line, tokenIndex: stream.tokens.count)
    )
  }

  /// Reads a name or a reserved word.
  private mutating func readWord() {
    let start = mark
    take(while: Ascii.isWord)
    if takeForeignLetters() {
      append(.name, from: start)
      complainOfLetters(from: start)
    } else if position - start.position <= 8,
      let word = ReservedWord.bySpelling[file.text(start.position..<position)]
    {
      append(.word(word), from: start)
    } else {
      append(.name, from: start)
    }
  }

  /// Passes the rest of a word that goes on with letters no name may have; `true` iff it does.
  private mutating func takeForeignLetters() -> Bool {
    let start = position
    while position < file.bytes.count {
      let (scalar, length) = file.character(at: position)
      guard let scalar else { break }
      let isForeign = length > 1 && scalar.lookalike == nil && scalar.properties.isAlphabetic
      guard isForeign || position > start && length == 1 && Ascii.isWord(byte()) else { break }
      takeCharacter()
    }
    return position > start
  }

  /// Says which letters a name may have.
  private mutating func complainOfLetters(from start: Mark) {
    complain(
      "\(quoted(from: start)) has letters that no name may have",
      from: start,
      hint: "write names with A to Z, a to z, 0 to 9 and _"
    )
  }

  /// Reads a number; its value is the parser's concern.
  private mutating func readNumber() {
    let start = mark
    take(while: Ascii.isDigit)
    if byte() == Ascii.point, Ascii.isDigit(byte(ahead: 1)) {
      take()
      take(while: Ascii.isDigit)
    } else if byte() == Ascii.point, byte(ahead: 1) != Ascii.point {
      let digits = quoted(from: start)
      take()
      take(while: Ascii.isWord)
      append(.number, from: start)
      complain(
        "\(quoted(from: start)) has no digit after its point",
        from: start,
        hint: "write \(digits), or digits after the point"
      )
      return
    }
    if byte() | 0x20 == UInt8(ascii: "e") {
      let sign = byte(ahead: 1) == UInt8(ascii: "+") || byte(ahead: 1) == UInt8(ascii: "-")
      if Ascii.isDigit(byte(ahead: sign ? 2 : 1)) {
        take(sign ? 2 : 1)
        take(while: Ascii.isDigit)
      }
    }
    guard Ascii.isWord(byte()) else {
      append(.number, from: start)
      return
    }
    take(while: Ascii.isWord)
    append(.invalid, from: start)
    complain(
      "\(quoted(from: start)) is neither a number nor a name",
      from: start,
      hint: "write numbers as `12`, `0.5` or `1e-3`, products as `2 * x`, names from a letter on"
    )
  }

  /// Reads a sign; `false` iff there is none here.
  private mutating func readSymbol() -> Bool {
    let start = mark
    guard let symbol = Symbol.starting(byte(), byte(ahead: 1)) else { return false }
    take(symbol.rawValue.utf8.count)
    append(.symbol(symbol), from: start)
    return true
  }

  // MARK: - What no token begins with

  /// Reads a character that begins no token, and goes on as if the one meant stood there.
  private mutating func readStranger() {
    let start = mark
    guard let scalar = file.character(at: position).scalar else {
      repeat {
        take()
      } while position < file.bytes.count && byte() >= 0x80
        && file.character(at: position).scalar == nil
      append(.invalid, from: start)
      complain("these bytes are not UTF-8", from: start, hint: "save the file as UTF-8")
      return
    }
    if takeForeignLetters() {
      append(.name, from: start)
      complainOfLetters(from: start)
      return
    }
    takeCharacter()
    if let meant = scalar.lookalike {
      if let symbol = Symbol.bySpelling[meant] { append(.symbol(symbol), from: start) }
      if isSilent { return }
      let name = scalar.isBlank ? "the space \(scalar.codePoint)" : quoted(from: start)
      complain(
        "\(name) only looks like \(meant == " " ? "a plain space" : "`\(meant)`")",
        from: start,
        hint: meant == " " ? "write a plain space" : "write `\(meant)`"
      )
      return
    }
    if scalar == "\"" || scalar == "'" { takeString(closedBy: UInt8(ascii: scalar)) }
    append(.invalid, from: start)
    if isSilent { return }
    let name = scalar.isHidden ? "control character \(scalar.codePoint)" : quoted(from: start)
    complain("unexpected \(name)", from: start, hint: scalar.advice)
  }

  /// Passes a string, which the language has not, up to its end or the line's.
  private mutating func takeString(closedBy quote: UInt8) {
    while position < file.bytes.count, byte() != Ascii.lineFeed {
      let isClosed = byte() == quote
      takeCharacter()
      if isClosed { return }
    }
  }
}

/// A stretch of a text in backquotes, cut short where it is long.
func quote(_ file: SourceFile, _ range: Range<Int>) -> String {
  let limit = 40
  guard range.count > limit else { return "`\(file.text(range))`" }
  var end = range.lowerBound + limit
  // Not in the middle of a character.
  while end > range.lowerBound, file.bytes[end] & 0xC0 == 0x80 { end -= 1 }
  return "`\(file.text(range.lowerBound..<end))...`"
}
