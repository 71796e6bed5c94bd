import GraphIR
import GraphLanguage
import Reference
import Testing

/// Scans whose text stands in the step of another, against loops.
@Suite("A scan in the step of another") struct ScanInScanTests {
  private let x = [0.5, -1, 2, 0.25]
  private let z = [1.0, 3, -2]

  private func text(_ statements: String) -> String {
    """
    model m {
      axis time <= 4
      axis other <= 3
      input x: real over time
      input z: real over other
    \(statements)
    }
    """
  }

  private func computed(_ statements: String) throws -> [String: [Double]] {
    try computedRoots(
      text(statements),
      lengths: ["time": 4, "other": 3],
      values: ["x": x, "z": z]
    )
  }

  private func graph(_ statements: String) throws -> Graph {
    let (graph, messages) = elaborate(text(statements))
    return try #require(graph, "\(messages)")
  }

  private func hasInner(_ graph: Graph) -> Bool {
    graph.scans.contains { scan in
      scan.body.nodes.contains { if case .scan = $0.op { true } else { false } }
    }
  }

  @Test("gives what follows from that step alone at each of its own places too")
  func outerAlone() throws {
    let found = try computed(
      """
      scan over time {
        before = previous(x)
        scan over other { twice = 2 * before }
      }
      output sum(twice over other) as y
      """
    )
    #expect(found["y"] == [0, 3, -6, 12])
  }

  @Test("which needs that step's state stands in it")
  func nested() throws {
    let statements = """
      scan over time {
        state s: real = 0.1
        scan over other {
          state q: real = s
          next q = 0.5 * q + z * x
        }
        next s = tanh(last(q))
      }
      output s
      output q
      """
    #expect(hasInner(try graph(statements)))
    let found = try computed(statements)
    var s = 0.1
    var states: [Double] = []
    var inner: [Double] = []
    for x in x {
      var q = s
      for z in z {
        q = 0.5 * q + z * x
        inner.append(q)
      }
      s = Double.tanh(q)
      states.append(s)
    }
    #expect(agree(found["s"], states))
    #expect(agree(found["q"], inner))
  }

  @Test("which needs no state of it is taken for all its steps at once")
  func lifted() throws {
    let statements = """
      scan over time {
        scan reverse over other {
          state q: real = x
          next q = 0.5 * q + z * x + position(time)
        }
        y = first(q) + x
      }
      output y
      output q
      """
    #expect(!hasInner(try graph(statements)))
    let found = try computed(statements)
    var inner: [Double] = []
    var firsts: [Double] = []
    for (place, x) in x.enumerated() {
      var q = x
      var states: [Double] = []
      for z in z.reversed() {
        q = 0.5 * q + z * x + Double(place)
        states.insert(q, at: 0)
      }
      inner += states
      firsts.append(states[0] + x)
    }
    #expect(agree(found["q"], inner))
    #expect(agree(found["y"], firsts))
  }

  @Test("a cell told to scan another axis within a step")
  func told() throws {
    let cell = """
      cell sums(x: real) {
        state h: real = 0
        next h = 0.9 * h + x
        emit next h
      }
      """
    let model = text(
      """
      layer f = sums
      scan over time {
        state s: real = 0
        y = f(s + x * z over other)
        next s = last(y)
      }
      output s
      output y
      """
    )
    let found = try computedRoots(
      cell + "\n" + model,
      lengths: ["time": 4, "other": 3],
      values: ["x": x, "z": z]
    )
    var s = 0.0
    var states: [Double] = []
    var inner: [Double] = []
    for x in x {
      var h = 0.0
      for z in z {
        h = 0.9 * h + s + x * z
        inner.append(h)
      }
      s = h
      states.append(s)
    }
    #expect(agree(found["s"], states))
    #expect(agree(found["y"], inner))
  }

  @Test("scans in scans in scans")
  func deep() throws {
    let found = try computedRoots(
      """
      model m {
        axis a <= 3
        axis b <= 3
        axis c <= 3
        input x: real over a
        input y: real over b
        input z: real over c
        scan over a {
          state s: real = 1
          scan over b {
            state t: real = s
            scan over c {
              state u: real = t * x
              next u = 0.5 * u + z * y + s
            }
            next t = tanh(last(u))
          }
          next s = s + last(t)
        }
        output s
        output u
      }
      """,
      lengths: ["a": 2, "b": 3, "c": 2],
      values: ["x": [0.5, -1], "y": [1, 2, -0.5], "z": [0.25, 3]]
    )
    var s = 1.0
    var states: [Double] = []
    var inner: [Double] = []
    for x in [0.5, -1] {
      var t = s
      for y in [1, 2, -0.5] {
        var u = t * x
        for z in [0.25, 3] {
          u = 0.5 * u + z * y + s
          inner.append(u)
        }
        t = Double.tanh(u)
      }
      s += t
      states.append(s)
    }
    #expect(agree(found["s"], states))
    #expect(agree(found["u"], inner))
  }

  @Test("draws of a scan taken out of a step are draws of each of its steps")
  func draws() throws {
    let statements = "scan over time { scan over other { y = z + uniform() } }\noutput y"
    let found = try computed(statements)
    let y = try #require(found["y"])
    #expect(Set(y).count == 12)
    let nested =
      "scan over time {\nstate s: real = 0\nscan over other { w = s + uniform() }\n"
      + "next s = sum(w over other)\n}\noutput w"
    #expect(Set(try #require(computed(nested)["w"])).count == 12)
  }
}
