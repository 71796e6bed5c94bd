/// A node of a block; meaningful relative to that block, as an index is to its collection.
package struct ValueID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The node's place in the block.
  package var index: Int32

  /// Names the node at a place.
  @inlinable package init(_ index: Int) {
    self.index = Int32(truncatingIfNeeded: index)
  }

  @inlinable package static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

/// A variable of a graph: a weight, an input, a state.
package struct VariableID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The variable's place in the graph's table.
  package var index: Int32

  /// Names the variable at a place.
  package init(_ index: Int) {
    self.index = Int32(truncatingIfNeeded: index)
  }

  package static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

/// A scan of a graph.
package struct ScanID: Hashable, Sendable, BitwiseCopyable {
  /// The scan's place in the graph's table.
  package var index: Int32

  /// Names the scan at a place.
  package init(_ index: Int) {
    self.index = Int32(truncatingIfNeeded: index)
  }
}

/// A named axis of a graph; the batch is number 0, the others follow as declared.
package struct AxisID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The axis's place in the graph's table.
  package var index: UInt8

  /// Names the axis at a place, at most 63.
  package init(_ index: Int) {
    self.index = UInt8(truncatingIfNeeded: index)
  }

  /// The axis that examples are laid along.
  package static let batch = AxisID(0)

  package static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}
