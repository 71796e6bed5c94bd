internal import GraphIR

/// How a statement goes along an axis, and what it does to each buffer on the way.
struct AxisUse {
  /// What becomes of a statement when the axis is gone along in pieces.
  enum Kind: Hashable {
    /// It is done once, for all positions.
    case whole
    /// It is done for the positions of any piece alone.
    case sliced
    /// The same, by states that go from piece to piece.
    case scan(isReverse: Bool)
    /// It adds up over all positions, from the first to the last.
    case sum
  }

  /// What becomes of it.
  var kind = Kind.whole
  /// By buffer that it walks through: from position to position.
  private(set) var pitch: [Int: Size] = [:]
  /// The buffers it touches at the same places for every position.
  private(set) var fixed: Set<Int> = []
  /// The buffers that it finds by the axis's length.
  private(set) var tied: Set<Int> = []
  /// What it reads.
  private(set) var read: Set<Int> = []
  /// What it writes.
  private(set) var written: Set<Int> = []

  /// Looks at a statement at the top of a program.
  init(_ statement: Statement, along axis: AxisID) {
    note(statement)
    guard case .loop(let loop) = statement else {
      guard let moves = Moves(statement, along: axis) else {
        beWhole()
        return
      }
      kind = moves.isSum ? .sum : .sliced
      for (pointer, pitch) in zip(statement.pointers, moves.pitches) { walk(pointer, pitch, axis) }
      // Places that every position writes to are no result of one.
      if kind == .sliced, !written.isDisjoint(with: fixed) { beWhole() }
      return
    }
    guard loop.axis == axis, loop.span == .axis else {
      beWhole()
      return
    }
    kind = .scan(isReverse: loop.isReverse)
    walk(loop.body, loop.id, axis)
  }

  /// It is done once, and touches places of all its buffers.
  mutating func beWhole() {
    kind = .whole
    fixed = read.union(written)
    pitch = [:]
  }

  private mutating func walk(_ pointer: Pointer, _ pitch: Size, _ axis: AxisID) {
    let buffer = pointer.buffer.index
    if pitch.isZero {
      fixed.insert(buffer)
    } else if let other = self.pitch[buffer], other != pitch {
      fixed.insert(buffer)
    } else {
      self.pitch[buffer] = pitch
    }
    if pointer.address.terms.contains(where: { $0.stride.lengths.contains(axis) }) {
      tied.insert(buffer)
    }
  }

  /// The pointers of a loop's body move with its number.
  private mutating func walk(_ body: [Statement], _ id: Int, _ axis: AxisID) {
    for statement in body {
      if case .loop(let inner) = statement {
        walk(inner.body, id, axis)
        continue
      }
      for pointer in statement.pointers {
        let moving = pointer.address.terms.filter { $0.index == .loop(id) }
        walk(pointer, moving.count == 1 ? moving[0].stride : .zero, axis)
        if moving.count > 1 { kind = .whole }
      }
      // What goes along the axis within a step needs all of it.
      if statement.axes.contains(axis) {
        for pointer in statement.pointers { fixed.insert(pointer.buffer.index) }
      }
    }
  }

  private mutating func note(_ statement: Statement) {
    switch statement {
    case .kernel(let call):
      for (pointer, argument) in zip(call.arguments, call.kernel.arguments) {
        if argument.isWritten { written.insert(pointer.buffer.index) }
      }
      for one in call.kernel.reads {
        read.insert(call.arguments[one.access.argument].buffer.index)
      }
    case .product(let call):
      read.formUnion([call.a.buffer.index, call.b.buffer.index])
      written.insert(call.c.buffer.index)
    case .scatter(let call):
      read.formUnion([call.token.buffer.index, call.value.buffer.index])
      written.insert(call.table.buffer.index)
    case .orthogonalize(let call):
      read.insert(call.matrix.buffer.index)
      written.insert(call.matrix.buffer.index)
    case .draw(let call):
      read.insert(call.logits.buffer.index)
      written.insert(call.tokens.buffer.index)
    case .requireFinite(let pointers): for pointer in pointers { read.insert(pointer.buffer.index) }
    case .loop(let loop): for inner in loop.body { note(inner) }
    case .barrier: break
    }
  }
}

/// How the pointers of a statement move along an axis, one dimension of which holds its positions.
struct Moves {
  /// The dimension.
  let places: AxisPlaces
  /// By pointer: from position to position; 0 where it stays.
  private(set) var pitches: [Size]
  /// `true` iff the positions are added up.
  private(set) var isSum = false

  /// Nothing if the statement does not go along the axis, or not position by position.
  init?(_ statement: Statement, along axis: AxisID) {
    pitches = []
    switch statement {
    case .kernel(let call):
      guard let its = call.places[axis], its.outer == .one else { return nil }
      places = its
      guard walk(call) else { return nil }
    case .product(let call):
      guard let its = call.places[axis], its.outer == .one else { return nil }
      places = its
      guard walk(call) else { return nil }
    case .scatter(let call):
      if let table = call.tables.firstIndex(where: { $0.axis == axis }) {
        places = AxisPlaces(dimension: table)
        pitches = [call.tables[table].token, call.tables[table].value, call.tables[table].table]
      } else if let loop = call.loops.first, loop.axis == axis {
        places = AxisPlaces(dimension: call.tables.count + 1)
        pitches = [loop.token, loop.value, .zero]
        isSum = true
      } else {
        return nil
      }
    case .orthogonalize, .draw, .requireFinite, .loop, .barrier: return nil
    }
  }

  private mutating func walk(_ call: KernelCall) -> Bool {
    let dimension = places.dimension
    let kept = call.kernel.constants.count - (call.kernel.fold?.dims ?? 0)
    if dimension >= kept {
      // Sums go on from piece to piece where each lane holds one of them.
      guard dimension == kept, kept > 0, let fold = call.kernel.fold, fold.op != nil,
        !fold.inParts, call.kernel.canVectorize(along: kept - 1)
      else { return false }
      isSum = true
    }
    var found = [Size?](repeating: nil, count: call.arguments.count)
    for access in call.kernel.accesses {
      let stride = dimension < access.strides.count ? access.strides[dimension] : .zero
      let pitch = stride * places.inner
      guard found[access.argument] == nil || found[access.argument] == pitch else { return false }
      found[access.argument] = pitch
    }
    pitches = found.map { $0 ?? .zero }
    return true
  }

  private mutating func walk(_ call: ProductCall) -> Bool {
    let dimension = places.dimension
    if dimension < call.loops.count {
      let loop = call.loops[dimension]
      pitches = [loop.a, loop.b, loop.c]
      isSum = loop.accumulates
      if isSum, call.loops[..<dimension].contains(where: \.accumulates) { return false }
    } else if dimension == call.rowDimension {
      pitches = [call.aRow, .zero, call.cRow]
    } else if dimension == call.termDimension {
      pitches = [call.aTerm, call.bTerm, .zero]
      isSum = true
      if call.loops.contains(where: \.accumulates) { return false }
    } else {
      return false
    }
    pitches = pitches.map { $0 * places.inner }
    return true
  }
}

extension Statement {
  /// The axes that its own dimensions go along, or along parts of.
  var axes: AxisSet {
    switch self {
    case .kernel(let call): call.axes
    case .product(let call): AxisSet(call.places.keys)
    case .scatter(let call): AxisSet((call.tables + call.loops).map(\.axis))
    case .orthogonalize, .draw, .requireFinite, .loop, .barrier: .none
    }
  }
}
