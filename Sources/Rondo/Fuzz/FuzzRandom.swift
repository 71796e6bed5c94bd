internal import Reference

/// Random choices that follow from a seed and a name alone, the same everywhere.
package struct FuzzRandom: Sendable {
  private let seed: UInt64
  private let stream: UInt32
  private var count: UInt32 = 0

  /// Starts the choices of that name.
  package init(seed: UInt64, stream: String = "") {
    self.seed = seed
    // Fowler, Noll and Vo's hash; Swift's own differs from process to process.
    self.stream = stream.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }

  private mutating func word() -> UInt32 {
    let words = Philox.words(seed: seed, at: .init(draw: stream, element: count))
    count += 1
    return words.x
  }

  /// A whole number below a bound.
  package mutating func below(_ bound: Int) -> Int { Int(word() >> 1) % max(1, bound) }

  /// `true` once in so many times.
  package mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

  /// One of some values; nothing if there is none.
  package mutating func pick<Value>(_ values: [Value]) -> Value? {
    values.isEmpty ? nil : values[below(values.count)]
  }

  /// One of some values, the first if there is but one.
  package mutating func one<Value>(_ first: Value, _ rest: Value...) -> Value {
    let place = below(rest.count + 1)
    return place == 0 ? first : rest[place - 1]
  }

  /// A real number between two.
  package mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(word()) * 0x1p-32
  }
}
