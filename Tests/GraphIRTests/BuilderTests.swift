import GraphIR
import Testing

@Suite("The builder")
struct BuilderTests {
  private let builder = BlockBuilder(graph: SampleGraph.tables())

  @Test("an equal node has the same id")
  func interning() {
    let x = builder.variable(VariableID(0))
    let first = x + 1
    #expect((x + 1).id == first.id)
    #expect((x + 2).id != first.id)
    #expect((1 - x).id != first.id)
    #expect(builder.real(0).id != builder.real(-0.0).id)
  }

  @Test("going on with a block finds its nodes")
  func continuing() throws {
    let sum = builder.real(1) + builder.variable(VariableID(4))
    let block = try builder.finish(results: [sum.id])
    let further = BlockBuilder(graph: builder.graph, continuing: block)
    #expect((further.real(1) + further.variable(VariableID(4))).id == sum.id)
    #expect(further.block.count == block.count)
  }

  @Test("two draws are two but for their number, and two scans are two")
  func notInterned() {
    func random(_ draw: Int32) -> ValueID {
      builder.append(.random(.uniform, draw: draw, axes: .none, shape: .scalar), [])
    }
    #expect(random(0) != random(1))
    #expect(random(0) == random(0))
    let logits = builder.variable(VariableID(3)).id
    #expect(builder.append(.draw, [logits]) != builder.append(.draw, [logits]))
    let scan = Scan(
      axis: time,
      isReverse: false,
      outerCount: 0,
      sequenceCount: 0,
      stateNames: [],
      body: Block()
    )
    #expect(builder.scan(scan, []) != builder.scan(scan, []))
  }

  @Test("the first name stays")
  func names() {
    let x = builder.append(.variable(VariableID(0)), [])
    #expect(builder.append(.variable(VariableID(0)), [], name: "a") == x)
    #expect(builder.append(.variable(VariableID(0)), [], name: "b") == x)
    builder.name(x, "c")
    #expect(builder.block.name(x) == "a")
  }

  @Test("the first mistake is thrown at the end, with its place and types")
  func failure() {
    builder.origin = SourceSpan(line: 3, column: 2, length: 1)
    let (w, b) = (builder.variable(VariableID(2)), builder.variable(VariableID(3)))
    let wrong = w + b
    builder.origin = .none
    _ = w.apply(.transpose) + b
    #expect(throws: Diagnostic.self) { try builder.finish(results: [wrong.id]) }
    #expect(builder.failure?.kind == .bug)
    #expect(builder.failure?.span.line == 3)
    #expect(
      builder.failure?.message == "add(real[4, 4], real[4]): shapes [4, 4] and [4] differ"
    )
  }

  @Test("a mistake leaves nothing behind that an equal one would find")
  func failsAgain() throws {
    let (w, b) = (builder.variable(VariableID(2)).id, builder.variable(VariableID(3)).id)
    for _ in 0..<2 {
      #expect(throws: TypeMismatch.self) { try builder.checked(.binary(.add), [w, b]) }
    }
    let sum = try builder.checked(.binary(.add), [b, b])
    #expect(builder.block.count == 3 && builder.block[sum].op == .binary(.add))
    #expect(throws: TypeMismatch.self) { try builder.checked(.binary(.add), [w, b]) }
  }

  @Test(
    "an operation that does not fit says why",
    arguments: [
      (Op.binary(.add), [2], "add takes 2 operands, not 1"),
      (.unary(.tanh), [1], "tanh takes real numbers"),
      (.number, [0], "number takes a token"),
      (.binary(.less), [1, 1], "less takes real numbers"),
      (.binary(.equal), [0, 1], "equal takes two of one element"),
      (.select, [0, 0, 1], "select takes a condition and two values of one element"),
      (
        .contract(Contraction(left: [1], right: [1])), [2, 3], "contracted dimensions are not there"
      ),
      (.contract(Contraction(left: [0, 0], right: [0, 1])), [2, 2], "dimensions are not there"),
      (.contract(Contraction(axes: .batch)), [2, 3], "a contracted axis is not there"),
      (
        .contract(Contraction(left: [1], right: [0], inParts: true)), [2, 3],
        "a dot product makes one element"
      ),
      (.reduce(.sum, Reduction(dims: [1])), [3], "what is reduced is not there"),
      (.argmax(nil), [4], "argmax takes a value with a shape"),
      (.draw, [2], "draw takes logits of rank 1"),
      (.oneHot(3), [0], "oneHot takes a token"),
      (.gather, [4, 1], "gather takes a table and one token"),
      (.scatterAdd(rows: 2, axes: .none), [0, 0], "scatterAdd takes one token and a value"),
      (.scatterAdd(rows: 2, axes: AxisSet(AxisID(2))), [1, 0], "sums over a missing axis"),
      (.slice(start: 3, count: 2), [3], "there are no 2 rows from 3"),
      (.slice(start: .max, count: .max), [3], "there are no"),
      (.slice(start: 0, count: 1, dim: 1), [3], "there are no 1 rows from 0"),
      (.pad(before: 1, after: 1, dim: -1), [3], "pad takes a real value with a shape"),
      (.concat(dim: 1), [3, 3], "the parts have no dimension 1"),
      (.pad(before: 1, after: 1), [4], "pad takes a real value with a shape"),
      (.pad(before: .max, after: .max), [3], "the shape is too large"),
      (.concat(), [2, 3], "the parts differ in more than dimension 0"),
      (.transpose, [3], "transpose takes a matrix"),
      (.reshape(.scalar), [3], "does not have as many elements"),
      (.broadcast(Broadcast(axes: .none, shape: .scalar, kept: [])), [3], "does not fit"),
      (.element(AxisID(2), .last), [0], "the axis is not there"),
      (.place(time, .last), [0], "place takes a real value without the axis"),
      (
        .shift(time, reverse: false), [0, 0], "shift takes a value over the axis and one without it"
      ),
      (.sequence(time), [3, 0], "sequence takes values without the axis"),
      (.sequence(time), [], "sequence takes an operand"),
      (.argument(0), [], "the step is not given that many operands"),
      (.project(0), [0], "project takes a scan"),
    ] as [(Op, [Int], String)]
  )
  func typing(op: Op, operands: [Int], reason: String) {
    let ids = operands.map { builder.variable(VariableID($0)).id }
    #expect {
      try builder.checked(op, ids)
    } throws: {
      ($0 as? TypeMismatch)?.reason.contains(reason) == true
    }
  }
}
