import Foundation
import Testing

@testable import Workbench

@Suite struct ChartTests {
  /// Charts of ordinary and of extreme numbers, each with a name that XML would stumble over.
  static let drawings: [any Drawable] = {
    let name = "a<b & \"c\" 'd' \u{1}"
    let long = String(repeating: "syllable", count: 8)
    let series: [[Double?]] = [
      [3, 1, 2], [1], [], [nil, nil], [1e-9, 3e9], [.nan, 1, .infinity], [2, 2, 2],
      [-1e308, 1e308], [0, 0], [.leastNonzeroMagnitude, 1e308], [-.leastNonzeroMagnitude],
      [1e9, 1e9 + 1e-7],
      (0..<3000).map { Double($0 % 7) },
    ]
    let lines = series.map {
      LineChart(
        title: name,
        note: long,
        xTitle: "epoch",
        series: [.init(name: long, values: $0), .init(name: name, first: 2, values: $0)],
        mark: .init(place: 1, label: name)
      )
    }
    let bars = series.map {
      BarChart(title: name, xTitle: "time", values: $0.map { abs($0 ?? 0) })
    }
    let matrices = [0, 1, 3, 60].map { count in
      var confusion = Confusion(names: (0..<count).map { "\(name) \($0) \(long)" })
      for index in 0..<count { confusion.add(truth: Int32(index), guess: Int32(index / 2)) }
      return MatrixChart(confusion: confusion, title: name)
    }
    let map = MatrixChart(
      attention: [[.nan, 0.25, 1], [0.5]],
      title: name,
      rowTitle: name,
      columnTitle: name,
      rows: [name],
      columns: []
    )
    return lines + bars + matrices + [map]
  }()

  /// Whatever the numbers and names, a drawing is XML, alone and in a page, and its places are numbers.
  @Test(arguments: [340.0, 1000])
  func isXML(width: Double) {
    for drawing in Self.drawings {
      let picture = drawing.picture(width: width)
      for text in [picture.inline, picture.file] {
        let drawn = Drawn(text)
        #expect(drawn.error == nil)
        #expect(!text.contains("nan\"") && !text.contains("inf\""))
      }
      #expect(drawing.picture(width: width) == picture)
    }
  }

  /// No letters leave a drawing, however long they are.
  @Test func keepsLettersInside() {
    for drawing in Self.drawings {
      let picture = drawing.picture(width: 340)
      for word in Drawn(picture.inline).all("text") where word.attributes["transform"] == nil {
        let size = TextWidth.of(word.text, size: word.has("small") ? 11 : 12)
        let start = word.number("x") - (word.has("end") ? size : word.has("middle") ? size / 2 : 0)
        #expect(start >= -1 && start + size <= picture.width + 1, "\(word.text)")
      }
    }
  }

  /// A line goes through its numbers, on a scale whose ticks are round.
  @Test func drawsALine() throws {
    let chart = LineChart(
      title: "loss",
      xTitle: "epoch",
      series: [.init(name: "training", values: [4, 2, 1])],
      mark: .init(place: 3, label: "best 1")
    )
    let drawn = Drawn(chart.picture(width: 500).inline)
    #expect(drawn.words.suffix(3).contains("best 1"))
    for word in ["loss", "training", "1", "3", "4", "epoch"] { #expect(drawn.words.contains(word)) }
    let line = try #require(drawn.all("polyline").first?.attributes["points"])
    let points = line.split(separator: " ").map {
      $0.split(separator: ",").compactMap { Double($0) }
    }
    #expect(points.count == 3)
    // From 4 to 2 it falls twice as far as from 2 to 1, over equal distances.
    #expect(abs((points[1][1] - points[0][1]) - 2 * (points[2][1] - points[1][1])) < 0.1)
    #expect(abs((points[1][0] - points[0][0]) - (points[2][0] - points[1][0])) < 0.1)
    #expect(drawn.titles.contains("training 2.000, epoch 2"))
  }

  /// What is missing or no number leaves a gap, and is counted.
  @Test func leavesGaps() {
    let values: [Double?] = [1, 2, .nan, 3, nil, 2]
    let chart = LineChart(title: "t", xTitle: "epoch", series: [.init(name: "s", values: values)])
    let drawn = Drawn(chart.picture(width: 500).inline)
    #expect(drawn.all("polyline").count == 1)
    #expect(drawn.all("circle").count == 4)
    #expect(drawn.words.contains("1 value not drawn: not finite"))
  }

  /// A thousand steps become one area; seven become seven bars, a tenth of which is a decade lower.
  @Test func drawsBars() {
    let norms = (0..<7).map { pow(10, -Double($0)) }
    let bars = Drawn(BarChart(title: "h", xTitle: "time", values: norms).picture(width: 500).inline)
      .all("rect")
    #expect(bars.count == 7)
    let heights = bars.map { $0.number("height") }
    let falls = zip(heights, heights.dropFirst()).map { $0 - $1 }
    #expect(falls.allSatisfy { abs($0 - falls[0]) < 0.1 && $0 > 10 })
    let many = BarChart(title: "h", xTitle: "time", values: (0..<1000).map(Double.init))
    let drawn = Drawn(many.picture(width: 500).inline)
    #expect(drawn.all("rect").isEmpty && drawn.all("polygon").count == 1)
    #expect(many.picture(width: 500).body.utf8.count < 20_000)
  }

  /// What was taken for what is counted by row and column, and shown with names and shares.
  @Test func drawsAConfusion() {
    var confusion = Confusion(names: ["good", "bad", "never"])
    for (truth, guess, times) in [(0, 0, 30), (0, 1, 10), (1, 1, 5), (3, 0, 1), (0, -1, 1)] {
      for _ in 0..<times { confusion.add(truth: Int32(truth), guess: Int32(guess)) }
    }
    let lines = confusion.scores
    #expect(lines.map(\.count) == [40, 5])
    #expect(lines[0].precision == 1 && lines[0].recall == 0.75)
    #expect(lines[1].precision == 5 / 15.0 && lines[1].recall == 1)
    #expect(lines[1].f1 == 0.5)
    let drawn = Drawn(MatrixChart(confusion: confusion, title: "mood").picture(width: 500).inline)
    for word in ["good", "bad", "true", "predicted", "30", "10", "5"] {
      #expect(drawn.words.contains(word))
    }
    #expect(drawn.words.contains("77.8 % right: 35 of 45 examples"))
    #expect(drawn.titles.contains("good taken for bad: 10"))
    let cells = drawn.all("rect")
    #expect(cells.count == 3)
    #expect(cells.map { $0.number("fill-opacity") } == [0.75, 0.5, 1])
    #expect(cells[0].number("x") < cells[1].number("x"))
    #expect(cells[0].number("y") < cells[2].number("y"))
  }

  /// Weights of attention are numbers where cells are large, and shades alone where they are not.
  @Test func drawsAttention() {
    func map(_ count: Int) -> Drawn {
      let weights = (0..<count).map { row in
        (0..<count).map { $0 == row ? 0.75 : 0.25 / Double(count) }
      }
      let names = (0..<count).map { "word\($0)" }
      return Drawn(
        MatrixChart(
          attention: weights,
          title: "weights",
          rowTitle: "answer",
          columnTitle: "question",
          rows: names,
          columns: names
        ).picture(width: 500).inline
      )
    }
    #expect(map(5).words.filter { $0 == ".75" }.count == 5)
    #expect(map(60).words.allSatisfy { $0 != ".75" })
    #expect(map(5).titles.contains("word1 → word3: 0.05000"))
  }

  /// Ticks are round and cover what is shown, from the smallest numbers to the largest.
  @Test(arguments: [
    ([0.13, 0.87], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ([1200, 2900], ["1,000", "1,500", "2,000", "2,500", "3,000"]),
    ([1e-9, 3e-9], ["1.0·10⁻⁹", "1.5·10⁻⁹", "2.0·10⁻⁹", "2.5·10⁻⁹", "3.0·10⁻⁹"]),
    ([0.001, 30], ["0.001", "0.01", "0.1", "1", "10", "100"]),
    ([1e-12, 1e12], ["10⁻¹²", "10⁻⁸", "10⁻⁴", "1", "10,000", "10⁸", "10¹²"]),
    ([-3, 4], ["−4", "−2", "0", "2", "4"]), ([], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
  ])
  func ticks(values: [Double], labels: [String]) {
    let scale = Scale(over: values)
    #expect(scale.ticks.map(\.label) == labels)
    for value in values {
      let place = scale.fraction(value) ?? -1
      #expect(place >= 0 && place <= 1)
    }
  }

  /// Numbers keep four digits that count.
  @Test func figures() {
    let texts = [1.23456, 0.000123456, 1.5e-9, 12345.6, 2e12, 0, -0.5, .nan].map(Scale.figure)
    #expect(
      texts == [
        "1.235", "0.0001235", "1.500·10⁻⁹", "12,346", "2.000·10¹²", "0", "−0.5000", "nan",
      ]
    )
  }
}
