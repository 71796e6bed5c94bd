import ModelABI
import Rondo
import TestSupport
import Testing

@testable import ModelRuntime

/// A folder whose parts do not belong together: what was done to it, and what must be said.
struct Mismatch: Sendable, CustomTestStringConvertible {
  /// What is done, in some words.
  let name: String
  /// What must be said, `@` for the folder.
  let message: String
  /// Does it.
  let spoil: @Sendable (inout Parts) throws -> Void

  /// The words, for the test's name.
  var testDescription: String { name }

  /// Names an entry of the table.
  init(
    _ name: String,
    _ message: String,
    _ spoil: @escaping @Sendable (inout Parts) throws -> Void
  ) {
    self.name = name
    self.message = message
    self.spoil = spoil
  }

  /// The parts of a folder, which are written when all is spoilt.
  struct Parts {
    /// The manifest; its hashes of the other files are made right unless `keepsHashes`.
    var manifest: Manifest
    /// The library's C, compiled when it is another than that of the model.
    var code: String
    /// The library's bytes.
    var library: [UInt8]
    /// The header.
    var header: [UInt8]
    /// The C.
    var source: [UInt8]
    /// The weights.
    var weights: [(name: String, shape: [Int], values: [Float])]
    /// The weights' bytes, instead of those.
    var weightBytes: [UInt8]?
    /// The checkpoint.
    var checkpoint: Checkpoint
    /// The checkpoint's bytes, instead of it.
    var checkpointBytes: [UInt8]?
    /// Whether the manifest still has the hash of the library as it was.
    var keepsHashes = false

    /// Changes the library's code.
    mutating func replace(_ old: String, _ new: String) { code = code.replacing(old, with: new) }
  }

  /// All of them.
  static let table = manifests + libraries + files + weights + checkpoints

  /// The version of the interface that is run.
  private static let interface = Int(RONDO_ABI_VERSION)

  /// The manifest is of another build, of another model or of another machine.
  private static let manifests: [Mismatch] = [
    .init(
      "an interface of the future",
      "tiny has interface \(interface + 1), and interface \(interface) is run"
    ) { $0.manifest.abi = interface + 1 },
    .init(
      "an interface of the past",
      "tiny has interface \(interface - 1), and interface \(interface) is run"
    ) { $0.manifest.abi = interface - 1 },
    .init("a form of the future", "the manifest has format 2, and format 1 is read") {
      $0.manifest.format = 2
    },
    .init("another model's", "tiny.json is about another model, 'other'") {
      $0.manifest.model = "other"
    },
    .init(
      "another machine's",
      "tiny was compiled for aarch64, and this machine is \(LibraryFile.host)"
    ) { $0.manifest.machine = "aarch64" },
    .init(
      "another processor's",
      "this processor lacks what tiny was compiled for: [\"avx9000\"]"
    ) { $0.manifest.features = ["avx9000"] },
    .init("another graph's", "libtiny.so and tiny.json differ in graph_hash") {
      $0.manifest.graphHash = "0"
    },
    .init("another layout's", "libtiny.so and tiny.json differ in layout_hash") {
      $0.manifest.layoutHash = "0"
    },
    .init("a rate of another training", "libtiny.so and tiny.json differ in default_rate") {
      $0.manifest.defaultRate = 1
    },
    .init("an axis more", "libtiny.so and tiny.json differ in axes") {
      $0.manifest.axes.append($0.manifest.axes[1])
      $0.manifest.axes[2].name = "more"
    },
    .init("a parameter's other shape", "libtiny.so and tiny.json differ in parameters") {
      $0.manifest.parameters[0].shape = [1, 3]
    },
    .init("no state", "libtiny.so and tiny.json differ in states") { $0.manifest.states = [] },
    .init("another moment", "libtiny.so and tiny.json differ in optimizer") {
      $0.manifest.optimizer[0].name = "x"
    },
    .init("an entry less", "libtiny.so and tiny.json differ in entries") {
      $0.manifest.entries.removeLast()
    },
    .init("blocks of another size", "libtiny.so and tiny.json differ in blocks") {
      $0.manifest.blocks.work = 1 << 20
    },
  ]

  /// The library is another than the manifest's, though its hash is right.
  private static let libraries: [Mismatch] = [
    .init("a table of the past", "libtiny.so has interface \(interface - 1)") {
      $0.replace(
        "#define RONDO_ABI_VERSION \(interface)",
        "#define RONDO_ABI_VERSION \(interface - 1)"
      )
    },
    .init("a table of another size", "libtiny.so has a table of 7 bytes") {
      $0.replace("sizeof(rondo_model),", "7,")
    },
    .init("a table of another name", "libtiny.so has no symbol tiny_model_table") {
      $0.replace("tiny_model_table", "small_model_table")
    },
    .init(
      "another machine's code under this one's manifest",
      "tiny was compiled for machine 9 of 64 bits, and this machine is \(LibraryFile.host)"
    ) { $0.library[18] = 9 },
    .init(
      "code of 32 bits under this one's manifest",
      "tiny was compiled for machine 62 of 32 bits, and this machine is \(LibraryFile.host)"
    ) {
      $0.library[4] = 1
      $0.library[18] = 62
      $0.library[19] = 0
    },
    .init("a program", "libtiny.so is something else than a library") { $0.library[16] = 2 },
    .init("a library cut short", "libtiny.so is no whole library") {
      $0.library.removeLast($0.library.count / 2)
    },
  ]

  /// A file that the manifest was not written for.
  private static let files: [Mismatch] = [
    .init(
      "another library",
      "libtiny.so is not the library that tiny.json was written for"
    ) {
      $0.library.append(0)
      $0.keepsHashes = true
    },
    .init("another header", "tiny.h is not what tiny.json was written for") {
      $0.header.append(0x0a)
    },
    .init("another C", "tiny.c is not what tiny.json was written for") { $0.source.append(0x0a) },
  ]

  /// Weights of another model, or of none.
  private static let weights: [Mismatch] = [
    .init(
      "no weights",
      "'@/tiny.safetensors': the weights have 0 bytes, and a header's length takes 8"
    ) {
      $0.weightBytes = []
    },
    .init("one missing", "'@/tiny.safetensors': the weights lack 'b'") { $0.weights.removeLast() },
    .init("one left over", "'@/tiny.safetensors': the weights have left over 'c'") {
      $0.weights.append(("c", [1], [1]))
    },
    .init("one renamed", "'@/tiny.safetensors': the weights lack 'w' and have left over 'v'") {
      $0.weights[0].name = "v"
    },
    .init(
      "all renamed",
      "'@/tiny.safetensors': the weights lack 'w', 'b' and have left over 'c', 'd'"
    ) {
      $0.weights = [("c", [3], [1, 2, 3]), ("d", [], [1])]
    },
    .init("another shape", "'@/tiny.safetensors': 'w' has shape [3, 1], and w has [3]") {
      $0.weights[0].shape = [3, 1]
    },
    .init("a larger shape", "'@/tiny.safetensors': 'w' has shape [4], and w has [3]") {
      $0.weights[0] = ("w", [4], [1, 2, 3, 4])
    },
    .init("another order of values' sizes", "'@/tiny.safetensors': 'b' has shape [3], and b has []")
    {
      $0.weights = [("w", [3], [1, 2, 3]), ("b", [3], [1, 2, 3])]
    },
    .init("a checkpoint in their place", "'@/tiny.safetensors': the weights' header has") {
      $0.weightBytes = $0.checkpoint.bytes
    },
    .init(
      "a bit flipped",
      "'@/tiny.safetensors': the weights are damaged: their checksum does not agree"
    ) {
      var bytes = Safetensors.encode($0.weights, metadata: [:])
      bytes[bytes.count - 3] ^= 1
      $0.weightBytes = bytes
    },
    .init("cut in the data", "'@/tiny.safetensors': 'b' stands at 12 to 16, and the data has 14") {
      $0.weightBytes = Safetensors.encode($0.weights, metadata: [:]).dropLast(2)
    },
    .init("cut in the header", "'@/tiny.safetensors': the weights end within their header") {
      $0.weightBytes = Array(Safetensors.encode($0.weights, metadata: [:])[..<40])
    },
    .init("halves of numbers", "'@/tiny.safetensors': 'w' has elements F16, and only F32 is read") {
      $0.weightBytes = raw(
        "\"w\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]},"
          + "\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[6,8]}",
        8
      )
    },
  ]

  /// A run of another model.
  private static let checkpoints: [Mismatch] = [
    .init("no checkpoint", "'@/last.checkpoint': this is no checkpoint") {
      $0.checkpointBytes = Array("RONDO?".utf8)
    },
    .init(
      "a run of another definition",
      "the checkpoint is of another definition than tiny, or of other sizes"
    ) { $0.checkpoint = try other($0.checkpoint, graph: "55", layout: nil) },
    .init(
      "a run of another layout",
      "the checkpoint is of another build of tiny, laid out otherwise"
    ) { $0.checkpoint = try other($0.checkpoint, graph: nil, layout: "55") },
    .init(
      "a run's bit flipped",
      "'@/last.checkpoint': the checkpoint is damaged: its checksum does not agree"
    ) {
      var bytes = $0.checkpoint.bytes
      bytes[60] ^= 4
      $0.checkpointBytes = bytes
    },
    .init(
      "a run of a later version",
      "'@/last.checkpoint': the checkpoint has version 3, and version 2 is read"
    ) { $0.checkpointBytes = versioned($0.checkpoint.bytes, 3) },
    .init(
      "a run of an earlier version",
      "'@/last.checkpoint': the checkpoint has version 1, and version 2 is read"
    ) { $0.checkpointBytes = versioned($0.checkpoint.bytes, 1) },
  ]

  /// A weights' file of one description and as many bytes.
  private static func raw(_ description: String, _ count: Int) -> [UInt8] {
    let header = Array("{\(description)}".utf8)
    return [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [UInt8](repeating: 0, count: count)
  }

  /// A checkpoint's bytes with another version, which stands behind its name.
  private static func versioned(_ bytes: [UInt8], _ version: UInt8) -> [UInt8] {
    var changed = bytes
    if let place = changed.firstIndex(of: 2) { changed[place] = version }
    return changed
  }

  /// A checkpoint of another model, with its own checksum.
  private static func other(
    _ checkpoint: Checkpoint,
    graph: String?,
    layout: String?
  ) throws -> Checkpoint {
    var bytes = checkpoint.bytes.dropLast(32)
    func put(_ text: String?, for old: String) throws {
      guard let text else { return }
      let digits = Array(old.utf8)
      let starts = bytes.indices.dropLast(digits.count - 1)
      let place = starts.first { bytes[$0..<$0 + digits.count].elementsEqual(digits) }
      guard let place else { throw RuntimeError(.bug, "\(old) is not in the checkpoint") }
      bytes.replaceSubrange(place..<place + digits.count, with: text.utf8)
    }
    try put(graph, for: checkpoint.graphHash)
    try put(layout, for: checkpoint.layoutHash)
    var hash = SHA256()
    hash.update(Array(bytes))
    return try Checkpoint(Array(bytes) + hash.digest())
  }
}
