internal import Rondo

/// The boxes of a block or a scan with their edges, placed.
final class GraphGroup {
  /// What stands at a place.
  private enum Content {
    case box(GraphBox)
    case frame(GraphGroup)
    /// Where the value of an item enters.
    case entry(Int)
    /// Where the value of an item leaves.
    case exit(Int)
    case label(String)
  }

  /// What stands where.
  private var contents: [Content] = []
  /// The item of a scan or box, by its number, and where it stands.
  private var places: [Int: Int] = [:]
  /// The boxes' places and the edges' ways.
  private let layout: LayeredLayout
  /// Edges that lead from a state's next value back.
  private var isBack: [Bool] = []
  /// The space at a frame's left and right.
  private static let margin = 14.0

  /// Whether it has a frame.
  private let isFramed: Bool
  /// How wide it is.
  let width: Double
  /// How high it is.
  let height: Double
  /// Where values enter, from the middle, by item.
  private(set) var entries: [Int: Double] = [:]
  /// Where values leave, from the middle, by item.
  private(set) var exits: [Int: Double] = [:]

  /// Places the boxes of a scan, or of what is in none.
  init(_ items: [Outline.Item], scan: Int?) {
    isFramed = scan != nil
    /// The item that stands in this group and holds another, or is it; nil for one elsewhere.
    func holder(_ item: Int) -> Int? {
      var item = item
      while true {
        if items[item].scan == scan { return item }
        guard let outer = items[item].scan else { return nil }
        item = outer
      }
    }
    func isShown(_ item: Int) -> Bool {
      items[item].kind != .scan && DefinitionGraph.style(of: items[item]) != nil
    }
    var contents: [Content] = []
    var nodes: [LayeredLayout.Node] = []
    var places: [Int: Int] = [:]
    func add(_ content: Content, _ node: LayeredLayout.Node) {
      contents.append(content)
      nodes.append(node)
    }
    if let scan {
      let text = "scan " + items[scan].text
      let size = TextWidth.of(text, size: 12) + 16
      add(.label(text), .init(width: size, height: 30, rank: .first, isLeftmost: true))
    }
    var groups: [Int: GraphGroup] = [:]
    for index in items.indices where items[index].scan == scan {
      if items[index].kind == .scan {
        let group = GraphGroup(items, scan: index)
        groups[index] = group
        places[index] = contents.count
        add(.frame(group), .init(width: group.width, height: group.height))
      } else if isShown(index) {
        let box = GraphBox(items[index], of: items)
        places[index] = contents.count
        add(.box(box), .init(width: box.width, height: box.height))
      }
    }
    var edges: [LayeredLayout.Edge] = []
    var isBack: [Bool] = []
    var known: Set<[Int]> = []
    var doors: [[Int]: Int] = [:]
    func door(_ item: Int, isExit: Bool) -> Int {
      let key = [item, isExit ? 1 : 0]
      if let place = doors[key] { return place }
      doors[key] = contents.count
      let node = LayeredLayout.Node(width: 8, height: 0, rank: isExit ? .last : .first)
      add(isExit ? .exit(item) : .entry(item), node)
      return contents.count - 1
    }
    /// Connects two places, once; a value of a frame leaves and enters at its own place.
    func connect(_ from: Int, _ to: Int, _ source: Int, _ ends: (Int?, Int?), back: Bool = false) {
      guard known.insert([from, to, source]).inserted else { return }
      edges.append(
        LayeredLayout.Edge(
          from: from,
          to: to,
          leaves: ends.0.flatMap { groups[$0]?.exits[source] },
          arrives: ends.1.flatMap { groups[$0]?.entries[source] }
        )
      )
      isBack.append(back)
    }
    for index in items.indices where isShown(index) {
      let home = holder(index)
      for source in items[index].uses where isShown(source) {
        let origin = holder(source)
        switch (origin, home) {
        case (let origin?, let home?) where origin != home:
          if let from = places[origin], let to = places[home] {
            connect(from, to, source, (origin, home))
          }
        case (nil, let home?):
          if let to = places[home] {
            connect(door(source, isExit: false), to, source, (nil, home))
          }
        case (let origin?, nil):
          if let from = places[origin] {
            connect(from, door(source, isExit: true), source, (origin, nil))
          }
        case (_?, _?), (nil, nil): break
        }
      }
      // Drawn as if it led down, so that the state stands above what renews it.
      if let state = items[index].renews, items[index].scan == scan, let from = places[state],
        let to = places[index], items[state].scan == scan
      {
        connect(from, to, -1 - index, (nil, nil), back: true)
      }
    }
    layout = LayeredLayout(nodes: nodes, edges: edges)
    self.contents = contents
    self.places = places
    self.isBack = isBack
    let hasExits = contents.contains { if case .exit = $0 { true } else { false } }
    width = layout.width + (isFramed ? 2 * Self.margin : 0)
    height = layout.height + (isFramed && !hasExits ? Self.margin : 0)
    for (place, content) in contents.enumerated() {
      switch content {
      case .entry(let item): entries[item] = layout.x[place] - layout.width / 2
      case .exit(let item): exits[item] = layout.x[place] - layout.width / 2
      case .box, .frame, .label: break
      }
    }
  }

  /// Draws it with its upper left corner there: frames first, then edges, then boxes.
  func draw(at corner: Canvas.Point, on canvas: inout Canvas) {
    let left = corner.x + (isFramed ? Self.margin : 0)
    if isFramed { canvas.rectangle(corner.x, corner.y, width, height, "frame", radius: 9) }
    for (place, content) in contents.enumerated() {
      guard case .frame(let group) = content else { continue }
      let x = left + layout.x[place] - group.width / 2
      group.draw(at: .init(x: x, y: corner.y + layout.y[place]), on: &canvas)
    }
    for edge in layout.edges.indices {
      let route = layout.routes[edge].map { Canvas.Point(x: $0.x + left, y: $0.y + corner.y) }
      draw(edge, along: route, on: &canvas)
    }
    for (place, content) in contents.enumerated() {
      let (x, y) = (left + layout.x[place], corner.y + layout.y[place])
      switch content {
      case .box(let box): box.draw(x, y, on: &canvas)
      case .label(let text): canvas.text(text, corner.x + 12, y + 20, "faint bold")
      case .frame, .entry, .exit: break
      }
    }
  }

  /// Draws an edge: straight past boxes, bent between layers, with a tip where a box is reached.
  private func draw(_ edge: Int, along points: [Canvas.Point], on canvas: inout Canvas) {
    guard let start = points.first, var end = points.last else { return }
    let back = isBack[edge]
    let isUp = layout.isUpward(edge)
    var target = layout.edges[edge].to
    if back {
      target = layout.edges[edge].from
      end = start
    }
    let pointsUp = back != isUp
    func isBox(_ place: Int) -> Bool { if case .box = contents[place] { true } else { false } }
    func text(_ point: Canvas.Point) -> String {
      "\(Canvas.number(point.x)) \(Canvas.number(point.y))"
    }
    var data = "M" + text(start)
    for index in 1..<points.count {
      let (a, b) = (points[index - 1], points[index])
      if index % 2 == 1 {
        if a != b { data += "L" + text(b) }
      } else {
        let middle = (a.y + b.y) / 2
        data += "C\(text(.init(x: a.x, y: middle))) \(text(.init(x: b.x, y: middle))) \(text(b))"
      }
    }
    canvas.path(data, back ? "edge back" : "edge")
    guard isBox(target) else { return }
    let wing = pointsUp ? 7.0 : -7.0
    let tip = [
      end, .init(x: end.x - 4, y: end.y + wing), .init(x: end.x + 4, y: end.y + wing),
    ]
    canvas.area(tip, back ? "back-tip" : "tip")
  }
}
