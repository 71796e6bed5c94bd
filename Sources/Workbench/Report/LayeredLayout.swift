/// Places boxes in layers so that edges lead downwards, cross seldom and never pass through a box.
///
/// The usual four steps: layers by the longest way, an empty box for each layer that an edge passes,
/// an order within the layers that has few crossings, and then places as near to their neighbours as that
/// order allows. Nothing overlaps by construction: within a layer boxes keep their distance, and between
/// layers there are only edges.
struct LayeredLayout {
  /// Where a box may stand.
  enum Rank: Hashable {
    case free, first, last
  }

  /// A box, or a point at which an edge enters or leaves.
  struct Node: Hashable {
    /// How wide it is.
    var width: Double
    /// How high it is.
    var height: Double
    /// Where it may stand.
    var rank = Rank.free
    /// Whether it is kept at the left end of its layer.
    var isLeftmost = false
  }

  /// A way from one box to another.
  struct Edge: Hashable {
    /// Where it begins.
    var from: Int
    /// Where it ends.
    var to: Int
    /// Where it leaves, from the middle of the box; nil wherever there is room.
    var leaves: Double?
    /// Where it arrives, from the middle of the box; nil wherever there is room.
    var arrives: Double?
  }

  /// What is placed.
  let nodes: [Node]
  /// What connects it; backward where they would close a circle.
  let edges: [Edge]
  /// The layer of each node.
  private(set) var layers: [Int]
  /// The middles of the nodes.
  private(set) var x: [Double] = []
  /// The upper edges of the nodes.
  private(set) var y: [Double] = []
  /// How wide the whole is.
  private(set) var width = 0.0
  /// How high the whole is.
  private(set) var height = 0.0
  /// The points that each edge goes through, in the edge's direction: pairs of straight ways down.
  private(set) var routes: [[Canvas.Point]] = []

  /// The least distance between boxes of a layer.
  static let gap = 22.0
  /// The width of an edge that passes a layer.
  static let lane = 12.0

  /// Places boxes.
  init(nodes: [Node], edges: [Edge]) {
    self.nodes = nodes
    self.edges = edges
    layers = Self.layers(of: nodes, edges)
    var grid = LayerGrid(nodes: nodes, edges: edges, layers: layers)
    grid.reduceCrossings()
    grid.place()
    finish(grid)
  }

  /// `true` iff an edge leads upwards.
  func isUpward(_ edge: Int) -> Bool { layers[edges[edge].from] > layers[edges[edge].to] }

  // MARK: - Layers

  /// The nodes in an order in which edges lead forward, as far as there is one.
  private static func order(_ nodes: [Node], _ edges: [Edge]) -> [Int] {
    var missing = [Int](repeating: 0, count: nodes.count)
    for edge in edges where edge.from != edge.to { missing[edge.to] += 1 }
    var isDone = [Bool](repeating: false, count: nodes.count)
    var order: [Int] = []
    while order.count < nodes.count {
      let ready = nodes.indices.first { !isDone[$0] && missing[$0] == 0 }
      // In a circle, whoever comes first begins.
      guard let next = ready ?? nodes.indices.first(where: { !isDone[$0] }) else { break }
      isDone[next] = true
      order.append(next)
      for edge in edges where edge.from == next && edge.to != next { missing[edge.to] -= 1 }
    }
    return order
  }

  /// The layer of each node: below all that leads to it, and not farther from what it leads to.
  private static func layers(of nodes: [Node], _ edges: [Edge]) -> [Int] {
    let order = order(nodes, edges)
    var position = [Int](repeating: 0, count: nodes.count)
    for (index, node) in order.enumerated() { position[node] = index }
    let forward = edges.filter { $0.from != $0.to }.map { edge in
      position[edge.from] < position[edge.to] ? edge : Edge(from: edge.to, to: edge.from)
    }
    let top = nodes.contains { $0.rank == .first } ? 1 : 0
    var layers = nodes.map { $0.rank == .first ? 0 : top }
    for node in order {
      for edge in forward where edge.from == node {
        layers[edge.to] = max(layers[edge.to], layers[node] + 1)
      }
    }
    for node in order.reversed() where nodes[node].rank == .free {
      let below = forward.filter { $0.from == node }.map { layers[$0.to] }
      let above = forward.filter { $0.to == node }
      if let nearest = below.min(), below.count > above.count { layers[node] = nearest - 1 }
    }
    let lowest = zip(nodes, layers).filter { $0.0.rank != .last }.map(\.1).max() ?? 0
    for node in nodes.indices where nodes[node].rank == .last { layers[node] = lowest + 1 }
    return layers
  }

  // MARK: - Places

  /// Takes over the places, and finds the edges' ways.
  private mutating func finish(_ grid: LayerGrid) {
    let left = grid.cells.map { $0.x - $0.width / 2 }.min() ?? 0
    width = (grid.cells.map { $0.x + $0.width / 2 }.max() ?? 0) - left
    x = nodes.indices.map { grid.cells[$0].x - left }
    let heights = grid.layers.map { layer in
      layer.map { $0 < nodes.count ? nodes[$0].height : 0 }.max() ?? 0
    }
    var tops: [Double] = []
    var top = 0.0
    for (index, height) in heights.enumerated() {
      tops.append(top)
      top += height + (index + 1 < heights.count ? grid.distance(below: index) : 0)
    }
    height = top
    y = nodes.indices.map { node in
      let spare = heights[layers[node]] - nodes[node].height
      switch nodes[node].rank {
      case .free: return tops[layers[node]] + spare / 2
      case .first: return tops[layers[node]]
      case .last: return tops[layers[node]] + spare
      }
    }
    let ports = ports(grid, left)
    routes = edges.indices.map { edge in
      let isUpward = isUpward(edge)
      let (upper, lower) =
        isUpward
        ? (edges[edge].to, edges[edge].from) : (edges[edge].from, edges[edge].to)
      var points = [Canvas.Point(x: ports[edge].upper, y: y[upper] + nodes[upper].height)]
      points.append(.init(x: ports[edge].upper, y: tops[layers[upper]] + heights[layers[upper]]))
      for cell in grid.lanes[edge] {
        let layer = grid.cells[cell].layer
        points.append(.init(x: grid.cells[cell].x - left, y: tops[layer]))
        points.append(.init(x: grid.cells[cell].x - left, y: tops[layer] + heights[layer]))
      }
      points.append(.init(x: ports[edge].lower, y: tops[layers[lower]]))
      points.append(.init(x: ports[edge].lower, y: y[lower]))
      return isUpward ? points.reversed() : points
    }
  }

  /// Where each edge touches its upper and its lower box: in the order of the other ends, and straight
  /// below each other where the boxes allow it.
  private func ports(_ grid: LayerGrid, _ left: Double) -> [(upper: Double, lower: Double)] {
    var ports = edges.map { _ in (upper: 0.0, lower: 0.0) }
    for node in nodes.indices {
      for isLower in [false, true] {
        // The edges at this side, each with where it would touch the box.
        let side = edges.indices.filter { edge in
          (isLower != isUpward(edge) ? edges[edge].to : edges[edge].from) == node
        }
        let wishes = side.map { edge -> (edge: Int, place: Double, fixed: Double?) in
          let isStart = edges[edge].from == node
          let given = isStart ? edges[edge].leaves : edges[edge].arrives
          let lanes = grid.lanes[edge]
          let place: Double
          if let lane = isLower ? lanes.last : lanes.first {
            place = grid.cells[lane].x - left
          } else {
            let other = isStart ? edges[edge].to : edges[edge].from
            let end = isStart ? edges[edge].arrives : edges[edge].leaves
            place = end.map { x[other] + $0 } ?? meeting(node, other)
          }
          return (edge, place, given.map { x[node] + $0 })
        }
        let sorted = wishes.sorted { ($0.place, $0.edge) < ($1.place, $1.edge) }
        let reach = max(0, nodes[node].width / 2 - 11)
        let distance = min(14, 2 * reach / Double(max(sorted.count - 1, 1)))
        var places = LayerGrid.spread(
          sorted.map { (min(max($0.place, x[node] - reach), x[node] + reach), 1) },
          distances: [Double](repeating: distance, count: max(0, sorted.count - 1))
        )
        // What was pushed beyond an end comes back as a whole.
        let out = max(0, (places.last ?? 0) - x[node] - reach)
        places = places.enumerated().map { index, place in
          let most = x[node] + reach - distance * Double(places.count - 1 - index)
          let least = x[node] - reach + distance * Double(index)
          return out > 0 || place < least ? min(max(place, least), most) : place
        }
        for (wish, place) in zip(sorted, places) {
          if isLower {
            ports[wish.edge].lower = wish.fixed ?? place
          } else {
            ports[wish.edge].upper = wish.fixed ?? place
          }
        }
      }
    }
    return ports
  }

  /// Where an edge from one box to another touches the first: where it can be straight, if it can.
  private func meeting(_ node: Int, _ other: Int) -> Double {
    let low = max(x[node] - nodes[node].width / 2, x[other] - nodes[other].width / 2) + 11
    let high = min(x[node] + nodes[node].width / 2, x[other] + nodes[other].width / 2) - 11
    return low <= high ? min(max((x[node] + x[other]) / 2, low), high) : x[other]
  }
}
