internal import Reference

/// How the learning rate changes over a run.
///
/// It follows from how far the run has come, which a checkpoint holds, so a run that goes on has the
/// rates of one that never stopped.
public enum Schedule: Hashable, Sendable {
  /// It stays as it is.
  case constant
  /// It falls along half a cosine, from the whole in the first epoch towards 0 after the last.
  case cosine
  /// It is multiplied by a factor after each so many epochs.
  case step(every: Int, factor: Float)
  /// It is multiplied by a factor after each so many epochs in a row without a best loss.
  case plateau(patience: Int, factor: Float)

  /// What the rate is multiplied by in an epoch.
  ///
  /// - Parameters:
  ///   - epoch: the epoch, from 0.
  ///   - epochs: how many the run has in all.
  ///   - reductions: how often a plateau was met.
  public func factor(epoch: Int, of epochs: Int, reductions: Int) -> Float {
    switch self {
    case .constant: 1
    case .cosine:
      0.5 + 0.5 * Float.cos(.pi * Float(epoch) / Float(max(epochs, 1)))
    case .step(let every, let factor): Self.power(factor, epoch / max(every, 1))
    case .plateau(_, let factor): Self.power(factor, reductions)
    }
  }

  /// A factor so many times.
  private static func power(_ factor: Float, _ count: Int) -> Float {
    // Beyond this any factor below 1 has come to 0.
    (0..<min(count, 10_000)).reduce(1) { product, _ in product * factor }
  }
}
