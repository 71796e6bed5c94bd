package import GraphIR

extension Program {
  /// Gives every temporary its place in the arena: two share bytes only if their lives do not overlap.
  ///
  /// Lives are counted in statements. What is used by a loop and outside it, or keeps its content from
  /// turn to turn, lives through the whole loop. Larger buffers are placed first, each at the lowest
  /// place that is free through its life; n buffers cost n log n, plus the pairs that overlap.
  ///
  /// An arena of more than `arenaLimit` bytes is refused.
  mutating func planMemory(extra: [BufferID: Size], graph: Graph) throws(Diagnostic) {
    var lives = Lives(count: buffers.count)
    lives.visit(statements)
    struct Piece {
      var id: Int
      var life: ClosedRange<Int>
      var bytes: Int
    }
    var pieces: [Piece] = []
    for (id, buffer) in buffers.enumerated() where buffer.place == .arena {
      // The flags are filled before the first statement.
      guard var life = lives.life[id] else { continue }
      if fresh == BufferID(id) || lengths.values.contains(BufferID(id)) {
        life = 0...life.upperBound
      }
      let elements =
        buffer.extent.size.greatest(in: graph)
        + (extra[BufferID(id)]?.greatest(in: graph) ?? 0)
      pieces.append(Piece(id: id, life: life, bytes: Self.rounded(elements * 4)))
    }
    pieces.sort { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.id < $1.id }
    var placed: [(life: ClosedRange<Int>, start: Int, end: Int)] = []
    for piece in pieces {
      let inTheWay = placed.filter { $0.life.overlaps(piece.life) }.sorted { $0.start < $1.start }
      var start = 0
      for other in inTheWay where other.end > start {
        if other.start >= start + piece.bytes { break }
        start = other.end
      }
      guard start + piece.bytes <= Self.arenaLimit else {
        throw Diagnostic(
          .wrong,
          "\(entry.rawValue) needs more than 64 GiB of arena, for \(buffers[piece.id].name)",
          hint: "lower the batch, the bound of an axis or a size"
        )
      }
      placed.append((piece.life, start, start + piece.bytes))
      buffers[piece.id].offset = start
      arenaBytes = max(arenaBytes, start + piece.bytes)
    }
  }

  /// The most bytes of arena that a program may need.
  private static let arenaLimit = 64 << 30

  /// Whole cache lines, with one more so that a vector may be read across the end.
  package static func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 + 64 }
}

extension Size {
  /// The size when every axis has its bound; past any memory, some size that is past it too.
  package func greatest(in graph: Graph) -> Int {
    lengths.reduce(constant) { product, axis in
      let (next, overflow) = product.multipliedReportingOverflow(by: graph[axis].bound ?? 1)
      return overflow || next > 1 << 48 ? 1 << 48 : next
    }
  }
}

/// From which statement to which each buffer is used.
private struct Lives {
  var life: [ClosedRange<Int>?]
  var now = 0

  init(count: Int) { life = Array(repeating: nil, count: count) }

  mutating func visit(_ statements: [Statement]) {
    for statement in statements {
      now += 1
      switch statement {
      case .kernel(let call): call.arguments.forEach { use($0) }
      case .product(let call): [call.a, call.b, call.c].forEach { use($0) }
      case .scatter(let call): [call.token, call.value, call.table].forEach { use($0) }
      case .orthogonalize(let call): use(call.matrix)
      case .draw(let call): [call.logits, call.tokens].forEach { use($0) }
      case .requireFinite(let pointers): pointers.forEach { use($0) }
      case .loop(let loop): visit(loop)
      }
    }
  }

  /// Buffers that are used outside the loop too, or moved through by it, live through all of it.
  private mutating func visit(_ loop: LoopStatement) {
    let start = now
    let before = life
    var addressed = Set<Int>()
    Self.collect(loop.body, loop.id, &addressed)
    visit(loop.body)
    now += 1
    for id in life.indices {
      guard let range = life[id], range.upperBound > start else { continue }
      if before[id] != nil || addressed.contains(id) {
        life[id] = min(range.lowerBound, start)...now
      }
    }
    for id in life.indices where before[id] != nil && addressed.contains(id) {
      use(id)
    }
  }

  /// The buffers whose address moves with the loop.
  private static func collect(_ body: [Statement], _ loop: Int, _ found: inout Set<Int>) {
    func note(_ pointer: Pointer) {
      if pointer.address.terms.contains(where: { $0.index == .loop(loop) }) {
        found.insert(pointer.buffer.index)
      }
    }
    for statement in body {
      switch statement {
      case .kernel(let call): call.arguments.forEach(note)
      case .product(let call): [call.a, call.b, call.c].forEach(note)
      case .scatter(let call): [call.token, call.value, call.table].forEach(note)
      case .orthogonalize(let call): note(call.matrix)
      case .draw(let call): [call.logits, call.tokens].forEach(note)
      case .requireFinite(let pointers): pointers.forEach(note)
      case .loop(let inner): collect(inner.body, loop, &found)
      }
    }
  }

  private mutating func use(_ pointer: Pointer) { use(pointer.buffer.index) }

  private mutating func use(_ id: Int) {
    let start = life[id]?.lowerBound ?? now
    life[id] = min(start, now)...now
  }
}
