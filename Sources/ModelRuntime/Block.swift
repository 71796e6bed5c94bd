internal import ModelABI
internal import Synchronization

/// One of the four blocks a model works in: zeroed memory, aligned as the contract asks.
///
/// A block may be shared between sessions and threads: any number of calls may read it at a time,
/// or one may write it. A call that finds this broken throws; nothing ever waits.
public final class Block: @unchecked Sendable {
  // Sendable because the memory is reached only between `acquire` and `release`.
  /// How many bytes it has.
  public let byteCount: Int
  /// The memory, of `byteCount` bytes.
  let start: UnsafeMutableRawPointer
  /// What is given back at the end; nil where the memory is another's.
  private let allocation: UnsafeMutableRawPointer?
  /// Whose memory it is, if another's, which is never written.
  private let owner: AnyObject?
  /// How many calls read it now; -1 while one writes.
  private let users = Atomic<Int>(0)

  /// Makes a zeroed block.
  ///
  /// - Throws: `RuntimeError` when there is no such memory.
  public init(byteCount: Int) throws(RuntimeError) {
    guard let memory = Platform.zeroed(bytes: byteCount, alignment: Int(RONDO_ALIGNMENT)) else {
      throw RuntimeError("there is no memory for a block of \(byteCount) bytes")
    }
    self.byteCount = byteCount
    start = memory.start
    allocation = memory.free
    owner = nil
  }

  /// Makes a block of memory that is another's and is only read.
  init(reading start: UnsafeRawPointer, byteCount: Int, of owner: AnyObject) {
    self.byteCount = byteCount
    // Nothing is written through it: `use` refuses, and models give a status.
    self.start = UnsafeMutableRawPointer(mutating: start)
    allocation = nil
    self.owner = owner
  }

  /// Whether it is only read: a library's own weights.
  public var isReadOnly: Bool { owner != nil }

  deinit {
    if let allocation { Platform.release(allocation) }
  }

  /// Takes the block for a call; false when others are in the way.
  func acquire(exclusive: Bool) -> Bool {
    if exclusive {
      return users.compareExchange(expected: 0, desired: -1, ordering: .acquiring).exchanged
    }
    var seen = users.load(ordering: .relaxed)
    while seen >= 0 {
      let (done, now) = users.compareExchange(
        expected: seen,
        desired: seen + 1,
        ordering: .acquiring
      )
      if done { return true }
      seen = now
    }
    return false
  }

  /// Gives the block back.
  func release(exclusive: Bool) {
    if exclusive {
      users.store(0, ordering: .releasing)
    } else {
      users.subtract(1, ordering: .releasing)
    }
  }

  /// Runs `body` with the block taken.
  func use<Result>(
    exclusive: Bool,
    _ body: () throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    guard acquire(exclusive: exclusive) else { throw Self.busy }
    defer { release(exclusive: exclusive) }
    return try body()
  }

  /// The contents, as bytes that fit blocks of the same layout hash.
  public func bytes() throws(RuntimeError) -> [UInt8] {
    try use(exclusive: false) { () throws(RuntimeError) in
      Array(UnsafeRawBufferPointer(start: start, count: byteCount))
    }
  }

  /// Replaces the contents by bytes that `bytes()` gave for the same layout.
  public func replace(with bytes: [UInt8]) throws(RuntimeError) {
    guard !isReadOnly else { throw Self.readOnly }
    guard bytes.count == byteCount else {
      throw RuntimeError("a block of \(byteCount) bytes cannot take \(bytes.count)")
    }
    try use(exclusive: true) { () throws(RuntimeError) in
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(start: start, count: byteCount).copyMemory(from: $0)
      }
    }
  }

  /// Sets all bytes to zero, as they were at first.
  public func clear() throws(RuntimeError) {
    guard !isReadOnly else { throw Self.readOnly }
    try use(exclusive: true) { () throws(RuntimeError) in
      start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return
    }
  }

  /// What writing a library's own weights throws.
  private static var readOnly: RuntimeError {
    RuntimeError(
      .unsupported,
      "the weights are the library's own, and only read",
      hint: "give the session a block of its own, or build the model without --weights",
      status: Int32(RONDO_READ_ONLY)
    )
  }

  /// What a call throws that finds a block taken.
  static var busy: RuntimeError {
    RuntimeError(
      "another call is using a block that this call needs",
      hint: "share parameters only between calls that do not train, and nothing else"
    )
  }
}
