internal import GraphIR

/// The program under construction: its buffers, loops and which weights need a second form.
final class ProgramBuilder {
  let graph: Graph
  private(set) var program: Program
  /// The second forms of weights that are read.
  private(set) var forms: [VariableID: TurnedForms] = [:]
  private var variableBuffers: [VariableID: BufferID] = [:]
  private var columnBuffers: [VariableID: BufferID] = [:]
  private var panelBuffers: [VariableID: BufferID] = [:]
  private var loopCount = 0
  /// How weights in panels are stored.
  let stored: StoredForm

  init(entry: Entry, graph: Graph, stored: StoredForm) {
    self.graph = graph
    self.stored = stored
    program = Program(entry: entry)
  }

  func finish(_ statements: [Statement]) -> Program {
    program.statements = statements
    return program
  }

  func newLoop() -> Int {
    loopCount += 1
    return loopCount - 1
  }

  func length(_ axis: AxisID) -> Size { graph.length(axis) }

  /// A new dense buffer in the arena, with `extraSlots` more positions of one axis.
  func temporary(_ type: ValueType, _ name: String, extraSlots: (AxisID, Int)? = nil) -> View {
    var stride = Size(type.shape.count)
    var axes: [View.AxisStride] = []
    // An axis with extra slots is the outermost, so that they lengthen the buffer by whole strides.
    let inner = type.axes.layout.reversed().filter { $0 != extraSlots?.0 }
    for axis in inner + (extraSlots.map { [$0.0] } ?? []) {
      axes.append(View.AxisStride(axis: axis, stride: stride))
      stride = stride * length(axis)
    }
    let extra = extraSlots.flatMap { slots in axes.last.map { $0.stride * slots.1 } } ?? .zero
    let id = add(
      Buffer(
        name: name,
        place: .arena,
        holdsTokens: type.isToken,
        extent: Extent(stride),
        beyond: extra
      )
    )
    return View(
      pointer: Pointer(buffer: id),
      axes: axes.sorted { $0.axis < $1.axis },
      dims: type.shape.denseStrides.map { Size($0) }
    )
  }

  /// A new dense buffer in the arena with room for two values, and how far apart they are.
  func alternating(_ type: ValueType, _ name: String) -> (view: View, distance: Size) {
    let view = temporary(type, name)
    let distance = program[view.pointer.buffer].extent.size
    program[view.pointer.buffer].beyond = distance
    return (view, distance)
  }

  /// What a trial gives; all that it adds is forgotten.
  func trial<Result>(_ body: () throws(Diagnostic) -> Result) throws(Diagnostic) -> Result {
    let before = (program, forms, variableBuffers, columnBuffers, panelBuffers, loopCount)
    defer { (program, forms, variableBuffers, columnBuffers, panelBuffers, loopCount) = before }
    return try body()
  }

  private func add(_ buffer: Buffer) -> BufferID {
    program.buffers.append(buffer)
    return BufferID(program.buffers.count - 1)
  }

  /// A variable where it lives, or as the caller gives it.
  func variable(_ id: VariableID) -> View {
    let variable = graph[id]
    let dims = variable.type.shape.denseStrides.map { Size($0) }
    switch variable.kind {
    case .parameter, .optimizer, .state:
      let buffer =
        variableBuffers[id]
        ?? add(
          Buffer(
            name: variable.name,
            place: .variable(id),
            holdsTokens: variable.type.isToken,
            extent: Extent(blockSize(variable.type))
          )
        )
      variableBuffers[id] = buffer
      // A state's rows stand one after the other whatever lengths a call has, as the next has others.
      return variable.kind == .state
        ? boundary(buffer, variable.type) : dense(buffer, variable.type, dims)
    case .fresh:
      let buffer =
        program.fresh
        ?? add(
          Buffer(
            name: "fresh",
            place: .arena,
            holdsTokens: false,
            extent: Extent(Size(1, [.batch]))
          )
        )
      if program.fresh == nil {
        program.inputs.append(
          BoundaryArray(name: variable.name, role: .variable(id), type: variable.type)
        )
      }
      program.fresh = buffer
      return dense(buffer, variable.type, dims)
    case .input, .rate, .training, .outputGradient, .divisor:
      let buffer =
        variableBuffers[id]
        ?? add(
          Buffer(
            name: variable.name,
            place: .input(program.inputs.count),
            holdsTokens: variable.type.isToken,
            extent: Extent(boundarySize(variable.type))
          )
        )
      if variableBuffers[id] == nil {
        program.inputs.append(
          BoundaryArray(name: variable.name, role: .variable(id), type: variable.type)
        )
      }
      variableBuffers[id] = buffer
      return boundary(buffer, variable.type)
    }
  }

  /// Each row's own length of an axis, as numbers; the entry fills them from what the caller gives,
  /// unless `begin` has left them.
  func lengths(of axis: AxisID) -> View {
    if let kept = graph.keptLengths[axis] { return variable(kept) }
    let type = ValueType(axes: graph.lengthAxes(of: axis))
    let buffer =
      program.lengths[axis]
      ?? add(
        Buffer(
          name: "lengths of \(graph[axis].name)",
          place: .arena,
          holdsTokens: false,
          extent: Extent(blockSize(type))
        )
      )
    program.lengths[axis] = buffer
    return dense(buffer, type, [])
  }

  /// A new output array of the caller's.
  func output(_ name: String, _ role: BoundaryArray.Role, _ type: ValueType) -> (View, Int) {
    let place = program.outputs.count
    program.outputs.append(BoundaryArray(name: name, role: role, type: type))
    let buffer = add(
      Buffer(
        name: name,
        place: .output(place),
        holdsTokens: type.isToken,
        extent: Extent(boundarySize(type))
      )
    )
    return (boundary(buffer, type), place)
  }

  /// The seed, which only kernels that draw read.
  func needSeed() {
    guard !program.inputs.contains(where: { $0.role == .seed }) else { return }
    program.inputs.append(BoundaryArray(name: "seed", role: .seed, type: .real))
  }

  /// A weight's rows as the columns of its second form, if the view is of rows, or parts of rows, of a
  /// weight.
  func columns(of view: View) -> View? {
    guard let id = weight(view) else { return nil }
    let shape = graph[id].type.shape
    let (row, column) = view.pointer.address.offset.quotientAndRemainder(dividingBy: shape[1])
    let stride = columnStride(shape[0])
    forms.add([id: TurnedForms(stride: stride)])
    let buffer =
      columnBuffers[id]
      ?? add(
        Buffer(
          name: graph[id].name,
          place: .columns(id, stride: stride),
          holdsTokens: false,
          extent: Extent(stride * shape[1])
        )
      )
    columnBuffers[id] = buffer
    let offset = Address().adding([Term(Size(column * stride + row))])
    return View(
      pointer: Pointer(buffer: buffer, address: offset),
      axes: [],
      dims: [.one, Size(stride)]
    )
  }

  /// A weight's panels, if a view of some shape is of all of a weight, with its rows where they are.
  func panels(of view: View, shape: Shape, rows: Int) -> Pointer? {
    guard rows == 0, let id = weight(view), view.pointer.address.offset == 0,
      graph[id].type.shape == shape
    else { return nil }
    forms.add([id: TurnedForms(panels: [stored])])
    let buffer =
      panelBuffers[id]
      ?? add(
        Buffer(
          name: graph[id].name,
          place: .panels(id, stored),
          holdsTokens: false,
          extent: Extent(TurnedForms.padded(shape[0]) * shape[1])
        )
      )
    panelBuffers[id] = buffer
    return Pointer(buffer: buffer)
  }

  /// The weight whose rows, or parts of rows, a view is of.
  private func weight(_ view: View) -> VariableID? {
    guard case .variable(let id) = program[view.pointer.buffer].place,
      case .parameter = graph[id].kind, graph[id].type.shape.rank == 2,
      view.pointer.address.terms.isEmpty, view.axes.isEmpty, graph[id].type.axes.isEmpty,
      view.dims == [Size(graph[id].type.shape[1]), .one]
    else { return nil }
    return id
  }

  /// Rounded up to whole vectors, and never a multiple of 4 KiB, which would collide in the cache.
  private func columnStride(_ rows: Int) -> Int {
    let padded = TurnedForms.padded(rows)
    return padded % 1024 == 0 ? padded + 16 : padded
  }

  private func blockSize(_ type: ValueType) -> Size {
    type.axes.axes.reduce(Size(type.shape.count)) { $0 * length($1) }
  }

  private func boundarySize(_ type: ValueType) -> Size { blockSize(type) }

  private func dense(_ buffer: BufferID, _ type: ValueType, _ dims: [Size]) -> View {
    var stride = Size(type.shape.count)
    var axes: [View.AxisStride] = []
    for axis in type.axes.layout.reversed() {
      axes.append(View.AxisStride(axis: axis, stride: stride))
      stride = stride * length(axis)
    }
    return View(
      pointer: Pointer(buffer: buffer),
      axes: axes.sorted { $0.axis < $1.axis },
      dims: dims
    )
  }

  /// At the boundary the batch is the slowest, then the axes in the order declared, then the shape;
  /// axes have room for their bounds, whatever the lengths of a call.
  private func boundary(_ buffer: BufferID, _ type: ValueType) -> View {
    var stride = Size(type.shape.count)
    var axes: [View.AxisStride] = []
    for axis in type.axes.axes.reversed() {
      axes.append(View.AxisStride(axis: axis, stride: stride))
      stride = axis == .batch ? stride : stride * (graph[axis].bound ?? 1)
    }
    return View(
      pointer: Pointer(buffer: buffer),
      axes: axes.sorted { $0.axis < $1.axis },
      dims: type.shape.denseStrides.map { Size($0) }
    )
  }
}
