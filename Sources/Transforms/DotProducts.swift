internal import GraphIR

// A product that makes one element at a position, `v @ x`, has one column: a vector would multiply one
// number at a time, each sum waiting for the one before. In parts it reads whole vectors of terms, like
// the sum of a row.
//
// That is another order of a sum, so it stands in the equation for good: it is said before the graph
// parts into entries, by the operands' shapes alone, so that `step` adds as `infer` does.

extension Pass {
  /// Lets products of one element add their terms in parts.
  package static let dots = Pass(
    "dots",
    "lets a product that makes one element add its terms in parts"
  ) { graph throws(Diagnostic) in
    try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
      guard case .contract(var contraction) = site.node.op, contraction.axes.isEmpty,
        contraction.left.count == 1, site.node.type.shape.count == 1
      else { return nil }
      let terms = site.builder.type(site.operands[0]).shape[contraction.left.dims[0]]
      guard terms >= Contraction.leastInParts else { return nil }
      contraction.inParts = true
      return site.builder.append(.contract(contraction), site.operands)
    }
  }
}
