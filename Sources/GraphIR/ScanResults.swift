/// A result of a scan, as another node reads it.
package struct Projection: Hashable, Sendable {
  /// The scan's node.
  package var scan: ValueID
  /// The place among the results.
  package var place: Int

  /// Names a result by its place.
  package init(scan: ValueID, place: Int) {
    self.scan = scan
    self.place = place
  }
}

/// Which results of a block's scans are used, and how.
package struct ProjectionUses: Sendable {
  /// Those of which any position is used.
  package private(set) var any: Set<Projection> = []
  /// Those of which more is used than what the last step taken leaves.
  package private(set) var whole: Set<Projection> = []

  /// Reads the uses off the live nodes of a block, whose results are used whole.
  package init(in block: Block, of graph: Graph, live: [Bool], results: [ValueID]) {
    for id in block.ids where live[Int(id.index)] {
      for operand in block.operands(id) {
        guard let read = Self.projection(operand, in: block) else { continue }
        any.insert(read)
        if !Self.isFinal(id, of: read, in: block, graph) { whole.insert(read) }
      }
    }
    let given = results.compactMap { Self.projection($0, in: block) }
    any.formUnion(given)
    whole.formUnion(given)
  }

  /// The result of a scan that a node is, if it is one.
  package static func projection(_ id: ValueID, in block: Block) -> Projection? {
    guard case .project(let place) = block[id].op, let scan = block.operands(id).first else {
      return nil
    }
    return Projection(scan: scan, place: Int(place))
  }

  /// `true` iff a node is the element of a scan's result that the last step taken leaves.
  private static func isFinal(
    _ id: ValueID,
    of read: Projection,
    in block: Block,
    _ graph: Graph
  ) -> Bool {
    guard case .element(let axis, let position) = block[id].op,
      case .scan(let scan) = block[read.scan].op
    else { return false }
    return axis == graph[scan].axis && position == (graph[scan].isReverse ? .first : .last)
  }

  /// `true` iff more than the last of what some source gives is used.
  package func isWhole(_ source: Scan.Source, of scan: Scan, at id: ValueID) -> Bool {
    contains(whole, source, scan, id)
  }

  /// `true` iff anything that some source gives is used.
  package func isUsed(_ source: Scan.Source, of scan: Scan, at id: ValueID) -> Bool {
    contains(any, source, scan, id)
  }

  private func contains(
    _ uses: Set<Projection>,
    _ source: Scan.Source,
    _ scan: Scan,
    _ id: ValueID
  ) -> Bool {
    scan.body.results.indices.contains {
      uses.contains(Projection(scan: id, place: $0)) && scan.source(ofResult: $0) == source
    }
  }
}

extension Scan {
  /// What a result of a scan is.
  package enum Source: Hashable {
    /// A state, after each step.
    case after(state: Int)
    /// A state, before each step.
    case before(state: Int)
    /// What the step makes for the first time at this place.
    case emitted(place: Int)
  }

  /// What the result at a place is, states and earlier results being looked through.
  package func source(ofResult place: Int) -> Source {
    if place < stateCount { return .after(state: place) }
    let result = body.results[place]
    if case .argument(let argument) = body[result].op {
      let state = Int(argument) - outerCount - sequenceCount
      if state >= 0 { return .before(state: state) }
    }
    guard let same = body.results[..<place].firstIndex(of: result) else {
      return .emitted(place: place)
    }
    if same < stateCount {
      return stateType(same) == body.type(result)
        ? .after(state: same) : .emitted(place: place)
    }
    return .emitted(place: same)
  }
}
