import CBackend
import Foundation
import TestSupport
import Testing

/// The kernels of tiny models, letter by letter: each file shows one thing.
///
/// RONDO_BLESS=1 writes the files anew.
@Suite("Kernels as they are written")
struct GoldenTests {
  static let texts = [
    "chain": "output tanh(x * w + 1) * x as y",
    "rows": "output softmax(x) as y",
    "lookup": "output table[word] + x as y",
    "steps":
      "scan over time { state h: real[3] = 0\n next h = sigmoid(w * h + x) }\n output h as y",
  ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  @Test("agree with the golden files", arguments: texts.keys.sorted())
  func golden(name: String) throws {
    let found = try kernels(name)
    let file = Self.folder.appendingPathComponent(name + ".c")
    if ProcessInfo.processInfo.environment["RONDO_BLESS"] == "1" {
      try found.write(to: file, atomically: true, encoding: .utf8)
    }
    let wanted = try String(contentsOf: file, encoding: .utf8)
    if found != wanted { Issue.record("\(name).c differs:\n\(difference(wanted, found))") }
  }

  /// The section of kernels of a model of one statement.
  private func kernels(_ name: String) throws -> String {
    let text = """
      model \(name) {
        axis time <= 5
        input x: real[3] over time
        input word: token(7)
        param w: real[3] ~ 0
        param table: real[7, 3] ~ 0
        \(Self.texts[name] ?? "")
      }
      """
    let source = try SampleModels.c(text: text).source
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("/* ---- kernels ") })
    let end = try #require(lines.firstIndex { $0.hasPrefix("/* ---- entries ") })
    return lines[(start + 2)..<(end - 1)].joined(separator: "\n") + "\n"
  }

  /// The lines that only one of the texts has, in order.
  private func difference(_ old: String, _ new: String) -> String {
    let (before, after) = (old.split(separator: "\n"), new.split(separator: "\n"))
    return after.difference(from: before).map { change in
      switch change {
      case .remove(let line, let text, _): "- \(line + 1): \(text)"
      case .insert(let line, let text, _): "+ \(line + 1): \(text)"
      }
    }.joined(separator: "\n")
  }
}
