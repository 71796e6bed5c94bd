import GraphIR
import TestSupport

extension DerivativeCase {
  /// Cases for each kind of operation; none for those through which no gradient passes.
  static func cases(_ kind: OpKind) -> [DerivativeCase] {
    switch kind {
    case .constant, .token, .argument, .position, .length, .random, .number, .argmax, .oneHot,
      .draw, .orthogonalize:
      []
    case .variable: [DerivativeCase("a weight itself", [real(.none, 3)]) { $1[0] }]
    case .unary: UnaryOp.allCases.flatMap(unary)
    case .binary: BinaryOp.allCases.filter { !$0.isComparison }.flatMap(binary)
    case .select: select
    case .contract: contract
    case .reduce: reduce
    case .gather: gather
    case .scatterAdd: scatterAdd
    case .slice:
      [0, 1].map { DerivativeCase(.slice(start: 1, count: 2, dim: $0), real(.batch, 4, 3)) }
    case .pad:
      [0, 1].map { DerivativeCase(.pad(before: 1, after: 2, dim: $0), real(.batch, 2, 3)) }
        + sideBySide
    case .concat: [DerivativeCase(.concat(), real(.batch, 2), real(.none, 1), real(.batch, 3))]
    case .transpose: [DerivativeCase(.transpose, real(.batch, 2, 3))]
    case .reshape: [DerivativeCase(.reshape(real(.none, 3, 2).shape), real(.batch, 6))]
    case .broadcast: broadcast
    case .element:
      [Position.first, .last, .at(1)].map {
        DerivativeCase(.element(time, $0), real(AxisSet(.batch, time), 2))
      } + [placeByPlace]
    case .place:
      [Position.first, .last, .at(1)].map { DerivativeCase(.place(time, $0), real(.batch, 2)) }
    case .shift: [false, true].flatMap(shift)
    case .sequence:
      [DerivativeCase(.sequence(time), real(.batch, 2), real(.none, 2), real(.batch))]
    case .reindex: reindex
    case .scan, .project: ScanCases.all
    }
  }

  private static func unary(_ op: UnaryOp) -> [DerivativeCase] {
    switch op {
    case .log, .sqrt, .log1p: [DerivativeCase(.unary(op), real(.batch, 3), in: 0.2...2)]
    case .stopGradient: []
    case .negate, .exp, .tanh, .sigmoid, .sin, .cos, .abs:
      [DerivativeCase(.unary(op), real(AxisSet(.batch, time), 3), in: -2...2)]
    }
  }

  private static func binary(_ op: BinaryOp) -> [DerivativeCase] {
    [
      DerivativeCase(.binary(op), real(.batch, 3), real(AxisSet(time), 3), in: 0.3...1.5),
      DerivativeCase(.binary(op), real(.batch, 3), real(), in: 0.3...1.5),
      DerivativeCase(.binary(op), real(), real(.batch, 2, 2), in: 0.3...1.5),
    ]
  }

  private static let reindex = [
    Reindex(from: time, to: time, plus: -1, row: 1),
    Reindex(from: time, to: time, scale: 2, plus: 1, row: -1),
    Reindex(from: time, to: time, plus: 0, row: 1, divisor: 2),
  ].map { DerivativeCase(.reindex($0), real(AxisSet(.batch, time), 3)) }

  private static let select = [
    DerivativeCase("select by a comparison", [real(.batch, 4), real(), real(AxisSet(time), 4)]) {
      _,
      x in
      x[0].isLess(than: x[1]).select(x[0], x[2]) * x[1]
    },
    DerivativeCase("a select that takes nothing from the condition", [real(.batch, 2)]) { _, x in
      x[0].select(x[0] * x[0], x[0])
    },
  ]

  /// Products of ranks 0 to 2, of 0 to 2 contracted dimensions in either order, and of axes.
  private static let contract: [DerivativeCase] = {
    let both = AxisSet(.batch, time)
    func product(_ left: DimList, _ right: DimList, _ axes: AxisSet, _ a: ValueType, _ b: ValueType)
      -> DerivativeCase
    {
      DerivativeCase(.contract(Contraction(left: left, right: right, axes: axes)), a, b)
    }
    return [
      product([], [], .none, real(.batch, 2), real(both, 3)),
      product([], [], .none, real(), real(.batch, 2)),
      product([1], [0], .none, real(.none, 2, 3), real(both, 3)),
      product([0], [1], .none, real(both, 3), real(.none, 2, 3)),
      product([0], [0], .none, real(.batch, 3), real(.none, 3)),
      product([0], [0], .none, real(.none, 3, 2), real(.batch, 3, 4)),
      product([1], [1], .none, real(.none, 2, 3), real(.none, 4, 3)),
      product([1], [0], .none, real(.batch, 2, 3), real(AxisSet(time), 3, 4)),
      product([0, 1], [0, 1], .none, real(.none, 2, 3), real(.batch, 2, 3)),
      product([0, 1], [1, 0], .none, real(.none, 2, 3), real(.batch, 3, 2)),
      product([1, 0], [0, 1], .none, real(.none, 2, 3), real(.batch, 3, 2)),
      product([], [], both, real(both, 2), real(both, 3)),
      product([], [], AxisSet(time), real(both, 2), real(.none, 3)),
      product([], [], .batch, real(AxisSet(time), 2), real(both, 3)),
      product([0], [0], AxisSet(time), real(AxisSet(time, head), 3), real(both, 3)),
      product([1], [0], .batch, real(both, 2, 3), real(.batch, 3)),
    ]
  }()

  private static let reduce: [DerivativeCase] = [
    DerivativeCase(.reduce(.sum, Reduction(dims: [1], axes: .batch)), real(.batch, 2, 3)),
    DerivativeCase(.reduce(.sum, Reduction(dims: [0, 1])), real(AxisSet(time), 2, 3)),
    DerivativeCase(
      .reduce(.sum, Reduction(axes: AxisSet(.batch, time))),
      real(AxisSet(.batch, time), 2)
    ),
    DerivativeCase(.reduce(.maximum, Reduction(dims: [0])), real(.batch, 4)),
    DerivativeCase(.reduce(.maximum, Reduction(dims: [0, 1])), real(.batch, 2, 3)),
    DerivativeCase(
      .reduce(.maximum, Reduction(axes: AxisSet(time))),
      real(AxisSet(.batch, time), 2)
    ),
    DerivativeCase(.reduce(.minimum, Reduction(dims: [0])), real(.batch, 4)),
  ]

  private static let row = ValueType(.token(4), axes: AxisSet(.batch, time))

  private static let gather: [DerivativeCase] = [
    DerivativeCase(.gather, real(.none, 4, 3), row),
    DerivativeCase(.gather, real(.batch, 4, 3), row),
    DerivativeCase(.gather, real(AxisSet(.batch, time), 4), row),
    DerivativeCase(.gather, real(.none, 4), row),
  ]

  private static let scatterAdd: [DerivativeCase] = [
    DerivativeCase("scatterAdd over its axes", [row, real(AxisSet(.batch, time), 2)]) { _, x in
      x[0].apply(.scatterAdd(rows: 4, axes: AxisSet(.batch, time)), x[1])
    },
    DerivativeCase("scatterAdd of a value without the axis", [row, real(.batch, 2)]) { _, x in
      x[0].apply(.scatterAdd(rows: 4, axes: AxisSet(time)), x[1])
    },
  ]

  private static let broadcast: [DerivativeCase] = [
    DerivativeCase(
      .broadcast(
        Broadcast(axes: AxisSet(.batch, time), shape: real(.none, 2, 3, 4).shape, kept: [1])
      ),
      real(.batch, 3)
    ),
    DerivativeCase(
      .broadcast(Broadcast(axes: .batch, shape: real(.none, 2, 3).shape, kept: [0, 1])),
      real(.none, 2, 3)
    ),
  ]

  /// Gradients that fill different rows are laid side by side, with a gap and with none.
  private static let sideBySide: [DerivativeCase] = [
    DerivativeCase("rows of one value, one left out", [real(.batch, 5)]) { _, x in
      let first = x[0].apply(.slice(start: 3, count: 2))
      return (first * first).apply(.concat(), x[0].apply(.slice(start: 0, count: 2)).unary(.sin))
    },
    DerivativeCase("columns of one value, one left out", [real(.batch, 2, 4)]) { _, x in
      let first = x[0].apply(.slice(start: 3, count: 1, dim: 1))
      let second = x[0].apply(.slice(start: 0, count: 2, dim: 1)).unary(.sin)
      return (first * first).apply(.concat(dim: 1), second)
    },
    DerivativeCase("rows and columns of one value", [real(.none, 2, 2)]) { _, x in
      x[0].apply(.slice(start: 1, count: 1, dim: 1)).apply(.reshape(real(.none, 2).shape))
        .apply(
          .concat(),
          x[0].apply(.slice(start: 0, count: 1)).apply(.reshape(real(.none, 2).shape))
        )
    },
    DerivativeCase("rows of one value that overlap", [real(.batch, 5)]) { _, x in
      let first = x[0].apply(.slice(start: 0, count: 3))
      return (first * first).apply(.concat(), x[0].apply(.slice(start: 2, count: 3)).unary(.sin))
    },
  ]

  private static let placeByPlace = DerivativeCase(
    "counted places of one value, one twice",
    [real(AxisSet(.batch, time), 2)]
  ) { _, x in
    let (a, b) = (x[0].apply(.element(time, .at(2))), x[0].apply(.element(time, .at(0))))
    return a * b + a.unary(.sin)
  }

  private static func shift(_ reverse: Bool) -> [DerivativeCase] {
    [
      DerivativeCase(
        .shift(time, reverse: reverse),
        real(AxisSet(.batch, time), 2),
        real(.batch, 2)
      ),
      DerivativeCase(.shift(time, reverse: reverse), real(AxisSet(.batch, time), 2), real()),
      DerivativeCase(.shift(time, reverse: reverse), real(AxisSet(time)), real(.batch, 2)),
    ]
  }
}
