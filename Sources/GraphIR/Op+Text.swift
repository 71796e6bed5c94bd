extension Op {
  /// The operation's name in the printed graph, without its settings.
  package var text: String {
    switch self {
    case .constant: "constant"
    case .token: "token"
    case .variable: "variable"
    case .argument: "argument"
    case .position: "position"
    case .length: "length"
    case .random(let random, _, _, _, _): "random.\(random)"
    case .unary(let unary): "\(unary)"
    case .binary(let binary): "\(binary)"
    case .select: "select"
    case .number: "number"
    case .contract(let contraction): contraction.inParts ? "dot" : "contract"
    case .reduce(let reduce, _): "reduce.\(reduce)"
    case .argmax: "argmax"
    case .oneHot: "oneHot"
    case .gather: "gather"
    case .scatterAdd: "scatterAdd"
    case .draw: "draw"
    case .slice: "slice"
    case .pad: "pad"
    case .concat: "concat"
    case .transpose: "transpose"
    case .orthogonalize: "orthogonalize"
    case .reshape: "reshape"
    case .broadcast: "broadcast"
    case .element: "element"
    case .place: "place"
    case .shift: "shift"
    case .sequence: "sequence"
    case .reindex: "reindex"
    case .scan: "scan"
    case .project: "project"
    }
  }

  /// The operation's settings in the printed graph, as words.
  func settings(in graph: Graph) -> [String] {
    func name(_ axis: AxisID) -> String { graph.name(of: axis) }
    func names(_ axes: AxisSet) -> [String] { axes.axes.map(name) }
    func numbers(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
    func dimension(_ dim: Int32) -> [String] { dim == 0 ? [] : ["\(dim)"] }
    switch self {
    case .constant(let bits): return [Double(bitPattern: bits).description]
    case .token(let token, let bound): return ["\(token)", "\(bound)"]
    case .variable(let variable): return ["\(variable.index)"]
    case .argument(let place), .project(let place): return ["\(place)"]
    case .position(let axis), .length(let axis), .sequence(let axis): return [name(axis)]
    case .random(_, let draw, let axes, let shape, let axis):
      return ["\(draw)", numbers(shape.dims)] + names(axes) + (axis.map { ["in", name($0)] } ?? [])
    case .argmax(let axis): return axis.map { [name($0)] } ?? []
    case .unary, .binary, .select, .number, .gather, .draw, .transpose, .orthogonalize: return []
    case .contract(let c): return [numbers(c.left.dims), numbers(c.right.dims)] + names(c.axes)
    case .reduce(_, let r): return [numbers(r.dims.dims)] + names(r.axes)
    case .oneHot(let bound): return ["\(bound)"]
    case .scatterAdd(let rows, let axes): return ["\(rows)"] + names(axes)
    case .slice(let start, let count, let dim): return ["\(start)", "\(count)"] + dimension(dim)
    case .pad(let before, let after, let dim): return ["\(before)", "\(after)"] + dimension(dim)
    case .concat(let dim): return dimension(dim)
    case .reshape(let shape): return [numbers(shape.dims)]
    case .broadcast(let b): return [numbers(b.shape.dims), numbers(b.kept.dims)] + names(b.axes)
    case .element(let axis, let position), .place(let axis, let position):
      switch position {
      case .first: return [name(axis), "first"]
      case .last: return [name(axis), "last"]
      case .rowLast: return [name(axis), "rowLast"]
      case .at(let index): return [name(axis), "\(index)"]
      }
    case .shift(let axis, let reverse): return [name(axis)] + (reverse ? ["reverse"] : [])
    case .reindex(let r):
      return [name(r.from), name(r.to), "\(r.scale)", "\(r.plus)", "\(r.row)", "\(r.divisor)"]
    case .scan(let scan): return ["\(scan.index)"]
    }
  }

  /// Reads an operation from its name and settings; nothing if they are not one's.
  static func parse(_ text: String, _ words: [String], in graph: Graph) -> Op? {
    func axis(_ word: String) -> AxisID? {
      graph.axes.firstIndex { $0.name == word }.map { AxisID($0) }
    }
    func axes(_ words: ArraySlice<String>) -> AxisSet? {
      let found = words.compactMap(axis)
      return found.count == words.count ? AxisSet(found) : nil
    }
    func integer(_ place: Int) -> Int32? { place < words.count ? Int32(words[place]) : nil }
    func numbers(_ place: Int) -> [Int]? {
      guard place < words.count else { return nil }
      if words[place].isEmpty { return [] }
      let parts = words[place].split(separator: ",").map { Int($0) }
      return parts.contains(nil) ? nil : parts.compactMap { $0 }
    }
    func firstAxis() -> AxisID? { words.first.flatMap(axis) }
    func position() -> Position? {
      guard words.count == 2 else { return nil }
      switch words[1] {
      case "first": return .first
      case "last": return .last
      case "rowLast": return .rowLast
      default: return Int32(words[1]).map { .at($0) }
      }
    }
    if let unary = UnaryOp.allCases.first(where: { "\($0)" == text }) { return .unary(unary) }
    if let binary = BinaryOp.allCases.first(where: { "\($0)" == text }) { return .binary(binary) }
    if let op = ReduceOp.allCases.first(where: { "reduce.\($0)" == text }) {
      guard let dims = numbers(0), let axes = axes(words.dropFirst()) else { return nil }
      return .reduce(op, Reduction(dims: DimList(dims), axes: axes))
    }
    if let op = RandomOp.allCases.first(where: { "random.\($0)" == text }) {
      // `in` is a word of the language, so no axis is called that.
      let mark = words.lastIndex(of: "in") ?? words.count
      guard let draw = integer(0), let shape = numbers(1).flatMap({ Shape($0) }), mark >= 2,
        let axes = axes(words[2..<mark])
      else { return nil }
      if mark == words.count { return .random(op, draw: draw, axes: axes, shape: shape) }
      guard mark + 2 == words.count, let given = axis(words[mark + 1]) else { return nil }
      return .random(op, draw: draw, axes: axes, shape: shape, at: given)
    }
    switch text {
    case "constant": return words.first.flatMap { Double($0) }.map { .real($0) }
    case "token":
      guard let token = integer(0), let bound = integer(1) else { return nil }
      return .token(token, of: bound)
    case "variable": return integer(0).map { .variable(VariableID(Int($0))) }
    case "argument": return integer(0).map { .argument($0) }
    case "project": return integer(0).map { .project($0) }
    case "position": return firstAxis().map { .position($0) }
    case "length": return firstAxis().map { .length($0) }
    case "sequence": return firstAxis().map { .sequence($0) }
    case "select": return .select
    case "number": return .number
    case "argmax":
      guard let word = words.first else { return .argmax(nil) }
      return axis(word).map { .argmax($0) }
    case "orthogonalize": return .orthogonalize
    case "reindex":
      guard words.count == 6, let from = axis(words[0]), let to = axis(words[1]),
        let scale = integer(2), let plus = integer(3), let row = integer(4),
        let divisor = integer(5)
      else { return nil }
      return .reindex(
        Reindex(
          from: from,
          to: to,
          scale: Int(scale),
          plus: Int(plus),
          row: Int(row),
          divisor: Int(divisor)
        )
      )
    case "gather": return .gather
    case "draw": return .draw
    case "concat": return words.isEmpty ? .concat() : integer(0).map { .concat(dim: $0) }
    case "transpose": return .transpose
    case "contract", "dot":
      guard let left = numbers(0), let right = numbers(1), let axes = axes(words.dropFirst(2))
      else { return nil }
      return .contract(
        Contraction(
          left: DimList(left),
          right: DimList(right),
          axes: axes,
          inParts: text == "dot"
        )
      )
    case "oneHot": return integer(0).map { .oneHot($0) }
    case "scatterAdd":
      guard let rows = integer(0), let axes = axes(words.dropFirst()) else { return nil }
      return .scatterAdd(rows: rows, axes: axes)
    case "slice":
      guard let start = integer(0), let count = integer(1),
        let dim = words.count == 2 ? 0 : integer(2)
      else { return nil }
      return .slice(start: start, count: count, dim: dim)
    case "pad":
      guard let before = integer(0), let after = integer(1),
        let dim = words.count == 2 ? 0 : integer(2)
      else { return nil }
      return .pad(before: before, after: after, dim: dim)
    case "reshape": return numbers(0).flatMap { Shape($0) }.map { .reshape($0) }
    case "broadcast":
      guard let shape = numbers(0).flatMap({ Shape($0) }), let kept = numbers(1),
        let axes = axes(words.dropFirst(2))
      else { return nil }
      return .broadcast(Broadcast(axes: axes, shape: shape, kept: DimList(kept)))
    case "element", "place":
      guard let axis = firstAxis(), let position = position() else { return nil }
      return text == "element" ? .element(axis, position) : .place(axis, position)
    case "shift": return firstAxis().map { .shift($0, reverse: words.count > 1) }
    case "scan": return integer(0).map { .scan(ScanID(Int($0))) }
    default: return nil
    }
  }
}
