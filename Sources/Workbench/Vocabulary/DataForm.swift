package import ModelRuntime

/// How one input of a model is found in a file.
package struct InputForm: Hashable, Sendable, Codable {
  /// The input's name in the definition.
  package var name: String
  /// The columns or the array that hold it.
  package var columns: [String]
  /// What one of its tokens is; nil for numbers.
  package var by: TextUnit?
  /// The vocabulary of its tokens; nil where tokens are numbers.
  package var vocabulary: String?
  /// Whether the end is put after each row.
  package var ends: Bool
  /// Whether it is a target.
  package var target: Bool
}

/// How a run's data is read and what its tokens mean: what training leaves beside the weights, and
/// every later command reads files by.
package struct DataForm: Hashable, Sendable {
  /// What kind of file it was.
  package enum Kind: String, Hashable, Sendable, Codable {
    /// One long text.
    case text
    /// A table with an example in each row.
    case table
    /// A table with a step in each row, cut into windows.
    case series
    /// Arrays by name.
    case arrays
  }

  /// A vocabulary and the size it gives a value.
  package struct Named: Hashable, Sendable {
    /// The size's name, or the input's where the size has none.
    package var name: String
    /// The vocabulary.
    package var vocabulary: Vocabulary
  }

  /// What kind of file.
  package var kind: Kind
  /// How each input is found.
  package var inputs: [InputForm]
  /// What tokens mean, in the order of the inputs.
  package var vocabularies: [Named]
  /// How many steps a window of a series has.
  package var window: Int?
  /// How many steps after a window's end its target is.
  package var ahead: Int?
  /// Whether the loss is one cross entropy of tokens, and so says how likely they are.
  package var isCrossEntropy: Bool

  /// Puts a form together.
  package init(
    kind: Kind,
    inputs: [InputForm],
    vocabularies: [Named] = [],
    window: Int? = nil,
    ahead: Int? = nil,
    isCrossEntropy: Bool = false
  ) {
    self.kind = kind
    self.inputs = inputs
    self.vocabularies = vocabularies
    self.window = window
    self.ahead = ahead
    self.isCrossEntropy = isCrossEntropy
  }

  /// The form of a text.
  package init(text: Vocabulary, input: String, size: String?, isCrossEntropy: Bool) {
    self.init(
      kind: .text,
      inputs: [
        InputForm(
          name: input,
          columns: [],
          by: text.unit,
          vocabulary: size ?? input,
          ends: text.hasEnd,
          target: true
        )
      ],
      vocabularies: [Named(name: size ?? input, vocabulary: text)],
      isCrossEntropy: isCrossEntropy
    )
  }

  /// How the input of that name is found.
  package func input(_ name: String) -> InputForm? { inputs.first { $0.name == name } }

  /// What the tokens of an input mean; nil where they are numbers.
  package func vocabulary(of input: String) -> Vocabulary? {
    guard let name = self.input(input)?.vocabulary else { return nil }
    return vocabularies.first { $0.name == name }?.vocabulary
  }
}

// MARK: - The file

extension DataForm {
  /// What the file is called.
  package static let fileName = "vocabulary.json"

  /// A vocabulary in the file.
  private struct Part: Codable {
    /// The size's name.
    var name: String
    /// What a token is.
    var by: TextUnit
    /// Whether 0 is the end.
    var end: Bool
    /// Whether the token after that is the unknown.
    var unknown: Bool
    /// What the other tokens are written as.
    var entries: [String]
    /// How often each token was seen.
    var counts: [Int]
  }

  /// The file's members.
  private struct File: Codable {
    /// The version of the form.
    var format: Int
    /// What kind of file the data was.
    var data: Kind
    /// How each input is found.
    var inputs: [InputForm]
    /// How many steps a window has.
    var window: Int?
    /// How far after it its target is.
    var ahead: Int?
    /// Whether the loss says how likely tokens are.
    var likelihood: Bool
    /// What tokens mean.
    var vocabularies: [Part]
    /// The `Checksum`: another word in a token's place would be seen by nobody but the reader.
    var checksum: String?
  }

  /// The file's bytes: same form, same bytes.
  package var json: [UInt8] {
    get throws(RuntimeError) {
      let parts = vocabularies.map { named in
        let vocabulary = named.vocabulary
        return Part(
          name: named.name,
          by: vocabulary.unit,
          end: vocabulary.hasEnd,
          unknown: vocabulary.hasUnknown,
          entries: vocabulary.entries,
          counts: vocabulary.counts
        )
      }
      let file = File(
        format: 2,
        data: kind,
        inputs: inputs,
        window: window,
        ahead: ahead,
        likelihood: isCrossEntropy,
        vocabularies: parts,
        checksum: Checksum.blank
      )
      var bytes = try JSON.encode(file, what: "the vocabulary")
      bytes.append(UInt8(ascii: "\n"))
      Checksum.fill(&bytes, in: bytes.indices)
      return bytes
    }
  }

  /// Reads a file's bytes; throws when they are not what `json` gives.
  package init(json: [UInt8]) throws(RuntimeError) {
    guard let file = try? JSON.decode(File.self, from: json), file.format == 2 else {
      throw RuntimeError("this is no vocabulary, or one of another version")
    }
    let damaged = RuntimeError("the vocabulary is damaged: its parts do not agree")
    var vocabularies: [Named] = []
    for part in file.vocabularies {
      let specials = (part.end ? 1 : 0) + (part.unknown ? 1 : 0)
      guard Set(part.entries.map { Array($0.utf8) }).count == part.entries.count,
        part.entries.count + specials == part.counts.count,
        part.counts.allSatisfy({ $0 >= 0 }), part.counts.count <= Int(Int32.max),
        part.by == .word || part.by == .name || part.by == .number
          || part.entries.allSatisfy({ $0.unicodeScalars.count == 1 }),
        part.by != .byte
          || part.entries.allSatisfy({ $0.unicodeScalars.allSatisfy { $0.value < 256 } })
      else { throw damaged }
      let vocabulary = Vocabulary(
        unit: part.by,
        hasEnd: part.end,
        hasUnknown: part.unknown,
        entries: part.entries,
        counts: part.counts
      )
      vocabularies.append(Named(name: part.name, vocabulary: vocabulary))
    }
    let names = vocabularies.map(\.name)
    guard Set(names).count == names.count, Set(file.inputs.map(\.name)).count == file.inputs.count,
      file.inputs.allSatisfy({ $0.vocabulary.map(names.contains) ?? true }),
      (file.window ?? 1) >= 1, (file.ahead ?? 1) >= 1
    else { throw damaged }
    guard let checksum = file.checksum, Checksum.agrees(checksum, with: json, in: json.indices)
    else {
      throw RuntimeError("the vocabulary is damaged: its checksum does not agree")
    }
    self.init(
      kind: file.data,
      inputs: file.inputs,
      vocabularies: vocabularies,
      window: file.window,
      ahead: file.ahead,
      isCrossEntropy: file.likelihood
    )
  }

  /// Reads the form that a run left in a folder; throws when there is none.
  package static func read(in folder: String) throws(RuntimeError) -> DataForm {
    let path = Platform.join(folder, fileName)
    guard try Platform.status(path) != nil else {
      throw RuntimeError(
        "there is no \(fileName) in \(quoted(folder))",
        hint: "train the model: rondo train FILE.graph --data FILE -o \(folder)"
      )
    }
    do {
      return try DataForm(json: Platform.read(path, limit: 1 << 28))
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }
}
