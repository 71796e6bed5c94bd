package import GraphIR

/// Prints messages as plain text, each with the line it is about.
package struct DiagnosticRenderer: Sendable {
  /// The texts that spans may point into.
  private let files: [SourceFile]

  /// How many messages are printed at most; whoever needs more has the wrong file.
  private static let messageLimit = 100
  /// How many characters of a line are shown.
  private static let windowWidth = 120

  /// Prints messages about these texts.
  package init(files: [SourceFile]) {
    self.files = files
  }

  /// All messages, an empty line between them.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    var line = Line()
    var blocks = diagnostics.prefix(Self.messageLimit).map { render($0, &line) }
    let rest = diagnostics.count - blocks.count
    if rest > 0 { blocks.append("and \(rest) more\n") }
    return blocks.joined(separator: "\n")
  }

  /// One message: place and text, the line, what is meant underlined, the hint.
  package func render(_ diagnostic: Diagnostic) -> String {
    var line = Line()
    return render(diagnostic, &line)
  }

  /// The characters of the line shown last: one line may have all the messages.
  private struct Line {
    /// Where it stands.
    var source = SourceSpan.Source.definition
    /// Its number; 0 for none.
    var number = 0
    /// One for each column.
    var characters: [Unicode.Scalar] = []
  }

  private func render(_ diagnostic: Diagnostic, _ known: inout Line) -> String {
    let span = diagnostic.span
    let file = files.first { $0.source == span.source }
    var place = file.map { $0.name } ?? ""
    if span.line > 0 { place += "\(place.isEmpty ? "" : ":")\(span.line):\(span.column)" }
    if !place.isEmpty { place += ": " }
    var text = "\(place)\(diagnostic.kind.rawValue): \(shown(diagnostic.message))\n"
    let number = span.line > 0 ? "\(span.line)" : " "
    let margin = "  " + String(repeating: " ", count: number.utf8.count)
    if let file, span.line > 0, Int(span.line) <= file.lineCount {
      let (line, underline) = excerpt(of: file, at: span, &known)
      text += "  \(number) |\(line.isEmpty ? "" : " " + line)\n"
      text += "\(margin) | \(underline)\n"
    }
    if let hint = diagnostic.hint { text += "\(margin) = \(shown(hint))\n" }
    return text
  }

  /// The part of a line around a span, and what underlines the span.
  private func excerpt(of file: SourceFile, at span: SourceSpan, _ known: inout Line)
    -> (String, String)
  {
    if known.number != Int(span.line) || known.source != span.source {
      let characters = characters(of: file, line: Int(span.line))
      known = Line(source: span.source, number: Int(span.line), characters: characters)
    }
    let characters = known.characters
    let start = max(0, Int(span.column) - 1)
    // Half of the window before the span, if the line is too long to be shown whole.
    let isLong = characters.count > Self.windowWidth
    let first = isLong ? max(0, min(start, characters.count) - Self.windowWidth / 2) : 0
    let last = min(characters.count, first + Self.windowWidth)
    var line = String.UnicodeScalarView()
    line.append(contentsOf: characters[first..<last])
    let (before, after) = (first > 0 ? "..." : "", last < characters.count ? "..." : "")
    let room = max(1, first + Self.windowWidth - start)
    let length = max(1, min(Int(span.length), room))
    let padding = String(repeating: " ", count: before.utf8.count + start - first)
    let underline = padding + "^" + String(repeating: "~", count: length - 1)
    return (before + String(line) + after, underline)
  }

  /// The characters of a line, one to a column.
  private func characters(of file: SourceFile, line number: Int) -> [Unicode.Scalar] {
    let line = file.line(number)
    var offset = line.startIndex
    // The mark that some editors put before the first line has no column.
    if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { offset += 3 }
    var characters: [Unicode.Scalar] = []
    while offset < line.endIndex {
      let (scalar, length) = file.character(at: offset)
      characters.append(shown(scalar))
      offset += length
    }
    return characters
  }

  /// What stands for a character on a terminal: none may move the cursor or turn the text.
  private func shown(_ scalar: Unicode.Scalar?) -> Unicode.Scalar {
    guard let scalar else { return "\u{FFFD}" }
    if scalar == "\t" { return " " }
    return scalar.isHidden ? "\u{FFFD}" : scalar
  }

  /// What stands for a text of ours, which may quote the person's.
  private func shown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.unicodeScalars.map { $0 == "\n" ? $0 : shown($0) })
    return String(result)
  }
}

extension Diagnostic {
  /// How many messages about one file are kept at most by each of parser and elaborator.
  static let limit = 1000
}
