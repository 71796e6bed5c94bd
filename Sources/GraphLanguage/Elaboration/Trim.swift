import GraphIR

extension Graph {
  /// The graph without what no root needs: nodes, and what scans are given and emit for nobody.
  ///
  /// States stay, read or not: they are the definition's, and carried from window to window.
  func trimmed() throws(Diagnostic) -> Graph {
    var trimmed = self
    trimmed.scans = []
    var live = [Bool](repeating: false, count: main.count)
    for result in main.results { live[Int(result.index)] = true }
    var reads = scans.map { scan in (0..<scan.body.results.count).map { $0 < scan.stateCount } }
    var cut: [ValueID: (scan: Scan, operands: [ValueID])] = [:]
    // From the end: what reads a scan's results is met before the scan.
    for id in main.ids.reversed() where live[Int(id.index)] {
      var operands = Array(main.operands(id))
      if case .project(let place) = main[id].op, let scan = scanID(of: id) {
        reads[Int(scan.index)][Int(place)] = true
      } else if case .scan(let scan) = main[id].op {
        let kept = try self[scan].keeping(reads[Int(scan.index)], operands, in: trimmed)
        cut[id] = kept
        operands = kept.operands
      }
      for operand in operands { live[Int(operand.index)] = true }
    }
    let builder = BlockBuilder(graph: trimmed)
    var map = [ValueID](repeating: ValueID(0), count: main.count)
    for id in main.ids where live[Int(id.index)] {
      builder.origin = main[id].origin
      var op = main[id].op
      if let (scan, operands) = cut[id] {
        map[Int(id.index)] = builder.scan(scan, operands.map { map[Int($0.index)] })
        continue
      }
      if case .project(let place) = op, let scan = scanID(of: id) {
        op = .project(Int32(reads[Int(scan.index)][..<Int(place)].count { $0 }))
      }
      let operands = main.operands(id).map { map[Int($0.index)] }
      map[Int(id.index)] = builder.append(op, operands, name: main.name(id))
    }
    let main = try builder.finish(results: main.results.map { map[Int($0.index)] })
    trimmed = builder.graph
    trimmed.main = main
    return trimmed
  }

  private func scanID(of project: ValueID) -> ScanID? {
    guard let source = main.operands(project).first, case .scan(let scan) = main[source].op else {
      return nil
    }
    return scan
  }
}

extension Scan {
  /// The scan with some of its results, and the operands that these need.
  fileprivate func keeping(_ results: [Bool], _ operands: [ValueID], in graph: Graph)
    throws(Diagnostic) -> (scan: Scan, operands: [ValueID])
  {
    let wanted = zip(body.results, results).filter(\.1).map(\.0)
    let live = body.live(from: wanted)
    var isUsed = operands.indices.map { $0 >= outerCount + sequenceCount }
    for id in body.ids where live[Int(id.index)] {
      if case .argument(let place) = body[id].op { isUsed[Int(place)] = true }
    }
    let places = operands.indices.filter { isUsed[$0] }
    let builder = BlockBuilder(graph: graph, arguments: places.map { body.arguments[$0] })
    var map = [ValueID](repeating: ValueID(0), count: body.count)
    for id in body.ids where live[Int(id.index)] {
      builder.origin = body[id].origin
      var op = body[id].op
      if case .argument(let place) = op {
        op = .argument(Int32(isUsed[..<Int(place)].count { $0 }))
      }
      let operands = body.operands(id).map { map[Int($0.index)] }
      map[Int(id.index)] = builder.append(op, operands, name: body.name(id))
    }
    var kept = self
    kept.outerCount = isUsed[..<outerCount].count { $0 }
    kept.sequenceCount = isUsed[outerCount..<(outerCount + sequenceCount)].count { $0 }
    kept.body = try builder.finish(results: wanted.map { map[Int($0.index)] })
    return (kept, places.map { operands[$0] })
  }
}
