/// Collects the elements of a picture.
struct Canvas {
  /// A place, to the right and down.
  struct Point: Hashable, Sendable {
    /// To the right.
    var x: Double
    /// Down.
    var y: Double
  }

  /// The elements so far.
  private var elements: [String] = []

  /// The picture of what was drawn.
  func picture(_ title: String, width: Double, height: Double) -> Picture {
    Picture(
      title: title,
      width: width,
      height: height,
      body: elements.joined(separator: "\n")
    )
  }

  /// Letters at a place; the whole of what was cut is told to who points at it.
  mutating func text(
    _ text: String,
    _ x: Double,
    _ y: Double,
    _ classes: String = "",
    whole: String? = nil,
    turned: Bool = false
  ) {
    let place = turned ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
    elements.append(
      "<text\(Self.classes(classes)) x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(place)>"
        + Self.title(whole == text ? nil : whole) + Markup.escaped(text) + "</text>"
    )
  }

  /// The space between two rows of letters.
  static let row = 18.0

  /// A title with a line below it, if there is one, both as long as there is room; gives the last row's place.
  mutating func head(_ title: String, _ note: String?, width: Double) -> Double {
    let cut = TextWidth.cut(title, to: width - 10) { TextWidth.of($0, size: 15) }
    text(cut, 4, 20, "head", whole: title)
    guard let note else { return 20 }
    text(TextWidth.cut(note, to: width - 10), 4, 20 + Self.row, "faint", whole: note)
    return 20 + Self.row
  }

  /// A rectangle, and what it says when pointed at.
  mutating func rectangle(
    _ x: Double,
    _ y: Double,
    _ width: Double,
    _ height: Double,
    _ classes: String,
    radius: Double = 0,
    opacity: Double? = nil,
    saying text: String? = nil
  ) {
    let places = [("x", x), ("y", y), ("width", max(0, width)), ("height", max(0, height))].map {
      "\($0.0)=\"\(Self.number($0.1))\""
    }
    let rounding = radius > 0 ? " rx=\"\(Self.number(radius))\"" : ""
    let fill = opacity.map { " fill-opacity=\"\(Self.number($0))\"" } ?? ""
    let title = Self.title(text)
    elements.append(
      "<rect\(Self.classes(classes)) \(places.joined(separator: " "))\(rounding)\(fill)"
        + (title.isEmpty ? "/>" : ">\(title)</rect>")
    )
  }

  /// A straight line.
  mutating func line(_ start: Point, _ end: Point, _ classes: String) {
    let places = [("x1", start.x), ("y1", start.y), ("x2", end.x), ("y2", end.y)].map {
      "\($0.0)=\"\(Self.number($0.1))\""
    }
    elements.append("<line\(Self.classes(classes)) \(places.joined(separator: " "))/>")
  }

  /// A line through points.
  mutating func curve(_ points: [Point], _ classes: String) {
    let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
    elements.append(
      "<polyline\(Self.classes(classes)) points=\"\(places.joined(separator: " "))\"/>"
    )
  }

  /// An area within points.
  mutating func area(_ points: [Point], _ classes: String) {
    let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
    elements.append(
      "<polygon\(Self.classes(classes)) points=\"\(places.joined(separator: " "))\"/>"
    )
  }

  /// A path, and what it says when pointed at.
  mutating func path(_ data: String, _ classes: String, saying text: String? = nil) {
    let title = Self.title(text)
    elements.append(
      "<path\(Self.classes(classes)) d=\"\(data)\"" + (title.isEmpty ? "/>" : ">\(title)</path>")
    )
  }

  /// A dot, and what it says when pointed at.
  mutating func dot(
    _ place: Point,
    _ radius: Double,
    _ classes: String,
    saying text: String? = nil
  ) {
    let title = Self.title(text)
    elements.append(
      "<circle\(Self.classes(classes)) cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\""
        + " r=\"\(Self.number(radius))\"" + (title.isEmpty ? "/>" : ">\(title)</circle>")
    )
  }

  /// A number with at most two digits after the point.
  static func number(_ value: Double) -> String {
    guard !value.isNaN else { return "0" }
    let hundredths = Int((min(max(value, -1e12), 1e12) * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return sign + "\(whole)" }
    return sign + "\(whole)."
      + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
  }

  private static func classes(_ classes: String) -> String {
    classes.isEmpty ? "" : " class=\"\(classes)\""
  }

  private static func title(_ text: String?) -> String {
    text.map { "<title>\(Markup.escaped($0))</title>" } ?? ""
  }
}

/// How wide letters are, without asking the one who will draw them: rather too wide than too narrow.
enum TextWidth {
  /// The width of a text in letters without serifs.
  static func of(_ text: String, size: Double = 12) -> Double {
    size * text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// The width of a text in letters of one width.
  static func ofCode(_ text: String, size: Double = 11) -> Double {
    size * text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 0.615 : width($1)) }
  }

  /// A text as far as a width holds it, with `…` where it was cut.
  static func cut(
    _ text: String,
    to limit: Double,
    _ measure: (String) -> Double = { TextWidth.of($0) }
  ) -> String {
    guard measure(text) > limit else { return text }
    // Whole characters, so that no accent is left without its letter.
    var characters = Array(text.prefix(1000))
    while characters.count > 1, measure(String(characters) + "…") > limit {
      characters.removeLast()
    }
    return String(characters) + "…"
  }

  /// The width of a letter at size 1.
  private static func width(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ": 0.4
    case "f", "r", "t", "-", "/", "\"": 0.45
    case "m", "w", "M", "W", "%", "@", "…": 1.0
    case "A"..."Z": 0.74
    case "\u{300}"..."\u{36f}", "\u{200b}"..."\u{200f}", "\u{fe00}"..."\u{fe0f}": 0
    case ..<"\u{1100}": 0.64
    case "\u{2000}"..."\u{2bff}": 0.75
    default: 1.1
    }
  }
}
