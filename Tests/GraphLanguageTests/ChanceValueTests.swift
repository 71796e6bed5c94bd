import GraphIR
import GraphLanguage
import Reference
import Testing

/// Draws: where they are made, what they come to, what tells them apart.
@Suite("Draws are made where the text says") struct ChanceValueTests {
  private func model(_ statements: String, before: String = "") -> String {
    """
    \(before)
    model m {
      axis time <= 50
      axis head = 3
      input x: real[4] over time
      input a: real[8]
    \(statements)
    }
    """
  }

  private func graph(_ statements: String, before: String = "") throws -> Graph {
    let (graph, text) = elaborate(model(statements, before: before))
    return try #require(graph, "\(text)")
  }

  /// The draws of a graph: number, axes and shape.
  private func draws(_ graph: Graph) -> [String] {
    let blocks = [graph.main] + graph.scans.map(\.body)
    return blocks.flatMap { block in
      block.nodes.compactMap { node -> String? in
        guard case .random(let op, _, _, _, _) = node.op else { return nil }
        return "\(op) \(graph.text(node.type))"
      }
    }
  }

  private func numbers(_ graph: Graph) -> [Int32] {
    let blocks = [graph.main] + graph.scans.map(\.body)
    return blocks.flatMap { block in
      block.nodes.compactMap { node -> Int32? in
        if case .random(_, let draw, _, _, _) = node.op { draw } else { nil }
      }
    }
  }

  private let noisy = "layer noisy(x: real[n]) {\nemit x + normal(n)\n}"

  @Test("once for an example in the model")
  func inTheModel() throws {
    let found = try graph("output x + normal(4) as y\noutput uniform() as u")
    #expect(draws(found) == ["normal real[4] over batch", "uniform real over batch"])
  }

  @Test("at each step in a scan and in a cell that scans")
  func inAScan() throws {
    let scanned = try graph("scan over time { y = x + uniform(2, 2)[0][0] }\noutput y")
    #expect(draws(scanned) == ["uniform real[2, 2] over batch"])
    #expect(
      scanned.scans[0].body.nodes.contains { if case .random = $0.op { true } else { false } }
    )
    let cell = """
      cell drift(x: real[n]) {
        state h: real[n] = 0
        next h = h + x + normal(n)
        emit next h
      }
      """
    let applied = try graph("layer f = drift\noutput f(x) as y", before: cell)
    #expect(draws(applied) == ["normal real[4] over batch"])
    #expect(applied.scans.count == 1)
  }

  @Test("at each position in a layer, and at each step where it runs along")
  func inALayer() throws {
    #expect(
      draws(try graph("output noisy(x) as y", before: noisy)) == ["normal real[4] over batch time"]
    )
    let along = try graph(
      "scan over time { y = noisy(x) + noisy(a[0:4]) }\noutput y",
      before: noisy
    )
    #expect(draws(along) == ["normal real[4] over batch", "normal real[4] over batch"])
    #expect(along.scans.count == 1)
  }

  @Test("for each element of what is dropped")
  func dropped() throws {
    let found = try graph(
      """
      param w: real[2, 4] over head ~ glorot
      output dropout(x, 0.5) as y
      output dropout(w, 0.5) @ x as z
      scan over time { q = dropout(x, 0.1) }
      output q
      """
    )
    #expect(
      draws(found).sorted() == [
        "uniform real[2, 4] over batch head", "uniform real[4] over batch",
        "uniform real[4] over batch time",
      ]
    )
    #expect(found.variables.count { $0.kind == .training } == 1)
  }

  @Test("a chance of 0 draws nothing")
  func noChance() throws {
    #expect(try draws(graph("output dropout(x, 0) as y")).isEmpty)
  }

  @Test("dropout keeps the mean in training, and all that it is given otherwise")
  func dropoutValues() throws {
    let text = model("output dropout(x, 0.25) as y")
    let x = [Double](repeating: 3, count: 200)
    func y(_ training: Double) throws -> [Double] {
      try #require(
        computedRoots(text, lengths: ["time": 50], values: ["x": x, "training": [training]])["y"]
      )
    }
    #expect(try y(0) == x)
    let trained = try y(1)
    #expect(trained.allSatisfy { $0 == 0 || $0 == 4 })
    #expect((100...190).contains(trained.count { $0 == 4 }))
  }

  @Test("a stack drops between its instances, and not after the last")
  func stacks() throws {
    let found = try graph("layer f = stack(3, linear(4), dropout: 0.5)\noutput f(x) as y")
    #expect(draws(found).count == 2)
    #expect(Set(numbers(found)).count == 2)
    let zero = try graph("layer f = stack(3, linear(4), dropout: 0)\noutput f(x) as y")
    #expect(draws(zero).isEmpty)
    // The last one's value is what the stack gives.
    let one = try graph("layer f = stack(1, linear(4), dropout: 0.5)\noutput f(x) as y")
    #expect(draws(one).isEmpty)
  }

  @Test("bernoulli is 1 with the chance given")
  func bernoulli() throws {
    let found = try computedRoots(
      model("output bernoulli(0.25, 1000) as y\noutput bernoulli(a[0], 1000) as z"),
      values: ["a": [1, 0, 0, 0, 0, 0, 0, 0]]
    )
    let y = try #require(found["y"])
    #expect(y.allSatisfy { $0 == 0 || $0 == 1 })
    #expect((200...300).contains(Int(y.reduce(0, +))))
    #expect(found["z"] == [Double](repeating: 1, count: 1000))
  }

  @Test("a token is drawn as often as its logit says")
  func drawn() throws {
    let text = """
      model m {
        axis time <= 4000
        input x: real[3] over time
        output draw(x) as t
      }
      """
    let chances = [0.5, 0.2, 0.3]
    let logits = (0..<4000).flatMap { _ in chances.map { Double.log($0) } }
    let found = try #require(
      computedRoots(text, lengths: ["time": 4000], values: ["x": logits])["t"]
    )
    for (token, chance) in chances.enumerated() {
      let count = Double(found.count { $0 == Double(token) })
      #expect(abs(count / 4000 - chance) < 0.03)
    }
  }

  @Test("no gradient passes through a draw")
  func stopped() throws {
    let found = try graph("output onehot(draw(x)) as y")
    #expect(found.main.nodes.contains { $0.op == .unary(.stopGradient) })
  }

  @Test("a draw's number says where it stands, whatever else is written")
  func identity() throws {
    let plain = try numbers(graph("layer f = stack(2, noisy2)\noutput f(x) as y", before: twice))
    #expect(plain.count == 4)
    #expect(Set(plain).count == 4)
    let moved = try numbers(
      graph(
        "# a remark\n\nlayer f = stack(2, noisy2)\nz = 2 * x\noutput f(x) as y",
        before: "\n" + twice
      )
    )
    #expect(moved == plain)
    let other = try numbers(graph("layer g = stack(2, noisy2)\noutput g(x) as y", before: twice))
    #expect(Set(other).isDisjoint(with: plain))
  }

  private let twice = "layer noisy2(x: real[n]) {\nemit x + normal(n) * uniform(n)\n}"

  @Test("a definition applied twice draws twice")
  func applied() throws {
    let found = try numbers(graph("output noisy(x) + noisy(x) as y", before: noisy))
    #expect(Set(found).count == 2)
  }

  @Test("a step that is built again draws the same")
  func rebuilt() throws {
    let once = try numbers(
      graph("scan over time {\nstate s: real = 0\nnext s = s + normal()\n}\noutput s")
    )
    let again = try numbers(
      graph(
        """
        input z: real over head
        scan over time {
        state s: real = 0
        next s = s + normal() + z
        }
        output s
        """
      )
    )
    #expect(once == again)
  }

  @Test("training is one value, 1 in training")
  func training() throws {
    let text = model(
      "output training * 2 as y\nscan over time { w = select(training, x, 0) }\noutput w"
    )
    for value in [0.0, 1.0] {
      let found = try computedRoots(
        text,
        lengths: ["time": 1],
        values: ["training": [value], "x": [1, 2, 3, 4]]
      )
      #expect(found["y"] == [2 * value])
      #expect(found["w"] == [1, 2, 3, 4].map { $0 * value })
    }
  }
}
