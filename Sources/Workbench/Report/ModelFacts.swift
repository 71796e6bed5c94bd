package import ModelRuntime

/// What a page tells of a compiled model: sizes, weights, memory.
package struct ModelFacts: Hashable, Sendable {
  /// A name and what it comes to.
  package struct Fact: Hashable, Sendable {
    /// What is told of.
    package var name: String
    /// What it is.
    package var text: String

    /// Tells something.
    package init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Weights by their path.
  package struct Parameter: Hashable, Sendable {
    /// The path in the definition.
    package var name: String
    /// The extents; empty for one number.
    package var shape: [Int]
    /// Whether training leaves it as it is.
    package var isFrozen: Bool

    /// Describes weights.
    package init(name: String, shape: [Int], isFrozen: Bool = false) {
      self.name = name
      self.shape = shape
      self.isFrozen = isFrozen
    }

    /// How many numbers they are.
    package var count: Int { shape.reduce(1, *) }
  }

  /// A block of memory.
  package struct Block: Hashable, Sendable {
    /// What is in it.
    package var name: String
    /// Its bytes.
    package var bytes: Int

    /// Describes a block.
    package init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// Sizes, bounds of axes, and how it was built.
  package var sizes: [Fact]
  /// The weights in the definition's order.
  package var parameters: [Parameter]
  /// The blocks of memory.
  package var blocks: [Block]

  /// Puts facts together.
  package init(sizes: [Fact] = [], parameters: [Parameter] = [], blocks: [Block] = []) {
    self.sizes = sizes
    self.parameters = parameters
    self.blocks = blocks
  }

  /// Reads them off a manifest.
  package init(_ manifest: Manifest) {
    sizes = manifest.sizes.sorted { $0.key < $1.key }.map {
      Fact("size \($0.key)", NumberText.grouped($0.value))
    }
    for axis in manifest.axes where axis.name != Manifest.batchAxis {
      let bound = NumberText.grouped(axis.bound)
      sizes.append(Fact("axis \(axis.name)", axis.fixed ? "always \(bound)" : "at most \(bound)"))
    }
    sizes.append(Fact("rows of a call", "at most \(NumberText.grouped(manifest.batch))"))
    sizes.append(Fact("arithmetic", manifest.math))
    if let carry = manifest.carry { sizes.append(Fact("states carried on", "over \(carry)")) }
    if manifest.defaultRate > 0 {
      sizes.append(Fact("learning rate in the text", "\(manifest.defaultRate)"))
    }
    sizes.append(Fact("entries", manifest.entries.map(\.name).joined(separator: ", ")))
    parameters = manifest.parameters.map {
      Parameter(name: $0.name, shape: $0.shape, isFrozen: $0.frozen ?? false)
    }
    blocks = [
      Block(name: "parameters", bytes: manifest.blocks.parameters),
      Block(name: "optimizer", bytes: manifest.blocks.optimizer),
      Block(name: "state", bytes: manifest.blocks.state),
      Block(name: "work", bytes: manifest.blocks.work),
    ]
  }

  /// How many numbers the weights are.
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// The bytes of all blocks.
  package var bytes: Int { blocks.reduce(0) { $0 + $1.bytes } }
}
