internal import ModelRuntime
internal import Rondo

/// A long text as the tokens of a model's only input.
struct TextData {
  /// How it is read, and what its tokens mean.
  let form: DataForm
  /// The values of the open sizes.
  let sizes: [String: Int]
  /// The text to train on.
  let text: Text
  /// The tokens to train on.
  let training: [Int32]
  /// The tokens to look at.
  let validation: [Int32]?

  /// Reads the files.
  init(
    _ declarations: Declarations,
    _ openings: [Compiler.Opening],
    _ request: DataRequest,
    _ given: [String: Int]
  ) throws(RuntimeError) {
    let size = try TextInput.size(among: openings, given: given)
    guard request.bindings.isEmpty, request.units.isEmpty else {
      throw RuntimeError(
        "\(quoted(request.path)) is read as one text, which has no columns",
        hint: "a table is called .tsv or .csv"
      )
    }
    let unit = request.unit ?? .character
    let whole = try Self.read(request.path, unit)
    let parts: (first: Text, last: Text)
    switch request.validation {
    case .fraction(let fraction): parts = whole.split(last: fraction)
    case .file(let path): parts = (whole, try Self.read(path, unit))
    }
    // Characters and bytes are few, and all of them are known; words have an unknown for the others.
    var input = declarations.inputs.first { $0.tokens != nil }
    if let drawn = declarations.inputs.first(where: { $0.name == declarations.generates }) {
      input = drawn
    }
    let limit: Int? =
      switch input?.tokens {
      case .size(let name)?: given[name] ?? declarations.fixedSizes[name]
      case .number(let number)?: number
      case .computed?, nil: nil
      }
    let vocabulary = Vocabulary(
      of: unit == .word ? parts.first : parts.first + parts.last,
      hasEnd: declarations.hasEnd,
      limit: unit == .word ? limit : nil
    )
    form = DataForm(
      text: vocabulary,
      input: input?.name ?? "text",
      size: size,
      isCrossEntropy: declarations.isCrossEntropy
    )
    sizes = size.map { given.merging([$0: vocabulary.count]) { $1 } } ?? given
    text = parts.first
    training = try vocabulary.encode(parts.first)
    let last = try vocabulary.encode(parts.last)
    validation = last.isEmpty ? nil : last
  }

  /// Reads a file that has something in it.
  private static func read(_ path: String, _ unit: TextUnit) throws(RuntimeError) -> Text {
    let text = try Text.read(path, by: unit)
    guard !text.symbols.isEmpty else { throw RuntimeError("\(quoted(path)) is empty") }
    return text
  }
}
