// The operations, by family. A value of rank 0 stands for any shape beside one that has a shape, and
// axes are united; nothing else is broadcast without `broadcast`.
//
// Numbers follow IEEE 754 with default rounding. Every sum starts from +0 and adds its terms in
// index order: the axes but the batch in the order declared, the slowest first, then the batch, then
// the shape. Strict C keeps that order and both roundings of a multiply-add; fast C may fuse them and
// may sum a shape in 16 interleaved parts. Nothing else may be reassociated.

/// An operation on one value, element by element.
package enum UnaryOp: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// The sign changed, of zeros and NaN too.
  case negate
  /// e to the power; at most 1.1 ulp off.
  case exp
  /// The natural logarithm: of 0 -infinity, of a negative number NaN.
  case log
  /// log(1 + x), exact near 0.
  case log1p
  /// The square root, rounded correctly; of a negative number NaN.
  case sqrt
  /// The hyperbolic tangent, never beyond 1.
  case tanh
  /// 1 / (1 + exp(-x)), never beyond [0, 1].
  case sigmoid
  /// The sine of radians.
  case sin
  /// The cosine of radians.
  case cos
  /// The sign cleared; the gradient at 0 is 0.
  case abs
  /// The value itself, through which no gradient passes.
  case stopGradient
}

/// An operation on two values, element by element.
package enum BinaryOp: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// a + b.
  case add
  /// a - b.
  case subtract
  /// a * b; 0 times infinity is NaN.
  case multiply
  /// a / b; by 0 an infinity, 0 / 0 NaN.
  case divide
  /// The greater, NaN if either is; at a tie b, which gets the gradient.
  case maximum
  /// The lesser, NaN if either is; at a tie b, which gets the gradient.
  case minimum
  /// 1 where a < b, else 0; no gradient.
  case less
  /// 1 where a <= b, else 0; no gradient.
  case lessEqual
  /// 1 where equal, else 0; on tokens too, where `none` equals nothing; no gradient.
  case equal
  /// 1 - equal.
  case notEqual
}

/// How many values become one.
package enum ReduceOp: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// The sum in index order, from +0.
  case sum
  /// The greatest, NaN if any is; the gradient goes to the first that is.
  case maximum
  /// The least, NaN if any is; the gradient goes to the first that is.
  case minimum
}

/// The kinds of random numbers.
package enum RandomOp: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// From 0 up to, but not including, 1, in steps of 2^-24.
  case uniform
  /// With mean 0 and variance 1, by Box and Muller.
  case normal
}

/// One place of an axis.
package enum Position: Hashable, Sendable, BitwiseCopyable {
  /// The first place.
  case first
  /// The last place, each example's own.
  case last
  /// The same, found by its length among places that go on past it; only `maskLengths` makes it.
  case rowLast
  /// The place counted from 0.
  case at(Int32)
}

/// Which dimensions and axes of two values a product sums over.
package struct Contraction: Hashable, Sendable, BitwiseCopyable {
  /// Dimensions of the first value, each paired with that of `right` at its place.
  package var left: DimList
  /// Dimensions of the second value.
  package var right: DimList
  /// Axes of either value that are summed over.
  package var axes: AxisSet
  /// `true` iff fast arithmetic adds the terms in parts, as it does those of a reduced row, and not in turn.
  package var inParts: Bool

  /// The fewest terms that are added in parts: as many as there are parts.
  package static let leastInParts = 16

  /// Pairs dimensions and lists axes.
  package init(
    left: DimList = [],
    right: DimList = [],
    axes: AxisSet = .none,
    inParts: Bool = false
  ) {
    self.left = left
    self.right = right
    self.axes = axes
    self.inParts = inParts
  }

  /// `W @ x`: the last dimension of the first with the first of the second.
  package static func product(leftRank: Int) -> Contraction {
    Contraction(left: [leftRank - 1], right: [0])
  }
}

/// Which dimensions and axes of a value are reduced.
package struct Reduction: Hashable, Sendable, BitwiseCopyable {
  /// The dimensions that vanish.
  package var dims: DimList
  /// The axes that vanish.
  package var axes: AxisSet

  /// Lists dimensions, in rising order, and axes.
  package init(dims: DimList = [], axes: AxisSet = .none) {
    self.dims = dims
    self.axes = axes
  }
}

/// How a value is repeated.
package struct Broadcast: Hashable, Sendable, BitwiseCopyable {
  /// The axes it runs over afterwards, its own among them.
  package var axes: AxisSet
  /// The shape it has afterwards.
  package var shape: Shape
  /// Where each of its dimensions stands in that shape, in rising order.
  package var kept: DimList

  /// Makes the repetition of a value whose dimensions stand at `kept`.
  package init(axes: AxisSet, shape: Shape, kept: DimList) {
    self.axes = axes
    self.shape = shape
    self.kept = kept
  }
}

/// How places of one axis are found from those of another, along a straight line.
///
/// Place b of `to` reads place (scale * b + plus + row * i) / divisor of `from`, where i is the place in
/// the first dimension; where that is no whole place of the row's own, it reads 0. The inverse is of the
/// same form, so the gradient is too.
package struct Reindex: Hashable, Sendable, BitwiseCopyable {
  /// The axis that is read.
  package var from: AxisID
  /// The axis that the result runs over instead; it may be the same.
  package var to: AxisID
  /// What a place of `to` counts, from 1.
  package var scale: Int32
  /// What is added.
  package var plus: Int32
  /// What a place of the first dimension counts; 0 where the dimension plays no part.
  package var row: Int32
  /// What it all is divided by, from 1.
  package var divisor: Int32

  /// Describes the places read.
  package init(
    from: AxisID,
    to: AxisID,
    scale: Int = 1,
    plus: Int = 0,
    row: Int = 0,
    divisor: Int = 1
  ) {
    self.from = from
    self.to = to
    self.scale = Int32(clamping: scale)
    self.plus = Int32(clamping: plus)
    self.row = Int32(clamping: row)
    self.divisor = Int32(clamping: divisor)
  }

  /// The way back: from each place read to the place that reads it.
  package var inverse: Reindex {
    Reindex(
      from: to,
      to: from,
      scale: Int(divisor),
      plus: -Int(plus),
      row: -Int(row),
      divisor: Int(scale)
    )
  }

  /// The place of `from` that is read, of so many; nothing if there is none.
  package func place(for place: Int, row index: Int, of length: Int) -> Int? {
    let scaled = Int(scale) * place + Int(plus) + Int(row) * index
    guard scaled >= 0, scaled % Int(divisor) == 0, scaled / Int(divisor) < length else {
      return nil
    }
    return scaled / Int(divisor)
  }
}

/// What a node does with its operands.
///
/// Closed: a new case stops the build wherever it must be thought of. Small and bitwise copyable: whatever needs more room stands in a table of the graph.
package enum Op: Hashable, Sendable, BitwiseCopyable {
  // MARK: Leaves

  /// A real number; its bits.
  case constant(UInt64)
  /// A token of those bounded by the second number; -1 is `none`.
  case token(Int32, of: Int32)
  /// A variable's value when the entry is called.
  case variable(VariableID)
  /// What a scan gives its step: outer values, then sequences, then states, in operand order.
  case argument(Int32)
  /// The place along an axis, from 0, as a real number over it.
  case position(AxisID)
  /// How many positions an axis has, over what its lengths run over, or rows the batch has.
  case length(AxisID)
  /// Random numbers of a shape over axes; the draw of the number given, each its own.
  ///
  /// Each is a function of the seed and of where it stands, Philox's four words: the place in the shape
  /// as one number; the position; the example; the draw. The position is p = p * 65537 + place over the
  /// value's axes but the batch and those of the scans around it, in the order declared, from 0 and
  /// modulo 2^32; so it depends on no length, and a draw in a step is the one hoisted out of it. The
  /// example is the row, counted from the call's first example; 0 for what does not run over the batch.
  /// With an axis `at`, which it does not run over, the place along that is the operand's number.
  case random(RandomOp, draw: Int32, axes: AxisSet, shape: Shape, at: AxisID? = nil)

  // MARK: Element by element

  /// One value.
  case unary(UnaryOp)
  /// Two values.
  case binary(BinaryOp)
  /// `a` where `c` is not 0 (NaN is not 0), else `b`, of the operands c, a, b.
  case select
  /// A token as a real number.
  case number

  // MARK: Products and reductions

  /// Every product: sums of a * b; what is left is the dimensions of a, then of b.
  case contract(Contraction)
  /// Many values become one.
  case reduce(ReduceOp, Reduction)
  /// The place of the first greatest along an axis, or along the last dimension, as a token; NaN counts
  /// as greatest.
  case argmax(AxisID?)

  // MARK: Tokens

  /// 1 at the token's place of the size given, 0 elsewhere; of `none` all 0.
  case oneHot(Int32)
  /// Row i of a table, of the operands table and i; of `none` 0.
  case gather
  /// A table of rows in which row i is the sum of the values whose token is i, over these axes and
  /// in index order; of the operands token and value.
  case scatterAdd(rows: Int32, axes: AxisSet)
  /// A token drawn from logits by the caller's settings: temperature, nucleus, seed, or prompt.
  case draw

  // MARK: Movement within the shape

  /// Rows start ..< start + count of one dimension.
  case slice(start: Int32, count: Int32, dim: Int32 = 0)
  /// Zeros before and after along one dimension.
  case pad(before: Int32, after: Int32, dim: Int32 = 0)
  /// One after the other along one dimension.
  case concat(dim: Int32 = 0)
  /// A matrix's rows as columns.
  case transpose
  /// A matrix whose rows, or columns where they are fewer, are made perpendicular and of length 1, by
  /// Gram and Schmidt in index order; no gradient.
  case orthogonalize
  /// The same elements in the same order.
  case reshape(Shape)
  /// Repeated along new axes and dimensions.
  case broadcast(Broadcast)

  // MARK: Movement along an axis

  /// The value at one place of an axis.
  case element(AxisID, Position)
  /// The value at one place of an axis, 0 elsewhere.
  case place(AxisID, Position)
  /// One place later along an axis (earlier if reverse); the vacant place takes the second operand.
  case shift(AxisID, reverse: Bool)
  /// One operand for each place of an axis of exactly that many.
  case sequence(AxisID)
  /// Along another axis, or other places of the same one.
  case reindex(Reindex)

  // MARK: Scans

  /// A step repeated along an axis; operands are outer values, sequences, first states.
  case scan(ScanID)
  /// One of a scan's results at every place: a state after the step, or an emitted value.
  case project(Int32)
}

extension Op {
  /// The leaf for a real number.
  package static func real(_ value: Double) -> Op { .constant(value.bitPattern) }
}
