/// Helper functions as text, of which a model is given those it uses.
struct HelperText {
  /// A function, type or constant with its comment, or what stands between them.
  private struct Piece {
    /// The text.
    var text: String
    /// What it is called; nothing for what is always needed.
    var name: String?
    /// Whether it is the heading of a section.
    var isHeading: Bool
  }

  private let pieces: [Piece]

  /// Cuts a text at its empty lines.
  ///
  /// What is written `INLINE`, `UNUSED` or `typedef struct` can be left out.
  init(_ text: String) {
    let bytes = Array(text.utf8)
    let newline = UInt8(ascii: "\n")
    var pieces: [Piece] = []
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count,
        bytes[end] != newline || end + 1 == bytes.count || bytes[end + 1] != newline
      {
        end += 1
      }
      if end > start { pieces.append(Self.piece(bytes[start..<end])) }
      start = end + 2
    }
    self.pieces = pieces
  }

  /// A part between two empty lines.
  private static func piece(_ bytes: ArraySlice<UInt8>) -> Piece {
    let newline = UInt8(ascii: "\n")
    let text = bytes.drop { $0 == newline }
    var code = text
    if code.starts(with: "/*".utf8) {
      let places = code.indices.dropFirst()
      let end = places.first { code[$0] == UInt8(ascii: "/") && code[$0 - 1] == UInt8(ascii: "*") }
      if let end { code = code[(end + 1)...].drop { $0 == newline } }
    }
    let line = String(decoding: code.prefix { $0 != newline }, as: UTF8.self)
    return Piece(
      text: String(decoding: text, as: UTF8.self) + (text.last == newline ? "" : "\n"),
      name: name(line),
      isHeading: code.isEmpty && text.starts(with: "/* ----".utf8)
    )
  }

  /// What a piece of code defines that begins with a line.
  private static func name(_ line: String) -> String? {
    if line.hasPrefix("typedef struct ") { return String(line.split(separator: " ")[2]) }
    let isOptional =
      line.hasPrefix("INLINE ") || line.hasPrefix("UNUSED ") || line.contains(" UNUSED =")
    guard isOptional else { return nil }
    let head = line.prefix { $0 != "(" && $0 != "[" }
    return head.split { $0 == " " || $0 == "*" }.last.map(String.init)
  }

  /// The text without what neither the user's texts nor anything kept mentions.
  func used(by texts: [String]) -> String {
    var isKept = pieces.map { $0.name == nil && !$0.isHeading }
    var places: [String: Int] = [:]
    for (place, piece) in pieces.enumerated() { piece.name.map { places[$0] = place } }
    var search = NameSearch(places.keys)
    var open = pieces.indices.filter { isKept[$0] }
    for text in texts { open += search.found(in: text).compactMap { places[$0] } }
    while let place = open.popLast() {
      isKept[place] = true
      open += search.found(in: pieces[place].text).compactMap { places[$0] }
    }
    // A heading stays if anything of its section does.
    var isFollowed = false
    for place in pieces.indices.reversed() {
      if pieces[place].isHeading {
        isKept[place] = isFollowed
        isFollowed = false
      } else {
        isFollowed = isFollowed || isKept[place]
      }
    }
    return pieces.indices.filter { isKept[$0] }.map { pieces[$0].text }.joined(separator: "\n")
  }
}
