import GraphIR
import Reference
import Testing

@Suite("Element by element")
struct ElementwiseTests {
  private let special: [Float] = [0, -0, 1, -1, .infinity, -.infinity, .nan, 0x1p-140, -0x1p-140]

  private func value(_ op: UnaryOp, _ x: Float) throws -> Float {
    try apply(.unary(op), real([x])).values[0]
  }

  private func value(_ op: BinaryOp, _ a: Float, _ b: Float) throws -> Float {
    try apply(.binary(op), real([a]), real([b])).values[0]
  }

  @Test("negate and abs act on the sign alone, of zeros too")
  func signs() throws {
    #expect(bits([try value(.negate, 0)]) == bits([-0.0]))
    #expect(bits([try value(.abs, -0.0)]) == bits([0]))
    #expect(try value(.abs, -.infinity) == .infinity)
    #expect(try value(.negate, .nan).isNaN)
    #expect(try value(.stopGradient, -3) == -3)
  }

  @Test("the logarithm of 0 is -infinity and of a negative number NaN")
  func logarithms() throws {
    #expect(try value(.log, -0.0) == -.infinity)
    #expect(try value(.log, -1).isNaN)
    #expect(try value(.log, .infinity) == .infinity)
    #expect(try value(.log1p, -1) == -.infinity)
    #expect(try value(.log1p, -2).isNaN)
    #expect(bits([try value(.log1p, -0.0)]) == bits([-0.0]))
    #expect(try value(.log1p, 1e-20) == 1e-20)
    #expect(try value(.sqrt, -1).isNaN)
    #expect(bits([try value(.sqrt, -0.0)]) == bits([-0.0]))
  }

  @Test("exp, tanh and sigmoid end in their limits")
  func limits() throws {
    #expect(try value(.exp, 100) == .infinity)
    #expect(bits([try value(.exp, -200)]) == bits([0]))
    #expect(try value(.exp, -0.0) == 1)
    #expect(try value(.tanh, 50) == 1)
    #expect(try value(.tanh, -.infinity) == -1)
    #expect(bits([try value(.tanh, -0.0)]) == bits([-0.0]))
    #expect(try value(.sigmoid, .infinity) == 1)
    #expect(bits([try value(.sigmoid, -.infinity)]) == bits([0]))
    #expect(try value(.sigmoid, 0) == 0.5)
  }

  @Test("the sine of infinity is NaN and that of -0 is -0")
  func angles() throws {
    #expect(try value(.sin, .infinity).isNaN)
    #expect(bits([try value(.sin, -0.0)]) == bits([-0.0]))
    #expect(try value(.cos, -0.0) == 1)
    #expect(abs(try value(.sin, .greatestFiniteMagnitude)) <= 1)
  }

  @Test("a NaN goes through every function", arguments: UnaryOp.allCases)
  func nan(_ op: UnaryOp) throws {
    #expect(try value(op, .nan).isNaN)
  }

  @Test("functions of Double are those of Float, nearer", arguments: UnaryOp.allCases)
  func double(_ op: UnaryOp) {
    for x in [0.3, 1.7, 20.5] {
      let near = Double(op.value(Float(x)))
      #expect(abs(op.value(Double(Float(x))) - near) <= 1e-6 * abs(near))
    }
  }

  @Test("at a tie maximum and minimum give the second")
  func ties() throws {
    #expect(bits([try value(.maximum, 0, -0.0)]) == bits([-0.0]))
    #expect(bits([try value(.maximum, -0.0, 0)]) == bits([0]))
    #expect(bits([try value(.minimum, -0.0, 0)]) == bits([0]))
    #expect(bits([try value(.minimum, 0, -0.0)]) == bits([-0.0]))
  }

  @Test("maximum and minimum are NaN if either side is")
  func nanExtremes() throws {
    for x in special {
      for op in [BinaryOp.maximum, .minimum] {
        #expect(try value(op, .nan, x).isNaN)
        #expect(try value(op, x, .nan).isNaN)
      }
    }
    #expect(try value(.maximum, 2, 1) == 2)
    #expect(try value(.minimum, 2, 1) == 1)
  }

  @Test("arithmetic follows IEEE 754")
  func arithmetic() throws {
    #expect(try value(.multiply, 0, .infinity).isNaN)
    #expect(try value(.divide, 1, -0.0) == -.infinity)
    #expect(try value(.divide, 0, 0).isNaN)
    #expect(try value(.subtract, .infinity, .infinity).isNaN)
    #expect(bits([try value(.add, -0.0, -0.0)]) == bits([-0.0]))
  }

  @Test("comparisons give 1 or 0, and NaN equals nothing")
  func comparisons() throws {
    #expect(try value(.less, 1, 2) == 1)
    #expect(try value(.less, .nan, 2) == 0)
    #expect(try value(.lessEqual, 2, 2) == 1)
    #expect(try value(.equal, 0, -0.0) == 1)
    #expect(try value(.equal, .nan, .nan) == 0)
    #expect(try value(.notEqual, .nan, .nan) == 1)
  }

  @Test("no token equals none, not even none")
  func noneEqualsNothing() throws {
    let a: Tensor<Float> = tokens(4, [2, -1], over: .batch, [2])
    let b: Tensor<Float> = tokens(4, [2, -1], over: .batch, [2])
    #expect(try apply(.binary(.equal), a, b).values == [1, 0])
    #expect(try apply(.binary(.notEqual), a, b).values == [0, 1])
  }

  @Test("select takes NaN for true and both zeros for false, and lets no NaN through")
  func select() throws {
    let c: Tensor<Float> = real([1, 0, -0.0, .nan], shape: [4])
    let a: Tensor<Float> = real([1, .nan, .nan, 4], shape: [4])
    #expect(try apply(.select, c, a, real([9])).values == [1, 9, 9, 4])
  }

  @Test("axes are united and a single number stands for any shape")
  func broadcast() throws {
    let rows: Tensor<Float> = real([10, 20], over: .batch, [2])
    let steps: Tensor<Float> = real([1, 2, 3, 4, 5, 6], over: AxisSet(time), [3], shape: [2])
    let sum = try apply(.binary(.add), rows, steps)
    #expect(sum.type == ValueType(axes: AxisSet(.batch, time), shape: steps.type.shape))
    #expect(sum.lengths == [2, 3])
    #expect(sum.values == [11, 12, 21, 22, 13, 14, 23, 24, 15, 16, 25, 26])
  }

  @Test("a token is a number when asked")
  func number() throws {
    #expect(try apply(.number, tokens(9, [Float(7)])).values == [7])
  }
}
