internal import ModelRuntime
internal import Rondo

/// What one look at the data shows: vocabularies, widths, lengths, and which rows are wrong.
struct DataSurvey {
  /// How the data is read, and what its tokens mean.
  private(set) var form: DataForm
  /// The inputs, as wide as the data is.
  private(set) var fields: [Field]
  /// Where tokens are numbers, one more than the greatest, by input.
  private(set) var greatest: [Int]
  /// What is trained on.
  private(set) var training: ExampleSet
  /// What is only looked at.
  private(set) var validation: ExampleSet?
  /// Looks at the data that is asked for.
  init(
    _ fields: [Field],
    _ form: DataForm,
    _ declarations: Declarations,
    _ request: DataRequest
  ) throws(RuntimeError) {
    self.form = form
    self.fields = fields
    greatest = fields.map { _ in 0 }
    if form.kind == .arrays {
      let reader = try ArrayExamples(ArrayFile(request.path), fields)
      training = ExampleSet(reader)
      try readArrays(reader, request)
      return
    }
    let isSeries = form.kind == .series
    let cellFields = isSeries ? SeriesExamples.stepFields(fields) : fields
    var table = try TableExamples(TableFile(request.path), cellFields)
    var other: TableExamples?
    if case .file(let path) = request.validation {
      other = try TableExamples(Self.table(path, like: request), cellFields)
    }
    let (rows, lookedRows) = request.split(table.count)
    var survey = TokenSurvey(cellFields)
    let good = try Self.survey(table, rows, &survey, isTraining: true, request)
    let looked = try Self.survey(
      other ?? table,
      other?.rows ?? lookedRows,
      &survey,
      isTraining: false,
      request
    )
    self.form.vocabularies = survey.vocabularies(
      unknowns: Self.unknowns(form, declarations)
    )
    for index in fields.indices where fields[index].shape.count == 1 {
      self.fields[index].shape = [fields[index].shape[0] ?? survey.widths[index]]
    }
    greatest = survey.greatest
    let read = isSeries ? SeriesExamples.stepFields(self.fields) : self.fields
    table = try TableExamples(table.table, read)
    other = try other.map { other throws(RuntimeError) in try TableExamples(other.table, read) }
    table.vocabularies = fields.map { [form = self.form] in form.vocabulary(of: $0.name) }
    other?.vocabularies = table.vocabularies
    let skips = request.skipsBadRows
    if isSeries {
      (training, validation) = try Self.windows(self.fields, form, table, other, rows, skips)
    } else {
      training = try ExampleSet(table, good.rows, skipping: skips)
      validation = try ExampleSet(other ?? table, looked.rows, skipping: skips)
    }
    training.addSkipped(rows.count - good.rows.count, first: good.first)
    let lookedCount = other?.count ?? lookedRows.count
    validation?.addSkipped(lookedCount - looked.rows.count, first: looked.first)
    guard training.count > 0 else {
      throw RuntimeError(
        "\(quoted(request.path)) has nothing to train on",
        hint: isSeries
          ? "a window and what is ahead of it take \(form.window ?? 0) + \(form.ahead ?? 0) rows"
          : nil
      )
    }
  }

  /// Reads arrays, whose tokens are numbers.
  private mutating func readArrays(
    _ reader: ArrayExamples,
    _ request: DataRequest
  ) throws(RuntimeError) {
    fields = reader.fields
    let skips = request.skipsBadRows
    var (rows, looked) = request.split(reader.count)
    var other = reader
    if case .file(let path) = request.validation {
      guard ArrayFile.isArrays(path) else {
        throw RuntimeError(
          "\(quoted(path)) is no file of arrays, and \(quoted(request.path)) is one"
        )
      }
      other = try ArrayExamples(ArrayFile(path), fields)
      looked = Array(0..<other.count)
      rows = Array(0..<reader.count)
    }
    training = try ExampleSet(reader, rows, skipping: skips)
    validation = try ExampleSet(other, looked, skipping: skips)
    for (part, set) in [(reader, training), (other, validation ?? training)] {
      for number in set.numbers {
        guard case .success(let values) = try part.values(of: number) else { continue }
        for (index, value) in values.enumerated() {
          guard case .tokens(let tokens) = value.elements else { continue }
          greatest[index] = max(greatest[index], Int(tokens.max() ?? 0) + 1)
        }
      }
    }
  }

  /// A table for validation, of the kind that is trained on.
  private static func table(
    _ path: String,
    like request: DataRequest
  ) throws(RuntimeError) -> TableFile {
    guard TableFile.isTable(path) else {
      throw RuntimeError("\(quoted(path)) is no table, and \(quoted(request.path)) is one")
    }
    return try TableFile(path)
  }

  /// Looks at rows, and gives those that are well written, and what is wrong with the first other one.
  private static func survey(
    _ table: TableExamples,
    _ rows: some Sequence<Int>,
    _ survey: inout TokenSurvey,
    isTraining: Bool,
    _ request: DataRequest
  ) throws(RuntimeError) -> (rows: [Int], first: String?) {
    var good: [Int] = []
    var first: String?
    for row in rows {
      var trouble: BadValue
      switch try table.cellValues(of: row) {
      case .failure(let found): trouble = found
      case .success(let values):
        do {
          try survey.add(values, isTraining: isTraining)
          good.append(row)
          continue
        } catch { trouble = error }
      }
      guard request.skipsBadRows, first != nil else {
        let error = try table.error(trouble, example: row)
        guard request.skipsBadRows else { throw error }
        first = error.message
        continue
      }
    }
    return (good, first)
  }

  /// The vocabularies that need an unknown: those of what a model reads, and of what it writes freely.
  private static func unknowns(_ form: DataForm, _ declarations: Declarations) -> Set<String> {
    Set(
      form.inputs.filter { !$0.target || $0.name == declarations.generates }
        .compactMap(\.vocabulary)
    )
  }

  /// The windows to train on and to look at; none has steps of both parts.
  private static func windows(
    _ fields: [Field],
    _ form: DataForm,
    _ table: TableExamples,
    _ other: TableExamples?,
    _ rows: [Int],
    _ skips: Bool
  ) throws(RuntimeError) -> (ExampleSet, ExampleSet) {
    func series(_ table: TableExamples) throws(RuntimeError) -> SeriesExamples {
      try SeriesExamples(
        table,
        fields,
        window: form.window ?? 1,
        ahead: form.ahead ?? 1,
        skipping: skips
      )
    }
    func set(_ series: SeriesExamples, _ steps: Range<Int>) throws(RuntimeError) -> ExampleSet {
      let last = steps.upperBound - series.span
      let starts = last < steps.lowerBound ? [] : Array(steps.lowerBound...last)
      return try ExampleSet(series, starts.filter(series.isGood), skipping: skips)
    }
    let own = try series(table)
    guard let other else {
      let looked = own.steps - rows.count
      guard looked == 0 || looked >= own.span else {
        throw RuntimeError(
          "the last \(looked) of \(own.steps) rows are too few to validate by: a window and what is "
            + "ahead of it take \(own.span)",
          hint: "keep more by --validation, such as 0.3, or none by --validation 0"
        )
      }
      return (try set(own, 0..<rows.count), try set(own, rows.count..<own.steps))
    }
    let looked = try series(other)
    return (try set(own, 0..<own.steps), try set(looked, 0..<looked.steps))
  }
}

extension TableExamples {
  /// The numbers of all rows.
  fileprivate var rows: [Int] { Array(0..<count) }
}
