internal import ModelRuntime
package import Rondo

/// What a run over a suite came to: ours and the peers' times, taken in turn.
package struct SuiteResult: Sendable, Encodable {
  /// The times of one side on one workload, a round each.
  package struct Side: Sendable, Encodable {
    /// Who it is.
    package var name: String
    /// Each round's median time of a call, in seconds.
    package var medians: [Double] = []
    /// Each round's least.
    package var leasts: [Double] = []

    /// The names in the file.
    private enum CodingKeys: String, CodingKey {
      case name
      case medians = "median_s"
      case leasts = "least_s"
    }

    /// A side without times yet.
    package init(name: String) { self.name = name }

    /// Takes in the times of a round's calls.
    package mutating func add(_ times: [Double]) {
      medians.append(Self.median(times))
      leasts.append(times.min() ?? .nan)
    }

    /// The one in the middle, or the mean of two.
    private static func median(_ times: [Double]) -> Double {
      let sorted = times.sorted()
      guard !sorted.isEmpty else { return .nan }
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// The median of the rounds' medians.
    package var median: Double { Self.median(medians) }

    /// The least of all.
    package var least: Double { leasts.min() ?? .nan }
  }

  /// One workload.
  package struct Row: Sendable, Encodable {
    /// The workload's name.
    package var workload: String
    /// What is timed.
    package var entry: String
    /// Rows of a call.
    package var batch: Int
    /// Bytes of C.
    package var sourceBytes: Int
    /// Seconds the C compiler took.
    package var compileSeconds: Double
    /// Ours.
    package var ours: Side
    /// The others, in the order they were first heard of.
    package var peers: [Side] = []

    /// The names in the file.
    private enum CodingKeys: String, CodingKey {
      case workload, entry, batch, ours, peers
      case sourceBytes = "c_bytes"
      case compileSeconds = "compile_s"
    }

    /// A workload without times yet.
    package init(
      of workload: BenchWorkload,
      sourceBytes: Int,
      compileSeconds: Double
    ) {
      self.workload = workload.name
      entry = workload.entry.rawValue
      batch = workload.batch
      self.sourceBytes = sourceBytes
      self.compileSeconds = compileSeconds
      ours = Side(name: "rondo")
    }

    /// The peer with the least median.
    package var best: Side? { peers.min { $0.median < $1.median } }

    /// Takes in what a peer said in a round.
    package mutating func add(_ row: PeerRow) {
      guard let median = row.medianSeconds else { return }
      let place = peers.firstIndex { $0.name == row.peer } ?? peers.endIndex
      if place == peers.endIndex { peers.append(Side(name: row.peer)) }
      peers[place].medians.append(median)
      peers[place].leasts.append(row.minSeconds ?? median)
    }
  }

  /// The revision that was timed, if that is known.
  package var commit: String?
  /// The processor's name.
  package var processor: String?
  /// What one core can do at most.
  package var peak: Peak?
  /// Threads of a call.
  package var threads: Int
  /// The workloads, in the suite's order.
  package var rows: [Row] = []

  /// Starts a result.
  package init(commit: String?, peak: Peak?, threads: Int) {
    self.commit = commit
    self.peak = peak
    self.threads = threads
    processor = Platform.processorName
  }

  /// The text of a file, for a person to read and a program too.
  package var json: String {
    get throws(RuntimeError) {
      let bytes = try JSON.encode(self, .indented, what: "results", namesNonFinite: true)
      return String(decoding: bytes, as: UTF8.self) + "\n"
    }
  }

  /// A table: for each workload our median, the best peer's, and how many times as fast we are, by medians
  /// and by least times.
  package var table: String {
    var lines = [["workload", "entry", "ours", "best peer", "its", "ratio", "least/least"]]
    for row in rows {
      let peer = row.best
      func ratio(_ theirs: Double?, _ ours: Double) -> String {
        theirs.map { NumberText.fixed($0 / ours, 2) } ?? "-"
      }
      lines.append([
        row.workload, row.entry, NumberText.seconds(row.ours.median), peer?.name ?? "-",
        peer.map { NumberText.seconds($0.median) } ?? "-", ratio(peer?.median, row.ours.median),
        ratio(peer?.least, row.ours.least),
      ])
    }
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = zip(line, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      let text = cells.joined(separator: "  ")
      return String(text.dropLast(text.reversed().prefix { $0 == " " }.count)) + "\n"
    }.joined()
  }
}
