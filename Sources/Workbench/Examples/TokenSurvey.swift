internal import ModelRuntime
internal import Rondo

/// What the training part of some data shows: which tokens there are, and how wide vectors are.
struct TokenSurvey {
  /// The inputs.
  private let fields: [Field]
  /// What was counted, by vocabulary.
  private var counts: [String: VocabularyCounts] = [:]
  /// Where tokens are numbers, one more than the greatest, by input.
  private(set) var greatest: [Int]
  /// How wide the vectors of each input are; nil where none was seen.
  private(set) var widths: [Int?]

  /// Nothing seen yet.
  init(_ fields: [Field]) {
    self.fields = fields
    greatest = fields.map { _ in 0 }
    widths = fields.map { _ in nil }
  }

  /// Looks at an example; its tokens are counted when it is one to train on.
  mutating func add(_ values: [CellValue], isTraining: Bool) throws(BadValue) {
    for (index, value) in values.enumerated() {
      let field = fields[index]
      switch value {
      case .numbers(_, _, let width):
        guard width == widths[index] ?? width else {
          throw BadValue(
            "there are \(width) numbers, and \(widths[index] ?? 0) in the rows before",
            column: field.form.columns.first
          )
        }
        widths[index] = width
      case .units(let units, _):
        if let name = field.form.vocabulary {
          guard isTraining else { continue }
          for unit in units { counts[name, default: VocabularyCounts()].add(unit) }
          if field.form.ends { counts[name, default: VocabularyCounts()].addEnd() }
        } else {
          for unit in units { greatest[index] = max(greatest[index], (Int(unit) ?? 0) + 1) }
        }
      }
    }
  }

  /// The vocabularies, in the order of the inputs.
  ///
  /// Where a person or the definition says how many tokens there are, those that have an unknown have no
  /// more.
  ///
  /// - Parameter unknowns: those that stand for what was never seen, too.
  func vocabularies(unknowns: Set<String>) -> [DataForm.Named] {
    var result: [DataForm.Named] = []
    for name in fields.compactMap(\.form.vocabulary)
    where !result.contains(where: { $0.name == name }) {
      let sharing = fields.filter { $0.form.vocabulary == name }
      let hasEnd = sharing.contains { $0.form.ends }
      // A class may be one of the words of another input.
      let unit = sharing.compactMap(\.form.by).first { $0 != .name } ?? .name
      let hasUnknown = hasEnd || unknowns.contains(name)
      let seen = counts[name] ?? VocabularyCounts()
      let known = sharing.compactMap(\.tokens).first
      let isClass = !hasUnknown && (unit == .name || unit == .word)
      let numbered = isClass ? Vocabulary(numbered: seen, by: unit, count: known) : nil
      let vocabulary =
        numbered
        ?? Vocabulary(
          unit: unit,
          counts: seen,
          hasEnd: hasEnd,
          hasUnknown: hasUnknown,
          limit: known
        )
      result.append(DataForm.Named(name: name, vocabulary: vocabulary))
    }
    return result
  }
}
