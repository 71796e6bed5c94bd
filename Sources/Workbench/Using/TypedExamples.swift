package import ModelRuntime

/// Examples whose cells were typed, or are the lines of a text.
package struct TypedExamples: ExampleReader {
  /// The inputs.
  package let fields: [Field]
  /// Nothing is read again.
  package let isSmall = true
  /// The inputs' names.
  package let columns: [String]
  /// What was typed.
  private let rows: [[String]]
  /// What it says.
  let all: [[FieldValue]]

  /// How many examples there are.
  package var count: Int { rows.count }

  /// Reads the cells, by input; the first that is wrong is named by its input.
  init(
    _ fields: [Field],
    _ rows: [[String: String]],
    vocabularies: [Vocabulary?]
  ) throws(RuntimeError) {
    self.fields = fields
    columns = fields.map(\.name)
    var all: [[FieldValue]] = []
    for (number, cells) in rows.enumerated() {
      var values: [FieldValue] = []
      for (field, vocabulary) in zip(fields, vocabularies) {
        guard let cell = cells[field.name] else {
          throw RuntimeError(
            "nothing is given for \(quoted(field.name))",
            hint: "write \(field.name)=VALUE"
          )
        }
        var single = field
        single.form.columns = [field.name]
        let reader = try CellReader(single)
        do {
          values.append(try reader.read([cell]).encoded(field, vocabulary))
        } catch {
          let line = rows.count > 1 ? "line \(number + 1), " : ""
          throw RuntimeError("\(line)\(quoted(field.name)): \(error.message)")
        }
      }
      all.append(values)
    }
    self.rows = rows.map { row in fields.map { row[$0.name] ?? "" } }
    self.all = all
  }

  /// An example's values.
  package func values(of example: Int) throws(RuntimeError) -> Result<[FieldValue], BadValue> {
    .success(all[example])
  }

  /// What was typed.
  package func cells(of example: Int) throws(RuntimeError) -> [String] { rows[example] }

  /// What is wrong with an example.
  package func error(_ trouble: BadValue, example: Int) throws(RuntimeError) -> RuntimeError {
    RuntimeError(trouble.message, hint: trouble.hint)
  }
}
