internal import GraphIR

extension Pass {
  /// Moves draws out of scans that stand in the step of another, into that step.
  ///
  /// From there hoisting moves them before the loop, so that no loop draws, and the adjoint reads what
  /// the forward scan drew. A draw depends on nothing but its place, so it may always move.
  package static let liftDraws = Pass(
    "lift-draws",
    "moves draws out of scans within steps, into those steps"
  ) { graph throws(Diagnostic) in
    var graph = graph
    // A level at a time, from wherever there are some.
    while hasDrawWithin(graph) {
      graph = try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
        guard !site.block.arguments.isEmpty, case .scan(let id) = site.node.op,
          !draws(site.graph[id].body).isEmpty
        else { return nil }
        return try lifted(site.graph[id], site)
      }
    }
    return graph
  }

  /// The live draws of a step.
  private static func draws(_ body: Block) -> [ValueID] {
    let live = body.live()
    return body.ids.filter { id in
      guard live[Int(id.index)], case .random = body[id].op else { return false }
      return true
    }
  }

  /// `true` iff a scan that stands in the step of another draws.
  private static func hasDrawWithin(_ graph: Graph) -> Bool {
    graph.scans.contains { scan in
      let live = scan.body.live()
      return scan.body.ids.contains { id in
        guard live[Int(id.index)], case .scan(let inner) = scan.body[id].op else { return false }
        return !draws(graph[inner].body).isEmpty
      }
    }
  }

  /// The scan with its draws as sequences that are given from outside.
  private static func lifted(_ scan: Scan, _ site: GraphRewriter.Site) throws(Diagnostic) -> ValueID
  {
    let body = scan.body
    let builder = site.builder
    let draws = draws(body)
    let firstState = scan.outerCount + scan.sequenceCount
    let drawn = draws.map { draw in
      var op = body[draw].op
      if case .random(let random, let number, let axes, let shape, let axis) = op {
        op = .random(random, draw: number, axes: axes.adding(scan.axis), shape: shape, at: axis)
      }
      return builder.append(op, [])
    }
    let step = BlockBuilder(
      graph: builder.graph,
      arguments: body.arguments.prefix(firstState) + draws.map { body.type($0) }
        + body.arguments.dropFirst(firstState)
    )
    var map = [ValueID](repeating: ValueID(-1), count: body.count)
    let live = body.live()
    for id in body.ids where live[Int(id.index)] {
      let operands = body.operands(id).map { map[Int($0.index)] }
      step.origin = body[id].origin
      if case .argument(let place) = body[id].op {
        let moved = Int(place) < firstState ? place : place + Int32(draws.count)
        map[Int(id.index)] = step.append(.argument(moved), [], name: body.name(id))
      } else if let index = draws.firstIndex(of: id) {
        map[Int(id.index)] = step.append(.argument(Int32(firstState + index)), [])
      } else if case .scan(let inner) = body[id].op {
        map[Int(id.index)] = try GraphRewriter.scan(
          site.graph[inner],
          of: site.graph,
          operands,
          into: step
        )
      } else {
        map[Int(id.index)] = step.append(body[id].op, operands, name: body.name(id))
      }
    }
    var given = scan
    given.sequenceCount += draws.count
    given.body = try step.finish(results: body.results.map { map[Int($0.index)] })
    builder.graph = step.graph
    let operands =
      site.operands.prefix(firstState) + drawn + site.operands.dropFirst(firstState)
    return builder.scan(given, Array(operands))
  }
}
