/// A training run at one moment, complete: from it a run goes on as if it had never stopped.
///
/// The file is bytes in little-endian order, ended by the SHA-256 of all that stands before. Blocks
/// are copies, so they fit only a library of the same layout; weights that outlive the library are
/// what `Session.saveWeights` writes.
public struct Checkpoint: Hashable, Sendable {
  /// How far a run has come.
  public struct Progress: Hashable, Sendable {
    /// How many updates there were.
    public var update: UInt64
    /// The epoch that is running, from 0.
    public var epoch: UInt64
    /// How many batches of it are done.
    public var position: UInt64
    /// The run's seed.
    public var seed: UInt64
    /// The sum of this epoch's losses so far.
    public var lossSum: Double
    /// What that sum is to be divided by.
    public var lossCount: Double
    /// The least loss at the end of an epoch; infinity before the first.
    public var bestLoss: Double
    /// After which epoch, from 1, that was; 0 before the first.
    public var bestEpoch: UInt64
    /// How often a plateau has made the rate smaller.
    public var reductions: UInt64
    /// After which epoch, from 1, it last did; 0 before the first.
    public var reducedEpoch: UInt64

    /// A run that has not begun.
    public init(seed: UInt64) {
      update = 0
      epoch = 0
      position = 0
      self.seed = seed
      lossSum = 0
      lossCount = 0
      bestLoss = .infinity
      bestEpoch = 0
      reductions = 0
      reducedEpoch = 0
    }
  }

  /// The graph the model was compiled from.
  public var graphHash: String
  /// The layout of the blocks.
  public var layoutHash: String
  /// How far the run has come.
  public var progress: Progress
  /// The weights' block.
  public var parameters: [UInt8]
  /// The optimiser's block.
  public var optimizer: [UInt8]
  /// The carried state's block.
  public var state: [UInt8]

  /// What the file begins with.
  private static let name = Array("RondoCk".utf8)
  /// The version of the file's form, the byte after the name.
  private static let version: UInt8 = 2
  /// The name and the version.
  private static let magic = name + [version]
  /// The bytes of the checksum.
  private static let digestBytes = 32

  /// Takes a copy of a session.
  public init(of session: Session, progress: Progress) throws(RuntimeError) {
    graphHash = session.model.manifest.graphHash
    layoutHash = session.model.manifest.layoutHash
    self.progress = progress
    parameters = try session.parameters.bytes()
    optimizer = try session.optimizer.bytes()
    state = try session.state.bytes()
  }

  /// Reads a file's contents.
  ///
  /// - Throws: `RuntimeError` when one bit is not as it was written.
  public init(_ bytes: [UInt8]) throws(RuntimeError) {
    guard bytes.starts(with: Self.name) else { throw RuntimeError("this is no checkpoint") }
    if bytes.count > Self.name.count, bytes[Self.name.count] > Self.version {
      throw RuntimeError(
        .unsupported,
        "the checkpoint has version \(bytes[Self.name.count]), and version \(Self.version) is read",
        hint: "go on with it by the newer version that wrote it; if none did, the file is damaged"
      )
    }
    if bytes.count > Self.name.count, bytes[Self.name.count] == 1 {
      throw RuntimeError(
        .unsupported,
        "the checkpoint has version 1, and version \(Self.version) is read",
        hint: "begin anew; the best weights so far are in a file of their own"
      )
    }
    guard bytes.starts(with: Self.magic) else { throw Self.damaged }
    guard bytes.count >= Self.magic.count + Self.digestBytes else { throw Self.damaged }
    let body = bytes.count - Self.digestBytes
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<body])) }
    guard hash.digest().elementsEqual(bytes[body...]) else { throw Self.damaged }
    var rest = bytes[Self.magic.count..<body]
    var progress = Progress(seed: 0)
    progress.update = try Self.number(&rest)
    progress.epoch = try Self.number(&rest)
    progress.position = try Self.number(&rest)
    progress.seed = try Self.number(&rest)
    progress.lossSum = Double(bitPattern: try Self.number(&rest))
    progress.lossCount = Double(bitPattern: try Self.number(&rest))
    progress.bestLoss = Double(bitPattern: try Self.number(&rest))
    progress.bestEpoch = try Self.number(&rest)
    progress.reductions = try Self.number(&rest)
    progress.reducedEpoch = try Self.number(&rest)
    self.progress = progress
    graphHash = String(decoding: try Self.part(&rest), as: UTF8.self)
    layoutHash = String(decoding: try Self.part(&rest), as: UTF8.self)
    parameters = Array(try Self.part(&rest))
    optimizer = Array(try Self.part(&rest))
    state = Array(try Self.part(&rest))
    guard rest.isEmpty else { throw Self.damaged }
  }

  /// Reads a file.
  public init(path: String) throws(RuntimeError) {
    do {
      self = try Checkpoint(Platform.read(path))
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }

  /// The file's bytes: same run, same bytes.
  public var bytes: [UInt8] {
    var bytes = Self.magic
    let numbers = [
      progress.update, progress.epoch, progress.position, progress.seed,
      progress.lossSum.bitPattern, progress.lossCount.bitPattern, progress.bestLoss.bitPattern,
      progress.bestEpoch, progress.reductions, progress.reducedEpoch,
    ]
    for number in numbers { Self.append(number, to: &bytes) }
    let parts = [Array(graphHash.utf8), Array(layoutHash.utf8), parameters, optimizer, state]
    bytes.reserveCapacity(bytes.count + parts.reduce(100) { $0 + $1.count + 8 })
    for part in parts {
      Self.append(UInt64(part.count), to: &bytes)
      bytes += part
    }
    var hash = SHA256()
    hash.update(bytes)
    return bytes + hash.digest()
  }

  /// Writes the file in one step that survives a crash.
  public func save(to path: String) throws(RuntimeError) {
    try Platform.replace(path, with: bytes)
  }

  /// Puts a session where this run was.
  ///
  /// - Throws: `RuntimeError` when the session's model is not the one that was trained; then
  ///   nothing is changed.
  public func restore(_ session: Session) throws(RuntimeError) {
    let manifest = session.model.manifest
    guard graphHash == manifest.graphHash else {
      throw RuntimeError(
        "the checkpoint is of another definition than \(manifest.model), or of other sizes"
      )
    }
    guard layoutHash == manifest.layoutHash else {
      throw RuntimeError(
        .unsupported,
        "the checkpoint is of another build of \(manifest.model), laid out otherwise",
        hint: "begin from the weights in \(manifest.model).safetensors instead"
      )
    }
    guard parameters.count == manifest.blocks.parameters,
      optimizer.count == manifest.blocks.optimizer, state.count == manifest.blocks.state
    else { throw RuntimeError("the checkpoint's blocks are not those of \(manifest.model)") }
    try session.parameters.replace(with: parameters)
    try session.optimizer.replace(with: optimizer)
    try session.state.replace(with: state)
  }

  /// What a file is called that is not as it was written.
  private static var damaged: RuntimeError {
    RuntimeError(
      "the checkpoint is damaged: its checksum does not agree",
      hint: "take it from a copy, or begin anew; the best weights so far are in a file of their own"
    )
  }

  /// Appends a number.
  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Takes a number from the front.
  private static func number(_ rest: inout ArraySlice<UInt8>) throws(RuntimeError) -> UInt64 {
    guard rest.count >= 8 else { throw damaged }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Takes a count and as many bytes from the front.
  private static func part(
    _ rest: inout ArraySlice<UInt8>
  ) throws(RuntimeError) -> ArraySlice<UInt8> {
    let count = try number(&rest)
    guard count <= rest.count else { throw damaged }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}
