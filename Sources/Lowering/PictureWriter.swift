/// Collects the text of an SVG picture that stands alone and reads well on light and on dark paper.
struct PictureWriter {
  private var lines: [String] = []

  /// What is drawn, in a picture of this size.
  func text(width: Double, height: Double, title: String) -> String {
    let size = "\(Self.number(width)) \(Self.number(height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Self.number(width))">
      <title>\(Self.escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      <rect class="paper" width="100%" height="100%"/>
      \(lines.joined(separator: "\n"))
      </svg>

      """
  }

  /// Colours by the reader's paper, and letters.
  private static let style = """
    svg { --paper: #ffffff; --ink: #1d2129; --faint: #6a7280; --rule: #e3e6eb; --loop: #eef1f6;
      --curve: #b3123f; --rich: 62%; --fill: 84%; --edge: 45%; --word: 18%;
      font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    @media (prefers-color-scheme: dark) { svg { --paper: #15171c; --ink: #e6e8ec; --faint: #9aa2b1;
      --rule: #2b2f38; --loop: #20242d; --curve: #ff7d9c; --rich: 40%; --fill: 28%; --edge: 58%;
      --word: 92%; } }
    text { fill: var(--ink); }
    .paper { fill: var(--paper); }
    .head { font-size: 15px; font-weight: 600; }
    .faint { fill: var(--faint); }
    .small { font-size: 10.5px; }
    .left { text-anchor: end; }
    .middle { text-anchor: middle; }
    .rule { stroke: var(--rule); }
    .axis { stroke: var(--faint); }
    .loop { fill: var(--loop); }
    .statement { fill: var(--rule); }
    .statement:hover { fill: var(--faint); }
    .buffer { fill: hsl(var(--hue) var(--rich) var(--fill)); stroke: hsl(var(--hue) 45% var(--edge));
      stroke-width: 0.7; }
    .buffer:hover { stroke-width: 2; }
    .word { fill: hsl(var(--hue) 40% var(--word)); font-size: 10.5px; pointer-events: none; }
    .curve { fill: none; stroke: var(--curve); stroke-width: 1.6; pointer-events: none; }
    .level { stroke: var(--curve); stroke-dasharray: 5 4; pointer-events: none; }
    .mark { fill: var(--curve); }
    """

  /// Letters at a place, of these classes.
  mutating func write(
    _ text: String,
    _ x: Double,
    _ y: Double,
    _ classes: String = "",
    hue: Int? = nil
  ) {
    lines.append(
      "<text\(Self.attributes(classes, hue)) x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">"
        + "\(Self.escaped(text))</text>"
    )
  }

  /// A rectangle, and what it says when pointed at.
  mutating func rectangle(
    _ x: Double,
    _ y: Double,
    _ width: Double,
    _ height: Double,
    _ classes: String,
    hue: Int? = nil,
    saying text: String? = nil
  ) {
    let places = [("x", x), ("y", y), ("width", width), ("height", height)].map {
      "\($0.0)=\"\(Self.number($0.1))\""
    }
    let title = text.map { "<title>\(Self.escaped($0))</title></rect>" }
    lines.append(
      "<rect\(Self.attributes(classes, hue)) \(places.joined(separator: " "))"
        + (title.map { ">" + $0 } ?? "/>")
    )
  }

  /// A straight line.
  mutating func line(
    from start: (x: Double, y: Double),
    to end: (x: Double, y: Double),
    _ classes: String
  ) {
    let places = [("x1", start.x), ("y1", start.y), ("x2", end.x), ("y2", end.y)].map {
      "\($0.0)=\"\(Self.number($0.1))\""
    }
    lines.append("<line\(Self.attributes(classes, nil)) \(places.joined(separator: " "))/>")
  }

  /// A line through points.
  mutating func curve(_ points: [(x: Double, y: Double)], _ classes: String) {
    let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
    lines.append(
      "<polyline\(Self.attributes(classes, nil)) points=\"\(places.joined(separator: " "))\"/>"
    )
  }

  /// A dot.
  mutating func dot(_ x: Double, _ y: Double, _ classes: String) {
    lines.append(
      "<circle\(Self.attributes(classes, nil)) cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"3.5\"/>"
    )
  }

  private static func attributes(_ classes: String, _ hue: Int?) -> String {
    (classes.isEmpty ? "" : " class=\"\(classes)\"") + (hue.map { " style=\"--hue: \($0)\"" } ?? "")
  }

  /// A number with at most one digit after the point.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
    return sign + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
