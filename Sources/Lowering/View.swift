internal import GraphIR

/// A value in memory: where it begins and how far apart its positions and elements are.
struct View: Hashable {
  /// The element at the first position.
  var pointer: Pointer
  /// From position to position of each axis it runs over, in rising order.
  var axes: [AxisStride]
  /// From row to row of each dimension.
  var dims: [Size]

  /// An axis and how far apart its positions are.
  struct AxisStride: Hashable {
    var axis: AxisID
    var stride: Size
  }

  /// From position to position of an axis; nothing if it does not run over it.
  func stride(_ axis: AxisID) -> Size? { axes.first { $0.axis == axis }?.stride }

  /// The view some elements further.
  func moved(_ terms: [Term]) -> View {
    var view = self
    view.pointer.address = pointer.address.adding(terms)
    return view
  }

  /// The view at one position of an axis.
  func at(_ axis: AxisID, _ terms: (Size) -> [Term]) -> View {
    guard let stride = stride(axis) else { return self }
    var view = moved(terms(stride))
    view.axes.removeAll { $0.axis == axis }
    return view
  }
}

/// The terms that lead to one position of an axis of that length whose places are a stride apart.
func terms(_ position: Position, _ length: Size, _ stride: Size) -> [Term] {
  switch position {
  case .first: []
  case .at(let place): [Term(stride * Int(place))]
  case .last, .rowLast: [Term(stride * length), Term(stride * -1)]
  }
}

extension Graph {
  /// An axis's length when a call runs: a constant if it is fixed, or if the call does not give it.
  func length(_ axis: AxisID) -> Size {
    if case .fixed(let count) = self[axis].extent { return Size(count) }
    return keptLengths[axis] == nil ? Size(1, [axis]) : Size(self[axis].bound ?? 1)
  }
}

extension AxisSet {
  /// The axes in the order they are laid out: the batch last, nearest to the shape.
  var layout: [AxisID] {
    axes.filter { $0 != AxisID.batch } + (contains(AxisID.batch) ? [AxisID.batch] : [])
  }
}

extension Shape {
  /// How far apart the rows of each dimension are in a dense layout.
  var denseStrides: [Int] {
    var stride = count
    return dims.map { extent in
      stride /= extent
      return stride
    }
  }
}
