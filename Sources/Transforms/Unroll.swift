internal import GraphIR

// What several steps in one turn of a loop save is the turn itself: a step's products and kernels are calls
// of functions that all steps share, states stand in slabs and are never copied, and no load is shared
// between calls. A turn costs a comparison beside calls of many loads each. Measured on an LSTM of 16 units,
// batch 1, 200 steps (Zen 4, gcc 12; the least and the median of 4 s, the better of two rounds in turn):
//
//     steps a turn         1              2              4
//     infer          15.4, 16.3 us  15.7, 16.3 us  14.6, 16.2 us
//     train          37.6, 38.7 us  36.5, 37.9 us  37.0, 38.4 us
//
// Medians of one setting differ by 3 % from round to round, those of different ones by no more, on the
// smallest cell that is of use; larger ones gain less. So `auto` is one step a turn. Writing out every step
// pays where constants then fold, as a zero first state does, but it demands the exact length.

/// How far scans are unrolled over time.
package enum Unrolling: Hashable, Sendable {
  /// As measured: one step a turn.
  case auto
  /// Every step written out; the axes must then have exactly their bounds' lengths.
  case full
  /// So many steps in one turn of the loop.
  case steps(Int)

  /// As `--unroll` has it.
  package var text: String {
    switch self {
    case .auto: "auto"
    case .full: "full"
    case .steps(let count): "\(count)"
    }
  }

  /// Reads what `text` writes.
  package init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "full": self = .full
    default:
      guard let count = Int(text), count > 0 else { return nil }
      self = .steps(count)
    }
  }
}

extension Pass {
  /// Copies the steps of scans.
  package static func unroll(_ unrolling: Unrolling) -> Pass {
    Pass(
      "unroll",
      "writes out the steps of scans: all, or some for each turn of the loop",
      setting: unrolling.text
    ) { (graph) throws(Diagnostic) in
      switch unrolling {
      case .auto: graph
      case .steps(let count): steps(of: graph, perTurn: count)
      case .full: try whole(graph)
      }
    }
  }

  private static func steps(of graph: Graph, perTurn count: Int) -> Graph {
    var graph = graph
    for index in graph.scans.indices { graph.scans[index].stepsPerTurn = max(1, count) }
    return graph
  }

  /// Every step written out, those of scans in steps before the steps themselves.
  private static func whole(_ graph: Graph) throws(Diagnostic) -> Graph {
    var graph = graph
    func hasScan(_ block: Block) -> Bool {
      block.ids.contains { if case .scan = block[$0].op { true } else { false } }
    }
    while graph.scans.contains(where: { hasScan($0.body) }) {
      graph = try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
        guard !site.block.arguments.isEmpty, case .project = site.node.op,
          let node = site.block.operands(site.id).first, case .scan(let id) = site.block[node].op,
          !hasScan(site.graph[id].body)
        else { return nil }
        return try unrolled(site)
      }
    }
    return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in try unrolled(site) }
  }

  /// A projection of a scan, from a copy of the step for each place.
  private static func unrolled(_ site: GraphRewriter.Site) throws(Diagnostic) -> ValueID? {
    guard case .project(let place) = site.node.op, let node = site.block.operands(site.id).first,
      case .scan(let id) = site.block[node].op
    else { return nil }
    let scan = site.graph[id]
    guard let count = site.graph[scan.axis].bound else {
      throw Diagnostic(
        .wrong,
        "the axis \(site.graph[scan.axis].name) has no bound, so its steps cannot be written out",
        hint: "declare a bound, or unroll by a number of steps"
      )
    }
    // The builder interns, so the copies made for one projection serve the others.
    let builder = site.builder
    let copied = Array(builder.block.operands(site.operands[0]))
    var states = copied.suffix(scan.stateCount).enumerated().map {
      builder.matching($1, scan.stateType($0))
    }
    var values = [ValueID](repeating: ValueID(0), count: count)
    for turn in 0..<count {
      let step = scan.isReverse ? count - 1 - turn : turn
      let results = try stepResults(scan, at: step, copied, states, builder)
      states = (0..<scan.stateCount).map { builder.matching(results[$0], scan.stateType($0)) }
      values[step] = Int(place) < scan.stateCount ? states[Int(place)] : results[Int(place)]
    }
    return builder.append(.sequence(scan.axis), values)
  }

  private static func stepResults(
    _ scan: Scan,
    at step: Int,
    _ operands: [ValueID],
    _ states: [ValueID],
    _ builder: BlockBuilder
  ) throws(Diagnostic) -> [ValueID] {
    var map: [ValueID] = []
    for id in scan.body.ids {
      let node = scan.body[id]
      builder.origin = node.origin
      switch node.op {
      case .argument(let place):
        let place = Int(place)
        if place < scan.outerCount {
          map.append(operands[place])
        } else if place < scan.outerCount + scan.sequenceCount {
          map.append(element(scan.axis, step, of: operands[place], builder))
        } else {
          map.append(states[place - scan.outerCount - scan.sequenceCount])
        }
      case .scan:
        throw Diagnostic(.bug, "unrolling a scan before the one in its step", at: node.origin)
      case .random(let random, let draw, let axes, let shape, nil):
        // A step's draw is the place of the one over all steps; equal ones are one.
        let all = Op.random(random, draw: draw, axes: axes.adding(scan.axis), shape: shape)
        map.append(element(scan.axis, step, of: builder.append(all, []), builder))
      case .random:
        throw Diagnostic(.bug, "unrolling a draw at one position", at: node.origin)
      case .constant, .token, .variable, .position, .length, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        map.append(
          builder.append(
            node.op,
            scan.body.operands(id).map { map[Int($0.index)] },
            name: scan.body.name(id)
          )
        )
      }
    }
    return scan.body.results.map { map[Int($0.index)] }
  }

  /// One place of a sequence, without going through a sequence just written out.
  private static func element(
    _ axis: AxisID,
    _ step: Int,
    of sequence: ValueID,
    _ builder: BlockBuilder
  ) -> ValueID {
    if builder.block[sequence].op == .sequence(axis) {
      return builder.block.operands(sequence)[builder.block.operands(sequence).startIndex + step]
    }
    return builder.append(.element(axis, .at(Int32(step))), [sequence])
  }
}
