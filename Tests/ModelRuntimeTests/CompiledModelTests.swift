import Rondo
import TestSupport
import Testing

@testable import ModelRuntime

@Suite struct CompiledModelTests {
  /// The error of opening a folder whose manifest was changed.
  private func errorAfter(_ change: (inout Manifest) -> Void) throws -> RuntimeError? {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    var manifest = artifact.manifest
    change(&manifest)
    try Platform.replace(Platform.join(folder, "tiny.json"), with: manifest.json)
    do {
      _ = try CompiledModel(folder: folder)
      return nil
    } catch { return error }
  }

  /// Whatever manifest and library disagree in is named.
  @Test func refusesMismatch() throws {
    #expect(try errorAfter { _ in } == nil)
    let cases: [(String, (inout Manifest) -> Void)] = [
      ("differ in graph_hash", { $0.graphHash = "0" }),
      ("differ in layout_hash", { $0.layoutHash = "0" }),
      ("time to its bound", { $0.axes[1].bound = 4 }),
      ("begin with the batch", { $0.batch = 1 << 60 }),
      ("differ in axes", { $0.axes[1].fixed = true }),
      ("differ in parameters", { $0.parameters[0].shape = [1, 3] }),
      ("differ in states", { $0.states = [] }),
      ("differ in optimizer", { $0.optimizer[0].name = "x" }),
      ("differ in entries", { $0.entries[1].outputs[0].element = .int32 }),
      ("differ in blocks", { $0.blocks.work = 1 << 20 }),
      ("differ in default_rate", { $0.defaultRate = 1 }),
      ("has interface 9", { $0.abi = 9 }),
      ("has format 2", { $0.format = 2 }),
      ("not the library", { $0.library = SHA256.hex(of: []) }),
      ("not the library", { $0.library = nil }),
      ("another model", { $0.model = "other" }),
      ("processor lacks", { $0.features = ["avx9000"] }),
    ]
    for (message, change) in cases {
      let error = try errorAfter(change)
      #expect(error?.message.contains(message) == true, "\(message): \(error?.message ?? "none")")
    }
  }

  /// A changed, cut or missing library is refused before it is loaded.
  @Test func refusesDamagedLibrary() throws {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    let path = Platform.join(folder, "libtiny.so")
    for index in stride(from: 0, to: artifact.library.count, by: 997) {
      var bytes = artifact.library
      bytes[index] ^= 1
      try Platform.replace(path, with: bytes)
      #expect(throws: RuntimeError.self) { try CompiledModel(folder: folder) }
    }
    try Platform.replace(path, with: [])
    #expect(throws: RuntimeError.self) { try CompiledModel(folder: folder) }
    try Platform.remove(path)
    let error = #expect(throws: RuntimeError.self) { try CompiledModel(folder: folder) }
    #expect(error?.message.contains("no compiled model") == true)
  }

  /// New code under an old path is what is run, while the old goes on as it was.
  @Test func loadsNewCodeFromAnOldPath() throws {
    let (_, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    let (other, elsewhere) = try TinyModel.artifact(scale: "2.0f")
    defer { try? Platform.remove(elsewhere) }
    func answer(_ model: CompiledModel) throws -> TensorData? {
      let session = try Session(model)
      try session.set(.parameters, "b", [1])
      let x = [Float](repeating: 0, count: 6)
      return try session.run("infer", batch: 1, inputs: ["x": .float(x)])["y"]
    }
    let old = try CompiledModel(folder: folder)
    #expect(try answer(old) == .float([1, 1, 1]))
    try other.write(to: folder)
    let new = try CompiledModel(folder: folder)
    #expect(try answer(new) == .float([2, 2, 2]))
    #expect(try answer(old) == .float([1, 1, 1]))
  }

  /// One name in a folder need not be said; of two, one must be.
  @Test func choosesByName() throws {
    let (_, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    try Platform.replace(Platform.join(folder, "vocabulary.json"), with: Array("{}".utf8))
    #expect(try CompiledModel(folder: folder).name == "tiny")
    #expect(try CompiledModel(folder: folder, name: "tiny").name == "tiny")
    #expect(throws: RuntimeError.self) { try CompiledModel(folder: folder, name: "../tiny") }
    #expect(throws: RuntimeError.self) { try CompiledModel(folder: folder, name: "none") }
    #expect(throws: RuntimeError.self) { try CompiledModel(folder: "/nonexistent") }
  }
}

@Suite struct ManifestTests {
  /// What is written is read back, and the same manifest gives the same bytes.
  @Test func roundTrip() throws {
    let manifest = try TinyModel.generated().manifest
    let bytes = try manifest.json
    #expect(try Manifest(json: bytes) == manifest)
    #expect(try Manifest(json: bytes).json == bytes)
    #expect(String(decoding: bytes, as: UTF8.self).contains("\"default_rate\" : 0.05"))
  }

  /// The text of a manifest without its checksum, which what is not compiled yet needs not have.
  private func bareText() throws -> String {
    let text = String(decoding: try TinyModel.generated().manifest.json, as: UTF8.self)
    return text.split(separator: "\n").filter { !$0.contains("\"checksum\"") }
      .joined(separator: "\n")
  }

  /// What is wrong is named, and no bytes trap.
  @Test func refuses() throws {
    let text = try bareText()
    #expect(try Manifest(json: Array(text.utf8)) == TinyModel.generated().manifest)
    for (old, new, message) in brokenManifests {
      let changed = text.replacing(old, with: new)
      #expect(changed != text, "\(old)")
      let error = #expect(throws: RuntimeError.self) { try Manifest(json: Array(changed.utf8)) }
      #expect(error?.message.contains(message) == true, "\(new): \(error?.message ?? old)")
    }
    let bytes = Array(text.utf8)
    for cut in stride(from: 0, to: bytes.count - 2, by: 31) {
      #expect(throws: RuntimeError.self) { try Manifest(json: Array(bytes[..<cut])) }
    }
    for index in stride(from: 0, to: bytes.count, by: 5) {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      _ = try? Manifest(json: changed)
    }
    for wrong in [Array(String(repeating: "[", count: 100_000).utf8), [], [0], bytes + [0], [0xff]]
    {
      let error = #expect(throws: RuntimeError.self) { try Manifest(json: wrong) }
      #expect(error?.message.contains("is not JSON") == true)
    }
  }

  /// Of the text that lies beside a library no change passes, and it must have a checksum.
  @Test func holdsChecksum() throws {
    var manifest = try TinyModel.generated().manifest
    manifest.library = SHA256.hex(of: [])
    manifest.features = ["avx2"]
    let bytes = try manifest.json
    #expect(try Manifest(json: bytes) == manifest)
    for index in stride(from: 0, to: bytes.count, by: 11) {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(throws: RuntimeError.self, "\(index)") { try Manifest(json: changed) }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    for (old, new) in [("checksum", "chicksum"), ("avx2", "avx3"), ("\n", " ")] {
      let error = #expect(throws: RuntimeError.self) {
        try Manifest(json: Array(text.replacing(old, with: new).utf8))
      }
      #expect(error?.message == "the manifest is damaged: its checksum does not agree")
    }
  }
}

/// What is changed in a manifest, into what, and a part of what must be said.
private let brokenManifests: [(String, String, String)] = [
  ("\"graph_hash\" : \"9a\"", "\"x\" : 1", "has no member 'graph_hash'"),
  ("\"batch\" : 4", "\"batch\" : \"4\"", "wrong type at '.batch'"),
  ("\"batch\" : 4", "\"batch\" : 4.5", "is not JSON of whole numbers in range"),
  ("\"batch\" : 4", "\"batch\" : 99999999999999999999", "whole numbers in range"),
  ("\"batch\" : 4", "\"batch\" : 04", "is not JSON"),
  ("\"batch\" : 4", "\"batch\" : 4, \"batch\" : 5", "'batch' stands twice"),
  ("\"batch\" : 4", "\"batch\" : 5", "begin with the batch"),
  ("\"bound\" : 3", "\"bound\" : 0", "bound is below 1"),
  ("\"bound\" : 3", "\"bound\" : 9999999999", "bound is below 1"),
  ("\"bound\" : 3", "\"bound\" : 2", "time to its bound"),
  ("\"format\" : 1", "\"format\" : 2", "has format 2, and format 1 is read"),
  ("\"format\" : 1", "\"format\" : 2, \"axes\" : 3", "'axes' stands twice"),
  ("\"format\" : 1", "\"farmat\" : 1", "has no member 'format'"),
  ("\"role\" : \"seed\"", "\"role\" : \"sead\"", "not known"),
  ("\"element\" : \"uint8\"", "\"element\" : \"float64\"", "not known"),
  ("\"extent\" : 2", "\"extent\" : -2", "out of range"),
  ("\"extent\" : 2", "\"extent\" : 0", "out of range"),
  ("\"extent\" : 2", "\"extent\" : 9007199254740993", "out of range"),
  ("\"axis\" : \"time\"", "\"axis\" : \"tame\"", "is no axis"),
  ("\"tokens\" : 5", "\"tokens\" : -5", "has -5 tokens"),
  ("\"tokens\" : 5", "\"tokens\" : 5e9", "tokens"),
  ("\"model\" : \"tiny\"", "\"model\" : \"../tiny\"", "is not a name"),
  ("\"model\" : \"tiny\"", "\"model\" : \"ti\\u0000ny\"", "is not a name"),
  ("\"model\" : \"tiny\"", "\"model\" : \"\"", "is not a name"),
  ("\"name\" : \"w\"", "\"name\" : \"b\"", "the parameter 'b' stands twice"),
  ("\"name\" : \"w\"", "\"name\" : \"../w\"", "the parameter '../w' of the manifest is not a name"),
  ("\"name\" : \"w\"", "\"name\" : \"w\\u0000\"", "is not a name"),
  ("\"name\" : \"w\"", "\"name\" : \"\"", "the parameter '' of the manifest is not a name"),
  ("\"name\" : \"infer\"", "\"name\" : \"train\"", "the entry 'train' stands twice"),
  ("\"name\" : \"time\"", "\"name\" : \"batch\"", "the axis 'batch' stands twice"),
  ("\"name\" : \"loss.sum\"", "\"name\" : \"loss\"", "array of 'evaluate' 'loss' stands twice"),
  ("\"parameters\" : 64", "\"parameters\" : -64", "block's size"),
  ("\"parameters\" : 64", "\"parameters\" : 9223372036854775807", "block's size"),
  ("\"state\" : 16", "\"state\" : null", "has no value"),
  ("\"math\" : \"strict\"", "\"math\" : \"str\\qict\"", "is not JSON"),
  ("\"math\" : \"strict\"", "\"math\" : \"\\ud800\"", "is not JSON"),
  ("{", "[", "is not JSON"),
]
