internal import GraphIR

extension Kernel {
  /// `true` iff lanes of a vector can hold neighbouring places of a dimension: whatever changes along it is
  /// arithmetic on numbers that stand next to each other.
  package func canVectorize(along dim: Int) -> Bool {
    for access in accesses where dim < access.strides.count {
      guard access.strides[dim].isZero || access.strides[dim] == .one else { return false }
    }
    // Folding away the dimension, or keeping it: the result moves with it or not, as it should.
    for store in stores where store.isToken || store.access.strides[dim] != .one {
      return false
    }
    if let fold = fold {
      let isKept = dim < constants.count - fold.dims
      if isKept != (fold.access.strides[dim] == .one) { return false }
    }
    let varies = varying(along: dim)
    for (place, operation) in operations.enumerated() where varies[place] {
      switch operation {
      case .loadToken, .gatherToken, .line, .index, .position, .number, .equalTokens, .selectToken,
        .token:
        return false
      case .gather(_, let token, _): if varies[token] { return false }
      case .isToken(let token, _, _): if varies[token] { return false }
      case .random(_, _, let counter):
        if counter.given.map({ varies[$0.value] }) == true { return false }
      case .load, .constant, .length, .unary, .binary, .select: continue
      }
    }
    return varies.contains(true) || !stores.isEmpty
  }

  /// For each operation, whether it changes along a dimension.
  package func varying(along dim: Int) -> [Bool] {
    var varies: [Bool] = []
    for operation in operations {
      let moves: Bool =
        switch operation {
        case .load(let access), .loadToken(let access):
          dim >= 0 && !access.strides[dim].isZero
        case .gather(let access, let token, _):
          dim >= 0 && !access.strides[dim].isZero || varies[token]
        case .gatherToken(let access, let token, _):
          dim >= 0 && !access.strides[dim].isZero || varies[token]
        case .line(let line): dim >= 0 && line.dims[dim] != 0
        case .constant, .token, .length: false
        case .position(let its, _): its == dim
        case .isToken(let token, let its, _): its == dim || varies[token]
        case .unary(_, let a), .number(let a), .index(let a, _): varies[a]
        case .binary(_, let a, let b), .equalTokens(let a, let b): varies[a] || varies[b]
        case .select(let c, let a, let b), .selectToken(let c, let a, let b):
          varies[c] || varies[a] || varies[b]
        case .random(_, _, let counter):
          dim >= 0 && counter.words.contains { $0.dims[dim] != 0 }
            || counter.given.map { varies[$0.value] } ?? false
        }
      varies.append(moves)
    }
    return varies
  }
}
