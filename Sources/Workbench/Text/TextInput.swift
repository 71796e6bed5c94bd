package import ModelRuntime
package import Rondo

/// The one input of a model that a text is read into: tokens over one axis.
package struct TextInput: Hashable, Sendable {
  /// The input's name in the definition.
  package let name: String
  /// The axis it runs over.
  package let axis: String
  /// The axis's bound: how long a window is.
  package let length: Int
  /// Whether every window must be that long.
  package let isExact: Bool
  /// How many tokens the input tells apart.
  package let tokens: Int
  /// Whether states go on from window to window.
  package let carries: Bool

  /// Finds the text's input; throws when a text is not all that the model is trained on.
  ///
  /// A model whose scans are written out whole is `exact`: it takes windows of one length only.
  package init(of manifest: Manifest, exact: Bool = false) throws(RuntimeError) {
    guard let entry = manifest.entry("train") else {
      throw RuntimeError(
        "the definition of \(manifest.model) does not say how to train it",
        hint: "add a loss and a line such as: train adam(rate: 0.001)"
      )
    }
    let data = entry.inputs.filter { $0.role == .data }
    guard data.count == 1, let input = data.first, input.element == .int32,
      input.dimensions.count == 2, let name = input.dimensions.last?.axis,
      let axis = manifest.axes.first(where: { $0.name == name })
    else {
      let names = data.map(\.name).joined(separator: ", ")
      throw RuntimeError(
        .unsupported,
        "\(manifest.model) is trained on \(names.isEmpty ? "nothing" : names); a text is read into "
          + "a model whose only input is one sequence of tokens",
        hint: "other data is read through the Swift package: BatchSource and Trainer"
      )
    }
    self.name = input.name
    self.axis = axis.name
    length = axis.bound
    isExact = exact || axis.fixed
    tokens = input.tokens
    carries = manifest.carry == axis.name
  }

  /// The open size that the text's vocabulary gives a value, nil when none is open.
  ///
  /// - Parameters:
  ///   - openings: what the definition leaves open.
  ///   - given: what the person gave values to.
  /// - Throws: `RuntimeError` naming what the text cannot decide.
  package static func size(
    among openings: [Compiler.Opening],
    given: [String: Int]
  ) throws(RuntimeError) -> String? {
    let open = openings.filter { given[$0.name] == nil }
    if let opening = open.first(where: { $0.isAxis || $0.inputs.isEmpty }) {
      throw RuntimeError(
        opening.isAxis
          ? "the axis \(opening.name) has no bound" : "the size \(opening.name) has no value",
        hint: "give one by --size \(opening.name)=N"
      )
    }
    guard let first = open.first else { return nil }
    let inputs = open.flatMap(\.inputs)
    guard open.count == 1, inputs.count == 1 else {
      throw RuntimeError(
        .unsupported,
        "the tokens of \(inputs.joined(separator: ", ")) come from more than one text",
        hint: "give the sizes by --size NAME=N and read the data through the Swift package"
      )
    }
    return first.name
  }
}
