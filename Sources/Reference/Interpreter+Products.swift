internal import GraphIR

extension Interpreter {
  /// Every product: terms over the contracted axes in the order of the layout, then over the pairs of
  /// dimensions in the order they are listed, the slowest first.
  func contract(_ contraction: Contraction, _ a: Operand, _ b: Operand, type: ValueType) -> [S] {
    let left = Factor(a.type, contraction.left.dims, contraction.axes, self)
    let right = Factor(b.type, contraction.right.dims, contraction.axes, self)
    let leftStarts = starts(a, over: type)
    let rightStarts = starts(b, over: type)
    var values: [S] = []
    values.reserveCapacity(leftStarts.count * left.kept.count * right.kept.count)
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        for (p, q) in zip(leftStarts, rightStarts) {
          for i in left.kept {
            for j in right.kept {
              var sum: S = 0
              for term in left.terms.indices {
                sum += a[p + i + left.terms[term]] * b[q + j + right.terms[term]]
              }
              values.append(sum)
            }
          }
        }
      }
    }
    return values
  }

  /// How one value of a product is walked.
  private struct Factor {
    /// The offsets of the dimensions that stay.
    let kept: [Int]
    /// The offsets of the terms, in the order they are added.
    let terms: [Int]

    init(_ type: ValueType, _ contracted: [Int], _ axes: AxisSet, _ interpreter: Interpreter) {
      let dims = type.shape.dims
      let strides = Layout.strides(dims)
      let staying = dims.indices.filter { !contracted.contains($0) }
      kept = Layout.walk(staying.map { dims[$0] }, staying.map { strides[$0] })
      let layout = interpreter.layout(type)
      let order = Layout.order(axes)
      terms = Layout.walk(
        order.map { interpreter.lengths[Int($0.index)] } + contracted.map { dims[$0] },
        order.map(layout.stride) + contracted.map { strides[$0] }
      )
    }
  }

  /// Many values become one; of equal greatest or least zeros the first stays.
  func reduce(_ op: ReduceOp, _ reduction: Reduction, _ operand: Operand, type: ValueType) -> [S] {
    let factor = Factor(operand.type, reduction.dims.dims, reduction.axes, self)
    let starts = starts(operand, over: type)
    var values: [S] = []
    values.reserveCapacity(starts.count * factor.kept.count)
    for start in starts {
      for kept in factor.kept {
        let first = start + kept
        switch op {
        case .sum:
          values.append(factor.terms.reduce(0) { $0 + operand.values[first + $1] })
        case .maximum:
          values.append(
            factor.terms.reduce(-.infinity) {
              BinaryOp.maximum.value(operand.values[first + $1], $0)
            }
          )
        case .minimum:
          values.append(
            factor.terms.reduce(.infinity) {
              BinaryOp.minimum.value(operand.values[first + $1], $0)
            }
          )
        }
      }
    }
    return values
  }

  /// The place of the first greatest along an axis or the last dimension; NaN counts as greatest.
  func argmax(_ operand: Operand, _ axis: AxisID?, type: ValueType) -> [S] {
    let rank = operand.type.shape.rank
    let factor = Factor(
      operand.type,
      axis == nil ? [rank - 1] : [],
      axis.map { AxisSet($0) } ?? .none,
      self
    )
    return starts(operand, over: type).flatMap { start in
      factor.kept.map { kept in
        var best = 0
        for (place, term) in factor.terms.enumerated().dropFirst() {
          let value = operand.values[start + kept + term]
          let greatest = operand.values[start + kept + factor.terms[best]]
          if !greatest.isNaN, value > greatest || value.isNaN { best = place }
        }
        return S(best)
      }
    }
  }
}
