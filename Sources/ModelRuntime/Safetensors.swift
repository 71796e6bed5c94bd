/// Weights in the safetensors form: eight bytes of the header's length, a header in JSON, the data.
///
/// Files come from strangers: any bytes give a value or an error. The format's own rules are held
/// (no holes, no overlap, nothing after the data), and what it leaves open is refused.
///
/// The format has no checksum, so a flipped bit of the data is just another number. Files written here
/// have one in their metadata, which is held when it is there; it is about the whole file.
public struct Safetensors: Hashable, Sendable {
  /// An array in the file.
  public struct Tensor: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The element's type as the format calls it, such as `F32`.
    public var element: String
    /// The extents; empty for one number.
    public var shape: [Int]
    /// The elements as they stand in the file, little-endian.
    public var data: ArraySlice<UInt8>
  }

  /// The arrays, in the order of the header.
  public private(set) var tensors: [Tensor]
  /// Names and texts without meaning to us, in the order of the header.
  public private(set) var metadata: [(name: String, text: String)]

  /// The metadata's name of the `Checksum`.
  private static let checksumName = "rondo.checksum"
  /// The metadata's name of what says that there must be a checksum, since one that is damaged may have
  /// lost its own name.
  private static let formName = "rondo.form"
  /// What it says.
  private static let form = "1"

  /// The longest header that is read, in bytes.
  public static let headerLimit = 100_000_000

  /// Reads a file's contents.
  ///
  /// - Throws: `RuntimeError`, saying which rule of the format is broken, and by which array.
  public init(_ bytes: [UInt8]) throws(RuntimeError) {
    guard bytes.count >= 8 else {
      throw RuntimeError("the weights have \(bytes.count) bytes, and a header's length takes 8")
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.headerLimit else {
      throw RuntimeError("the weights' header has \(length) bytes, more than \(Self.headerLimit)")
    }
    guard length <= bytes.count - 8 else {
      throw RuntimeError(
        "the weights end within their header: \(length) bytes are announced, "
          + "\(bytes.count - 8) there"
      )
    }
    let header = bytes[8..<8 + Int(length)]
    guard header.first == UInt8(ascii: "{") else {
      throw RuntimeError("the weights' header does not begin with a brace")
    }
    guard case .object(let members) = try JSONText(header) else {
      throw RuntimeError("the weights' header is no object")
    }
    tensors = []
    metadata = []
    let data = bytes[(8 + Int(length))...]
    for member in members {
      if member.name == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        tensors.append(try Self.tensor(member, data))
      }
    }
    try Self.checkCover(tensors, data)
    try takeChecksum(of: bytes, header: header.indices)
  }

  /// Holds the file against its checksum and takes that out of the metadata.
  private mutating func takeChecksum(
    of bytes: [UInt8],
    header: Range<Int>
  ) throws(RuntimeError) {
    let checksum = metadata.first { $0.name == Self.checksumName }?.text
    let form = metadata.first { $0.name == Self.formName }
    if let form, form.text != Self.form {
      throw RuntimeError(
        .unsupported,
        "the weights are of the form \(quoted(form.text)), and \(quoted(Self.form)) is read",
        hint: "read them by the newer version that wrote them"
      )
    }
    guard checksum != nil || form != nil else { return }
    guard let checksum, Checksum.agrees(checksum, with: bytes, in: header) else {
      throw RuntimeError(
        "the weights are damaged: their checksum does not agree",
        hint: "if another program changed them on purpose, it must leave out the metadata "
          + "\(Self.checksumName) and \(Self.formName)"
      )
    }
    metadata.removeAll { $0.name == Self.checksumName || $0.name == Self.formName }
  }

  /// The array of that name.
  public subscript(name: String) -> Tensor? {
    tensors.first { $0.name == name }
  }

  /// Metadata: names and texts only.
  private static func metadata(
    _ value: JSONText
  ) throws(RuntimeError) -> [(name: String, text: String)] {
    guard case .object(let members) = value else {
      throw RuntimeError("the weights' metadata is no object")
    }
    return try members.map { member throws(RuntimeError) in
      guard case .string(let text) = member.value else {
        throw RuntimeError("the weights' metadata \(quoted(member.name)) is no text")
      }
      return (member.name, text)
    }
  }

  /// One array's description, checked against the data.
  private static func tensor(
    _ member: JSONText.Member,
    _ data: ArraySlice<UInt8>
  ) throws(RuntimeError) -> Tensor {
    let name = quoted(member.name)
    guard !member.name.isEmpty, member.name.utf8.count <= 4096,
      member.name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { throw RuntimeError("an array's name is empty, too long or has control characters") }
    guard case .object(let parts) = member.value else {
      throw RuntimeError("the description of \(name) is no object")
    }
    func part(_ key: String) -> JSONText? { parts.first { $0.name == key }?.value }
    if let other = parts.first(where: { !["dtype", "shape", "data_offsets"].contains($0.name) }) {
      throw RuntimeError("the description of \(name) has a member \(quoted(other.name))")
    }
    guard case .string(let element)? = part("dtype"), let bits = elementBits[element] else {
      throw RuntimeError("\(name) has no element type that is known")
    }
    guard case .array(let extents)? = part("shape"), extents.count <= 32 else {
      throw RuntimeError("\(name) has no shape, or one of more than 32 dimensions")
    }
    let shape = extents.compactMap(\.count)
    guard shape.count == extents.count else {
      throw RuntimeError("the shape of \(name) is not of whole numbers")
    }
    guard case .array(let ends)? = part("data_offsets"), ends.count == 2,
      let start = ends[0].count, let end = ends[1].count
    else { throw RuntimeError("\(name) has no two offsets") }
    guard start <= end, end <= data.count else {
      throw RuntimeError("\(name) stands at \(start) to \(end), and the data has \(data.count)")
    }
    var size = bits
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw RuntimeError("\(name) has too many elements to count") }
      size = product
    }
    guard size % 8 == 0, size / 8 == end - start else {
      throw RuntimeError("\(name) of shape \(shape) does not fill its \(end - start) bytes")
    }
    return Tensor(
      name: member.name,
      element: element,
      shape: shape,
      data: data[data.startIndex + start..<data.startIndex + end]
    )
  }

  /// Refuses holes, overlap and bytes that belong to nothing.
  private static func checkCover(
    _ tensors: [Tensor],
    _ data: ArraySlice<UInt8>
  ) throws(RuntimeError) {
    let inOrder = tensors.sorted { left, right in
      (left.data.startIndex, left.data.endIndex) < (right.data.startIndex, right.data.endIndex)
    }
    var end = data.startIndex
    for tensor in inOrder {
      guard tensor.data.startIndex == end else {
        let what = tensor.data.startIndex < end ? "overlaps another array" : "leaves a hole before"
        throw RuntimeError("\(quoted(tensor.name)) \(what)")
      }
      end = tensor.data.endIndex
    }
    guard end == data.endIndex else {
      throw RuntimeError("\(data.endIndex - end) bytes after the last array belong to nothing")
    }
  }

  /// The bits of the format's element types.
  private static let elementBits: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6,
    "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "F64": 64, "I64": 64, "U64": 64, "C64": 64,
  ]

  /// Two files are equal when their arrays are, in the same order, and their metadata.
  public static func == (left: Safetensors, right: Safetensors) -> Bool {
    left.tensors == right.tensors && left.metadata.elementsEqual(right.metadata) { $0 == $1 }
  }

  /// Hashes the arrays.
  public func hash(into hasher: inout Hasher) { hasher.combine(tensors) }
}

extension Safetensors.Tensor {
  /// The elements, if they are `F32`.
  ///
  /// - Throws: `RuntimeError`, naming the array and its type.
  public var floats: [Float] {
    get throws(RuntimeError) {
      guard element == "F32" else {
        throw RuntimeError(
          .unsupported,
          "\(quoted(name)) has elements \(element), and only F32 is read",
          hint: "convert the file to F32"
        )
      }
      return data.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { index in
          let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
          return Float(bitPattern: UInt32(littleEndian: bits))
        }
      }
    }
  }
}

extension Safetensors {
  /// The bytes of a file with these arrays: same arrays, same bytes.
  ///
  /// The data begins at a multiple of eight, arrays stand in the order given, metadata in the order
  /// of its names.
  public static func encode(
    _ arrays: [(name: String, shape: [Int], values: [Float])],
    metadata: [String: String] = [:]
  ) -> [UInt8] {
    var all = metadata
    all[checksumName] = Checksum.blank
    all[formName] = form
    let texts = all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { JSONText.escaped($0.key) + ":" + JSONText.escaped($0.value) }
    var members = ["\"__metadata__\":{" + texts.joined(separator: ",") + "}"]
    var offset = 0
    for array in arrays {
      let end = offset + array.values.count * 4
      let shape = array.shape.map(String.init).joined(separator: ",")
      members.append(
        JSONText.escaped(array.name)
          + ":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes += header
    for array in arrays {
      #if _endian(little)
        array.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      #else
        for value in array.values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
      #endif
    }
    Checksum.fill(&bytes, in: 8..<8 + header.count)
    return bytes
  }
}
