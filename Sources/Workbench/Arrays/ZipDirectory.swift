internal import ModelRuntime

/// The members of a zip file that are stored as they are.
struct ZipDirectory {
  /// A stored file.
  struct Member: Hashable {
    /// Its name.
    var name: String
    /// Where its bytes begin.
    var start: Int
    /// How many there are.
    var size: Int
  }

  /// The members in the order of the directory.
  let members: [Member]

  /// Reads the directory at the file's end.
  init(_ file: Platform.OpenFile) throws(RuntimeError) {
    func wrong(_ reason: String) -> RuntimeError { RuntimeError("\(quoted(file.path)) \(reason)") }
    // The end's record has 22 bytes and a comment of at most 65,535.
    let tailStart = max(0, file.size - 22 - 65_535)
    let tail = Record(bytes: try file.bytes(at: tailStart, count: file.size - tailStart))
    guard let end = tail.last(0x0605_4b50), var count = tail.number(end + 10, 2),
      var size = tail.number(end + 12, 4), var start = tail.number(end + 16, 4)
    else { throw wrong("is no zip file, which .npz is") }
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
      guard tail.number(end - 20, 4) == 0x0706_4b50, let place = tail.number(end - 12, 8),
        place >= 0, place <= file.size - 56
      else { throw wrong("has a zip directory that cannot be read") }
      let large = Record(bytes: try file.bytes(at: place, count: 56))
      guard large.number(0, 4) == 0x0606_4b50, let number = large.number(32, 8),
        let bytes = large.number(40, 8), let first = large.number(48, 8)
      else { throw wrong("has a zip directory that cannot be read") }
      (count, size, start) = (number, bytes, first)
    }
    guard start >= 0, size >= 0, size <= 1 << 26, start <= file.size - size else {
      throw wrong("has a zip directory that cannot be read")
    }
    let directory = Record(bytes: try file.bytes(at: start, count: size))
    var members: [Member] = []
    var place = 0
    for _ in 0..<count {
      guard directory.number(place, 4) == 0x0201_4b50, let flags = directory.number(place + 8, 2),
        let method = directory.number(place + 10, 2), var stored = directory.number(place + 20, 4),
        let nameLength = directory.number(place + 28, 2),
        let extraLength = directory.number(place + 30, 2),
        let commentLength = directory.number(place + 32, 2),
        var local = directory.number(place + 42, 4),
        let name = directory.text(place + 46, nameLength)
      else { throw wrong("has a zip directory that cannot be read") }
      guard method == 0, flags & 1 == 0 else {
        throw RuntimeError(
          .unsupported,
          "\(quoted(file.path)): \(quoted(name)) is \(method == 0 ? "encrypted" : "compressed"), and "
            + "only stored arrays are read",
          hint: "write it by np.savez, not np.savez_compressed"
        )
      }
      var extra = place + 46 + nameLength
      let extraEnd = extra + extraLength
      while extra + 4 <= extraEnd, let kind = directory.number(extra, 2),
        let length = directory.number(extra + 2, 2)
      {
        var field = extra + 4
        if kind == 1 {
          // The uncompressed size stands first, if it too is too large for four bytes.
          if directory.number(place + 24, 4) == 0xffff_ffff { field += 8 }
          if stored == 0xffff_ffff {
            stored = directory.number(field, 8) ?? -1
            field += 8
          }
          if local == 0xffff_ffff { local = directory.number(field, 8) ?? -1 }
        }
        extra += 4 + length
      }
      guard local >= 0, local <= file.size - 30 else {
        throw wrong("has a zip directory that cannot be read")
      }
      // The name and the extra fields stand again before the bytes, and need not be as long.
      let head = Record(bytes: try file.bytes(at: local, count: 30))
      guard head.number(0, 4) == 0x0403_4b50, let ownName = head.number(26, 2),
        let ownExtra = head.number(28, 2)
      else { throw wrong("has a zip directory that cannot be read") }
      let first = local + 30 + ownName + ownExtra
      guard stored >= 0, first <= file.size, stored <= file.size - first else {
        throw wrong("ends within \(quoted(name))")
      }
      members.append(Member(name: name, start: first, size: stored))
      place = extraEnd + commentLength
    }
    self.members = members
  }
}

/// Bytes in which little-endian numbers stand at places.
private struct Record {
  /// The bytes.
  let bytes: [UInt8]

  /// A number at a place; nil where there is none, or it is too large.
  func number(_ place: Int, _ size: Int) -> Int? {
    guard place >= 0, place <= bytes.count - size else { return nil }
    let value = bytes[place..<place + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  /// A name at a place.
  func text(_ place: Int, _ count: Int) -> String? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    return String(validating: bytes[place..<place + count], as: UTF8.self)
  }

  /// The last place where a number of four bytes stands.
  func last(_ number: Int) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for place in stride(from: bytes.count - 4, through: 0, by: -1)
    where self.number(place, 4) == number {
      return place
    }
    return nil
  }
}
