internal import ModelRuntime
internal import Workbench

// How the words of a command say which data is read, and how.
extension DataRequest {
  /// The options that `init` reads.
  static let options: [Option] = [
    .data, .bind, .by, .window, .ahead, .skipBadRows,
  ]

  /// Reads the options.
  init(_ arguments: Arguments) throws {
    self.init(try arguments.required(.data))
    let text = arguments.text(.validation)
    if let number = text.flatMap(Double.init) {
      guard (0..<1).contains(number) else {
        throw UsageError(
          "--validation takes a fraction from 0 to below 1, or a file, not \(number)"
        )
      }
      validation = .fraction(number)
    } else if let text {
      validation = .file(text)
    }
    bindings = try Self.bindings(arguments)
    for text in arguments.all(.by) {
      let (name, word) = Self.parts(text)
      guard let unit = TextUnit(rawValue: word) else {
        let words = TextUnit.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("--by takes one of \(words), not \(quoted(word))")
      }
      if let name {
        guard units.updateValue(unit, forKey: name) == nil else {
          throw UsageError("--by gives \(quoted(name)) two units")
        }
      } else {
        guard self.unit == nil else { throw UsageError("--by gives all columns two units") }
        self.unit = unit
      }
    }
    window = try arguments.int(.window, in: 1...1_000_000)
    ahead = try arguments.int(.ahead, in: 1...1_000_000) ?? 1
    skipsBadRows = arguments.has(.skipBadRows)
    guard window == nil || TableFile.isTable(path) else {
      throw UsageError("--window cuts a .csv or .tsv up, and \(quoted(path)) is none")
    }
    guard window != nil || !arguments.has(.ahead) else {
      throw UsageError("--ahead goes with --window")
    }
  }

  /// The columns of `--bind INPUT=COLUMN,...`.
  static func bindings(_ arguments: Arguments) throws(UsageError) -> [String: [String]] {
    var bindings: [String: [String]] = [:]
    for text in arguments.all(.bind) {
      let (name, rest) = parts(text)
      let columns = rest.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard let name, Manifest.isName(name), !columns.contains("") else {
        throw UsageError("--bind takes INPUT=COLUMN or INPUT=COLUMN,COLUMN, not \(quoted(text))")
      }
      guard bindings.updateValue(columns, forKey: name) == nil else {
        throw UsageError("--bind gives \(quoted(name)) two columns; write them with a comma")
      }
    }
    return bindings
  }

  /// What stands before and after the last `=`, since a column's name may have one.
  private static func parts(_ text: String) -> (name: String?, rest: String) {
    guard let place = text.firstIndex(of: "=") else { return (nil, text) }
    return (String(text[..<place]), String(text[text.index(after: place)...]))
  }
}

extension Option {
  /// The data.
  static let data = Option(
    "--data",
    "FILE",
    help: "the data: .txt .tsv .csv .npz .npy .safetensors"
  )
  /// Columns of inputs.
  static let bind = Option(
    "--bind",
    "INPUT=COLUMN",
    repeats: true,
    help: "the column, columns (with commas) or array of an input (default: of its name)"
  )
  /// What a token is.
  static let by = Option(
    "--by",
    "[COLUMN=]UNIT",
    repeats: true,
    help:
      "what a token is: character, byte, word, name (a whole cell), number (default character in a "
      + "text, word in a cell)"
  )
  /// How long a window of a series is.
  static let window = Option(
    "--window",
    "N",
    help: "a table's rows are the steps of a series, cut into windows of N"
  )
  /// How far ahead its target is.
  static let ahead = Option(
    "--ahead",
    "K",
    help: "how many steps after a window its target is (default 1)"
  )
  /// Leaving out what is wrong.
  static let skipBadRows = Option(
    "--skip-bad-rows",
    help: "leave out rows that are wrong, and count them"
  )
  /// What the best weights are chosen by.
  static let validation = Option(
    "--validation",
    "F|FILE",
    help: "the fraction, or the file, that is only looked at (default 0.1); the end of a text or "
      + "series, rows by chance"
  )
}
