package import GraphIR

/// Draws where the buffers of programs stand in the arena, and how long: statements go to the right,
/// bytes upwards.
package enum MemoryPicture {
  /// The picture as SVG, a panel for each program that needs an arena.
  package static func svg(of programs: [Program], in graph: Graph) -> String {
    var writer = PictureWriter()
    writer.write("Memory of \(graph.name)", Panel.left, 30, "head")
    writer.write(
      "statements to the right, bytes of the arena upwards; point at anything to read more",
      Panel.left,
      48,
      "faint"
    )
    var top = 66.0
    for program in programs {
      let panel = Panel(program, graph, top: top)
      panel.draw(into: &writer)
      top += panel.height
    }
    return writer.text(width: Panel.width, height: top + 10, title: "Memory of \(graph.name)")
  }

  /// A number of bytes in the unit that leaves one to three digits before the point.
  static func text(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) bytes" }
    var (tenths, unit) = (bytes / 100, 0)
    while tenths >= 10_000, unit < 2 {
      tenths /= 1000
      unit += 1
    }
    return "\(tenths / 10).\(tenths % 10) " + ["kB", "MB", "GB"][unit]
  }
}

/// One program's part of the picture.
private struct Panel {
  static let left = 84.0
  static let width = 1280.0
  private static let right = 930.0
  private static let plotHeight = 320.0
  /// How many of the largest buffers are listed beside the plot.
  private static let listed = 15

  let program: Program
  let graph: Graph
  let plan: MemoryPlan
  let top: Double
  /// What each statement does, by number.
  private let notes: [String]

  init(_ program: Program, _ graph: Graph, top: Double) {
    self.program = program
    self.graph = graph
    self.top = top
    plan = MemoryPlan(program, in: graph)
    notes = ["what is given"] + Self.notes(program.statements, graph)
  }

  /// How much of the page it takes.
  var height: Double { plan.bytes == 0 ? 46 : Self.plotHeight + 128 }

  private var plotTop: Double { top + 58 }
  private var plotBottom: Double { plotTop + Self.plotHeight }

  private static func notes(_ statements: [Statement], _ graph: Graph) -> [String] {
    statements.flatMap { statement -> [String] in
      switch statement {
      case .kernel(let call): [(call.kernel.fold == nil ? "kernel: " : "fold: ") + call.note]
      case .product(let call): ["product: " + call.note]
      case .scatter: ["rows added where tokens say"]
      case .orthogonalize: ["vectors made perpendicular"]
      case .draw: ["a token drawn for each row"]
      case .requireFinite: ["the loss and gradients must be finite"]
      case .barrier: []
      case .loop(let loop):
        ["along " + graph[loop.axis].name] + notes(loop.body, graph) + ["the next step"]
      }
    }
  }

  /// What a buffer is called: the product that makes it says more than its own name.
  private func name(_ buffer: BufferID) -> String {
    let maker = notes[plan.lives.life[buffer.index]?.lowerBound ?? 0]
    let product = "product: "
    return maker.hasPrefix(product) ? String(maker.dropFirst(product.count)) : program[buffer].name
  }

  // MARK: Scales

  private func x(_ statement: Int) -> Double {
    Self.left + (Self.right - Self.left) * Double(statement) / Double(plan.lives.count + 1)
  }

  private func y(_ byte: Int) -> Double {
    plotBottom - Self.plotHeight * Double(byte) / Double(max(1, plan.bytes))
  }

  /// A round distance that goes into a range at most so many times.
  private static func distance(_ range: Int, _ times: Int) -> Int {
    var power = 1
    while true {
      for factor in [1, 2, 5] where range <= factor * power * times { return factor * power }
      power *= 10
    }
  }

  // MARK: Drawing

  func draw(into writer: inout PictureWriter) {
    writer.write(program.entry.rawValue, Self.left, top + 18, "head")
    guard plan.bytes > 0 else {
      writer.write("needs no arena", Self.left, top + 36, "faint")
      return
    }
    let most = plan.live.firstIndex(of: plan.leastBytes) ?? 0
    writer.write(
      "arena \(MemoryPicture.text(plan.bytes)); lives together at most "
        + "\(MemoryPicture.text(plan.leastBytes)), at statement \(most) (\(notes[most]))",
      Self.left,
      top + 36,
      "faint"
    )
    drawLoops(into: &writer)
    drawScales(into: &writer)
    for (number, piece) in plan.pieces.enumerated() { draw(piece, number, into: &writer) }
    drawLive(at: most, into: &writer)
    drawStatements(into: &writer)
    drawList(into: &writer)
  }

  private func drawLoops(into writer: inout PictureWriter) {
    for loop in plan.lives.loops {
      let (start, end) = (x(loop.range.lowerBound), x(loop.range.upperBound + 1))
      let depth = plan.lives.loops.count {
        $0.range.lowerBound < loop.range.lowerBound && $0.range.upperBound > loop.range.upperBound
      }
      let axis = graph[loop.axis].name
      let name = loop.isReverse ? "← " + axis : axis + " →"
      writer.rectangle(
        start,
        plotTop - 14 + 4 * Double(depth),
        end - start,
        Self.plotHeight + 14 - 4 * Double(depth),
        "loop",
        saying:
          "loop \(loop.isReverse ? "back " : "")along \(axis), statements \(loop.range.lowerBound) to \(loop.range.upperBound)"
      )
      if depth == 0, fits(name, end - start) {
        writer.write(name, (start + end) / 2, plotTop - 3, "small middle faint")
      }
    }
  }

  private func drawScales(into writer: inout PictureWriter) {
    let bytes = Self.distance(plan.bytes, 6)
    for byte in stride(from: 0, through: plan.bytes, by: bytes) {
      writer.line(
        from: (Self.left, y(byte)),
        to: (Self.right, y(byte)),
        byte == 0 ? "axis" : "rule"
      )
      let text = byte == 0 ? "0" : MemoryPicture.text(byte)
      writer.write(text, Self.left - 8, y(byte) + 4, "left faint")
    }
    let statements = Self.distance(plan.lives.count, 20)
    for statement in stride(from: statements, through: plan.lives.count, by: statements) {
      let middle = (x(statement) + x(statement + 1)) / 2
      writer.write("\(statement)", middle, plotBottom + 26, "small middle faint")
    }
  }

  /// Whether letters go into so much room.
  private func fits(_ text: String, _ room: Double) -> Bool {
    Double(text.count) * 6.2 + 6 <= room
  }

  /// Colours of neighbours lie far apart on the circle.
  private func hue(_ piece: Int) -> Int { piece * 137 % 360 }

  /// The statements in which a buffer of a piece is used, up to where the next takes its place.
  private func span(_ place: Int, of piece: MemoryPlan.Piece) -> Range<Int> {
    let life = plan.lives.life[piece.buffers[place].index] ?? piece.life
    let isLast = place == piece.buffers.count - 1
    return life.lowerBound..<life.upperBound + (isLast ? 1 : 0)
  }

  private func draw(_ piece: MemoryPlan.Piece, _ number: Int, into writer: inout PictureWriter) {
    for place in piece.buffers.indices {
      let (name, span) = (name(piece.buffers[place]), span(place, of: piece))
      let (start, end) = (x(span.lowerBound), x(span.upperBound))
      let heir =
        place + 1 < piece.buffers.count
        ? ", then \(self.name(piece.buffers[place + 1])) in its place" : ""
      writer.rectangle(
        start,
        y(piece.end),
        end - start,
        y(piece.offset) - y(piece.end),
        "buffer",
        hue: hue(number),
        saying: "\(name): \(MemoryPicture.text(piece.bytes)) at \(piece.offset), "
          + "statements \(span.lowerBound) to \(max(span.lowerBound, span.upperBound - 1))\(heir)"
      )
      let size = name + "  " + MemoryPicture.text(piece.bytes)
      guard y(piece.offset) - y(piece.end) >= 12 else { continue }
      let middle = (y(piece.offset) + y(piece.end)) / 2 + 3.5
      for text in [size, name] where fits(text, end - start) {
        writer.write(text, start + 4, middle, "word", hue: hue(number))
        break
      }
    }
  }

  private func drawLive(at most: Int, into writer: inout PictureWriter) {
    var points: [(x: Double, y: Double)] = []
    for (statement, bytes) in plan.live.enumerated() {
      points.append((x(statement), y(bytes)))
      points.append((x(statement + 1), y(bytes)))
    }
    let height = y(plan.leastBytes)
    writer.line(from: (Self.left, height), to: (Self.right, height), "level")
    writer.curve(points, "curve")
    writer.dot((x(most) + x(most + 1)) / 2, height, "mark")
  }

  private func drawStatements(into writer: inout PictureWriter) {
    let gap = x(2) - x(1) > 3 ? 0.6 : 0
    for statement in 1..<max(1, plan.lives.count + 1) {
      writer.rectangle(
        x(statement) + gap / 2,
        plotBottom + 4,
        x(statement + 1) - x(statement) - gap,
        9,
        "statement",
        saying: "\(statement): \(notes[statement])"
      )
    }
  }

  /// The largest buffers, and how to read the curve.
  private func drawList(into writer: inout PictureWriter) {
    struct Row {
      var buffer: Int
      var piece: Int
      var bytes: Int
    }
    let start = Self.right + 28
    let end = Self.width - 24
    var rows = plan.pieces.enumerated().flatMap { number, piece in
      piece.buffers.map { Row(buffer: $0.index, piece: number, bytes: piece.bytes) }
    }
    rows.sort { ($1.bytes, $0.buffer) < ($0.bytes, $1.buffer) }
    var row = plotTop + 4
    for shown in rows.prefix(Self.listed) {
      writer.rectangle(start, row - 9, 10, 10, "buffer", hue: hue(shown.piece))
      let name = name(BufferID(shown.buffer))
      let short = name.count > 30 ? name.prefix(28) + "…" : name[...]
      writer.write(String(short), start + 18, row)
      writer.write(MemoryPicture.text(shown.bytes), end, row, "left faint")
      row += 19
    }
    if rows.count > Self.listed {
      let rest = rows.count - Self.listed
      writer.write("and \(rest) smaller", start + 18, row, "faint")
    }
    let last = plotBottom + 12
    writer.line(from: (start - 2, last - 4), to: (start + 12, last - 4), "curve")
    writer.write("what lives together, and its peak", start + 18, last, "faint")
  }
}
