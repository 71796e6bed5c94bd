internal import Rondo

/// A box with its letters.
struct GraphBox {
  /// The item.
  let item: Outline.Item
  /// What it is called.
  let name: String
  /// What is said below the name, as lines.
  let lines: [String]
  /// What it is an instance of, below that, as lines.
  let notes: [String]
  /// How wide it is.
  let width: Double

  /// The most letters of a line.
  private static let letters = 36

  /// Writes a box.
  init(_ item: Outline.Item, of items: [Outline.Item]) {
    self.item = item
    let declared = item.instance.map { items[$0] }
    let named = item.names.joined(separator: ", ")
    let whole = named.isEmpty ? item.kind.rawValue : named
    let limit = 190.0
    name = TextWidth.cut(whole, to: limit) { TextWidth.of($0, size: 12.5) }
    let text = item.kind == .generate ? "from " + item.text : item.text
    lines = item.text.isEmpty || item.text == whole ? [] : Self.wrapped(text)
    notes =
      declared.map { instance in
        let head = item.kind == .application ? "" : (instance.names.first ?? "") + " = "
        return Self.wrapped(head + instance.text, most: 2)
      } ?? []
    let word = DefinitionGraph.style(of: item)?.word ?? ""
    let head =
      TextWidth.of(name, size: 12.5) + (word == whole ? 0 : TextWidth.of(word, size: 11) + 18)
    let texts = (lines + notes).map { TextWidth.ofCode($0) }
    width = max(head, texts.max() ?? 0, 44) + 20
  }

  /// How high it is.
  var height: Double { 26 + 15 * Double(lines.count + notes.count) }

  /// All it says, in full.
  private var whole: String {
    let names = item.names.isEmpty ? item.kind.rawValue : item.names.joined(separator: ", ")
    return "line \(item.line): \(names)" + (item.text.isEmpty ? "" : " = \(item.text)")
  }

  /// Draws it with its middle and its upper edge there.
  func draw(_ x: Double, _ y: Double, on canvas: inout Canvas) {
    let style = DefinitionGraph.style(of: item)
    let left = x - width / 2
    canvas.rectangle(left, y, width, height, "box bound", radius: 6)
    canvas.rectangle(
      left,
      y,
      width,
      height,
      "box " + (style?.classes ?? ""),
      radius: 6,
      saying: whole
    )
    canvas.text(name, left + 10, y + 17, "bold", whole: whole)
    if let word = style?.word, word != name {
      canvas.text(word, left + width - 10, y + 17, "small faint end")
    }
    for (index, line) in lines.enumerated() {
      canvas.text(line, left + 10, y + 33 + 15 * Double(index), "code", whole: whole)
    }
    for (index, line) in notes.enumerated() {
      canvas.text(line, left + 10, y + 33 + 15 * Double(lines.count + index), "code faint")
    }
  }

  /// One line.
  private static func cut(_ text: String) -> String {
    text.count <= letters ? text : text.prefix(letters - 1) + "…"
  }

  /// An expression in lines, broken at its spaces as far as there are some.
  private static func wrapped(_ text: String, most: Int = 3) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= letters {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    guard lines.count > most else { return lines.map(cut) }
    return lines.prefix(most - 1).map(cut) + [
      cut(lines[(most - 1)...].joined(separator: " ") + " …")
    ]
  }
}
