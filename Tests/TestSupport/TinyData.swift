package import ModelRuntime
package import Rondo

/// Windows of numbers for the tiny model: a carried stream of `batches` windows, another one in
/// every epoch, that follows from the two numbers alone.
package struct TinyData: BatchSource {
  /// How many batches an epoch has.
  package var batches: Int
  /// A batch in which a number is not finite; nil for none.
  package var poisoned: Int?

  /// Describes the data.
  package init(batches: Int = 7, poisoned: Int? = nil) {
    self.batches = batches
    self.poisoned = poisoned
  }

  /// Fills a call of `train` or `evaluate`.
  package mutating func fill(
    _ call: EntryCall,
    epoch: Int,
    number: Int
  ) throws(RuntimeError) -> Batch? {
    guard number < batches else { return nil }
    // The last window is a smaller batch of shorter rows.
    let isLast = number == batches - 1
    try call.setBatch(isLast ? 2 : 4)
    try call.setLengths(isLast ? [2, 2] : nil, axis: "time")
    let seed = UInt32(truncatingIfNeeded: epoch &* 1000 &+ number)
    var random = seed &* 2_654_435_761 &+ 12345
    func next() -> Float {
      random = random &* 1_664_525 &+ 1_013_904_223
      return Float(random >> 8) / 16_777_216 - 0.5
    }
    let poison: Float = number == poisoned ? .infinity : 0
    var xs: [Float] = []
    try call.withInput(0, as: Float.self) { elements in
      for index in elements.indices { elements[index] = next() + poison }
      xs = Array(elements)
    }
    try call.withInput(1, as: Float.self) { elements in
      for index in elements.indices { elements[index] = xs[index * 2] - 2 * xs[index * 2 + 1] + 1 }
    }
    try call.withInput(2, as: UInt8.self) { $0.update(repeating: number == 0 ? 1 : 0) }
    let rows = call.batch
    return Batch(rows: rows, positions: rows * (isLast ? 2 : 3), total: batches)
  }
}
