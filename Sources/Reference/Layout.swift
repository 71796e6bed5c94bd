internal import GraphIR

/// Where the elements of a value lie: the axes in the order of the layout, their extents and strides.
struct Layout {
  /// The axes but the batch as declared, then the batch.
  let axes: [AxisID]
  /// How long each is.
  let extents: [Int]
  /// How far apart its neighbours lie.
  let strides: [Int]
  /// How many elements each position has.
  let inner: Int

  /// Lays out a type; `lengths` are those of all axes of the graph.
  init(_ type: ValueType, lengths: [Int]) {
    axes = Self.order(type.axes)
    extents = axes.map { lengths[Int($0.index)] }
    inner = type.shape.count
    strides = Self.strides(extents, innermost: inner)
  }

  /// How many positions there are.
  var positions: Int { extents.reduce(1, *) }
  /// How many elements there are.
  var count: Int { positions * inner }

  /// How far apart neighbours along an axis lie: 0 where the value does not run over it.
  func stride(_ axis: AxisID) -> Int {
    axes.firstIndex(of: axis).map { strides[$0] } ?? 0
  }

  /// Where, for each position of some axes in the order of the layout, this value's elements begin.
  func offsets(over wanted: AxisSet, lengths: [Int]) -> [Int] {
    let order = Self.order(wanted)
    return Self.walk(order.map { lengths[Int($0.index)] }, order.map(stride))
  }

  /// Axes in the order of the layout.
  static func order(_ set: AxisSet) -> [AxisID] {
    set.removing(.batch).axes + (set.contains(AxisID.batch) ? [.batch] : [])
  }

  /// The strides of dense extents, the slowest first.
  static func strides(_ extents: [Int], innermost: Int = 1) -> [Int] {
    var strides = [Int](repeating: innermost, count: extents.count)
    for place in strides.indices.dropLast().reversed() {
      strides[place] = strides[place + 1] * extents[place + 1]
    }
    return strides
  }

  /// The offsets that a nest of loops visits, the slowest first.
  static func walk(_ extents: [Int], _ strides: [Int]) -> [Int] {
    var offsets = [0]
    for (extent, stride) in zip(extents, strides) {
      var next: [Int] = []
      next.reserveCapacity(offsets.count * extent)
      for offset in offsets {
        for place in 0..<extent { next.append(offset + place * stride) }
      }
      offsets = next
    }
    return offsets
  }
}
