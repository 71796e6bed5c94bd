/// Random numbers that are the same everywhere for one seed (Steele, Lea and Flood's SplitMix64).
package struct SmallRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts from a seed.
  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A whole number below a bound.
  package mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % max(1, bound) }

  /// One of some values; nothing if there is none.
  package mutating func pick<Value>(_ values: [Value]) -> Value? {
    values.isEmpty ? nil : values[below(values.count)]
  }

  /// A real number between two.
  package mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }

  /// A real number from -bound to bound.
  package mutating func real(_ bound: Float) -> Float {
    (Float(next() >> 40) * 0x1p-23 - 1) * bound
  }
}
