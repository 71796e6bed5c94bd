import GraphIR

extension Graph {
  /// The graph without what no root needs: nodes, and what scans are given and emit for nobody.
  ///
  /// States stay, read or not: they are the definition's, and carried from window to window.
  func trimmed() throws(Diagnostic) -> Graph {
    var trimmed = self
    trimmed.scans = []
    let builder = BlockBuilder(graph: trimmed)
    let map = try copy(main, for: main.results, into: builder)
    let main = try builder.finish(results: self.main.results.map { map[Int($0.index)] })
    trimmed = builder.graph
    trimmed.main = main
    return trimmed
  }

  /// Copies what some results of a block need; what a step is given stands in the new block already.
  ///
  /// It recurses as deep as scans stand in each other.
  private func copy(
    _ block: Block,
    for results: [ValueID],
    arguments: [Int: ValueID] = [:],
    into builder: BlockBuilder
  ) throws(Diagnostic) -> [ValueID] {
    var live = [Bool](repeating: false, count: block.count)
    for result in results { live[Int(result.index)] = true }
    var kept: [ValueID: Kept] = [:]
    var reads: [ValueID: Set<Int>] = [:]
    // From the end: what reads a scan's results is met before the scan.
    for id in block.ids.reversed() where live[Int(id.index)] {
      var operands = Array(block.operands(id))
      if case .project(let place) = block[id].op {
        reads[operands[0], default: []].insert(Int(place))
      } else if case .scan(let scan) = block[id].op {
        let keeping = self[scan].keeping(reads[id] ?? [])
        operands = keeping.operands.map { operands[$0] }
        kept[id] = keeping
      }
      for operand in operands { live[Int(operand.index)] = true }
    }
    var map = [ValueID](repeating: ValueID(0), count: block.count)
    for id in block.ids where live[Int(id.index)] {
      builder.origin = block[id].origin
      var op = block[id].op
      let operands = block.operands(id).map { map[Int($0.index)] }
      switch op {
      case .argument(let place):
        if let argument = arguments[Int(place)] {
          map[Int(id.index)] = argument
          builder.name(argument, block.name(id))
          continue
        }
      case .scan(let scan):
        guard let keeping = kept[id] else { continue }
        map[Int(id.index)] = try copy(self[scan], keeping, operands, into: builder)
        continue
      case .project(let place):
        let results = kept[block.operands(id)[block.operands(id).startIndex]]?.results ?? []
        op = .project(Int32(results.firstIndex(of: Int(place)) ?? 0))
      case .constant, .token, .variable, .position, .length, .random, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence:
        break
      }
      map[Int(id.index)] = builder.append(op, operands, name: block.name(id))
    }
    return map
  }

  /// Copies a scan with some of its results, and the operands that these need.
  private func copy(
    _ scan: Scan,
    _ kept: Kept,
    _ operands: [ValueID],
    into builder: BlockBuilder
  ) throws(Diagnostic) -> ValueID {
    let step = BlockBuilder(
      graph: builder.graph,
      arguments: kept.operands.map { scan.body.arguments[$0] }
    )
    var arguments: [Int: ValueID] = [:]
    for (place, old) in kept.operands.enumerated() { arguments[old] = step.argument(place) }
    let results = kept.results.map { scan.body.results[$0] }
    let map = try copy(scan.body, for: results, arguments: arguments, into: step)
    var copy = scan
    copy.outerCount = kept.operands.count { $0 < scan.outerCount }
    copy.sequenceCount =
      kept.operands.count { $0 < scan.outerCount + scan.sequenceCount } - copy.outerCount
    copy.body = try step.finish(results: results.map { map[Int($0.index)] })
    // Scans within the step are in the tables before the scan itself.
    builder.graph.scans = step.graph.scans
    return builder.scan(copy, kept.operands.map { operands[$0] })
  }
}

/// What of a scan is kept: places of its results and of its operands.
private struct Kept {
  var results: [Int]
  var operands: [Int]
}

extension Scan {
  /// All states and some more results, and the operands that these need.
  fileprivate func keeping(_ reads: Set<Int>) -> Kept {
    let results = body.results.indices.filter { $0 < stateCount || reads.contains($0) }
    let live = body.live(from: results.map { body.results[$0] })
    var isUsed = (0..<operandCount).map { $0 >= outerCount + sequenceCount }
    for id in body.ids where live[Int(id.index)] {
      if case .argument(let place) = body[id].op { isUsed[Int(place)] = true }
    }
    return Kept(results: results, operands: isUsed.indices.filter { isUsed[$0] })
  }
}
