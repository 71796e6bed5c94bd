package import GraphIR

/// A count known when a call runs: a constant times the lengths of some axes.
package struct Size: Hashable, Sendable {
  /// The constant.
  package var constant: Int
  /// The axes whose run-time lengths it is multiplied by, in rising order; the batch is one.
  package var lengths: [AxisID]

  /// A constant times lengths.
  package init(_ constant: Int, _ lengths: [AxisID] = []) {
    self.constant = constant
    self.lengths = constant == 0 ? [] : lengths.sorted()
  }

  /// One.
  package static let one = Size(1)
  /// None.
  package static let zero = Size(0)

  /// `true` iff it is 0.
  package var isZero: Bool { constant == 0 }

  package static func * (a: Size, b: Size) -> Size {
    Size(a.constant * b.constant, a.lengths + b.lengths)
  }

  package static func * (a: Size, b: Int) -> Size { Size(a.constant * b, a.lengths) }
}

/// How far a loop or a dimension goes: a size, and a few more or less.
package struct Extent: Hashable, Sendable {
  /// What it is in the main.
  package var size: Size
  /// What is added.
  package var plus: Int

  /// A size and what is added.
  package init(_ size: Size, plus: Int = 0) {
    self.size = size
    self.plus = plus
  }

  /// A constant.
  package init(_ constant: Int) {
    self.init(Size(constant))
  }

  /// The constant, if it is one.
  package var constant: Int? { size.lengths.isEmpty ? size.constant + plus : nil }

  /// Both one after the other, as one dimension; only plain sizes can be.
  package func times(_ other: Extent) -> Extent? {
    plus == 0 && other.plus == 0 ? Extent(size * other.size) : nil
  }
}

/// A part of an address: a stride times where some loop is.
package struct Term: Hashable, Sendable {
  /// What the stride is multiplied by.
  package enum Index: Hashable, Sendable {
    /// One: the term is an offset.
    case one
    /// The position at which the loop of this number is.
    case loop(Int)
    /// 1 where that position is odd, else 0.
    case loopParity(Int)
    /// 1 where the run-time length of this axis is odd, else 0.
    case lengthParity(AxisID)
  }

  /// The stride, in elements.
  package var stride: Size
  /// What it is multiplied by.
  package var index: Index

  /// A stride times an index.
  package init(_ stride: Size, _ index: Index = .one) {
    self.stride = stride
    self.index = index
  }
}

/// Terms added up, with like terms merged and in a fixed order.
package struct Address: Hashable, Sendable {
  /// The terms but the constant one.
  package private(set) var terms: [Term] = []
  /// The constant offset, in elements.
  package private(set) var offset = 0

  /// The start.
  package init() {}

  /// The address some terms further.
  package func adding(_ more: [Term]) -> Address {
    var sum = self
    for term in more where !term.stride.isZero {
      if term.index == .one, term.stride.lengths.isEmpty {
        sum.offset += term.stride.constant
      } else if let same = sum.terms.firstIndex(where: {
        $0.index == term.index && $0.stride.lengths == term.stride.lengths
      }) {
        sum.terms[same].stride.constant += term.stride.constant
        if sum.terms[same].stride.constant == 0 { sum.terms.remove(at: same) }
      } else {
        sum.terms.append(term)
      }
    }
    return sum
  }

  /// The address without its constant offset.
  package var withoutOffset: Address {
    var base = self
    base.offset = 0
    return base
  }
}
