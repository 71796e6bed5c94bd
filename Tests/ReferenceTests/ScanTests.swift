import GraphIR
import Reference
import Testing

@Suite("Scans")
struct ScanTests {
  private let steps: Tensor<Float> = real(
    [1, 2, 3, 4, 5, 6],
    over: AxisSet(.batch, time),
    [2, 3]
  )

  /// s' = k s + x, emitting s + x before the step; result `place` of the scan.
  private func run(reverse: Bool, place: Int32) throws -> Tensor<Float> {
    try evaluate([steps, real([10])]) { builder, inputs in
      let row = ValueType(axes: .batch)
      let step = BlockBuilder(graph: builder.graph, arguments: [.real, row, row])
      let (k, x, s) = (step.expr(step.argument(0)), step.argument(1), step.argument(2))
      let next = k * step.expr(s) + step.expr(x)
      let emitted = step.expr(s) + step.expr(x)
      var body = step.block
      body.results = [next.id, emitted.id]
      let scan = Scan(
        axis: time,
        isReverse: reverse,
        outerCount: 1,
        sequenceCount: 1,
        stateNames: ["s"],
        body: body
      )
      let node = builder.scan(scan, [inputs[1].id, inputs[0].id, builder.real(0).id])
      return builder.expr(builder.append(.project(place), [node]))
    }
  }

  @Test("a state is read before the step and given after it")
  func forward() throws {
    #expect(try run(reverse: false, place: 0).values == [1, 2, 13, 24, 135, 246])
    #expect(try run(reverse: false, place: 1).values == [1, 2, 4, 6, 18, 30])
  }

  @Test("a reverse scan starts at the end and leaves each result at its own place")
  func reverse() throws {
    #expect(try run(reverse: true, place: 0).values == [531, 642, 53, 64, 5, 6])
    #expect(try run(reverse: true, place: 1).values == [54, 66, 8, 10, 5, 6])
  }

  @Test("a next state that fits is repeated to the state's type")
  func repeatedStates() throws {
    let states: Tensor<Float> = try evaluate([steps]) { builder, inputs in
      let row = ValueType(axes: .batch)
      let pair = row.shaped(Shape([2]) ?? .scalar)
      let step = BlockBuilder(graph: builder.graph, arguments: [row, pair])
      var body = Block()
      let next = step.expr(step.argument(1)).sum(dims: [0]) + step.expr(step.argument(0))
      body = step.block
      body.results = [next.id]
      let scan = Scan(
        axis: time,
        isReverse: false,
        outerCount: 0,
        sequenceCount: 1,
        stateNames: ["s"],
        body: body
      )
      let node = builder.scan(scan, [inputs[0].id, builder.real(1).id])
      return builder.expr(builder.append(.project(0), [node]))
    }
    #expect(states.values == [3, 3, 4, 4, 9, 9, 12, 12, 23, 23, 30, 30])
  }

  @Test("scans nest, and a draw in a step is the one hoisted out of it")
  func nested() throws {
    let whole = Op.random(.uniform, draw: 3, axes: AxisSet(.batch, time, other), shape: .scalar)
    let hoisted: Tensor<Float> = try evaluate([], seed: 9) { builder, _ in
      builder.expr(builder.append(whole, []))
    }
    let inside: Tensor<Float> = try evaluate([], seed: 9) { builder, _ in
      func scan(_ axis: AxisID, _ body: Block) -> Scan {
        Scan(
          axis: axis,
          isReverse: false,
          outerCount: 0,
          sequenceCount: 0,
          stateNames: [],
          body: body
        )
      }
      let inner = BlockBuilder(graph: builder.graph)
      let draw = Op.random(.uniform, draw: 3, axes: .batch, shape: .scalar)
      let drawn = inner.append(draw, [])
      var innerBody = inner.block
      innerBody.results = [drawn]
      builder.graph.scans.append(scan(other, innerBody))
      let outer = BlockBuilder(graph: builder.graph)
      let node = outer.append(.scan(ScanID(0)), [])
      let emitted = outer.append(.project(0), [node])
      var outerBody = outer.block
      outerBody.results = [emitted]
      let all = builder.scan(scan(time, outerBody), [])
      return builder.expr(builder.append(.project(0), [all]))
    }
    #expect(inside.type == hoisted.type)
    #expect(inside.values == hoisted.values)
  }

  @Test("a chain of a hundred thousand nodes needs no deep stack")
  func longChain() throws {
    let end: Tensor<Float> = try evaluate([real([0])]) { builder, inputs in
      (0..<100_000).reduce(inputs[0]) { sum, place in sum + Double(place % 7) }
    }
    #expect(end.values[0] > 0)
  }
}
