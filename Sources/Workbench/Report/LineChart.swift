/// Series of numbers over epochs, steps or time, as lines.
package struct LineChart: Hashable, Sendable {
  /// How a line is drawn.
  package enum Role: Hashable, Sendable {
    /// In one of the colours, by number.
    case colour(Int)
    /// As what is true: in the ink.
    case truth
  }

  /// Numbers with a name.
  package struct Series: Hashable, Sendable {
    /// What the legend calls it.
    package var name: String
    /// The place of the first number on the lower scale.
    package var first: Int
    /// The numbers, one a place; nil and what is not finite leaves a gap.
    package var values: [Double?]
    /// How it is drawn.
    package var role: Role

    /// Puts a series together.
    package init(name: String, first: Int = 1, values: [Double?], role: Role = .colour(0)) {
      self.name = name
      self.first = first
      self.values = values
      self.role = role
    }
  }

  /// A place that is pointed out.
  package struct Mark: Hashable, Sendable {
    /// Its place on the lower scale.
    package var place: Int
    /// What is said of it.
    package var label: String

    /// Points a place out.
    package init(place: Int, label: String) {
      self.place = place
      self.label = label
    }
  }

  /// What it shows.
  package var title: String
  /// A line below the title.
  package var note: String?
  /// What the lower scale counts.
  package var xTitle: String
  /// The lines.
  package var series: [Series]
  /// The place that is pointed out.
  package var mark: Mark?
  /// Whether the scale upwards may be one of powers of ten, where values differ much.
  package var mayBeLogarithmic: Bool
  /// What is written at the places of the lower scale, from the first on; empty for their numbers.
  package var names: [String]

  /// Describes a chart.
  package init(
    title: String,
    note: String? = nil,
    xTitle: String,
    series: [Series],
    mark: Mark? = nil,
    mayBeLogarithmic: Bool = true,
    names: [String] = []
  ) {
    self.title = title
    self.note = note
    self.xTitle = xTitle
    self.series = series
    self.mark = mark
    self.mayBeLogarithmic = mayBeLogarithmic
    self.names = names
  }
}

extension LineChart: Drawable {
  /// Draws it.
  package func picture(width: Double) -> Picture {
    let all = series.flatMap { $0.values.compactMap(\.self) }
    let y = Scale(over: all, kind: mayBeLogarithmic ? nil : .linear)
    let classes = series.map { Self.classes($0.role) }
    var plot = Plot(
      title: title,
      note: note,
      keys: series.count > 1 || series.first?.name != title
        ? zip(series, classes).map { Plot.Key(name: $0.name, classes: $1) } : [],
      x: lowerScale(width: width),
      y: y,
      xTitle: xTitle,
      width: width,
      room: mark == nil ? 0 : 16
    )
    if let mark { draw(mark, on: &plot, width: width) }
    // What is drawn last lies above: the truth below what was made of it.
    for isTruth in [true, false] {
      for (one, classes) in zip(series, classes) where (one.role == .truth) == isTruth {
        draw(one, classes, on: &plot)
      }
    }
    let lost = all.filter { y.fraction($0) == nil }.count
    return plot.picture(
      saying: lost == 0
        ? nil
        : "\(NumberText.counted(lost, "value")) not drawn: not finite"
          + (y.kind == .logarithmic ? ", or not above 0" : "")
    )
  }

  /// The classes of a series' line; colours come again with dashes.
  private static func classes(_ role: Role) -> String {
    switch role {
    case .truth: return "ink-line thin"
    case .colour(let index):
      let round = max(index, 0) / PictureStyle.colours
      return "c\(max(index, 0) % PictureStyle.colours)"
        + (round == 0 ? "" : " dash\((round - 1) % 2 + 1)")
    }
  }

  /// The scale to the right.
  private func lowerScale(width: Double) -> Scale {
    let used = series.filter { !$0.values.isEmpty }
    let first = used.map(\.first).min() ?? 1
    let last = used.map { $0.first + $0.values.count - 1 }.max() ?? 1
    let range = first...max(first, last)
    let widest = names.max { TextWidth.of($0) < TextWidth.of($1) } ?? NumberText.grouped(last)
    let count = Plot.tickCount(width: width, widest: widest)
    guard !names.isEmpty else { return Scale(whole: range, count: count) }
    return Scale(whole: range, count: count) { place in
      names.indices.contains(place - first) ? names[place - first] : ""
    }
  }

  /// Draws a line, in pieces where numbers are missing, with dots where there are few.
  private func draw(_ one: Series, _ classes: String, on plot: inout Plot) {
    var pieces: [[(point: Canvas.Point, index: Int)]] = [[]]
    for (index, value) in one.values.enumerated() {
      if let value, let point = plot.place(Double(one.first + index), value) {
        pieces[pieces.count - 1].append((point, index))
      } else if pieces.last?.isEmpty == false {
        pieces.append([])
      }
    }
    let hasDots = one.values.count <= 40
    for piece in pieces where !piece.isEmpty {
      if piece.count > 1 {
        let weight = one.values.count > 400 ? " thin" : ""
        plot.canvas.curve(Self.thinned(piece.map(\.point)), "line\(weight) \(classes)")
      }
      guard hasDots || piece.count == 1 else { continue }
      for (point, index) in piece {
        let value = one.values[index].map(Scale.figure) ?? ""
        let place =
          names.indices.contains(index) ? names[index] : "\(xTitle) \(one.first + index)"
        plot.canvas.dot(point, 2.6, "ring \(classes)", saying: "\(one.name) \(value), \(place)")
      }
    }
  }

  /// The points that can be told apart: of those in one column of pixels the first, the highest, the
  /// lowest and the last.
  private static func thinned(_ points: [Canvas.Point]) -> [Canvas.Point] {
    guard points.count > 1500 else { return points }
    var kept: [Canvas.Point] = []
    var start = 0
    while start < points.count {
      var end = start
      while end < points.count, points[end].x.rounded() == points[start].x.rounded() { end += 1 }
      let column = points[start..<end]
      let least = column.indices.min { column[$0].y < column[$1].y } ?? start
      let most = column.indices.max { column[$0].y < column[$1].y } ?? start
      for index in Set([start, least, most, end - 1]).sorted() { kept.append(points[index]) }
      start = end
    }
    return kept
  }

  /// Draws what points out a place: a line from top to bottom, and a label that stays in the picture.
  private func draw(_ mark: Mark, on plot: inout Plot, width: Double) {
    guard let x = plot.column(Double(mark.place)) else { return }
    plot.canvas.line(.init(x: x, y: plot.top - 4), .init(x: x, y: plot.bottom), "mark")
    let half = TextWidth.of(mark.label, size: 11) / 2
    plot.canvas.text(
      TextWidth.cut(mark.label, to: width - 8) { TextWidth.of($0, size: 11) },
      max(half + 4, min(x, width - half - 4)),
      plot.top - 9,
      "small middle"
    )
  }
}

/// What can be drawn as wide as there is room.
package protocol Drawable: Sendable {
  /// What it shows.
  var title: String { get }
  /// Whether it is as wide on any page.
  var hasOneWidth: Bool { get }
  /// The drawing, of about this width; some drawings need more, or less.
  func picture(width: Double) -> Picture
}

extension Drawable {
  /// Most drawings become narrow where the page is.
  package var hasOneWidth: Bool { false }
}
