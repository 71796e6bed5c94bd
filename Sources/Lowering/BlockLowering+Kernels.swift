internal import GraphIR

extension BlockLowering {
  /// The tasks as statements, those over the same places in one kernel.
  func kernels(_ tasks: [StoreTask], level: Int) throws(Diagnostic) -> [Statement] {
    try calls(tasks, level: level).map { .kernel($0) }
  }

  /// The tasks as kernel calls, those over the same places in one.
  func calls(_ tasks: [StoreTask], level: Int) throws(Diagnostic) -> [KernelCall] {
    struct Group: Hashable {
      var axes: [AxisID]
      var extents: [Extent]
      var onlyIfWanted: Int?
    }
    var order: [Group] = []
    var members: [Group: [StoreTask]] = [:]
    for task in tasks {
      let group = Group(
        axes: task.domain.axes,
        extents: task.domain.extents,
        onlyIfWanted: task.onlyIfWanted
      )
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(task)
    }
    var calls: [KernelCall] = []
    for group in order {
      calls.append(try call(members[group] ?? [], group.extents, group.onlyIfWanted, level))
    }
    return calls
  }

  private func call(_ tasks: [StoreTask], _ extents: [Extent], _ wanted: Int?, _ level: Int)
    throws(Diagnostic) -> KernelCall
  {
    let axes = tasks.first?.domain.axes ?? []
    var kernel = KernelBuilder(extents: extents, axes: axes, program: builder)
    var known: [Reading: Int] = [:]
    for task in tasks {
      let rank = task.domain.axes.count
      let shape = (rank..<extents.count).map { Coordinate.dim($0, plus: 0) }
      let target = IndexMap(along: task.domain.axes, dims: shape)
      var source = target
      if let shift = task.domain.shift {
        for place in source.axes.indices where source.axes[place].axis == shift.axis {
          if case .dim(let dim, let plus) = source.axes[place].coordinate {
            source.axes[place].coordinate = .dim(dim, plus: plus + shift.by)
          }
        }
      }
      let value: Int
      var isToken = false
      if let id = task.value {
        isToken = block.type(id).isToken
        if block.type(id).shape.isScalar { source.dims = [] }
        value = try calculate(id, source, level, &kernel, &known)
      } else {
        value = kernel.add(.constant(0))
      }
      let access = kernel.access(task.view, target, isWritten: true)
      kernel.store(value, to: access, isToken: isToken)
    }
    var names: [String] = []
    for task in tasks where !names.contains(task.name) { names.append(task.name) }
    return kernel.finish(
      note: names.joined(separator: ", "),
      origin: tasks.first?.origin ?? .none,
      onlyIfWanted: wanted
    )
  }

  /// A node read at some coordinates.
  struct Reading: Hashable {
    var id: ValueID
    var map: IndexMap
  }

  /// The operation that gives a node's value at some coordinates, adding what it is made of.
  ///
  /// Iterative, since a chain of nodes may be longer than the stack is deep.
  func calculate(
    _ root: ValueID,
    _ map: IndexMap,
    _ level: Int,
    _ kernel: inout KernelBuilder,
    _ known: inout [Reading: Int]
  ) throws(Diagnostic) -> Int {
    let start = reading(root, map)
    var pending = [start]
    while let next = pending.last {
      if known[next] != nil {
        pending.removeLast()
        continue
      }
      let needed = try operandReadings(next, level)
      let missing = needed.filter { known[$0] == nil }
      if missing.isEmpty {
        known[next] = try operation(next, needed.map { known[$0] ?? 0 }, level, &kernel)
        pending.removeLast()
      } else {
        pending += missing.reversed()
      }
    }
    return known[start] ?? 0
  }

  private func reading(_ id: ValueID, _ map: IndexMap) -> Reading {
    var map = map.over(block.type(id).axes)
    if block.type(id).shape.isScalar { map.dims = [] }
    return Reading(id: id, map: map)
  }

  /// What must be calculated before a node, and at which coordinates.
  private func operandReadings(_ reading: Reading, _ level: Int) throws(Diagnostic) -> [Reading] {
    let (id, map) = (reading.id, reading.map)
    if isRead(id, at: level) { return [] }
    let operands = Array(block.operands(id))
    switch block[id].op {
    case .constant, .token, .position, .length: return []
    case .random: return operands.map { self.reading($0, map.dims([])) }
    case .unary, .binary, .select, .number: return operands.map { self.reading($0, map) }
    case .oneHot:
      return [self.reading(operands[0], map.dims(Array(map.dims.dropFirst())))]
    case .gather: return [self.reading(operands[1], map.dims([]))]
    case .reindex, .element(_, .rowLast): return []
    case .broadcast(let broadcast):
      return [self.reading(operands[0], map.dims(broadcast.kept.dims.map { map.dims[$0] }))]
    case .slice(let start, _, let dim):
      var dims = map.dims
      dims[Int(dim)] = moved(dims[Int(dim)], Int(start))
      return [self.reading(operands[0], map.dims(dims))]
    case .transpose: return [self.reading(operands[0], map.dims(map.dims.reversed()))]
    case .contract(let contraction) where plan.making(id) == .inline:
      return outerReadings(operands, contraction, map)
    case .element(let axis, let position):
      var inner = map
      inner.axes.append(IndexMap.AxisCoordinate(axis: axis, coordinate: fixed(position, axis)))
      inner.axes.sort { $0.axis < $1.axis }
      return [self.reading(operands[0], inner)]
    case .variable, .argument, .contract, .reduce, .argmax, .scatterAdd, .draw, .pad, .concat,
      .orthogonalize, .reshape, .place, .shift, .sequence, .scan, .project:
      throw bug("a value that should be in memory", id)
    }
  }

  /// What a product of one term multiplies: in its result stand the first's other dimensions, then the second's.
  private func outerReadings(_ operands: [ValueID], _ contraction: Contraction, _ map: IndexMap)
    -> [Reading]
  {
    var rest = map.dims[...]
    return zip(operands, [contraction.left.dims, contraction.right.dims]).map { operand, own in
      let dims = (0..<block.type(operand).shape.rank).map { dim in
        own.contains(dim) ? .fixed(0, fromEndOf: nil) : rest.removeFirst()
      }
      return reading(operand, map.dims(dims))
    }
  }

  private func moved(_ coordinate: Coordinate, _ by: Int) -> Coordinate {
    switch coordinate {
    case .dim(let dim, let plus): .dim(dim, plus: plus + by)
    case .fixed(let place, let axis): .fixed(place + by, fromEndOf: axis)
    }
  }

  private func fixed(_ position: Position, _ axis: AxisID) -> Coordinate {
    switch position {
    case .first: .fixed(0, fromEndOf: nil)
    case .last, .rowLast: .fixed(-1, fromEndOf: axis)
    case .at(let place): .fixed(Int(place), fromEndOf: nil)
    }
  }

  /// The operation itself, its operands given.
  private func operation(
    _ reading: Reading,
    _ operands: [Int],
    _ level: Int,
    _ kernel: inout KernelBuilder
  ) throws(Diagnostic) -> Int {
    let (id, map) = (reading.id, reading.map)
    let isToken = block.type(id).isToken
    if isRead(id, at: level) {
      let access = kernel.access(try requiredView(id), map)
      return kernel.add(isToken ? .loadToken(access) : .load(access))
    }
    switch block[id].op {
    case .constant(let bits): return kernel.add(.constant(Float(Double(bitPattern: bits))))
    case .token(let token, _): return kernel.add(.token(token))
    case .position(let axis): return try place(map.coordinate(axis), id, &kernel)
    case .length(let axis):
      if graph.isMasked, !graph.lengthAxes(of: axis).isEmpty {
        return kernel.add(.load(kernel.access(builder.lengths(of: axis), map)))
      }
      return length(axis, plus: 0, &kernel)
    case .random(let op, let draw, let axes, let shape, let axis):
      let all = axis.map { axes.adding($0) } ?? axes
      var counter = counter(all, shape, map, kernel.extents.count)
      if let axis, let value = operands.first {
        counter.given = Counter.Given(value: value, factor: positionFactor(axis, among: all))
      }
      return kernel.add(.random(op, draw: draw, counter))
    case .reindex(let reindex):
      return try reindexed(block.operands(id).first ?? id, reindex, map, &kernel)
    case .element(let axis, .rowLast):
      return try rowLast(block.operands(id).first ?? id, axis, map, &kernel)
    case .unary(.stopGradient), .slice, .transpose, .broadcast, .element: return operands[0]
    case .unary(let unary): return kernel.add(.unary(unary, operands[0]))
    case .binary(let binary):
      let first = block.operands(id)[block.operands(id).startIndex]
      return tokenComparison(binary, block.type(first).isToken, operands, &kernel)
        ?? kernel.add(.binary(binary, operands[0], operands[1]))
    case .contract where plan.making(id) == .inline:
      // A product's sum begins with 0: adding that makes 0 of -0, here as there.
      let product = kernel.add(.binary(.multiply, operands[0], operands[1]))
      return kernel.add(.binary(.add, product, kernel.add(.constant(0))))
    case .select:
      return kernel.add(
        isToken
          ? .selectToken(operands[0], operands[1], operands[2])
          : .select(operands[0], operands[1], operands[2])
      )
    case .number: return kernel.add(.number(operands[0]))
    case .oneHot: return try tokenAt(operands[0], map.dims[0], id, &kernel)
    case .gather:
      let table = try requiredView(block.operands(id)[block.operands(id).startIndex])
      let row = View(
        pointer: table.pointer,
        axes: table.axes,
        dims: Array(table.dims.dropFirst())
      )
      let access = kernel.access(row, map)
      return kernel.add(
        isToken
          ? .gatherToken(access, token: operands[0], stride: table.dims[0])
          : .gather(access, token: operands[0], stride: table.dims[0])
      )
    case .variable, .argument, .contract, .reduce, .argmax, .scatterAdd, .draw, .pad, .concat,
      .orthogonalize, .reshape, .place, .shift, .sequence, .scan, .project:
      throw bug("a value that should be in memory", id)
    }
  }

  /// What an axis's place counts in a draw's position: 65537 for each axis declared after it.
  private func positionFactor(_ axis: AxisID, among axes: AxisSet) -> UInt32 {
    axes.removing(.batch).axes.reduce(1) { $1 > axis ? $0 &* 65537 : $0 }
  }

  /// Where the random numbers of a value over axes and a shape stand.
  private func counter(_ axes: AxisSet, _ shape: Shape, _ map: IndexMap, _ dims: Int) -> Counter {
    func add(_ coordinate: Coordinate, times factor: UInt32, to word: inout CounterWord) {
      switch coordinate {
      case .dim(let dim, let plus):
        word.dims[dim] &+= factor
        word.plus &+= factor &* UInt32(truncatingIfNeeded: plus)
      case .fixed(let place, let axis):
        word.plus &+= factor &* UInt32(truncatingIfNeeded: place)
        if let axis { word.sizes.append(builder.length(axis) * Int(factor)) }
      }
    }
    var counter = Counter(dims: dims, countsExamples: axes.contains(AxisID.batch))
    for (stride, coordinate) in zip(shape.denseStrides, map.dims) {
      add(coordinate, times: UInt32(stride), to: &counter.element)
    }
    for axis in axes.removing(.batch).axes {
      guard let coordinate = map.coordinate(axis) else { continue }
      add(coordinate, times: positionFactor(axis, among: axes), to: &counter.position)
    }
    if axes.contains(AxisID.batch), let coordinate = map.coordinate(.batch) {
      add(coordinate, times: 1, to: &counter.row)
    }
    return counter
  }

  /// Another place of an axis, or 0.
  private func reindexed(
    _ operand: ValueID,
    _ reindex: Reindex,
    _ map: IndexMap,
    _ kernel: inout KernelBuilder
  ) throws(Diagnostic) -> Int {
    var line = Line(
      dims: kernel.extents.map { _ in 0 },
      sizes: [],
      plus: Int(reindex.plus),
      divisor: Int(reindex.divisor),
      limit: builder.length(reindex.from)
    )
    func add(_ coordinate: Coordinate?, times scale: Int) {
      switch coordinate {
      case .dim(let dim, let plus):
        line.dims[dim] += scale
        line.plus += scale * plus
      case .fixed(let place, let axis):
        line.plus += scale * place
        if let axis { line.sizes.append(builder.length(axis) * scale) }
      case nil: break
      }
    }
    add(map.coordinate(reindex.to), times: Int(reindex.scale))
    if reindex.row != 0 { add(map.dims.first, times: Int(reindex.row)) }
    var others = map
    others.axes.removeAll { $0.axis == reindex.to }
    return try looked(up: operand, reindex.from, kernel.add(.line(line)), others, &kernel)
  }

  /// The value at a row's own last place; 0 if it has none.
  private func rowLast(
    _ operand: ValueID,
    _ axis: AxisID,
    _ map: IndexMap,
    _ kernel: inout KernelBuilder
  ) throws(Diagnostic) -> Int {
    let lengths = kernel.access(builder.lengths(of: axis), map.dims([]))
    let length = kernel.add(.load(lengths))
    let place = kernel.add(.index(length, plus: -1))
    return try looked(up: operand, axis, place, map, &kernel)
  }

  /// What memory holds at the place of an axis that a token names.
  private func looked(
    up operand: ValueID,
    _ axis: AxisID,
    _ place: Int,
    _ map: IndexMap,
    _ kernel: inout KernelBuilder
  ) throws(Diagnostic) -> Int {
    let view = try requiredView(operand)
    guard let stride = view.stride(axis) else { throw bug("an axis that is not there", operand) }
    let access = kernel.access(view.at(axis) { _ in [] }, map)
    return kernel.add(
      block.type(operand).isToken
        ? .gatherToken(access, token: place, stride: stride)
        : .gather(access, token: place, stride: stride)
    )
  }

  private func tokenComparison(
    _ op: BinaryOp,
    _ areTokens: Bool,
    _ operands: [Int],
    _ kernel: inout KernelBuilder
  ) -> Int? {
    guard areTokens else { return nil }
    let equal = kernel.add(.equalTokens(operands[0], operands[1]))
    guard op == .notEqual else { return equal }
    let one = kernel.add(.constant(1))
    return kernel.add(.binary(.subtract, one, equal))
  }

  private func place(_ coordinate: Coordinate?, _ id: ValueID, _ kernel: inout KernelBuilder)
    throws(Diagnostic) -> Int
  {
    switch coordinate {
    case .dim(let dim, let plus): return kernel.add(.position(dim: dim, plus: plus))
    case .fixed(let place, nil): return kernel.add(.constant(Float(place)))
    case .fixed(let place, let axis?): return length(axis, plus: place, &kernel)
    case nil: throw bug("a position along an axis that is not there", id)
    }
  }

  /// The length of an axis and some more; one number where the definition says it.
  private func length(_ axis: AxisID, plus: Int, _ kernel: inout KernelBuilder) -> Int {
    guard let constant = Extent(builder.length(axis)).constant else {
      return kernel.add(.length(axis, plus: plus))
    }
    return kernel.add(.constant(Float(constant + plus)))
  }

  private func tokenAt(
    _ token: Int,
    _ coordinate: Coordinate,
    _ id: ValueID,
    _ kernel: inout KernelBuilder
  ) throws(Diagnostic) -> Int {
    switch coordinate {
    case .dim(let dim, let plus): return kernel.add(.isToken(token, dim: dim, plus: plus))
    case .fixed(let place, _):
      let chosen = kernel.add(.token(Int32(place)))
      return kernel.add(.equalTokens(token, chosen))
    }
  }

  /// A reduction as a kernel; the place of the greatest if there is no operation.
  func reduce(_ id: ValueID, _ op: ReduceOp?, _ reduction: Reduction) throws(Diagnostic)
    -> KernelCall
  {
    let operand = block.operands(id)[block.operands(id).startIndex]
    let type = block.type(operand)
    let result = block.type(id)
    let keptAxes = result.axes.layout
    let foldedAxes = reduction.axes.layout
    let keptDims = (0..<type.shape.rank).filter { !reduction.dims.dims.contains($0) }
    let foldedDims = reduction.dims.dims
    var extents = keptAxes.map { Extent(builder.length($0)) }
    extents += keptDims.map { Extent(type.shape[$0]) }
    let kept = extents.count
    extents += foldedAxes.map { Extent(builder.length($0)) }
    extents += foldedDims.map { Extent(type.shape[$0]) }
    let axes: [AxisID?] = keptAxes + keptDims.map { _ in nil } + foldedAxes
    var kernel = KernelBuilder(extents: extents, axes: axes, program: builder)

    let keptMap = IndexMap(
      along: keptAxes,
      dims: keptDims.indices.map { .dim(keptAxes.count + $0, plus: 0) }
    )
    var dims = [Coordinate](repeating: .fixed(0, fromEndOf: nil), count: type.shape.rank)
    for (place, dim) in keptDims.enumerated() { dims[dim] = .dim(keptAxes.count + place, plus: 0) }
    for (place, dim) in foldedDims.enumerated() {
      dims[dim] = .dim(kept + foldedAxes.count + place, plus: 0)
    }
    let map = IndexMap(
      axes: (keptMap.axes + IndexMap.coordinates(foldedAxes, from: kept))
        .sorted { $0.axis < $1.axis },
      dims: dims
    )
    var known: [Reading: Int] = [:]
    let value = try calculate(operand, map, plan.level[Int(id.index)], &kernel, &known)
    let access = kernel.access(try requiredView(id), keptMap, isWritten: true)
    let row = foldedDims.last == type.shape.rank - 1 ? type.shape.dims.last : nil
    kernel.fold(
      value,
      op,
      dims: extents.count - kept,
      inParts: op != nil && (row ?? 0) >= Contraction.leastInParts,
      to: access
    )
    return kernel.finish(note: name(id), origin: block[id].origin)
  }
}
