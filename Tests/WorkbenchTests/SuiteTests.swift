import ModelRuntime
import Rondo
import Testing
import Workbench

@Suite("Suites of workloads") struct SuiteTests {
  private static let definition = "model m {\n  input x: real[2]\n  output tanh(x) as y\n}\n"

  private static func workloads(_ comment: String) throws -> [BenchWorkload] {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let text = comment + definition
    try Platform.replace(Platform.join(folder, "big_m.graph"), with: Array(text.utf8))
    return try BenchWorkload.all(in: folder)
  }

  @Test("say in a comment what is timed")
  func comment() throws {
    let found = try #require(try Self.workloads("# A model.\n# Timed: `train`, batch 32.\n").first)
    #expect(found.name == "big-m")
    #expect(found.entry == .train)
    #expect(found.batch == 32)
  }

  @Test(
    "are refused where the comment does not say it",
    arguments: [
      "", "# Timed: train.\n", "# Timed: teach, batch 3.\n", "# Timed: train, batch 0.\n",
    ]
  )
  func wrongComment(_ comment: String) {
    #expect(throws: RuntimeError.self) { try Self.workloads(comment) }
  }

  @Test("take a peer's rows from the last line it wrote")
  func peerRows() throws {
    let text = """
      loading
      [{"workload": "big-m", "peer": "slow", "median_s": 0.5, "min_s": 0.25, "threads": 1}, \
      {"workload": "big-m", "peer": "none", "failed": "cannot"}]
      """
    let rows = try #require(PeerRow.rows(Array(text.utf8)))
    #expect(rows.map(\.peer) == ["slow", "none"])
    #expect(rows.map(\.medianSeconds) == [0.5, nil])
    #expect(PeerRow.rows(Array("nothing\n".utf8)) == nil)
    #expect(PeerRow.rows(Array("[1, 2]\n".utf8)) == nil)
  }

  @Test("compare medians over rounds with the best peer's")
  func table() throws {
    let workload = try #require(try Self.workloads("# Timed: infer, batch 1.\n").first)
    var row = SuiteResult.Row(of: workload, sourceBytes: 1, compileSeconds: 1)
    row.ours.medians = [3e-6, 1e-6, 2e-6]
    row.ours.leasts = [2e-6, 1e-6, 2e-6]
    for (peer, seconds) in [("quick", 9e-6), ("slow", 5e-6), ("quick", 3e-6), ("slow", 8e-6)] {
      row.add(PeerRow(workload: "big-m", peer: peer, medianSeconds: seconds, minSeconds: seconds))
    }
    row.add(PeerRow(workload: "big-m", peer: "failing"))
    var result = SuiteResult(commit: nil, peak: nil, threads: 1)
    result.rows = [row]
    let expected = """
      workload  entry  ours    best peer  its     ratio  least/least
      big-m     infer  2.0 us  quick      6.0 us  3.00   3.00

      """
    #expect(result.table == expected)
    #expect(try result.json.contains("\"threads\" : 1"))
  }
}
