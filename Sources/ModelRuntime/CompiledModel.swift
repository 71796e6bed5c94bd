internal import ModelABI
internal import Synchronization

/// A model's library, loaded, and what it says of itself.
///
/// Any number of sessions and threads may use it; it is closed when the last of them is gone.
public final class CompiledModel: @unchecked Sendable {
  // Sendable because all is set once, and the table it points to is constant.
  /// The folder it was opened from.
  public let folder: String
  /// What the manifest and the library both say.
  public let manifest: Manifest
  /// The library's table, valid while `library` is open.
  let table: rondo_model
  /// What keeps the table alive.
  let library: Platform.Library

  /// The model's name.
  public var name: String { manifest.model }
  /// The definition's learning rate; 0 where it has none.
  public var defaultRate: Float { manifest.defaultRate }
  /// Whether its library holds weights, which sessions use unless they are given others.
  public var holdsWeights: Bool { manifest.weights != nil }
  /// Whether rows can be drawn from it.
  public var generates: Bool { table.generate != nil }

  /// Opens the model in a folder: `NAME.json` and `libNAME.so`, which are checked against each
  /// other and against this machine before any of the library's code can run.
  ///
  /// - Parameters:
  ///   - folder: the artifact's folder.
  ///   - name: the model's name; nil when the folder has but one.
  ///   - scratch: where a private copy of the library is made for a moment, if one is needed.
  public init(
    folder: String,
    name: String? = nil,
    scratch: String = "/tmp"
  ) throws(RuntimeError) {
    let folder = try Platform.resolved(folder)
    let (manifest, manifestName) = try Self.findManifest(in: folder, name: name)
    guard manifest.model == manifestName else {
      throw RuntimeError("\(manifestName).json is about another model, \(quoted(manifest.model))")
    }
    guard manifest.abi == RONDO_ABI_VERSION else {
      throw RuntimeError(
        .unsupported,
        "\(manifestName) has interface \(manifest.abi), and interface \(RONDO_ABI_VERSION) is run",
        hint: "compile the model again with this version"
      )
    }
    if let machine = manifest.machine { try Self.check(machine, of: manifestName) }
    let missing = (manifest.features ?? []).filter { !Platform.processorFeatures.contains($0) }
    guard missing.isEmpty else {
      throw RuntimeError(
        .unsupported,
        "this processor lacks what \(manifestName) was compiled for: \(missing)",
        hint: "compile the model again on this machine, or for a lesser processor"
      )
    }
    let path = Platform.join(folder, "lib\(manifestName).so")
    let bytes = try Platform.read(path)
    let hash = SHA256.hex(of: bytes)
    guard hash == manifest.library else {
      throw RuntimeError(
        "lib\(manifestName).so is not the library that \(manifestName).json was written for",
        hint: "compile the model again"
      )
    }
    let file = LibraryFile(bytes)
    if let machine = file?.machine { try Self.check(machine, of: manifestName) }
    guard let file, file.trouble == nil else {
      throw RuntimeError(
        "lib\(manifestName).so is \(file?.trouble ?? "no whole library")",
        hint: "compile the model again"
      )
    }
    library = try LoadedPaths.open(path, hash: hash, bytes: bytes, scratch: scratch)
    guard let address = library.symbol("\(manifestName)_model_table") else {
      throw RuntimeError("lib\(manifestName).so has no symbol \(manifestName)_model_table")
    }
    // The two first members are the same in every version, so they are read before the rest.
    let head = address.assumingMemoryBound(to: UInt32.self)
    guard head[0] == UInt32(RONDO_ABI_VERSION) else {
      throw RuntimeError(.unsupported, "lib\(manifestName).so has interface \(head[0])")
    }
    guard head[1] == UInt32(MemoryLayout<rondo_model>.size) else {
      throw RuntimeError("lib\(manifestName).so has a table of \(head[1]) bytes")
    }
    table = address.assumingMemoryBound(to: rondo_model.self).pointee
    let inside = try Manifest(table: table, beside: manifest)
    if let member = inside.difference(from: manifest) {
      throw RuntimeError("lib\(manifestName).so and \(manifestName).json differ in \(member)")
    }
    self.folder = folder
    self.manifest = manifest
  }

  /// The block of parameters that is in the library, which it keeps open; nil for none.
  func ownWeights() -> Block? {
    table.weights.map {
      Block(reading: $0, byteCount: manifest.blocks.parameters, of: self)
    }
  }

  /// Refuses a library of another machine's.
  private static func check(_ machine: String, of model: String) throws(RuntimeError) {
    guard machine != LibraryFile.host else { return }
    throw RuntimeError(
      .unsupported,
      "\(model) was compiled for \(machine), and this machine is \(LibraryFile.host)",
      hint: "embed it there, or compile it again for this machine, without --cc and --cc-flag"
    )
  }

  /// The named manifest, or the only one in the folder.
  private static func findManifest(
    in folder: String,
    name: String?
  ) throws(RuntimeError) -> (Manifest, String) {
    if let name {
      guard Manifest.isName(name) else {
        throw RuntimeError("\(quoted(name)) cannot be a model's name")
      }
      return (
        try Manifest(json: Platform.read(Platform.join(folder, name + ".json"), limit: 1 << 26)),
        name
      )
    }
    // What belongs to a library has its name; vocabularies and logs have no library beside them.
    let names = try Platform.list(folder)
    let models = names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
      .filter { names.contains("lib\($0).so") && Manifest.isName($0) }
    guard let only = models.first, models.count == 1 else {
      throw RuntimeError(
        models.isEmpty
          ? "there is no compiled model in \(quoted(folder))"
          : "there are several models in \(quoted(folder)): \(models)",
        hint: models.isEmpty ? "compile one into it" : "name one of them"
      )
    }
    return try findManifest(in: folder, name: only)
  }

  /// A status as an error; nil for success.
  func error(_ status: rondo_status, in entry: String) -> RuntimeError? {
    guard status != RONDO_OK else { return nil }
    let text = table.status_text?(status).map { String(cString: $0) } ?? "status \(status)"
    return RuntimeError(
      .wrong,
      "\(name).\(entry): \(text)",
      status: status
    )
  }
}

/// Which library each path has stood for in this process.
private enum LoadedPaths {
  /// The hash first loaded from a path.
  private static let seen = Mutex<[String: String]>([:])
  /// What tells private copies apart.
  private static let copies = Atomic<Int>(0)

  /// Loads the library from its path, or from a private copy if the path was another's before: the
  /// system would hand back the code it already has under that name.
  static func open(
    _ path: String,
    hash: String,
    bytes: [UInt8],
    scratch: String
  ) throws(RuntimeError) -> Platform.Library {
    let first = seen.withLock { seen in
      if seen[path] == nil { seen[path] = hash }
      return seen[path]
    }
    if first == hash { return try Platform.Library(at: path) }
    let number = copies.add(1, ordering: .relaxed).newValue
    let folder = try Platform.makePrivateFolder(in: scratch)
    defer { try? Platform.remove(folder) }
    // The number, because a folder's random name may come again once it is removed.
    let copy = Platform.join(folder, "\(hash)-\(number).so")
    try Platform.replace(copy, with: bytes)
    return try Platform.Library(at: copy)
  }
}
