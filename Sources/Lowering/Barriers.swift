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
  struct Touch {
    var buffer: Int
    var isWritten: Bool
    var part: Part
  }

  /// What has been touched, by regions of memory.
  struct Touched {
    private(set) var read: [Int: Set<Part>] = [:]
    private(set) var written: [Int: Set<Part>] = [:]

    /// Adds how a region was touched.
    mutating func insert(_ part: Part, isWritten: Bool, at region: Int) {
      if isWritten {
        written[region, default: []].insert(part)
      } else {
        read[region, default: []].insert(part)
      }
    }

    /// Adds all of the other.
    mutating func formUnion(_ other: Touched) {
      read.merge(other.read) { $0.union($1) }
      written.merge(other.written) { $0.union($1) }
    }
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

  private let regions: MemoryRegions
  /// What has been touched since the last barrier.
  private var touched = Touched()
  /// The worker that does what one worker does.
  private var worker = 0

  init(_ program: Program, in graph: Graph) {
    regions = MemoryRegions(program, in: graph)
    // Each worker fills in its rows' flags and lengths before the first statement.
    for buffer in [program.fresh].compactMap(\.self) + Array(program.lengths.values) {
      touched.insert(.rows(apart: .one), isWritten: true, at: regions.ofBuffer[buffer.index])
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
        touched = Touched()
      } else if touches.contains(where: conflicts) {
        result.append(.barrier)
        touched = Touched()
      }
      for touch in touches {
        let region = regions.ofBuffer[touch.buffer]
        touched.insert(touch.part, isWritten: touch.isWritten, at: region)
      }
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
    touched = Touched()
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
    touched = after
    if isFree { touched.formUnion(before) }
    return (isFree ? [] : [.barrier]) + [.loop(loop)]
  }

  // MARK: Conflicts

  /// `true` iff one worker may touch what another has touched since the last barrier, and one writes.
  private func conflicts(_ new: Touch) -> Bool {
    let region = regions.ofBuffer[new.buffer]
    return regions.overlapping[region].contains { other in
      let isAligned = regions.all[region].bytes.lowerBound == regions.all[other].bytes.lowerBound
      func conflicts(_ parts: Set<Part>?) -> Bool {
        parts.map { $0.contains { conflict($0, new.part, isAligned: isAligned) } } ?? false
      }
      return conflicts(touched.written[other]) || new.isWritten && conflicts(touched.read[other])
    }
  }

  /// `true` iff one worker's part may meet another worker's other part; `isAligned` where the buffers begin at
  /// one place.
  private func conflict(_ a: Part, _ b: Part, isAligned: Bool) -> Bool {
    switch (a, b) {
    case (.one(let worker), .one(let other)): worker != other
    // In the arena a place belongs to the row that its distance from the buffer's start says, so that
    // buffers that begin at one place lie row on row.
    case (.rows(let apart), .rows(let other)): apart != other || !isAligned
    case (.stretch(let walk), .stretch(let other)): walk != other
    case (.any, _), (.one, _), (.rows, _), (.stretch, _): true
    }
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
