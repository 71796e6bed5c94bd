package import ModelRuntime
internal import Rondo

/// A trained model in its folder: the library, the weights, and how its data is read.
package struct TrainedModel {
  /// The folder.
  package let folder: String
  /// How data is read, and what tokens mean.
  package let form: DataForm
  /// The model at work, with its best weights.
  package let session: Session

  /// What the model says of itself.
  package var manifest: Manifest { session.model.manifest }

  /// Opens a folder that a run has left.
  package init(folder: String, threads: Int = 1) throws(RuntimeError) {
    guard try Platform.status(folder)?.kind == .folder else {
      throw RuntimeError(
        "there is no folder \(quoted(folder))",
        hint: "train a model into it: rondo train FILE.graph --data FILE -o \(folder)"
      )
    }
    let model = try CompiledModel(folder: folder)
    let form = try DataForm.read(in: folder)
    try self.init(Session(model, threads: threads), form: form, folder: folder)
    // What a library holds is what it was built for, whatever else is in the folder.
    if model.holdsWeights { return }
    try session.loadWeights(from: Platform.join(folder, model.name + ".safetensors"))
  }

  /// A model that was just trained.
  package init(_ session: Session, form: DataForm, folder: String = ".") throws(RuntimeError) {
    do { try form.check(fits: session.model.manifest) } catch {
      throw RuntimeError(
        "\(DataForm.fileName) has more tokens than \(session.model.name) takes: the two are not of "
          + "one run"
      )
    }
    self.folder = folder
    self.form = form
    self.session = session
  }

  /// The inputs of some entries, with the places they have in data.
  package func fields(of entries: [String]) throws(RuntimeError) -> [Field] {
    var fields: [Field] = []
    for name in entries {
      for tensor in manifest.entry(name)?.inputs ?? [] where tensor.role == .data {
        guard !fields.contains(where: { $0.name == tensor.name }) else { continue }
        guard let form = form.input(tensor.name) else {
          throw RuntimeError("\(DataForm.fileName) does not say how \(quoted(tensor.name)) is read")
        }
        fields.append(Field(tensor, of: manifest, form: form))
      }
    }
    return fields
  }

  /// What the tokens of some fields mean.
  package func vocabularies(of fields: [Field]) -> [Vocabulary?] {
    fields.map { form.vocabulary(of: $0.name) }
  }

  /// The examples of a file that some entries take, in its order.
  ///
  /// - Parameters:
  ///   - path: a file of the kind the model was trained on; a text is not cut into examples.
  ///   - entries: whose inputs are read.
  ///   - bindings: by input, columns that are called otherwise in this file.
  ///   - skipping: whether bad rows are left out.
  package func examples(
    _ path: String,
    for entries: [String],
    bindings: [String: [String]] = [:],
    skipping: Bool = false
  ) throws(RuntimeError) -> ExampleSet {
    var fields = try fields(of: entries)
    for name in bindings.keys.sorted() {
      guard let index = fields.firstIndex(where: { $0.name == name }) else {
        let names = fields.map(\.name).joined(separator: ", ")
        throw RuntimeError("\(manifest.model) has no input \(quoted(name)) here, it has \(names)")
      }
      fields[index].form.columns = bindings[name] ?? []
    }
    guard !fields.isEmpty else {
      throw RuntimeError(.unsupported, "\(manifest.model) takes no data here")
    }
    let isTable = form.kind == .table || form.kind == .series
    guard isTable ? TableFile.isTable(path) : ArrayFile.isArrays(path) else {
      throw RuntimeError(
        "\(quoted(path)) is not of the kind that \(manifest.model) was trained on",
        hint: isTable ? "give a .tsv or .csv" : "give a .npz, .npy or .safetensors"
      )
    }
    let read: ExampleSet
    switch form.kind {
    case .arrays:
      let reader = try ArrayExamples(ArrayFile(path), fields)
      read = try ExampleSet(reader, 0..<reader.count, skipping: skipping)
    case .table:
      var reader = try TableExamples(TableFile(path), fields)
      reader.vocabularies = vocabularies(of: fields)
      read = try ExampleSet(reader, 0..<reader.count, skipping: skipping)
    case .series, .text:
      var table = try TableExamples(TableFile(path), SeriesExamples.stepFields(fields))
      table.vocabularies = vocabularies(of: fields)
      let reader = try SeriesExamples(
        table,
        fields,
        window: form.window ?? 1,
        ahead: form.ahead ?? 1,
        skipping: skipping
      )
      read = try ExampleSet(reader, (0..<reader.count).filter(reader.isGood), skipping: skipping)
    }
    guard read.count > 0 else { throw RuntimeError("\(quoted(path)) has no example") }
    return try read.fitting(manifest, isExact: false, skipping: skipping)
  }

  /// One example that was typed: by input, what would stand in its cell.
  package func example(
    _ cells: [String: String],
    for entries: [String]
  ) throws(RuntimeError) -> ExampleSet {
    let fields = try fields(of: entries)
    let reader = try TypedExamples(fields, [cells], vocabularies: vocabularies(of: fields))
    return try ExampleSet(reader, [0], skipping: false)
      .fitting(manifest, isExact: false, skipping: false)
  }

  /// A text in windows that go on from each other, for a model that was trained on one.
  package func windows(_ path: String) throws(RuntimeError) -> TextWindows {
    let input = try TextInput(of: manifest)
    guard let vocabulary = form.vocabulary(of: input.name) else {
      throw RuntimeError("\(DataForm.fileName) does not say how \(quoted(input.name)) is read")
    }
    let text = try Text.read(path, by: vocabulary.unit)
    do {
      return try TextWindows(
        vocabulary.encode(text),
        input: input,
        batch: input.carries ? 1 : manifest.batch,
        seed: nil
      )
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }
}
