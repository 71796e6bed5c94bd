import GraphIR
import Reference
import Testing

@Suite("Movement and leaves")
struct MovementTests {
  private let matrix: Tensor<Float> = real([1, 2, 3, 4, 5, 6], shape: [3, 2])
  private let steps: Tensor<Float> = real(
    [1, 2, 3, 4, 5, 6],
    over: AxisSet(.batch, time),
    [2, 3]
  )

  @Test("slice, pad and concat go along the first dimension at each position")
  func rows() throws {
    let rows: Tensor<Float> = real([1, 2, 3, 4], over: .batch, [2], shape: [2])
    #expect(try apply(.slice(start: 1, count: 1), rows).values == [2, 4])
    #expect(try apply(.slice(start: 1, count: 2), matrix).values == [3, 4, 5, 6])
    #expect(try apply(.pad(before: 1, after: 2), rows).values == [0, 1, 2, 0, 0, 0, 3, 4, 0, 0])
    let tail: Tensor<Float> = real([9], shape: [1])
    #expect(try apply(.concat(), rows, tail).values == [1, 2, 9, 3, 4, 9])
  }

  @Test("and along the second, where there is one")
  func columns() throws {
    #expect(try apply(.slice(start: 1, count: 1, dim: 1), matrix).values == [2, 4, 6])
    let padded = try apply(.pad(before: 1, after: 1, dim: 1), matrix)
    #expect(padded.values == [0, 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0])
    let tail: Tensor<Float> = real([7, 8, 9], shape: [3, 1])
    #expect(
      try apply(.concat(dim: 1), tail, matrix, tail).values == [7, 1, 2, 7, 8, 3, 4, 8, 9, 5, 6, 9]
    )
  }

  @Test("transpose and reshape at each position")
  func shapes() throws {
    #expect(try apply(.transpose, matrix).values == [1, 3, 5, 2, 4, 6])
    let flat = try #require(Shape([6]))
    #expect(try apply(.reshape(flat), matrix).values == matrix.values)
  }

  @Test("broadcast repeats along new axes and new dimensions")
  func broadcast() throws {
    let shape = try #require(Shape([2, 3, 2]))
    let first = Broadcast(axes: .batch, shape: shape, kept: [0])
    let pair: Tensor<Float> = real([1, 2], shape: [2])
    let one: [Float] = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    #expect(try apply(.broadcast(first), pair).values == one + one)
    let last = Broadcast(axes: .none, shape: shape, kept: [2])
    #expect(try apply(.broadcast(last), pair).values == [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
  }

  @Test("element takes one place of an axis, place fills one")
  func places() throws {
    #expect(try apply(.element(time, .first), steps).values == [1, 2])
    #expect(try apply(.element(time, .last), steps).values == [5, 6])
    #expect(try apply(.element(time, .at(1)), steps).values == [3, 4])
    #expect(try apply(.element(.batch, .last), steps).values == [2, 4, 6])
    let row: Tensor<Float> = real([7, 8], over: .batch, [2])
    #expect(try apply(.place(time, .at(1)), row).values == [0, 0, 7, 8, 0, 0])
    #expect(try apply(.element(time, .at(3)), steps).values == [0, 0])
  }

  @Test("shift moves one place later, or earlier, and fills the vacant place")
  func shift() throws {
    let first: Tensor<Float> = real([9])
    #expect(try apply(.shift(time, reverse: false), steps, first).values == [9, 9, 1, 2, 3, 4])
    #expect(try apply(.shift(time, reverse: true), steps, first).values == [3, 4, 5, 6, 9, 9])
  }

  @Test("shift gives a value the axes of what fills it")
  func shiftUnites() throws {
    let one: Tensor<Float> = real([1, 2, 3], over: AxisSet(time), [3])
    let first: Tensor<Float> = real([8, 9], over: .batch, [2])
    #expect(try apply(.shift(time, reverse: false), one, first).values == [8, 9, 1, 1, 2, 2])
  }

  @Test("a sequence takes exactly as many values as its axis has places")
  func sequence() throws {
    let row: Tensor<Float> = real([7, 8], over: .batch, [2])
    let whole = try apply(.sequence(time), real([1]), row, real([Float(3)]))
    #expect(whole.values == [1, 1, 7, 8, 3, 3])
    #expect(throws: Diagnostic.self) { try apply(.sequence(time), row, row) }
  }

  @Test("position counts from 0, length is the axis's")
  func leaves() throws {
    #expect(try apply(.position(time)).values == [0, 1, 2] as [Float])
    #expect(try apply(.length(time)).values == [3, 3] as [Float])
    #expect(try apply(.length(.batch)).values == [2] as [Float])
    #expect(try apply(.token(2, of: 5)).values == [2] as [Float])
    #expect(try apply(.real(0.1)).values == [0.1] as [Double])
  }

  @Test("a random number is a function of seed, draw, row, position and element")
  func random() throws {
    let shape = try #require(Shape([2]))
    let op = Op.random(.uniform, draw: 7, axes: AxisSet(.batch, time), shape: shape)
    let drawn: Tensor<Float> = try evaluate([], seed: 5) { builder, _ in
      builder.expr(builder.append(op, []))
    }
    let counter = Philox.Counter(draw: 7, example: 1, position: 2, element: 1)
    #expect(drawn.values[11] == Philox.uniform(seed: 5, at: counter))
    #expect(drawn.values.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(Set(drawn.values).count == 12)
  }

  @Test("Philox gives the words of the published test vectors")
  func philox() {
    let zero = Philox.words(seed: 0, at: Philox.Counter(draw: 0))
    #expect(zero == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = Philox.Counter(draw: .max, example: .max, position: .max, element: .max)
    let all = Philox.words(seed: .max, at: ones)
    #expect(all == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  }

  @Test("normal numbers have mean 0 and variance 1")
  func normal() {
    let drawn = (0..<20_000).map { element in
      Double(Philox.normal(seed: 1, at: Philox.Counter(draw: 0, element: UInt32(element))))
    }
    let mean = drawn.reduce(0, +) / 20_000
    let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.04)
  }

  @Test("known values fold, what depends on more does not")
  func folding() {
    let four = Interpreter<Float>.fold(
      .binary(.multiply),
      [Tensor(2), Tensor(2)],
      as: .real
    )
    #expect(four?.values == [4])
    #expect(Interpreter<Float>.fold(.length(time), [], as: .real) == nil)
    let bad: Tensor<Float> = tokens(3, [5])
    #expect(Interpreter.fold(.gather, [real([1, 2, 3], shape: [3]), bad], as: .real) == nil)
  }

  @Test("a value missing or of the wrong length is refused")
  func given() {
    let short: Tensor<Float> = real([1, 2], over: AxisSet(time), [2])
    #expect(throws: Diagnostic.self) { try apply(.unary(.exp), short) }
    let graph = emptyGraph()
    #expect(throws: Diagnostic.self) {
      try Interpreter<Float>(graph: graph, lengths: [1, 0, 1]).run(variables: [:])
    }
  }
}
