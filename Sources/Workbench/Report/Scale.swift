internal import ModelRuntime

/// One direction of a chart: from which value to which, and where the ticks stand.
struct Scale: Hashable, Sendable {
  /// A value with its text.
  struct Tick: Hashable, Sendable {
    /// Where it stands.
    var value: Double
    /// What is written there.
    var label: String
  }

  /// How values become distances.
  enum Kind: String, Hashable, Sendable {
    case linear, logarithmic
  }

  /// How values become distances.
  let kind: Kind
  /// The value at the beginning.
  let low: Double
  /// The value at the end, above `low`.
  let high: Double
  /// The ticks, rising.
  let ticks: [Tick]

  /// The largest magnitude that is drawn as it is.
  private static let limit = 1e300

  /// A scale over values; what is not finite does not count.
  ///
  /// - Parameters:
  ///   - values: what must have a place.
  ///   - kind: nil is logarithmic where all is above 0 and the largest is far from the smallest.
  ///   - count: about how many ticks there are.
  init(over values: [Double], kind wanted: Kind? = nil, count: Int = 5) {
    let finite = values.filter(\.isFinite).map { min(max($0, -Self.limit), Self.limit) }
    let positive = finite.filter { $0 > 0 }
    let (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    let spreads = positive.count == finite.count && least > 0 && most / least > 60
    if wanted == .logarithmic || wanted == nil && spreads,
      let small = positive.min(), let large = positive.max()
    {
      self.init(logarithmic: small, large, count: max(2, count))
    } else {
      self.init(linear: least, most, count: max(1, count))
    }
  }

  /// A scale of whole numbers that ends at its ends.
  init(
    whole range: ClosedRange<Int>,
    count: Int,
    label: (Int) -> String = { NumberText.grouped($0) }
  ) {
    kind = .linear
    low = Double(range.lowerBound) - (range.count == 1 ? 0.5 : 0)
    high = Double(range.upperBound) + (range.count == 1 ? 0.5 : 0)
    let distance = max(1, Int(Self.round(above: Double(range.count - 1) / Double(max(1, count)))))
    // From round to round, beginning with the first there is.
    var places = [range.lowerBound]
    var place = (range.lowerBound / distance + 1) * distance
    while place <= range.upperBound {
      places.append(place)
      place += distance
    }
    if places.count > 2, (places[1] - places[0]) * 2 <= distance { places.remove(at: 1) }
    ticks = places.map { Tick(value: Double($0), label: label($0)) }
  }

  /// A scale of bars: half a bar more at both ends, so that each stands above its number.
  init(bars range: ClosedRange<Int>, count: Int) {
    kind = .linear
    low = Double(range.lowerBound) - 0.5
    high = Double(range.upperBound) + 0.5
    ticks = Scale(whole: range, count: count).ticks
  }

  private init(linear least: Double, _ most: Double, count: Int) {
    kind = .linear
    var (least, most) = (least, most)
    if least == most {
      let around = least == 0 ? 1 : abs(least) / 4
      (least, most) = (least == 0 ? 0 : least - around, most + around)
    }
    // Never finer than numbers of this magnitude can tell.
    let magnitude = max(abs(least), abs(most))
    let step = max(
      Self.round(above: most / Double(count) - least / Double(count)),
      Self.round(above: magnitude * 1e-12)
    )
    let (first, last) = ((least / step).rounded(.down), (most / step).rounded(.up))
    low = first * step
    high = max(last, first + 1) * step
    ticks = (0...Int(max(last - first, 1))).map { index in
      let value = (first + Double(index)) * step
      return Tick(value: value, label: Self.label(value, step: step, largest: magnitude))
    }
  }

  private init(logarithmic least: Double, _ most: Double, count: Int) {
    kind = .logarithmic
    let decades = Self.exponent(most) - Self.exponent(least)
    let factors: [Double] = decades < 1 ? [1, 2, 3, 5] : decades <= 2 ? [1, 2, 5] : [1]
    let every = max(1, (decades + count) / (count + 1))
    var places: [(value: Double, exponent: Int, factor: Int)] = []
    for exponent in (Self.exponent(least) - 1)...(Self.exponent(most) + 1) {
      for factor in factors {
        places.append((factor * Platform.power(ofTen: exponent), exponent, Int(factor)))
      }
    }
    places.removeAll { $0.value == 0 || !$0.value.isFinite }
    let first = places.lastIndex { $0.value <= least } ?? 0
    let last = max(places.firstIndex { $0.value >= most } ?? places.count - 1, first + 1)
    let kept = places[first...min(last, places.count - 1)]
    low = kept.first?.value ?? 1
    high = max(kept.last?.value ?? 10, low * 1.000_001)
    ticks = kept.filter { factors.count > 1 || ($0.exponent % every + every) % every == 0 }.map {
      Tick(value: $0.value, label: Self.label($0.factor, $0.exponent))
    }
  }

  /// How far along a value stands, from 0 to 1 within the scale; nil where it has no place.
  func fraction(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch kind {
    case .linear: return value / (high - low) - low / (high - low)
    case .logarithmic:
      guard value > 0 else { return nil }
      return (Platform.log(value) - Platform.log(low)) / (Platform.log(high) - Platform.log(low))
    }
  }

  // MARK: - Round numbers

  /// The least round number, 1, 2 or 5 times a power of ten, that is no smaller.
  private static func round(above value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let power = Platform.power(ofTen: exponent(value))
    for factor in [1, 2, 5] where value <= Double(factor) * power * (1 + 1e-9) {
      return Double(factor) * power
    }
    return 10 * power
  }

  /// The power of ten that a positive number begins with.
  static func exponent(_ value: Double) -> Int {
    var exponent = Int(Platform.log10(value).rounded(.down))
    // The logarithm's last bit is not the same everywhere; powers of ten are.
    if Platform.power(ofTen: exponent) > value { exponent -= 1 }
    if Platform.power(ofTen: exponent + 1) <= value { exponent += 1 }
    return exponent
  }

  /// A tick of a linear scale, with as many digits as its neighbours differ by.
  private static func label(_ value: Double, step: Double, largest: Double) -> String {
    if abs(value) < step / 1000 { return "0" }
    let (fine, coarse) = (exponent(step), exponent(largest))
    if coarse < 6, fine > -5 {
      let text = NumberText.fixed(abs(value), max(0, -fine))
      let sign = value < 0 ? "\u{2212}" : ""
      return sign + (fine >= 0 ? NumberText.grouped(Int(abs(value).rounded())) : text)
    }
    let power = coarse
    let mantissa = value / Platform.power(ofTen: power)
    let digits = min(max(0, power - fine), 9)
    let text = NumberText.fixed(abs(mantissa), digits)
    return (value < 0 ? "\u{2212}" : "") + text + "·10" + raised(power)
  }

  /// A tick of a logarithmic scale.
  private static func label(_ factor: Int, _ exponent: Int) -> String {
    switch exponent {
    case 0...5:
      return NumberText.grouped((0..<exponent).reduce(factor) { product, _ in product * 10 })
    case -3..<0: return "0." + String(repeating: "0", count: -exponent - 1) + "\(factor)"
    default: return (factor == 1 ? "" : "\(factor)·") + "10" + raised(exponent)
    }
  }

  /// A whole number in the small digits of an exponent.
  private static func raised(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "")
      + String(String(number.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  /// A value with four digits that count, as a person reads it.
  static func figure(_ value: Double) -> String {
    guard value.isFinite else { return NumberText.fixed(value, 0) }
    if value == 0 { return "0" }
    let power = exponent(abs(value))
    let sign = value < 0 ? "\u{2212}" : ""
    if (4..<9).contains(power) { return sign + NumberText.grouped(Int(abs(value).rounded())) }
    if (-4..<4).contains(power) { return sign + NumberText.fixed(abs(value), 3 - power) }
    return sign + NumberText.fixed(abs(value) / Platform.power(ofTen: power), 3) + "·10"
      + raised(power)
  }
}
