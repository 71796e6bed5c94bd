package import ModelRuntime
package import Rondo

/// A definition of a suite, and what of it is timed.
package struct BenchWorkload: Hashable, Sendable {
  /// What tables and peers call it: the file's name with hyphens.
  package var name: String
  /// The definition's file.
  package var path: String
  /// The entry.
  package var entry: Compiler.EntryChoice
  /// Rows of a call.
  package var batch: Int

  /// All definitions of a folder, in the order of their names.
  ///
  /// Each says in a comment what is timed: `# Timed: train, batch 32.`
  ///
  /// - Throws: `RuntimeError` where one does not, or there is none.
  package static func all(in folder: String) throws(RuntimeError) -> [BenchWorkload] {
    var workloads: [BenchWorkload] = []
    for file in try Platform.list(folder).sorted() where file.hasSuffix(".graph") {
      let path = Platform.join(folder, file)
      let text = String(decoding: try Platform.read(path, limit: 1 << 20), as: UTF8.self)
      guard let (entry, batch) = timed(text) else {
        throw RuntimeError(
          "\(path) does not say what of it is timed",
          hint: "write a comment such as: # Timed: `train`, batch 32."
        )
      }
      let name = String(file.dropLast(".graph".count)).replacing("_", with: "-")
      workloads.append(BenchWorkload(name: name, path: path, entry: entry, batch: batch))
    }
    guard !workloads.isEmpty else { throw RuntimeError("there is no definition in \(folder)") }
    return workloads
  }

  /// What a definition's comment says is timed; nil if it says nothing that can be.
  static func timed(_ text: String) -> (entry: Compiler.EntryChoice, batch: Int)? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("# Timed: ") }) else {
      return nil
    }
    let words = line.dropFirst("# Timed: ".count).split { " ,.`".contains($0) }
    guard words.count == 3, words[1] == "batch", let batch = Int(words[2]), batch > 0,
      let entry = Compiler.EntryChoice(rawValue: String(words[0]))
    else { return nil }
    return (entry, batch)
  }
}

/// What a peer says of one workload.
package struct PeerRow: Hashable, Sendable, Decodable {
  /// The workload.
  package var workload: String
  /// Who it is.
  package var peer: String
  /// The median time of a call, in seconds; nil if it cannot do the work.
  package var medianSeconds: Double?
  /// The least time of a call.
  package var minSeconds: Double?

  /// The names in the text.
  private enum CodingKeys: String, CodingKey {
    case workload, peer
    case medianSeconds = "median_s"
    case minSeconds = "min_s"
  }

  /// A row, as a peer would write it.
  package init(
    workload: String,
    peer: String,
    medianSeconds: Double? = nil,
    minSeconds: Double? = nil
  ) {
    self.workload = workload
    self.peer = peer
    self.medianSeconds = medianSeconds
    self.minSeconds = minSeconds
  }

  /// Reads the rows that a peer's program wrote: a JSON array, after whatever lines it wrote before.
  package static func rows(_ output: [UInt8]) -> [PeerRow]? {
    let lines = output.split(separator: UInt8(ascii: "\n"))
    guard let last = lines.last(where: { $0.first == UInt8(ascii: "[") }) else { return nil }
    return try? JSON.decode([PeerRow].self, from: last)
  }
}
