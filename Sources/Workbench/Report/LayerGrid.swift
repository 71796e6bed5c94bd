/// Boxes and the lanes of long edges in layers: their order and their places to the right.
struct LayerGrid {
  /// A box, or a lane where an edge passes a layer.
  struct Cell {
    /// How wide it is.
    var width: Double
    /// Its layer.
    var layer: Int
    /// Its middle.
    var x = 0.0
    /// Whether it is where an edge passes.
    var isLane = false
    /// Whether it is kept at the left end.
    var isLeftmost = false
  }

  /// A piece of an edge from one layer to the next.
  private struct Piece {
    /// The cell above.
    var upper: Int
    /// The cell below.
    var lower: Int
    /// Where it touches the upper cell, from its middle.
    var leaves: Double
    /// Where it touches the lower cell, from its middle.
    var arrives: Double
  }

  /// The boxes, by their numbers, then the lanes.
  private(set) var cells: [Cell]
  /// The cells of each layer from left to right.
  private(set) var layers: [[Int]]
  /// The lanes of each edge from above.
  private(set) var lanes: [[Int]] = []
  /// The edges, cut at the layers.
  private var pieces: [Piece] = []
  /// The pieces that begin in a layer.
  private var leaving: [[Int]] = []
  /// The pieces that end below, by cell.
  private var above: [[Int]] = []
  /// The pieces that begin above, by cell.
  private var below: [[Int]] = []

  /// How often all layers are gone through.
  private static let sweeps = 12

  /// Puts boxes and lanes into layers, in the order given.
  init(nodes: [LayeredLayout.Node], edges: [LayeredLayout.Edge], layers places: [Int]) {
    cells = zip(nodes, places).map { node, layer in
      Cell(width: node.width, layer: layer, isLeftmost: node.isLeftmost)
    }
    for edge in edges {
      let isUpward = places[edge.from] > places[edge.to]
      let (upper, lower) = isUpward ? (edge.to, edge.from) : (edge.from, edge.to)
      let ends = isUpward ? (edge.arrives, edge.leaves) : (edge.leaves, edge.arrives)
      var lane: [Int] = []
      if places[upper] + 1 < places[lower] {
        for layer in (places[upper] + 1)..<places[lower] {
          lane.append(cells.count)
          cells.append(Cell(width: LayeredLayout.lane, layer: layer, isLane: true))
        }
      }
      lanes.append(lane)
      let way = [upper] + lane + [lower]
      for (index, pair) in zip(way, way.dropFirst()).enumerated() where pair.0 != pair.1 {
        pieces.append(
          Piece(
            upper: pair.0,
            lower: pair.1,
            leaves: index == 0 ? ends.0 ?? 0 : 0,
            arrives: index + 2 == way.count ? ends.1 ?? 0 : 0
          )
        )
      }
    }
    layers = Array(repeating: [], count: (cells.map(\.layer).max() ?? -1) + 1)
    for cell in cells.indices { layers[cells[cell].layer].append(cell) }
    above = Array(repeating: [], count: cells.count)
    below = Array(repeating: [], count: cells.count)
    leaving = Array(repeating: [], count: layers.count)
    for (index, piece) in pieces.enumerated() {
      leaving[cells[piece.upper].layer].append(index)
      above[piece.lower].append(index)
      below[piece.upper].append(index)
    }
    for layer in layers.indices { settle(layer) }
  }

  /// How much room is left below a layer: more where edges go far to the side.
  func distance(below layer: Int) -> Double {
    let far = leaving[layer].map { pieces[$0] }.map {
      abs(cells[$0.upper].x + $0.leaves - cells[$0.lower].x - $0.arrives)
    }
    return 28 + min((far.max() ?? 0) * 0.07, 30)
  }

  // MARK: - Order

  /// Sorts each layer by the middle of its neighbours, down and up again, and keeps the best order.
  mutating func reduceCrossings() {
    number()
    var best = layers
    var fewest = crossings
    for sweep in 0..<Self.sweeps where fewest > 0 {
      let isDown = sweep.isMultiple(of: 2)
      for layer in isDown ? Array(layers.indices) : layers.indices.reversed() {
        sort(layer, byAbove: isDown)
      }
      swapNeighbours()
      let count = crossings
      if count < fewest { (best, fewest) = (layers, count) }
    }
    layers = best
    number()
  }

  /// Gives each cell its number in the layer as its place.
  private mutating func number() {
    for layer in layers {
      for (index, cell) in layer.enumerated() { cells[cell].x = Double(index) }
    }
  }

  /// Where a piece touches a cell, in numbers of the layer.
  private func end(_ piece: Int, isUpper: Bool) -> Double {
    let cell = isUpper ? pieces[piece].upper : pieces[piece].lower
    let offset = isUpper ? pieces[piece].leaves : pieces[piece].arrives
    return cells[cell].x + offset / max(cells[cell].width, 1) * 0.9
  }

  /// Sorts a layer by the mean of what its cells are connected with.
  private mutating func sort(_ layer: Int, byAbove: Bool) {
    let keys = layers[layer].map { cell -> (cell: Int, key: Double) in
      let ends = (byAbove ? above : below)[cell].map { end($0, isUpper: byAbove) }
      return (cell, ends.isEmpty ? cells[cell].x : ends.reduce(0, +) / Double(ends.count))
    }
    layers[layer] = keys.enumerated().sorted {
      ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
    }.map(\.element.cell)
    settle(layer)
  }

  /// Puts what is kept left at the left, and numbers a layer.
  private mutating func settle(_ layer: Int) {
    let (left, rest) = (
      layers[layer].filter { cells[$0].isLeftmost }, layers[layer].filter { !cells[$0].isLeftmost }
    )
    layers[layer] = left + rest
    for (index, cell) in layers[layer].enumerated() { cells[cell].x = Double(index) }
  }

  /// Swaps neighbours wherever that leaves fewer crossings.
  private mutating func swapNeighbours() {
    for layer in layers.indices where layers[layer].count > 1 {
      for index in 1..<layers[layer].count {
        let (left, right) = (layers[layer][index - 1], layers[layer][index])
        guard !cells[left].isLeftmost else { continue }
        guard crossings(left, right) > crossings(right, left) else { continue }
        layers[layer].swapAt(index - 1, index)
        (cells[left].x, cells[right].x) = (cells[right].x, cells[left].x)
      }
    }
  }

  /// How often edges of two neighbours cross when the first stands left of the second.
  private func crossings(_ left: Int, _ right: Int) -> Int {
    var count = 0
    for (side, isUpper) in [(above, true), (below, false)] {
      for a in side[left] {
        for b in side[right] where end(a, isUpper: isUpper) > end(b, isUpper: isUpper) {
          count += 1
        }
      }
    }
    return count
  }

  /// How often edges cross in all: between two layers, pairs whose ends are in other orders.
  private var crossings: Int {
    leaving.reduce(0) { count, layer in
      let ends = layer.map { (end($0, isUpper: true), end($0, isUpper: false)) }
      return count + Self.inversions(ends.sorted { $0 < $1 }.map(\.1))
    }
  }

  /// How many pairs fall in a list, counted while it is sorted by merging.
  private static func inversions(_ values: [Double]) -> Int {
    var (values, merged) = (values, values)
    var count = 0
    var width = 1
    while width < values.count {
      for start in stride(from: 0, to: values.count, by: 2 * width) {
        let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
        var (left, right) = (start, middle)
        for place in start..<end {
          if left < middle, right == end || values[left] <= values[right] {
            merged[place] = values[left]
            left += 1
          } else {
            merged[place] = values[right]
            right += 1
            count += middle - left
          }
        }
      }
      swap(&values, &merged)
      width *= 2
    }
    return count
  }

  // MARK: - Places

  /// Moves cells towards their neighbours, layer by layer, as far as the order allows.
  mutating func place() {
    for layer in layers.indices { spread(layer, layers[layer].map { _ in (0, 1) }) }
    // A long chain comes straight only slowly; large pictures have to do with less.
    for sweep in 0..<max(16, min(600, 60_000 / max(cells.count, 1))) {
      let isDown = sweep.isMultiple(of: 2)
      let isLate = sweep > Self.sweeps
      for layer in isDown ? Array(layers.indices) : layers.indices.reversed() {
        move(layer, byAbove: isDown || isLate, byBelow: !isDown || isLate)
      }
    }
    for edge in lanes.indices { straighten(edge) }
    alignLeftmost()
  }

  /// Puts the lanes of an edge below each other, if their neighbours leave room for that.
  private mutating func straighten(_ edge: Int) {
    guard lanes[edge].count > 1 else { return }
    var (least, most) = (-Double.infinity, Double.infinity)
    for lane in lanes[edge] {
      let row = layers[cells[lane].layer]
      guard let place = row.firstIndex(of: lane) else { return }
      func distance(_ other: Int) -> Double {
        (cells[lane].width + cells[other].width) / 2 + LayeredLayout.gap
      }
      if place > 0 { least = max(least, cells[row[place - 1]].x + distance(row[place - 1])) }
      if place + 1 < row.count {
        most = min(most, cells[row[place + 1]].x - distance(row[place + 1]))
      }
    }
    guard least <= most else { return }
    let mean = lanes[edge].reduce(0) { $0 + cells[$1].x } / Double(lanes[edge].count)
    for lane in lanes[edge] { cells[lane].x = min(max(mean, least), most) }
  }

  /// Puts what is kept left where the whole begins, or farther left if its neighbour asks for that.
  private mutating func alignLeftmost() {
    let rest = cells.filter { !$0.isLeftmost }.map { $0.x - $0.width / 2 }.min()
    for layer in layers {
      guard let first = layer.first, cells[first].isLeftmost else { continue }
      var left = rest ?? 0
      if layer.count > 1 {
        let next = cells[layer[1]]
        left = min(left, next.x - next.width / 2 - LayeredLayout.gap - cells[first].width)
      }
      cells[first].x = left + cells[first].width / 2
    }
  }

  /// Moves a layer's cells to the middle of what they are connected with.
  private mutating func move(_ layer: Int, byAbove: Bool, byBelow: Bool) {
    var wishes = layers[layer].map { (place: cells[$0].x, weight: 0.001) }
    for (index, cell) in layers[layer].enumerated() {
      var (sum, weight) = (0.0, 0.0)
      /// Counts an end: between lanes most, so that long edges are straight.
      func add(_ other: Int, _ place: Double) {
        let strength = (cells[cell].isLane ? 3.0 : 1) * (cells[other].isLane ? 3.0 : 1)
        sum += strength * place
        weight += strength
      }
      if byAbove {
        for piece in above[cell].map({ pieces[$0] }) {
          add(piece.upper, cells[piece.upper].x + piece.leaves - piece.arrives)
        }
      }
      if byBelow {
        for piece in below[cell].map({ pieces[$0] }) {
          add(piece.lower, cells[piece.lower].x + piece.arrives - piece.leaves)
        }
      }
      if weight > 0 { wishes[index] = (sum / weight, weight) }
    }
    spread(layer, wishes)
  }

  /// Places a layer's cells as near to where they would be as their order and widths allow.
  private mutating func spread(_ layer: Int, _ wishes: [(place: Double, weight: Double)]) {
    let row = layers[layer]
    let distances = zip(row, row.dropFirst()).map { left, right in
      (cells[left].width + cells[right].width) / 2 + LayeredLayout.gap
    }
    let places = Self.spread(wishes, distances: distances)
    for (cell, place) in zip(row, places) { cells[cell].x = place }
  }

  /// Places in a given order as near to wished ones as distances between neighbours allow.
  ///
  /// Less the distances, places only have to rise: what would fall is joined to blocks that stand at
  /// their weighted mean, which is the least sum of squares.
  static func spread(
    _ wishes: [(place: Double, weight: Double)],
    distances: [Double]
  ) -> [Double] {
    var blocks: [(sum: Double, weight: Double, count: Int)] = []
    var offsets: [Double] = []
    var offset = 0.0
    for (index, wish) in wishes.enumerated() {
      if index > 0 { offset += distances[index - 1] }
      offsets.append(offset)
      blocks.append(((wish.place - offset) * wish.weight, wish.weight, 1))
      while blocks.count > 1 {
        let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
        guard before.sum / before.weight > last.sum / last.weight else { break }
        blocks.removeLast(2)
        blocks.append(
          (before.sum + last.sum, before.weight + last.weight, before.count + last.count)
        )
      }
    }
    let places = blocks.flatMap { block in
      [Double](repeating: block.sum / block.weight, count: block.count)
    }
    return zip(places, offsets).map { $0 + $1 }
  }
}
