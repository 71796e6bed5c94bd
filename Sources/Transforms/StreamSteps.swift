internal import GraphIR

extension Pass {
  /// Makes the graph of one position: what runs over the stepped axis is its value there.
  ///
  /// Scans along the axis become their step, from and to the state block. `begin` leaves the first
  /// states there, and whatever positions read that does not run over the axis. What is not causal
  /// along the axis, and so has no value at one position, is left out.
  package static let streamSteps = Pass(
    "stream",
    "makes of a sequence's graph that of one position, with its states in the state block"
  ) { graph throws(Diagnostic) in
    guard let axis = graph.steppedAxis, graph.isStepped else {
      return graph.with(main: Block(), roots: [])
    }
    return try StreamStep(of: graph, along: axis).run()
  }
}

/// The construction of one position's graph.
private final class StreamStep {
  private let graph: Graph
  private let axis: AxisID
  private let plan: StreamPlan
  private let builder: BlockBuilder
  /// The state that counts positions, if one is needed.
  private let count: PositionCount?
  private var roots: [Root] = []
  private var results: [ValueID] = []
  /// What does not run over the axis, as `begin` computes it.
  private var whole: [ValueID?] = []
  /// Where kept values are left, by node.
  private var keptVariables: [ValueID: VariableID] = [:]

  init(of graph: Graph, along axis: AxisID) throws(Diagnostic) {
    self.graph = graph
    self.axis = axis
    plan = try StreamPlan(of: graph, along: axis)
    var stepped = graph
    stepped.scans = []
    for index in stepped.variables.indices {
      let axes = stepped.variables[index].type.axes.removing(axis)
      stepped.variables[index].type = stepped.variables[index].type.over(axes)
    }
    for kept in plan.kept {
      guard let variable = graph.state(named: kept.name) else {
        throw Diagnostic(.bug, "\(kept.name) is not declared")
      }
      if let its = kept.lengthsOf { stepped.keptLengths[its] = variable }
      if let node = kept.node { keptVariables[node] = variable }
    }
    builder = BlockBuilder(graph: stepped)
    count = PositionCount(graph, along: axis, in: builder)
  }

  func run() throws(Diagnostic) -> Graph {
    try buildWhole()
    let here = try position()
    try addOutputs(here)
    let (ready, waiting) = divided(here)
    for (memory, value) in here.remembered {
      var entries: Set<Entry> = [.step]
      if ready.contains(memory) { entries.insert(.generate) }
      if waiting.contains(memory) { entries.insert(.advance) }
      add(graph[memory].name, .store(memory), value, entries)
    }
    try addGenerated(here)
    addFirst()
    let main = try builder.finish(results: results)
    return builder.graph.with(main: main, roots: roots)
  }

  // MARK: Roots

  private func add(_ name: String, _ kind: Root.Kind, _ value: ValueID, _ entries: Set<Entry>) {
    roots.append(Root(name: name, kind: kind, entries: entries))
    results.append(value)
  }

  private func addOutputs(_ here: Position) throws(Diagnostic) {
    for (root, result) in zip(graph.roots, graph.main.results) where root.kind == .output {
      if let value = here.map[Int(result.index)], plan.place(result) == .position {
        add(root.name, .output, value, [.step])
      } else if graph.streamAxis != nil, graph.main.type(result).axes.contains(axis) {
        throw Diagnostic(
          .unsupported,
          "streaming the output \(root.name), which has no value at one position of "
            + graph[axis].name,
          at: graph.main[result].origin,
          hint:
            "leave out stream, or make the output of states, previous, and work at each position"
        )
      }
    }
  }

  /// What the target is drawn from, and of what form.
  private func addGenerated(_ here: Position) throws(Diagnostic) {
    guard let generation = graph.generation,
      let root = graph.roots.firstIndex(where: { $0.kind == .generated })
    else { return }
    let target = graph[generation.target]
    let source = graph.main.results[root]
    let type = target.type.over(target.type.axes.removing(axis))
    func refuse(_ message: String, _ hint: String) -> Diagnostic {
      Diagnostic(.unsupported, message, at: graph.main[source].origin, hint: hint)
    }
    guard target.type.axes.contains(axis), type.axes == .batch else {
      throw refuse(
        "generating \(target.name), which runs over more than \(graph[axis].name)",
        "let it run over one axis, the one that stream and carry name"
      )
    }
    guard let value = here.map[Int(source.index)] else {
      throw refuse(
        "generating \(target.name) from what has no value at one position of \(graph[axis].name)",
        "make it of states, previous, and work at each position"
      )
    }
    guard !dependsOnTarget()[Int(value.index)] else {
      throw Diagnostic(
        .wrong,
        "what generate draws \(target.name) from depends on \(target.name) at the same position",
        at: graph.main[source].origin,
        hint: "let it depend on previous(\(target.name)) only"
      )
    }
    var drawn = type
    if case .token(let bound) = target.type.element {
      guard target.type.shape.isScalar, let logits = Shape([Int(bound)]) else {
        throw refuse(
          "generating \(target.name), which is more than one token a position",
          "let it be one token"
        )
      }
      drawn = ValueType(axes: type.axes, shape: logits)
    }
    guard builder.type(value).fits(drawn) else {
      throw Diagnostic(.bug, "what \(target.name) is drawn from does not fit it")
    }
    add(target.name, .generated, builder.matching(value, drawn), [.generate])
  }

  /// What goes on after a position: what is known before the target is drawn, and what waits for it.
  ///
  /// `generate` leaves the former, then `advance` the latter, which so must not read the former.
  private func divided(_ here: Position) -> (ready: Set<VariableID>, waiting: Set<VariableID>) {
    let depends = dependsOnTarget()
    let drawn = read(here)
    var ready: Set<VariableID> = []
    var waiting: Set<VariableID> = []
    for (memory, value) in here.remembered where drawn.contains(memory) {
      if depends[Int(value.index)] { waiting.insert(memory) } else { ready.insert(memory) }
    }
    let late = here.remembered.filter { waiting.contains($0.memory) }.map(\.value)
    let live = builder.block.live(from: late)
    let readsReady = builder.block.ids.contains { id in
      guard live[Int(id.index)], case .variable(let variable) = builder.block[id].op else {
        return false
      }
      return ready.contains(variable)
    }
    return readsReady ? ([], ready.union(waiting)) : (ready, waiting)
  }

  /// The memories that what the target is drawn from reads, at this position or a later one.
  private func read(_ here: Position) -> Set<VariableID> {
    var read: Set<VariableID> = []
    var values = zip(graph.roots, graph.main.results).filter { $0.0.kind == .generated }
      .compactMap { here.map[Int($0.1.index)] }
    var found = !values.isEmpty
    while found {
      found = false
      let live = builder.block.live(from: values)
      let variables = Set(
        builder.block.ids.compactMap { id -> VariableID? in
          guard live[Int(id.index)], case .variable(let variable) = builder.block[id].op else {
            return nil
          }
          return variable
        }
      )
      for (memory, value) in here.remembered
      where variables.contains(memory) && read.insert(memory).inserted {
        values.append(value)
        found = true
      }
    }
    return read
  }

  /// For each node built so far, whether it depends on the target at this position.
  private func dependsOnTarget() -> [Bool] {
    var depends = [Bool](repeating: false, count: builder.block.count)
    guard let target = graph.generation?.target else { return depends }
    for id in builder.block.ids {
      depends[Int(id.index)] =
        builder.block[id].op == .variable(target)
        || builder.block.operands(id).contains { depends[Int($0.index)] }
    }
    return depends
  }

  /// First states and kept values, which `begin` leaves.
  private func addFirst() {
    for memory in plan.memories {
      guard let variable = graph.state(named: memory.name) else { continue }
      let operands = Array(graph.main.operands(memory.node))
      let first: ValueID
      if let state = memory.state, case .scan(let id) = graph.main[memory.node].op {
        first = operands[graph[id].outerCount + graph[id].sequenceCount + state]
      } else {
        first = operands[1]
      }
      if let value = whole[Int(first.index)] {
        add(memory.name, .store(variable), builder.matching(value, memory.type), [.begin])
      }
    }
    for kept in plan.kept {
      guard let variable = graph.state(named: kept.name) else { continue }
      if let its = kept.lengthsOf {
        add(kept.name, .store(variable), builder.append(.length(its), []), [.begin])
      } else if let node = kept.node, let value = whole[Int(node.index)] {
        add(kept.name, .store(variable), value, [.begin])
      }
    }
    if let (variable, zero) = count?.store(isFirst: true) {
      add(graph[variable].name, .store(variable), zero, [.begin])
    }
  }

  // MARK: Values

  /// Builds what does not run over the axis as it stands.
  private func buildWhole() throws(Diagnostic) {
    whole = Array(repeating: nil, count: graph.main.count)
    for id in graph.main.ids {
      guard case .whole = plan.place(id) else { continue }
      builder.origin = graph.main[id].origin
      let operands = graph.main.operands(id).map { whole[Int($0.index)] }
      whole[Int(id.index)] = try build(graph.main[id].op, operands, id)
    }
  }

  /// The values at one position, and what each memory is left with after it, in order.
  private struct Position {
    var map: [ValueID?]
    var remembered: [(memory: VariableID, value: ValueID)] = []
  }

  /// Builds every value at one position.
  private func position() throws(Diagnostic) -> Position {
    var here = Position(map: Array(repeating: nil, count: graph.main.count))
    var scanResults: [ValueID: [ValueID?]] = [:]
    for id in graph.main.ids {
      let node = graph.main[id]
      builder.origin = node.origin
      let operands = graph.main.operands(id).map { here.map[Int($0.index)] }
      switch plan.place(id) {
      case .nowhere: continue
      case .whole(isGiven: false): here.map[Int(id.index)] = whole[Int(id.index)]
      case .whole(isGiven: true):
        if let variable = keptVariables[id] {
          here.map[Int(id.index)] = builder.variable(variable).id
        } else if case .length(let its) = node.op, let variable = builder.graph.keptLengths[its] {
          here.map[Int(id.index)] = builder.variable(variable).id
        } else if plan.isRepetition(id) {
          here.map[Int(id.index)] = try build(node.op, operands, id)
        }
      case .position:
        if case .project(let place) = node.op, let scan = graph.main.operands(id).first,
          let results = scanResults[scan]
        {
          here.map[Int(id.index)] = results[Int(place)]
        } else if case .scan(let scan) = node.op, graph[scan].axis == axis {
          // One without states remembers nothing, and is its step all the same.
          scanResults[id] = try step(graph[scan], operands, at: id)
          for memory in plan.memories where memory.node == id {
            guard let state = memory.state, let variable = graph.state(named: memory.name),
              let value = scanResults[id]?[state]
            else { continue }
            here.remembered.append((variable, builder.matching(value, memory.type)))
          }
        } else if let memory = plan.memories.first(where: { $0.node == id }) {
          if let variable = graph.state(named: memory.name), let value = operands[0] {
            here.map[Int(id.index)] = builder.variable(variable).id
            here.remembered.append((variable, value))
          }
        } else if case .select = node.op, let condition = graph.main.operands(id).first,
          plan.isTraining(condition)
        {
          here.map[Int(id.index)] = operands[2].map { repeated($0, as: node.type) }
        } else if let value = count?.value(of: node.op, inStep: false) {
          here.map[Int(id.index)] = value
        } else if let op = node.op.atPosition(of: axis) {
          here.map[Int(id.index)] = try build(op, operands, id)
        }
      }
    }
    if let (variable, next) = count?.store(isFirst: false) {
      here.remembered.append((variable, next))
    }
    return here
  }

  /// One node of the main block, if all it is made of is there.
  private func build(_ op: Op, _ operands: [ValueID?], _ id: ValueID) throws(Diagnostic)
    -> ValueID?
  {
    let known = operands.compactMap { $0 }
    guard known.count == operands.count else { return nil }
    if case .scan(let scan) = op { return builder.scan(try copied(graph[scan]), known) }
    return builder.append(fitted(op, known), known, name: graph.main.name(id))
  }

  /// A value repeated to a type at this position.
  private func repeated(_ value: ValueID, as type: ValueType) -> ValueID {
    let axes = type.axes.removing(axis).union(builder.type(value).axes)
    return builder.matching(value, type.over(axes))
  }

  /// The operation on operands that may run over the batch, since the count of positions does.
  private func fitted(_ op: Op, _ operands: [ValueID]) -> Op {
    guard case .broadcast(var broadcast) = op else { return op }
    broadcast.axes = operands.reduce(broadcast.axes) { $0.union(builder.type($1).axes) }
    return .broadcast(broadcast)
  }

  /// A scan along another axis, its step's values at this position of the stepped axis.
  private func copied(_ scan: Scan) throws(Diagnostic) -> Scan {
    let arguments = scan.body.arguments.map { $0.over($0.axes.removing(axis)) }
    let inner = BlockBuilder(graph: builder.graph, arguments: arguments)
    var map: [ValueID] = []
    for id in scan.body.ids {
      let node = scan.body[id]
      inner.origin = node.origin
      let operands = scan.body.operands(id).map { map[Int($0.index)] }
      if case .scan(let deeper) = node.op {
        builder.graph = inner.graph
        let copy = try copied(graph[deeper])
        inner.graph = builder.graph
        map.append(inner.scan(copy, operands))
      } else {
        let op = node.op.atPosition(of: axis) ?? node.op
        map.append(inner.append(op, operands, name: scan.body.name(id)))
      }
    }
    var copy = scan
    copy.body = try inner.finish(results: scan.body.results.map { map[Int($0.index)] })
    builder.graph = inner.graph
    return copy
  }

  /// A scan's step here: its results, as far as what they are made of is there.
  private func step(_ scan: Scan, _ operands: [ValueID?], at node: ValueID) throws(Diagnostic)
    -> [ValueID?]
  {
    var map: [ValueID?] = []
    let firstState = scan.outerCount + scan.sequenceCount
    for id in scan.body.ids {
      let op = scan.body[id].op
      builder.origin = scan.body[id].origin
      let known = scan.body.operands(id).compactMap { map[Int($0.index)] }
      if case .argument(let place) = op {
        if Int(place) < firstState {
          map.append(operands[Int(place)])
        } else {
          let name = scan.stateNames[Int(place) - firstState]
          guard let variable = graph.state(named: name) else {
            throw Diagnostic(.bug, "the state \(name) is not declared")
          }
          map.append(builder.variable(variable).id)
        }
      } else if case .length(let its) = op, let variable = builder.graph.keptLengths[its] {
        map.append(builder.variable(variable).id)
      } else if plan.isTraining(id, in: scan, at: node) {
        let chosen = scan.body.operands(id).last.flatMap { map[Int($0.index)] }
        map.append(chosen.map { repeated($0, as: scan.body.type(id)) })
      } else if let value = count?.value(of: op, inStep: true) {
        map.append(value)
      } else if known.count < scan.body.operands(id).count {
        map.append(nil)
      } else if case .scan(let inner) = op {
        map.append(builder.scan(try copied(graph[inner]), known))
      } else {
        map.append(builder.append(fitted(op, known), known, name: scan.body.name(id)))
      }
    }
    return scan.body.results.map { map[Int($0.index)] }
  }
}
