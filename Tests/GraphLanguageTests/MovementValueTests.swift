import GraphIR
import GraphLanguage
import Testing

/// What moves along axes, against loops.
@Suite("Windows and other places are those that the text says") struct MovementValueTests {
  /// `[position][dimension]`, as inputs are laid out.
  private let x = (0..<14).map { Double($0 * $0) + 1 }

  private func x(_ time: Int, _ dim: Int) -> Double {
    (0..<7).contains(time) ? x[time * 2 + dim] : 0
  }

  private func model(_ statements: String) -> String {
    """
    model m {
      axis time <= 7
      axis third = time / 3
      axis other = time
      axis head = 3
      input x: real[2] over time
      input y: real[2] over third
      input z: real[2] over head
    \(statements)
    }
    """
  }

  @Test(
    "a window has the k steps up to the last of the block, j later, and 0 outside",
    arguments: [1, 2, 3, 5, 9],
    [0, 1, 4]
  )
  func windows(_ width: Int, _ ahead: Int) throws {
    let found = try computedRoots(
      model(
        """
        output window(x over time, \(width), ahead: \(ahead)) as same
        output window(x over time to third, \(width), ahead: \(ahead)) as fewer
        output window(x, \(width), ahead: \(ahead)) as only
        output window(x[0], \(width), ahead: \(ahead)) as numbers
        """
      ),
      lengths: ["time": 7],
      values: ["x": x]
    )
    func wanted(_ places: Int, _ block: Int, dims: Range<Int> = 0..<2) -> [Double] {
      (0..<places).flatMap { place in
        (0..<width).flatMap { row in
          dims.map { x(block * place + block - 1 + ahead - (width - 1) + row, $0) }
        }
      }
    }
    #expect(agree(found["same"], wanted(7, 1)))
    #expect(agree(found["only"], wanted(7, 1)))
    #expect(agree(found["fewer"], wanted(2, 3)))
    #expect(agree(found["numbers"], wanted(7, 1, dims: 0..<1)))
  }

  @Test("a window that goes on from call to call is made of what previous remembers")
  func remembered() throws {
    let text = """
      model m {
        axis time
        input x: real[2] over time
        output window(x, 3) as w
        stream over time
      }
      """
    let (graph, messages) = elaborate(text)
    let found = try #require(graph, "\(messages)")
    #expect(found.main.nodes.count { $0.op == .shift(AxisID(1), reverse: false) } == 2)
    let values = try computedRoots(found, lengths: ["time": 7], values: ["x": x])
    let wanted = (0..<7).flatMap { time in
      (0..<3).flatMap { [x(time - 2 + $0, 0), x(time - 2 + $0, 1)] }
    }
    #expect(agree(values["w"], wanted))
  }

  @Test("a window in a scan is of what is bound outside of it, whole")
  func windowInScan() throws {
    let found = try computedRoots(
      model(
        """
        scan reverse over time {
          w = window(x, 2)
          p = previous(x)
        }
        output w
        output p
        """
      ),
      lengths: ["time": 7],
      values: ["x": x]
    )
    #expect(
      agree(found["w"], (0..<7).flatMap { [x($0 - 1, 0), x($0 - 1, 1), x($0, 0), x($0, 1)] })
    )
    #expect(agree(found["p"], (0..<7).flatMap { [x($0 - 1, 0), x($0 - 1, 1)] }))
  }

  @Test("a window of a window is a field of two axes")
  func field() throws {
    let film = (0..<12).map { Double($0 + 1) }
    let found = try computedRoots(
      """
      model m {
        axis row = 3
        axis column = 4
        input f: real over row over column
        output window(window(f over row, 3, ahead: 1) over column, 3, ahead: 1) as w
      }
      """,
      values: ["f": film]
    )
    func pixel(_ r: Int, _ c: Int) -> Double {
      (0..<3).contains(r) && (0..<4).contains(c) ? film[r * 4 + c] : 0
    }
    var wanted: [Double] = []
    for r in 0..<3 {
      for c in 0..<4 {
        for j in -1...1 { for i in -1...1 { wanted.append(pixel(r + i, c + j)) } }
      }
    }
    #expect(agree(found["w"], wanted))
  }

  @Test("along leads to a second axis, and from a coarse axis to a fine one")
  func along() throws {
    let y = [1.0, 2, 3, 4]
    let found = try computedRoots(
      model(
        """
        output along(x over time to other) as same
        output along(y over third to time) as finer
        output along(y[1] over third to other) as number
        """
      ),
      lengths: ["time": 7],
      values: ["x": x, "y": y]
    )
    #expect(agree(found["same"], x))
    #expect(found["finer"] == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 0, 0])
    #expect(agree(found["number"], [2, 2, 2, 4, 4, 4, 0]))
  }

  @Test("each position meets each of a second axis")
  func secondAxis() throws {
    let found = try computedRoots(
      model("output sum(position(other) * (along(x over time to other) @ x) over other) as y"),
      lengths: ["time": 7],
      values: ["x": x]
    )
    let wanted = (0..<7).map { a in
      var sum = 0.0
      for b in 0..<7 {
        let product: Double = x(a, 0) * x(b, 0) + x(a, 1) * x(b, 1)
        sum += Double(b) * product
      }
      return sum
    }
    #expect(agree(found["y"], wanted))
  }

  @Test("argmax over an axis is the place of the first greatest")
  func argmax() throws {
    let found = try computedRoots(
      model("output number(argmax(x over time)) as n\noutput argmax(z over head) as h"),
      lengths: ["time": 4],
      values: ["x": [1, 9, 5, 2, 5, 9, 0, 0], "z": [1, 2, 3, 4, 3, 1]]
    )
    #expect(found["n"] == [1, 0])
    #expect(found["h"] == [1, 1])
  }

  @Test("concat over an axis puts its places one after the other")
  func concat() throws {
    let z = [1.0, 2, 3, 4, 5, 6]
    let found = try computedRoots(
      model(
        """
        output concat(z over head) as v
        output concat(z[0] over head, 7) as numbers
        param w: real[2] over head ~ 1
        output concat(w * x over head) as both
        """
      ),
      lengths: ["time": 3],
      values: ["z": z, "x": [1, 2, 3, 4, 0, 1], "w": z]
    )
    #expect(found["v"] == z)
    #expect(found["numbers"] == [1, 3, 5, 7])
    #expect(found["both"] == [1, 4, 3, 8, 5, 12, 3, 8, 9, 16, 15, 24, 0, 2, 0, 4, 0, 6])
  }

  @Test("previous of a step's value along another axis")
  func previousInStep() throws {
    let found = try computedRoots(
      model(
        """
        scan over time {
          state s: real over head = 0
          p = previous(s over head, first: x[0])
          next s = p + 1
        }
        output s
        """
      ),
      lengths: ["time": 3],
      values: ["x": [10, 0, 20, 0, 30, 0]]
    )
    #expect(found["s"] == [11, 1, 1, 21, 12, 2, 31, 22, 13])
  }
}
