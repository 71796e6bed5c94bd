internal import CBackend
public import ModelRuntime

/// What the C backend made of a model: three texts, no library yet.
public struct GeneratedModel: Hashable, Sendable {
  /// The C text, `NAME.c`.
  public let source: [UInt8]
  /// The header, `NAME.h`.
  public let header: [UInt8]
  /// The manifest, without the library's hash; its hashes are those of the texts.
  public private(set) var manifest: Manifest
  /// The block of parameters that the library is to hold, `NAME.weights`; nil for none.
  public let weights: [UInt8]?

  /// The model's name.
  public var name: String { manifest.model }

  /// Joins the three, and checks that the manifest is about the two texts.
  ///
  /// - Parameter weights: the block of parameters that the library is to hold; nil for none.
  public init(
    source: [UInt8],
    header: [UInt8],
    manifest: Manifest,
    weights: [UInt8]? = nil
  ) throws(RuntimeError) {
    try self.init(source: source, header: header, weights: weights) { _, _ in manifest }
  }

  /// Joins two texts and a manifest that is written of their hashes, which cost a pass over all bytes each.
  init(
    source: [UInt8],
    header: [UInt8],
    weights: [UInt8]? = nil,
    _ write: (_ source: String, _ header: String) throws(RuntimeError) -> Manifest
  ) throws(RuntimeError) {
    let (sourceHash, headerHash) = (SHA256.hex(of: source), SHA256.hex(of: header))
    let manifest = try write(sourceHash, headerHash)
    guard Manifest.isName(manifest.model) else {
      throw RuntimeError("\(quoted(manifest.model)) is no model's name")
    }
    guard manifest.source == sourceHash, manifest.header == headerHash else {
      throw RuntimeError(.bug, "the manifest of \(manifest.model) is not about its C text")
    }
    guard weights == nil || weights?.count == manifest.blocks.parameters else {
      throw RuntimeError(.bug, "the weights of \(manifest.model) are no block of its parameters")
    }
    self.source = source
    self.header = header
    self.manifest = manifest
    self.weights = weights
    self.manifest.weights = weights.map(SHA256.hex)
    self.manifest.library = nil
    self.manifest.features = nil
    self.manifest.machine = nil
    self.manifest.stack = nil
  }
}

/// A compiled model: the three texts and the library.
public struct Artifact: Hashable, Sendable {
  /// The C text, `NAME.c`.
  public var source: [UInt8]
  /// The header, `NAME.h`.
  public var header: [UInt8]
  /// The manifest, with the library's hash.
  public var manifest: Manifest
  /// The library, `libNAME.so`.
  public var library: [UInt8]
  /// The block of parameters that is in it, `NAME.weights`; nil for none.
  public let weights: [UInt8]?

  /// The model's name.
  public var name: String { manifest.model }

  /// Joins a model's texts and its library.
  public init(_ model: GeneratedModel, _ library: CCompiler.Library) {
    source = model.source
    header = model.header
    manifest = model.manifest
    manifest.library = SHA256.hex(of: library.bytes)
    manifest.features = library.features
    weights = model.weights
    manifest.machine = library.machine
    manifest.stack = library.stack
    self.library = library.bytes
  }

  /// Reads an artifact's folder and holds all of it against its hashes.
  ///
  /// - Throws: `RuntimeError`, naming the file that is not what the manifest says.
  public init(folder: String, name: String) throws(RuntimeError) {
    try self.init(reading: folder, name)
    var all = [
      (name + ".c", source, manifest.source), (name + ".h", header, manifest.header),
      ("lib\(name).so", library, manifest.library),
    ]
    if let weights { all.append((WeightsEmitter.dataFile(name), weights, manifest.weights)) }
    for (file, bytes, hash) in all where SHA256.hex(of: bytes) != hash {
      throw RuntimeError("\(file) is not what \(name).json was written for")
    }
    guard manifest.model == name else {
      throw RuntimeError("\(name).json is about another model, \(quoted(manifest.model))")
    }
  }

  /// Reads the artifact of a model: its texts are to be the model's own, byte for byte, and the library is held
  /// against its hash.
  ///
  /// - Throws: `RuntimeError` when it is not whole or another model's.
  init(folder: String, of model: GeneratedModel) throws(RuntimeError) {
    try self.init(reading: folder, model.name)
    var manifest = manifest
    manifest.library = nil
    manifest.features = nil
    manifest.machine = nil
    manifest.stack = nil
    guard manifest == model.manifest, source == model.source, header == model.header,
      weights == model.weights, SHA256.hex(of: library) == self.manifest.library
    else { throw RuntimeError("\(quoted(folder)) does not hold \(model.name) as it is now") }
  }

  /// Reads the files of an artifact's folder and believes them.
  private init(reading folder: String, _ name: String) throws(RuntimeError) {
    guard Manifest.isName(name) else { throw RuntimeError("\(quoted(name)) is no model's name") }
    func file(_ name: String) throws(RuntimeError) -> [UInt8] {
      let path = Platform.join(folder, name)
      guard try Platform.status(path, followingLinks: false)?.kind == .file else {
        throw RuntimeError("\(quoted(path)) is missing or no regular file")
      }
      return try Platform.read(path)
    }
    manifest = try Manifest(json: file(name + ".json"))
    source = try file(name + ".c")
    header = try file(name + ".h")
    library = try file("lib\(name).so")
    let data = WeightsEmitter.dataFile(name)
    weights = if manifest.weights == nil { nil } else { try file(data) }
  }

  /// Writes `NAME.h`, `NAME.c`, `libNAME.so` and last `NAME.json` into a folder, which is made if
  /// need be; each file appears whole.
  ///
  /// Weights of the library's own are `NAME.weights`, and `NAME_weights.S` to compile them.
  ///
  /// - Parameters:
  ///   - folder: the artifact's own folder.
  ///   - overwrite: whether an artifact of another graph may be replaced.
  /// - Throws: `RuntimeError` when the folder holds another graph's artifact, or cannot be written.
  public func write(to folder: String, overwrite: Bool = false) throws(RuntimeError) {
    try Platform.makeFolder(folder)
    let json = try manifest.json
    if !overwrite { try check(folder, json) }
    try Self.put(header, at: Platform.join(folder, name + ".h"))
    try Self.put(source, at: Platform.join(folder, name + ".c"))
    let data = Platform.join(folder, WeightsEmitter.dataFile(name))
    let assembly = Platform.join(folder, WeightsEmitter.assemblyFile(name))
    if let weights, let hash = manifest.weights {
      try Self.put(weights, at: data)
      try Self.put(Array(WeightsEmitter.text(name, hash: hash).utf8), at: assembly)
    } else {
      // Those of a library that stood here before belong to nothing any more.
      try Platform.remove(data)
      try Platform.remove(assembly)
    }
    try Self.put(library, at: Platform.join(folder, "lib\(name).so"), mode: 0o755)
    try Self.put(json, at: Platform.join(folder, name + ".json"))
  }

  /// Writes a file, unless it is there already: a run that goes on needs no room for its model again.
  private static func put(
    _ bytes: [UInt8],
    at path: String,
    mode: UInt32 = 0o644
  ) throws(RuntimeError) {
    let status = try Platform.status(path, followingLinks: false)
    if let status, status.kind == .file, status.size == bytes.count,
      try Platform.read(path) == bytes
    {
      return
    }
    try Platform.replace(path, with: bytes, mode: mode)
  }

  /// Refuses a folder in which there is another graph's artifact; `json` is our manifest.
  private func check(_ folder: String, _ json: [UInt8]) throws(RuntimeError) {
    for file in try Platform.list(folder) where file.hasSuffix(".json") {
      let path = Platform.join(folder, file)
      let isOurs = file == name + ".json"
      if !isOurs, try Platform.status(path)?.kind != .file { continue }
      // A JSON file of another name may be anything; only a manifest counts.
      let bytes = try Platform.read(path)
      if isOurs, bytes == json { continue }
      guard let other = try? Manifest(json: bytes) else {
        guard isOurs else { continue }
        throw RuntimeError(
          "\(quoted(path)) is in the way, and no manifest",
          hint: "use another folder or --overwrite"
        )
      }
      guard other.graphHash == manifest.graphHash, isOurs else {
        throw RuntimeError(
          "\(quoted(folder)) holds another model, \(quoted(other.model)), or other sizes of it",
          hint: "use another folder or --overwrite"
        )
      }
    }
  }
}
