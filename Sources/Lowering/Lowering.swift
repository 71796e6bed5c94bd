package import GraphIR

/// Lowers graphs of single entries to programs, and lays out the blocks they share.
package enum ProgramLowering {
  /// The program of a graph whose roots are those of one entry; and the second forms of weights that it
  /// reads.
  ///
  /// Where `memory` says so, it goes along axes in pieces. Where calls have one row, workers divide it.
  /// Weights in panels are read as they are stored.
  package static func lower(
    _ graph: Graph,
    entry: Entry,
    memory: MemoryRule = .any,
    hasOneRow: Bool = false,
    stored: StoredForm = .float32
  ) throws(Diagnostic) -> (program: Program, forms: [VariableID: TurnedForms]) {
    let builder = ProgramBuilder(entry: entry, graph: graph, stored: stored)
    declareInputs(builder)
    var outputs: [BlockLowering.Store] = []
    var stores: [BlockLowering.Store] = []
    var checked: [ValueID] = []
    for (root, value) in zip(graph.roots, graph.main.results) {
      let type = graph.main.type(value)
      switch root.kind {
      case .output, .generated:
        outputs.append(output(root.name, .output, value, type, builder))
      case .metric:
        outputs.append(output(root.name, .loss, value, type, builder))
      case .loss:
        outputs.append(output(root.name, .loss, value, type, builder))
        if entry == .train || entry == .gradients { checked.append(value) }
      case .gradient:
        outputs.append(output(root.name, .gradient, value, type, builder))
      case .finite: checked.append(value)
      case .store(let variable):
        stores.append(
          BlockLowering.Store(
            value: value,
            view: builder.variable(variable),
            type: graph[variable].type
          )
        )
      }
    }
    // What is checked is kept in memory of its own.
    let kept = checked.map {
      BlockLowering.Store(
        value: $0,
        view: builder.temporary(graph.main.type($0), "checked"),
        type: graph.main.type($0)
      )
    }
    let block = BlockLowering(
      graph.main,
      builder: builder,
      given: [],
      results: kept + outputs,
      last: stores
    )
    var statements = try block.statements()
    if !kept.isEmpty { statements.append(.requireFinite(kept.map(\.view.pointer))) }
    let last = LastStores(try block.lastKernels(stores), stores, block)
    statements += try last.statements()
    var program = builder.finish(statements)
    program.exactAxes = exactAxes(graph)
    // Lengths that stand in the state are read there, whatever the call says.
    program.isMasked =
      graph.isMasked && graph.keptLengths.isEmpty && !builder.program.lengths.isEmpty
    program.axes = axes(graph)
    program.keptAxes = AxisSet(
      graph.axes.indices.map { AxisID($0) }.filter { graph.keptLengths[$0] != nil }
    )
    program.stored = graph.roots.compactMap {
      if case .store(let variable) = $0.kind { variable } else { nil }
    }
    program = try program.obeying(memory, in: graph)
    program.divide(hasOneRow: hasOneRow)
    if hasOneRow, program.isShared { program.runSideBySide() }
    program.leaveOutEndedRows(in: graph)
    try program.planMemory(in: graph)
    program.placeBarriers(in: graph)
    return (program, builder.forms)
  }

  private static func output(
    _ name: String,
    _ role: BoundaryArray.Role,
    _ value: ValueID,
    _ type: ValueType,
    _ builder: ProgramBuilder
  ) -> BlockLowering.Store {
    let (view, place) = builder.output(name, role, type)
    return BlockLowering.Store(value: value, view: view, type: type, onlyIfWanted: place)
  }

  /// The axes that some node or state runs over, or some node asks the length of or goes along.
  private static func axes(_ graph: Graph) -> AxisSet {
    var found = AxisSet.none
    visit(graph) { block, id in
      found = found.union(block.type(id).axes)
      switch block[id].op {
      case .length(let axis): found = found.adding(axis)
      case .scan(let scan):
        found = found.adding(graph[scan].axis)
        for type in graph[scan].body.arguments { found = found.union(type.axes) }
      case .constant, .token, .variable, .argument, .position, .random, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        return
      }
    }
    return found
  }

  /// The axes of which some node names a counted place.
  private static func exactAxes(_ graph: Graph) -> Set<AxisID> {
    var found = Set<AxisID>()
    visit(graph) { block, id in
      switch block[id].op {
      case .sequence(let axis), .element(let axis, .at), .place(let axis, .at): found.insert(axis)
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
        .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
        .shift, .reindex, .scan, .project:
        return
      }
    }
    return found
  }

  /// Calls a function with every node that the main block's results need, those of steps among them.
  private static func visit(_ graph: Graph, _ body: (Block, ValueID) -> Void) {
    var blocks = [graph.main]
    while let block = blocks.popLast() {
      let live = block.live()
      for id in block.ids where live[Int(id.index)] {
        body(block, id)
        if case .scan(let scan) = block[id].op { blocks.append(graph[scan].body) }
      }
    }
  }

  /// Names the inputs in the order of the variables, so that the interface does not depend on what
  /// the passes did.
  private static func declareInputs(_ builder: ProgramBuilder) {
    let graph = builder.graph
    let live = graph.main.live()
    var used = Set<VariableID>()
    for id in graph.main.ids where live[Int(id.index)] {
      if case .variable(let variable) = graph.main[id].op { used.insert(variable) }
    }
    for id in graph.variableIDs where used.contains(id) {
      switch graph[id].kind {
      case .input, .rate, .fresh, .outputGradient, .divisor: _ = builder.variable(id)
      case .parameter, .state, .optimizer, .training: continue
      }
    }
  }
}
