internal import ModelRuntime
internal import Rondo

/// Which data a model is to be trained on, and how it is to be read.
package struct DataRequest: Hashable, Sendable {
  /// What is only looked at.
  package enum Validation: Hashable, Sendable {
    /// A part: of a text or series the last, of rows and arrays those that the seed chooses.
    case fraction(Double)
    /// Another file.
    case file(String)
  }

  /// The file.
  package var path: String
  /// What is only looked at.
  package var validation: Validation
  /// By input, the columns or the array that hold it; an input that is not named has its own name's.
  package var bindings: [String: [String]]
  /// What a token is where nothing else is said; nil is a character in a text and a word in a cell.
  package var unit: TextUnit?
  /// By input or column, what its tokens are.
  package var units: [String: TextUnit]
  /// How many steps a window has; nil where a row is an example.
  package var window: Int?
  /// How many steps after its window a target is.
  package var ahead: Int
  /// Whether rows that are wrong are left out.
  package var skipsBadRows: Bool
  /// What the choice of rows follows from.
  package var seed: UInt64

  /// Asks for a file, a tenth of it only looked at, unless told otherwise.
  package init(
    _ path: String,
    validation: Validation = .fraction(0.1),
    bindings: [String: [String]] = [:],
    unit: TextUnit? = nil,
    units: [String: TextUnit] = [:],
    window: Int? = nil,
    ahead: Int = 1,
    skipsBadRows: Bool = false,
    seed: UInt64 = 0
  ) {
    self.path = path
    self.validation = validation
    self.bindings = bindings
    self.unit = unit
    self.units = units
    self.window = window
    self.ahead = ahead
    self.skipsBadRows = skipsBadRows
    self.seed = seed
  }

  /// What kind of file it is, by its name.
  package var kind: DataForm.Kind {
    if TableFile.isTable(path) { return window == nil ? .table : .series }
    return ArrayFile.isArrays(path) ? .arrays : .text
  }

  /// The rows to train on and those to look at: in their order, none in both.
  func split(_ count: Int) -> (training: [Int], validation: [Int]) {
    guard case .fraction(let fraction) = validation else { return (Array(0..<count), []) }
    let looked = Int(Double(count) * fraction)
    guard looked > 0 else { return (Array(0..<count), []) }
    if kind == .series || kind == .text {
      return (Array(0..<count - looked), Array(count - looked..<count))
    }
    // Rows often stand sorted, so that the last ones would be of one class.
    var random = SplitMix(seed: seed ^ 0x7370_6c69_7400_0000)
    let shuffled = Array(0..<count).shuffled(using: &random)
    return (shuffled[looked...].sorted(), shuffled[..<looked].sorted())
  }
}

extension DataForm {
  /// How a definition's inputs are found in the data that is asked for.
  init(_ declarations: Declarations, _ request: DataRequest) throws(RuntimeError) {
    let names = declarations.inputs.map(\.name)
    for name in request.bindings.keys.sorted() where !names.contains(name) {
      throw RuntimeError(
        "\(declarations.model) has no input \(quoted(name)), it has \(names.joined(separator: ", "))",
        hint: "an input is bound by --bind INPUT=COLUMN"
      )
    }
    let columns = names.flatMap { request.bindings[$0] ?? [$0] }
    for name in request.units.keys.sorted() where !names.contains(name) && !columns.contains(name) {
      throw RuntimeError("there is no input and no column \(quoted(name)) to be read by a unit")
    }
    var inputs: [InputForm] = []
    for input in declarations.inputs {
      let columns = request.bindings[input.name] ?? [input.name]
      var unit: TextUnit?
      if input.tokens != nil {
        let special = request.units[input.name] ?? columns.first.flatMap { request.units[$0] }
        unit = request.kind == .arrays ? .number : Self.unit(of: input, special, request.unit)
      }
      let isNumber = unit == nil || unit == .number
      var size = input.name
      if case .size(let name)? = input.tokens { size = name }
      inputs.append(
        InputForm(
          name: input.name,
          columns: columns,
          by: unit,
          vocabulary: isNumber ? nil : size,
          ends: !isNumber && declarations.hasEnd && declarations.generates == input.name,
          target: input.isTarget
        )
      )
    }
    self.init(
      kind: request.kind,
      inputs: inputs,
      window: request.window,
      ahead: request.window == nil ? nil : request.ahead,
      isCrossEntropy: declarations.isCrossEntropy
    )
    try checkUnits()
  }

  /// What a token of an input is: of one without an axis the whole cell.
  private static func unit(
    of input: Declarations.Input,
    _ special: TextUnit?,
    _ general: TextUnit?
  ) -> TextUnit {
    if let special { return special }
    let isWhole = input.axes.isEmpty && input.shape.isEmpty
    if general == .number { return .number }
    return isWhole ? .name : general ?? .word
  }

  /// Refuses inputs of one size whose tokens are of different units.
  private func checkUnits() throws(RuntimeError) {
    var units: [String: InputForm] = [:]
    for input in inputs {
      guard let name = input.vocabulary, let unit = input.by, unit != .name else { continue }
      if let other = units[name], other.by != unit {
        throw RuntimeError(
          "\(quoted(other.name)) is read by \(other.by ?? unit) and \(quoted(input.name)) by \(unit), "
            + "and both are token(\(name))",
          hint: "one size has one vocabulary; give each a size of its own, or read both alike"
        )
      }
      units[name] = input
    }
  }
}
