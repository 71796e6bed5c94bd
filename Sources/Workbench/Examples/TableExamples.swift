package import ModelRuntime

/// The rows of a table as examples.
package struct TableExamples: ExampleReader {
  /// The table.
  let table: TableFile
  /// The inputs.
  package let fields: [Field]
  /// How the cells of each are read.
  private let readers: [CellReader]
  /// Where the cells of each stand.
  private let places: [[Int]]
  /// What the tokens of each mean.
  var vocabularies: [Vocabulary?]

  /// How many rows there are.
  package var count: Int { table.count }
  /// Whether the file is so small that what was read may be kept.
  package var isSmall: Bool { table.size <= 8 << 20 }

  /// Finds the columns; throws when one is missing.
  init(_ table: TableFile, _ fields: [Field]) throws(RuntimeError) {
    self.table = table
    self.fields = fields
    var readers: [CellReader] = []
    var places: [[Int]] = []
    for field in fields {
      readers.append(try CellReader(field))
      var found: [Int] = []
      for name in field.form.columns {
        guard let column = try table.column(name) else {
          let names = table.columns.map { quoted($0) }.joined(separator: ", ")
          throw RuntimeError(
            "\(quoted(table.path)) has no column \(quoted(name)), it has \(names)",
            hint: "name the column of an input by --bind \(field.name)=COLUMN"
          )
        }
        found.append(column)
      }
      places.append(found)
    }
    self.readers = readers
    self.places = places
    vocabularies = fields.map { _ in nil }
  }

  /// What the cells of a row say, before tokens are numbered.
  func cellValues(of row: Int) throws(RuntimeError) -> Result<[CellValue], BadValue> {
    switch try table.cells(of: row) {
    case .failure(let trouble): return .failure(trouble)
    case .success(let cells):
      var values: [CellValue] = []
      for (reader, own) in zip(readers, places) {
        do {
          values.append(try reader.read(own.map { cells[$0] }))
        } catch {
          let column = error.column ?? reader.field.form.columns.first
          return .failure(BadValue(error.message, column: column, hint: error.hint))
        }
      }
      return .success(values)
    }
  }

  /// A row's values.
  package func values(of row: Int) throws(RuntimeError) -> Result<[FieldValue], BadValue> {
    switch try cellValues(of: row) {
    case .failure(let trouble): return .failure(trouble)
    case .success(let cells):
      var values: [FieldValue] = []
      for (index, cell) in cells.enumerated() {
        do {
          values.append(try cell.encoded(fields[index], vocabularies[index]))
        } catch {
          let column = fields[index].form.columns.first
          return .failure(BadValue(error.message, column: column, hint: error.hint))
        }
      }
      return .success(values)
    }
  }

  /// The table's columns.
  package var columns: [String] { table.columns }

  /// The row's cells.
  package func cells(of row: Int) throws(RuntimeError) -> [String] {
    switch try table.cells(of: row) {
    case .failure(let trouble): throw try table.error(trouble, row: row)
    case .success(let cells): return cells
    }
  }

  /// A bad row as an error of its line and column.
  package func error(_ trouble: BadValue, example: Int) throws(RuntimeError) -> RuntimeError {
    try table.error(trouble, row: example)
  }
}

extension CellValue {
  /// The value with its tokens numbered, and the end after them where there is one.
  func encoded(_ field: Field, _ vocabulary: Vocabulary?) throws(BadValue) -> FieldValue {
    switch self {
    case .numbers(let numbers, let lengths, _):
      return FieldValue(elements: .numbers(numbers), lengths: lengths)
    case .units(let units, var lengths):
      var tokens: [Int32] = []
      tokens.reserveCapacity(units.count + 1)
      for unit in units {
        if let vocabulary {
          guard let token = vocabulary.token(of: unit) else {
            let many = vocabulary.count - (vocabulary.hasEnd ? 1 : 0)
            throw BadValue(
              "\(quoted(unit)) is not among the \(many) of the vocabulary",
              hint: "the vocabulary is that of the part that is trained on; leave such rows out by "
                + "--skip-bad-rows"
            )
          }
          tokens.append(token)
        } else {
          guard let token = Int32(unit), token >= 0 else {
            throw BadValue("\(quoted(unit)) is not the number of a token")
          }
          if let count = field.tokens, token >= count {
            throw BadValue("the token \(token) is not below \(count)")
          }
          tokens.append(token)
        }
      }
      if field.form.ends, lengths.count == 1 {
        tokens.append(0)
        lengths[0][0] += 1
      }
      return FieldValue(elements: .tokens(tokens), lengths: lengths)
    }
  }
}
