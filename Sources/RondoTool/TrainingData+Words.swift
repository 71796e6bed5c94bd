internal import Rondo
internal import Workbench

// What is said of a run's data.
extension TrainingData {
  /// Whether it is one long text.
  var isText: Bool { form.kind == .text }

  /// What speed is counted in.
  var unit: String { isText ? form.inputs.first?.by?.rawValue ?? "token" : "example" }

  /// How many tokens are told apart; empty where none are.
  var vocabularyText: String {
    if isText, let vocabulary = form.vocabularies.first?.vocabulary {
      return "\(NumberText.counted(vocabulary.count, "different \(unit)")), "
    }
    return form.vocabularies.map { "\($0.name) \(NumberText.grouped($0.vocabulary.count)), " }
      .joined()
  }

  /// What an epoch is made of.
  func epochText(_ training: any BatchSource, _ validation: (any BatchSource)?) -> String {
    if let windows = training as? TextWindows {
      return "an epoch is \(NumberText.counted(windows.batchCount, "batch")) of \(windows.rows) x "
        + "\(windows.input.length) \(unit)s"
    }
    guard let batches = training as? ExampleBatches else { return "" }
    let looked = (validation as? ExampleBatches)?.examples.count ?? 0
    return "an epoch is \(NumberText.counted(batches.examples.count, "example")) in "
      + "\(NumberText.counted(batches.batchCount, "batch")), \(NumberText.grouped(looked)) to validate by"
  }
}
