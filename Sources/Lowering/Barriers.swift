internal import GraphIR

extension Program {
  /// Puts a barrier before every statement in which one worker may read or overwrite what another has
  /// touched since the last one, or overwrite what another still reads.
  mutating func placeBarriers(in graph: Graph) {
    guard isShared else { return }
    var barriers = Barriers(self, in: graph)
    statements = barriers.placed(in: statements)
  }
}

/// Goes through a program as its workers do, knowing what has been touched since they last met.
private struct Barriers {
  /// One buffer touched by one statement.
  struct Touch: Hashable {
    var buffer: Int
    var isWritten: Bool
    var part: Part
  }

  /// Which elements of the buffer each worker touches.
  enum Part: Hashable {
    /// Nothing is known: each worker may touch all of them.
    case any
    /// This worker touches them, and no other does.
    case one(Int)
    /// Each touches those of its rows of the batch, so far apart.
    case rows(apart: Size)
    /// Each touches its stretch of a walk.
    case stretch(Walk)
  }

  /// The places that a kernel visits in a buffer, and how workers divide them.
  struct Walk: Hashable {
    var pointer: Pointer
    var offset: Int
    var strides: [Size]
    var extents: [Extent]
    var share: Share
  }

  private let program: Program
  /// The bytes of the arena that buffers take, at the bounds.
  private let bytes: [Range<Int>]
  /// What has been touched since the last barrier.
  private var touched: Set<Touch> = []
  /// The worker that does what one worker does.
  private var worker = 0

  init(_ program: Program, in graph: Graph) {
    self.program = program
    bytes = program.buffers.map { buffer in
      let elements =
        program.greatest(buffer.extent.size, in: graph) + program.greatest(buffer.beyond, in: graph)
      return buffer.offset..<buffer.offset + max(1, elements) * 4
    }
    // Each worker fills in its rows' flags and lengths before the first statement.
    for buffer in [program.fresh].compactMap(\.self) + Array(program.lengths.values) {
      touched.insert(Touch(buffer: buffer.index, isWritten: true, part: .rows(apart: .one)))
    }
  }

  mutating func placed(in statements: [Statement]) -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      if case .loop(let loop) = statement {
        result += placed(around: loop)
        continue
      }
      let touches = touches(of: statement)
      if case .barrier = statement {
        touched = []
      } else if touches.contains(where: { new in touched.contains { conflict($0, new) } }) {
        result.append(.barrier)
        touched = []
      }
      touched.formUnion(touches)
      result.append(statement)
    }
    return result
  }

  /// A turn follows the one before it, so the body is gone through until nothing is added.
  ///
  /// What was touched before the loop is met before it, so that no turn has to wait for that; and since there
  /// may be no turn, it else stays touched.
  private mutating func placed(around loop: LoopStatement) -> [Statement] {
    var loop = loop
    let before = touched
    touched = []
    let around = worker
    worker = loop.worker ?? around
    defer { worker = around }
    while true {
      let body = placed(in: loop.body)
      if body == loop.body { break }
      loop.body = body
    }
    let after = touched
    touched.formUnion(before)
    let isFree = placed(in: loop.body) == loop.body
    touched = isFree ? before.union(after) : after
    return (isFree ? [] : [.barrier]) + [.loop(loop)]
  }

  // MARK: Conflicts

  /// `true` iff one worker may touch in one way what another touches in the other, and one writes.
  private func conflict(_ a: Touch, _ b: Touch) -> Bool {
    guard a.isWritten || b.isWritten, shareMemory(a.buffer, b.buffer) else { return false }
    switch (a.part, b.part) {
    case (.one(let worker), .one(let other)): return worker != other
    case (.rows(let apart), .rows(let other)):
      // In the arena a place belongs to the row that its distance from the buffer's start says, so that
      // buffers that begin at one place lie row on row.
      return apart != other
        || program.buffers[a.buffer].offset != program.buffers[b.buffer].offset
    case (.stretch(let walk), .stretch(let other)): return walk != other
    case (.any, _), (.one, _), (.rows, _), (.stretch, _): return true
    }
  }

  private func shareMemory(_ a: Int, _ b: Int) -> Bool {
    if a == b { return true }
    let (first, second) = (program.buffers[a], program.buffers[b])
    guard first.place == .arena, second.place == .arena else { return first.place == second.place }
    return bytes[a].overlaps(bytes[b])
  }

  // MARK: What statements touch

  private func touches(of statement: Statement) -> [Touch] {
    // Each worker looks up its rows' lengths, but where terms hold all rows.
    let lengths = statement.ends.map {
      Touch(
        buffer: $0.lengths.index,
        isWritten: false,
        part: statement.isByRows ? .rows(apart: .one) : .any
      )
    }
    return ownTouches(of: statement) + [lengths].compactMap(\.self)
  }

  private func ownTouches(of statement: Statement) -> [Touch] {
    switch statement {
    case .kernel(let call): touches(of: call)
    case .product(let call): touches(of: call)
    case .scatter(let call): touches(of: call)
    case .orthogonalize(let call): [touch(call.matrix, isWritten: true, .one(worker))]
    case .draw(let call):
      [
        touch(call.logits, isWritten: false, .one(worker)),
        touch(call.tokens, isWritten: true, .one(worker)),
      ]
    // Every worker looks for itself.
    case .requireFinite(let pointers): pointers.map { touch($0, isWritten: false, .any) }
    case .loop, .barrier: []
    }
  }

  private func touch(_ pointer: Pointer, isWritten: Bool, _ part: Part) -> Touch {
    Touch(buffer: pointer.buffer.index, isWritten: isWritten, part: part)
  }

  /// The part when the place moves by `stride` along the divided dimension.
  private func part(_ share: Share, _ stride: Size) -> Part {
    switch share {
    case .alone: .one(worker)
    case .rows(let rows): stride.isZero ? .any : .rows(apart: stride * rows.inner)
    case .stretch: .any
    }
  }

  private func touches(of call: KernelCall) -> [Touch] {
    let written =
      call.kernel.stores.map(\.access) + (call.kernel.fold.map { [$0.access] } ?? [])
    return call.kernel.accesses.map { access in
      let pointer = call.arguments[access.argument]
      var part = self.part(call.share, call.share.dimension.map { access.strides[$0] } ?? .zero)
      if case .stretch = call.share, !call.kernel.isIndirect(access) {
        part = .stretch(
          Walk(
            pointer: pointer,
            offset: access.offset,
            strides: access.strides,
            extents: call.extents,
            share: call.share
          )
        )
      }
      return touch(pointer, isWritten: written.contains(access), part)
    }
  }

  private func touches(of call: ProductCall) -> [Touch] {
    func part(_ loop: (ProductCall.Loop) -> Size, row: Size, column: Size) -> Part {
      guard let dimension = call.share.dimension else { return .one(worker) }
      let stride =
        dimension < call.loops.count
        ? loop(call.loops[dimension]) : dimension == call.rowDimension ? row : column
      return self.part(call.share, stride)
    }
    // Whole vectors of b are read, perhaps into the next row.
    let isExact = call.n.constant.map { $0 % 16 == 0 } ?? false
    let b = part(\.b, row: .zero, column: .one)
    return [
      touch(call.a, isWritten: false, part(\.a, row: call.aRow, column: .zero)),
      touch(call.b, isWritten: false, isExact || b == .one(worker) ? b : .any),
      touch(call.c, isWritten: true, part(\.c, row: call.cRow, column: .one)),
    ]
  }

  private func touches(of call: ScatterCall) -> [Touch] {
    func part(_ stride: (ScatterCall.Loop) -> Size) -> Part {
      guard let dimension = call.share.dimension else { return .one(worker) }
      return self.part(
        call.share,
        dimension < call.tables.count ? stride(call.tables[dimension]) : .one
      )
    }
    return [
      touch(call.token, isWritten: false, part(\.token)),
      touch(call.value, isWritten: false, part(\.value)),
      touch(call.table, isWritten: true, part(\.table)),
    ]
  }
}

extension Kernel {
  /// `true` iff a token says which row of it is read.
  fileprivate func isIndirect(_ access: Access) -> Bool {
    operations.contains {
      switch $0 {
      case .gather(let its, _, _), .gatherToken(let its, _, _): its == access
      case .load, .loadToken, .line, .index, .constant, .token, .position, .length, .unary,
        .binary, .select, .selectToken, .number, .equalTokens, .isToken, .random:
        false
      }
    }
  }
}
