/// A checksum that stands inside the text it is about: SHA-256 in 64 hexadecimal digits, with zeros in
/// their place while it is computed.
///
/// So a file of somebody else's form, JSON or safetensors, is held against damage as a whole, and stays
/// a file of that form.
package enum Checksum {
  /// What stands in the place while the rest is written.
  package static let blank = String(repeating: "0", count: 64)

  /// Puts the checksum into its place: the first blank in `head`, a part of the bytes.
  package static func fill(_ bytes: inout [UInt8], in head: Range<Int>) {
    guard let place = place(of: blank, in: bytes, head) else { return }
    bytes.replaceSubrange(place, with: SHA256.hex(of: bytes).utf8)
  }

  /// Whether a checksum that was found in `head` is that of all the bytes.
  package static func agrees(_ checksum: String, with bytes: [UInt8], in head: Range<Int>) -> Bool {
    guard checksum.utf8.count == blank.utf8.count,
      let place = place(of: checksum, in: bytes, head)
    else { return false }
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<place.lowerBound])) }
    hash.update(blank)
    bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[place.upperBound...])) }
    return hash.hex() == checksum
  }

  /// Where the digits stand first.
  private static func place(of digits: String, in bytes: [UInt8], _ head: Range<Int>) -> Range<Int>?
  {
    let wanted = Array(digits.utf8)
    // In quotes, because an array's numbers could be as many zeros.
    let quote = UInt8(ascii: "\"")
    var start = head.lowerBound
    while let open = bytes[start..<head.upperBound].firstIndex(of: quote) {
      let place = open + 1..<open + 1 + wanted.count
      guard place.upperBound < head.upperBound else { return nil }
      if bytes[place.upperBound] == quote, bytes[place].elementsEqual(wanted) { return place }
      start = open + 1
    }
    return nil
  }
}
