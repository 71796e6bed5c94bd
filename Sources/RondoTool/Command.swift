internal import ModelRuntime
internal import Rondo

/// A command of the tool: what it is called, what it takes, what it does.
package struct Command: Sendable {
  /// The word after `rondo`.
  package var name: String
  /// What follows it besides options, such as `FILE.graph`.
  package var operands: String
  /// How many operands it takes.
  package var operandCount: ClosedRange<Int>
  /// What it does, in one line.
  package var summary: String
  /// Its options, `--help` aside.
  package var options: [Option]
  /// An example, as one would type it.
  package var example: String
  /// What it does; gives the exit code.
  package var run: @Sendable (Arguments, Setting) throws -> Int32

  /// Describes a command.
  package init(
    name: String,
    operands: String,
    operandCount: ClosedRange<Int>,
    summary: String,
    options: [Option],
    example: String,
    run: @escaping @Sendable (Arguments, Setting) throws -> Int32
  ) {
    self.name = name
    self.operands = operands
    self.operandCount = operandCount
    self.summary = summary
    self.options = options
    self.example = example
    self.run = run
  }

  /// The text of `rondo COMMAND --help`.
  package var usage: String {
    let head = "usage: rondo \(name)" + (operands.isEmpty ? "" : " " + operands)
    let list = options + [.help]
    let texts = list.map { ($0.letter.map { $0 + ", " } ?? "") + $0.usage }
    let width = min(texts.map(\.count).max() ?? 0, 24)
    let lines = zip(list, texts).map { option, text in
      let gap = text.count <= width ? String(repeating: " ", count: width - text.count) : ""
      let line = "  \(text)\(gap)  \(option.help)"
      return option.repeats ? line + "; may be repeated" : line
    }
    return """
      \(head)\(options.isEmpty ? "" : " [options]")

      \(summary)

      \(lines.joined(separator: "\n"))

      example: \(example)

      """
  }
}

/// What a command runs in.
package struct Setting: Sendable {
  /// Where it writes.
  package var console: Console
  /// The environment, read once.
  package var environment: [String: String]
  /// The words after `rondo`, for messages that say how to go on.
  package var words: [String]
  /// The working folder, where reproducers of our own faults are written.
  package var folder: String

  /// Writes a reproducer, and says where it is.
  ///
  /// - Parameter advice: what to do with its path.
  func keep(_ reproducer: Reproducer, _ advice: (String) -> String) -> String {
    do {
      let path = try reproducer.write(into: folder)
      return "please report it with \(path); " + advice(path)
    } catch {
      return "please report it; a reproducer could not be written: \(error.message)"
    }
  }
}

/// A command used wrongly; the exit code is 2.
package struct UsageError: Error, Hashable, Sendable {
  /// What is wrong, as one sentence that says what to write.
  package var message: String

  /// Makes an error.
  package init(_ message: String) { self.message = message }
}
