/// Names that are looked for in texts of C, each until it is found.
///
/// Texts are long and names few, so that a word is told from them by its ends and its length alone, but
/// for those that are alike.
struct NameSearch {
  /// The names not found yet, by `place(of:)`.
  private var open = [[String]](repeating: [], count: 256)

  /// Looks for identifiers.
  init(_ names: some Sequence<String>) {
    for var name in names where !name.isEmpty {
      let place = name.withUTF8 { Self.place(of: $0) }
      open[place].append(name)
    }
  }

  /// The names that a text mentions outside of comments and no text before did, in the text's order.
  mutating func found(in text: String) -> [String] {
    var found: [String] = []
    var text = text
    text.withUTF8 { bytes in
      var place = 0
      while place < bytes.count {
        if Self.isPart(bytes[place]) {
          let start = place
          while place < bytes.count, Self.isPart(bytes[place]) { place += 1 }
          let word = UnsafeBufferPointer(rebasing: bytes[start..<place])
          let bucket = Self.place(of: word)
          guard !open[bucket].isEmpty else { continue }
          if let index = open[bucket].firstIndex(where: { $0.utf8.elementsEqual(word) }) {
            found.append(open[bucket].remove(at: index))
          }
        } else {
          place = Self.endOfComment(bytes, at: place) ?? place + 1
        }
      }
    }
    return found
  }

  /// Where a comment that begins at a place ends; nil if none does.
  @inline(__always)
  private static func endOfComment(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    guard bytes[start] == UInt8(ascii: "/"), start + 1 < bytes.count,
      bytes[start + 1] == UInt8(ascii: "*")
    else { return nil }
    var place = start + 3
    while place < bytes.count,
      bytes[place] != UInt8(ascii: "/") || bytes[place - 1] != UInt8(ascii: "*")
    {
      place += 1
    }
    return place + 1
  }

  /// Whether a byte may stand in an identifier.
  @inline(__always)
  private static func isPart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
  }

  /// A number from 0 to 255 that depends on the word's ends and its length, which is not 0.
  @inline(__always)
  private static func place(of word: UnsafeBufferPointer<UInt8>) -> Int {
    (Int(word[0]) * 31 + Int(word[word.count - 1]) * 7 + word.count) & 255
  }
}
