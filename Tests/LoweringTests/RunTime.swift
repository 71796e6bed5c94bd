import GraphIR
import Lowering

/// What sizes and addresses of a program come to while it runs.
struct RunTime {
  /// The axes' lengths, the batch's first; behind them what the names of pieces stand for.
  private(set) var lengths: [Int]
  /// Where each loop is, by its number.
  var places: [Int: Int] = [:]

  /// A run at these lengths, outside of all loops.
  init(lengths: [Int]) {
    self.lengths = lengths + Array(repeating: 0, count: 64 - lengths.count)
  }

  /// A number of elements.
  func value(_ size: Size) -> Int {
    size.lengths.reduce(size.constant) { $0 * lengths[Int($1.index)] }
  }

  /// How far a dimension goes.
  func value(_ extent: Extent) -> Int { value(extent.size) + extent.plus }

  /// The element of its buffer that a pointer points to.
  func address(_ pointer: Pointer) -> Int {
    pointer.address.terms.reduce(pointer.address.offset) { sum, term in
      switch term.index {
      case .one: sum + value(term.stride)
      case .loop(let id): sum + value(term.stride) * (places[id] ?? 0)
      case .loopParity(let id): sum + value(term.stride) * ((places[id] ?? 0) % 2)
      case .lengthParity(let axis): sum + value(term.stride) * (lengths[Int(axis.index)] % 2)
      }
    }
  }

  /// The places that a loop comes to, in its order.
  func turns(of loop: LoopStatement) -> [Int] {
    let length = lengths[Int(loop.axis.index)]
    let count =
      switch loop.span {
      case .axis: length
      case .pieces(let piece): (length + piece.steps - 1) / piece.steps
      case .piece(let piece): lengths[Int(piece.length.index)]
      }
    return loop.isReverse ? (0..<count).reversed() : Array(0..<count)
  }

  /// Comes to a turn of a loop.
  mutating func enter(_ loop: LoopStatement, at turn: Int) {
    places[loop.id] = turn
    guard case .pieces(let piece) = loop.span else { return }
    let start = turn * piece.steps
    lengths[Int(piece.start.index)] = start
    lengths[Int(piece.length.index)] = min(piece.steps, lengths[Int(loop.axis.index)] - start)
  }
}
