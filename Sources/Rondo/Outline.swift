internal import GraphLanguage

/// What the blocks of a definition's text say, name by name: equations, and which reads which.
///
/// It follows the text, not the compiler's graph: what a person wrote is what a person is shown. An
/// instance that is applied within an expression has an item of its own, and the expression's text shows
/// `…` for what it was given.
package struct Outline: Hashable, Sendable {
  /// The model, a cell or a layer.
  package struct Block: Hashable, Sendable {
    /// Which of the three.
    package enum Kind: String, Hashable, Sendable {
      case model, cell, layer
    }

    /// Which of the three.
    package var kind: Kind
    /// What it is called.
    package var name: String
    /// The line of its head, from 1.
    package var line: Int
    /// What it says; what a cell or layer is given comes first, applications last.
    package var items: [Item]
  }

  /// A name with what the text says of it, or a statement that binds none.
  package struct Item: Hashable, Sendable {
    /// What it is; most are statements.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
      case size, axis, input, target, parameter
      /// `layer NAME = text`.
      case instance
      /// An instance applied within an expression that goes on.
      case application
      /// `names = text`.
      case value
      case state
      /// `next NAME = text`.
      case next
      case scan, emit, output, loss, metric, train, stream, generate
    }

    /// What it is.
    package var kind: Kind
    /// The names it binds, renews or gives its value; the instance's for an application.
    package var names: [String]
    /// A value's expression, an input's type, and so on, as one line.
    package var text: String
    /// Its line, from 1.
    package var line: Int
    /// The items whose values it reads, in the order of the text, each once.
    package var uses: [Int] = []
    /// The scan that it stands in.
    package var scan: Int?
    /// The instance that its whole value is an application of.
    package var instance: Int?
    /// The state that a `next` renews.
    package var renews: Int?
  }

  /// The model if there is one, then the cells and layers in the order of the text.
  package var blocks: [Block]
}

extension Definition {
  /// What the text says, name by name; throws when it does not parse.
  package func outline() throws(CompilationFailure) -> Outline {
    let file = SourceFile(name: name, bytes: bytes)
    do {
      let tree = try Pipeline.parse(file)
      let model = tree.model.map { [OutlineBuilder.block($0)] } ?? []
      return Outline(blocks: model + tree.definitions.map { OutlineBuilder.block($0) })
    } catch {
      throw CompilationFailure(error, in: file)
    }
  }
}
