package import ModelRuntime

/// The windows of a series as examples: a table with a step in each row, cut up anew at every step.
///
/// An input over an axis gets the window's steps, one without an axis its last. A target without an
/// axis is what comes `ahead` steps after the window's last; one over an axis of the inputs is each
/// step's value so much later, and one over an axis of its own the steps that follow the window.
package struct SeriesExamples: ExampleReader {
  /// One column of the series.
  private enum Column {
    /// Numbers, so many a step.
    case numbers([Float], width: Int)
    /// Tokens, so many a step.
    case tokens([Int32], width: Int)
  }

  /// The inputs.
  package let fields: [Field]
  /// How many steps a window has.
  private let window: Int
  /// How far ahead a target is.
  private let ahead: Int
  /// The steps of each input, bad ones as zeros.
  private let series: [Column]
  /// How many bad steps there are before each step.
  private let badBefore: [Int]
  /// How many steps there are.
  package let steps: Int
  /// The path, for messages.
  private let path: String

  /// How many windows there are.
  package var count: Int { max(0, steps - span + 1) }
  /// Windows are put together from memory.
  package var isSmall: Bool { false }
  /// How many steps a window and its targets take.
  package var span: Int { fields.map { range($0, from: 0).upperBound }.max() ?? window }

  /// A table as it is read step by step: without axes.
  static func stepFields(_ fields: [Field]) -> [Field] {
    fields.map { field in
      var step = field
      step.axes = []
      step.isInner = []
      return step
    }
  }

  /// Reads all steps.
  ///
  /// - Parameters:
  ///   - table: the steps, read by `stepFields`, its vocabularies known.
  ///   - fields: the inputs.
  ///   - window: how many steps a window has.
  ///   - ahead: how far ahead a target is.
  ///   - skipping: whether windows with bad steps are left out; else the first is thrown.
  init(
    _ table: TableExamples,
    _ fields: [Field],
    window: Int,
    ahead: Int,
    skipping: Bool
  ) throws(RuntimeError) {
    for field in fields where field.axes.count > 1 {
      throw RuntimeError(
        .unsupported,
        "\(quoted(field.name)) runs over \(field.axes.joined(separator: " and ")), and a series has "
          + "steps along one axis"
      )
    }
    self.fields = fields
    self.window = window
    self.ahead = ahead
    path = table.table.path
    steps = table.count
    var numbers = fields.map { _ in [Float]() }
    var tokens = fields.map { _ in [Int32]() }
    var badBefore = [0]
    for row in 0..<table.count {
      switch try table.values(of: row) {
      case .failure(let trouble):
        guard skipping else { throw try table.error(trouble, example: row) }
        for (index, field) in fields.enumerated() {
          let blank = field.width ?? 1
          if field.isToken { tokens[index] += [Int32](repeating: 0, count: blank) }
          if !field.isToken { numbers[index] += [Float](repeating: 0, count: blank) }
        }
        badBefore.append(badBefore[row] + 1)
      case .success(let values):
        for (index, value) in values.enumerated() {
          switch value.elements {
          case .numbers(let own): numbers[index] += own
          case .tokens(let own): tokens[index] += own
          }
        }
        badBefore.append(badBefore[row])
      }
    }
    series = fields.enumerated().map { index, field in
      let width = field.width ?? 1
      return field.isToken
        ? .tokens(tokens[index], width: width) : .numbers(numbers[index], width: width)
    }
    self.badBefore = badBefore
  }

  /// The steps that an input gets in the window that begins at a step.
  private func range(_ field: Field, from start: Int) -> Range<Int> {
    let inputAxes = fields.filter { !$0.form.target }.flatMap(\.axes)
    guard field.form.target, !inputAxes.isEmpty else {
      return field.axes.isEmpty
        ? start + window - 1..<start + window : start..<start + window
    }
    guard let axis = field.axes.first else {
      let place = start + window - 1 + ahead
      return place..<place + 1
    }
    if inputAxes.contains(axis) { return start + ahead..<start + ahead + window }
    return start + window..<start + window + ahead
  }

  /// Whether no step of a window is bad.
  func isGood(_ start: Int) -> Bool { badBefore[start + span] == badBefore[start] }

  /// A window's values.
  package func values(of start: Int) throws(RuntimeError) -> Result<[FieldValue], BadValue> {
    var values: [FieldValue] = []
    for (field, column) in zip(fields, series) {
      let range = range(field, from: start)
      let lengths = field.axes.isEmpty ? [] : [[range.count]]
      switch column {
      case .numbers(let numbers, let width):
        let part = numbers[range.lowerBound * width..<range.upperBound * width]
        values.append(FieldValue(elements: .numbers(Array(part)), lengths: lengths))
      case .tokens(let tokens, let width):
        let part = tokens[range.lowerBound * width..<range.upperBound * width]
        values.append(FieldValue(elements: .tokens(Array(part)), lengths: lengths))
      }
    }
    return .success(values)
  }

  /// Windows are known by the row, counted from 1, of the last step that belongs to them.
  package var columns: [String] { ["row"] }

  /// The row of a window's last step, that of its targets among them.
  package func cells(of start: Int) throws(RuntimeError) -> [String] {
    let targets = span > window ? span : window + (hasTarget ? 0 : ahead)
    return ["\(start + targets)"]
  }

  /// Whether a target is read.
  private var hasTarget: Bool { fields.contains { $0.form.target } }

  /// A window that does not fit, as an error of its first step.
  package func error(_ trouble: BadValue, example: Int) throws(RuntimeError) -> RuntimeError {
    RuntimeError(
      "\(quoted(path)), window from step \(example + 1): \(trouble.message)",
      hint: trouble.hint
    )
  }
}
