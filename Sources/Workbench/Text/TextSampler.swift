package import ModelRuntime

extension Session {
  /// Draws a text that goes on from a prompt.
  ///
  /// - Parameters:
  ///   - generation: how; its prompt is replaced.
  ///   - prompt: what the text begins with.
  ///   - vocabulary: what the tokens mean.
  /// - Returns: the bytes after the prompt.
  /// - Throws: `RuntimeError` when the vocabulary does not fit the model, or has not the prompt's
  ///   characters.
  package func text(
    _ generation: Generation,
    after prompt: Text,
    vocabulary: Vocabulary
  ) throws(RuntimeError) -> [UInt8] {
    let begin = model.manifest.entry("begin")
    if let needed = begin?.inputs.first(where: { $0.role == .data }) {
      throw RuntimeError(
        .unsupported,
        "\(model.name) draws what follows from \(quoted(needed.name)), not from a prompt alone"
      )
    }
    if let tensor = model.manifest.entry(Manifest.Entry.generate)?.outputs.first {
      guard tensor.element == .int32 else {
        throw RuntimeError(.unsupported, "\(model.name) draws numbers, not tokens of a text")
      }
      guard tensor.tokens >= vocabulary.count else {
        throw RuntimeError(
          "\(DataForm.fileName) has \(vocabulary.count) tokens, and \(model.name) has "
            + "\(tensor.tokens): the two are not of one run"
        )
      }
    }
    var generation = generation
    let tokens = try vocabulary.encode(prompt)
    generation.prompt = tokens.isEmpty ? [] : [tokens]
    var values = try generate(generation).first?.values ?? []
    if let until = model.manifest.until, values.last.map(Int.init) == until { values.removeLast() }
    return vocabulary.decode(values)
  }
}
