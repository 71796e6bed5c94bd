internal import GraphIR

/// How the workers of a call divide a statement among them.
///
/// Whatever is divided, one worker makes each element of a result, all its terms in their order: the
/// bits do not depend on how many there are.
package enum Share: Hashable, Sendable {
  /// The first does it.
  case alone
  /// Each does its rows of the batch.
  case rows(AxisPlaces)
  /// Each does a stretch of a dimension that begins and ends at multiples of a number.
  case stretch(dimension: Int, multiple: Int)
}

/// Where a dimension of a statement holds the positions of an axis, rows of the batch among them: `outer`
/// times all of them, each of `inner` places.
///
/// Dimensions have numbers: of a kernel its own; of a product its loops, its rows, its columns, its
/// terms; of a scatter its tables, then the width of their rows.
package struct AxisPlaces: Hashable, Sendable {
  /// The dimension.
  package var dimension: Int
  /// How often all positions come.
  package var outer: Size
  /// How many places of the dimension a position has.
  package var inner: Size

  /// A dimension that is the axis alone.
  package init(dimension: Int) {
    self.dimension = dimension
    outer = .one
    inner = .one
  }

  /// The same positions as dimension number `dimension`.
  package func at(_ dimension: Int) -> AxisPlaces {
    var moved = self
    moved.dimension = dimension
    return moved
  }

  /// The same positions when dimension `dim` and the one after it, of these sizes, become one of its
  /// number.
  func merging(_ dim: Int, outer: Size, inner: Size) -> AxisPlaces {
    var places = self
    if dimension == dim {
      places.inner = self.inner * inner
    } else if dimension == dim + 1 {
      places.outer = self.outer * outer
    }
    if dimension > dim { places.dimension -= 1 }
    return places
  }
}

extension Share {
  /// The rows of the batch, if those divide it.
  package var rows: AxisPlaces? {
    if case .rows(let rows) = self { rows } else { nil }
  }

  /// The dimension that is divided; nothing if none is.
  package var dimension: Int? {
    switch self {
    case .alone: nil
    case .rows(let rows): rows.dimension
    case .stretch(let dimension, _): dimension
    }
  }
}

extension Program {
  /// `true` iff several workers may run it together: barriers stand where they need them.
  ///
  /// What is called once a position, or calculates a few numbers, is run by the caller alone.
  package var isShared: Bool {
    switch entry {
    case .initialize, .infer, .evaluate, .gradients, .train, .update, .begin, .pullback: true
    case .measures, .step, .generate, .advance: false
    }
  }

  /// Decides how workers divide every statement.
  ///
  /// Rows of the batch divide whatever has them, so that one worker goes through all steps of a row
  /// and waits for nobody. Outside loops the rest is cut along another dimension where that is worth a
  /// wait, and products of many rows are cut into whole tiles. A row that is alone has nobody to share a loop
  /// with, so its large products are cut into columns and long kernels into stretches, and workers wait for each
  /// other at every step.
  mutating func divide(hasOneRow: Bool = false) {
    statements = statements.map { Self.divided($0, isInLoop: false, hasOneRow) }
  }

  private static func divided(
    _ statement: Statement,
    isInLoop: Bool,
    _ hasOneRow: Bool
  ) -> Statement {
    switch statement {
    case .kernel(var call):
      if isInLoop, hasOneRow, call.isWorthWaiting {
        let dimension = call.wideDimension
        call.share = call.stretch(dimension)
        call.kernel.shared = dimension
        if call.share != .alone { return .kernel(call) }
      }
      call.share = call.rowShare
      let dimension = call.share.dimension ?? call.longDimension
      call.kernel.shared = dimension
      if call.share.rows == nil {
        call.share = isInLoop || call.isSmall ? .alone : call.stretch(dimension)
      }
      return .kernel(call)
    case .product(var call):
      call.share =
        isInLoop
        ? hasOneRow && call.isWorthWaiting ? call.columnShare : call.rowShare
        : call.shareOutsideLoops
      return .product(call)
    case .scatter(var call):
      if let batch = call.tables.firstIndex(where: { $0.axis == .batch }) {
        call.share = .rows(AxisPlaces(dimension: batch))
      } else if !isInLoop, call.width >= 32 {
        call.share = .stretch(dimension: call.tables.count, multiple: 16)
      }
      return .scatter(call)
    case .loop(var loop):
      var isInSteps = true
      if case .pieces = loop.span { isInSteps = isInLoop }
      loop.body = loop.body.map { divided($0, isInLoop: isInSteps, hasOneRow) }
      return .loop(loop)
    case .orthogonalize, .draw, .requireFinite, .barrier: return statement
    }
  }
}

extension KernelCall {
  /// The rows of the batch, where it keeps them.
  fileprivate var rowShare: Share {
    let kept = kernel.constants.count - (kernel.fold?.dims ?? 0)
    guard let rows = places[.batch], rows.dimension < kept else { return .alone }
    return .rows(rows)
  }

  /// The outermost long dimension that workers may divide, by what equal kernels have in common: where there are
  /// no rows of the batch, the kernel's function is told where to begin and end in it.
  fileprivate var longDimension: Int? {
    keptDimensions.first { (kernel.constants[$0] ?? .max) >= 16 && isWrittenApart(along: $0) }
  }

  /// The outermost dimension of a row alone that workers may divide.
  fileprivate var wideDimension: Int? {
    keptDimensions.first { (extents[$0].ofOneRow ?? 0) >= 16 && isWrittenApart(along: $0) }
  }

  /// The dimensions that are not folded.
  private var keptDimensions: Range<Int> {
    0..<kernel.constants.count - (kernel.fold?.dims ?? 0)
  }

  /// `true` iff no two places of a dimension write to one element.
  private func isWrittenApart(along dim: Int) -> Bool {
    kernel.stores.allSatisfy { !$0.access.strides[dim].isZero }
      && kernel.fold.map { !$0.access.strides[dim].isZero } ?? true
  }

  /// The share of a kernel without rows.
  fileprivate func stretch(_ dimension: Int?) -> Share {
    guard let dimension, !readsWhatItWrites else { return .alone }
    let kept = kernel.constants.count - (kernel.fold?.dims ?? 0)
    // Vectors lie along the last dimension.
    return .stretch(dimension: dimension, multiple: dimension == kept - 1 ? 16 : 1)
  }

  /// `true` iff doing it takes no longer than waiting for each other.
  fileprivate var isSmall: Bool {
    var places = 1
    for extent in extents {
      guard let constant = extent.constant else { return false }
      places = places.multipliedReportingOverflow(by: constant).partialValue
    }
    return places < 4096
  }

  /// `true` iff the half of what it does for one row takes longer than two workers take to meet at a step.
  fileprivate var isWorthWaiting: Bool {
    var operations = work.operations.reduce(0) { $0 + $1.amount }
    for extent in extents {
      guard let places = extent.ofOneRow else { return false }
      operations = operations.multipliedReportingOverflow(by: places).partialValue
    }
    return operations >= 1 << 16
  }

  /// `true` iff it reads at another place of memory that it writes to.
  private var readsWhatItWrites: Bool {
    let written = kernel.stores.map(\.access) + (kernel.fold.map { [$0.access] } ?? [])
    return written.contains { write in
      kernel.accesses.contains {
        arguments[$0.argument].buffer == arguments[write.argument].buffer
          && ($0.strides != write.strides || $0.offset != write.offset
            || arguments[$0.argument] != arguments[write.argument])
      }
    }
  }
}

extension Extent {
  /// How far it goes for one row, where that is known.
  fileprivate var ofOneRow: Int? {
    size.lengths.allSatisfy { $0 == .batch } ? size.constant + plus : nil
  }
}

extension ProductCall {
  /// The number of the dimension of rows.
  package var rowDimension: Int { loops.count }
  /// The number of the dimension of columns.
  package var columnDimension: Int { loops.count + 1 }
  /// The number of the dimension of terms.
  package var termDimension: Int { loops.count + 2 }

  /// How far a dimension goes.
  package func extent(_ dimension: Int) -> Extent {
    dimension < loops.count
      ? loops[dimension].extent
      : dimension == rowDimension ? m : dimension == columnDimension ? n : k
  }

  /// The rows of the batch, where its result has them.
  fileprivate var rowShare: Share {
    guard let rows = places[.batch], rows.dimension <= rowDimension else { return .alone }
    if rows.dimension < loops.count, loops[rows.dimension].accumulates { return .alone }
    return .rows(rows)
  }

  /// Whole vectors of columns.
  fileprivate var columnShare: Share { .stretch(dimension: columnDimension, multiple: 16) }

  /// `true` iff its half takes longer than two workers take to meet, which is a tenth of a microsecond.
  var isWorthWaiting: Bool {
    guard loops.isEmpty, let n = n.constant, let k = k.constant else { return false }
    return n >= 64 && n.multipliedReportingOverflow(by: k).partialValue >= 1 << 15
  }

  /// Of a product whose rows are those of the batch alone, these; else whole tiles of the longer side.
  fileprivate var shareOutsideLoops: Share {
    let share = rowShare
    if let rows = share.rows, rows.dimension < loops.count || rows.outer == .one { return share }
    let rows = Share.stretch(dimension: rowDimension, multiple: 8)
    let columns = columnShare
    guard let m = m.constant else { return rows }
    guard let n = n.constant else { return columns }
    if let k = k.constant, loops.isEmpty, m * n * k < 1 << 16 { return .alone }
    if max(m, n) < 32 {
      guard let loop = loops.firstIndex(where: { !$0.accumulates }) else { return .alone }
      return .stretch(dimension: loop, multiple: 1)
    }
    return m > n ? rows : columns
  }
}
