extension Op {
  /// How many operands there are, or nothing if that is the node's affair.
  package var arity: Int? {
    switch self {
    case .constant, .token, .variable, .argument, .position, .length: 0
    case .random(_, _, _, _, let axis): axis == nil ? 0 : 1
    case .unary, .number, .reduce, .argmax, .oneHot, .draw, .slice, .pad, .transpose, .reshape,
      .orthogonalize, .broadcast, .element, .place, .reindex, .project:
      1
    case .binary, .contract, .gather, .scatterAdd, .shift: 2
    case .select: 3
    case .concat, .sequence, .scan: nil
    }
  }

  /// `true` iff each element of the result is made of the operands' elements at the same place.
  package var isElementwise: Bool {
    switch self {
    case .unary, .binary, .select, .number: true
    case .constant, .token, .variable, .argument, .position, .length, .random, .contract, .reduce,
      .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat, .transpose,
      .orthogonalize, .reshape,
      .broadcast, .element, .place, .shift, .reindex, .sequence, .scan, .project:
      false
    }
  }

  /// `true` iff two equal nodes are one: all but what draws tokens or scans.
  ///
  /// A random number's draw is its identity, so equal ones are the same.
  package var isShared: Bool {
    switch self {
    case .draw, .scan: false
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select,
      .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .project:
      true
    }
  }
}

extension UnaryOp {
  /// `true` iff an element costs as much as a dozen additions.
  package var isCostly: Bool {
    switch self {
    case .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos: true
    case .negate, .abs, .stopGradient: false
    }
  }
}

extension BinaryOp {
  /// `true` iff the operands may change places.
  package var isCommutative: Bool {
    switch self {
    case .add, .multiply, .equal, .notEqual: true
    case .subtract, .divide, .maximum, .minimum, .less, .lessEqual: false
    }
  }

  /// `true` iff the result is 1 or 0.
  package var isComparison: Bool {
    switch self {
    case .less, .lessEqual, .equal, .notEqual: true
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: false
    }
  }
}
