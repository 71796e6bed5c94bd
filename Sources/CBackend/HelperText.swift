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
    pieces = text.split(separator: "\n\n", omittingEmptySubsequences: true).map { piece in
      var code = piece.drop { $0 == "\n" }
      let start = code
      if code.hasPrefix("/*"), let end = code.firstRange(of: "*/") {
        code = code[end.upperBound...].drop { $0 == "\n" }
      }
      return Piece(
        text: String(start) + (start.hasSuffix("\n") ? "" : "\n"),
        name: Self.name(code),
        isHeading: code.isEmpty && start.hasPrefix("/* ----")
      )
    }
  }

  /// What a piece of code defines.
  private static func name(_ code: Substring) -> String? {
    let line = code.prefix { $0 != "\n" }
    if line.hasPrefix("typedef struct ") { return String(line.split(separator: " ")[2]) }
    let isOptional =
      line.hasPrefix("INLINE ") || line.hasPrefix("UNUSED ") || line.contains(" UNUSED =")
    guard isOptional else { return nil }
    let head = line.prefix { $0 != "(" && $0 != "[" }
    return head.split { $0 == " " || $0 == "*" }.last.map(String.init)
  }

  /// The text without what neither the user's words nor anything kept mentions.
  func used(by words: Set<String>) -> String {
    var isKept = pieces.map { $0.name == nil && !$0.isHeading }
    var places: [String: Int] = [:]
    for (place, piece) in pieces.enumerated() { piece.name.map { places[$0] = place } }
    var open = pieces.indices.filter { isKept[$0] || pieces[$0].name.map(words.contains) == true }
    while let place = open.popLast() {
      isKept[place] = true
      for word in CText.words(pieces[place].text) {
        if let other = places[word], !isKept[other] { open.append(other) }
      }
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
