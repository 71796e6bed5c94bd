internal import ModelRuntime

/// What stands before the elements of a `.npy` array: a mark, a version, and a dictionary as Python
/// writes it.
enum NumPyHeader {
  /// The array that stands in a part of a file.
  static func array(
    _ name: String,
    in file: Platform.OpenFile,
    from start: Int,
    size: Int
  ) throws(RuntimeError) -> NumberArray {
    func wrong(_ reason: String) -> RuntimeError {
      let place = name.isEmpty ? "" : ": \(quoted(name))"
      return RuntimeError("\(quoted(file.path))\(place) \(reason)")
    }
    guard size >= 12 else { throw wrong("is too short for a NumPy array") }
    let head = try file.bytes(at: start, count: 12)
    guard head.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw wrong("is no NumPy array") }
    guard (1...3).contains(head[6]) else {
      throw wrong("is a NumPy array of version \(head[6]), and 1 to 3 are read")
    }
    let isShort = head[6] == 1
    let length = head[8..<(isShort ? 10 : 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let first = isShort ? 10 : 12
    guard length <= size - first, length <= 1 << 20 else { throw wrong("ends within its header") }
    let bytes = try file.bytes(at: start + first, count: length)
    let text = String(decoding: bytes, as: UTF8.self)
    guard let type = value(of: "descr", in: text), let order = value(of: "fortran_order", in: text),
      let extents = value(of: "shape", in: text)
    else { throw wrong("has no NumPy header that can be read") }
    guard order.hasPrefix("False") else {
      throw wrong("is stored in Fortran's order; write it by np.ascontiguousarray")
    }
    let code = String(type.dropFirst().prefix { $0 != "'" })
    guard let element = elements[code] else {
      throw RuntimeError(
        .unsupported,
        wrong("has elements of type \(quoted(code))").message,
        hint: "convert it: .astype(np.float32) or .astype(np.int32)"
      )
    }
    var shape: [Int] = []
    for part in extents.dropFirst().prefix(while: { $0 != ")" }).split(separator: ",") {
      let digits = part.filter { $0 != " " && $0 != "L" }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0 else {
        throw wrong("has a shape that cannot be read")
      }
      shape.append(extent)
    }
    let array = try NumberArray(
      name,
      shape: shape,
      element: element,
      in: file,
      at: start + first + length
    )
    guard array.byteCount == size - first - length else {
      throw wrong("does not fill its \(size - first - length) bytes with shape \(shape)")
    }
    return array
  }

  /// What stands after a key of the dictionary.
  private static func value(of key: String, in text: String) -> Substring? {
    guard let range = text.firstRange(of: "'\(key)':") else { return nil }
    return text[range.upperBound...].drop { $0 == " " }
  }

  /// The element types that are read.
  private static let elements: [String: NumberArray.Element] = [
    "<f8": .float64, "<f4": .float32, "<f2": .float16, "<i8": .int64, "<i4": .int32, "<i2": .int16,
    "|i1": .int8, "<u8": .uint64, "<u4": .uint32, "<u2": .uint16, "|u1": .uint8, "|b1": .uint8,
  ]
}
