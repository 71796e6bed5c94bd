/// A number for each step as a bar, on a scale of powers of ten where they differ much.
package struct BarChart: Hashable, Sendable {
  /// What it shows.
  package var title: String
  /// A line below the title.
  package var note: String?
  /// What the lower scale counts.
  package var xTitle: String
  /// The number of the first bar.
  package var first: Int
  /// The numbers, none below 0.
  package var values: [Double]
  /// Which of the colours.
  package var colour: Int

  /// Describes a chart.
  package init(
    title: String,
    note: String? = nil,
    xTitle: String,
    first: Int = 1,
    values: [Double],
    colour: Int = 0
  ) {
    self.title = title
    self.note = note
    self.xTitle = xTitle
    self.first = first
    self.values = values
    self.colour = colour
  }
}

extension BarChart: Drawable {
  /// Draws it.
  package func picture(width: Double) -> Picture {
    let finite = values.filter { $0.isFinite && $0 > 0 }
    let spread = (finite.max() ?? 1) / (finite.min() ?? 1)
    // A bar of a linear scale stands on 0; one of powers of ten, on a power below the least.
    let y =
      spread > 30
      ? Scale(over: finite + [(finite.min() ?? 1) / 2], kind: .logarithmic)
      : Scale(over: finite + [0], kind: .linear)
    let last = first + max(values.count, 1) - 1
    var plot = Plot(
      title: title,
      note: note,
      x: Scale(
        bars: first...last,
        count: Plot.tickCount(width: width, widest: NumberText.grouped(last))
      ),
      y: y,
      xTitle: xTitle,
      width: width
    )
    let room = (plot.right - plot.left) / Double(max(values.count, 1))
    let gap = room > 4 ? max(room * 0.2, room - 60) : 0
    if room >= 1.5 {
      for (index, value) in values.enumerated() {
        let x = plot.left + room * Double(index)
        draw(value, from: x + gap / 2, to: x + room - gap / 2, "step \(first + index)", on: &plot)
      }
    } else {
      outline(on: &plot)
    }
    let lost = values.filter { !$0.isFinite }.count
    return plot.picture(
      saying: lost == 0 ? nil : "\(NumberText.counted(lost, "value")) not finite, marked by a cross"
    )
  }

  /// Draws a bar, or a cross where there is no number to draw.
  private func draw(
    _ value: Double,
    from left: Double,
    to right: Double,
    _ name: String,
    on plot: inout Plot
  ) {
    guard value.isFinite else {
      let (middle, base) = ((left + right) / 2, plot.bottom - 7)
      let sign = "M\(Canvas.number(middle - 3)) \(Canvas.number(base - 3)) l6 6 m0 -6 l-6 6"
      plot.canvas.path(sign, "line thin c4", saying: "\(name): \(NumberText.fixed(value, 0))")
      return
    }
    guard let top = plot.place(plot.x.low, value)?.y else { return }
    plot.canvas.rectangle(
      left,
      top,
      right - left,
      plot.bottom - top,
      "f\(colour)",
      saying: "\(name): \(Scale.figure(value))"
    )
  }

  /// Draws bars too narrow to be told apart as one area, the highest of a pixel each.
  private func outline(on plot: inout Plot) {
    let columns = max(1, Int(plot.right - plot.left))
    var points = [Canvas.Point(x: plot.left, y: plot.bottom)]
    for column in 0..<columns {
      let start = column * values.count / columns
      let end = max(start + 1, (column + 1) * values.count / columns)
      let part = values[start..<min(end, values.count)].filter(\.isFinite)
      let height = part.max().flatMap { plot.place(plot.x.low, $0)?.y } ?? plot.bottom
      points.append(.init(x: plot.left + Double(column), y: height))
      points.append(.init(x: plot.left + Double(column + 1), y: height))
    }
    points.append(.init(x: plot.right, y: plot.bottom))
    plot.canvas.area(points, "f\(colour)")
    for (index, value) in values.enumerated() where !value.isFinite {
      let x = plot.left + (plot.right - plot.left) * (Double(index) + 0.5) / Double(values.count)
      draw(value, from: x, to: x, "step \(first + index)", on: &plot)
    }
  }
}
