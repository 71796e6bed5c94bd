import Foundation
import GraphLanguage

/// The definitions the tests read, files of the folder beside this one.
enum Definitions {
  /// Their names in order.
  static let names: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".graph") }.sorted()
  }()

  /// The text of one.
  static func file(_ name: String) throws -> SourceFile {
    let data = try Data(contentsOf: folder.appendingPathComponent(name))
    return SourceFile(name: name, bytes: Array(data))
  }

  /// Where they are.
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent()
    .appendingPathComponent("Definitions")
}

/// The messages about a text, as a person sees them.
func messages(_ text: String) -> String {
  let file = SourceFile(name: "x.graph", text: text)
  return DiagnosticRenderer(files: [file]).render(Parser.parse(file).1)
}

/// The tree of a text.
func tree(_ text: String) -> String {
  SyntaxPrinter.print(Parser.parse(SourceFile(name: "x.graph", text: text)).0)
}
