internal import GraphIR

/// How much memory a program may take, and what is done about it.
package enum MemoryRule: Hashable, Sendable {
  /// As much as it needs when everything is calculated once.
  case any
  /// So many bytes of arena.
  case most(Int)
  /// It goes along axes in pieces of so many steps in any case, with what is added up kept until then or
  /// not: so every program shows whether pieces give the same bits.
  case pieces(steps: Int, keepsTerms: Bool)
}

extension Program {
  /// The program as a rule wants it.
  func obeying(_ rule: MemoryRule, in graph: Graph) throws(Diagnostic) -> Program {
    switch rule {
    case .any: return self
    case .most(let memory): return try fitted(to: memory, in: graph)
    case .pieces(let steps, let keepsTerms):
      var program = self
      guard graph.axes.count <= Piece.mostAxes else { return self }
      for axis in scannedAxes.prefix(Piece.most) {
        let length = graph.length(axis)
        guard
          let plan = PiecePlan(program, along: axis, length: length, keepsTerms: keepsTerms)
        else { continue }
        var writer = PieceWriter(
          program,
          plan,
          along: axis,
          length: length,
          steps: steps,
          in: graph
        )
        program = writer.written()
      }
      return program
    }
  }

  /// The program, if need be so that it goes along axes in pieces, with an arena of at most so many bytes.
  ///
  /// Tried in this order: as it is; in pieces, with all that is added up over steps kept until then; in
  /// pieces of which nothing but the states at their starts is kept. Of either the longest pieces that fit
  /// are taken, since whatever is not kept is calculated again: once in the first way, twice in the second.
  private func fitted(to memory: Int, in graph: Graph) throws(Diagnostic) -> Program {
    var least = (program: self, bytes: MemoryPlan(self, in: graph).bytes)
    for _ in 0..<Piece.most where least.bytes > memory && graph.axes.count <= Piece.mostAxes {
      var best = least
      for axis in scannedAxes {
        for keepsTerms in [true, false] where best.bytes > memory {
          least.program.tryPieces(along: axis, keepsTerms, memory, in: graph, &best)
        }
      }
      least = best
    }
    guard least.bytes <= memory else {
      throw Diagnostic(
        .wrong,
        "\(entry.rawValue) needs at least \(least.bytes) bytes of arena, and is given \(memory)",
        hint: "give more memory, or lower the batch, the bound of an axis or a size"
      )
    }
    return least.program
  }

  /// The axes that scans go along, outside of other scans.
  private var scannedAxes: [AxisID] {
    let axes = statements.compactMap { statement -> AxisID? in
      if case .loop(let loop) = statement, loop.span == .axis { loop.axis } else { nil }
    }
    return AxisSet(axes).axes
  }

  /// Tries ever shorter pieces until the arena is small enough; `best` becomes the smallest.
  private func tryPieces(
    along axis: AxisID,
    _ keepsTerms: Bool,
    _ memory: Int,
    in graph: Graph,
    _ best: inout (program: Program, bytes: Int)
  ) {
    let length = graph.length(axis)
    guard let plan = PiecePlan(self, along: axis, length: length, keepsTerms: keepsTerms) else {
      return
    }
    var steps = greatest(length, in: graph)
    while steps > 1, best.bytes > memory {
      steps = (steps + 1) / 2
      var writer = PieceWriter(self, plan, along: axis, length: length, steps: steps, in: graph)
      let program = writer.written()
      let bytes = MemoryPlan(program, in: graph).bytes
      if bytes < best.bytes { best = (program, bytes) }
    }
  }
}
