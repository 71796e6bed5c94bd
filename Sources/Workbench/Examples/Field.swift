package import ModelRuntime
internal import Rondo

/// An input or target as data is read into it: what it is, and where it stands in a file.
package struct Field: Hashable, Sendable {
  /// The input's name in the definition.
  package var name: String
  /// Whether it is tokens, not numbers.
  package var isToken: Bool
  /// The axes it runs over, in order.
  package var axes: [String]
  /// Of each of these axes, whether there is one at each position of the axis before.
  package var isInner: [Bool]
  /// How many tokens there are, where that is known.
  package var tokens: Int?
  /// Its shape at each position; nil where a number is not known yet.
  package var shape: [Int?]
  /// Where it stands, and what its tokens are.
  package var form: InputForm

  /// How many elements it has at each position; nil when that is not known yet.
  package var width: Int? {
    var product = 1
    for extent in shape {
      guard let extent else { return nil }
      product *= extent
    }
    return product
  }

  /// An input that a definition declares, with the sizes that are known.
  init(
    _ input: Declarations.Input,
    of declarations: Declarations,
    sizes: [String: Int],
    form: InputForm
  ) {
    name = input.name
    isToken = input.tokens != nil
    let parents = declarations.axes.map { ($0.name, $0.parent) }
    // What runs over an axis in another runs over that too, said or not.
    axes = input.axes.reduce(into: []) { axes, name in
      let parent = parents.first { $0.0 == name }?.1
      for axis in [parent, name].compactMap(\.self) where !axes.contains(axis) { axes.append(axis) }
    }
    isInner = axes.map { name in parents.first { $0.0 == name }?.1 != nil }
    func value(_ extent: Declarations.Extent) -> Int? {
      switch extent {
      case .number(let number): number
      case .size(let name): sizes[name]
      case .computed: nil
      }
    }
    tokens = input.tokens.flatMap(value)
    shape = input.shape.map(value)
    self.form = form
  }

  /// An input of a compiled model.
  package init(_ tensor: Manifest.Tensor, of manifest: Manifest, form: InputForm) {
    name = tensor.name
    isToken = tensor.element == .int32
    tokens = isToken ? tensor.tokens : nil
    let named = tensor.dimensions.dropFirst().compactMap(\.axis)
    axes = named
    isInner = named.map { name in
      manifest.axes.first { $0.name == name }?.parent != nil
    }
    shape = tensor.dimensions.filter { $0.axis == nil }.map(\.extent)
    self.form = form
  }
}

extension Field {
  /// Refuses axes that no reader knows: those in an axis that is in another itself, or does not stand
  /// before them.
  func checkAxes() throws(RuntimeError) {
    for depth in axes.indices where isInner[depth] {
      guard depth > 0, !isInner[depth - 1] else {
        throw RuntimeError(
          .unsupported,
          "\(quoted(name)) runs over \(axes.joined(separator: ", ")), and an axis in one that is in another "
            + "is not read"
        )
      }
    }
  }
}

/// What an input is in one example.
package struct FieldValue: Hashable, Sendable {
  /// Its elements, position after position, without padding.
  package enum Elements: Hashable, Sendable {
    /// Real numbers.
    case numbers([Float])
    /// Tokens.
    case tokens([Int32])
  }

  /// Its elements.
  package var elements: Elements
  /// By axis: its length; of an inner axis one length for each position of the axis before.
  package var lengths: [[Int]]

  /// How many elements there are.
  package var count: Int {
    switch elements {
    case .numbers(let numbers): numbers.count
    case .tokens(let tokens): tokens.count
    }
  }
}
