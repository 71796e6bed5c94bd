/// Numbers that follow from a seed alone, the same in every run (xorshift, 64 bits).
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence of a seed.
  package init(seed: Int) {
    state = 0x9E37_79B9_7F4A_7C15 &* (UInt64(bitPattern: Int64(seed)) &* 2 &+ 1)
  }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// A number from 0 up to, but not including, a bound.
  package mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  /// A number between two.
  package mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }
}
