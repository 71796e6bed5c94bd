package import GraphIR

// How much a graph has to do, as the passes count it: for each node the elements it makes, or goes
// through, times what one costs beside an addition. A step counts once for each position of its axis, an
// axis as long as its bound, or 16 positions where there is none. What is read where it lies costs
// nothing. It is a measure to compare two forms of one graph by, not a time.

extension Graph {
  /// How much there is to do, in additions.
  package var work: Double {
    var total = 0.0
    var pending: [(block: Block, times: Double)] = [(main, 1)]
    while let (block, times) = pending.popLast() {
      let live = block.live()
      for id in block.ids where live[Int(id.index)] {
        if case .scan(let scan) = block[id].op {
          pending.append((self[scan].body, times * length(self[scan].axis)))
        } else {
          total += times * work(id, in: block)
        }
      }
    }
    return total
  }

  private func length(_ axis: AxisID) -> Double { Double(self[axis].bound ?? 16) }

  /// How many elements a value has.
  private func count(_ axes: AxisSet, _ shape: Shape) -> Double {
    axes.axes.reduce(Double(shape.count)) { $0 * length($1) }
  }

  /// How many elements a value has.
  func count(_ type: ValueType) -> Double { count(type.axes, type.shape) }

  private func work(_ id: ValueID, in block: Block) -> Double {
    let type = block.type(id)
    let operands = block.operands(id).map { block.type($0) }
    switch block[id].op {
    case .constant, .token, .variable, .argument, .position, .length, .slice, .reshape, .broadcast,
      .element, .project, .scan:
      return 0
    case .unary(let unary): return count(type) * (unary.isCostly ? 12 : 1)
    case .binary, .select, .number, .oneHot, .pad, .concat, .transpose, .place, .shift, .sequence:
      return count(type)
    case .reindex: return 2 * count(type)
    case .gather:
      // What is calculated must be written before a row of it is read.
      let table = block.operands(id)[block.operands(id).startIndex]
      return 2 * count(type) + (block[table].op.isElementwise ? count(operands[0]) : 0)
    case .random, .draw: return 40 * count(type)
    case .reduce, .argmax: return count(operands[0])
    case .scatterAdd: return count(type) + 2 * count(operands[1])
    case .orthogonalize:
      return 2 * count(type) * Double(min(type.shape[0], type.shape[1]))
    case .contract(let contraction):
      let rest = contraction.right.dims.reduce(Double(operands[1].shape.count)) {
        $0 / Double(operands[1].shape[$1])
      }
      return 2 * rest * count(operands[0].axes.union(operands[1].axes), operands[0].shape)
    }
  }
}
