/// What one number of a value is.
package enum Element: Hashable, Sendable, BitwiseCopyable {
  /// A real number.
  case real
  /// An integer from 0 up to, but not including, the bound; -1 is `none`.
  case token(Int32)
  /// The joint result of a scan, read only by `project`.
  case tuple
}

/// A set of named axes, ordered as they are declared: the batch first.
package struct AxisSet: Hashable, Sendable, BitwiseCopyable {
  /// One bit for each axis.
  package var bits: UInt64

  /// No axis.
  package static let none = AxisSet(bits: 0)
  /// The batch alone.
  package static let batch = AxisSet(.batch)

  /// Makes a set from its bits.
  package init(bits: UInt64) {
    self.bits = bits
  }

  /// Makes a set of the axes listed.
  package init(_ axes: AxisID...) {
    self.init(axes)
  }

  /// Makes a set of the axes listed.
  package init(_ axes: some Sequence<AxisID>) {
    bits = axes.reduce(0) { $0 | 1 << UInt64($1.index) }
  }

  /// The axes, in the order they are declared.
  package var axes: [AxisID] {
    var rest = bits
    var found: [AxisID] = []
    while rest != 0 {
      found.append(AxisID(rest.trailingZeroBitCount))
      rest &= rest - 1
    }
    return found
  }

  /// How many axes there are.
  package var count: Int { bits.nonzeroBitCount }
  /// `true` iff there is no axis.
  package var isEmpty: Bool { bits == 0 }

  /// `true` iff the axis is one of them.
  package func contains(_ axis: AxisID) -> Bool { bits >> UInt64(axis.index) & 1 == 1 }
  /// `true` iff every axis of the other set is here.
  package func contains(_ other: AxisSet) -> Bool { other.bits & ~bits == 0 }
  /// The axes of either set.
  package func union(_ other: AxisSet) -> AxisSet { AxisSet(bits: bits | other.bits) }
  /// The axes of both sets.
  package func intersection(_ other: AxisSet) -> AxisSet { AxisSet(bits: bits & other.bits) }
  /// The axes here that the other set lacks.
  package func subtracting(_ other: AxisSet) -> AxisSet { AxisSet(bits: bits & ~other.bits) }
  /// The set with one more axis.
  package func adding(_ axis: AxisID) -> AxisSet { union(AxisSet(axis)) }
  /// The set with one axis less.
  package func removing(_ axis: AxisID) -> AxisSet { subtracting(AxisSet(axis)) }
}

/// The extents of a value at one position: none for a single number, at most four.
package struct Shape: Hashable, Sendable, BitwiseCopyable {
  /// The greatest rank.
  package static let maximumRank = 4
  /// The most elements a value may have at one position, and in all.
  package static let maximumCount = Int(Int32.max)
  /// The shape of a single number.
  package static let scalar = Shape()

  private var extents: SIMD4<Int32> = SIMD4(repeating: 1)
  private var count8: UInt8 = 0

  private init() {}

  /// Makes a shape, or nothing if the rank or the number of elements is past its limit.
  package init?(_ dims: [Int]) {
    guard dims.count <= Self.maximumRank else { return nil }
    var product = 1
    for (place, extent) in dims.enumerated() {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 1, !overflow, next <= Self.maximumCount else { return nil }
      product = next
      extents[place] = Int32(extent)
    }
    count8 = UInt8(dims.count)
  }

  /// The number of dimensions.
  package var rank: Int { Int(count8) }
  /// `true` iff it is the shape of a single number.
  package var isScalar: Bool { count8 == 0 }
  /// The extents, the slowest first.
  package var dims: [Int] { (0..<rank).map { Int(extents[$0]) } }
  /// The number of elements at one position.
  package var count: Int { dims.reduce(1, *) }

  /// One extent.
  package subscript(_ dim: Int) -> Int { Int(extents[dim]) }

  /// The shape with one extent changed.
  package func replacing(_ dim: Int, by extent: Int) -> Shape? {
    var dims = dims
    dims[dim] = extent
    return Shape(dims)
  }

  /// The shape without its first dimension.
  package var droppingFirst: Shape {
    Shape(Array(dims.dropFirst())) ?? .scalar
  }
}

/// A short list of dimensions of a shape, in an order that matters.
package struct DimList: Hashable, Sendable, BitwiseCopyable, ExpressibleByArrayLiteral {
  private var places: SIMD4<UInt8> = SIMD4(repeating: 0)
  private var count8: UInt8 = 0

  /// Lists dimensions, at most four.
  package init(_ dims: [Int]) {
    for (place, dim) in dims.prefix(4).enumerated() {
      places[place] = UInt8(clamping: dim)
    }
    count8 = UInt8(min(dims.count, 4))
  }

  /// Lists dimensions, at most four.
  package init(arrayLiteral dims: Int...) {
    self.init(dims)
  }

  /// The dimensions in their order.
  package var dims: [Int] { (0..<Int(count8)).map { Int(places[$0]) } }
  /// How many there are.
  package var count: Int { Int(count8) }
}

/// What a value is: an element, the axes it runs over and a shape at each position.
package struct ValueType: Hashable, Sendable, BitwiseCopyable {
  /// The greatest number of axes.
  package static let maximumAxes = 4

  /// What one number is.
  package var element: Element
  /// The axes it runs over.
  package var axes: AxisSet
  /// The extents at each position.
  package var shape: Shape

  /// Makes a type from its parts.
  package init(_ element: Element = .real, axes: AxisSet = .none, shape: Shape = .scalar) {
    self.element = element
    self.axes = axes
    self.shape = shape
  }

  /// One real number, the same everywhere.
  package static let real = ValueType()
  /// The joint result of a scan.
  package static let tuple = ValueType(.tuple)

  /// `true` iff the elements are tokens.
  package var isToken: Bool {
    if case .token = element { true } else { false }
  }

  /// `true` iff a value of this type can stand, repeated as needed, where the other is wanted.
  package func fits(_ other: ValueType) -> Bool {
    element == other.element && other.axes.contains(axes)
      && (shape == other.shape || shape.isScalar)
  }

  /// The type running over other axes instead.
  package func over(_ axes: AxisSet) -> ValueType {
    ValueType(element, axes: axes, shape: shape)
  }

  /// The type with another shape.
  package func shaped(_ shape: Shape) -> ValueType {
    ValueType(element, axes: axes, shape: shape)
  }
}
