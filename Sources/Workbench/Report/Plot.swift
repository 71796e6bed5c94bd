/// The frame of a chart with two scales: title, legend, grid, ticks, and where values have their place.
struct Plot {
  /// What a series looks like in the legend.
  struct Key: Hashable, Sendable {
    /// What it is called.
    var name: String
    /// The classes of its line.
    var classes: String
  }

  /// The picture so far.
  var canvas = Canvas()
  /// The scale to the right.
  let x: Scale
  /// The scale upwards.
  let y: Scale
  /// Where the left edge is.
  let left: Double
  /// Where the right edge is.
  let right: Double
  /// Where the upper edge is.
  let top: Double
  /// Where the lower edge is.
  let bottom: Double
  /// How wide the picture is.
  private let width: Double
  /// How high it is.
  private let height: Double
  /// What it shows.
  private let title: String

  /// Draws the frame.
  ///
  /// - Parameters:
  ///   - note: a line below the title; nil for none.
  ///   - room: what is kept free between legend and plot.
  init(
    title: String,
    note: String? = nil,
    keys: [Key] = [],
    x: Scale,
    y: Scale,
    xTitle: String,
    width: Double,
    room: Double = 0
  ) {
    self.x = x
    self.y = y
    self.width = width
    self.title = title
    let labels = y.ticks.map { TextWidth.of($0.label, size: 11) }
    left = (labels.max() ?? 0) + 16
    right = width - 18
    let head = canvas.head(title, note, width: width)
    let line = Self.legend(keys, width: width, below: head, on: &canvas)
    top = line + 14 + room
    bottom = top + min(max(width * 0.38, 170), 260)
    height = bottom + 44
    for tick in y.ticks {
      guard let fraction = y.fraction(tick.value) else { continue }
      let place = bottom - (bottom - top) * fraction
      canvas.line(.init(x: left, y: place), .init(x: right, y: place), "grid")
      canvas.text(tick.label, left - 8, place + 4, "small faint end")
    }
    canvas.line(.init(x: left, y: bottom), .init(x: right, y: bottom), "axis")
    for tick in x.ticks {
      guard let fraction = x.fraction(tick.value) else { continue }
      let place = left + (right - left) * fraction
      canvas.line(.init(x: place, y: bottom), .init(x: place, y: bottom + 4), "axis")
      let half = TextWidth.of(tick.label, size: 11) / 2
      let start = min(max(place, half + 2), width - half - 2)
      canvas.text(tick.label, start, bottom + 17, "small faint middle")
    }
    canvas.text(xTitle, (left + right) / 2, bottom + 36, "small faint middle")
  }

  /// How many ticks there is room for to the right, when the widest has that label.
  static func tickCount(width: Double, widest label: String) -> Int {
    max(1, Int((width - 60) / (TextWidth.of(label, size: 11) + 26)))
  }

  /// Where a pair of values stands; nil for what has no place.
  func place(_ xValue: Double, _ yValue: Double) -> Canvas.Point? {
    guard let right = column(xValue), let up = y.fraction(yValue) else { return nil }
    return Canvas.Point(x: right, y: bottom - (bottom - top) * min(max(up, 0), 1))
  }

  /// How far to the right a value stands.
  func column(_ value: Double) -> Double? {
    x.fraction(value).map { left + (right - left) * $0 }
  }

  /// The picture, with a line below it if there is something more to say.
  mutating func picture(saying note: String? = nil) -> Picture {
    if let note {
      canvas.text(TextWidth.cut(note, to: width - 10), 4, height + 8, "small faint", whole: note)
    }
    return canvas.picture(title, width: width, height: height + (note == nil ? 0 : 18))
  }

  /// Writes the legend in as many rows as it needs; gives the last one's place.
  private static func legend(
    _ keys: [Key],
    width: Double,
    below line: Double,
    on canvas: inout Canvas
  ) -> Double {
    guard !keys.isEmpty else { return line }
    var place = Canvas.Point(x: 4, y: line + Canvas.row)
    for key in keys {
      let name = TextWidth.cut(key.name, to: width - 48)
      let size = 30 + TextWidth.of(name) + 14
      if place.x > 4, place.x + size > width {
        place = Canvas.Point(x: 4, y: place.y + Canvas.row)
      }
      let middle = place.y - 4
      canvas.line(
        .init(x: place.x, y: middle),
        .init(x: place.x + 22, y: middle),
        "line " + key.classes
      )
      canvas.text(name, place.x + 29, place.y, "", whole: key.name)
      place.x += size
    }
    return place.y
  }
}
