internal import GraphIR

/// What becomes of each node of a block: which stand in memory, and in which order they are made.
///
/// A node's level is the number of barriers before it: products, reductions, scans, whatever must be
/// whole before it is read. At each level the barriers come first, then the kernels; element-by-element
/// nodes of one level are fused. A node stands in memory if something reads it there, or if a later
/// level would calculate something costly again.
struct BlockPlan {
  /// For each node, whether a root depends on it.
  let live: [Bool]
  /// For each node, the level at which it is made.
  private(set) var level: [Int]
  /// For each node, the level from which on it can be read.
  private(set) var ready: [Int]
  /// For each node, whether it has memory of its own.
  private(set) var inMemory: [Bool]
  /// The highest level.
  private(set) var highest = 0

  private let block: Block
  private let graph: Graph

  /// Plans a block for these results, and for what is stored last of all.
  init(_ block: Block, of graph: Graph, results: [ValueID], last: [ValueID]) {
    self.block = block
    self.graph = graph
    live = block.live(from: results + last)
    level = Array(repeating: 0, count: block.count)
    ready = level
    inMemory = Array(repeating: false, count: block.count)
    for id in block.ids where live[Int(id.index)] { place(id) }
    for id in block.ids where live[Int(id.index)] { needOperands(id) }
    keepCostly(last: last, early: early(results))
  }

  /// For each node, whether something other than the last stores needs it.
  private func early(_ results: [ValueID]) -> [Bool] {
    var early = [Bool](repeating: false, count: block.count)
    for id in results { early[Int(id.index)] = true }
    for id in block.ids.reversed() where live[Int(id.index)] {
      let index = Int(id.index)
      guard early[index] || inMemory[index] || making(id) == .barrier else {
        continue
      }
      for operand in block.operands(id) { early[Int(operand.index)] = true }
    }
    return early
  }

  /// How a node gets its value.
  enum Making {
    /// It is memory already: an argument, a variable, a scan's result.
    case given
    /// Calculated where it is read, or in a kernel of its level.
    case inline
    /// A place in another node's memory.
    case alias
    /// A statement of its own.
    case barrier
    /// Parts stored next to each other.
    case assembled
  }

  /// How a node gets its value.
  func making(_ id: ValueID) -> Making {
    switch block[id].op {
    case .contract where isOuter(id): .inline
    case .element(_, .rowLast): .inline
    case .variable, .argument, .project: .given
    case .constant, .token, .position, .length, .random, .unary, .binary, .select, .number,
      .oneHot, .gather, .transpose, .broadcast, .reindex:
      .inline
    case .slice, .reshape, .element: .alias
    case .contract, .reduce, .argmax, .scatterAdd, .draw, .orthogonalize, .scan: .barrier
    case .pad, .concat, .place, .shift, .sequence: .assembled
    }
  }

  /// `true` iff a node is a product of one term, such as that with a single input: a multiplication.
  private func isOuter(_ id: ValueID) -> Bool {
    guard case .contract(let contraction) = block[id].op, contraction.axes.isEmpty,
      let left = block.operands(id).first
    else { return false }
    return contraction.left.dims.allSatisfy { block.type(left).shape[$0] == 1 }
  }

  /// `true` iff a node is a product that tiles make, which read both operands from memory.
  func isTiled(_ id: ValueID) -> Bool {
    guard case .contract(let contraction) = block[id].op else { return false }
    return !contraction.inParts && !isOuter(id)
  }

  private mutating func place(_ id: ValueID) {
    let operands = block.operands(id)
    var latest = operands.map { ready[Int($0.index)] }.max() ?? 0
    let index = Int(id.index)
    if let whole = wholeOperand(id) { latest = max(latest, ready[Int(whole.index)] + 1) }
    switch making(id) {
    case .inline where isMatrixTurned(id):
      level[index] = latest
      ready[index] = latest + 1
      inMemory[index] = true
    case .given, .inline, .alias:
      level[index] = latest
      ready[index] = latest
    case .barrier:
      level[index] = latest + 1
      ready[index] = latest + 1
      inMemory[index] = true
    case .assembled:
      level[index] = latest
      ready[index] = latest + 1
      inMemory[index] = true
    }
    highest = max(highest, ready[index])
  }

  /// The node that an inline node or a place in memory reads from memory though it is calculated in a
  /// kernel: that kernel must come first.
  private func wholeOperand(_ id: ValueID) -> ValueID? {
    switch block[id].op {
    case .reshape, .gather, .reindex, .element(_, .rowLast): break
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .contract, .reduce, .argmax, .oneHot, .scatterAdd, .draw, .slice, .pad,
      .concat, .transpose, .orthogonalize, .broadcast, .element, .place, .shift,
      .sequence, .scan, .project:
      return nil
    }
    guard let read = block.operands(id).first, !isTurnedWeight(read) else { return nil }
    let source = source(read)
    if case .inline = making(source) { return source } else { return nil }
  }

  /// `true` iff a node is a weight, or a part of one, whose rows are columns: its second form.
  func isTurnedWeight(_ id: ValueID) -> Bool {
    guard block[id].op == .transpose, block.type(id).axes.isEmpty else { return false }
    var source = id
    while let inner = block.operands(source).first {
      switch block[inner].op {
      case .slice: source = inner
      case .variable(let variable):
        if case .parameter = graph[variable].kind { return true } else { return false }
      case .constant, .token, .argument, .position, .length, .random, .unary, .binary, .select,
        .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .pad, .concat,
        .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .sequence,
        .reindex, .scan, .project:
        return false
      }
    }
    return false
  }

  /// `true` iff a node is a turned matrix that is the same everywhere: it is made once, since whoever
  /// read its rows down the columns could not read whole vectors.
  private func isMatrixTurned(_ id: ValueID) -> Bool {
    block[id].op == .transpose && block.type(id).axes.isEmpty && !isTurnedWeight(id)
  }

  /// The node whose memory a node is a place of; itself if it has its own.
  private func source(_ id: ValueID) -> ValueID {
    var id = id
    while case .alias = making(id), let operand = block.operands(id).first {
      id = operand
    }
    return id
  }

  /// Marks what operands a statement reads from memory.
  private mutating func needOperands(_ id: ValueID) {
    let operands = Array(block.operands(id))
    switch block[id].op {
    case .contract: if isTiled(id) { operands.forEach { needMemory($0) } }
    case .scatterAdd, .reshape, .draw: operands.forEach { needMemory($0) }
    case .gather, .reindex, .element(_, .rowLast):
      if !isTurnedWeight(operands[0]) { needMemory(operands[0]) }
    case .scan(let scan):
      let given = graph[scan].outerCount + graph[scan].sequenceCount
      for operand in operands.prefix(given) where !isTurnedWeight(operand) { needMemory(operand) }
    case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
      .select, .number, .reduce, .argmax, .oneHot, .slice, .pad, .concat, .transpose,
      .orthogonalize, .broadcast, .element, .place, .shift, .sequence, .project:
      break
    }
  }

  /// Gives a node memory, or the node whose memory it is a place of.
  private mutating func needMemory(_ id: ValueID) {
    let source = source(id)
    switch making(source) {
    case .inline: inMemory[Int(source.index)] = true
    case .given, .alias, .barrier, .assembled: break
    }
  }

  /// The greatest cost of what is calculated again instead of being kept.
  private static let cheap = 3

  /// Keeps in memory what a later level would have to calculate again at some cost.
  private mutating func keepCostly(last: [ValueID], early: [Bool]) {
    var latestUse = [Int](repeating: 0, count: block.count)
    for id in block.ids where live[Int(id.index)] {
      for operand in block.operands(id) {
        latestUse[Int(operand.index)] = max(latestUse[Int(operand.index)], level[Int(id.index)])
      }
    }
    for id in last where early[Int(id.index)] { latestUse[Int(id.index)] = Int.max }
    // A place in another value is used where its reader is.
    for id in block.ids.reversed() where live[Int(id.index)] {
      guard case .alias = making(id) else { continue }
      for operand in block.operands(id) {
        latestUse[Int(operand.index)] = max(
          latestUse[Int(operand.index)],
          latestUse[Int(id.index)]
        )
      }
    }
    var cost = [Int](repeating: 0, count: block.count)
    for id in block.ids where live[Int(id.index)] {
      let index = Int(id.index)
      guard case .inline = making(id), !inMemory[index] else { continue }
      let below = block.operands(id).map { min(cost[Int($0.index)], 1000) }.reduce(0, +)
      cost[index] = ownCost(block[id].op) + below
      if latestUse[index] > level[index], cost[index] > Self.cheap {
        inMemory[index] = true
        cost[index] = 0
      }
    }
  }

  private func ownCost(_ op: Op) -> Int {
    switch op {
    case .unary(let unary): unary.isCostly ? 12 : 1
    case .binary, .select, .number, .oneHot, .contract: 1
    case .gather, .reindex, .element(_, .rowLast): 2
    case .random: 40
    case .constant, .token, .variable, .argument, .position, .length, .reduce, .argmax,
      .scatterAdd, .draw, .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast,
      .element, .place, .shift, .sequence, .scan, .project:
      0
    }
  }
}
