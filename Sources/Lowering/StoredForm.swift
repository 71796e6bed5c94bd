/// How the numbers of a weight stand in its panels.
package enum StoredForm: String, CaseIterable, Sendable {
  /// As they are.
  case float32
  /// Rounded to the upper halves of floats.
  case bfloat16
  /// Whole numbers from -127 to 127, and for each column what one of them is worth.
  case int8

  /// The bytes of a number.
  package var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    case .int8: 1
    }
  }

  /// `true` iff each column has a scale, a float by which its sums are multiplied; they stand behind all panels.
  package var isScaled: Bool {
    switch self {
    case .float32, .bfloat16: false
    case .int8: true
    }
  }

  /// The bytes of all panels of a weight of so many rows and columns, with the scales.
  package func bytes(rows: Int, columns: Int) -> Int {
    TurnedForms.padded(rows) * (columns * size + (isScaled ? 4 : 0))
  }
}
