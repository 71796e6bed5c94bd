internal import GraphIR

/// Writes a program anew so that it goes along an axis in pieces, as a plan says.
struct PieceWriter {
  private let old: Program
  private let plan: PiecePlan
  private let axis: AxisID
  private let length: Size
  private let piece: Piece
  private var program: Program
  private var loopCount: Int
  /// By buffer of the old program that a state goes from piece to piece in: where it waits meanwhile.
  private var waiting: [Int: BufferID] = [:]
  /// The same at the start of every piece, if pieces are gone through again.
  private var starts: [Int: BufferID] = [:]
  /// How many pieces there are at most.
  private let pieceCount: Int

  /// Prepares to write a program; `length` is the axis's.
  init(
    _ program: Program,
    _ plan: PiecePlan,
    along axis: AxisID,
    length: Size,
    steps: Int,
    in graph: Graph
  ) {
    old = program
    self.plan = plan
    self.axis = axis
    self.length = length
    self.program = program
    piece = Piece(steps: steps, number: program.pieces.count)
    loopCount = (program.statements.map(\.greatestLoop).max() ?? -1) + 1
    pieceCount = (program.greatest(length, in: graph) + steps - 1) / steps
  }

  /// The new program.
  mutating func written() -> Program {
    program.pieces.append(piece)
    for buffer in plan.carried.keys.sorted() { addWaiting(buffer) }
    var statements: [Statement] = []
    for sweep in 0...plan.parts.count {
      for number in old.statements.indices
      where plan.uses[number].kind == .whole && plan.sweep[number] == sweep {
        statements.append(old.statements[number].mappingPointers(redirected))
      }
      if sweep < plan.parts.count { statements += self.sweep(sweep) }
    }
    program.statements = statements
    return program
  }

  // MARK: States that go from piece to piece

  private mutating func addWaiting(_ buffer: Int) {
    guard let carried = plan.carried[buffer] else { return }
    let its = old.buffers[buffer]
    let size = Extent(carried.state.size)
    waiting[buffer] = add(its.name + " of the next piece", its.holdsTokens, size)
    if plan.isRepeated(carried.loop) {
      let all = Extent(carried.state.size * pieceCount)
      starts[buffer] = add(its.name + " of all pieces", its.holdsTokens, all)
    }
  }

  private mutating func add(_ name: String, _ holdsTokens: Bool, _ extent: Extent) -> BufferID {
    program.buffers.append(
      Buffer(name: name, place: .arena, holdsTokens: holdsTokens, extent: extent)
    )
    return BufferID(program.buffers.count - 1)
  }

  /// A pointer to the first or the last of a state, outside of its loop, as one to where the state waits.
  private func redirected(_ pointer: Pointer) -> Pointer {
    guard let buffer = waiting[pointer.buffer.index],
      let carried = plan.carried[pointer.buffer.index]
    else { return pointer }
    // The offset within the state stays: what is added to its place's is the same in both.
    let ends = [carried.state.first(length: length), carried.state.last(length: length)]
    let end = ends.first { pointer.isAt($0) } ?? ends[0]
    let offset = pointer.address.offset - end.address.offset
    return Pointer(buffer: buffer, address: Address().adding([Term(Size(offset))]))
  }

  // MARK: Sweeps

  private mutating func sweep(_ sweep: Int) -> [Statement] {
    let loop = loopCount
    loopCount += 1
    var turn = Turn(loop: loop, sweep: sweep)
    var fills: [Statement] = []
    var body: [Statement] = []
    for number in plan.parts[sweep] {
      switch plan.uses[number].kind {
      case .whole: continue
      case .sliced: body.append(sliced(number, &turn))
      case .sum:
        fills.append(emptied(old.statements[number]))
        body.append(sliced(number, &turn))
      case .scan: body += scan(number, &turn)
      }
    }
    let statement = LoopStatement(
      id: loop,
      axis: axis,
      span: .pieces(piece),
      isReverse: plan.isReverse[sweep],
      stepsPerTurn: 1,
      body: body
    )
    return fills + [.loop(statement)]
  }

  /// What is known while one sweep is written.
  private struct Turn {
    /// The number of the loop over pieces.
    var loop: Int
    /// The number of the sweep.
    var sweep: Int
    /// What stands for each buffer of the old program.
    var buffers: [Int: BufferID] = [:]
  }

  /// The buffer that stands in this sweep for one of the piece at hand, or for a place of a repeated scan's own.
  private mutating func fresh(_ buffer: Int, _ turn: inout Turn) -> BufferID {
    if let known = turn.buffers[buffer] { return known }
    var copy = old.buffers[buffer]
    if let pitch = plan.streamed[buffer] { copy.extent = Extent(pitch * Size(1, [piece.length])) }
    program.buffers.append(copy)
    let made = BufferID(program.buffers.count - 1)
    turn.buffers[buffer] = made
    return made
  }

  /// A pointer that moves by `pitch` from position to position, from the first of the piece at hand.
  private mutating func moved(_ pointer: Pointer, _ pitch: Size, _ turn: inout Turn) -> Pointer {
    if pitch.isZero { return redirected(pointer) }
    let buffer = pointer.buffer.index
    if plan.streamed[buffer] != nil {
      return Pointer(buffer: fresh(buffer, &turn), address: pointer.address)
    }
    let steps = Term(pitch * piece.steps, .loop(turn.loop))
    return Pointer(buffer: pointer.buffer, address: pointer.address.adding([steps]))
  }

  /// How far a dimension goes that holds the positions of the piece at hand.
  private func inPiece(_ places: AxisPlaces) -> Extent {
    Extent(places.inner * Size(1, [piece.length]))
  }

  /// Where the dimension that is cut holds the positions of other axes: as often as the piece has positions.
  private func inPiece(_ all: [AxisID: AxisPlaces], _ places: AxisPlaces) -> [AxisID: AxisPlaces] {
    all.mapValues { its in
      guard its.dimension == places.dimension, its != places else { return its }
      var cut = its
      cut.outer = its.outer.without(length) * Size(1, [piece.length])
      return cut
    }
  }

  // MARK: Statements of a piece

  private mutating func sliced(_ number: Int, _ turn: inout Turn) -> Statement {
    let statement = old.statements[number]
    guard let moves = Moves(statement, along: axis) else { return statement }
    let pointers = zip(statement.pointers, moves.pitches).map { moved($0, $1, &turn) }
    let dimension = moves.places.dimension
    switch statement {
    case .kernel(var call):
      call.arguments = pointers
      call.extents[dimension] = inPiece(moves.places)
      call.kernel.constants[dimension] = nil
      call.places = inPiece(call.places, moves.places)
      call.kernel = call.kernel.counting(
        dimension,
        from: Size(1, [piece.start]),
        moves.places.inner
      )
      call.kernel.fold?.goesOn = moves.isSum
      return .kernel(call)
    case .product(var call):
      (call.a, call.b, call.c) = (pointers[0], pointers[1], pointers[2])
      if dimension < call.loops.count {
        call.loops[dimension].extent = inPiece(moves.places)
      } else if dimension == call.rowDimension {
        call.m = inPiece(moves.places)
      } else {
        call.k = inPiece(moves.places)
      }
      call.places = inPiece(call.places, moves.places)
      call.goesOn = moves.isSum
      return .product(call)
    case .scatter(var call):
      (call.token, call.value, call.table) = (pointers[0], pointers[1], pointers[2])
      if moves.isSum {
        call.loops[0].extent = inPiece(moves.places)
      } else {
        call.tables[dimension].extent = inPiece(moves.places)
      }
      call.goesOn = moves.isSum
      return .scatter(call)
    case .orthogonalize, .draw, .requireFinite, .loop, .barrier: return statement
    }
  }

  /// What a sum goes on from before the first piece.
  private func emptied(_ statement: Statement) -> Statement {
    switch statement {
    case .kernel(let call):
      let kept = call.extents.count - (call.kernel.fold?.dims ?? 0)
      let access = call.kernel.fold?.access ?? Access(argument: 0, strides: [], offset: 0)
      var pointer = call.arguments[access.argument]
      pointer.address = pointer.address.adding([Term(Size(access.offset))])
      let start: Float =
        switch call.kernel.fold?.op {
        case .maximum: -.infinity
        case .minimum: .infinity
        case .sum, nil: 0
        }
      var fill = KernelCall.fill(
        pointer,
        (0..<kept).map { (call.extents[$0], access.strides[$0]) },
        with: .constant(start),
        note: call.note,
        origin: call.origin
      )
      fill.onlyIfWanted = call.onlyIfWanted
      return .kernel(fill)
    case .product(let call):
      let loops = call.loops.filter { !$0.accumulates }.map { ($0.extent, $0.c) }
      return .kernel(
        .fill(
          call.c,
          loops + [(call.m, call.cRow), (call.n, .one)],
          with: .constant(0),
          note: call.note,
          origin: call.origin
        )
      )
    case .scatter(let call):
      let tables = call.tables.map { ($0.extent, $0.table) }
      return .kernel(
        .fill(
          call.table,
          tables + [(Extent(call.rows * call.width), .one)],
          with: .constant(0),
          note: "rows added where tokens say",
          origin: call.origin
        )
      )
    case .orthogonalize, .draw, .requireFinite, .loop, .barrier: return statement
    }
  }

  /// A scan over the piece at hand, with the copies that bring its states there and on.
  private mutating func scan(_ number: Int, _ turn: inout Turn) -> [Statement] {
    guard case .loop(var loop) = old.statements[number] else { return [] }
    let isRepeated = plan.sweep[number] != turn.sweep
    let use = plan.uses[number]
    let id = loopCount
    loopCount += 1
    let own = isRepeated ? use.written.intersection(use.fixed) : []
    loop.body = renumbered(loop.body, from: loop.id, to: id).map {
      $0.mappingPointers { pointer in
        if own.contains(pointer.buffer.index) {
          return Pointer(buffer: fresh(pointer.buffer.index, &turn), address: pointer.address)
        }
        if plan.carried[pointer.buffer.index]?.loop == number,
          plan.streamed[pointer.buffer.index] == nil
        {
          return pointer
        }
        let pitch = pointer.address.terms.first { $0.index == .loop(id) }?.stride
        return moved(pointer, pitch ?? .zero, &turn)
      }
    }
    (loop.id, loop.span) = (id, .piece(piece))
    var before: [Statement] = []
    var after: [Statement] = []
    for place in loop.states.indices {
      let buffer = loop.states[place].start.buffer.index
      guard let waiting = waiting[buffer] else { continue }
      let isNew = plan.streamed[buffer] != nil || own.contains(buffer)
      if isNew { loop.states[place].start.buffer = fresh(buffer, &turn) }
      let state = loop.states[place]
      let inPiece = Size(1, [piece.length])
      let name = old.buffers[buffer].name
      func copy(_ from: Pointer, _ to: Pointer, _ note: String) -> Statement {
        .kernel(
          .copy(
            from,
            to: to,
            state.size,
            rows: state.rows,
            holdsTokens: old.buffers[buffer].holdsTokens,
            note: note
          )
        )
      }
      let start = starts[buffer].map {
        Pointer(buffer: $0, address: Address().adding([Term(state.size, .loop(turn.loop))]))
      }
      let wait = Pointer(buffer: waiting)
      if !isRepeated, let start {
        before.append(copy(wait, start, "\(name), for when it is needed again"))
      }
      let from = isRepeated ? start ?? wait : wait
      before.append(copy(from, state.first(length: inPiece), "\(name) before the piece"))
      if !isRepeated {
        after.append(copy(state.last(length: inPiece), wait, "\(name) after the piece"))
      }
    }
    return before + [.loop(loop)] + after
  }

  /// Statements whose addresses name a loop by another number.
  private func renumbered(_ body: [Statement], from old: Int, to new: Int) -> [Statement] {
    body.map { statement in
      statement.mappingPointers { pointer in
        var address = Address().adding([Term(Size(pointer.address.offset))])
        for var term in pointer.address.terms {
          switch term.index {
          case .loop(old): term.index = .loop(new)
          case .loopParity(old): term.index = .loopParity(new)
          case .one, .loop, .loopParity, .lengthParity: break
          }
          address = address.adding([term])
        }
        return Pointer(buffer: pointer.buffer, address: address)
      }
    }
  }
}

extension Size {
  /// The size divided by a length that is a factor of it.
  fileprivate func without(_ length: Size) -> Size {
    var lengths = lengths
    for axis in length.lengths {
      if let place = lengths.firstIndex(of: axis) { lengths.remove(at: place) }
    }
    return Size(constant / length.constant, lengths)
  }
}

extension Statement {
  /// The greatest number of a loop in it; -1 if there is none.
  fileprivate var greatestLoop: Int {
    guard case .loop(let loop) = self else { return -1 }
    return max(loop.id, loop.body.map(\.greatestLoop).max() ?? -1)
  }
}
