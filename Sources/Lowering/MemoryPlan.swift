package import GraphIR

/// Where each temporary of a program stands in the arena, and why: two share bytes only if their lives do
/// not overlap, or if one is made in the place of the other.
package struct MemoryPlan {
  /// Buffers that stand at one place, each made where the one before it was.
  package struct Piece {
    /// The buffers, in the order of their lives.
    package var buffers: [BufferID]
    /// From the birth of the first to the death of the last.
    package var life: ClosedRange<Int>
    /// The bytes that the largest needs.
    package var bytes: Int
    /// The first byte.
    package var offset = 0
    /// The byte behind the last.
    package var end: Int { offset + bytes }
  }

  /// The lives that it is made for.
  package let lives: BufferLives
  /// The pieces, in the order of their first buffers.
  package private(set) var pieces: [Piece]
  /// The bytes that stand for something at each statement; the first are those given before all.
  package let live: [Int]
  /// The bytes of arena.
  package private(set) var bytes = 0

  /// The least that any plan for these lives needs.
  package var leastBytes: Int { live.max() ?? 0 }

  /// Plans a program at the bounds of its axes.
  package init(_ program: Program, in graph: Graph) {
    lives = BufferLives(program)
    pieces = Self.pieces(program, lives, graph)
    live = Self.live(pieces, lives.count)
    place()
  }

  private static func pieces(_ program: Program, _ lives: BufferLives, _ graph: Graph) -> [Piece] {
    var pieces: [Piece] = []
    let inherits = Set(lives.heir.values)
    for (id, buffer) in program.buffers.enumerated()
    where buffer.place == .arena && !inherits.contains(id) {
      guard let life = lives.life[id] else { continue }
      var piece = Piece(buffers: [], life: life, bytes: 0)
      var next: Int? = id
      while let id = next {
        let elements = program.greatestElements(of: program.buffers[id], in: graph)
        piece.buffers.append(BufferID(id))
        // More than any arena may have is too much already, and sums of it still fit a number.
        let bytes = min(Program.rounded(elements * 4), Program.arenaLimit + 64)
        piece.bytes = max(piece.bytes, bytes)
        piece.life = life.lowerBound...(lives.life[id] ?? life).upperBound
        next = lives.heir[id]
      }
      pieces.append(piece)
    }
    return pieces
  }

  private static func live(_ pieces: [Piece], _ count: Int) -> [Int] {
    var change = [Int](repeating: 0, count: count + 2)
    for piece in pieces {
      change[piece.life.lowerBound] += piece.bytes
      change[piece.life.upperBound + 1] -= piece.bytes
    }
    var sum = 0
    return change.dropLast().map {
      sum += $0
      return sum
    }
  }

  /// Orders in which pieces are placed; none is best for all programs.
  private enum Order: CaseIterable {
    case size, area, length, birth, death
  }

  /// How often the pieces of one order that stand too high are put first.
  private static let rounds = 6
  /// How many pairs that live together are looked at before nothing further is tried.
  private static let effort = 4_000_000
  /// The bytes at which a plan is good enough: a hundredth more than the least.
  private var enough: Int { leastBytes + leastBytes / 100 }

  /// Places all pieces in some orders, and keeps the places that need the fewest bytes.
  ///
  /// In each order, what comes to stand higher than need be is put first, and all is placed again. For n
  /// pieces placing them costs n log n, plus the pairs that live together.
  private mutating func place() {
    var best: (bytes: Int, offsets: [Int]) = (.max, pieces.map { _ in 0 })
    var looks = 0
    for kind in Order.allCases {
      var order = sorted(kind)
      for _ in 0..<Self.rounds where looks < Self.effort && best.bytes > enough {
        let placed = Placement(pieces, order, statements: lives.count + 1)
        looks += placed.looks
        if placed.bytes < best.bytes { best = (placed.bytes, placed.offsets) }
        func isHigh(_ place: Int) -> Bool {
          placed.offsets[place] + pieces[place].bytes > leastBytes
        }
        order = order.filter(isHigh) + order.filter { !isHigh($0) }
      }
    }
    bytes = pieces.isEmpty ? 0 : best.bytes
    for place in pieces.indices { pieces[place].offset = best.offsets[place] }
  }

  private func sorted(_ order: Order) -> [Int] {
    func key(_ piece: Piece) -> (Int, Int) {
      let length = piece.life.upperBound - piece.life.lowerBound + 1
      return switch order {
      case .size: (-piece.bytes, piece.life.lowerBound)
      case .area: (-piece.bytes * length, -length)
      case .length: (-length, -piece.bytes)
      case .birth: (piece.life.lowerBound, -piece.bytes)
      case .death: (-piece.life.upperBound, -piece.bytes)
      }
    }
    let keys = pieces.map(key)
    return pieces.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
  }
}

/// Pieces placed one after the other, each at the lowest place that is free through its life.
private struct Placement {
  private(set) var bytes = 0
  private(set) var offsets: [Int]
  /// How many pairs that live together were looked at.
  private(set) var looks = 0

  init(_ pieces: [MemoryPlan.Piece], _ order: [Int], statements: Int) {
    offsets = Array(repeating: 0, count: pieces.count)
    var together = LivingTogether(statements: statements)
    for place in order {
      let piece = pieces[place]
      let others = together.with(piece.life).sorted { (offsets[$0], $0) < (offsets[$1], $1) }
      looks += others.count
      var start = 0
      for other in others where offsets[other] + pieces[other].bytes > start {
        if offsets[other] >= start + piece.bytes { break }
        start = offsets[other] + pieces[other].bytes
      }
      offsets[place] = start
      bytes = max(bytes, start + piece.bytes)
      together.add(place, piece.life)
    }
  }
}

/// Finds the lives that overlap another: those born during it, and those that hold its first statement.
private struct LivingTogether {
  private let statements: Int
  private var born: [[Int]]
  /// A segment tree over the statements: each life stands at the few nodes that make it up.
  private var tree: [[Int]]

  init(statements: Int) {
    self.statements = statements
    born = Array(repeating: [], count: statements)
    tree = Array(repeating: [], count: 2 * statements)
  }

  mutating func add(_ piece: Int, _ life: ClosedRange<Int>) {
    born[life.lowerBound].append(piece)
    var (low, high) = (life.lowerBound + statements, life.upperBound + statements + 1)
    while low < high {
      if low % 2 == 1 {
        tree[low].append(piece)
        low += 1
      }
      if high % 2 == 1 {
        high -= 1
        tree[high].append(piece)
      }
      (low, high) = (low / 2, high / 2)
    }
  }

  func with(_ life: ClosedRange<Int>) -> [Int] {
    var found: [Int] = []
    var node = life.lowerBound + statements
    while node >= 1 {
      found += tree[node]
      node /= 2
    }
    for statement in (life.lowerBound..<life.upperBound) { found += born[statement + 1] }
    return found
  }
}

extension Program {
  /// Gives every temporary its place in the arena; an arena of more than `arenaLimit` bytes is refused.
  mutating func planMemory(in graph: Graph) throws(Diagnostic) {
    let plan = MemoryPlan(self, in: graph)
    guard plan.bytes <= Self.arenaLimit else {
      let largest = plan.pieces.max { $0.bytes < $1.bytes }
      let name = largest?.buffers.first.map { self[$0].name } ?? ""
      throw Diagnostic(
        .wrong,
        "\(entry.rawValue) needs more than 64 GiB of arena, most of it for \(name)",
        hint: "lower the batch, the bound of an axis or a size"
      )
    }
    arenaBytes = plan.bytes
    for piece in plan.pieces {
      for buffer in piece.buffers { self[buffer].offset = piece.offset }
    }
  }

  /// The most bytes of arena that a program may need.
  fileprivate static let arenaLimit = 64 << 30

  /// Whole cache lines, with one more so that a vector may be read across the end.
  package static func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 + 64 }
}
