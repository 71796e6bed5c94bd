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

  /// What is wrong is named, and no bytes trap.
  @Test func refuses() throws {
    let text = String(decoding: try TinyModel.generated().manifest.json, as: UTF8.self)
    let cases = [
      ("\"graph_hash\" : \"9a\"", "\"x\" : 1", "has no member 'graph_hash'"),
      ("\"batch\" : 4", "\"batch\" : \"4\"", "wrong type at '.batch'"),
      ("\"role\" : \"seed\"", "\"role\" : \"sead\"", "not known"),
      ("\"extent\" : 2", "\"extent\" : -2", "out of range"),
      ("\"extent\" : 2", "\"extent\" : 9007199254740993", "out of range"),
      ("\"axis\" : \"time\"", "\"axis\" : \"tame\"", "is no axis"),
      ("\"model\" : \"tiny\"", "\"model\" : \"../tiny\"", "is not a name"),
      ("\"parameters\" : 64", "\"parameters\" : -64", "block's size"),
      ("{", "[", "is not JSON"),
    ]
    for (old, new, message) in cases {
      let changed = Array(text.replacing(old, with: new).utf8)
      let error = #expect(throws: RuntimeError.self) { try Manifest(json: changed) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? old)")
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
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(throws: RuntimeError.self) { try Manifest(json: deep) }
  }
}
