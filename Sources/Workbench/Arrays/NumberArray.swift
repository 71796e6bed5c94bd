internal import ModelRuntime

/// An array of numbers in a file, of which parts are read.
package struct NumberArray: Sendable {
  /// How the elements stand in the file, little-endian.
  enum Element: String, CaseIterable {
    case float64, float32, float16
    case int64, int32, int16, int8
    case uint64, uint32, uint16, uint8

    /// The bytes of one.
    var size: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .int16, .uint16: 2
      case .int8, .uint8: 1
      }
    }

    /// Whether it is whole numbers.
    var isWhole: Bool {
      switch self {
      case .float64, .float32, .float16: false
      case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8: true
      }
    }
  }

  /// The array's name.
  package let name: String
  /// The extents, the last fastest.
  package let shape: [Int]
  /// How the elements stand.
  let element: Element
  /// The file.
  private let file: Platform.OpenFile
  /// Where the first element stands.
  private let start: Int

  /// Describes an array; throws when it has more elements than can be.
  init(
    _ name: String,
    shape: [Int],
    element: Element,
    in file: Platform.OpenFile,
    at start: Int
  ) throws(RuntimeError) {
    var size = element.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw RuntimeError("\(quoted(file.path)): the shape of \(quoted(name)) is out of range")
      }
      size = product
    }
    guard start >= 0, size <= file.size - start else {
      throw RuntimeError("\(quoted(file.path)): \(quoted(name)) goes on after the file's end")
    }
    self.name = name
    self.shape = shape
    self.element = element
    self.file = file
    self.start = start
  }

  /// How many bytes all elements take.
  var byteCount: Int { shape.reduce(element.size, *) }

  /// Elements from a place on, as numbers.
  func numbers(at place: Int, count: Int) throws(RuntimeError) -> [Double] {
    let bytes = try file.bytes(at: start + place * element.size, count: count * element.size)
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        func load<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
          Value(littleEndian: bytes.loadUnaligned(fromByteOffset: index * element.size, as: type))
        }
        return switch element {
        case .float64: Double(bitPattern: load(UInt64.self))
        case .float32: Double(Float(bitPattern: load(UInt32.self)))
        case .float16: Self.half(load(UInt16.self))
        case .int64: Double(load(Int64.self))
        case .int32: Double(load(Int32.self))
        case .int16: Double(load(Int16.self))
        case .int8: Double(load(Int8.self))
        case .uint64: Double(load(UInt64.self))
        case .uint32: Double(load(UInt32.self))
        case .uint16: Double(load(UInt16.self))
        case .uint8: Double(load(UInt8.self))
        }
      }
    }
  }

  /// A number of sixteen bits.
  private static func half(_ bits: UInt16) -> Double {
    let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Double(bits & 0x3ff) / 1024
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    func scaled(_ value: Double, _ power: Int) -> Double {
      Double(sign: .plus, exponent: power, significand: value)
    }
    return sign * (exponent == 0 ? scaled(fraction, -14) : scaled(1 + fraction, exponent - 15))
  }
}
