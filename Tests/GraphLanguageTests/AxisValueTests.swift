import GraphIR
import GraphLanguage
import Reference
import Testing

/// Nested axes, derived axes and parameters over fixed ones, against loops.
@Suite("Axes in axes and of axes") struct AxisValueTests {
  private func model(_ statements: String) -> String {
    """
    model m {
      axis word <= 4
      axis letter <= 3 in word
      axis half = word / 2
      axis head = 2
      input x: real[2] over word over letter
      input y: real[2] over word
    \(statements)
    }
    """
  }

  private let x = (0..<24).map { Double($0 % 7) - 2 }
  private let y = (0..<8).map { Double($0) / 4 }

  private func computed(_ statements: String) throws -> [String: [Double]] {
    try computedRoots(
      model(statements),
      lengths: ["word": 4, "letter": 3],
      values: ["x": x, "y": y]
    )
  }

  private func x(_ word: Int, _ letter: Int, _ dim: Int) -> Double {
    x[(word * 3 + letter) * 2 + dim]
  }

  @Test("what runs over an axis in another runs over both, declared or not")
  func closure() throws {
    let graph = try #require(
      elaborate("model m {\naxis word\naxis letter in word\ninput x: real over letter\noutput x\n}")
        .graph
    )
    #expect(graph.axes[2].parent == AxisID(1))
    #expect(graph.text(graph.variables[0].type) == "real over batch word letter")
  }

  @Test("letters are reduced within each word, then words")
  func reductions() throws {
    let found = try computed(
      """
      output sum(x over letter) as s
      output mean(mean(x over letter) over word) as m
      output mean(x over word over letter) as both
      output last(x over letter) as l
      output position(letter) as p
      output softmax(x over letter) as w
      """
    )
    let sums = (0..<4).flatMap { word in
      (0..<2).map { dim in (0..<3).reduce(0.0) { $0 + x(word, $1, dim) } }
    }
    #expect(agree(found["s"], sums))
    let mean = (0..<2).map { dim in
      (0..<12).reduce(0.0) { $0 + x[$1 * 2 + dim] } / 12
    }
    #expect(agree(found["m"], mean))
    #expect(agree(found["both"], mean))
    #expect(agree(found["l"], (0..<4).flatMap { [x($0, 2, 0), x($0, 2, 1)] }))
    #expect(found["p"] == (0..<12).map { Double($0 % 3) })
    var w: [Double] = []
    for word in 0..<4 {
      for letter in 0..<3 {
        for dim in 0..<2 {
          let all = (0..<3).map { Double.exp(x(word, $0, dim)) }
          w.append(all[letter] / all.reduce(0, +))
        }
      }
    }
    #expect(agree(found["w"], w))
  }

  @Test("a cell scans the letters of each word")
  func scans() throws {
    let found = try computed(
      """
      scan reverse over letter {
        state s: real[2] = y
        next s = 2 * s + x
      }
      output first(s over letter) as s
      """
    )
    var wanted: [Double] = []
    for word in 0..<4 {
      for dim in 0..<2 {
        var state = y[word * 2 + dim]
        for letter in (0..<3).reversed() { state = 2 * state + x(word, letter, dim) }
        wanted.append(state)
      }
    }
    #expect(agree(found["s"], wanted))
  }

  @Test("averages count every letter of every example")
  func averages() throws {
    let found = try computedRoots(
      """
      model m {
        axis word <= 4
        axis letter <= 3 in word
        input x: real over word over letter
        loss x
        metric average(position(word)) as p
      }
      """,
      lengths: ["batch": 2, "word": 4, "letter": 3],
      values: ["x": (0..<24).map { Double($0) }]
    )
    #expect(found["loss.count"] == [24])
    #expect(found["loss"] == [11.5])
    #expect(found["p"] == [1.5])
    #expect(found["p.count"] == [8])
  }

  @Test("a derived axis has the other's length divided, and its bound")
  func derived() throws {
    let text = """
      model m {
        axis time
        axis half = time / 2
        axis eighth = half / 2 / 2
        axis other = eighth
        axis head = 9
        axis pair = head / 2
        input x: real over time over pair
        input y: real over half
        input z: real over eighth over other
        output x
        output y
        output z
      }
      """
    let open = try #require(elaborate(text).graph)
    #expect(open.axes.dropFirst().map(\.bound) == [nil, nil, nil, nil, 9, 4])
    let graph = try #require(elaborate(text, sizes: ["time": 50]).graph)
    #expect(graph.axes.dropFirst().map(\.bound) == [50, 25, 6, 6, 9, 4])
    #expect(graph.axes[3].extent == .derived(from: AxisID(2), divisor: 4, bound: 6))
    #expect(graph.axes[6].extent == .fixed(4))
  }

  @Test("each head has weights of its own")
  func heads() throws {
    let query = (0..<12).map { Double($0) / 10 - 0.5 }
    let found = try computedRoots(
      """
      model m {
        axis time <= 3
        axis head = 2
        input x: real[2] over time
        param query: real[3, 2] over head ~ glorot
        output concat(query @ x over head) as y
      }
      """,
      lengths: ["time": 3],
      values: ["x": [1, 2, 3, 4, 5, 6], "query": query]
    )
    var wanted: [Double] = []
    for time in 0..<3 {
      let (a, b) = (Double(2 * time + 1), Double(2 * time + 2))
      for row in 0..<6 { wanted.append(query[row * 2] * a + query[row * 2 + 1] * b) }
    }
    #expect(agree(found["y"], wanted))
  }

  @Test("weights have the first values of their words, also over an axis and in a layer")
  func firstValues() throws {
    let text = """
      layer mix(x: real[n] over s; units) {
        param a: real[units, n] over s ~ orthogonal
        param b: real[n, n] ~ identity
        emit sum(a @ (b @ x) over s)
      }
      model m {
        axis head = 3
        input x: real[4] over head
        param c: real[2, 6] over head ~ glorot frozen
        layer f = mix(2)
        output f(x) as y
        output sum(c over head) as z
      }
      """
    let graph = try #require(elaborate(text).graph, "\(elaborate(text).text)")
    let found = graph.variables.dropFirst().map { "\($0.name): \($0.kind) \(graph.text($0.type))" }
    #expect(
      found == [
        "c: parameter(GraphIR.InitialValue.uniform(bound: 0.8660254037844386), frozen: true) "
          + "real[2, 6] over head",
        "f.a: parameter(GraphIR.InitialValue.orthogonal, frozen: false) real[2, 4] over head",
        "f.b: parameter(GraphIR.InitialValue.identity, frozen: false) real[4, 4]",
      ]
    )
  }

  @Test("a value that all rows share is taken at each row's own last place")
  func sharedAlongAnAxis() throws {
    func graph(_ statement: String) throws -> Graph {
      let text = "model m {\naxis time <= 4\ninput x: real over time\n\(statement)\noutput x\n}"
      return try #require(elaborate(text).graph, "\(elaborate(text).text)")
    }
    let statements = [
      "output last(position(time)) as y", "output sum(position(time) over time) as y",
      "output max(position(time) over time) as y",
      "output softmax(position(time) over time) as y",
      "output argmax(position(time) over time) as y",
      "output window(position(time), 2, ahead: 1) as y",
      "loss position(time)",
    ]
    let rows = AxisSet.batch.adding(AxisID(1))
    for statement in statements {
      let isSpread = try graph(statement).main.nodes.contains {
        if case .broadcast(let broadcast) = $0.op { broadcast.axes == rows } else { false }
      }
      #expect(isSpread, "\(statement)")
    }
    let reverse = try graph(
      "scan reverse over time {\nstate s: real = 0\nnext s = s + position(time)\n}\noutput s"
    )
    #expect(reverse.scans[0].stateType(0).axes == .batch)
  }
}
