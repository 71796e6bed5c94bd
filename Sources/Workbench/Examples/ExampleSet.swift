package import ModelRuntime

/// Examples of a reader, by number, with the lengths of each.
package struct ExampleSet: Sendable {
  /// Where they come from.
  package let reader: any ExampleReader
  /// Their numbers at the reader.
  package private(set) var numbers: [Int] = []
  /// The axes they run over.
  package let axes: [String]
  /// Their greatest lengths, example by example along each axis.
  private(set) var lengths: [Int32] = []
  /// How many were left out because something was wrong with them.
  package var skipped = 0
  /// What was wrong with the first of them.
  package var firstSkipped: String?

  /// How many there are.
  package var count: Int { numbers.count }
  /// What is said of those that were left out; nil when none was.
  package var skippedText: String? {
    guard skipped > 0 else { return nil }
    return "\(NumberText.counted(skipped, "bad row")) left out"
      + (firstSkipped.map { ", the first: \($0)" } ?? "")
  }

  /// No example yet.
  init(_ reader: any ExampleReader) {
    self.reader = reader
    var axes: [String] = []
    for axis in reader.fields.flatMap(\.axes) where !axes.contains(axis) { axes.append(axis) }
    self.axes = axes
  }

  /// Adds an example.
  mutating func add(_ number: Int, lengths: [Int32]) {
    numbers.append(number)
    self.lengths += lengths
  }

  /// How many positions an example has along all its axes; what batches are made alike by.
  func size(of place: Int) -> Int {
    lengths[place * axes.count..<(place + 1) * axes.count].reduce(0) { $0 + Int($1) }
  }

  /// The greatest length along each axis.
  var greatest: [String: Int] {
    var result: [String: Int] = [:]
    for (place, length) in lengths.enumerated() {
      result[axes[place % axes.count]] = max(result[axes[place % axes.count]] ?? 0, Int(length))
    }
    return result
  }

  /// The examples that a model of these bounds takes; throws at the first other one, unless such are
  /// left out.
  package func fitting(_ manifest: Manifest, isExact: Bool, skipping: Bool) throws(RuntimeError)
    -> ExampleSet
  {
    var result = ExampleSet(reader)
    result.skipped = skipped
    result.firstSkipped = firstSkipped
    for place in numbers.indices {
      let own = lengths[place * axes.count..<(place + 1) * axes.count]
      if let trouble = trouble(of: Array(own), manifest, isExact) {
        try result.skip(numbers[place], trouble, skipping: skipping)
      } else {
        result.add(numbers[place], lengths: Array(own))
      }
    }
    return result
  }

  /// What a model cannot take of an example's lengths.
  private func trouble(of lengths: [Int32], _ manifest: Manifest, _ isExact: Bool) -> BadValue? {
    for (name, length) in zip(axes, lengths) {
      guard let axis = manifest.axes.first(where: { $0.name == name }) else { continue }
      let wanted =
        axis.source.flatMap { source in
          axes.firstIndex(of: source).map { Int(lengths[$0]) / (axis.divisor ?? 1) }
        } ?? (axis.fixed || isExact ? axis.bound : nil)
      if let wanted, Int(length) != wanted {
        return BadValue("the length along \(name) is \(length), and must be \(wanted)")
      }
      if Int(length) > axis.bound {
        return BadValue(
          "the length along \(name) is \(length), and the bound is \(axis.bound)",
          hint: "an open axis is as long as the longest row that was trained on; train with "
            + "--size \(name)=\(length) for longer ones, or leave them out by --skip-bad-rows"
        )
      }
    }
    return nil
  }
}

extension ExampleSet {
  /// The examples of a reader with these numbers; throws at the first that is wrong, unless such are
  /// left out.
  init(
    _ reader: any ExampleReader,
    _ numbers: some Sequence<Int>,
    skipping: Bool
  ) throws(RuntimeError) {
    self.init(reader)
    for number in numbers {
      var trouble: BadValue
      switch try reader.values(of: number) {
      case .failure(let found): trouble = found
      case .success(let values):
        do {
          add(number, lengths: try Self.agreed(values, reader.fields, axes: axes))
          continue
        } catch { trouble = error }
      }
      try skip(number, trouble, skipping: skipping)
    }
  }

  /// Leaves an example out, or throws what is wrong with it.
  private mutating func skip(
    _ number: Int,
    _ trouble: BadValue,
    skipping: Bool
  ) throws(RuntimeError) {
    // Finding a row's line takes a look at all lines before it, so only the first is named.
    guard skipping, firstSkipped != nil else {
      let error = try reader.error(trouble, example: number)
      guard skipping else { throw error }
      firstSkipped = error.message
      skipped += 1
      return
    }
    skipped += 1
  }

  /// Adds what was left out of the same part before.
  mutating func addSkipped(_ count: Int, first: String?) {
    skipped += count
    firstSkipped = first ?? firstSkipped
  }

  /// The greatest length along each axis, on which the values of an example must agree.
  private static func agreed(
    _ values: [FieldValue],
    _ fields: [Field],
    axes: [String]
  ) throws(BadValue) -> [Int32] {
    var result = [Int32](repeating: 0, count: axes.count)
    var first: [String: (lengths: [Int], name: String)] = [:]
    for (value, field) in zip(values, fields) {
      for (axis, lengths) in zip(field.axes, value.lengths) {
        if let other = first[axis] {
          guard other.lengths == lengths else {
            throw BadValue(
              "\(quoted(field.name)) has length \(text(lengths)) along \(axis), and "
                + "\(quoted(other.name)) has \(text(other.lengths))"
            )
          }
          continue
        }
        first[axis] = (lengths, field.name)
        guard let least = lengths.min(), least > 0 else {
          throw BadValue("\(quoted(field.name)) is empty along \(axis)")
        }
        guard let place = axes.firstIndex(of: axis) else { continue }
        result[place] = Int32(clamping: lengths.max() ?? 0)
      }
    }
    return result
  }

  /// Lengths for a message.
  private static func text(_ lengths: [Int]) -> String {
    lengths.map(String.init).joined(separator: " ")
  }
}
