internal import ModelRuntime
internal import Workbench

extension Command {
  /// `rondo score`: how likely a trained model takes sequences to be.
  static let score = Command(
    name: "score",
    operands: "DIR [VALUE | INPUT=VALUE ...]",
    operandCount: 1...100,
    summary: "probability and perplexity of a sequence that is typed, or of a file's",
    options: [.rows, .bind, steps, .skipBadRows, .threads],
    example: "rondo score build/word_lm \"the cat sat on the mat\""
  ) { arguments, setting in
    guard (arguments.operands.count > 1) != arguments.has(.rows) else {
      throw UsageError("score takes either --data FILE or a sequence: INPUT=VALUE")
    }
    let bindings = try DataRequest.bindings(arguments)
    let folder = arguments.operands[0]
    let model = try TrainedModel(folder: folder, threads: arguments.threads())
    guard let path = arguments.text(.rows) else {
      let cells = try arguments.typedInputs(model, entries: ["evaluate"])
      let score = try model.score(cells, steps: true)
      for line in score.lines { setting.console.line(line) }
      return 0
    }
    var (total, tokens) = (0.0, 0)
    let rows = try model.scoredRows(path, bindings: bindings, skipping: arguments.has(.skipBadRows))
    let text = TableText(like: path)
    let names = ["tokens", "log_probability", "perplexity"]
    let head = rows.reader.columns + names + (arguments.has(steps) ? ["steps"] : [])
    setting.console.line(try text.row(head))
    try model.score(rows, steps: arguments.has(steps)) { cells, score throws(RuntimeError) in
      let numbers = [
        "\(score.tokens.count)", NumberText.fixed(score.logProbability, 6),
        NumberText.fixed(score.perplexity, 6),
      ]
      let each = score.steps.map { NumberText.fixed($0, 6) }.joined(separator: " ")
      setting.console.line(try text.row(cells + numbers + (score.steps.isEmpty ? [] : [each])))
      total += score.logProbability
      tokens += score.tokens.count
    }
    let perplexity = SequenceScore.perplexity(total, over: tokens)
    setting.console.note(
      "all: \(NumberText.counted(tokens, "token")), log probability \(NumberText.fixed(total, 4)), "
        + "perplexity \(NumberText.fixed(perplexity, 4))\n"
    )
    return 0
  }

  /// Each step.
  private static let steps = Option("--steps", help: "show the log probability of each step, too")
}

extension SequenceScore {
  /// A step a line, then the whole.
  var lines: [String] {
    let width = max(5, tokens.map(\.count).max() ?? 0)
    func line(_ name: String, _ probability: String, _ log: String) -> String {
      let gap = String(repeating: " ", count: max(0, width - name.count))
      return name + gap + "  " + String(repeating: " ", count: max(0, 11 - probability.count))
        + probability + "  " + String(repeating: " ", count: max(0, 15 - log.count)) + log
    }
    let each = tokens.indices.map { index in
      let name = tokens[index] == "\n" ? "\\n" : tokens[index]
      return line(name, NumberText.fixed(probability(index), 6), NumberText.fixed(steps[index], 6))
    }
    return [line("token", "probability", "log probability")] + each + [
      line("all", "\(Float(probability))", NumberText.fixed(logProbability, 6)),
      "perplexity \(NumberText.fixed(perplexity, 4)) over \(NumberText.counted(tokens.count, "token"))",
    ]
  }
}
