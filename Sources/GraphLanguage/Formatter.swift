package import GraphIR

/// Prints a text in the one layout.
///
/// The layout follows from tokens and comments, not from the lines they stood on: two spaces a
/// level, one space between words, a statement or head on one line if it fits, a block of one
/// statement too (a model's aside). Of blank lines between statements one is kept. What does not fit
/// is broken at the commas of its widest brackets; a comment inside brackets breaks them.
package struct Formatter {
  /// How long a line may be that can be broken.
  package static let lineLength = 100

  /// The text.
  private let file: SourceFile
  /// Its tokens and comments.
  private let stream: TokenStream
  /// What is known of spaces and brackets.
  private let plan: LayoutPlan
  /// The next comment to print.
  private var commentIndex = 0
  /// What is printed so far.
  private var output: [UInt8] = []
  /// How many characters the line has; comments, after which a line ends, not counted.
  private var column = 0
  /// `true` iff the line has a token or a comment.
  private var isLineOpen = false
  /// `true` iff the next token begins a line.
  private var breaksBeforeNext = false
  /// How far the next line is indented.
  private var indentation = 0
  /// The line of the text where what was printed last ends.
  private var sourceLine = 0
  /// `true` iff nothing is printed of the block yet.
  private var isAtBlockStart = true

  /// The layout of a text; throws what is wrong with it.
  package static func format(_ file: SourceFile) throws(Diagnostics) -> String {
    let (_, diagnostics) = Parser.parse(file)
    guard diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    var formatter = Formatter(file: file, stream: Lexer.read(file))
    formatter.printAll()
    guard formatter.output.count <= SourceFile.sizeLimit else {
      let start = SourceSpan(source: file.source, line: 1, column: 1, length: 1)
      let message = "in its layout the text would have more than \(SourceFile.sizeLimit) bytes"
      let hint = "split the definition"
      throw Diagnostics([Diagnostic(.wrong, message, at: start, hint: hint)])
    }
    return String(decoding: formatter.output, as: UTF8.self)
  }

  /// Makes ready to print a text without mistakes.
  private init(file: SourceFile, stream: TokenStream) {
    self.file = file
    self.stream = stream
    plan = LayoutPlan(file: file, stream: stream)
  }

  // MARK: - Statements

  /// Prints the whole text.
  private mutating func printAll() {
    var index = 0
    while true {
      switch stream.tokens[index].kind {
      case .end:
        printComments(before: index, inBrackets: false)
        endLine()
        return
      case .newline:
        index += 1
      case .symbol(.rightBrace):
        printComments(before: index, inBrackets: false)
        indentation -= 2
        isAtBlockStart = true
        beginStatement(at: index)
        put(index)
        isAtBlockStart = false
        index += 1
      case .name, .number, .word, .symbol, .invalid:
        index = printStatement(at: index)
      }
    }
  }

  /// Prints the statement or head that begins at a token; gives where the next one may begin.
  private mutating func printStatement(at start: Int) -> Int {
    printComments(before: start, inBrackets: false)
    beginStatement(at: start)
    let end = plan.statementEnd(from: start)
    isAtBlockStart = false
    guard stream.tokens[end].kind == .symbol(.leftBrace) else {
      printSequence(start..<end, indentation: indentation, tail: 0)
      return end
    }
    let close = plan.partner[end]
    if fitsOnOneLine(head: start..<end, close: close) {
      for index in start...close { put(index) }
      return close + 1
    }
    let outer = indentation
    printSequence(start..<(end + 1), indentation: outer, tail: 0)
    indentation = outer + 2
    isAtBlockStart = true
    return end + 1
  }

  /// `true` iff a head and its block of at most one statement stand on one line.
  private func fitsOnOneLine(head: Range<Int>, close: Int) -> Bool {
    guard !plan.hasComments(in: head.lowerBound...close) else { return false }
    let first = plan.skipNewlines(from: head.upperBound + 1)
    if first == close { return true }
    if file.text(stream.tokens[head.lowerBound].range) == "model" { return false }
    let end = plan.statementEnd(from: first)
    guard plan.skipNewlines(from: end) == close else { return false }
    return indentation + plan.width(of: head.lowerBound..<(close + 1)) <= Self.lineLength
  }

  // MARK: - Inside a statement

  /// Prints tokens, broken where they must be; `tail` is what follows on the line.
  private mutating func printSequence(_ range: Range<Int>, indentation: Int, tail: Int) {
    self.indentation = indentation
    let start = breaksBeforeNext ? indentation : column
    let isCommented = plan.hasComments(in: range.lowerBound...(range.upperBound - 1))
    let fits = start + plan.width(of: range) + tail <= Self.lineLength
    let broken = isCommented || fits ? nil : plan.widestBrackets(in: range)
    var index = range.lowerBound
    while index < range.upperBound {
      let close = plan.partner[index]
      let isInside = close > index && close < range.upperBound
      if isInside, index == broken || plan.hasComments(in: index...close) {
        let rest = plan.width(of: close..<range.upperBound)
        printBrackets(index...close, indentation: indentation, tail: tail + rest)
        index = close + 1
      } else {
        put(index)
        index += 1
      }
    }
  }

  /// Prints brackets, each part on a line of its own; brackets around one part only hug it.
  private mutating func printBrackets(_ range: ClosedRange<Int>, indentation: Int, tail: Int) {
    let (open, close) = (range.lowerBound, range.upperBound)
    let parts = plan.parts(of: range)
    put(open)
    guard parts.count > 1 || plan.hasComments(in: range) else {
      for part in parts { printSequence(part, indentation: indentation, tail: tail) }
      put(close)
      return
    }
    for part in parts {
      breaksBeforeNext = true
      printSequence(part, indentation: indentation + 2, tail: 0)
    }
    self.indentation = indentation + 2
    printComments(before: close, inBrackets: true)
    self.indentation = indentation
    breaksBeforeNext = true
    put(close)
  }

  // MARK: - Lines

  /// Begins the line of a statement or a closing brace, after a blank line if the text has one.
  private mutating func beginStatement(at index: Int) {
    beginLine(from: Int(stream.tokens[index].span.line))
  }

  /// Begins a line for what stands on a line of the text.
  private mutating func beginLine(from line: Int) {
    endLine()
    if !isAtBlockStart, line > sourceLine + 1, !output.isEmpty { endLine(isBlank: true) }
    indent()
  }

  /// Indents the line.
  private mutating func indent() {
    output.append(contentsOf: repeatElement(Ascii.space, count: indentation))
    column = indentation
    breaksBeforeNext = false
  }

  /// Ends the line, if there is one to end or it is to be blank.
  private mutating func endLine(isBlank: Bool = false) {
    if isLineOpen || isBlank { output.append(Ascii.lineFeed) }
    isLineOpen = false
  }

  /// Prints a token after the comments before it; line ends are none of the text's.
  private mutating func put(_ index: Int) {
    let token = stream.tokens[index]
    if token.kind == .newline { return }
    printComments(before: index, inBrackets: true)
    if breaksBeforeNext {
      endLine()
      indent()
    } else if isLineOpen, plan.hasSpace[index] {
      output.append(Ascii.space)
      column += 1
    }
    output.append(contentsOf: file.bytes[token.range])
    column += token.range.count
    isLineOpen = true
    sourceLine = Int(token.span.line)
  }

  /// Prints the comments before a token: at the end of the line they ended, or on their own.
  private mutating func printComments(before index: Int, inBrackets: Bool) {
    while commentIndex < stream.comments.count,
      stream.comments[commentIndex].tokenIndex <= index
    {
      let comment = stream.comments[commentIndex]
      commentIndex += 1
      if comment.line == sourceLine {
        output.append(contentsOf: [Ascii.space, Ascii.space])
      } else if inBrackets {
        endLine()
        indent()
      } else {
        beginLine(from: comment.line)
        isAtBlockStart = false
      }
      output.append(contentsOf: file.bytes[comment.range])
      isLineOpen = true
      breaksBeforeNext = true
      sourceLine = comment.line
    }
  }
}
