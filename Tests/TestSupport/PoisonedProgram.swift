package import GraphIR
package import Lowering

extension Program {
  /// The program with every byte of the arena spoilt while it stands for nothing: at the start, and as
  /// soon as what stood there has been used for the last time.
  ///
  /// The bytes are those of the token `none`, which as a real number are not one. What is spoilt so many
  /// statements too `early` shows whether that is found.
  package func poisoned(in graph: Graph, early: Int = 0) -> Program {
    let plan = MemoryPlan(self, in: graph)
    var program = self
    var spoiler = Spoiler(plan, early)
    let body = spoiler.spoilt(statements)
    var statements: [Statement] = []
    // What is given stands there before the first statement.
    let given = plan.pieces.filter { $0.life.lowerBound == 0 }.sorted { $0.offset < $1.offset }
    var start = 0
    for piece in given {
      statements += spoiler.spoil(start..<piece.offset)
      start = piece.end
    }
    program.statements = statements + spoiler.spoil(start..<arenaBytes) + body
    program.buffers += spoiler.buffers
    return program
  }
}

/// Puts statements that spoil a piece of the arena behind the last that uses it.
private struct Spoiler {
  private(set) var buffers: [Buffer] = []
  private let firstBuffer: Int
  private var dying: [Int: [MemoryPlan.Piece]] = [:]
  private var count = 0

  init(_ plan: MemoryPlan, _ early: Int) {
    firstBuffer = plan.lives.life.count
    for piece in plan.pieces {
      dying[piece.life.upperBound - early, default: []].append(piece)
    }
  }

  /// Counts statements as the plan does.
  mutating func spoilt(_ statements: [Statement]) -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      if case .barrier = statement {
        result.append(statement)
        continue
      }
      count += 1
      if case .loop(var loop) = statement {
        loop.body = spoilt(loop.body)
        count += 1
        result.append(.loop(loop))
      } else {
        result.append(statement)
      }
      for piece in dying[count] ?? [] { result += spoil(piece.offset..<piece.end) }
    }
    return result
  }

  mutating func spoil(_ bytes: Range<Int>) -> [Statement] {
    guard !bytes.isEmpty else { return [] }
    buffers.append(
      Buffer(
        name: "spoilt",
        place: .arena,
        holdsTokens: true,
        extent: Extent(bytes.count / 4),
        offset: bytes.lowerBound
      )
    )
    let call = KernelCall.fill(
      Pointer(buffer: BufferID(firstBuffer + buffers.count - 1)),
      [(Extent(bytes.count / 4), .one)],
      with: .token(-1),
      isToken: true,
      note: "spoilt"
    )
    return [.kernel(call)]
  }
}
