/// How often each class was taken for each.
package struct Confusion: Hashable, Sendable {
  /// What was told apart.
  package var title: String
  /// The classes' names.
  package let classes: [String]
  /// A row for each true class: how often each class was said; as many as there are names, each way.
  package private(set) var counts: [[Int]]

  /// What one class came to.
  package struct Line: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// How many examples are of it.
    package var count: Int
    /// Which part of what was said to be of it is; nil when nothing was.
    package var precision: Double?
    /// Which part of its examples was found; nil when there is none.
    package var recall: Double?
    /// The harmonic mean of the two; nil without both.
    package var f1: Double?
  }

  /// Nothing counted yet.
  package init(title: String, classes: [String]) {
    self.title = title
    self.classes = classes
    counts = Array(repeating: Array(repeating: 0, count: classes.count), count: classes.count)
  }

  /// Counts an example; a class that has no name is not counted.
  package mutating func add(truth: Int, said: Int, times: Int = 1) {
    guard classes.indices.contains(truth), classes.indices.contains(said), times > 0 else { return }
    let (sum, overflow) = counts[truth][said].addingReportingOverflow(times)
    if !overflow { counts[truth][said] = sum }
  }

  /// How many examples were counted.
  package var total: Int { counts.joined().reduce(0, +) }

  /// How many were taken for what they are.
  package var right: Int { classes.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// What each class came to.
  package var lines: [Line] {
    classes.indices.map { index in
      let count = counts[index].reduce(0, +)
      let said = counts.reduce(0) { $0 + $1[index] }
      let found = Double(counts[index][index])
      let precision = said > 0 ? found / Double(said) : nil
      let recall = count > 0 ? found / Double(count) : nil
      let both = (precision ?? 0) + (recall ?? 0)
      return Line(
        name: classes[index],
        count: count,
        precision: precision,
        recall: recall,
        f1: precision.flatMap { p in recall.map { both > 0 ? 2 * p * $0 / both : 0 } }
      )
    }
  }
}
