package import ModelRuntime
package import Rondo

/// A text's tokens as batches of windows.
///
/// A model that carries its states reads as many streams as a batch has rows: stream `r` is the
/// `r`th of equal parts of the text, read window after window, fresh when an epoch begins. Without
/// carry the text is cut into windows, which each epoch reads in another order. Rows of one batch
/// are equally long; what does not fill a row at the text's end, fewer tokens than there are rows
/// or than a window has, is left out.
package struct TextWindows: BatchSource, Sendable {
  /// Where the windows go.
  package let input: TextInput
  /// The text.
  private let tokens: [Int32]
  /// How many rows a full batch has.
  package let rows: Int
  /// How long a stream or, without carry, a window is.
  private let stride: Int
  /// What the windows' order follows from.
  private let seed: UInt64
  /// The order of the epoch that was asked for last.
  private var order: (epoch: Int, windows: [Int])?

  /// Cuts a text up.
  ///
  /// - Parameters:
  ///   - tokens: the text.
  ///   - input: where it goes.
  ///   - batch: the most rows of a batch.
  ///   - seed: what the order follows from; nil keeps the text's order.
  /// - Throws: `RuntimeError` when the text does not fill one row.
  package init(
    _ tokens: [Int32],
    input: TextInput,
    batch: Int,
    seed: UInt64?
  ) throws(RuntimeError) {
    guard tokens.count >= (input.isExact ? input.length : 1) else {
      throw RuntimeError(
        tokens.isEmpty
          ? "the text is empty"
          : "the text has \(tokens.count) tokens, and a row of \(quoted(input.name)) has "
            + "\(input.length)"
      )
    }
    self.input = input
    self.tokens = tokens
    self.seed = seed ?? 0
    // A short text has fewer streams, so that each still fills a window.
    let windows = max(1, tokens.count / input.length)
    rows = min(batch, windows)
    stride = input.carries ? tokens.count / rows : min(input.length, tokens.count)
    if seed == nil || input.carries { order = (-1, Array(0..<windows)) }
  }

  /// How many batches an epoch has.
  package var batchCount: Int {
    if input.carries {
      return input.isExact ? stride / input.length : (stride + input.length - 1) / input.length
    }
    return (max(1, tokens.count / input.length) + rows - 1) / rows
  }

  /// Puts a batch of windows into a call.
  package mutating func fill(
    _ call: EntryCall,
    epoch: Int,
    number: Int
  ) throws(RuntimeError) -> Batch? {
    guard number < batchCount else { return nil }
    let windows = input.carries ? streams(number) : shuffled(epoch, number)
    let length = windows.length
    try call.setBatch(windows.starts.count)
    let lengths = Array(repeating: Int32(clamping: length), count: windows.starts.count)
    if !input.isExact {
      try call.setLengths(length == input.length ? nil : lengths, axis: input.axis)
    }
    guard let index = call.input(named: input.name) else {
      throw RuntimeError(.bug, "\(call.entry.name) has no input \(quoted(input.name))")
    }
    try call.withInput(index, as: Int32.self) { elements in
      for (row, start) in windows.starts.enumerated() {
        for position in 0..<length {
          elements[row * input.length + position] = tokens[start + position]
        }
      }
    }
    let isFresh: UInt8 = !input.carries || number == 0 ? 1 : 0
    try call.set(.fresh, to: isFresh)
    let rows = windows.starts.count
    return Batch(rows: rows, positions: rows * length, total: batchCount)
  }

  /// Where the windows of a batch of streams begin, and how long they are.
  private func streams(_ number: Int) -> (starts: [Int], length: Int) {
    let offset = number * input.length
    let starts = (0..<rows).map { $0 * stride + offset }
    return (starts, min(input.length, stride - offset))
  }

  /// Where the windows of a batch begin that are read in an epoch's order.
  private mutating func shuffled(_ epoch: Int, _ number: Int) -> (starts: [Int], length: Int) {
    var windows = order?.windows ?? []
    if order?.epoch != -1, order?.epoch != epoch {
      windows = Array(0..<max(1, tokens.count / input.length))
      var random = SplitMix(seed: seed ^ UInt64(truncatingIfNeeded: epoch) &* 0x9e37_79b9)
      windows.shuffle(using: &random)
      order = (epoch, windows)
    }
    let starts = windows.dropFirst(number * rows).prefix(rows).map { $0 * input.length }
    return (Array(starts), stride)
  }
}

/// Numbers that follow from a seed, the same on every machine.
package struct SplitMix: RandomNumberGenerator, Sendable {
  /// Where it is.
  private var state: UInt64

  /// Begins at a seed.
  package init(seed: UInt64) { state = seed }

  /// The next number.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
