internal import GraphIR
package import ModelRuntime

/// What the compiler makes of many definitions, kept to be held against what it makes after a change.
///
/// No C compiler runs: a change that is to change no model is shown to leave every text as it was.
package struct Replay: Hashable, Sendable {
  /// Where a definition comes from.
  package enum Source: Hashable, Sendable {
    /// A file, by its path.
    case file(String)
    /// A random model, by its seed.
    case random(UInt64)
  }

  /// A way to compile each definition.
  private struct Mode {
    var name: String
    var arithmetic: Compiler.Arithmetic
    var unrolling: Compiler.Unrolling
    var pullback: Bool
  }

  /// The ways: both kinds of arithmetic, and what is made on request only.
  private static let modes = [
    Mode(name: "fast", arithmetic: .fast, unrolling: .auto, pullback: false),
    Mode(name: "strict", arithmetic: .strict, unrolling: .auto, pullback: false),
    Mode(name: "unroll-3-pullback", arithmetic: .fast, unrolling: .steps(3), pullback: true),
  ]
  /// The rows of a call, and what stands for sizes and bounds that nobody gives.
  private static let (batch, openSize, openBound) = (3, 7, 5)
  /// The file that lists the definitions, and its first line.
  private static let (listName, listHead) = ("replay.txt", "rondo replay 1")
  /// The file that says why a definition is refused.
  private static let refusalName = "refused.txt"

  /// The definitions.
  package let sources: [Source]
  /// Values of sizes and bounds, for definitions that leave them open.
  package let sizes: [String: Int]

  /// Names definitions.
  package init(sources: [Source], sizes: [String: Int]) {
    self.sources = sources
    self.sizes = sizes
  }

  /// Reads what an earlier run kept.
  package init(folder: String) throws(RuntimeError) {
    let path = Platform.join(folder, Self.listName)
    let text = String(decoding: try Platform.read(path, limit: 1 << 24), as: UTF8.self)
    let lines = text.split(separator: "\n")
    guard lines.first == Substring(Self.listHead) else {
      throw RuntimeError("\(quoted(path)) is no list of a replay", hint: "make one by --save DIR")
    }
    var sources: [Source] = []
    var sizes: [String: Int] = [:]
    for line in lines.dropFirst() {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      let last = words.last ?? ""
      switch words.first {
      case "file": sources.append(.file(last))
      case "random": sources.append(.random(UInt64(last) ?? 0))
      default:
        guard let equals = last.firstIndex(of: "=") else { continue }
        sizes[String(last[..<equals])] = Int(last[last.index(after: equals)...])
      }
    }
    self.init(sources: sources, sizes: sizes)
  }

  /// Compiles all definitions and keeps their texts in a folder that is not there yet.
  package func save(in folder: String) throws(RuntimeError) {
    if try Platform.status(folder) != nil, try !Platform.list(folder).isEmpty {
      throw RuntimeError("\(quoted(folder)) is in the way", hint: "remove it, or name another one")
    }
    var names: Set<String> = []
    for source in sources {
      guard names.insert(Self.name(source)).inserted else {
        throw RuntimeError("\(quoted(Self.name(source))) is given twice")
      }
      for (path, bytes) in try texts(of: source) {
        let path = Platform.join(folder, path)
        try Platform.makeFolder(Platform.split(path).folder)
        try Platform.replace(path, with: bytes)
      }
    }
    let list =
      [Self.listHead] + sizes.sorted { $0.key < $1.key }.map { "size \($0.key)=\($0.value)" }
      + sources.map { source in
        switch source {
        case .file(let path): "file \(path)"
        case .random(let seed): "random \(seed)"
        }
      }
    let bytes = Array((list.joined(separator: "\n") + "\n").utf8)
    try Platform.replace(Platform.join(folder, Self.listName), with: bytes)
  }

  /// Compiles all definitions again; a line for each text that is not as it was kept.
  package func differences(from folder: String, tell: (String) -> Void) throws(RuntimeError) {
    for source in sources {
      // A definition that is not there any more has no texts.
      let texts = (try? texts(of: source)) ?? []
      for mode in Self.modes {
        let place = Self.name(source) + "/" + mode.name
        let here = Platform.join(folder, place)
        let kept = try Platform.status(here) == nil ? [] : try Platform.list(here)
        let now = texts.filter { Platform.split($0.path).folder == place }
        let names = now.map { Platform.split($0.path).name }
        for name in kept where !names.contains(name) { tell("\(place)/\(name): is gone") }
        for (path, bytes) in now {
          guard kept.contains(Platform.split(path).name) else {
            tell("\(path): is new")
            continue
          }
          let old = try Platform.read(Platform.join(folder, path))
          if old != bytes { tell("\(path): \(Self.difference(old, bytes))") }
        }
      }
    }
  }

  /// The path of a definition's texts.
  private static func name(_ source: Source) -> String {
    switch source {
    case .file(let path):
      path.split(separator: "/").filter { $0 != "." }.map { $0 == ".." ? "up" : $0 }
        .joined(separator: "/")
    case .random(let seed): "random/\(seed)"
    }
  }

  /// The texts of a definition by their paths: C, header and manifest of each mode, or why there is none.
  private func texts(of source: Source) throws(RuntimeError)
    -> [(path: String, bytes: [UInt8])]
  {
    let definition: Definition
    switch source {
    case .file(let path): definition = try Definition(path: path)
    case .random(let seed):
      let text = FuzzWriter.model(seed: seed).text
      definition = Definition(name: "random", bytes: Array(text.utf8))
    }
    // What does not parse has no openings, and is refused below.
    let openings = (try? Compiler.openings(of: definition)) ?? []
    var values: [String: Int] = [:]
    for opening in openings {
      values[opening.name] =
        sizes[opening.name] ?? (opening.isAxis ? Self.openBound : Self.openSize)
    }
    return Self.modes.flatMap { mode in
      let options = Compiler.Options(
        sizes: values,
        batch: Self.batch,
        arithmetic: mode.arithmetic,
        unrolling: mode.unrolling,
        pullback: mode.pullback
      )
      let place = Self.name(source) + "/" + mode.name + "/"
      do {
        let model = try Compiler(options: options).generate(definition)
        return [
          (place + model.name + ".c", model.source), (place + model.name + ".h", model.header),
          (place + model.name + ".json", try model.manifest.json),
        ]
      } catch {
        return [(place + Self.refusalName, Array("\(error)".utf8))]
      }
    }
  }

  /// How many lines only the one text has, and how many only the other.
  private static func difference(_ old: [UInt8], _ new: [UInt8]) -> String {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for line in old.split(separator: 10, omittingEmptySubsequences: false) {
      counts[line, default: 0] += 1
    }
    var added = 0
    for line in new.split(separator: 10, omittingEmptySubsequences: false) {
      let count = counts[line, default: 0]
      if count > 0 { counts[line] = count - 1 } else { added += 1 }
    }
    let removed = counts.values.reduce(0, +)
    return removed + added == 0
      ? "its lines stand in another order" : "\(removed) lines gone, \(added) new"
  }
}
