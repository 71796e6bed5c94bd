internal import ModelRuntime
internal import Rondo
internal import Workbench

/// The text of a run, in the part that is trained on and the part that is only looked at.
struct TrainingText {
  /// The part that is trained on.
  let training: Text
  /// The part that is only looked at; nil when there is none.
  let validation: Text?
  /// Both, for the vocabulary.
  let whole: Text

  /// Reads the files that a plan names.
  init(_ plan: TrainingPlan) throws(RuntimeError) {
    let text = try Text.read(plan.data, by: plan.unit)
    guard !text.symbols.isEmpty else { throw RuntimeError("\(quoted(plan.data)) is empty") }
    if let path = plan.validationFile {
      let other = try Text.read(path, by: plan.unit)
      guard !other.symbols.isEmpty else { throw RuntimeError("\(quoted(path)) is empty") }
      training = text
      validation = other
      whole = text + other
    } else {
      let parts = text.split(last: plan.fraction)
      training = parts.first
      validation = parts.last.symbols.isEmpty ? nil : parts.last
      whole = text
    }
  }

  /// A part as batches.
  func windows(
    _ text: Text,
    _ vocabulary: Vocabulary,
    _ input: TextInput,
    _ batch: Int,
    _ seed: UInt64?
  ) throws(RuntimeError) -> TextWindows {
    try TextWindows(vocabulary.encode(text), input: input, batch: batch, seed: seed)
  }
}
