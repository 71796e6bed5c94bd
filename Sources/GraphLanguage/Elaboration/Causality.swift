import GraphIR

/// What carry, stream and generate demand: nothing looks ahead along their axis.
extension Elaboration {
  /// Refuses what looks ahead along the axis that states are kept along.
  func checkCausality(in model: ModelSyntax) {
  }
}
