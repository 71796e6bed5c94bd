/// A text that equals another only when their bytes do; Swift's own texts are equal when they look alike.
struct ExactString: Hashable, Sendable {
  /// The text.
  let text: String

  /// Takes a text.
  init(_ text: String) { self.text = text }

  /// Whether the bytes are the same.
  static func == (left: ExactString, right: ExactString) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Hashes the bytes.
  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(UInt8.max)
  }
}
