public import ModelRuntime

extension CCompiler {
  /// How many bytes a program gets from an archive, by what they are.
  public struct Sizes: Hashable, Sendable {
    /// Instructions.
    public var code = 0
    /// What is only read.
    public var constants = 0
    /// What is written, zeroed at first or not; a model has none.
    public var data = 0
  }

  /// What the system's `size` says of an archive; nil where there is none.
  public func sizes(ofArchive bytes: [UInt8], scratch: String) throws(RuntimeError) -> Sizes? {
    guard let program = try tool("size", scratch: scratch) else { return nil }
    let folder = try Platform.makePrivateFolder(in: Platform.absolute(scratch))
    defer { try? Platform.remove(folder) }
    let archive = Platform.join(folder, "model.a")
    try Platform.replace(archive, with: bytes)
    let result = try Platform.run(
      program,
      ["-A", "-d", archive],
      environment: [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C")],
      seconds: 60
    )
    guard result.ending == .exited(0) else { return nil }
    var sizes = Sizes()
    for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let size = Int(words[1]) else { continue }
      // What has addresses in it is only read once those are known.
      if words[0].hasPrefix(".text") {
        sizes.code += size
      } else if words[0].hasPrefix(".rodata") || words[0].hasPrefix(".data.rel.ro") {
        sizes.constants += size
      } else if words[0].hasPrefix(".data") || words[0].hasPrefix(".bss") {
        sizes.data += size
      }
    }
    return sizes
  }
}
