package import GraphIR

extension UnaryOp {
  /// What the op makes of a number.
  package func value<S: Scalar>(_ x: S) -> S {
    switch self {
    case .negate: -x
    case .exp: S.exp(x)
    case .log: S.log(x)
    case .log1p: S.log1p(x)
    case .sqrt: x.squareRoot()
    case .tanh: S.tanh(x)
    case .sigmoid: S.sigmoid(x)
    case .sin: S.sin(x)
    case .cos: S.cos(x)
    case .abs: x.magnitude
    case .stopGradient: x
    }
  }
}

extension BinaryOp {
  /// What the op makes of two real numbers.
  package func value<S: Scalar>(_ a: S, _ b: S) -> S {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a == b ? 0 : 1
    }
  }
}

extension Evaluation {
  /// An op on two values, or the comparison of two tokens, of which `none` equals nothing.
  func elementwise(_ op: BinaryOp, _ operands: [Operand], type: ValueType) -> [S] {
    var a = operands[0]
    if a.type.isToken { a.values = a.values.map { $0 < 0 ? .nan : $0 } }
    return zipped(a, operands[1], type: type) { op.value($0, $1) }
  }

  /// The second where the first is not 0, else the third.
  func select(_ operands: [Operand], type: ValueType) -> [S] {
    let a = repeated(operands[1], to: type)
    let b = repeated(operands[2], to: type)
    let whole = ValueType(axes: type.axes, shape: type.shape)
    let condition = repeated(operands[0], to: whole)
    return condition.indices.map { condition[$0] != 0 ? a[$0] : b[$0] }
  }

  /// A function of two values, element by element, each repeated to the type.
  private func zipped(_ a: Operand, _ b: Operand, type: ValueType, _ function: (S, S) -> S) -> [S] {
    if a.type.axes == type.axes, a.type.shape == type.shape, b.type.axes == type.axes,
      b.type.shape == type.shape
    {
      return zip(a.values, b.values).map { function($0, $1) }
    }
    let (left, right) = (starts(a, over: type), starts(b, over: type))
    let (leftStep, rightStep) = (a.type.shape.isScalar ? 0 : 1, b.type.shape.isScalar ? 0 : 1)
    let inner = type.shape.count
    var values: [S] = []
    values.reserveCapacity(left.count * inner)
    for (i, j) in zip(left, right) {
      for k in 0..<inner {
        values.append(function(a.values[i + k * leftStep], b.values[j + k * rightStep]))
      }
    }
    return values
  }

  /// A value repeated to a type it fits.
  func repeated(_ operand: Operand, to type: ValueType) -> [S] {
    if operand.type.axes == type.axes, operand.type.shape == type.shape { return operand.values }
    let step = operand.type.shape.isScalar ? 0 : 1
    let inner = type.shape.count
    var values: [S] = []
    values.reserveCapacity(count(type))
    for start in starts(operand, over: type) {
      for k in 0..<inner { values.append(operand.values[start + k * step]) }
    }
    return values
  }

  /// Where a value's elements begin for each position of a type.
  func starts(_ operand: Operand, over type: ValueType) -> [Int] {
    starts(operand, over: type.axes)
  }

  /// Where a value's elements begin for each position of some axes.
  func starts(_ operand: Operand, over axes: AxisSet) -> [Int] {
    let inner = operand.type.shape.count
    return domains.ranks(of: operand.type.axes, over: axes).map { $0 * inner }
  }
}
