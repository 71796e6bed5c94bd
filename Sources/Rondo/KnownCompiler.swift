internal import ModelRuntime

/// What a compiler said of its version, kept in the cache: to start it only to be told the same takes
/// longer than all the rest of a build that was compiled before.
///
/// It is asked again as soon as its file is another one or has changed in any way. Only programs are
/// kept that are a compiler themselves; what a script or `ccache` would start can change unseen.
struct KnownCompiler {
  /// What the version belongs to.
  private let key: String
  /// Where it is kept; nil when it must not be.
  private let file: String?

  /// The compiler at a path, where `status` was found.
  init(_ path: String, _ status: Platform.FileStatus, in cache: ArtifactCache) {
    key = [
      "rondo compiler 1", path, "\(status.size)", "\(status.modified)", "\(status.changed)",
      "\(status.number)",
    ].joined(separator: "\n")
    let folder = Platform.join(cache.folder, "compilers")
    file = Self.isCompiler(path) ? Platform.join(folder, SHA256.hex(of: Array(key.utf8))) : nil
  }

  /// Whether the file at a path is a program, and none that only hands on to another.
  private static func isCompiler(_ path: String) -> Bool {
    let magic = try? Platform.read(path, first: 4)
    guard magic == [0x7f, 0x45, 0x4c, 0x46], let program = try? Platform.resolved(path) else {
      return false
    }
    let name = Platform.split(program).name
    return !["ccache", "distcc", "icecc"].contains { name.contains($0) }
  }

  /// What it said; nil when that is not known, or not as it was written.
  var version: String? {
    guard let file, let bytes = try? Platform.read(file, limit: 1 << 12) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    guard lines.count == 2, lines[1] == seal(String(lines[0])) else { return nil }
    return String(lines[0])
  }

  /// Keeps what it said; when it cannot be kept, it is asked again next time.
  func remember(_ version: String) {
    guard let file else { return }
    try? Platform.makeFolder(Platform.split(file).folder, mode: 0o700)
    try? Platform.replace(file, with: Array("\(version)\n\(seal(version))".utf8))
  }

  /// What ties a version to its compiler.
  private func seal(_ version: String) -> String {
    SHA256.hex(of: Array("\(key)\n\(version)".utf8))
  }
}
