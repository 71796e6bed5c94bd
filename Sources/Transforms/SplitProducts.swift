internal import GraphIR

// A product with a concatenation or a sum is a sum of products:
//
//     W @ concat(x, h) = W[:, :k] @ x + W[:, k:] @ h        W @ (x + h) = W @ x + W @ h
//
// It is split where a part needs no state and the rest does, so that hoisting takes the part out of the
// loop. Of a concatenation the loop's product is then the smaller one, and nothing is concatenated in
// each step. Of a sum it is as large as before, unless the rest runs over fewer axes: so a sum is split
// only there, as where a state is added to each place of a memory.
//
// A one-hot is split off wherever it is, since its product is but a row of the weight.
//
// The new sum stands in the equation for good: it is made before the graph parts into entries, by what
// the step says alone, so that `step` adds in the order that `infer` does.

extension Pass {
  /// Splits products in steps wherever a part of one needs no state.
  package static let split = Pass(
    "split",
    "splits products with a concatenation or a sum of which a part needs no state"
  ) { graph throws(Diagnostic) in
    let everywhere = [Bool](repeating: true, count: graph.main.count)
    let main = Splitting(graph.main, stateless: everywhere)
    return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      guard site.block.arguments.isEmpty else { return nil }
      guard case .scan(let id) = site.node.op else { return main.product(site) }
      let scan = site.graph[id]
      let splitting = Splitting(scan.body, stateless: scan.stateless())
      return try GraphRewriter.scan(scan, of: site.graph, site.operands, into: site.builder) {
        step in
        step.block == scan.body ? splitting.product(step) : nil
      }
    }
  }
}

/// The splitting of the products of one block.
private struct Splitting {
  /// A part of a product's sum: the products of these two, added or subtracted.
  private struct Term {
    /// What is split, in the old block; nothing if it is several parts put together.
    let old: ValueID?
    /// The same in the new block.
    let value: ValueID
    /// The other operand, in the new block.
    let other: ValueID
    /// `true` iff it is subtracted.
    var isNegative = false
    /// `true` iff it needs no state.
    let isStateless: Bool
  }

  private let body: Block
  private let stateless: [Bool]

  init(_ block: Block, stateless: [Bool]) {
    body = block
    self.stateless = stateless
  }

  private func isStateless(_ id: ValueID) -> Bool { stateless[Int(id.index)] }

  /// What stands for a product instead; nothing if it stays.
  func product(_ site: GraphRewriter.Site) -> ValueID? {
    guard case .contract(let contraction) = site.node.op, contraction.axes.isEmpty,
      contraction.left.count == 1
    else { return nil }
    let old = Array(body.operands(site.id))
    for side in [1, 0] {
      let (own, its) = (contraction.dims(side)[0], contraction.dims(1 - side)[0])
      let whole = Term(
        old: old[side],
        value: site.operands[side],
        other: site.operands[1 - side],
        isStateless: isStateless(site.id)
      )
      var terms: [Term] = []
      var pending = [whole]
      while let next = pending.popLast() {
        let mayMove = isStateless(old[1 - side]) && !isStateless(old[side])
        if let parts = concatenated(next, own, its, mayMove, site.builder)
          ?? (mayMove ? summed(next, site.builder) : nil)
        {
          pending += parts.reversed()
        } else {
          terms.append(next)
        }
      }
      guard terms.count > 1 else { continue }
      // What moves out is added up first.
      terms = terms.filter(\.isStateless) + terms.filter { !$0.isStateless }
      return sum(terms, of: site.node.op, side, site.builder)
    }
    return nil
  }

  private func sum(_ terms: [Term], of op: Op, _ side: Int, _ builder: BlockBuilder) -> ValueID? {
    var total: Expr?
    for term in terms {
      let operands = side == 0 ? [term.value, term.other] : [term.other, term.value]
      let product = builder.expr(builder.append(op, operands))
      if let sum = total {
        total = term.isNegative ? sum - product : sum + product
      } else {
        total = term.isNegative ? -product : product
      }
    }
    return total?.id
  }

  /// What becomes of a part.
  private enum Kind {
    /// It is a one-hot, whose product is a row.
    case row
    /// It may leave the loop.
    case moving
    /// It stays.
    case staying
  }

  private func kind(_ part: ValueID, _ mayMove: Bool) -> Kind {
    if case .oneHot = body[part].op, body.type(part).shape.rank == 1 { return .row }
    return mayMove && isStateless(part) ? .moving : .staying
  }

  /// The parts of a concatenation along the contracted dimension, neighbours of one kind together.
  private func concatenated(
    _ term: Term,
    _ own: Int,
    _ its: Int,
    _ mayMove: Bool,
    _ builder: BlockBuilder
  ) -> [Term]? {
    let dim = Int32(own)
    guard let old = term.old, body[old].op == .concat(dim: dim) else { return nil }
    // A concatenation in the concatenation is some of its parts.
    var parts: [(old: ValueID, value: ValueID)] = [(old, term.value)]
    while let place = parts.firstIndex(where: { body[$0.old].op == .concat(dim: dim) }) {
      let (old, value) = parts[place]
      let inner = zip(body.operands(old), builder.block.operands(value)).map { ($0, $1) }
      parts.replaceSubrange(place...place, with: inner)
    }
    let kinds = parts.map { kind($0.old, mayMove) }
    guard Set(kinds).count > 1 || kinds[0] == .row else { return nil }
    var terms: [Term] = []
    var row = 0
    var place = 0
    while place < parts.count {
      let kind = kinds[place]
      let next = place + 1
      let end = kind == .row ? next : kinds[next...].firstIndex { $0 != kind } ?? parts.count
      let run = parts[place..<end]
      let rows = run.reduce(0) { $0 + builder.type($1.value).shape[own] }
      let rest = Op.slice(start: Int32(row), count: Int32(rows), dim: Int32(its))
      terms.append(
        Term(
          old: run.count == 1 ? run.first?.old : nil,
          value: run.count == 1
            ? parts[place].value : builder.append(.concat(dim: dim), run.map(\.value)),
          other: builder.append(rest, [term.other]),
          isNegative: term.isNegative,
          isStateless: run.allSatisfy { isStateless($0.old) }
        )
      )
      row += rows
      place = end
    }
    return terms
  }

  /// The summands of a sum of which one needs no state and the other runs over fewer axes.
  private func summed(_ term: Term, _ builder: BlockBuilder) -> [Term]? {
    guard let old = term.old, !term.isStateless else { return nil }
    let isDifference = body[old].op == .binary(.subtract)
    guard isDifference || body[old].op == .binary(.add) else { return nil }
    let type = body.type(old)
    let summands = zip(body.operands(old), builder.block.operands(term.value)).map { ($0, $1) }
    guard let moving = summands.first(where: { isStateless($0.0) }),
      let staying = summands.first(where: { !isStateless($0.0) }), moving != staying,
      body.type(staying.0).axes != type.axes
    else { return nil }
    return summands.enumerated().map { place, summand in
      let own = body.type(summand.0)
      return Term(
        old: own.shape == type.shape ? summand.0 : nil,
        value: builder.matching(summand.1, type.over(own.axes)),
        other: term.other,
        isNegative: term.isNegative != (isDifference && place == 1),
        isStateless: isStateless(summand.0)
      )
    }
  }
}

extension Contraction {
  /// The contracted dimensions of one operand.
  fileprivate func dims(_ side: Int) -> [Int] { side == 0 ? left.dims : right.dims }
}
