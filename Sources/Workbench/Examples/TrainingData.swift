package import ModelRuntime
package import Rondo

/// The data of a run: read as far as the sizes need it that a definition leaves open, and, once the
/// model is compiled, handed out in batches.
package struct TrainingData: Sendable {
  /// A part of the data.
  package enum Part: Sendable {
    /// A long text's tokens.
    case text([Int32])
    /// Examples.
    case examples(ExampleSet)
  }

  /// What the definition says of its data.
  package let declarations: Declarations
  /// How the data is read, and what its tokens mean.
  package let form: DataForm
  /// The values of the open sizes and axes, those that were given among them.
  package let sizes: [String: Int]
  /// The text that is trained on, if it is one.
  package let text: Text?
  /// What is trained on.
  package let training: Part
  /// What is only looked at; nil when there is nothing.
  package let validation: Part?
  /// How the data was asked for.
  package let request: DataRequest
  /// How many rows were left out because something was wrong with them.
  package var skipped: Int {
    [training, validation].reduce(0) { sum, part in
      guard case .examples(let set)? = part else { return sum }
      return sum + set.skipped
    }
  }

  /// Reads the data for a definition.
  ///
  /// - Parameters:
  ///   - definition: the model.
  ///   - request: which data, and how it is read.
  ///   - given: values of sizes and bounds of axes that the person gave.
  package init(
    _ definition: Definition,
    _ request: DataRequest,
    sizes given: [String: Int] = [:]
  ) throws {
    declarations = try Declarations(of: definition)
    self.request = request
    if case .file(let path) = request.validation, try Self.isSame(path, request.path) {
      throw RuntimeError(
        "\(quoted(path)) is trained on, so it shows nothing of what was not seen",
        hint: "give another file by --validation, or a fraction"
      )
    }
    if request.kind == .text {
      let openings = try Compiler.openings(of: definition)
      let read = try TextData(declarations, openings, request, given)
      (form, sizes, text) = (read.form, read.sizes, read.text)
      training = .text(read.training)
      validation = read.validation.map(Part.text)
      return
    }
    let known = declarations.fixedSizes.merging(given) { $1 }
    let bare = try DataForm(declarations, request)
    // The form has an input for each that is declared.
    var fields: [Field] = []
    for (input, form) in zip(declarations.inputs, bare.inputs) {
      fields.append(Field(input, of: declarations, sizes: known, form: form))
    }
    let read = try DataSurvey(fields, bare, declarations, request)
    form = read.form
    text = nil
    training = .examples(read.training)
    validation = read.validation.flatMap { $0.count > 0 ? .examples($0) : nil }
    sizes = try SizeBinding(declarations, read, given: given).sizes
  }

  /// Whether two paths are of one file.
  private static func isSame(_ path: String, _ other: String) throws(RuntimeError) -> Bool {
    guard try Platform.status(path) != nil, try Platform.status(other) != nil else { return false }
    return try Platform.resolved(path) == Platform.resolved(other)
  }

  /// The data to train on in batches for a compiled model, shuffled by a seed.
  package func trainingBatches(
    for manifest: Manifest,
    seed: UInt64?,
    isExact: Bool = false
  ) throws(RuntimeError) -> any BatchSource {
    try batches(training, manifest, seed, isExact)
  }

  /// The data to look at in batches, in its order.
  package func validationBatches(
    for manifest: Manifest,
    isExact: Bool = false
  ) throws(RuntimeError) -> (any BatchSource)? {
    guard let validation else { return nil }
    return try batches(validation, manifest, nil, isExact)
  }

  /// A part in batches.
  private func batches(
    _ part: Part,
    _ manifest: Manifest,
    _ seed: UInt64?,
    _ isExact: Bool
  ) throws(RuntimeError) -> any BatchSource {
    guard manifest.entry("train") != nil else {
      throw RuntimeError(
        "the definition of \(manifest.model) does not say how to train it",
        hint: "add a loss and a line such as: train adam(rate: 0.001)"
      )
    }
    switch part {
    case .text(let tokens):
      let input = try TextInput(of: manifest, exact: isExact)
      try form.vocabulary(of: input.name)?.check(
        fits: input.tokens,
        of: input.name,
        in: "text"
      )
      return try TextWindows(tokens, input: input, batch: manifest.batch, seed: seed)
    case .examples(let examples):
      try form.check(fits: manifest)
      let fitting = try examples.fitting(
        manifest,
        isExact: isExact,
        skipping: request.skipsBadRows
      )
      return try ExampleBatches(fitting, rows: manifest.batch, seed: seed)
    }
  }
}

extension DataForm {
  /// Refuses vocabularies that a model cannot take.
  package func check(fits manifest: Manifest) throws(RuntimeError) {
    for entry in manifest.entries {
      for tensor in entry.inputs where tensor.role == .data && tensor.element == .int32 {
        let what = kind == .text ? "text" : "data"
        try vocabulary(of: tensor.name)?.check(fits: tensor.tokens, of: tensor.name, in: what)
      }
    }
  }
}
