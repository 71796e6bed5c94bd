package import ModelRuntime

/// Writes arrays as `np.savez` does: `.npy` arrays stored in a zip file.
package enum NumPyWriter {
  /// An array to write.
  package struct Member: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Its extents.
    package var shape: [Int]
    /// Its elements, each a little-endian number of four bytes.
    package var bytes: [UInt8]
    /// Whether these are whole numbers.
    package var isWhole: Bool

    /// An array of real numbers.
    package init(_ name: String, shape: [Int], _ numbers: [Float]) {
      self.init(name, shape: shape, bits: numbers.map(\.bitPattern), isWhole: false)
    }

    /// An array of whole numbers.
    package init(_ name: String, shape: [Int], _ numbers: [Int32]) {
      self.init(name, shape: shape, bits: numbers.map { UInt32(bitPattern: $0) }, isWhole: true)
    }

    /// Puts the elements into bytes.
    private init(_ name: String, shape: [Int], bits: [UInt32], isWhole: Bool) {
      self.name = name
      self.shape = shape
      self.isWhole = isWhole
      bytes = bits.flatMap { NumPyWriter.number(Int($0), 4) }
    }

    /// The array as a file of its own: the elements begin at a multiple of 64.
    var file: [UInt8] {
      // As Python writes a tuple: one element keeps its comma.
      let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
      let type = isWhole ? "<i4" : "<f4"
      var head = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
      head += String(repeating: " ", count: (64 - (10 + head.utf8.count + 1) % 64) % 64) + "\n"
      let mark: [UInt8] = [0x93] + "NUMPY".utf8 + [1, 0]
      return mark + NumPyWriter.number(head.utf8.count, 2) + head.utf8 + bytes
    }
  }

  /// The bytes of a file with these arrays: same arrays, same bytes.
  package static func npz(_ arrays: [Member]) throws(RuntimeError) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for array in arrays {
      let (bytes, name) = (array.file, [UInt8]((array.name + ".npy").utf8))
      guard file.count + bytes.count < 0xffff_0000 else {
        throw RuntimeError(.unsupported, "the arrays have more than four gigabytes together")
      }
      // Version, flags (a name in UTF-8), method, time and date, checksum, sizes, lengths of name and extra.
      let common =
        number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
        + number(Int(checksum(bytes)), 4) + number(bytes.count, 4) + number(bytes.count, 4)
        + number(name.count, 2) + number(0, 2)
      directory += number(0x0201_4b50, 4) + number(20, 2) + common
      directory += number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(file.count, 4)
      directory += name
      file += number(0x0403_4b50, 4) + common + name + bytes
    }
    let counts = number(arrays.count, 2) + number(arrays.count, 2)
    return file + directory + number(0x0605_4b50, 4) + number(0, 4) + counts
      + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
  }

  /// A little-endian number of so many bytes.
  fileprivate static func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// The checksum of a zip file's members, CRC-32.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    return ~sum
  }

  /// What each byte does to it.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
  }
}
