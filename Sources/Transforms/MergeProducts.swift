internal import GraphIR

// Products of one value with several weights are one product with all of them:
//
//     a = W1 @ x, b = W2 @ x   becomes   c = concat(W1, W2) @ x, a = c[:n], b = c[n:]
//
// So four gates cost a product a step, however a cell is written, and their gradients one each way. An
// element of a product is a sum of its own, in the order of the contracted dimension: its bits stay.
//
// Products of one element that add in parts stay: the order of their sums is another one.
//
// Putting the weights together costs a copy of them each call, and nothing where they are neighbouring
// rows of one weight. So only what is done many times a call is merged: what stands in the step of a
// scan, and what runs over an axis beside the batch. A stream's `step` works at one position, and its
// products stay as they are. So do those that different scans wait for, such as two directions: there
// is nothing to be gained that the copy would not cost.

extension Pass {
  /// Makes one product of several of one value, in steps and over axes.
  package static let merge = Pass(
    "merge",
    "makes one product of those of one value with several weights"
  ) { graph throws(Diagnostic) in
    let main = Merging(graph.main, outerCount: 0)
    return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      guard site.block.arguments.isEmpty else { return nil }
      if case .scan(let id) = site.node.op {
        let scan = site.graph[id]
        let step = Merging(scan.body, outerCount: scan.outerCount)
        return try GraphRewriter.scan(scan, of: site.graph, site.operands, into: site.builder) {
          $0.block == scan.body ? step.product($0) : nil
        }
      }
      return main.product(site)
    }
  }
}

/// The products of one block that are merged.
private struct Merging {
  /// What products that become one have in common.
  private struct Common: Hashable {
    /// The value they share.
    var shared: ValueID
    /// What they contract.
    var contraction: Contraction
    /// Which operand is the weight.
    var side: Int
    /// The scans that wait for the product.
    var scans: Set<ValueID>
  }

  private let block: Block
  private let outerCount: Int
  private var members: [Common: [ValueID]] = [:]
  /// By value, the scans that read it, or what is made of it.
  private var scans: [Set<ValueID>]

  init(_ block: Block, outerCount: Int) {
    self.block = block
    self.outerCount = outerCount
    let live = block.live()
    scans = Array(repeating: [], count: block.ids.count)
    for id in block.ids.reversed() where live[Int(id.index)] {
      let reached: Set<ValueID> =
        if case .scan = block[id].op { [id] } else { scans[Int(id.index)] }
      for operand in block.operands(id) { scans[Int(operand.index)].formUnion(reached) }
    }
    for id in block.ids where live[Int(id.index)] {
      guard let common = common(id) else { continue }
      members[common, default: []].append(id)
    }
  }

  /// What a product shares with those it is merged with; nothing if it is none to be merged.
  private func common(_ id: ValueID) -> Common? {
    guard case .contract(let contraction) = block[id].op, contraction.axes.isEmpty,
      contraction.left.count == 1, !contraction.inParts,
      !block.arguments.isEmpty || !block.type(id).axes.removing(.batch).isEmpty
    else { return nil }
    let operands = Array(block.operands(id))
    for side in [0, 1] {
      let type = block.type(operands[side])
      guard type.shape.rank == 2, type.axes.isEmpty, isWeight(operands[side]) else { continue }
      return Common(
        shared: operands[1 - side],
        contraction: contraction,
        side: side,
        scans: scans[Int(id.index)]
      )
    }
    return nil
  }

  /// `true` iff a value is given from outside the block, or some part of such a one.
  private func isWeight(_ id: ValueID) -> Bool {
    switch block[chain(id)[0]].op {
    case .variable: true
    case .argument(let place): Int(place) < outerCount
    case .constant, .token, .position, .length, .random, .unary, .binary, .select, .number,
      .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .sequence,
      .reindex, .scan, .project:
      false
    }
  }

  /// A value and what it is a part of, the whole first.
  private func chain(_ id: ValueID) -> [ValueID] {
    var chain = [id]
    while true {
      switch block[chain[0]].op {
      case .slice, .transpose, .reshape:
        guard let whole = block.operands(chain[0]).first else { return chain }
        chain.insert(whole, at: 0)
      case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
        .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .pad,
        .concat, .orthogonalize, .broadcast, .element, .place, .shift, .sequence, .reindex, .scan,
        .project:
        return chain
      }
    }
  }

  /// A product's part of the one that it is merged into; nothing if it stays.
  func product(_ site: GraphRewriter.Site) -> ValueID? {
    guard let common = common(site.id), let its = members[common], its.count > 1,
      let place = its.firstIndex(of: site.id)
    else { return nil }
    let builder = site.builder
    let (side, contraction) = (common.side, common.contraction)
    let contracted = side == 0 ? contraction.left.dims[0] : contraction.right.dims[0]
    let rest = 1 - contracted
    // The first is built before the weights of the others were copied; equal nodes are one.
    let weights = its.map { copied(Array(block.operands($0))[side], into: builder) }
    let counts = weights.map { builder.type($0).shape[rest] }
    let shared = site.operands[1 - side]
    let dim = side == 0 ? 0 : builder.type(shared).shape.rank - 1
    let whole = site.node.type.shape.replacing(dim, by: counts.reduce(0, +))
    guard whole != nil else { return nil }
    let joined = builder.append(.concat(dim: Int32(rest)), weights)
    let product = builder.append(
      .contract(contraction),
      side == 0 ? [joined, shared] : [shared, joined]
    )
    let start = counts[..<place].reduce(0, +)
    return builder.append(
      .slice(start: Int32(start), count: Int32(counts[place]), dim: Int32(dim)),
      [product]
    )
  }

  private func copied(_ id: ValueID, into builder: BlockBuilder) -> ValueID {
    chain(id).reduce(ValueID(-1)) { whole, part in
      builder.append(block[part].op, whole.index < 0 ? [] : [whole], name: block.name(part))
    }
  }
}
