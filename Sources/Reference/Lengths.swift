package import GraphIR

/// How long the axes of a graph are in one run: how many rows there are, and each row's own lengths.
package struct Lengths: Hashable, Sendable {
  /// The greatest length of each axis, by its number; the rows of the batch first.
  package let greatest: [Int]
  /// `true` iff every axis has one length for all.
  package let isUniform: Bool
  /// For each axis with lengths of its own, those lengths, dense over what they run over.
  private let own: [[Int]]
  /// For each axis, what its lengths run over, the slowest first.
  private let outer: [[AxisID]]

  /// The same length everywhere for each axis, by its number: the batch's rows first.
  package init(uniform lengths: [Int]) {
    greatest = lengths
    isUniform = true
    own = []
    outer = []
  }

  /// Lengths of a graph's axes.
  ///
  /// `length` is asked for each axis that is neither fixed nor derived, at each position of what its
  /// lengths run over, which is given by axis.
  package init(of graph: Graph, rows: Int, _ length: (AxisID, [AxisID: Int]) -> Int) {
    var greatest: [Int] = []
    var own: [[Int]] = []
    var outer: [[AxisID]] = []
    var isUniform = true
    for index in graph.axes.indices {
      let axis = AxisID(index)
      let around = graph.lengthAxes(of: axis).axes
      var values: [Int] = []
      var present: [Int] = []
      for position in Self.positions(around.map { greatest[Int($0.index)] }) {
        let places = Dictionary(uniqueKeysWithValues: zip(around, position))
        let isThere = around.allSatisfy {
          (places[$0] ?? 0) < Self.length(of: $0, at: places, greatest, own, outer)
        }
        let value: Int
        if !isThere {
          value = 0
        } else if axis == .batch {
          value = rows
        } else {
          switch graph[axis].extent {
          case .fixed(let count): value = count
          case .bounded: value = length(axis, places)
          case .derived(let source, let divisor, _):
            value = Self.length(of: source, at: places, greatest, own, outer) / divisor
          }
        }
        values.append(value)
        if isThere { present.append(value) }
      }
      isUniform = isUniform && present.allSatisfy { $0 == present.first }
      greatest.append(present.max() ?? 0)
      own.append(values)
      outer.append(around)
    }
    self.greatest = greatest
    self.own = own
    self.outer = outer
    self.isUniform = isUniform
  }

  /// The length of an axis at a position of what its lengths run over.
  package func length(of axis: AxisID, at places: [AxisID: Int]) -> Int {
    isUniform
      ? greatest[Int(axis.index)] : Self.length(of: axis, at: places, greatest, own, outer)
  }

  private static func length(
    of axis: AxisID,
    at places: [AxisID: Int],
    _ greatest: [Int],
    _ own: [[Int]],
    _ outer: [[AxisID]]
  ) -> Int {
    let index = Int(axis.index)
    let place = outer[index].reduce(0) { $0 * greatest[Int($1.index)] + (places[$1] ?? 0) }
    return own[index][place]
  }

  /// All positions of some extents, the slowest first.
  private static func positions(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { positions, extent in
      positions.flatMap { position in (0..<extent).map { position + [$0] } }
    }
  }
}
