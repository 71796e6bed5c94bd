import Foundation
import Testing

/// The examples in the pages of the reference, read where they stand.
enum ReferencePages {
  /// A block of a page, made a whole text.
  struct Example: CustomTestStringConvertible, Sendable {
    /// The page, and which of its blocks it is.
    var testDescription: String
    /// The text that is elaborated.
    var text: String
    /// What must be said: the line of the text, and the message.
    var refusals: [Refusal]
  }

  /// A line that must be refused.
  struct Refusal: Hashable, Sendable {
    /// Its number in the text.
    var line: Int
    /// The whole message.
    var message: String
  }

  /// The model around a block that has none; the page `GraphLanguage` shows it.
  static let preamble = """
    model page {
      axis time <= 5
      axis other <= 3
      input x: real[4] over time
      input z: real[4] over other
      input t: token(3) over time
      input a: real[4]
      output a
    """

  /// The pages in order.
  static let names: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".md") }.sorted()
  }()

  /// The examples of all pages.
  static let examples: [Example] = names.flatMap { name -> [Example] in
    guard let page = try? text(of: name) else { return [] }
    return examples(in: page, of: String(name.dropLast(".md".count)))
  }

  /// What a page says.
  static func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  /// Where they are.
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/GraphLanguage/GraphLanguage.docc")

  /// The blocks of a page that begin with ```` ```graph ````.
  private static func examples(in page: String, of name: String) -> [Example] {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var found: [Example] = []
    var index = 0
    while index < lines.count {
      index += 1
      guard lines[index - 1] == "```graph" else { continue }
      let above = index >= 2 ? lines[index - 2] : ""
      let end = lines[index...].firstIndex(of: "```") ?? lines.count
      let text = whole(Array(lines[index..<end]), above: above)
      found.append(
        Example(
          testDescription: "\(name) \(found.count + 1)",
          text: text.joined(separator: "\n") + "\n",
          refusals: refusals(in: text)
        )
      )
      index = end + 1
    }
    return found
  }

  /// A block as a text with a model.
  private static func whole(_ block: [String], above: String) -> [String] {
    if block.contains(where: { $0.hasPrefix("model ") }) { return block }
    let opening = preamble.split(separator: "\n").map(String.init)
    let isDefinition = block.contains { line in
      ["cell ", "layer "].contains { line.hasPrefix($0) } && line.hasSuffix("{")
        || line.hasPrefix("layer ") && line.hasSuffix("}")
    }
    guard isDefinition else { return opening + block + ["}"] }
    return block + opening + [applied(above), "}"]
  }

  /// The statements of `<!-- applied: A; B -->`, which stands above a block of definitions.
  private static func applied(_ comment: String) -> String {
    let opening = "<!-- applied: "
    guard comment.hasPrefix(opening), comment.hasSuffix(" -->") else { return "" }
    return comment.dropFirst(opening.count).dropLast(" -->".count)
      .split(separator: ";").joined(separator: "\n")
  }

  /// What `# refused:` says of the line below it.
  private static func refusals(in text: [String]) -> [Refusal] {
    text.enumerated().compactMap { place, line in
      guard let comment = line.range(of: "# refused: ") else { return nil }
      return Refusal(line: place + 2, message: String(line[comment.upperBound...]))
    }
  }
}
