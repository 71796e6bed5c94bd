import Rondo
import Testing

@testable import Workbench

@Suite struct DefinitionGraphTests {
  /// A decoder with attention: scans, states, layers within expressions, a layer of its own.
  static let text = """
    model decoder {
      axis source <= 9
      axis result <= 7
      input question: token(12) over source
      target answer: token(11) over result
      layer embed = embedding(8), encoder = gru(8), look = attention, cell_of_answer = gru(8)
      layer score = linear(11)
      memory = encoder(embed(question))
      scan over result {
        state seen: real[8] = last(memory)
        context = look(seen, memory over source)
        next seen = cell_of_answer(concat(onehot(previous(answer)), context), h: seen)
        logits = score(concat(next seen, context))
      }
      output context.weights as weights
      loss cross_entropy(logits, answer)
      train adam(rate: 0.01)
    }

    """

  /// The drawing of a definition's model.
  private func drawn(_ text: String) throws -> (drawn: Drawn, picture: Picture) {
    let definition = Definition(name: "decoder.graph", bytes: Array(text.utf8))
    let block = try #require(try definition.outline().blocks.first)
    let picture = DefinitionGraph(block).picture(width: 900)
    return (Drawn(picture.inline), picture)
  }

  /// Every name has its box, in the scan's frame or outside it, and boxes do not overlap.
  @Test func drawsBoxes() throws {
    let (drawn, picture) = try drawn(Self.text)
    #expect(drawn.error == nil)
    for word in [
      "question", "answer", "embed", "memory", "seen", "context", "logits", "weights", "loss",
      "scan over result", "look = attention",
    ] {
      #expect(drawn.words.contains(word), "\(word)")
    }
    let boxes = drawn.all("rect").filter { $0.has("box") && !$0.has("bound") }
    #expect(boxes.count == 10)
    for (index, a) in boxes.enumerated() {
      #expect(a.number("x") >= 0 && a.number("x") + a.number("width") <= picture.width)
      #expect(a.number("y") + a.number("height") <= picture.height)
      for b in boxes[(index + 1)...] {
        let isApart =
          a.number("x") + a.number("width") < b.number("x")
          || b.number("x") + b.number("width") < a.number("x")
          || a.number("y") + a.number("height") < b.number("y")
          || b.number("y") + b.number("height") < a.number("y")
        #expect(isApart)
      }
    }
    let frame = try #require(drawn.all("rect").first { $0.has("frame") })
    let inside = boxes.filter {
      $0.number("x") > frame.number("x") && $0.number("y") > frame.number("y")
        && $0.number("x") + $0.number("width") < frame.number("x") + frame.number("width")
        && $0.number("y") + $0.number("height") < frame.number("y") + frame.number("height")
    }
    #expect(inside.count == 4)
    // From the state's next value back to the state.
    #expect(drawn.all("path").filter { $0.has("back") }.count == 1)
  }

  /// Lines between boxes pass through no box.
  @Test func edgesPassBoxes() {
    let node = LayeredLayout.Node(width: 90, height: 40)
    // A ladder with long edges across it.
    let pairs = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 4), (4, 5), (5, 3), (1, 5), (6, 3), (0, 2)]
    let layout = LayeredLayout(
      nodes: Array(repeating: node, count: 7),
      edges: pairs.map { LayeredLayout.Edge(from: $0.0, to: $0.1) }
    )
    #expect(layout.layers == [0, 1, 2, 3, 1, 2, 2])
    for (edge, route) in zip(layout.edges, layout.routes) {
      for (a, b) in zip(route, route.dropFirst()) {
        for index in layout.nodes.indices where index != edge.from && index != edge.to {
          let (left, right) = (layout.x[index] - 45, layout.x[index] + 45)
          let (top, bottom) = (layout.y[index], layout.y[index] + 40)
          let isBeside = max(a.x, b.x) < left || min(a.x, b.x) > right
          #expect(isBeside || b.y <= top || a.y >= bottom)
        }
      }
    }
    // A chain stands straight.
    let chain = LayeredLayout(
      nodes: (1...6).map { .init(width: Double($0) * 20, height: 30) },
      edges: (0..<5).map { .init(from: $0, to: $0 + 1) }
    )
    #expect(chain.x.allSatisfy { abs($0 - chain.x[0]) < 0.01 })
  }

  /// Circles, edges to itself and many boxes come to an end.
  @Test func copesWithAnything() throws {
    let nodes = Array(repeating: LayeredLayout.Node(width: 50, height: 20), count: 4)
    let edges = [(0, 1), (1, 2), (2, 0), (3, 3), (2, 1)]
    let circle = LayeredLayout(nodes: nodes, edges: edges.map { .init(from: $0.0, to: $0.1) })
    #expect(circle.routes.count == 5)
    #expect(LayeredLayout(nodes: [], edges: []).routes.isEmpty)
    let lines = (0..<400).map { "  v\($0) = x + \($0 == 0 ? "x" : "v\($0 - 1)")\n" }
    let long = "model long {\n  input x: real\n\(lines.joined())  output v399\n}\n"
    let definition = Definition(name: "long.graph", bytes: Array(long.utf8))
    let block = try #require(try definition.outline().blocks.first)
    #expect(DefinitionGraph(block).count == 402)
    #expect(!DefinitionGraph(block).isDrawn)
    // As tangled as may be: many boxes that each read three others from anywhere above.
    let tangle = (1..<140).map { "  v\($0) = v\($0 * 7 % $0 + $0 / 2) + v\($0 / 3) * v\($0 - 1)\n" }
    let knot = "model knot {\n  input v0: real\n\(tangle.joined())  output v139\n}\n"
    #expect(try drawn(knot).drawn.error == nil)
    let name = String(repeating: "n", count: 60)
    let named = try drawn("model m {\n  input \(name): real\n  output \(name) * 2\n}\n")
    #expect(named.drawn.words.contains { $0.hasPrefix("nnn") && $0.hasSuffix("…") })
    #expect(named.picture.width < 400)
  }
}
