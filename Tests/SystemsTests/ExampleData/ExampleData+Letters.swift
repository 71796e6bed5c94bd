import TestSupport

extension ExampleData {
  /// Brackets that open before they close, how many are open at each, and whether all are closed.
  static func brackets(rows: Int, lengths: ClosedRange<Int>, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let lines = (0..<rows).map { row in
      let closes = row % 2 == 0
      var length = lengths.lowerBound + random.below(lengths.count)
      if closes { length += length % 2 == 0 ? 0 : length < lengths.upperBound ? 1 : -1 }
      var text = ""
      var depths: [Int] = []
      var depth = 0
      for place in 0..<length {
        let mustClose = closes && depth >= length - place
        let opens = depth == 0 || depth < 8 && !mustClose && random.below(2) == 0
        text += opens ? "(" : ")"
        depth += opens ? 1 : -1
        depths.append(depth)
      }
      let shown = depths.map(String.init).joined(separator: " ")
      return "\(text)\t\(depth == 0 ? "yes" : "no")\t\(shown)"
    }
    return table("text\tbalanced\tdepth", lines)
  }

  /// The numbers below a thousand in any order: digits, and their names in words.
  static func numbers(seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let lines = (0..<1000).shuffled(using: &random).map { number in
      let (hundreds, tens, units) = (number / 100, number / 10 % 10, number % 10)
      let digits = String(number).map(String.init).joined(separator: " ")
      return "\(hundreds)\t\(tens)\t\(units)\t\(name(of: number))\t\(digits)"
    }
    return table("hundreds\ttens\tunits\tname\tdigits", lines)
  }

  /// A number's name.
  private static func name(of number: Int) -> String {
    let small = [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
      "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
      "nineteen",
    ]
    let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    var words: [String] = []
    if number >= 100 { words += [small[number / 100], "hundred"] }
    let rest = number % 100
    if rest > 0, number >= 100 { words.append("and") }
    if rest >= 20 {
      words.append(tens[rest / 10 - 2])
      if rest % 10 > 0 { words.append(small[rest % 10]) }
    } else if rest > 0 || number == 0 {
      words.append(small[rest])
    }
    return words.joined(separator: " ")
  }

  /// Names of places: a beginning, and an ending that fits it or does not.
  static func placeNames(rows: Int, seed: UInt64) -> String {
    var random = SmallRandom(seed: seed)
    let beginnings = [
      "Ash", "Oak", "Elm", "Thorn", "Black", "White", "North", "Sea", "Mill", "King", "Stone",
      "Wolf", "Crow", "Fern",
    ]
    let endings = [
      "ton", "ford", "ham", "field", "well", "bridge", "wick", "dale", "mere", "hurst", "by",
      "gate",
    ]
    let names = beginnings.flatMap { beginning in endings.map { beginning + $0 } }
    return table("name", Array(names.shuffled(using: &random).prefix(rows)))
  }

  /// Four files of words of different letters, and the same in secret writing.
  struct Ciphers: Sendable {
    /// Words of at most 8 of the first ten letters.
    var short: String
    /// Others of those, of 3 to 8 letters.
    var shortTest: String
    /// Words of at most 20 of all letters.
    var long: String
    /// Others, of exactly 20 letters.
    var longTest: String
  }

  /// The ciphers; no word is in two of the files.
  static let ciphers: Ciphers = {
    var random = SmallRandom(seed: 13)
    var seen: Set<[Int]> = []
    func words(_ count: Int, of letters: Int, _ lengths: ClosedRange<Int>) -> String {
      var lines: [String] = []
      while lines.count < count {
        let length = lengths.lowerBound + random.below(lengths.count)
        let word = Array((0..<letters).shuffled(using: &random).prefix(length))
        guard seen.insert(word).inserted else { continue }
        lines.append("\(text(word))\t\(text(word.map { (7 * $0 + 3) % 26 }))")
      }
      return table("question\tanswer", lines)
    }
    let shortTest = words(500, of: 10, 3...8)
    let longTest = words(500, of: 26, 20...20)
    let short = words(4000, of: 10, 3...8)
    let long = words(4000, of: 26, 1...20)
    return Ciphers(short: short, shortTest: shortTest, long: long, longTest: longTest)
  }()

  /// Letters by their numbers.
  private static func text(_ letters: [Int]) -> String {
    String(decoding: letters.map { UInt8(ascii: "a") + UInt8($0) }, as: UTF8.self)
  }
}
