package import GraphIR

/// The lengths and arrays that a case is run on.
package enum FuzzData {
  /// Lengths for every axis that calls give lengths of: those told, the others from the seed.
  ///
  /// What was told of a larger model is cut to this one's bounds and rows.
  package static func lengths(of graph: Graph, for item: FuzzCase) -> [String: [Int]] {
    var lengths: [String: [Int]] = [:]
    // One model in five has rows of one length, which other code serves.
    var style = FuzzRandom(seed: item.seed, stream: "lengths")
    let isUniform = style.isOne(in: 5)
    for index in graph.axes.indices.dropFirst() {
      let axis = graph.axes[index]
      guard case .bounded(let bound?) = axis.extent else { continue }
      let around = graph.lengthAxes(of: AxisID(index)).axes
      let count = around.reduce(1) { $0 * ($1 == .batch ? item.batch : graph[$1].bound ?? 1) }
      let least = min(bound, divisor(of: AxisID(index), in: graph))
      var random = FuzzRandom(seed: item.seed, stream: "length " + axis.name)
      let common = random.isOne(in: 2) ? bound : least + random.below(bound - least + 1)
      let told = item.lengths[axis.name] ?? []
      lengths[axis.name] = (0..<count).map { place in
        let drawn = isUniform ? common : least + random.below(bound - least + 1)
        let length = told.isEmpty ? drawn : told[place % told.count]
        return max(least, min(bound, length))
      }
    }
    return lengths
  }

  /// The least length that leaves every axis that is made of this one a place.
  private static func divisor(of axis: AxisID, in graph: Graph) -> Int {
    graph.axes.reduce(1) { least, other in
      if case .derived(axis, let divisor, _) = other.extent { max(least, divisor) } else { least }
    }
  }

  /// All that a call of an entry is given.
  package static func call(_ item: FuzzCase, of graph: Graph, isFresh: Bool = false) -> CallData {
    let own = lengths(of: graph, for: item)
    var data = CallData.random(for: graph, batch: item.batch, own: own, seed: item.seed)
    if !isFresh { data.fillStates(of: graph, seed: item.seed) }
    return data
  }

  /// All that a call is given where every length is at its bound.
  package static func longest(_ item: FuzzCase, of graph: Graph) -> CallData {
    CallData.random(for: graph, batch: item.batch, seed: item.seed)
  }
}
