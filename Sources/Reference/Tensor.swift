package import GraphIR

/// A value with its numbers.
///
/// They stand at the positions that exist, the slowest first: [axes but the batch, in declared
/// order][batch][shape]. A token is stored as the number it is, -1 for `none`; Float holds those below
/// 2^24.
package struct Tensor<S: Scalar>: Hashable, Sendable {
  /// What it is.
  package var type: ValueType
  /// The greatest length of each axis of the type, in declared order: the batch first.
  package var lengths: [Int]
  /// The numbers.
  package var values: [S]

  /// Makes a value from its parts.
  package init(type: ValueType, lengths: [Int] = [], values: [S]) {
    self.type = type
    self.lengths = lengths
    self.values = values
  }

  /// A single real number.
  package init(_ value: S) {
    self.init(type: .real, values: [value])
  }

  /// How many numbers a value of this type has if all rows have these lengths.
  package static func count(_ type: ValueType, lengths: [Int]) -> Int {
    lengths.reduce(type.shape.count, *)
  }
}
