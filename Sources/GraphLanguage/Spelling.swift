/// The candidate that a word is likely to be a misspelling of, if there is one; the first of equals.
func nearest(to word: String, among candidates: [String]) -> String? {
  let letters = Array(word.utf8)
  guard letters.count <= 24 else { return nil }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(letters, Array(candidate.utf8))
    // A short word is soon another one.
    let limit = candidate.utf8.count <= 4 ? 1 : 2
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// How many letters must be put in, left out, changed or swapped with their neighbour.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var row = [i + 1] + beforeLast.dropFirst()
    for (j, other) in b.enumerated() {
      row[j + 1] = min(last[j] + (letter == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, letter == b[j - 1], a[i - 1] == other {
        row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
      }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
