package import ModelRuntime

/// An output of `infer` that answers a target: what the model says in its place.
package struct Answer: Hashable, Sendable {
  /// How the output says it.
  package enum Form: Hashable, Sendable {
    /// As tokens.
    case tokens
    /// As a number for each token, of which the greatest is meant.
    case scores
    /// As numbers.
    case numbers
  }

  /// The target.
  package let target: Manifest.Tensor
  /// The output.
  package let output: Manifest.Tensor
  /// How it says it.
  package let form: Form

  /// The answers of a model, at most one to a target.
  package static func all(of manifest: Manifest, _ form: DataForm) -> [Answer] {
    let outputs = manifest.entry("infer")?.outputs ?? []
    return targets(of: manifest, form).compactMap { target in
      let candidates = outputs.compactMap { output in
        relation(target, output).map { Answer(target: target, output: output, form: $0) }
      }
      // Tokens say it plainly.
      return candidates.first { $0.form != .scores } ?? candidates.first
    }
  }

  /// The scores of each token of a target, where the model gives them.
  package static func scores(of manifest: Manifest, _ form: DataForm) -> [Answer] {
    let outputs = manifest.entry("infer")?.outputs ?? []
    return targets(of: manifest, form).compactMap { target in
      outputs.first { relation(target, $0) == .scores }
        .map { Answer(target: target, output: $0, form: .scores) }
    }
  }

  /// The targets of a model.
  private static func targets(of manifest: Manifest, _ form: DataForm) -> [Manifest.Tensor] {
    (manifest.entry("evaluate")?.inputs ?? []).filter { tensor in
      tensor.role == .data && form.input(tensor.name)?.target == true
    }
  }

  /// How an output answers a target, if it does.
  private static func relation(_ target: Manifest.Tensor, _ output: Manifest.Tensor) -> Form? {
    guard output.role == .data else { return nil }
    let isSame = target.dimensions == output.dimensions
    if target.element == .float32 { return isSame && output.element == .float32 ? .numbers : nil }
    if output.element == .int32 { return isSame && output.tokens == target.tokens ? .tokens : nil }
    guard let last = output.dimensions.last, last.axis == nil, last.extent == target.tokens else {
      return nil
    }
    return output.dimensions.dropLast().elementsEqual(target.dimensions) ? .scores : nil
  }

  /// The tokens that a value of the output means.
  package func tokens(of value: FieldValue) -> [Int32] {
    switch value.elements {
    case .tokens(let tokens): return tokens
    case .numbers(let numbers):
      let count = target.tokens
      return stride(from: 0, to: numbers.count, by: count).map { start in
        let row = numbers[start..<min(start + count, numbers.count)]
        let best = row.max().flatMap { row.firstIndex(of: $0) } ?? start
        return Int32(clamping: best - start)
      }
    }
  }
}
