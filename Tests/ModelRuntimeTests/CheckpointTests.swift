import TestSupport
import Testing

@testable import ModelRuntime

/// Tries every cut and every flipped bit of a file: how many that was, and which bytes passed for whole.
func damage(to bytes: [UInt8], passes: ([UInt8]) -> Bool) -> (tried: Int, silent: [Int]) {
  var tried = 0
  var silent: [Int] = []
  func look(_ bytes: [UInt8], at index: Int) {
    tried += 1
    if passes(bytes) { silent.append(index) }
  }
  for cut in bytes.indices { look(Array(bytes[..<cut]), at: cut) }
  var changed = bytes
  for index in bytes.indices {
    for bit in 0..<8 {
      changed[index] ^= 1 << UInt8(bit)
      look(changed, at: index)
      changed[index] ^= 1 << UInt8(bit)
    }
  }
  return (tried, silent)
}

@Suite struct CheckpointTests {
  /// A checkpoint of a session that has seen something.
  private func checkpoint() throws -> (Session, Checkpoint) {
    let session = try Session(TinyModel.loaded())
    try session.initialize(seed: 5)
    try session.set(.state, "h", [1, 2, 3, 4])
    var progress = Checkpoint.Progress(seed: 5)
    progress.update = 1 << 40
    progress.epoch = 3
    progress.position = 17
    progress.lossSum = 0.1
    return (session, try Checkpoint(of: session, progress: progress))
  }

  /// What is written is read back, and puts another session in the same place.
  @Test func roundTrip() throws {
    let (session, checkpoint) = try checkpoint()
    let read = try Checkpoint(checkpoint.bytes)
    #expect(read == checkpoint)
    let other = try Session(session.model)
    try read.restore(other)
    #expect(try other.parameters.bytes() == session.parameters.bytes())
    #expect(try other.get(.state, "h") == [1, 2, 3, 4])
  }

  /// Of a file of 4 KB every cut and every bit that is not as it was is refused, and what is added.
  @Test func refusesDamage() throws {
    var checkpoint = try checkpoint().1
    // Filled with what weights look like, up to the size.
    let rest = 4096 - checkpoint.bytes.count
    checkpoint.optimizer += (0..<rest).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ $0 / 251) }
    let bytes = checkpoint.bytes
    try #require(bytes.count == 4096)
    #expect(try Checkpoint(bytes) == checkpoint)
    let (tried, silent) = damage(to: bytes) { (try? Checkpoint($0)) != nil }
    #expect(tried == 32_768 + 4_096)
    #expect(silent.isEmpty)
    #expect(throws: RuntimeError.self) { try Checkpoint(bytes + [0]) }
  }

  /// A file of a newer version is refused, and it is said what to do; other files are no checkpoints.
  @Test func refusesOtherVersions() throws {
    var bytes = try checkpoint().1.bytes
    bytes[7] = 3
    let newer = #expect(throws: RuntimeError.self) { try Checkpoint(bytes) }
    #expect(newer?.kind == .unsupported)
    #expect(newer?.message == "the checkpoint has version 3, and version 2 is read")
    #expect(newer?.hint?.contains("newer version") == true)
    bytes[7] = 1
    let first = #expect(throws: RuntimeError.self) { try Checkpoint(bytes) }
    #expect(first?.message == "the checkpoint has version 1, and version 2 is read")
    bytes[7] = 0
    let older = #expect(throws: RuntimeError.self) { try Checkpoint(bytes) }
    #expect(older?.message.contains("is damaged") == true)
    for other in [[], [1], Array("RondoCx\u{1}".utf8), Array("{}".utf8)] {
      let error = #expect(throws: RuntimeError.self) { try Checkpoint(other) }
      #expect(error?.message == "this is no checkpoint")
    }
    #expect(throws: RuntimeError.self) { try Checkpoint(Array("RondoCk".utf8)) }
  }

  /// A body that lies about its parts is refused even with a right checksum.
  @Test(arguments: [UInt64.max, 1 << 62, 1000, 3])
  func refusesLies(count: UInt64) throws {
    var bytes = Array(try checkpoint().1.bytes.dropLast(32))
    // The first count stands after the name and ten numbers.
    withUnsafeBytes(of: count.littleEndian) { bytes.replaceSubrange(88..<96, with: $0) }
    var hash = SHA256()
    hash.update(bytes)
    #expect(throws: RuntimeError.self) { try Checkpoint(bytes + hash.digest()) }
  }

  /// Another graph's, another layout's and another size's checkpoint is refused by what differs.
  @Test func refusesOthers() throws {
    let (session, checkpoint) = try checkpoint()
    let before = try session.parameters.bytes()
    var other = checkpoint
    other.graphHash = "x"
    let graph = #expect(throws: RuntimeError.self) { try other.restore(session) }
    #expect(graph?.message.contains("another definition") == true)
    other = checkpoint
    other.layoutHash = "x"
    let layout = #expect(throws: RuntimeError.self) { try other.restore(session) }
    #expect(layout?.message.contains("another build") == true)
    other = checkpoint
    other.state = []
    #expect(throws: RuntimeError.self) { try other.restore(session) }
    #expect(try session.parameters.bytes() == before)
  }

  /// A file is saved in one step, and its errors name it.
  @Test func saves() throws {
    let (_, checkpoint) = try checkpoint()
    try inFolder { folder in
      let path = Platform.join(folder, "last.checkpoint")
      try checkpoint.save(to: path)
      try checkpoint.save(to: path)
      #expect(try Checkpoint(path: path) == checkpoint)
      #expect(try Platform.list(folder) == ["last.checkpoint"])
      try Platform.replace(path, with: Array(checkpoint.bytes.dropLast()))
      let error = #expect(throws: RuntimeError.self) { try Checkpoint(path: path) }
      #expect(error?.message.contains("last.checkpoint': the checkpoint is damaged") == true)
    }
  }
}
