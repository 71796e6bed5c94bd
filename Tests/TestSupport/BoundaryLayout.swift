package import GraphIR
package import Reference

/// Arrays as calls take and give them: `[batch, axes by their bounds, shape]`, by name.
package typealias Arrays = [String: [Float]]

extension Graph {
  /// How many elements an array of a type has at the boundary.
  package func boundaryCount(_ type: ValueType, batch: Int) -> Int {
    boundaryExtents(type, batch: batch).reduce(type.shape.count, *)
  }

  /// A boundary's array as the interpreter takes it.
  package func tensor<S: Scalar>(_ array: [Float], _ type: ValueType, lengths: [Int]) -> Tensor<S> {
    let inner = type.shape.count
    var values: [S] = []
    for position in boundaryPositions(type, lengths: lengths) {
      values += array[position * inner..<(position + 1) * inner].map { S($0) }
    }
    return Tensor(type: type, lengths: own(type, lengths), values: values)
  }

  /// The interpreter's value as an array at the boundary, with padding past the lengths.
  package func array<S: Scalar>(_ tensor: Tensor<S>, lengths: [Int], padding: S = 0) -> [S] {
    let inner = tensor.type.shape.count
    let count = boundaryCount(tensor.type, batch: lengths[0])
    var array = [S](repeating: padding, count: count)
    for (index, position) in boundaryPositions(tensor.type, lengths: lengths).enumerated() {
      for element in 0..<inner {
        array[position * inner + element] = tensor.values[index * inner + element]
      }
    }
    return array
  }

  private func own(_ type: ValueType, _ lengths: [Int]) -> [Int] {
    type.axes.axes.map { lengths[Int($0.index)] }
  }

  private func boundaryExtents(_ type: ValueType, batch: Int) -> [Int] {
    type.axes.axes.map { $0 == .batch ? batch : self[$0].bound ?? 1 }
  }

  /// Where at the boundary each position stands, in the interpreter's order: the batch last.
  private func boundaryPositions(_ type: ValueType, lengths: [Int]) -> [Int] {
    let axes = type.axes.axes
    var strides: [AxisID: Int] = [:]
    var stride = 1
    for (axis, extent) in zip(axes, boundaryExtents(type, batch: lengths[0])).reversed() {
      strides[axis] = stride
      stride *= extent
    }
    let order = axes.filter { $0 != .batch } + axes.filter { $0 == .batch }
    var positions = [0]
    for axis in order {
      let step = strides[axis] ?? 0
      positions = positions.flatMap { start in
        (0..<lengths[Int(axis.index)]).map { start + $0 * step }
      }
    }
    return positions
  }
}
