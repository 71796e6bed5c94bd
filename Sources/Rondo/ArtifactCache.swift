public import ModelRuntime

/// What was compiled before, by what went into it.
///
/// One folder per user, which only that user may enter. An entry is an artifact's folder, named by
/// the hash of everything that decides its bytes; it appears by one rename, is checked whole at
/// each use, and made again when it is not what was written. Any number of processes may share it.
public struct ArtifactCache: Hashable, Sendable {
  /// The cache's folder, absolute.
  public let folder: String

  /// Where the cache is: `RONDO_CACHE`, else `XDG_CACHE_HOME/rondo`, else `HOME/.cache/rondo`.
  ///
  /// - Parameter environment: the environment, as far as these three go.
  /// - Throws: `RuntimeError` when none is set to an absolute path.
  public static func location(environment: [String: String]) throws(RuntimeError) -> String {
    func absolute(_ name: String) throws(RuntimeError) -> String? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      guard value.hasPrefix("/") else {
        throw RuntimeError("\(name) is \(quoted(value)), and must be an absolute path")
      }
      // Bytes that are no text were replaced when the environment was read: it would be another path.
      guard !value.unicodeScalars.contains("\u{fffd}") else {
        throw RuntimeError("\(name) is \(quoted(value)), and must be UTF-8")
      }
      return value
    }
    if let path = try absolute("RONDO_CACHE") { return path }
    if let path = try absolute("XDG_CACHE_HOME") { return Platform.join(path, "rondo") }
    if let path = try absolute("HOME") { return Platform.join(path, ".cache/rondo") }
    throw RuntimeError(
      "there is no place for the cache: neither RONDO_CACHE nor HOME is set",
      hint: "set RONDO_CACHE to a folder of your own"
    )
  }

  /// Opens the cache, and makes its folder if there is none.
  ///
  /// - Throws: `RuntimeError` when others could write where it stands.
  public init(folder: String) throws(RuntimeError) {
    guard !Platform.isSetUser else {
      throw RuntimeError(.unsupported, "a program with another user's rights uses no cache")
    }
    let folder = try Platform.absolute(folder)
    let (above, name) = Platform.split(folder)
    try Platform.makeFolder(above, mode: 0o700)
    // Links above are resolved once, and what is checked is where they lead.
    self.folder = Platform.join(try Platform.resolved(above), name)
    if try Platform.status(self.folder, followingLinks: false) == nil {
      try Platform.makeFolder(self.folder, mode: 0o700)
    }
    if let trouble = try Self.trouble(with: self.folder) { throw trouble }
    try Platform.makeFolder(workFolder, mode: 0o700)
    Platform.removeLeftovers(in: workFolder, olderThan: 86_400)
  }

  /// What is wrong with a cache's place; nil when it is safe.
  static func trouble(with folder: String) throws(RuntimeError) -> RuntimeError? {
    guard let leaf = try Platform.status(folder, followingLinks: false) else { return nil }
    guard leaf.kind == .folder else {
      return RuntimeError(
        "the cache \(quoted(folder)) is no folder",
        hint: "remove it, or set RONDO_CACHE to a folder of your own"
      )
    }
    guard leaf.owner == Platform.user else {
      return RuntimeError(
        "the cache \(quoted(folder)) belongs to another user",
        hint: "set RONDO_CACHE to a folder of your own"
      )
    }
    guard leaf.mode & 0o077 == 0 else {
      return RuntimeError(
        "others may enter the cache \(quoted(folder))",
        hint: "chmod 700 it after a look inside"
      )
    }
    var path = Platform.split(folder).folder
    while true {
      guard let status = try Platform.status(path, followingLinks: false) else {
        return RuntimeError("there is no \(quoted(path))")
      }
      let isTrusted = status.owner == 0 || status.owner == Platform.user
      let isSticky = status.mode & 0o1000 != 0
      guard isTrusted, status.mode & 0o022 == 0 || isSticky else {
        return RuntimeError(
          "others may rename what is in \(quoted(path)), and the cache is below it",
          hint: "set RONDO_CACHE to a folder where only you may write"
        )
      }
      if path == "/" { return nil }
      path = Platform.split(path).folder
    }
  }

  /// The artifact of a model: the entry, or a new one if there is none that is whole.
  ///
  /// - Parameters:
  ///   - model: what the C backend made.
  ///   - compiler: which compiler to use, and to have used.
  ///   - options: for which processor, and the limits.
  /// - Returns: the artifact, the folder it may be opened from, and whether it was there before.
  /// - Throws: `RuntimeError` when it cannot be compiled or kept.
  public func artifact(
    of model: GeneratedModel,
    compiler: CCompiler,
    options: CCompiler.Options = CCompiler.Options()
  ) throws(RuntimeError) -> (artifact: Artifact, folder: String, wasCached: Bool) {
    let entry = Platform.join(folder, try Self.key(model, compiler, options))
    if let artifact = verified(entry, model) { return (artifact, entry, true) }
    let library = try compiler.compile(
      model.source,
      header: model.header,
      name: model.name,
      weights: model.weights,
      options: options,
      scratch: workFolder
    )
    let artifact = Artifact(model, library)
    let workspace = try Platform.makePrivateFolder(in: workFolder)
    defer { try? Platform.remove(workspace) }
    let ready = Platform.join(workspace, "entry")
    try Platform.makeFolder(ready, mode: 0o700)
    try artifact.write(to: ready)
    for attempt in 0..<16 {
      if try Platform.move(ready, to: entry) { return (artifact, entry, false) }
      // Another process was first, or what stands there is damaged and makes way.
      if let other = verified(entry, model) { return (other, entry, true) }
      _ = try? Platform.move(entry, to: Platform.join(workspace, "old-\(attempt)"))
    }
    throw RuntimeError("the cache's entry \(quoted(entry)) cannot be replaced")
  }

  /// Removes all entries.
  public func clear() throws(RuntimeError) {
    for name in try Platform.list(folder) { try Platform.remove(Platform.join(folder, name)) }
    try Platform.makeFolder(workFolder, mode: 0o700)
  }

  /// The hash of everything that decides an artifact's bytes.
  private static func key(
    _ model: GeneratedModel,
    _ compiler: CCompiler,
    _ options: CCompiler.Options
  ) throws(RuntimeError) -> String {
    var hash = SHA256()
    let parts =
      [version, model.name, compiler.identity, Platform.processorFeatures.joined(separator: " ")]
      + [options.cpu] + CCompiler.flags(options)
    // Each part with its length, so that no two lists of parts run together alike. The manifest has the
    // hashes of the texts and the weights, which a `GeneratedModel` has seen to.
    for part in parts.map({ Array($0.utf8) }) + [try model.manifest.json] {
      hash.update("\(part.count)\n")
      hash.update(part)
    }
    return hash.hex()
  }

  /// The version of what an entry is; another tool's entries are not ours.
  private static let version = "rondo cache 3"

  /// Where entries are made ready.
  private var workFolder: String { Platform.join(folder, "work") }

  /// The artifact at an entry, if it is whole and of this model.
  private func verified(_ entry: String, _ model: GeneratedModel) -> Artifact? {
    // A link could lead anywhere, and what another user owns can change after this look.
    guard let status = try? Platform.status(entry, followingLinks: false), status.kind == .folder,
      status.owner == Platform.user, status.mode & 0o022 == 0
    else { return nil }
    return try? Artifact(folder: entry, of: model)
  }
}
