import GraphIR

/// What a statement does, for whoever asks where the time goes.
package struct StatementWork: Hashable, Sendable {
  /// So much for each place of these extents.
  package struct Term: Hashable, Sendable {
    /// How much at a place.
    package var amount: Int
    /// How many places.
    package var extents: [Extent]
  }

  /// Additions, multiplications and the like; an elementary function counts as what it is made of.
  package var operations: [Term]
  /// Bytes read and written, each place of an array once.
  package var bytes: [Term]
}

extension ProductCall {
  /// Two operations for each term, and the operands and the result once for every turn of the loops.
  package var work: StatementWork {
    let around = loops.map(\.extent)
    return StatementWork(
      operations: [.init(amount: 2, extents: around + [m, n, k])],
      bytes: [
        .init(amount: 4, extents: around + [m, k]),
        .init(amount: panels?.size ?? 4, extents: around + [k, n]),
        .init(amount: 4, extents: around + [m, n]),
      ]
    )
  }
}

extension KernelCall {
  /// The operations at each place, and what is read and written as the strides say.
  package var work: StatementWork {
    let places = kernel.operations.reduce(kernel.fold == nil ? 0 : 1) { $0 + $1.weight }
    func moved(_ access: Access) -> StatementWork.Term {
      let moving = zip(access.strides, extents).filter { !$0.0.isZero }.map(\.1)
      return .init(amount: 4, extents: moving)
    }
    let loads = kernel.operations.compactMap { operation -> StatementWork.Term? in
      switch operation {
      case .load(let access), .loadToken(let access): return moved(access)
      case .gather, .gatherToken: return .init(amount: 4, extents: extents)
      case .line, .index, .constant, .token, .position, .length, .unary, .binary, .select,
        .selectToken, .number, .equalTokens, .isToken, .random:
        return nil
      }
    }
    return StatementWork(
      operations: [.init(amount: places, extents: extents)],
      bytes: loads + kernel.stores.map { moved($0.access) }
    )
  }
}

extension ScatterCall {
  /// An addition for each element of the values; each is read, and the row read and written.
  package var work: StatementWork {
    let extents = (tables + loops).map(\.extent)
    let cleared = StatementWork.Term(amount: 4 * rows * width, extents: tables.map(\.extent))
    return StatementWork(
      operations: [.init(amount: width, extents: extents)],
      bytes: [.init(amount: 12 * width, extents: extents)] + (goesOn ? [] : [cleared])
    )
  }
}

extension Operation {
  /// How many additions or multiplications it is worth.
  fileprivate var weight: Int {
    switch self {
    case .unary(let op, _):
      switch op {
      case .exp, .sigmoid, .log, .log1p: 14
      case .tanh, .sin, .cos: 16
      case .negate, .sqrt, .abs, .stopGradient: 1
      }
    case .binary, .select, .selectToken, .equalTokens, .isToken: 1
    case .random: 60
    case .load, .loadToken, .gather, .gatherToken, .line, .index, .constant, .token, .position,
      .length, .number:
      0
    }
  }
}
