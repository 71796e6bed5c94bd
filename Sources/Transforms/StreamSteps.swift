internal import GraphIR

extension Pass {
  /// Makes the graph of one position: what runs over the stepped axis is its value there.
  ///
  /// Scans along the axis become their step, from and to the state block; `begin` leaves the first
  /// states there. What is not causal along the axis, and so has no value at one position, is left out.
  package static let streamSteps = Pass(
    "stream",
    "makes of a sequence's graph that of one position, with its states in the state block"
  ) { graph throws(Diagnostic) in
    guard let axis = graph.steppedAxis, graph.streamAxis != nil || graph.generation != nil else {
      return graph.with(main: Block(), roots: [])
    }
    return try StreamStep(of: graph, along: axis).run()
  }
}

/// The construction of one position's graph.
private final class StreamStep {
  private let graph: Graph
  private let axis: AxisID
  private let memories: [Memory]
  private let builder: BlockBuilder
  private let count: PositionCount?
  private var roots: [Root] = []
  private var results: [ValueID] = []

  init(of graph: Graph, along axis: AxisID) {
    self.graph = graph
    self.axis = axis
    memories = Memory.all(along: axis, in: graph)
    var stepped = graph
    stepped.scans = []
    for index in stepped.variables.indices {
      let axes = stepped.variables[index].type.axes.removing(axis)
      stepped.variables[index].type = stepped.variables[index].type.over(axes)
    }
    builder = BlockBuilder(graph: stepped)
    count = PositionCount(graph, along: axis, in: builder)
  }

  func run() throws(Diagnostic) -> Graph {
    for variable in graph.variables {
      if case .input = variable.kind, !variable.type.axes.contains(axis) {
        throw Diagnostic(
          .unsupported,
          "stepping a model with the input \(variable.name), which does not run over "
            + graph[axis].name,
          at: variable.origin,
          hint: "leave out stream and generate, or let the input run over the axis"
        )
      }
    }
    let given = try positions(target: nil)
    for (root, result) in zip(graph.roots, graph.main.results) where root.kind == .output {
      if let value = given.map[Int(result.index)] { add(root.name, .output, value, [.step]) }
    }
    addStates(given, [.step])
    try addGenerate(given)
    addFirstStates(given)
    let main = try builder.finish(results: results)
    return builder.graph.with(main: main, roots: roots)
  }

  private func add(_ name: String, _ kind: Root.Kind, _ value: ValueID, _ entries: Set<Entry>) {
    roots.append(Root(name: name, kind: kind, entries: entries))
    results.append(value)
  }

  private func addStates(_ position: Positions, _ entries: Set<Entry>) {
    for memory in memories {
      guard let variable = graph.state(named: memory.name),
        let value = position.remembered[memory.name]
      else { continue }
      add(memory.name, .store(variable), value, entries)
    }
    addCount(isFirst: false, entries)
  }

  private func addCount(isFirst: Bool, _ entries: Set<Entry>) {
    guard let (variable, value) = count?.store(isFirst: isFirst) else { return }
    add(graph[variable].name, .store(variable), value, entries)
  }

  private func addGenerate(_ given: Positions) throws(Diagnostic) {
    guard let generation = graph.generation,
      let root = graph.roots.firstIndex(where: { $0.kind == .generated }),
      let logits = given.map[Int(graph.main.results[root].index)]
    else { return }
    let name = graph[generation.target].name
    guard !dependsOnTarget(logits, generation.target) else {
      throw Diagnostic(
        .wrong,
        "what generate draws \(name) from depends on \(name) at the same position",
        at: graph.main[graph.main.results[root]].origin,
        hint: "let it depend on previous(\(name)) only"
      )
    }
    let isToken = graph[generation.target].type.isToken
    let drawn = isToken ? builder.append(.draw, [logits], name: name) : logits
    let generated = try positions(target: (generation.target, drawn))
    add(name, .output, drawn, [.generate])
    addStates(generated, [.generate])
  }

  private func dependsOnTarget(_ value: ValueID, _ target: VariableID) -> Bool {
    let live = builder.block.live(from: [value])
    return builder.block.ids.contains {
      live[Int($0.index)] && builder.block[$0].op == .variable(target)
    }
  }

  private func addFirstStates(_ given: Positions) {
    for memory in memories {
      guard let variable = graph.state(named: memory.name) else { continue }
      let operands = Array(graph.main.operands(memory.node))
      let first: ValueID
      if let state = memory.state, case .scan(let id) = graph.main[memory.node].op {
        first = operands[graph[id].outerCount + graph[id].sequenceCount + state]
      } else {
        first = operands[1]
      }
      if let value = given.map[Int(first.index)] {
        add(memory.name, .store(variable), builder.matching(value, memory.type), [.begin])
      }
    }
    addCount(isFirst: true, [.begin])
  }

  /// The values at one position, and what each memory is left with after it.
  private struct Positions {
    var map: [ValueID?]
    var remembered: [String: ValueID] = [:]
  }

  /// Builds every value at one position, the target replaced if one is given.
  private func positions(target: (VariableID, ValueID)?) throws(Diagnostic) -> Positions {
    var positions = Positions(map: Array(repeating: nil, count: graph.main.count))
    var scanResults: [ValueID: [ValueID]] = [:]
    for id in graph.main.ids {
      let node = graph.main[id]
      builder.origin = node.origin
      let operands = graph.main.operands(id).map { positions.map[Int($0.index)] }
      if case .project(let place) = node.op, let scan = graph.main.operands(id).first,
        let results = scanResults[scan]
      {
        positions.map[Int(id.index)] = results[Int(place)]
        continue
      }
      let known = operands.compactMap { $0 }
      guard known.count == operands.count else { continue }
      if let target, node.op == .variable(target.0) {
        positions.map[Int(id.index)] = target.1
      } else if let memory = memories.first(where: { $0.node == id }) {
        if case .scan(let scan) = node.op {
          let results = try step(graph[scan], id, known)
          scanResults[id] = results
          for memory in memories where memory.node == id {
            guard let state = memory.state else { continue }
            positions.remembered[memory.name] = results[state]
          }
        } else if let variable = graph.state(named: memory.name) {
          positions.map[Int(id.index)] = builder.variable(variable).id
          positions.remembered[memory.name] = known[0]
        }
      } else if let value = count?.value(of: node.op, inStep: false) {
        positions.map[Int(id.index)] = value
      } else if let op = positionOp(node.op) {
        let fitted = fitted(op, known)
        positions.map[Int(id.index)] = builder.append(fitted, known, name: graph.main.name(id))
      }
    }
    return positions
  }

  /// The operation on operands that may run over the batch, since the count of positions does.
  private func fitted(_ op: Op, _ operands: [ValueID]) -> Op {
    guard case .broadcast(var broadcast) = op else { return op }
    broadcast.axes = operands.reduce(broadcast.axes) { $0.union(builder.type($1).axes) }
    return .broadcast(broadcast)
  }

  /// The operation at one position, if it has a meaning there.
  private func positionOp(_ op: Op) -> Op? {
    switch op {
    case .broadcast(var broadcast):
      broadcast.axes = broadcast.axes.removing(axis)
      return .broadcast(broadcast)
    case .contract(let contraction): return contraction.axes.contains(axis) ? nil : op
    case .reduce(_, let reduction): return reduction.axes.contains(axis) ? nil : op
    case .scatterAdd(_, let axes): return axes.contains(axis) ? nil : op
    // Where no step counts positions, only training asks for one: any will do.
    case .random(let random, let draw, let axes, let shape, let its):
      return .random(random, draw: draw, axes: axes.removing(axis), shape: shape, at: its)
    case .position(axis): return .real(0)
    case .position: return op
    case .length(let its), .element(let its, _), .place(let its, _), .shift(let its, _),
      .sequence(let its):
      return its == axis ? nil : op
    case .reindex(let reindex): return reindex.from == axis || reindex.to == axis ? nil : op
    case .argmax(let its): return its == axis ? nil : op
    case .scan, .project: return nil
    case .constant, .token, .variable, .argument, .unary, .binary, .select, .number,
      .oneHot, .gather, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape:
      return op
    }
  }

  private func step(_ scan: Scan, _ node: ValueID, _ operands: [ValueID]) throws(Diagnostic)
    -> [ValueID]
  {
    var map: [ValueID] = []
    let firstState = scan.outerCount + scan.sequenceCount
    for id in scan.body.ids {
      builder.origin = scan.body[id].origin
      switch scan.body[id].op {
      case .argument(let place) where Int(place) < firstState: map.append(operands[Int(place)])
      case .argument(let place):
        let name = scan.stateNames[Int(place) - firstState]
        guard let variable = graph.state(named: name) else {
          throw Diagnostic(.bug, "the state \(name) is not declared")
        }
        map.append(builder.variable(variable).id)
      case .scan:
        throw Diagnostic(.unsupported, "stepping a scan within a scan", at: builder.origin)
      case .constant, .token, .variable, .position, .length, .random, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        let op = scan.body[id].op
        let operands = scan.body.operands(id).map { map[Int($0.index)] }
        map.append(
          count?.value(of: op, inStep: true)
            ?? builder.append(fitted(op, operands), operands, name: scan.body.name(id))
        )
      }
    }
    return scan.body.results.enumerated().map { place, result in
      let value = map[Int(result.index)]
      return place < scan.stateCount ? builder.matching(value, scan.stateType(place)) : value
    }
  }
}
