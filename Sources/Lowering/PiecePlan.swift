internal import GraphIR

/// What is done when a program goes along an axis in pieces, in so many sweeps.
///
/// A sweep goes through all pieces once, from the first or from the last. Values along the axis stand for
/// the piece at hand alone; a later sweep that needs them makes them again, from the states that stood at
/// the piece's start. So a statement belongs to the first sweep that it can be part of, and scans go their
/// own way in it; whatever is whole is done between sweeps.
struct PiecePlan {
  /// By statement, how it goes along the axis.
  private(set) var uses: [AxisUse]
  /// The buffers that hold the piece at hand, and how far apart its positions are.
  private(set) var streamed: [Int: Size] = [:]
  /// The states that go from piece to piece in a buffer of their own, by that of their loop.
  private(set) var carried: [Int: CarriedState] = [:]
  /// By statement: the sweep it belongs to, or, if it is whole, the sweep before which it is done.
  private(set) var sweep: [Int]
  /// By sweep, whether the last piece comes first.
  private(set) var isReverse: [Bool] = []
  /// By sweep, the statements that take part in it, in order.
  private(set) var parts: [[Int]] = []

  private let program: Program
  private let axis: AxisID
  private let length: Size

  /// A state that goes from piece to piece.
  struct CarriedState {
    /// The loop that it belongs to, by its statement.
    var loop: Int
    /// Where it stands there.
    var state: ScanState
  }

  /// Plans a program; nothing if no scan along the axis can be done in pieces.
  ///
  /// If it `keepsTerms`, what is added up over all positions stands whole, and is added up at once.
  init?(_ program: Program, along axis: AxisID, length: Size, keepsTerms: Bool) {
    self.program = program
    self.axis = axis
    self.length = length
    uses = program.statements.map { AxisUse($0, along: axis) }
    sweep = Array(repeating: 0, count: uses.count)
    // What is left in variables is left at once, when nobody reads them any more.
    for (number, statement) in program.statements.enumerated() where isLast(statement) {
      uses[number].beWhole()
    }
    findStreamed()
    if keepsTerms {
      let terms = Set(uses.indices.filter { uses[$0].kind == .sum }.flatMap { uses[$0].pitch.keys })
      for buffer in terms { keep(buffer) }
    }
    settle()
    guard uses.contains(where: { if case .scan = $0.kind { true } else { false } }) else {
      return nil
    }
    assign()
    findParts()
  }

  /// `true` iff a statement is made again in a later sweep than its own.
  func isRepeated(_ statement: Int) -> Bool {
    parts.indices.contains { $0 > sweep[statement] && parts[$0].contains(statement) }
  }

  // MARK: What stands for a piece alone

  private mutating func findStreamed() {
    for (number, statement) in program.statements.enumerated() {
      guard case .scan = uses[number].kind, case .loop(let loop) = statement else { continue }
      for state in loop.states {
        carried[state.start.buffer.index] = CarriedState(loop: number, state: state)
      }
    }
    let given = Set([program.fresh].compactMap { $0 } + program.lengths.values)
    for use in uses {
      for (buffer, pitch) in use.pitch
      where program.buffers[buffer].place == .arena && !given.contains(BufferID(buffer)) {
        let extent = program.buffers[buffer].extent
        if pitch * length == extent.size { streamed[buffer] = pitch }
      }
    }
    for (number, use) in uses.enumerated() {
      for buffer in use.read.union(use.written) where carried[buffer] != nil {
        if !isWay(number, use, buffer) { keep(buffer) }
      }
      for (buffer, pitch) in use.pitch where streamed[buffer] != pitch || use.tied.contains(buffer)
      {
        keep(buffer)
      }
      for buffer in use.fixed where carried[buffer] == nil { keep(buffer) }
    }
  }

  /// `true` iff a statement does with a state what can be done where it goes from piece to piece: its own
  /// loop anything; others walk through its slab, write its first or read its last.
  private func isWay(_ number: Int, _ use: AxisUse, _ buffer: Int) -> Bool {
    guard let carried = carried[buffer] else { return false }
    if number == carried.loop {
      return carried.state.kind != .slab || !use.fixed.contains(buffer)
    }
    if use.fixed.contains(buffer) {
      return program.statements[number].usesOnlyEnds(of: carried.state, length, axis)
    }
    return carried.state.kind == .slab
  }

  /// Lets a buffer stand whole; a state that has no slab makes its loop whole.
  private mutating func keep(_ buffer: Int) {
    streamed[buffer] = nil
    guard let state = carried.removeValue(forKey: buffer), state.state.kind != .slab else { return }
    uses[state.loop].beWhole()
    // The loop's other buffers stand whole too.
    for other in uses[state.loop].fixed where streamed[other] != nil || carried[other] != nil {
      keep(other)
    }
  }

  /// What touches nothing that stands for a piece alone is done at once.
  private mutating func settle() {
    for number in uses.indices {
      switch uses[number].kind {
      case .whole: continue
      case .sliced:
        if uses[number].pitch.keys.allSatisfy({ streamed[$0] == nil }) { uses[number].beWhole() }
      case .sum:
        if uses[number].pitch.keys.allSatisfy({ streamed[$0] == nil }) { uses[number].beWhole() }
      case .scan: continue
      }
    }
  }

  // MARK: Sweeps

  private mutating func assign() {
    /// By buffer, from which sweep on all of it is there, and from which the piece at hand.
    var whole: [Int: Int] = [:]
    var piece: [Int: Int] = [:]
    for number in uses.indices {
      let use = uses[number]
      let touched = use.read.union(use.written)
      var first = 0
      for buffer in touched {
        first = max(first, (use.fixed.contains(buffer) ? whole : piece)[buffer] ?? 0)
      }
      switch use.kind {
      case .whole: break
      case .sliced: break
      case .scan(let isReverse): first = next(from: first, isReverse)
      case .sum: first = next(from: first, false)
      }
      while use.kind != .whole, isReverse.count <= first { isReverse.append(false) }
      sweep[number] = first
      let end = use.kind == .whole ? first : first + 1
      for buffer in use.written {
        whole[buffer] = max(whole[buffer] ?? 0, end)
        piece[buffer] = max(piece[buffer] ?? 0, first)
      }
    }
    // What is left behind is left when all else is done.
    for (number, statement) in program.statements.enumerated() where isLast(statement) {
      sweep[number] = isReverse.count
    }
  }

  /// The first sweep from that one on that goes a scan's way.
  private mutating func next(from first: Int, _ isReverse: Bool) -> Int {
    var found = first
    while found < self.isReverse.count, self.isReverse[found] != isReverse,
      isDirected.contains(found)
    {
      found += 1
    }
    while self.isReverse.count <= found { self.isReverse.append(isReverse) }
    self.isReverse[found] = isReverse
    isDirected.insert(found)
    return found
  }

  /// The sweeps whose way something depends on.
  private var isDirected: Set<Int> = []

  private func isLast(_ statement: Statement) -> Bool {
    switch statement {
    case .requireFinite: true
    case .kernel(let call):
      zip(call.arguments, call.kernel.arguments).contains { pointer, argument in
        guard argument.isWritten, case .variable = program[pointer.buffer].place else {
          return false
        }
        return true
      }
    case .product, .scatter, .orthogonalize, .draw, .loop, .barrier: false
    }
  }

  private mutating func findParts() {
    var writers: [Int: [Int]] = [:]
    for number in uses.indices where uses[number].kind != .whole {
      for buffer in uses[number].written where uses[number].pitch[buffer] != nil {
        writers[buffer, default: []].append(number)
      }
    }
    for turn in isReverse.indices {
      var isPart = [Bool](repeating: false, count: uses.count)
      for number in uses.indices.reversed() where uses[number].kind != .whole {
        if sweep[number] == turn, isGoal(number) { isPart[number] = true }
        guard isPart[number] else { continue }
        for buffer in uses[number].read where streamed[buffer] != nil {
          for writer in writers[buffer] ?? [] where writer < number { isPart[writer] = true }
        }
      }
      parts.append(uses.indices.filter { isPart[$0] })
    }
  }

  /// `true` iff what a statement leaves is more than the piece at hand.
  private func isGoal(_ number: Int) -> Bool {
    switch uses[number].kind {
    case .whole: false
    case .scan, .sum: true
    case .sliced: uses[number].written.contains { streamed[$0] == nil }
    }
  }
}

extension Statement {
  /// `true` iff whatever it does with a state is to write the first or to read the last.
  func usesOnlyEnds(of state: ScanState, _ length: Size, _ axis: AxisID) -> Bool {
    let (first, last) = (state.first(length: length), state.last(length: length))
    switch self {
    case .loop(let loop):
      return loop.body.allSatisfy { $0.usesOnlyEnds(of: state, length, axis) }
    case .kernel(let call):
      let reads = call.kernel.reads
      for place in call.arguments.indices where call.arguments[place].buffer == first.buffer {
        let pointer = call.arguments[place]
        if call.axes.contains(axis) { return false }
        let isWritten = call.kernel.arguments[place].isWritten
        let isRead = reads.contains { $0.access.argument == place }
        if isWritten ? isRead || !pointer.isAt(first) : !pointer.isAt(last) { return false }
        if reads.contains(where: { $0.access.argument == place && $0.isLookedUp }) { return false }
      }
      return true
    case .product(let call):
      if call.c.buffer == first.buffer { return false }
      if !axes.contains(axis) {
        return [call.a, call.b].allSatisfy { $0.buffer != first.buffer || $0.isAt(last) }
      }
      return [call.a, call.b].allSatisfy { $0.buffer != first.buffer }
    case .scatter, .orthogonalize, .draw, .requireFinite:
      return pointers.allSatisfy { $0.buffer != first.buffer }
    case .barrier: return true
    }
  }
}

extension Pointer {
  /// `true` iff it points into the place that begins there.
  func isAt(_ other: Pointer) -> Bool {
    buffer == other.buffer && address.withoutOffset.isSame(as: other.address.withoutOffset)
  }
}

extension Address {
  /// `true` iff it is the same sum, in whatever order.
  func isSame(as other: Address) -> Bool {
    Set(terms) == Set(other.terms) && offset == other.offset
  }
}
