import Rondo
import TestSupport
import Testing

@testable import ModelRuntime

@Suite("Parts that do not belong together") struct MismatchTests {
  @Test("fit while nothing is done to them")
  func fit() throws { #expect(try said(Mismatch("", "") { _ in }) == nil) }

  @Test("are each told apart, before any code of theirs runs", arguments: Mismatch.table)
  func told(_ mismatch: Mismatch) throws {
    let error = try #require(try said(mismatch), "\(mismatch.name) goes through")
    #expect(error.message.hasPrefix(mismatch.message), "\(error)")
    #expect(error.kind != .bug)
  }

  @Test("are at least forty, and each has an error of its own")
  func distinct() {
    #expect(Mismatch.table.count >= 40)
    let messages = Mismatch.table.map(\.message)
    #expect(Set(messages).count == messages.count)
  }

  /// What is said of a folder to which something was done, where all of it is used in turn.
  private func said(_ mismatch: Mismatch) throws -> RuntimeError? {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    try write(mismatch, to: folder)
    do {
      let model = try CompiledModel(folder: folder, name: "tiny")
      let session = try Session(model)
      try session.loadWeights(from: folder + "/tiny.safetensors")
      try Checkpoint(path: folder + "/last.checkpoint").restore(session)
      _ = try Artifact(folder: folder, name: "tiny")
      return nil
    } catch {
      var error = error
      error.message = error.message.replacing(folder, with: "@")
      return error
    }
  }

  /// Writes a folder's files, spoilt.
  private func write(_ mismatch: Mismatch, to folder: String) throws {
    let whole = try Self.whole.get()
    var parts = whole
    try mismatch.spoil(&parts)
    if parts.code != whole.code {
      parts.library = try TinyModel.compiler().compile(
        Array(parts.code.utf8),
        name: "tiny",
        options: .init(optimization: 0),
        scratch: folder
      ).bytes
    }
    if !parts.keepsHashes { parts.manifest.library = SHA256.hex(of: parts.library) }
    try Platform.replace(folder + "/tiny.json", with: parts.manifest.json)
    try Platform.replace(folder + "/libtiny.so", with: parts.library)
    try Platform.replace(folder + "/tiny.h", with: parts.header)
    try Platform.replace(folder + "/tiny.c", with: parts.source)
    let weights = parts.weightBytes ?? Safetensors.encode(parts.weights, metadata: [:])
    try Platform.replace(folder + "/tiny.safetensors", with: weights)
    let checkpoint = parts.checkpointBytes ?? parts.checkpoint.bytes
    try Platform.replace(folder + "/last.checkpoint", with: checkpoint)
  }

  /// The parts as they belong together, made once.
  private static let whole = Result {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    let session = try Session(CompiledModel(folder: folder))
    try session.initialize(seed: 3)
    return Mismatch.Parts(
      manifest: artifact.manifest,
      code: String(decoding: artifact.source, as: UTF8.self),
      library: artifact.library,
      header: artifact.header,
      source: artifact.source,
      weights: [
        ("w", [3], try session.get(.parameters, "w")), ("b", [], try session.get(.parameters, "b")),
      ],
      checkpoint: try Checkpoint(of: session, progress: .init(seed: 3))
    )
  }
}
