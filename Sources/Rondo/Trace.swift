internal import ModelRuntime
internal import Transforms

/// What is to be seen of a definition's way through the compiler, and how long each part of it took.
public struct Trace: Sendable {
  /// A part of the compiler: a pass, or what is none; all its runs together.
  public struct Part: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// How often it ran.
    public var runs: Int
    /// How long it ran, in seconds.
    public var seconds: Double
    /// The most nodes that it left; nil for what leaves no graph.
    public var nodes: Int?
  }

  /// The parts, in the order they first ran.
  public private(set) var parts: [Part] = []
  /// The pass whose results are printed, or `all`.
  let printAfter: String?
  private let tell: @Sendable (String) -> Void

  /// The names of all passes.
  public static var passNames: [String] { Pipelines.names }

  /// Sees the graph after the pass of that name, or after `all`, wherever it changed.
  public init(printAfter: String? = nil, tell: @escaping @Sendable (String) -> Void = { _ in }) {
    self.printAfter = printAfter
    self.tell = tell
  }

  /// Adds a run of a part.
  public mutating func add(_ name: String, seconds: Double, nodes: Int? = nil) {
    let place = parts.firstIndex { $0.name == name } ?? parts.count
    if place == parts.count { parts.append(Part(name: name, runs: 0, seconds: 0)) }
    parts[place].runs += 1
    parts[place].seconds += seconds
    if let nodes { parts[place].nodes = max(parts[place].nodes ?? 0, nodes) }
  }

  /// Adds what passes took, the verification between them as a part of its own.
  mutating func add(_ timings: [PassRunner.Timing]) {
    for timing in timings {
      add(timing.name, seconds: timing.seconds, nodes: timing.nodes)
      add("verification", seconds: timing.verifying, nodes: timing.nodes)
    }
  }

  /// Tells the graph after a pass.
  func show(_ title: String, _ summary: String, _ graph: () -> String) {
    tell("# after \(title): \(summary)\n" + graph() + "\n")
  }

  /// The parts as a table, the longest first.
  public var table: String {
    let total = parts.reduce(0) { $0 + $1.seconds }
    let rows =
      parts.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
      + [Part(name: "all", runs: 0, seconds: total)]
    func cell(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var text = "        ms  share   runs    nodes  part\n"
    for row in rows {
      let tenths = Int((row.seconds * 10_000).rounded())
      let share = total > 0 ? Int((100 * row.seconds / total).rounded()) : 0
      text += cell("\(tenths / 10).\(tenths % 10)", 10) + cell("\(share) %", 7)
      text += cell(row.runs > 0 ? "\(row.runs)" : "", 7)
      text += cell(row.nodes.map(String.init) ?? "", 9) + "  \(row.name)\n"
    }
    return text
  }
}
