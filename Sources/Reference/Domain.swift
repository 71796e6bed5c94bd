package import GraphIR

/// The positions that a value over some axes has: those that exist for some row and place of the axes
/// it lacks.
///
/// In order: the axes but the batch as declared, the slowest first, then the batch. Past a row's end
/// there is nothing, so nothing is stored.
package struct Domain: Sendable {
  /// The axes, the slowest first.
  package let axes: [AxisID]
  /// Where each position would stand if every row had the greatest lengths.
  package let places: [Int]
  /// For each such place, which position it is; -1 where there is none.
  let ranks: [Int]
  private let extents: [Int]
  private let strides: [Int]

  init(axes: [AxisID], extents: [Int], exists: [Bool]?) {
    self.axes = axes
    self.extents = extents
    strides = Shape.strides(extents)
    let count = extents.reduce(1, *)
    guard let exists else {
      places = Array(0..<count)
      ranks = places
      return
    }
    places = (0..<count).filter { exists[$0] }
    var ranks = [Int](repeating: -1, count: count)
    for (rank, place) in places.enumerated() { ranks[place] = rank }
    self.ranks = ranks
  }

  /// How many positions there are.
  package var count: Int { places.count }

  /// Where a position stands along one of the axes.
  package func coordinate(_ axis: AxisID, of position: Int) -> Int {
    guard let index = axes.firstIndex(of: axis) else { return 0 }
    return places[position] / strides[index] % extents[index]
  }

  /// How far apart neighbours along an axis would stand; 0 if the value does not run over it.
  func stride(_ axis: AxisID) -> Int { axes.firstIndex(of: axis).map { strides[$0] } ?? 0 }

  /// Axes in the order of the layout.
  static func order(_ set: AxisSet) -> [AxisID] {
    set.removing(.batch).axes + (set.contains(AxisID.batch) ? [.batch] : [])
  }
}

/// Positions gathered by what they have in common.
struct Groups {
  /// Where each group begins among the members, and where the last one ends.
  let starts: [Int]
  /// The positions, in order within each group.
  let members: [Int]

  /// How many groups there are.
  var count: Int { starts.count - 1 }

  /// The positions of one group.
  subscript(_ group: Int) -> ArraySlice<Int> { members[starts[group]..<starts[group + 1]] }
}

/// The positions of all sets of axes in one run, or at one place of the scans around a step.
///
/// A class, so that what has been worked out once is kept; it does not leave the run.
final class Domains {
  private struct Pair: Hashable {
    var a: AxisSet
    var b: AxisSet
  }

  let graph: Graph
  let lengths: Lengths
  /// Where the scans around stand, by axis; not kept where every row has the same lengths.
  private let pinned: [AxisID: Int]
  private var domains: [AxisSet: Domain] = [:]
  private var ranks: [Pair: [Int]] = [:]
  private var groups: [Pair: Groups] = [:]
  private var steps: [AxisID: [Int: Domains]] = [:]

  init(graph: Graph, lengths: Lengths, pinned: [AxisID: Int] = [:]) {
    self.graph = graph
    self.lengths = lengths
    self.pinned = pinned
  }

  /// The domains of a step at one place of an axis: of the rows that have it.
  func step(_ axis: AxisID, at place: Int) -> Domains {
    if lengths.isUniform { return self }
    if let known = steps[axis]?[place] { return known }
    let pinned = self.pinned.merging([axis: place]) { _, new in new }
    let step = Domains(graph: graph, lengths: lengths, pinned: pinned)
    steps[axis, default: [:]][place] = step
    return step
  }

  subscript(_ axes: AxisSet) -> Domain {
    if let known = domains[axes] { return known }
    let order = Domain.order(axes)
    let extents = order.map { lengths.greatest[Int($0.index)] }
    let domain = Domain(
      axes: order,
      extents: extents,
      exists: lengths.isUniform ? nil : existing(order, extents)
    )
    domains[axes] = domain
    return domain
  }

  /// Which places exist for some position of all that the axes' lengths run over.
  private func existing(_ order: [AxisID], _ extents: [Int]) -> [Bool] {
    var exists = [Bool](repeating: false, count: extents.reduce(1, *))
    let strides = Shape.strides(extents)
    var all = AxisSet(order).union(AxisSet(pinned.keys))
    for axis in all.axes { all = all.union(graph.lengthAxes(of: axis)) }
    // Lengths run over earlier axes only, so earlier places are known when one is asked for.
    let axes = all.axes
    var places: [AxisID: Int] = [:]
    func visit(_ index: Int) {
      guard index < axes.count else {
        let place = zip(order, strides).reduce(0) { $0 + (places[$1.0] ?? 0) * $1.1 }
        exists[place] = true
        return
      }
      let axis = axes[index]
      let length = lengths.length(of: axis, at: places)
      if let fixed = pinned[axis] {
        guard fixed < length else { return }
        places[axis] = fixed
        visit(index + 1)
        return
      }
      for place in 0..<length {
        places[axis] = place
        visit(index + 1)
      }
    }
    visit(0)
    return exists
  }

  /// For each position of a set of axes, which position of a smaller set it is.
  func ranks(of axes: AxisSet, over wanted: AxisSet) -> [Int] {
    let pair = Pair(a: axes, b: wanted)
    if let known = ranks[pair] { return known }
    let (own, whole) = (self[axes], self[wanted])
    let common = own.axes.map { ($0, own.stride($0)) }
    let found = (0..<whole.count).map { position in
      own.ranks[common.reduce(0) { $0 + whole.coordinate($1.0, of: position) * $1.1 }]
    }
    ranks[pair] = found
    return found
  }

  /// The positions of a set of axes, by which position of a smaller set they belong to.
  func groups(of axes: AxisSet, by kept: AxisSet) -> Groups {
    let pair = Pair(a: axes, b: kept)
    if let known = groups[pair] { return known }
    let keys = ranks(of: kept, over: axes)
    var starts = [Int](repeating: 0, count: self[kept].count + 1)
    for key in keys { starts[key + 1] += 1 }
    for group in starts.indices.dropFirst() { starts[group] += starts[group - 1] }
    var next = starts
    var members = [Int](repeating: 0, count: keys.count)
    for (position, key) in keys.enumerated() {
      members[next[key]] = position
      next[key] += 1
    }
    let found = Groups(starts: starts, members: members)
    groups[pair] = found
    return found
  }

  /// For each position of a set of axes, which position of another set stands there at a place of an
  /// axis; -1 where that set has none.
  func ranks(of axes: AxisSet, at place: Int, _ axis: AxisID, over wanted: AxisSet) -> [Int] {
    let (own, whole) = (self[axes], self[wanted])
    let greatest = lengths.greatest[Int(axis.index)]
    let common = own.axes.filter { $0 != axis }.map { ($0, own.stride($0)) }
    return (0..<whole.count).map { position in
      guard place >= 0, place < greatest else { return -1 }
      let start = place * own.stride(axis)
      return own.ranks[common.reduce(start) { $0 + whole.coordinate($1.0, of: position) * $1.1 }]
    }
  }
}

extension Shape {
  /// The strides of dense extents, the slowest first.
  static func strides(_ extents: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: extents.count)
    for place in strides.indices.dropLast().reversed() {
      strides[place] = strides[place + 1] * extents[place + 1]
    }
    return strides
  }

  /// The offsets that a nest of loops visits, the slowest first.
  static func walk(_ extents: [Int], _ strides: [Int]) -> [Int] {
    var offsets = [0]
    for (extent, stride) in zip(extents, strides) {
      offsets = offsets.flatMap { offset in (0..<extent).map { offset + $0 * stride } }
    }
    return offsets
  }
}
