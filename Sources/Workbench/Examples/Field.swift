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
    axes = input.axes
    isInner = input.axes.map { name in
      declarations.axes.first { $0.name == name }?.parent != nil
    }
    shape = input.shape.map { extent in
      switch extent {
      case .number(let number): number
      case .size(let name): sizes[name]
      case .computed: nil
      }
    }
    self.form = form
  }

  /// An input of a compiled model.
  package init(_ tensor: Manifest.Tensor, of manifest: Manifest, form: InputForm) {
    name = tensor.name
    isToken = tensor.element == .int32
    let named = tensor.dimensions.dropFirst().compactMap(\.axis)
    axes = named
    isInner = named.map { name in
      manifest.axes.first { $0.name == name }?.parent != nil
    }
    shape = tensor.dimensions.filter { $0.axis == nil }.map(\.extent)
    self.form = form
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
