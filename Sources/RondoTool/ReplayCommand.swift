internal import ModelRuntime
internal import Rondo

extension Command {
  /// `rondo replay`: whether a change of the compiler changes any model.
  static let replay = Command(
    name: "replay",
    operands: "[FILE.graph|DIR ...]",
    operandCount: 0...100_000,
    summary: "keeps the C of many definitions, or says where it is another one than was kept",
    options: [save, against, count, .seed, .size],
    example: example
  ) { arguments, setting in
    switch (arguments.text(save), arguments.text(against)) {
    case (let folder?, nil):
      var sources: [Replay.Source] = []
      for path in arguments.operands { sources += try definitions(at: path).map { .file($0) } }
      let seed = try arguments.seed() ?? 0
      let total = UInt64(try arguments.int(count, in: 1...1_000_000) ?? 0)
      sources += (0..<total).map { .random(seed &+ $0) }
      guard !sources.isEmpty else {
        throw UsageError("replay needs definitions to keep, write: \(example)")
      }
      try Replay(sources: sources, sizes: arguments.sizes()).save(in: folder)
      setting.console.line("\(sources.count) definitions are kept in \(folder)")
      return 0
    case (nil, let folder?):
      guard arguments.operands.isEmpty else {
        throw UsageError("--against takes the definitions that were kept, so name no others")
      }
      let replay = try Replay(folder: folder)
      var total = 0
      try replay.differences(from: folder) { line in
        total += 1
        setting.console.line(line)
      }
      let all = "\(replay.sources.count) definitions compiled again: "
      setting.console.line(all + (total == 0 ? "no text differs" : "\(total) texts differ"))
      return total == 0 ? 0 : 1
    default: throw UsageError("replay needs either --save DIR or --against DIR")
    }
  }

  /// The definitions of a file or in a folder, in the order of their paths.
  private static func definitions(at path: String) throws(RuntimeError) -> [String] {
    guard let status = try Platform.status(path) else {
      throw RuntimeError("there is no \(quoted(path))")
    }
    guard status.kind == .folder else { return [path] }
    var found: [String] = []
    for name in try Platform.list(path) {
      let whole = Platform.join(path, name)
      // A link is not followed, so that none leads round.
      switch try Platform.status(whole, followingLinks: false)?.kind {
      case .folder: found += try definitions(at: whole)
      case .file where name.hasSuffix(".graph"): found.append(whole)
      default: continue
      }
    }
    return found
  }

  /// How it is used.
  private static let example = "rondo replay --save build/before graphs Tests --count 100"
  /// Keeping.
  private static let save = Option("--save", "DIR", help: "the new folder to keep texts in")
  /// Comparing.
  private static let against = Option("--against", "DIR", help: "the folder of texts kept before")
  /// Random models.
  private static let count = Option("--count", "N", help: "keep N random models too")
}
