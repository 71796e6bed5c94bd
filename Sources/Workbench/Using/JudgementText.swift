internal import ModelRuntime
internal import Rondo

// A judgement as it is read by people, and by programs.
extension Judgement {
  /// The lines for a person.
  package var lines: [String] {
    var lines: [String] = []
    if let examples {
      let left = skipped > 0 ? ", \(NumberText.counted(skipped, "bad row")) left out" : ""
      lines.append(NumberText.counted(examples, "example") + left)
    }
    let numbers = figures
    let width = numbers.map(\.name.count).max() ?? 0
    lines += numbers.map { $0.name.padded(to: width) + "  " + $0.text }
    for part in parts {
      guard let confusion = part.confusion, confusion.total > 0 else { continue }
      lines += ["", "\(part.target), what each row was taken for:", "", confusion.table, ""]
      let scores = confusion.scores
      let margin = max(5, scores.map(\.name.count).max() ?? 0)
      lines.append("class".padded(to: margin) + "  precision  recall      f1   count")
      for score in scores {
        let cells = [(score.precision, 9), (score.recall, 6), (score.f1, 6)].map { value, width in
          (value.map { NumberText.fixed($0, 3) } ?? "-").padded(to: width, left: true)
        }
        lines.append(
          score.name.padded(to: margin) + "  " + cells.joined(separator: "  ")
            + NumberText.grouped(score.count).padded(to: 8, left: true)
        )
      }
    }
    return lines
  }

  /// Its numbers by name, as texts.
  package var figures: [(name: String, text: String)] {
    var numbers = measures.map { (name: $0.name, text: NumberText.fixed($0.value, 4)) }
    if let perplexity { numbers.append(("perplexity", NumberText.fixed(perplexity, 4))) }
    if let exactMatches, let examples {
      numbers.append(("exact match, drawn", Self.share(exactMatches, of: examples)))
    }
    for part in parts {
      let name = (parts.count > 1 ? " of \(part.target)" : "") + (part.isForced ? ", forced" : "")
      let isMeasured = measures.contains { $0.name == "accuracy" } && parts.count == 1
      if part.tokens > 0, part.isSequence || !isMeasured {
        let what = part.isSequence ? "token accuracy" : "accuracy"
        numbers.append((what + name, Self.share(part.rightTokens, of: part.tokens)))
      }
      if part.isSequence, part.tokens > 0, let examples {
        numbers.append(("exact match" + name, Self.share(part.rightRows, of: examples)))
      }
      if part.numbers > 0 {
        let count = Double(part.numbers)
        numbers.append(
          ("mean absolute error" + name, NumberText.fixed(part.absoluteError / count, 4))
        )
        let root = (part.squaredError / count).squareRoot()
        numbers.append(("root mean squared error" + name, NumberText.fixed(root, 4)))
      }
    }
    return numbers
  }

  /// A share, and of how many.
  private static func share(_ part: Int, of whole: Int) -> String {
    NumberText.fixed(Double(part) / Double(max(whole, 1)), 4)
      + " (\(NumberText.grouped(part)) of \(NumberText.grouped(whole)))"
  }

  /// One object of JSON: same judgement, same bytes.
  package var json: String {
    get throws(RuntimeError) {
      var classes: [String: Answers] = [:]
      for part in parts { classes[part.target] = Answers(part, examples: examples ?? 0) }
      var numbers: [String: Double] = [:]
      // JSON has no number for what is not one.
      for measure in measures where measure.value.isFinite { numbers[measure.name] = measure.value }
      let file = File(
        examples: examples,
        skipped: skipped,
        measures: numbers,
        perplexity: perplexity.flatMap { $0.isFinite ? $0 : nil },
        exactMatch: exactMatches.map { Double($0) / Double(max(examples ?? 1, 1)) },
        targets: classes
      )
      return String(decoding: try JSON.encode(file, what: "the judgement"), as: UTF8.self)
    }
  }

  /// The object's members.
  private struct File: Encodable {
    /// How many examples.
    var examples: Int?
    /// How many bad rows were left out.
    var skipped: Int
    /// The loss and the metrics.
    var measures: [String: Double]
    /// The perplexity.
    var perplexity: Double?
    /// The share of drawn sequences that are right.
    var exactMatch: Double?
    /// The answers by target.
    var targets: [String: Answers]

    /// The names in the object.
    private enum CodingKeys: String, CodingKey {
      case examples, skipped, measures, perplexity, targets
      case exactMatch = "exact_match_drawn"
    }
  }

  /// The answers to a target.
  private struct Answers: Encodable {
    /// The share of tokens that are right.
    var accuracy: Double?
    /// The share of sequences that are.
    var exactMatch: Double?
    /// The mean absolute error.
    var absoluteError: Double?
    /// The mean squared error.
    var squaredError: Double?
    /// The classes.
    var classes: [Class]?
    /// By class that it is, then by class it was taken for: how often.
    var confusion: [[Int]]?

    /// A class.
    struct Class: Encodable {
      /// Its name.
      var name: String
      /// Of those taken for it, the share that is.
      var precision: Double?
      /// Of those that are, the share that was taken for it.
      var recall: Double?
      /// How many are.
      var count: Int
    }

    /// The names in the object.
    private enum CodingKeys: String, CodingKey {
      case accuracy, classes, confusion
      case exactMatch = "exact_match"
      case absoluteError = "mean_absolute_error"
      case squaredError = "mean_squared_error"
    }

    /// What a part comes to.
    init(_ part: Judgement.Part, examples: Int) {
      if part.tokens > 0 {
        accuracy = Double(part.rightTokens) / Double(part.tokens)
        if part.isSequence { exactMatch = Double(part.rightRows) / Double(max(examples, 1)) }
      }
      if part.numbers > 0 {
        absoluteError = part.absoluteError / Double(part.numbers)
        squaredError = part.squaredError / Double(part.numbers)
      }
      guard let table = part.confusion else { return }
      confusion = table.counts
      let scores = Dictionary(uniqueKeysWithValues: table.scores.map { ($0.name, $0) })
      classes = table.names.map { name in
        let score = scores[name]
        return Class(
          name: name,
          precision: score?.precision,
          recall: score?.recall,
          count: score?.count ?? 0
        )
      }
    }
  }
}

extension String {
  /// The text with spaces after it, or before it, up to a width.
  func padded(to width: Int, left: Bool = false) -> String {
    let gap = String(repeating: " ", count: max(0, width - count))
    return left ? gap + self : self + gap
  }
}
