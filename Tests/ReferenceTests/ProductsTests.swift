import GraphIR
import Reference
import Testing

@Suite("Products, reductions and tokens")
struct ProductsTests {
  private let matrix: Tensor<Float> = real([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test("a matrix times a vector")
  func matrixVector() throws {
    let product = try apply(
      .contract(.product(leftRank: 2)),
      matrix,
      real([1, 10, 100], shape: [3])
    )
    #expect(product.values == [321, 654])
  }

  @Test("free dimensions of the first stand before those of the second")
  func freeDimensions() throws {
    let turned = Contraction(left: [0], right: [1])
    let b: Tensor<Float> = real([1, 0, 0, 1, 1, 1], shape: [3, 2])
    let product = try apply(.contract(turned), matrix, b)
    #expect(product.type.shape.dims == [3, 3])
    #expect(product.values == [1, 4, 5, 2, 5, 7, 3, 6, 9])
  }

  @Test("two pairs of dimensions are contracted in the order listed")
  func pairs() throws {
    let both = Contraction(left: [0, 1], right: [1, 0])
    let b: Tensor<Float> = real([1, 10, 100, 1000, 1e4, 1e5], shape: [3, 2])
    #expect(try apply(.contract(both), matrix, b).values == [1 + 40 + 200 + 5000 + 3e4 + 6e5])
  }

  @Test("a contracted axis is summed over, a kept one is shared")
  func axes() throws {
    let a: Tensor<Float> = real([1, 2, 3, 4, 5, 6], over: AxisSet(.batch, time), [2, 3])
    let b: Tensor<Float> = real([1, 10], over: .batch, [2], shape: [1])
    let sum = try apply(.contract(Contraction(axes: .batch)), a, b)
    #expect(sum.type == ValueType(axes: AxisSet(time), shape: b.type.shape))
    #expect(sum.values == [21, 43, 65])
  }

  @Test("terms are added slowest axis first, the batch after it, the shape last")
  func order() throws {
    // 1 is lost beside 2^24 unless 2^24 is gone before it comes.
    let big: Float = 16_777_216
    let ones: Tensor<Float> = real([1, 1], shape: [2])
    let contraction = Contraction(left: [0], right: [0], axes: AxisSet(.batch, time))
    func sum(_ values: [Float]) throws -> Float {
      let a = real(values, over: AxisSet(.batch, time), [2, 3], shape: [2])
      return try apply(.contract(contraction), a, ones).values[0]
    }
    #expect(try sum([big, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, -big]) == 0)
    #expect(try sum([big, -big, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]) == 1)
  }

  @Test("a product and its sum are two roundings")
  func roundings() throws {
    let x: Float = 1 + 0x1p-12
    let dot = Contraction(left: [0], right: [0])
    let product = try apply(
      .contract(dot),
      real([-1 - 0x1p-11, x], shape: [2]),
      real([1, x], shape: [2])
    )
    #expect(product.values == [0])
  }

  @Test("0 times infinity is NaN in a product too, and -0 adds to +0")
  func zeros() throws {
    let dot = Contraction(left: [0], right: [0])
    let inf: Tensor<Float> = real([.infinity], shape: [1])
    #expect(try apply(.contract(dot), real([0], shape: [1]), inf).values[0].isNaN)
    let minus: Tensor<Float> = real([-0.0], shape: [1])
    #expect(bits(try apply(.contract(dot), minus, real([1], shape: [1])).values) == bits([0]))
  }

  @Test("reductions take dimensions, axes, or both")
  func reductions() throws {
    let value: Tensor<Float> = real(
      Array((1...12).map { Float($0) }),
      over: AxisSet(.batch, time),
      [2, 3],
      shape: [2]
    )
    func reduce(_ dims: DimList, _ axes: AxisSet) throws -> [Float] {
      try apply(.reduce(.sum, Reduction(dims: dims, axes: axes)), value).values
    }
    #expect(try reduce([0], .none) == [3, 7, 11, 15, 19, 23])
    #expect(try reduce([], .batch) == [4, 6, 12, 14, 20, 22])
    #expect(try reduce([], AxisSet(time)) == [15, 18, 21, 24])
    #expect(try reduce([0], AxisSet(.batch, time)) == [78])
  }

  @Test("the greatest of all is NaN if any is, and of equal zeros the first")
  func extremes() throws {
    func reduce(_ op: ReduceOp, _ values: [Float]) throws -> Float {
      let value = real(values, shape: [values.count])
      return try apply(.reduce(op, Reduction(dims: [0])), value).values[0]
    }
    #expect(try reduce(.maximum, [1, .nan, 3]).isNaN)
    #expect(try reduce(.minimum, [.nan, 1]).isNaN)
    #expect(try reduce(.maximum, [-.infinity, -2]) == -2)
    #expect(bits([try reduce(.maximum, [0, -0.0])]) == bits([0]))
    #expect(bits([try reduce(.minimum, [-0.0, 0])]) == bits([-0.0]))
  }

  @Test("argmax is the first greatest, and NaN is greatest")
  func argmax() throws {
    let rows: Tensor<Float> = real([1, 3, 3, 2, .nan, .nan], shape: [2, 3])
    let places = try apply(.argmax(nil), rows)
    #expect(places.values == [1, 1])
    #expect(places.type.element == .token(3))
  }

  @Test("draw is the first greatest, and NaN is least")
  func draw() throws {
    let logits: Tensor<Float> = real([.nan, 3, 3, .nan, .nan, .nan], over: .batch, [2], shape: [3])
    #expect(try apply(.draw, logits).values == [1, 0])
  }

  @Test("oneHot of none is all 0")
  func oneHot() throws {
    let hot = try apply(.oneHot(3), tokens(3, [Float(2), -1], over: .batch, [2]))
    #expect(hot.values == [0, 0, 1, 0, 0, 0])
  }

  @Test("gather of none is 0, whatever the table holds")
  func gather() throws {
    let table: Tensor<Float> = real([.nan, .nan, 3, 4], shape: [2, 2])
    let rows = try apply(.gather, table, tokens(2, [1, -1], over: .batch, [2]))
    #expect(rows.values == [3, 4, 0, 0])
  }

  @Test("each row of the batch may gather from a table of its own")
  func gatherFromRows() throws {
    let table: Tensor<Float> = real([1, 2, 3, 4], over: .batch, [2], shape: [2])
    #expect(try apply(.gather, table, tokens(2, [1, 0], over: .batch, [2])).values == [2, 3])
  }

  @Test("scatterAdd sums what names a row and passes over none")
  func scatterAdd() throws {
    let names: Tensor<Float> = tokens(3, [2, -1, 0, 2, 2, 0], over: AxisSet(.batch, time), [2, 3])
    let value: Tensor<Float> = real([1, 2, 4, 8, 16, 32], over: AxisSet(.batch, time), [2, 3])
    let all = Op.scatterAdd(rows: 3, axes: AxisSet(.batch, time))
    #expect(try apply(all, names, value).values == [4 + 32, 0, 1 + 8 + 16])
    let byRow = Op.scatterAdd(rows: 3, axes: AxisSet(time))
    #expect(try apply(byRow, names, value).values == [4, 0, 1 + 16, 32, 0, 8])
  }

  @Test("a token out of range is refused", arguments: [3, -2, 0.5, .nan] as [Float])
  func outOfRange(_ token: Float) {
    let table: Tensor<Float> = real([1, 2, 3], shape: [3])
    #expect(throws: Diagnostic.self) { try apply(.gather, table, tokens(3, [token])) }
    #expect(throws: Diagnostic.self) { try apply(.oneHot(3), tokens(3, [token])) }
    #expect(throws: Diagnostic.self) {
      try apply(.scatterAdd(rows: 3, axes: .none), tokens(3, [token]), real([Float(1)]))
    }
  }
}
