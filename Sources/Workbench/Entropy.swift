internal import ModelRuntime

/// What a text's counts alone say about it.
package enum Entropy {
  /// The mean surprise, in nats, of one who knows how often each token occurs and nothing more.
  ///
  /// A model whose loss is not below it has learnt nothing about the order of tokens.
  package static func unigram(_ counts: [Int]) -> Double {
    let total = Double(counts.reduce(0, +))
    return counts.reduce(0) { sum, count in
      guard count > 0 else { return sum }
      let share = Double(count) / total
      return sum - share * Platform.log(share)
    }
  }
}
