/// Lines of C with their indentation; it knows nothing of what they mean.
struct CWriter {
  /// The text so far.
  private(set) var text = ""
  private var depth = 0

  /// Writes a line, or an empty one.
  mutating func line(_ line: String = "") {
    if line.isEmpty {
      text += "\n"
    } else {
      text += String(repeating: "  ", count: depth) + line + "\n"
    }
  }

  /// Writes lines that are indented one step further, between an opening and a closing one.
  mutating func block(_ opening: String, closing: String = "}", _ body: (inout CWriter) -> Void) {
    line(opening)
    depth += 1
    body(&self)
    depth -= 1
    line(closing)
  }

  /// Writes text as it is.
  mutating func verbatim(_ lines: String) {
    text += lines
  }

  /// Writes lines that are indented one step further.
  mutating func indented(_ body: (inout CWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// Writes a comment, broken into lines of at most a hundred columns.
  mutating func comment(_ comment: String) {
    var lines: [String] = []
    var current = ""
    for word in comment.split(separator: " ") {
      if !current.isEmpty, current.count + word.count + 1 > 92 - 2 * depth {
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
  mutating func list(_ opening: String, _ items: [String], _ closing: String) {
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
