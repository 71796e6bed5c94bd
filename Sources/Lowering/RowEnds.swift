package import GraphIR

/// Where rows have ended, so that a statement leaves places out of which nothing counts.
///
/// In a masked program what stands past a row's end may be anything, and whoever would bring it across
/// chooses something else. So nobody has to make it.
package struct RowEnds: Hashable, Sendable {
  /// The positions whose rows a statement goes through.
  package enum Positions: Hashable, Sendable {
    /// The one at which a loop is, counted from the piece's start if it goes through a piece.
    case step(loop: Int, Piece?)
    /// All of them, the rows of each next to each other; or all of the piece at hand.
    case all(Piece?)
  }

  /// A state's rows that have ended, which stay what they were.
  package struct Held: Hashable, Sendable {
    /// The state before the step.
    package var before: Pointer
    /// The state after it.
    package var after: Pointer
    /// Where its rows stand.
    package var rows: AxisPlaces
  }

  /// The axis along which rows end.
  package var axis: AxisID
  /// The rows' lengths, as numbers.
  package var lengths: BufferID
  /// The positions that the statement goes through.
  package var positions: Positions
  /// The states that it makes, where rows that have ended must be copied.
  package var held: [Held] = []
}

extension Statement {
  /// Where the places end that a statement goes through, if it leaves some out.
  package var ends: RowEnds? {
    switch self {
    case .kernel(let call): call.ends
    case .product(let call): call.ends
    case .scatter, .orthogonalize, .draw, .loop, .requireFinite, .barrier: nil
    }
  }
}

extension Statement {
  /// `true` iff workers divide it by rows of the batch.
  var isByRows: Bool {
    switch self {
    case .kernel(let call): call.share.rows != nil
    case .product(let call): call.share.rows != nil
    case .scatter(let call): call.share.rows != nil
    case .orthogonalize, .draw, .loop, .requireFinite, .barrier: false
    }
  }
}

extension Program {
  /// Lets statements leave out what lies past the ends of rows.
  mutating func leaveOutEndedRows(in graph: Graph) {
    guard isMasked else { return }
    statements = EndedRows(self, graph).limited(statements, [], nil)
  }
}

/// The search for statements that may leave rows out.
private struct EndedRows {
  private let program: Program
  /// The axes along which rows end, each for itself, and where their lengths stand.
  private let lengths: [AxisID: BufferID]
  private let masks: LengthMasks

  init(_ program: Program, _ graph: Graph) {
    self.program = program
    lengths = program.lengths.filter { graph.lengthAxes(of: $0.key) == .batch }
    masks = LengthMasks(program)
  }

  /// The statements, within these loops and pieces of an axis.
  func limited(
    _ statements: [Statement],
    _ loops: [LoopStatement],
    _ pieces: (axis: AxisID, piece: Piece)?
  ) -> [Statement] {
    statements.map { statement in
      switch statement {
      case .kernel(var call):
        call.ends = ends(of: call, loops, pieces)
        return .kernel(call)
      case .product(let call): return .product(limited(call, loops, pieces))
      case .loop(var loop):
        if case .pieces(let piece) = loop.span {
          loop.body = limited(loop.body, loops, (loop.axis, piece))
        } else {
          loop.body = limited(loop.body, [loop] + loops, pieces)
        }
        return .loop(loop)
      case .scatter, .orthogonalize, .draw, .requireFinite, .barrier: return statement
      }
    }
  }

  // MARK: Positions

  /// Ends along an axis whose positions all lie in a statement's dimension with the rows of each.
  private func ends(
    of places: [AxisID: AxisPlaces],
    in dimension: Int,
    _ pieces: (axis: AxisID, piece: Piece)?
  ) -> RowEnds? {
    guard let rows = places[.batch], rows.dimension == dimension else { return nil }
    for (axis, buffer) in lengths.sorted(by: { $0.key < $1.key }) {
      let piece = pieces?.axis == axis ? pieces?.piece : nil
      guard let its = places[axis], its.dimension == dimension, its.outer == .one,
        rows.outer == Size(1, [piece?.length ?? axis])
      else { continue }
      return RowEnds(axis: axis, lengths: buffer, positions: .all(piece))
    }
    return nil
  }

  /// Ends along the axis of the innermost loop that has some.
  private func ends(_ loops: [LoopStatement]) -> (ends: RowEnds, loop: LoopStatement)? {
    for loop in loops {
      guard let buffer = lengths[loop.axis] else { continue }
      let piece: Piece? = if case .piece(let piece) = loop.span { piece } else { nil }
      let ends = RowEnds(
        axis: loop.axis,
        lengths: buffer,
        positions: .step(loop: loop.id, piece)
      )
      return (ends, loop)
    }
    return nil
  }

  // MARK: Statements

  private func limited(
    _ call: ProductCall,
    _ loops: [LoopStatement],
    _ pieces: (axis: AxisID, piece: Piece)?
  ) -> ProductCall {
    var limited = call
    guard program[call.c.buffer].place == .arena else { return call }
    if loops.isEmpty, let ends = ends(of: call.places, in: call.termDimension, pieces),
      call.places[.batch]?.inner == .one
    {
      // Past the ends both factors are 0, which adds nothing.
      limited.ends = ends
    } else if loops.isEmpty, let ends = ends(of: call.places, in: call.rowDimension, pieces) {
      limited.ends = ends
      limited.share = call.places[.batch].map(Share.rows) ?? call.share
    } else if call.share.rows != nil {
      limited.ends = ends(loops)?.ends
    }
    return limited
  }

  private func ends(
    of call: KernelCall,
    _ loops: [LoopStatement],
    _ pieces: (axis: AxisID, piece: Piece)?
  ) -> RowEnds? {
    guard let rows = call.share.rows else { return nil }
    let written = call.kernel.stores.map(\.access) + (call.kernel.fold.map { [$0.access] } ?? [])
    // Tokens past the end name places in tables, and what a caller or a variable gets is made whole.
    guard
      written.allSatisfy({
        let buffer = program[call.arguments[$0.argument].buffer]
        return buffer.place == .arena && !buffer.holdsTokens
      })
    else { return nil }
    if loops.isEmpty, let ends = ends(of: call.places, in: rows.dimension, pieces) {
      return masks.chosen(in: call, along: ends.axis).isEmpty ? ends : nil
    }
    guard let (found, loop) = ends(loops) else { return nil }
    var ends = found
    for access in masks.chosen(in: call, along: ends.axis) {
      guard let held = held(call.arguments[access.argument], in: loop) else { return nil }
      ends.held += held
    }
    return ends
  }

  /// What must be copied of a state that a loop's step makes; nothing if that is no state.
  private func held(_ pointer: Pointer, in loop: LoopStatement) -> [RowEnds.Held]? {
    for state in loop.states {
      guard pointer.isAt(state.place(after: true, loop: loop.id)), let rows = state.rows else {
        continue
      }
      if state.kind == .single { return [] }
      let before = state.place(after: false, loop: loop.id)
      return [RowEnds.Held(before: before, after: pointer, rows: rows)]
    }
    return nil
  }
}

/// What lengths alone decide, and where it chooses what a kernel stores.
private struct LengthMasks {
  /// By buffer: the axes whose lengths, and nothing from the caller, tell what it holds; nothing for data.
  private var told: [Int: AxisSet?] = [:]

  init(_ program: Program) {
    for (axis, buffer) in program.lengths { told[buffer.index] = AxisSet(axis) }
    visit(program.statements)
  }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .kernel(let call):
        let facts = facts(of: call)
        for store in call.kernel.stores {
          add(call.arguments[store.access.argument].buffer, facts[store.value].told)
        }
        if let fold = call.kernel.fold {
          add(call.arguments[fold.access.argument].buffer, facts[fold.value].told)
        }
      case .loop(let loop): visit(loop.body)
      case .product, .scatter, .orthogonalize, .draw, .requireFinite, .barrier: continue
      }
    }
  }

  private mutating func add(_ buffer: BufferID, _ axes: AxisSet?) {
    guard let known = told[buffer.index] else { return told[buffer.index] = .some(axes) }
    told[buffer.index] = .some(Self.both(known, axes))
  }

  private static func both(_ a: AxisSet?, _ b: AxisSet?) -> AxisSet? {
    guard let a, let b else { return nil }
    return a.union(b)
  }

  /// What an operation of a kernel has of lengths.
  private struct Fact {
    /// The axes whose lengths alone tell what it is; nothing if data does.
    var told: AxisSet? = AxisSet.none
    /// The axes whose lengths choose what it is.
    var chosen = AxisSet.none
  }

  private func facts(of call: KernelCall) -> [Fact] {
    var facts: [Fact] = []
    for operation in call.kernel.operations {
      var fact = Fact()
      for operand in operation.operands {
        fact.told = Self.both(fact.told, facts[operand].told)
        fact.chosen = fact.chosen.union(facts[operand].chosen)
      }
      switch operation {
      case .load(let access):
        fact.told = told[call.arguments[access.argument].buffer.index] ?? nil
      case .select(let condition, _, _), .selectToken(let condition, _, _):
        fact.chosen = fact.chosen.union(facts[condition].told ?? .none)
      case .loadToken, .gather, .gatherToken, .random: fact.told = nil
      case .unary, .binary, .number, .index, .isToken, .equalTokens, .line, .constant, .token,
        .position, .length:
        break
      }
      facts.append(fact)
    }
    return facts
  }

  /// Where a kernel stores what the lengths of an axis decide: that must be made past the ends of rows too.
  func chosen(in call: KernelCall, along axis: AxisID) -> [Access] {
    let facts = facts(of: call)
    func isChosen(_ value: Int) -> Bool {
      facts[value].chosen.contains(axis) || facts[value].told?.contains(axis) == true
    }
    return call.kernel.stores.filter { isChosen($0.value) }.map(\.access)
      + (call.kernel.fold.map { isChosen($0.value) ? [$0.access] : [] } ?? [])
  }
}
