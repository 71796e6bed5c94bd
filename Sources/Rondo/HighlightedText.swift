internal import GraphLanguage

/// A stretch of a definition's text within a line, and what it is to a reader's eye.
package struct HighlightedText: Hashable, Sendable {
  /// What is told apart.
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case plain, comment, keyword, number
  }

  /// The characters.
  package var text: String
  /// What they are.
  package var kind: Kind
}

extension Definition {
  /// The text line by line in stretches; any text has some, one with mistakes too.
  package var highlightedLines: [[HighlightedText]] {
    let file = SourceFile(name: name, bytes: bytes)
    var lines: [[HighlightedText]] = [[]]
    func add(_ range: Range<Int>, _ kind: HighlightedText.Kind) {
      let parts = bytes[range].split(separator: 10, omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index > 0 { lines.append([]) }
        guard !part.isEmpty else { continue }
        let text = String(decoding: part, as: UTF8.self)
        lines[lines.count - 1].append(HighlightedText(text: text, kind: kind))
      }
    }
    var place = 0
    for highlight in Highlight.all(in: file) {
      add(place..<highlight.range.lowerBound, .plain)
      switch highlight.kind {
      case .comment: add(highlight.range, .comment)
      case .keyword: add(highlight.range, .keyword)
      case .number: add(highlight.range, .number)
      }
      place = highlight.range.upperBound
    }
    add(place..<bytes.count, .plain)
    if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
