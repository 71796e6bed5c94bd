/// The rules behind the files in `graphs/data`: each is made from a seed of its own, or written here.
enum ExampleData {
  /// A file and its text.
  struct File: Sendable {
    /// Its name in the folder.
    var name: String
    /// Makes its text.
    var text: @Sendable () -> String
  }

  /// All files, by name.
  static let files: [File] = [
    File(name: "adding.csv") { adding(rows: 600, seed: 1) },
    File(name: "brackets.tsv") { brackets(rows: 500, lengths: 2...24, seed: 2) },
    File(name: "brackets_long.tsv") { brackets(rows: 40, lengths: 100...200, seed: 3) },
    File(name: "cipher_long.tsv") { ciphers.long },
    File(name: "cipher_long_test.tsv") { ciphers.longTest },
    File(name: "cipher_short.tsv") { ciphers.short },
    File(name: "cipher_short_test.tsv") { ciphers.shortTest },
    File(name: "gestures_10x20.csv") { gestures(rows: 160, steps: 10, channels: 20, seed: 4) },
    File(name: "gestures_15x10.csv") { gestures(rows: 160, steps: 15, channels: 10, seed: 5) },
    File(name: "median.csv") { median(rows: 400, seed: 6) },
    File(name: "moods.tsv") { moods(rows: 500, seed: 7) },
    File(name: "next_word.tsv") { nextWord },
    File(name: "numbers.tsv") { numbers(seed: 8) },
    File(name: "place_names.tsv") { placeNames(rows: 120, seed: 9) },
    File(name: "ring.csv") { ring(rows: 400, seed: 10) },
    File(name: "sales.csv") { sales(months: 240, seed: 11) },
    File(name: "scalar.csv") { "x,truth\n1 5 7 4,15\n" },
    File(name: "story.txt") { story },
    File(name: "tags.tsv") { tags(rows: 200, seed: 12) },
  ]

  /// Rows under a header line.
  static func table(_ header: String, _ rows: [String]) -> String {
    ([header] + rows).map { $0 + "\n" }.joined()
  }

  /// A number with so many digits after the point; no number is less than -0.5 and written as -0.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((value * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    let (units, rest) = whole.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
    let text = String(rest)
    let zeros = String(repeating: "0", count: digits - text.count)
    return "\(whole < 0 ? "-" : "")\(units).\(zeros)\(text)"
  }
}
