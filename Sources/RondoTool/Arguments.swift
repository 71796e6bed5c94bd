internal import ModelRuntime
package import Rondo

/// The words after a command, sorted into operands and options.
package struct Arguments: Hashable, Sendable {
  /// The command, for messages.
  private let command: String
  /// What is no option, in its order.
  package let operands: [String]
  /// The values of the options that were given, in their order; empty for one without a value.
  private let values: [String: [String]]
  /// Whether `--help` stands among the words.
  package let asksHelp: Bool

  /// Sorts the words by a command's table.
  ///
  /// - Throws: `UsageError`, saying what to write instead.
  package init(_ words: [String], for command: Command) throws(UsageError) {
    var operands: [String] = []
    var values: [String: [String]] = [:]
    var rest = words[...]
    var onlyOperands = false
    var asksHelp = false
    while let word = rest.popFirst() {
      guard !onlyOperands, word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        onlyOperands = true
        continue
      }
      let equals = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
      let name = equals.map { String(word[..<$0]) } ?? word
      if name == Option.help.name || name == Option.help.letter {
        asksHelp = true
        continue
      }
      let option = try Self.find(name, in: command)
      var value = equals.map { String(word[word.index(after: $0)...]) }
      if option.value == nil {
        guard value == nil else {
          throw UsageError("\(option.name) takes no value, write it alone")
        }
      } else if value == nil {
        // Another option here means that the value was forgotten.
        let isOption = rest.first.map { next in
          command.options.contains { $0.name == next || $0.letter == next }
        }
        if isOption == false { value = rest.popFirst() }
        guard value != nil else {
          throw UsageError("\(option.name) needs a value, write \(option.usage)")
        }
      }
      guard option.repeats || values[option.name] == nil else {
        throw UsageError("\(option.name) is given twice, and can have one value only")
      }
      values[option.name, default: []].append(value ?? "")
    }
    self.command = command.name
    self.operands = operands
    self.values = values
    self.asksHelp = asksHelp
    guard !asksHelp else { return }
    if operands.count < command.operandCount.lowerBound {
      throw UsageError(
        "\(command.name) needs \(command.operands), write: \(command.example)"
      )
    }
    if operands.count > command.operandCount.upperBound {
      let extra = operands[command.operandCount.upperBound]
      throw UsageError(
        "\(command.name) takes \(command.operands.isEmpty ? "no operand" : command.operands), and "
          + "\(quoted(extra)) is too much"
      )
    }
  }

  /// The option of that name or letter.
  private static func find(_ name: String, in command: Command) throws(UsageError) -> Option {
    if let option = command.options.first(where: { $0.name == name || $0.letter == name }) {
      return option
    }
    let names = command.options.map(\.name) + [Option.help.name]
    let hint =
      nearest(to: name, among: names).map { "did you mean \($0)?" }
      ?? "see: rondo \(command.name) --help"
    throw UsageError("\(command.name) has no option \(quoted(name)), \(hint)")
  }

  /// Whether an option was given.
  package func has(_ option: Option) -> Bool { values[option.name] != nil }

  /// All values of an option, in their order.
  package func all(_ option: Option) -> [String] { values[option.name] ?? [] }

  /// The value of an option; nil when it was not given.
  package func text(_ option: Option) -> String? { values[option.name]?.first }

  /// The value of an option that must be there.
  package func required(_ option: Option) throws(UsageError) -> String {
    if let value = text(option), !value.isEmpty { return value }
    throw UsageError("\(command) needs \(option.usage)")
  }

  /// A whole number within a range; nil when it was not given.
  package func int(_ option: Option, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = text(option) else { return nil }
    if let value = Int(text), range.contains(value) { return value }
    throw wrong(
      option,
      text,
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound) on"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    )
  }

  /// A number of bytes, with the unit or without; nil when it was not given.
  package func bytes(_ option: Option) throws(UsageError) -> Int? {
    guard let text = text(option) else { return nil }
    let units = [("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1)]
    for (unit, factor) in units where text.uppercased().hasSuffix(unit) {
      guard let value = Double(text.dropLast(unit.count)), value > 0, value * Double(factor) < 1e15
      else { break }
      return Int(value * Double(factor))
    }
    throw wrong(option, text, "a size such as 64MB or 500KB")
  }

  /// A seed; nil when it was not given.
  package func seed() throws(UsageError) -> UInt64? {
    guard let text = text(.seed) else { return nil }
    if let value = UInt64(text) { return value }
    throw wrong(.seed, text, "a whole number from 0 on")
  }

  /// A number within a range; nil when it was not given.
  package func number(_ option: Option, in range: ClosedRange<Double>) throws(UsageError) -> Double?
  {
    guard let text = text(option) else { return nil }
    if let value = Double(text), range.contains(value) { return value }
    let least = range.lowerBound == .leastNonzeroMagnitude ? "above 0" : "from \(range.lowerBound)"
    throw wrong(
      option,
      text,
      "a number \(least)"
        + (range.upperBound >= Double(Float.greatestFiniteMagnitude)
          ? "" : " to \(range.upperBound)")
    )
  }

  /// One of some words; nil when it was not given.
  package func choice<Value>(
    _ option: Option,
    _ type: Value.Type
  ) throws(UsageError) -> Value?
  where Value: RawRepresentable<String> & CaseIterable {
    guard let text = text(option) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let words = Value.allCases.map(\.rawValue)
    throw wrong(option, text, "one of " + words.joined(separator: ", "))
  }

  /// Some of some words, separated by commas, in the order in which they are declared; none when it was not
  /// given, and every one for `all`.
  package func choices<Value>(
    _ option: Option,
    _ type: Value.Type
  ) throws(UsageError) -> [Value]
  where Value: RawRepresentable<String> & CaseIterable {
    let words = (text(option) ?? "").split(separator: ",").map(String.init)
    let all = Value.allCases.map(\.rawValue)
    for word in words where word != "all" && !all.contains(word) {
      throw wrong(option, word, "some of " + all.joined(separator: ", ") + ", or all")
    }
    return Value.allCases.filter { words.contains($0.rawValue) || words.contains("all") }
  }

  /// The sizes given by `--size NAME=N`.
  package func sizes() throws(UsageError) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for text in all(.size) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Manifest.isName(String(parts[0])), let value = Int(parts[1]),
        (1...Int(Int32.max)).contains(value)
      else { throw wrong(.size, text, "NAME=N with a whole number from 1 on") }
      guard sizes.updateValue(value, forKey: String(parts[0])) == nil else {
        throw UsageError("--size gives \(quoted(parts[0])) two values")
      }
    }
    return sizes
  }

  /// How many threads a call has.
  package func threads() throws -> Int { try int(.threads, in: 1...1024) ?? 1 }

  /// The entries that a model is to have; none for all there can be.
  package func entries() throws -> [Compiler.EntryChoice] {
    let chosen = try choices(.entries, Compiler.EntryChoice.self)
    return chosen.count == Compiler.EntryChoice.allCases.count ? [] : chosen
  }

  /// What is said of a value that an option cannot have.
  private func wrong(_ option: Option, _ text: String, _ expected: String) -> UsageError {
    UsageError("\(option.name) takes \(expected), not \(quoted(text))")
  }
}
