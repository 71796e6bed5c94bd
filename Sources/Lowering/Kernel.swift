package import GraphIR

/// Where a kernel reads or writes: an argument, and how it moves with each dimension.
package struct Access: Hashable, Sendable {
  /// The argument's place.
  package var argument: Int
  /// From place to place of each dimension, in elements.
  package var strides: [Size]
  /// The first element.
  package var offset: Int

  /// Says where an argument is read or written.
  package init(argument: Int, strides: [Size], offset: Int) {
    self.argument = argument
    self.strides = strides
    self.offset = offset
  }
}

/// A place of an axis on a straight line over a kernel's dimensions, or none.
package struct Line: Hashable, Sendable {
  /// What each dimension's place is multiplied by.
  package var dims: [Int]
  /// Run-time sizes that are added.
  package var sizes: [Size]
  /// What is added.
  package var plus: Int
  /// What the sum is divided by; there is no place unless it divides evenly.
  package var divisor: Int
  /// How many places there are.
  package var limit: Size

  /// Describes the places.
  package init(dims: [Int], sizes: [Size], plus: Int, divisor: Int, limit: Size) {
    self.dims = dims
    self.sizes = sizes
    self.plus = plus
    self.divisor = divisor
    self.limit = limit
  }
}

/// A word of a random number's counter: a straight line over a kernel's dimensions, modulo 2^32.
package struct CounterWord: Hashable, Sendable {
  /// What each dimension's place is multiplied by.
  package var dims: [UInt32]
  /// Run-time sizes that are added.
  package var sizes: [Size]
  /// What is added.
  package var plus: UInt32

  /// The word 0 over so many dimensions.
  package init(dims count: Int) {
    dims = Array(repeating: 0, count: count)
    sizes = []
    plus = 0
  }
}

/// Where a random number stands, but for its draw.
package struct Counter: Hashable, Sendable {
  /// The place in the shape.
  package var element: CounterWord
  /// The position along the axes.
  package var position: CounterWord
  /// The row of the call.
  package var row: CounterWord
  /// `true` iff rows are counted from the call's first example: the value runs over the batch.
  package var countsExamples: Bool
  /// An operation whose whole number is part of the position, and what it is multiplied by.
  package var given: Given?

  /// A place that the graph is told.
  package struct Given: Hashable, Sendable {
    /// Which operation's value.
    package var value: Int
    /// What it is multiplied by.
    package var factor: UInt32
  }

  /// Places a number over so many dimensions.
  package init(dims: Int, countsExamples: Bool) {
    element = CounterWord(dims: dims)
    position = element
    row = element
    self.countsExamples = countsExamples
  }

  /// The three words.
  package var words: [CounterWord] { [element, position, row] }
}

/// One value of a kernel, made of earlier ones, which are named by their places.
package enum Operation: Hashable, Sendable {
  /// A real number from memory.
  case load(Access)
  /// A token from memory.
  case loadToken(Access)
  /// A real number from the row that a token names; 0 for `none`.
  case gather(Access, token: Int, stride: Size)
  /// The same of tokens; `none` for `none`.
  case gatherToken(Access, token: Int, stride: Size)
  /// A place as a token; `none` where there is none.
  case line(Line)
  /// A real number plus a constant, as a token.
  case index(Int, plus: Int)
  /// A real number.
  case constant(Float)
  /// A token.
  case token(Int32)
  /// A dimension's place plus a constant, as a real number.
  case position(dim: Int, plus: Int)
  /// An axis's run-time length, plus a constant, as a real number.
  case length(AxisID, plus: Int)
  /// One value.
  case unary(UnaryOp, Int)
  /// Two real values.
  case binary(BinaryOp, Int, Int)
  /// The second where the first is not 0, else the third.
  case select(Int, Int, Int)
  /// The same of tokens.
  case selectToken(Int, Int, Int)
  /// A token as a real number.
  case number(Int)
  /// 1 where two tokens are the same and none is `none`.
  case equalTokens(Int, Int)
  /// 1 where a token is a dimension's place plus a constant.
  case isToken(Int, dim: Int, plus: Int)
  /// A random number of a draw.
  case random(RandomOp, draw: Int32, Counter)
}

extension Operation {
  /// The earlier values it is made of.
  package var operands: [Int] {
    switch self {
    case .load, .loadToken, .line, .constant, .token, .position, .length: []
    case .random(_, _, let counter): counter.given.map { [$0.value] } ?? []
    case .gather(_, let token, _), .gatherToken(_, let token, _): [token]
    case .unary(_, let a), .number(let a), .isToken(let a, _, _), .index(let a, _): [a]
    case .binary(_, let a, let b), .equalTokens(let a, let b): [a, b]
    case .select(let c, let a, let b), .selectToken(let c, let a, let b): [c, a, b]
    }
  }
}

/// Loops over dimensions and what is done at each place: pure arithmetic between loads and stores.
///
/// Kernels know argument numbers and strides, not buffers, so equal ones are emitted once.
package struct Kernel: Hashable, Sendable {
  /// A value stored at each place.
  package struct Store: Hashable, Sendable {
    /// Where.
    package var access: Access
    /// Which operation's value.
    package var value: Int
    /// `true` iff it is a token.
    package var isToken: Bool
  }

  /// What becomes of one operation's value over the last dimensions.
  package struct Fold: Hashable, Sendable {
    /// Sum, greatest or least; nothing for the place of the first greatest.
    package var op: ReduceOp?
    /// Which operation's value.
    package var value: Int
    /// How many of the last dimensions are folded.
    package var dims: Int
    /// Where the result goes; its strides are those of the kept dimensions.
    package var access: Access
    /// `true` iff fast arithmetic adds in 16 parts, each of every 16th place of the last dimension; else in turn.
    ///
    /// Never left to where operands stand, which is not the same in every entry.
    package var inParts: Bool
    /// `true` iff it goes on from what is there; never if it adds in parts.
    package var goesOn = false
  }

  /// The dimensions' extents where they are constant, so that the compiler may know them.
  package var constants: [Int?]
  /// What is computed, operands before uses.
  package var operations: [Operation]
  /// What is stored at each place.
  package var stores: [Store]
  /// What is folded, if it is a reduction.
  package var fold: Fold?
  /// For each argument, whether it holds tokens and whether it is written.
  package var arguments: [Argument]
  /// The dimension of which a call does a part, since workers may divide it.
  package var shared: Int?

  /// What a kernel is given.
  package struct Argument: Hashable, Sendable {
    /// `true` iff it points to tokens.
    package var holdsTokens: Bool
    /// `true` iff the kernel writes there.
    package var isWritten: Bool
  }

  /// `true` iff some operation draws random numbers.
  package var draws: Bool {
    operations.contains { if case .random = $0 { true } else { false } }
  }

  /// `true` iff some random number depends on the call's first example.
  package var countsExamples: Bool {
    operations.contains {
      if case .random(_, _, let counter) = $0 { counter.countsExamples } else { false }
    }
  }

  /// The axes whose run-time lengths its addresses or values need, in order.
  package var lengths: [AxisID] {
    var found = AxisSet.none
    for access in accesses {
      for stride in access.strides { found = found.union(AxisSet(stride.lengths)) }
    }
    for operation in operations {
      switch operation {
      case .length(let axis, _): found = found.adding(axis)
      case .gather(_, _, let stride), .gatherToken(_, _, let stride):
        found = found.union(AxisSet(stride.lengths))
      case .line(let line):
        for size in line.sizes + [line.limit] { found = found.union(AxisSet(size.lengths)) }
      case .random(_, _, let counter):
        for size in counter.words.flatMap(\.sizes) { found = found.union(AxisSet(size.lengths)) }
      case .load, .loadToken, .index, .constant, .token, .position, .unary, .binary, .select,
        .selectToken, .number, .equalTokens, .isToken:
        continue
      }
    }
    return found.axes
  }

  /// All accesses to memory.
  package var accesses: [Access] {
    operations.compactMap {
      switch $0 {
      case .load(let access), .loadToken(let access), .gather(let access, _, _),
        .gatherToken(let access, _, _):
        access
      case .line, .index, .constant, .token, .position, .length, .unary, .binary, .select,
        .selectToken, .number,
        .equalTokens, .isToken, .random:
        nil
      }
    } + stores.map(\.access) + (fold.map { [$0.access] } ?? [])
  }
}
