/// How often each class was taken for each.
package struct Confusion: Hashable, Sendable {
  /// The classes' names.
  package let names: [String]
  /// A row for each true class: how often each class was said; as many as there are names, each way.
  package private(set) var counts: [[Int]]

  /// What one class came to.
  package struct Score: Hashable, Sendable {
    /// The class.
    package var name: String
    /// Which part of what was said to be of it is; nil when nothing was.
    package var precision: Double?
    /// Which part of its examples was found; nil when there is none.
    package var recall: Double?
    /// How many examples are of it.
    package var count: Int

    /// The harmonic mean of the two; nil without both.
    package var f1: Double? {
      guard let precision, let recall else { return nil }
      let both = precision + recall
      return both > 0 ? 2 * precision * recall / both : 0
    }
  }

  /// Nothing counted yet.
  package init(names: [String]) {
    self.names = names
    counts = Array(repeating: Array(repeating: 0, count: names.count), count: names.count)
  }

  /// Counts an example; a class that has no name is not counted.
  package mutating func add(truth: Int32, guess: Int32) {
    guard names.indices.contains(Int(truth)), names.indices.contains(Int(guess)) else { return }
    counts[Int(truth)][Int(guess)] += 1
  }

  /// How many examples were counted.
  package var total: Int { counts.joined().reduce(0, +) }

  /// How many were taken for what they are.
  package var right: Int { names.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// What each class came to that there is, or that something was taken for.
  package var scores: [Score] {
    names.indices.compactMap { index in
      let count = counts[index].reduce(0, +)
      let said = counts.reduce(0) { $0 + $1[index] }
      guard count + said > 0 else { return nil }
      let found = Double(counts[index][index])
      return Score(
        name: names[index],
        precision: said > 0 ? found / Double(said) : nil,
        recall: count > 0 ? found / Double(count) : nil,
        count: count
      )
    }
  }
}
