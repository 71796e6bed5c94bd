internal import GraphIR

extension Evaluation {
  /// Every product: terms over the contracted axes in the order of the layout, then over the pairs of
  /// dimensions in the order they are listed, the slowest first.
  func contract(_ contraction: Contraction, _ a: Operand, _ b: Operand, type: ValueType) -> [S] {
    let left = Factor(a.type.shape, contraction.left.dims)
    let right = Factor(b.type.shape, contraction.right.dims)
    let union = a.type.axes.union(b.type.axes)
    let leftStarts = starts(a, over: union)
    let rightStarts = starts(b, over: union)
    let groups = domains.groups(of: union, by: type.axes)
    var values: [S] = []
    values.reserveCapacity(count(type))
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        for group in 0..<groups.count {
          for i in left.kept {
            for j in right.kept {
              var sum: S = 0
              for position in groups[group] {
                let p = leftStarts[position] + i
                let q = rightStarts[position] + j
                for term in left.terms.indices {
                  sum += a[p + left.terms[term]] * b[q + right.terms[term]]
                }
              }
              values.append(sum)
            }
          }
        }
      }
    }
    return values
  }

  /// How the shape of one value of a product or reduction is walked.
  private struct Factor {
    /// The offsets of the dimensions that stay.
    let kept: [Int]
    /// The offsets of those that vanish, in the order they are added.
    let terms: [Int]

    init(_ shape: Shape, _ vanishing: [Int]) {
      let dims = shape.dims
      let strides = Shape.strides(dims)
      let staying = dims.indices.filter { !vanishing.contains($0) }
      kept = Shape.walk(staying.map { dims[$0] }, staying.map { strides[$0] })
      terms = Shape.walk(vanishing.map { dims[$0] }, vanishing.map { strides[$0] })
    }
  }

  /// Each number of a result from those that become it, one after the other.
  private func folded<Sum>(
    _ operand: Operand,
    _ dims: [Int],
    _ type: ValueType,
    from first: Sum,
    _ add: (inout Sum, S) -> Void
  ) -> [Sum] {
    let factor = Factor(operand.type.shape, dims)
    let inner = operand.type.shape.count
    let groups = domains.groups(of: operand.type.axes, by: type.axes)
    var sums: [Sum] = []
    sums.reserveCapacity(count(type))
    for group in 0..<groups.count {
      for kept in factor.kept {
        var sum = first
        for position in groups[group] {
          let start = position * inner + kept
          for term in factor.terms { add(&sum, operand.values[start + term]) }
        }
        sums.append(sum)
      }
    }
    return sums
  }

  /// Many values become one; of equal greatest or least zeros the first stays.
  func reduce(_ op: ReduceOp, _ reduction: Reduction, _ operand: Operand, type: ValueType) -> [S] {
    let dims = reduction.dims.dims
    return switch op {
    case .sum: folded(operand, dims, type, from: 0) { $0 += $1 }
    case .maximum:
      folded(operand, dims, type, from: -.infinity) { $0 = BinaryOp.maximum.value($1, $0) }
    case .minimum:
      folded(operand, dims, type, from: .infinity) { $0 = BinaryOp.minimum.value($1, $0) }
    }
  }

  /// The first greatest so far, its place, and how many numbers there were.
  private struct Greatest {
    var value: S = 0
    var place = 0
    var count = 0
  }

  /// The place of the first greatest along an axis or the last dimension; NaN counts as greatest.
  func argmax(_ operand: Operand, _ axis: AxisID?, type: ValueType) -> [S] {
    let dims = axis == nil ? [operand.type.shape.rank - 1] : []
    return folded(operand, dims, type, from: Greatest()) { greatest, value in
      let isGreater = !greatest.value.isNaN && (value > greatest.value || value.isNaN)
      if greatest.count == 0 || isGreater {
        greatest.value = value
        greatest.place = greatest.count
      }
      greatest.count += 1
    }.map { S($0.place) }
  }
}
