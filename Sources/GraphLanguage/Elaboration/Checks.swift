import GraphIR

/// What can be said of a definition without applying it.
extension Elaboration {
  /// Checks all definitions and the model's names.
  func checkDefinitions() {
  }
}
