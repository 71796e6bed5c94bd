/// A drawing as SVG: it stands in a page whose style is `PictureStyle`, or alone.
package struct Picture: Hashable, Sendable {
  /// What it shows, for those who do not see it.
  package var title: String
  /// How wide it is, in pixels of a common screen.
  package var width: Double
  /// How high it is.
  package var height: Double
  /// Its elements as text.
  package var body: String

  /// The text within a page.
  package var inline: String { text(" aria-label=\"\(Markup.escaped(title))\"", "") }

  /// The text of a file.
  package var file: String {
    let paper = "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>"
    return text(
      "",
      """
      <title>\(Markup.escaped(title))</title>
      <style>
      \(PictureStyle.text)
      </style>
      \(paper)

      """
    )
  }

  /// The picture, with more attributes and with what comes first in it.
  private func text(_ attributes: String, _ head: String) -> String {
    let (width, height) = (Canvas.number(width), Canvas.number(height))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" \
      viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)"\(attributes)>
      \(head)\(body)
      </svg>

      """
  }
}

/// Texts within HTML and XML.
enum Markup {
  /// A text with what means something to the reader of a page written otherwise.
  ///
  /// Control characters have no place in XML 1.0, however written.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\u{0}"..<" ", "\u{7f}", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Bytes in the 64 letters that an address may have (RFC 4648, section 4).
  static func base64(_ bytes: some Collection<UInt8>) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let three = rest.prefix(3)
      rest = rest.dropFirst(3)
      let bits = three.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - three.count))
      for place in 0...three.count { text.append(letters[bits >> (18 - 6 * place) & 63]) }
      for _ in three.count..<3 { text.append(UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
