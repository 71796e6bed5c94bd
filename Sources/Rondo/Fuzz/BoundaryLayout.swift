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
  package func tensor<S: Scalar>(_ array: [Float], _ type: ValueType, lengths: Lengths) -> Tensor<S>
  {
    let inner = type.shape.count
    var values: [S] = []
    for position in boundaryPositions(type, lengths) {
      values += array[position * inner..<(position + 1) * inner].map { S($0) }
    }
    return Tensor(
      type: type,
      lengths: type.axes.axes.map { lengths.greatest[Int($0.index)] },
      values: values
    )
  }

  /// The interpreter's value as an array at the boundary, with padding past the lengths.
  package func array<S: Scalar>(_ tensor: Tensor<S>, lengths: Lengths, padding: S = 0) -> [S] {
    let count = boundaryCount(tensor.type, batch: lengths.greatest[0])
    return array(tensor, lengths: lengths, over: [S](repeating: padding, count: count))
  }

  /// An array at the boundary with the interpreter's value in place of what it had.
  package func array<S: Scalar>(_ tensor: Tensor<S>, lengths: Lengths, over array: [S]) -> [S] {
    let inner = tensor.type.shape.count
    var array = array
    for (index, position) in boundaryPositions(tensor.type, lengths).enumerated() {
      for element in 0..<inner {
        array[position * inner + element] = tensor.values[index * inner + element]
      }
    }
    return array
  }

  private func boundaryExtents(_ type: ValueType, batch: Int) -> [Int] {
    type.axes.axes.map { $0 == .batch ? batch : self[$0].bound ?? 1 }
  }

  /// Where at the boundary each position stands, in the interpreter's order: the batch last.
  private func boundaryPositions(_ type: ValueType, _ lengths: Lengths) -> [Int] {
    let domain = Interpreter<Float>(graph: self, lengths: lengths).domain(type.axes)
    let extents = boundaryExtents(type, batch: lengths.greatest[0])
    return (0..<domain.count).map { position in
      zip(type.axes.axes, extents).reduce(0) { place, axis in
        place * axis.1 + domain.coordinate(axis.0, of: position)
      }
    }
  }
}
