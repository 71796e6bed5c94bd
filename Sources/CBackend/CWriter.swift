/// Lines of C with their indentation; it knows nothing of what they mean.
package struct CWriter {
  /// The text so far.
  package private(set) var text = ""
  private var depth = 0
  /// The line of a definition that what is written comes from, as debuggers are told it.
  private var place: String?

  /// Begins an empty text.
  package init() {}

  /// Writes a line, or an empty one; code that is too long is broken.
  package mutating func line(_ line: String = "") {
    guard !line.isEmpty else { return text += "\n" }
    if let place { text += "#line \(place)\n" }
    let width = 100 - 2 * depth
    guard line.utf8.count > width else { return add(line) }
    for part in Self.broken(line[...], width: width) { add(part) }
  }

  /// Adds a line as it is.
  private mutating func add(_ line: some StringProtocol) {
    for _ in 0..<depth { text += "  " }
    text += line
    text += "\n"
  }

  /// A line of code in parts that fit, each but the first indented; comments, directives and strings stay
  /// whole.
  private static func broken(_ line: Substring, width: Int) -> [Substring] {
    let bytes = Array(line.utf8)
    let isCode =
      bytes.first != UInt8(ascii: "#") && bytes.last != UInt8(ascii: "\\")
      && !bytes.contains(UInt8(ascii: "\""))
    guard bytes.count > width, isCode, lastEnd(of: "/*", in: bytes[...]) == nil else {
      return [line]
    }
    let signs: [StaticString] = [", ", "|| ", "&& ", "? ", "= "]
    let ends = signs.compactMap { lastEnd(of: $0, in: bytes[..<width]) }.filter { $0 > 12 }
    // Between arguments or terms if there is a place, else where a value begins.
    guard let end = ends.prefix(3).max() ?? ends.max() else { return [line] }
    let rest = "    " + String(decoding: bytes[end...], as: UTF8.self)
    let first = line.utf8.prefix(end - 1)
    return [Substring(first)] + broken(rest[...], width: width)
  }

  /// Where the last of such signs ends.
  private static func lastEnd(of sign: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
    sign.withUTF8Buffer { sign in
      var end = bytes.endIndex
      while end - sign.count >= bytes.startIndex {
        if bytes[end - 1] == sign[sign.count - 1],
          bytes[(end - sign.count)..<end].elementsEqual(sign)
        {
          return end
        }
        end -= 1
      }
      return nil
    }
  }

  /// Writes lines that debuggers are to take for a definition's line, if one is given.
  ///
  /// The place is a number, and a file in quotes; behind the lines comes the file `own` again.
  mutating func lines(from place: String?, own: String, _ body: (inout CWriter) -> Void) {
    guard let place else { return body(&self) }
    self.place = place
    body(&self)
    self.place = nil
    text += "#line \(Self.here) \"\(own)\"\n"
  }

  /// Stands for the number of a line that is not known until the whole text is.
  private static let here = "0"

  /// The text with the numbers of its own lines where they were not known.
  var numbered: String {
    let start = "#line \(Self.here) "
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
      $1.hasPrefix(start) ? "#line \($0 + 2) \($1.dropFirst(start.count))" : String($1)
    }.joined(separator: "\n")
  }

  /// Writes the body of a function, first that it does not use some of its parameters, if so.
  mutating func body(of parameters: [String], _ body: (inout CWriter) -> Void) {
    var inner = self
    inner.text = ""
    inner.depth += 1
    body(&inner)
    let names = parameters.map(CText.declared)
    var search = NameSearch(names)
    let used = search.found(in: inner.text)
    indented { writer in
      for name in names where !used.contains(name) { writer.line("(void)\(name);") }
    }
    text += inner.text
  }

  /// Writes constants that lines use, those of them that do, then the lines.
  mutating func using(_ constants: [(name: String, text: String)], _ body: (inout CWriter) -> Void)
  {
    var inner = self
    inner.text = ""
    body(&inner)
    var search = NameSearch(constants.map(\.name))
    let used = search.found(in: inner.text)
    for constant in constants where used.contains(constant.name) { line(constant.text) }
    text += inner.text
  }

  /// Writes lines that are indented one step further, between an opening and a closing one.
  package mutating func block(
    _ opening: String,
    closing: String = "}",
    _ body: (inout CWriter) -> Void
  ) {
    line(opening)
    depth += 1
    body(&self)
    depth -= 1
    line(closing)
  }

  /// Writes text as it is.
  package mutating func verbatim(_ lines: String) {
    text += lines
  }

  /// Writes lines that are indented one step further.
  package mutating func indented(_ body: (inout CWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// Writes a comment, broken into lines of at most a hundred columns.
  package mutating func comment(_ comment: String) {
    var lines: [String] = []
    var current = ""
    for word in comment.split(separator: " ") {
      if !current.isEmpty, current.utf8.count + word.utf8.count + 1 > 92 - 2 * depth {
        lines.append(current)
        current = ""
      }
      current += (current.isEmpty ? "" : " ") + word
    }
    lines.append(current)
    for (place, text) in lines.enumerated() {
      line((place == 0 ? "/* " : "   ") + text + (place == lines.count - 1 ? " */" : ""))
    }
  }

  /// Writes a heading between sections.
  mutating func section(_ title: String) {
    let rule = String(repeating: "-", count: max(4, 88 - title.count))
    line()
    line("/* ---- \(title) \(rule) */")
    line()
  }

  /// Writes a call or declaration, its arguments on further lines if they do not fit one.
  package mutating func list(_ opening: String, _ items: [String], _ closing: String) {
    let single = opening + items.joined(separator: ", ") + closing
    if single.utf8.count + 2 * depth <= 100 {
      line(single)
      return
    }
    line(opening)
    var current = ""
    for (place, item) in items.enumerated() {
      let next = item + (place == items.count - 1 ? closing : ",")
      if !current.isEmpty, current.utf8.count + next.utf8.count + 2 * depth + 5 > 100 {
        line("    " + current)
        current = ""
      }
      current += (current.isEmpty ? "" : " ") + next
    }
    line("    " + current)
  }
}
