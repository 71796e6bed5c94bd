internal import Lowering

/// What the C says of the forms in which weights are stored.
extension StoredForm {
  /// What the names of functions for it begin with.
  var prefix: String {
    switch self {
    case .float32: ""
    case .bfloat16: "half_"
    case .int8: "byte_"
    }
  }

  /// The type of a number.
  var element: String {
    switch self {
    case .float32: "float"
    case .bfloat16: "uint16_t"
    case .int8: "int8_t"
    }
  }

  /// The product with a weight in panels of it.
  var panelProduct: String { prefix + "panel_product" }

  /// A vector of numbers that stand in memory, as floats.
  func load(_ from: String) -> String {
    switch self {
    case .float32: "load(\(from))"
    case .bfloat16: "load_halves(\(from))"
    case .int8: "load_bytes(\(from))"
    }
  }

  /// What a number of a row is stored as.
  func stored(_ number: String, row: String) -> String {
    switch self {
    case .float32: number
    case .bfloat16: "half_of(\(number))"
    case .int8: "byte_of(\(number), scales[\(row)])"
    }
  }
}
