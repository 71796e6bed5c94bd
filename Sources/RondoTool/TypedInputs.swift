internal import ModelRuntime
internal import Workbench

extension Arguments {
  /// The words after the folder, by the input they are for: `NAME=VALUE`, or one value for the only
  /// input.
  func typedInputs(
    _ model: TrainedModel,
    entries: [String]
  ) throws -> [String: String] {
    let names = try model.fields(of: entries).map(\.name)
    var inputs: [String: String] = [:]
    for word in operands.dropFirst() {
      let place = word.firstIndex(of: "=")
      let name = place.map { String(word[..<$0]) }
      if let place, let name, names.contains(name) {
        guard inputs.updateValue(String(word[word.index(after: place)...]), forKey: name) == nil
        else {
          throw UsageError("\(quoted(name)) is given two values")
        }
      } else if names.count == 1, operands.count == 2 {
        inputs[names[0]] = word
      } else {
        let listed = names.map { "\($0)=VALUE" }.joined(separator: " ")
        throw UsageError(
          names.isEmpty
            ? "\(model.manifest.model) takes no input, and \(quoted(word)) is too much"
            : "\(model.manifest.model) takes \(listed), and \(quoted(word)) is for none of them"
        )
      }
    }
    return inputs
  }
}
