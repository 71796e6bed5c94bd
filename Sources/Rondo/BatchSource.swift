public import ModelRuntime

/// What a source put into a call.
public struct Batch: Hashable, Sendable {
  /// How many examples it has.
  public var rows: Int
  /// How many positions (tokens, frames) they have together; what speed is counted in.
  public var positions: Int
  /// How many batches the epoch has; nil when that is not known.
  public var total: Int?

  /// Describes a batch.
  public init(rows: Int, positions: Int, total: Int? = nil) {
    self.rows = rows
    self.positions = positions
    self.total = total
  }
}

/// Where training and validation data comes from, batch by batch.
public protocol BatchSource {
  /// Puts a batch into a call's inputs: its rows, lengths, data and fresh flags; not the rate and
  /// the seed, which are the trainer's.
  ///
  /// Batches are asked for in their order, but an interrupted run goes on from the middle of an
  /// epoch. So what a batch is must follow from the two numbers alone, whatever was asked before.
  ///
  /// - Parameters:
  ///   - call: a call of `train` or of `evaluate`; its inputs are found by name.
  ///   - epoch: the epoch's number, from 0; what the order is shuffled by.
  ///   - number: the batch's number in the epoch, from 0.
  /// - Returns: what was put in; nil when the epoch has no batch of that number.
  /// - Throws: `RuntimeError` when the data cannot be had.
  mutating func fill(
    _ call: EntryCall,
    epoch: Int,
    number: Int
  ) throws(RuntimeError) -> Batch?
}
