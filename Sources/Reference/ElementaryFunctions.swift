// The functions of Functions.h in strict mode, operation for operation, so that the interpreter and
// constants folded here have the bits of the C. What the constants are and how far the functions err
// is said there. A product and a sum are two roundings in both: Swift does not contract them.

extension Float: Scalar {
  /// e to the power, at most 0.99 ulp off.
  package static func exp(_ x: Float) -> Float {
    let low = x < -104 ? -104 : x
    let (e, shifted) = expParts(low > 89 ? 89 : low)
    let n = exponent(shifted)
    let half = n >> 1
    return (e + 1) * powerOfTwo(half) * powerOfTwo(n &- half)
  }

  /// The natural logarithm, at most 0.84 ulp off.
  package static func log(_ x: Float) -> Float {
    guard x > 0, x < .infinity else { return logOfSpecial(x) }
    let isTiny = x < .leastNormalMagnitude
    let (n, f) = split(isTiny ? x * 8_388_608 : x)
    return logParts(isTiny ? n - 23 : n, f, 0)
  }

  /// log(1 + x), at most 0.85 ulp off, exact near 0.
  package static func log1p(_ x: Float) -> Float {
    if x == 0 { return x }
    let sum = x + 1
    guard sum > 0, sum < .infinity else { return logOfSpecial(sum) }
    let (n, f) = split(sum)
    if n == 0 { return logParts(n, x, 0) }
    let lost = x < 1 ? x - (sum - 1) : 1 - (sum - x)
    return logParts(n, f, lost / sum)
  }

  /// The hyperbolic tangent, at most 1.50 ulp off.
  package static func tanh(_ x: Float) -> Float {
    let size = x.magnitude
    let square = size * size
    let result: Float
    if size < 0.265 {
      var p: Float = -0.0510281026
      p = p * square + 0.133210897
      p = p * square - 0.333331883
      result = square * p * size + size
    } else {
      let (parts, shifted) = expParts(size + size > 20 ? 20 : size + size)
      let scale = powerOfTwo(exponent(shifted))
      let e = scale * parts + (scale - 1)
      result = e / (e + 2)
    }
    return Float(bitPattern: result.bitPattern | (x.bitPattern & 0x8000_0000))
  }

  /// 1 / (1 + exp(-x)), at most 2.41 ulp off.
  package static func sigmoid(_ x: Float) -> Float {
    let e = exp(-x.magnitude)
    return (x < 0 ? e : 1) / (1 + e)
  }

  /// The sine of radians, at most 0.51 ulp off.
  package static func sin(_ x: Float) -> Float { sine(x, quarter: 0) }

  /// The cosine of radians, at most 0.51 ulp off.
  package static func cos(_ x: Float) -> Float { sine(x, quarter: 1) }

  // MARK: Powers and logarithms

  /// exp(x) = 2^n * (1 + e): gives e, and 12582912 + n.
  private static func expParts(_ x: Float) -> (e: Float, shifted: Float) {
    let shifted = x * 1.44269504 + 12_582_912
    let n = shifted - 12_582_912
    var r = n * -0.693359375 + x
    r = n * 2.12194440e-4 + r
    var q: Float = 0.00138145406
    q = q * r + 0.00836874545
    q = q * r + 0.041668389
    q = q * r + 0.166665211
    q = q * r + 0.49999994
    return ((r * r) * q + r, shifted)
  }

  /// n of 12582912 + n; of NaN anything.
  private static func exponent(_ shifted: Float) -> Int32 {
    Int32(bitPattern: shifted.bitPattern) &- 0x4b40_0000
  }

  /// 2^n, for n from -126 to 127.
  private static func powerOfTwo(_ n: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: n &+ 127) << 23)
  }

  /// log(1 + f) + n ln 2, with a correction of 1 + f.
  private static func logParts(_ n: Float, _ f: Float, _ correction: Float) -> Float {
    let s = f / (f + 2)
    let z = s * s
    let square = 0.5 * f * f
    var p: Float = 0.298717618
    p = p * z + 0.399775416
    p = p * z + 0.666667759
    var low = n * -2.12194440e-4 + correction
    low = s * (p * z + square) + low
    return n * 0.693359375 + (f - (square - low))
  }

  /// x = 2^n (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), for x positive and normal.
  private static func split(_ x: Float) -> (n: Float, f: Float) {
    let bits = x.bitPattern + (0x3f80_0000 - 0x3f35_04f3)
    let rest = (bits & 0x007f_ffff) + 0x3f35_04f3
    return (Float(Int32(bits >> 23) - 127), Float(bitPattern: rest) - 1)
  }

  /// What log gives of 0, +infinity, a negative number and NaN.
  private static func logOfSpecial(_ x: Float) -> Float {
    x == 0 ? -.infinity : x > 0 ? x : .nan
  }

  // MARK: Angles

  /// The first 224 bits of 2/pi, after 32 zeros.
  private static let twoOverPi: [UInt32] = [
    0, 0xa2f9_836e, 0x4e44_1529, 0xfc27_57d1, 0xf534_ddc0, 0xdb62_9599, 0x3c43_9041, 0xfe51_63ab,
  ]

  /// The nearest multiple of pi/2, modulo 4, and what is left of |x|, for 1/2 <= |x| < infinity.
  private static func reduce(_ x: Float) -> (quarter: UInt32, rest: Double) {
    let m = UInt64((x.bitPattern & 0x007f_ffff) | 0x0080_0000)
    let first = ((x.bitPattern >> 23) & 0xff) - 120
    let (at, shift) = (Int(first >> 5), UInt64(first & 31))
    var high = UInt64(twoOverPi[at]) << 32 | UInt64(twoOverPi[at + 1])
    var low = UInt64(twoOverPi[at + 2]) << 32 | UInt64(twoOverPi[at + 3])
    high = high << shift | (low >> 1) >> (63 - shift)
    low = (low << shift) >> 32
    let turn = m &* high &+ ((m * low) >> 32)
    let quarter = (turn &+ (1 << 61)) >> 62
    let rest = Int64(bitPattern: turn &- (quarter << 62))
    return (UInt32(quarter), Double(rest) * 3.4061215800865546e-19)
  }

  /// sin(x + quarter * pi / 2).
  private static func sine(_ x: Float, quarter: UInt32) -> Float {
    let magnitude = x.magnitude
    guard magnitude < .infinity else { return .nan }
    var (r, quarter) = (Double(x), quarter)
    if magnitude >= 0.5 {
      let reduced = reduce(x)
      quarter = quarter &+ (x < 0 ? 4 &- reduced.quarter : reduced.quarter)
      r = x < 0 ? -reduced.rest : reduced.rest
    }
    let z = r * r
    var y: Double
    if quarter & 1 == 0 {
      y = -1.0 / 39_916_800
      y = y * z + 1.0 / 362_880
      y = y * z - 1.0 / 5_040
      y = y * z + 1.0 / 120
      y = y * z - 1.0 / 6
      y = (y * z + 1) * r
    } else {
      y = 1.0 / 479_001_600
      y = y * z - 1.0 / 3_628_800
      y = y * z + 1.0 / 40_320
      y = y * z - 1.0 / 720
      y = y * z + 1.0 / 24
      y = y * z - 0.5
      y = y * z + 1
    }
    return Float(quarter & 2 == 0 ? y : -y)
  }
}
