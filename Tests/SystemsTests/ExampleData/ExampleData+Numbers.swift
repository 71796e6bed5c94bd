import TestSupport

extension ExampleData {
  /// The adding problem: of two to ten numbers the two that are marked by a 1 count.
  static func adding(rows: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let lines = (0..<rows).map { _ in
      let length = 2 + random.below(9)
      let numbers = (0..<length).map { _ in random.below(100) }
      let first = random.below(length)
      let second = (first + 1 + random.below(length - 1)) % length
      let steps = numbers.enumerated().map { place, number in
        "\(fixed(Double(number) / 100, 2)) \(place == first || place == second ? 1 : 0)"
      }
      let total = Double(numbers[first] + numbers[second]) / 100
      return "\(steps.joined(separator: ";")),\(fixed(total, 2))"
    }
    return table("x,total", lines)
  }

  /// The middle one of three neighbours; outside of the sequence stands 0.
  static func median(rows: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let lines = (0..<rows).map { _ in
      let x = (0..<3 + random.below(10)).map { _ in random.below(201) - 100 }
      let y = x.indices.map { place in
        [place > 0 ? x[place - 1] : 0, x[place], place + 1 < x.count ? x[place + 1] : 0].sorted()[1]
      }
      let cells = [x, y].map { numbers in
        numbers.map { fixed(Double($0) / 100, 2) }.joined(separator: " ")
      }
      return cells.joined(separator: ",")
    }
    return table("x,y", lines)
  }

  /// Points in a square, and whether they are inside of a ring, on it or outside.
  static func ring(rows: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let lines = (0..<rows).map { _ in
      let (x, y) = (random.below(201) - 100, random.below(201) - 100)
      let square = x * x + y * y
      let place = square < 45 * 45 ? "inside" : square < 90 * 90 ? "ring" : "outside"
      return "\(fixed(Double(x) / 100, 2)) \(fixed(Double(y) / 100, 2)),\(place)"
    }
    return table("point,place", lines)
  }

  /// Five gestures as a glove of many sensors feels them: each sensor a little later, all of them noisy.
  static func gestures(rows: Int, steps: Int, channels: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let shapes: [(name: String, at: (Double) -> Double)] = [
      ("rise", { 2 * $0 - 1 }),
      ("fall", { 1 - 2 * $0 }),
      ("push", { 1 - 4 * abs($0 - 0.5) }),
      ("swing", { 4 * abs(2 * $0 - (2 * $0).rounded(.down) - 0.5) - 1 }),
      ("rest", { _ in 0 }),
    ]
    let lines = (0..<rows).map { _ in
      let shape = shapes[random.below(shapes.count)]
      let late = random.real(-0.1, 0.1)
      let numbers = (0..<steps).map { step in
        (0..<channels).map { channel in
          let time = (Double(step) + 0.5) / Double(steps)
          let own = Double(channel) / Double(channels) * 0.3 - 0.15
          let value = 3 * shape.at(min(1, max(0, time - late - own))) + random.real(-4.5, 4.5)
          return fixed(value, 0)
        }
        .joined(separator: " ")
      }
      return "\(numbers.joined(separator: ";")),\(shape.name)"
    }
    return table("x,gesture", lines)
  }

  /// Twenty years of a shop: a trend, a season of twelve months, and chance.
  static func sales(months: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let season = [-14, -17, -6, 2, 8, 5, -3, -9, 1, 6, 12, 25]
    let lines = (0..<months).map { month in
      let value =
        100 + 0.4 * Double(month) + Double(season[month % 12]) + random.real(-3, 3)
      let number = month % 12 + 1
      return "\(2006 + month / 12)-\(number < 10 ? "0" : "")\(number),\(fixed(value, 1))"
    }
    return table("month,sales", lines)
  }
}
