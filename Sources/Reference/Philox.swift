/// Random numbers that are a function of where they stand: Philox 4x32 with 10 rounds (Salmon, Moraes,
/// Dror and Shaw 2011), as Functions.h has it.
package enum Philox {
  /// Where a number stands.
  ///
  /// The generator's counter is these four words: element, position, example, draw.
  package struct Counter: Hashable, Sendable {
    /// Which draw of the graph.
    package var draw: UInt32
    /// The row of the batch.
    package var example: UInt32
    /// The place along the other axes, as one number.
    package var position: UInt32
    /// The place in the shape, as one number.
    package var element: UInt32

    /// Names a place.
    package init(draw: UInt32, example: UInt32 = 0, position: UInt32 = 0, element: UInt32 = 0) {
      self.draw = draw
      self.example = example
      self.position = position
      self.element = element
    }
  }

  /// From 0 up to, but not including, 1, in steps of 2^-24: the top 24 bits of word 0.
  package static func uniform(seed: UInt64, at counter: Counter) -> Float {
    Float(words(seed: seed, at: counter).x >> 8) * 0x1p-24
  }

  /// With mean 0 and variance 1, by Box and Muller from words 0 and 1.
  package static func normal(seed: UInt64, at counter: Counter) -> Float {
    let word = words(seed: seed, at: counter)
    let u = Float((word.x >> 8) + 1) * 0x1p-24
    let v = Float(word.y >> 8) * 0x1p-24
    return (-2 * Float.log(u)).squareRoot() * Float.cos(6.28318531 * v)
  }

  /// Four random words.
  package static func words(seed: UInt64, at counter: Counter) -> SIMD4<UInt32> {
    var word = SIMD4(counter.element, counter.position, counter.example, counter.draw)
    var key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let a = UInt64(word.x) * 0xd251_1f53
      let b = UInt64(word.z) * 0xcd9e_8d57
      word = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ word.y ^ key.0,
        UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ word.w ^ key.1,
        UInt32(truncatingIfNeeded: a)
      )
      key = (key.0 &+ 0x9e37_79b9, key.1 &+ 0xbb67_ae85)
    }
    return word
  }
}
