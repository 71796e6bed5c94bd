package import Rondo

/// A block of a definition as boxes: what goes in, its layers and named values, what comes out.
///
/// What stands in a scan is in the scan's frame; the line from a state's next value back to the state
/// is dashed.
package struct DefinitionGraph: Hashable, Sendable {
  /// The block.
  package var block: Outline.Block

  /// The most boxes that are drawn; more would be a picture for nobody.
  package static let limit = 150

  /// Takes a block.
  package init(_ block: Outline.Block) {
    self.block = block
  }

  /// How many boxes there are.
  package var count: Int { block.items.filter { Self.style(of: $0) != nil }.count }

  /// Whether it is drawn.
  package var isDrawn: Bool { (1...Self.limit).contains(count) }

  /// What a box says of its kind, and its colour; nil for what has no box.
  static func style(of item: Outline.Item) -> (word: String, classes: String)? {
    switch item.kind {
    case .input: ("input", "b2")
    case .target: ("target", "b1")
    case .application: ("layer", "b0")
    case .value: item.instance == nil ? ("", "plain") : ("layer", "b0")
    case .state: ("state", "b3")
    case .next: ("next", "b3")
    case .scan: ("scan", "frame")
    case .emit: ("emit", "b5")
    case .output: ("output", "b5")
    case .loss: ("loss", "b4")
    case .metric: ("metric", "b4")
    case .generate: ("generate", "b1")
    case .size, .axis, .parameter, .instance, .train, .stream: nil
    }
  }
}

extension DefinitionGraph: Drawable {
  /// What it shows.
  package var title: String { "\(block.kind.rawValue) \(block.name)" }

  /// It is as wide as it is, whatever the room.
  package var hasOneWidth: Bool { true }

  /// Draws it.
  package func picture(width: Double) -> Picture {
    var canvas = Canvas()
    canvas.text(block.kind.rawValue, 4, 20, "head faint")
    let space = TextWidth.of(block.kind.rawValue + " ", size: 15)
    canvas.text(TextWidth.cut(block.name, to: 400), 4 + space, 20, "head", whole: block.name)
    let group = GraphGroup(block.items, scan: nil)
    group.draw(at: .init(x: 4, y: 36), on: &canvas)
    return canvas.picture(
      "graph of \(title)",
      width: max(
        group.width + 20,
        space + TextWidth.of(TextWidth.cut(block.name, to: 400), size: 15) + 20
      ),
      height: group.height + 50
    )
  }
}
