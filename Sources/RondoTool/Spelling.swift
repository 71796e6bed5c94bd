/// The candidate that a word is likely to be a misspelling of, if there is one; the first of equals.
func nearest(to word: String, among candidates: [String]) -> String? {
  let letters = Array(word.utf8.prefix(40))
  let distances = candidates.map { (word: $0, distance: distance(letters, Array($0.utf8))) }
  // A short word is soon another one.
  let limit = letters.count <= 4 ? 1 : 2
  let best = distances.min { $0.distance < $1.distance }
  return best.flatMap { $0.distance <= limit ? $0.word : nil }
}

/// How many letters must be put in, left out, changed or swapped with their neighbour.
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var row = [i + 1]
    for (j, other) in b.enumerated() {
      var cost = min(last[j] + (letter == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, letter == b[j - 1], a[i - 1] == other {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
