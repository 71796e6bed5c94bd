internal import ModelRuntime

/// Numbers as a person reads them; the same text in every locale.
package enum NumberText {
  /// A whole number, its digits in groups of three.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// A number with that many digits after the point, with an exponent when it is very large.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    // Nobody reads thirty digits.
    return Platform.decimal(value, digits: digits, hasExponent: abs(value) >= 1e9)
  }

  /// A number with two digits and an exponent.
  package static func power(_ value: Double) -> String {
    value.isFinite ? Platform.decimal(value, digits: 1, hasExponent: true) : "\(value)"
  }

  /// A number of bytes in the unit that leaves one to three digits before the point.
  package static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) bytes" }
    var value = Double(count) / 1000
    var units = ["kB", "MB", "GB"][...]
    while value >= 999.95, units.count > 1 {
      value /= 1000
      units.removeFirst()
    }
    return fixed(value, 1) + " " + (units.first ?? "")
  }

  /// A time in the unit that suits it.
  package static func seconds(_ value: Double) -> String {
    if value < 0.000_000_999_5 { return fixed(value * 1e9, 0) + " ns" }
    if value < 0.000_999_5 { return fixed(value * 1e6, 1) + " us" }
    if value < 0.999_5 { return fixed(value * 1e3, value < 0.099_95 ? 2 : 0) + " ms" }
    if value < 119.95 { return fixed(value, 1) + " s" }
    let whole = Int(min(value, 1e9).rounded())
    return "\(whole / 60) min \(whole % 60) s"
  }

  /// One and `noun`, or another number and its plural.
  package static func counted(_ count: Int, _ noun: String) -> String {
    grouped(count) + " " + noun + (count == 1 ? "" : noun.hasSuffix("tch") ? "es" : "s")
  }
}
