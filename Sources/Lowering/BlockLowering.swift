internal import GraphIR

/// Lowers one block, a graph's main block or a scan's step, to statements.
final class BlockLowering {
  /// A value to be stored: where, and only if an output is wanted.
  struct Store {
    let value: ValueID
    let view: View
    /// The type stored; the value is repeated to it.
    let type: ValueType
    var onlyIfWanted: Int?
  }

  /// A value whose dimensions are laid out in another order.
  struct Turned: Hashable {
    let id: ValueID
    let order: [Int]
  }

  let builder: ProgramBuilder
  let block: Block
  let plan: BlockPlan
  var graph: Graph { builder.graph }
  /// Where each node is in memory, as far as it is known.
  private var location: [View?]
  /// Copies of what the caller gives as real numbers, laid out as slabs are: products read whole
  /// vectors, which must not go past the end of the caller's memory.
  private var staged: [ValueID: View] = [:]
  /// Parts and copies to be stored, by level.
  private var tasks: [StoreTask] = []
  /// How many of the first arguments are the same in every step.
  private let outerCount: Int
  /// What is done once before the loop whose step this is.
  private(set) var before: [Statement] = []
  /// Copies made there, by what is copied and the order of its dimensions.
  private var turnedBefore: [Turned: View] = [:]
  /// What each of a scan's results is outside it.
  private var projections: [ValueID: [View]] = [:]
  /// How the results of scans are used.
  let uses: ProjectionUses

  /// Prepares to lower a block whose arguments are where `given` says.
  ///
  /// `results` are stored as soon as they are known; `last` when all else is done.
  init(
    _ block: Block,
    builder: ProgramBuilder,
    given: [View],
    outerCount: Int = 0,
    results: [Store],
    last: [Store]
  ) {
    self.builder = builder
    self.outerCount = outerCount
    self.block = block
    plan = BlockPlan(
      block,
      of: builder.graph,
      results: results.map(\.value),
      last: last.map(\.value)
    )
    location = Array(repeating: nil, count: block.count)
    uses = ProjectionUses(
      in: block,
      of: builder.graph,
      live: plan.live,
      results: (results + last).map(\.value)
    )
    for id in block.ids where plan.live[Int(id.index)] {
      switch block[id].op {
      case .argument(let place): location[Int(id.index)] = given[Int(place)]
      case .variable(let variable): location[Int(id.index)] = builder.variable(variable)
      case .constant, .token, .position, .length, .random, .unary, .binary, .select, .number,
        .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat,
        .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
        .sequence, .scan, .project:
        break
      }
    }
    results.forEach { store($0) }
    locate()
    stageInputs()
  }

  /// Copies the inputs that products or scans read.
  private func stageInputs() {
    for id in block.ids where plan.live[Int(id.index)] {
      switch block[id].op {
      case .contract: if plan.isTiled(id) { block.operands(id).forEach { stage($0) } }
      case .scan(let scan):
        let given = graph[scan].outerCount + graph[scan].sequenceCount
        block.operands(id).prefix(given).forEach { stage($0) }
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad,
        .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift,
        .reindex, .sequence, .project:
        continue
      }
    }
  }

  private func stage(_ operand: ValueID) {
    var id = operand
    while case .alias = plan.making(id), let inner = block.operands(id).first {
      id = inner
    }
    guard case .variable(let variable) = block[id].op, staged[id] == nil else { return }
    switch graph[variable].kind {
    case .input, .outputGradient:
      let type = block.type(id)
      guard !type.isToken else { return }
      let view = builder.temporary(type, graph[variable].name)
      staged[id] = view
      tasks.insert(copy(id, to: view, type, nil), at: 0)
    case .parameter, .state, .optimizer, .fresh, .rate, .training, .divisor: return
    }
  }

  // MARK: Where values are

  /// Gives a result its place: the value is made there, or copied there once it is made.
  private func store(_ store: Store) {
    let index = Int(store.value.index)
    if store.onlyIfWanted == nil, canBeMadeAt(store.value, store.type) {
      location[index] = store.view
    } else {
      tasks.append(copy(store.value, to: store.view, store.type, store.onlyIfWanted))
    }
  }

  /// `true` iff a node is made by us, has no place yet, and has the type wanted there.
  private func canBeMadeAt(_ id: ValueID, _ type: ValueType) -> Bool {
    guard location[Int(id.index)] == nil, block.type(id) == type else { return false }
    switch plan.making(id) {
    case .barrier, .assembled, .inline: return true
    case .given, .alias: return false
    }
  }

  /// Finds a place for every node that stands in memory, results first, so that parts of a
  /// concatenation are made where they belong.
  private func locate() {
    for id in block.ids.reversed() where plan.live[Int(id.index)] {
      let index = Int(id.index)
      if case .scan = block[id].op { continue }
      if location[index] == nil, plan.inMemory[index] {
        location[index] = builder.temporary(block.type(id), name(id))
      }
      if let view = location[index] {
        switch plan.making(id) {
        case .assembled: assemble(id, view)
        case .inline: tasks.append(copy(id, to: view, block.type(id), nil))
        case .given, .alias, .barrier: break
        }
      }
    }
    tasks.reverse()
  }

  /// What to call a node in comments and buffers.
  func name(_ id: ValueID) -> String {
    let name = block.name(id)
    return name.isEmpty ? block[id].op.text : name
  }

  /// The task that stores a value over the whole of a type.
  private func copy(_ id: ValueID, to view: View, _ type: ValueType, _ onlyIfWanted: Int?)
    -> StoreTask
  {
    var task = StoreTask(
      level: plan.level[Int(id.index)],
      value: id,
      domain: domain(type),
      view: view,
      origin: block[id].origin,
      name: name(id)
    )
    // What is read from memory is there only at its ready level.
    if plan.making(id) != .inline { task.level = plan.ready[Int(id.index)] }
    task.onlyIfWanted = onlyIfWanted
    return task
  }

  /// The places of a type.
  func domain(_ type: ValueType) -> StoreTask.Domain {
    let axes = type.axes.layout
    return StoreTask.Domain(
      axes: axes,
      extents: axes.map { Extent(builder.length($0)) } + type.shape.dims.map { Extent($0) },
      shift: nil
    )
  }

  /// The tasks that put an assembled node's parts where they belong.
  private func assemble(_ id: ValueID, _ view: View) {
    let operands = Array(block.operands(id))
    let type = block.type(id)
    func part(_ operand: ValueID?, _ region: View, _ type: ValueType) {
      if let operand, canBeMadeAt(operand, type), plan.live[Int(operand.index)] {
        location[Int(operand.index)] = region
        return
      }
      var task = StoreTask(
        level: plan.level[Int(id.index)],
        value: operand,
        domain: domain(type),
        view: region,
        origin: block[id].origin,
        name: name(id)
      )
      task.isZero = operand == nil
      tasks.append(task)
    }
    func rowPart(_ operand: ValueID?, _ dim: Int32, _ row: Int, _ rows: Int) {
      let dim = Int(dim)
      let its = type.shaped(type.shape.replacing(dim, by: rows) ?? type.shape)
      part(operand, view.moved([Term(view.dims[dim] * row)]), its)
    }
    switch block[id].op {
    case .concat(let dim):
      var row = 0
      for operand in operands {
        let rows = block.type(operand).shape[Int(dim)]
        rowPart(operand, dim, row, rows)
        row += rows
      }
    case .pad(let before, let after, let dim):
      let inner = block.type(operands[0]).shape[Int(dim)]
      if before > 0 { rowPart(nil, dim, 0, Int(before)) }
      rowPart(operands[0], dim, Int(before), inner)
      if after > 0 { rowPart(nil, dim, Int(before) + inner, Int(after)) }
    case .sequence(let axis):
      for (place, operand) in operands.enumerated() {
        let region = view.at(axis) { [Term($0 * place)] }
        part(operand, region, type.over(type.axes.removing(axis)))
      }
    case .place(let axis, let position): placed(operands[0], axis, position, id, view)
    case .shift(let axis, let reverse): shifted(operands, axis, reverse, id, view)
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .reindex, .scan, .project:
      break
    }
  }

  /// Zero before and after one place of an axis, the value there.
  private func placed(
    _ operand: ValueID,
    _ axis: AxisID,
    _ position: Position,
    _ id: ValueID,
    _ view: View
  ) {
    let type = block.type(id)
    let length = builder.length(axis)
    func zeros(_ from: [Term], _ extent: Extent) {
      var task = StoreTask(
        level: plan.level[Int(id.index)],
        value: nil,
        domain: domain(type),
        view: view.moved(from),
        origin: block[id].origin,
        name: name(id)
      )
      task.isZero = true
      if let dim = task.domain.axes.firstIndex(of: axis) { task.domain.extents[dim] = extent }
      tasks.append(task)
    }
    let stride = view.stride(axis) ?? .zero
    switch position {
    case .first: zeros([Term(stride)], Extent(length, plus: -1))
    case .last, .rowLast: zeros([], Extent(length, plus: -1))
    case .at(let place):
      if place > 0 { zeros([], Extent(Int(place))) }
      zeros([Term(stride * (Int(place) + 1))], Extent(length, plus: -Int(place) - 1))
    }
    let region = view.at(axis) { terms(position, builder.length(axis), $0) }
    tasks.append(
      StoreTask(
        level: plan.level[Int(id.index)],
        value: operand,
        domain: domain(type.over(type.axes.removing(axis))),
        view: region,
        origin: block[id].origin,
        name: name(id)
      )
    )
  }

  /// Each place's value at the next place, the second operand at the vacant one.
  private func shifted(
    _ operands: [ValueID],
    _ axis: AxisID,
    _ reverse: Bool,
    _ id: ValueID,
    _ view: View
  ) {
    let type = block.type(id)
    let stride = view.stride(axis) ?? .zero
    var task = StoreTask(
      level: plan.level[Int(id.index)],
      value: operands[0],
      domain: domain(type),
      view: reverse ? view : view.moved([Term(stride)]),
      origin: block[id].origin,
      name: name(id)
    )
    if let dim = task.domain.axes.firstIndex(of: axis) {
      task.domain.extents[dim] = Extent(builder.length(axis), plus: -1)
    }
    task.domain.shift = reverse ? (axis, 1) : nil
    tasks.append(task)
    let vacant: Position = reverse ? .last : .first
    tasks.append(
      StoreTask(
        level: plan.level[Int(id.index)],
        value: operands[1],
        domain: domain(type.over(type.axes.removing(axis))),
        view: view.at(axis) { terms(vacant, builder.length(axis), $0) },
        origin: block[id].origin,
        name: name(id)
      )
    )
  }

  /// Where a node is in memory; places in other nodes' memory are followed.
  ///
  /// What products and loops read is the copy of an input, if there is one.
  func view(_ id: ValueID, isStaged: Bool = false) -> View? {
    if isStaged, let view = staged[id] { return view }
    if let view = location[Int(id.index)] { return view }
    func view(_ id: ValueID) -> View? { self.view(id, isStaged: isStaged) }
    let operands = Array(block.operands(id))
    switch block[id].op {
    case .project(let place): return projections[operands[0]]?[Int(place)]
    case .slice(let start, _, let dim):
      return view(operands[0]).map { $0.moved([Term($0.dims[Int(dim)] * Int(start))]) }
    case .reshape(let shape):
      // Rows of one dimension within others are apart from each other, and have no other shape.
      let dense = block.type(operands[0]).shape.denseStrides.map { Size($0) }
      return view(operands[0]).flatMap {
        guard $0.dims == dense else { return nil }
        return View(
          pointer: $0.pointer,
          axes: $0.axes,
          dims: shape.denseStrides.map { Size($0) }
        )
      }
    case .element(let axis, let position):
      return view(operands[0]).map { $0.at(axis) { terms(position, builder.length(axis), $0) } }
    case .transpose:
      guard plan.isTurnedWeight(id), let weight = view(operands[0]),
        let second = builder.columns(of: weight)
      else { return nil }
      return View(pointer: second.pointer, axes: [], dims: second.dims.reversed())
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .pad,
      .concat, .orthogonalize, .broadcast, .place, .shift, .reindex, .sequence, .scan:
      return nil
    }
  }

  // MARK: What is done

  /// The block's statements; those of `last` are not among them.
  func statements() throws(Diagnostic) -> [Statement] {
    var statements: [Statement] = []
    // By level, since a graph that is written out has as many levels as steps.
    var barriers = [[ValueID]](repeating: [], count: plan.highest + 1)
    for id in block.ids where plan.live[Int(id.index)] {
      guard plan.making(id) == .barrier else { continue }
      barriers[plan.level[Int(id.index)]].append(id)
    }
    var stores = [[StoreTask]](repeating: [], count: plan.highest + 1)
    for task in tasks where stores.indices.contains(task.level) { stores[task.level].append(task) }
    for level in 0...plan.highest {
      for id in barriers[level] { statements += try barrier(id) }
      statements += try kernels(stores[level], level: level)
    }
    return statements
  }

  /// The kernels that store the values of `last`, once all else is in memory.
  func lastKernels(_ last: [Store]) throws(Diagnostic) -> [KernelCall] {
    let tasks = last.map { store in
      StoreTask(
        level: Int.max,
        value: store.value,
        domain: domain(store.type),
        view: store.view,
        origin: block[store.value].origin,
        name: name(store.value)
      )
    }
    return try calls(tasks, level: Int.max)
  }

  private func barrier(_ id: ValueID) throws(Diagnostic) -> [Statement] {
    switch block[id].op {
    case .contract(let contraction):
      return plan.isTiled(id)
        ? try product(id, contraction) : [.kernel(try dot(id, contraction))]
    case .reduce(let op, let reduction): return [.kernel(try reduce(id, op, reduction))]
    case .argmax(let axis?):
      return [.kernel(try reduce(id, nil, Reduction(axes: AxisSet(axis))))]
    case .argmax(nil):
      let rank = block.type(block.operands(id)[block.operands(id).startIndex]).shape.rank
      return [.kernel(try reduce(id, nil, Reduction(dims: [rank - 1])))]
    case .scatterAdd(let rows, let axes): return [.scatter(try scatter(id, Int(rows), axes))]
    case .draw: return [.draw(try draw(id))]
    case .orthogonalize: return try orthogonalize(id)
    case .scan(let scan): return try self.scan(id, graph[scan])
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .oneHot, .gather, .slice, .pad, .concat, .transpose, .reshape,
      .broadcast, .element, .place, .shift, .reindex, .sequence, .project:
      return []
    }
  }

  func bug(_ message: String, _ id: ValueID) -> Diagnostic {
    Diagnostic(.bug, "lowering: \(message)\n\(graph.text(id, in: block))", at: block[id].origin)
  }

  func requiredView(_ id: ValueID, isStaged: Bool = false) throws(Diagnostic) -> View {
    guard let view = view(id, isStaged: isStaged) else {
      throw bug("a value that is not in memory", id)
    }
    return view
  }

  /// A value as another statement lays it out; of what is the same in every step, once before the loop.
  func turned(
    _ turned: Turned,
    into statements: inout [Statement],
    by copy: () throws(Diagnostic) -> (statement: Statement, view: View)
  ) throws(Diagnostic) -> View {
    var source = turned.id
    while case .alias = plan.making(source), let inner = block.operands(source).first {
      source = inner
    }
    guard case .argument(let place) = block[source].op, Int(place) < outerCount else {
      let made = try copy()
      statements.append(made.statement)
      return made.view
    }
    if let known = turnedBefore[turned] { return known }
    let made = try copy()
    before.append(made.statement)
    turnedBefore[turned] = made.view
    return made.view
  }

  /// Notes what a scan's results are outside it.
  func setProjections(_ views: [View], of scan: ValueID) {
    projections[scan] = views
  }

  /// `true` iff a kernel of this level reads the node from memory instead of calculating it.
  func isRead(_ id: ValueID, at level: Int) -> Bool {
    switch plan.making(id) {
    case .given, .barrier, .assembled: true
    case .inline: location[Int(id.index)] != nil && plan.level[Int(id.index)] < level
    case .alias: block[id].op.isReshape
    }
  }
}

extension Op {
  /// `true` iff it is `reshape`, whose elements keep their order but not their coordinates.
  var isReshape: Bool {
    if case .reshape = self { true } else { false }
  }
}
