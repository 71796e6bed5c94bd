/// What a stretch of a definition's text is to a reader's eye.
package struct Highlight: Hashable, Sendable {
  /// What is told apart.
  package enum Kind: Hashable, Sendable {
    case comment
    /// A reserved word, or one that begins a statement or a definition.
    case keyword
    case number
  }

  /// What it is.
  package var kind: Kind
  /// The offsets of its bytes.
  package var range: Range<Int>

  /// The stretches of a text in its order, of a text with mistakes too; none overlaps another.
  package static func all(in file: SourceFile) -> [Highlight] {
    let stream = Lexer.read(file)
    var highlights = stream.comments.map { Highlight(kind: .comment, range: $0.range) }
    var isStart = true
    for (index, token) in stream.tokens.enumerated() {
      switch token.kind {
      case .number: highlights.append(Highlight(kind: .number, range: token.range))
      case .word: highlights.append(Highlight(kind: .keyword, range: token.range))
      case .name:
        let text = file.text(token.range)
        let next = index + 1 < stream.tokens.count ? stream.tokens[index + 1].kind : .end
        let isHead = (text == "model" || text == "cell") && next == .name
        if isStart, isHead || StatementWord(rawValue: text) != nil {
          highlights.append(Highlight(kind: .keyword, range: token.range))
        }
      case .symbol, .newline, .end, .invalid: break
      }
      isStart = token.kind == .newline || token.kind == .symbol(.leftBrace)
    }
    return highlights.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
