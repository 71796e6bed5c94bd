/// The greatest difference between two arrays, as a part of the greatest magnitude wanted.
///
/// Infinite where the counts differ or a number is not finite; `least` is a magnitude to measure by if
/// the greatest wanted is less.
package func relativeError(
  _ found: some Collection<some BinaryFloatingPoint>,
  to wanted: some Collection<some BinaryFloatingPoint>,
  least: Double = 0
) -> Double {
  guard found.count == wanted.count else { return .infinity }
  var (difference, magnitude) = (0.0, least)
  for (a, b) in zip(found, wanted) {
    guard a.isFinite, b.isFinite else { return .infinity }
    difference = max(difference, (Double(a) - Double(b)).magnitude)
    magnitude = max(magnitude, Double(b).magnitude)
  }
  return difference == 0 ? 0 : difference / magnitude
}

/// Where two results differ in a bit, each array with its first place and both numbers.
///
/// Any NaN equals any other; +0 and -0 differ.
package func differences(_ found: Arrays, from wanted: Arrays) -> [String] {
  var messages: [String] = []
  for name in Set(found.keys).union(wanted.keys).sorted() {
    guard let a = found[name], let b = wanted[name], a.count == b.count else {
      messages.append("\(name): \(found[name]?.count ?? -1) and \(wanted[name]?.count ?? -1)")
      continue
    }
    let differing = a.indices.filter {
      a[$0].bitPattern != b[$0].bitPattern && !(a[$0].isNaN && b[$0].isNaN)
    }
    if let first = differing.first {
      messages.append(
        "\(name)[\(first)]: \(a[first]), not \(b[first]); \(differing.count) of \(a.count) differ"
      )
    }
  }
  return messages
}
