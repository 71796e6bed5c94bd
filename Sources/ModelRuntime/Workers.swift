internal import ModelABI

/// Threads that help one session with its calls; they end with it.
final class Workers {
  /// How many threads a call has, the caller's with them.
  let threads: Int
  /// The model's own name for them, for the context of a call; nil for the caller's thread alone.
  let pool: OpaquePointer?
  /// Whose code they run.
  private let model: CompiledModel

  /// Starts the threads; none for a single one.
  ///
  /// - Throws: `RuntimeError` when there cannot be so many.
  init(_ model: CompiledModel, threads: Int) throws(RuntimeError) {
    guard (1...Int(RONDO_MOST_THREADS)).contains(threads) else {
      throw RuntimeError("\(threads) threads are not between 1 and \(RONDO_MOST_THREADS)")
    }
    self.model = model
    self.threads = threads
    guard threads > 1 else {
      pool = nil
      return
    }
    guard let pool = model.table.start_workers?(Int32(threads)) else {
      throw RuntimeError(
        .unsupported,
        "\(model.name) cannot have \(threads) threads",
        hint: "its library was compiled without threads, or the system has no more of them"
      )
    }
    self.pool = pool
  }

  deinit { model.table.stop_workers?(pool) }
}
