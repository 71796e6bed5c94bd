import GraphIR

extension Graph {
  /// The graph without nodes that no root needs and without results of scans that nobody reads.
  func trimmed() throws(Diagnostic) -> Graph {
    let live = main.live()
    // Which results of each scan are read: states always are, by the next step.
    var read = scans.map { scan in (0..<scan.body.results.count).map { $0 < scan.stateCount } }
    for id in main.ids where live[Int(id.index)] {
      if case .project(let place) = main[id].op, let scan = scanID(of: id) {
        read[Int(scan.index)][Int(place)] = true
      }
    }
    var trimmed = self
    trimmed.scans = []
    let builder = BlockBuilder(graph: trimmed)
    var map = [ValueID](repeating: ValueID(0), count: main.count)
    for id in main.ids where live[Int(id.index)] {
      builder.origin = main[id].origin
      let operands = main.operands(id).map { map[Int($0.index)] }
      var op = main[id].op
      if case .scan(let scan) = op {
        var kept = self[scan]
        kept.body.results = zip(kept.body.results, read[Int(scan.index)]).filter(\.1).map(\.0)
        map[Int(id.index)] = builder.scan(kept, operands)
        continue
      }
      if case .project(let place) = op, let scan = scanID(of: id) {
        op = .project(Int32(read[Int(scan.index)][..<Int(place)].count { $0 }))
      }
      map[Int(id.index)] = builder.append(op, operands, name: main.name(id))
    }
    trimmed = builder.graph
    trimmed.main = try builder.finish(results: main.results.map { map[Int($0.index)] })
    return trimmed
  }

  private func scanID(of project: ValueID) -> ScanID? {
    guard let source = main.operands(project).first, case .scan(let scan) = main[source].op else {
      return nil
    }
    return scan
  }
}
