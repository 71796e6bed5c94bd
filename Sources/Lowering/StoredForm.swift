/// How the numbers of a weight stand in its panels.
package enum StoredForm: String, CaseIterable, Sendable {
  /// As they are.
  case float32
  /// Rounded to the upper halves of floats.
  case bfloat16

  /// The bytes of a number.
  package var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    }
  }

  /// The bytes of all panels of a weight of so many rows and columns.
  package func bytes(rows: Int, columns: Int) -> Int {
    TurnedForms.padded(rows) * columns * size
  }
}
