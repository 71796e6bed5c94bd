/// How often each class was taken for each.
package struct Confusion: Hashable, Sendable {
  /// The classes' names.
  package let names: [String]
  /// By class that it is, then by class it was taken for: how often.
  package private(set) var counts: [[Int]]

  /// Nothing counted.
  package init(names: [String]) {
    self.names = names
    counts = names.map { _ in names.map { _ in 0 } }
  }

  /// Counts an answer.
  package mutating func add(truth: Int32, guess: Int32) {
    guard names.indices.contains(Int(truth)), names.indices.contains(Int(guess)) else { return }
    counts[Int(truth)][Int(guess)] += 1
  }

  /// How many answers were counted.
  package var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  /// How many were right.
  package var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// What a class's answers come to.
  package struct Score: Hashable, Sendable {
    /// The class.
    package var name: String
    /// Of those taken for it, the share that is; nil when none was.
    package var precision: Double?
    /// Of those that are, the share that was taken for it; nil when none is.
    package var recall: Double?
    /// How many are.
    package var count: Int

    /// The harmonic mean of the two.
    package var f1: Double? {
      guard let precision, let recall else { return nil }
      return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  /// The scores of the classes that there are, or that something was taken for.
  package var scores: [Score] {
    names.indices.compactMap { index in
      let count = counts[index].reduce(0, +)
      let taken = counts.reduce(0) { $0 + $1[index] }
      guard count + taken > 0 else { return nil }
      let right = Double(counts[index][index])
      return Score(
        name: names[index],
        precision: taken > 0 ? right / Double(taken) : nil,
        recall: count > 0 ? right / Double(count) : nil,
        count: count
      )
    }
  }

  /// The table that is read: a class a row, by what it was taken for, numbered where names are long.
  package var table: String {
    let used = names.indices.filter { index in
      counts[index].contains { $0 > 0 } || counts.contains { $0[index] > 0 }
    }
    let cells = used.map { truth in
      used.map { counts[truth][$0] == 0 ? "." : "\(counts[truth][$0])" }
    }
    let longest = cells.joined().map(\.count).max() ?? 1
    let isShort = used.allSatisfy { names[$0].count <= max(longest, 5) }
    let heads = used.indices.map { isShort ? names[used[$0]] : "\($0 + 1)" }
    let labels = used.indices.map { isShort ? names[used[$0]] : "\($0 + 1) \(names[used[$0]])" }
    let width = max(longest, heads.map(\.count).max() ?? 1)
    let margin = labels.map(\.count).max() ?? 0
    func row(_ label: String, _ cells: [String]) -> String {
      let padded = label + String(repeating: " ", count: margin - label.count)
      return padded
        + cells.map { String(repeating: " ", count: width + 1 - $0.count) + $0 }.joined()
    }
    return ([row("", heads)] + zip(labels, cells).map(row)).joined(separator: "\n")
  }
}
