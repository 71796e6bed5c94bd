import Foundation
import GraphIR
import TestSupport
import Testing

/// What the build does not notice: who imports whom, and what no room may know.
@Suite("The rooms of the house")
struct RoomsTests {
  /// A source file: its room, its name and its lines.
  struct File: Sendable {
    var room: String
    var name: String
    var lines: [String]
  }

  /// What each room may import of the house.
  private static let rooms: [String: Set<String>] = [
    "GraphIR": [],
    "GraphLanguage": ["GraphIR"],
    "Reference": ["GraphIR"],
    "Transforms": ["GraphIR", "Reference"],
    "Lowering": ["GraphIR"],
    "CBackend": ["GraphIR", "Lowering"],
    "ModelABI": [],
    "ModelRuntime": ["ModelABI"],
    "Rondo": [
      "GraphIR", "GraphLanguage", "Reference", "Transforms", "Lowering", "CBackend", "ModelABI",
      "ModelRuntime",
    ],
    "Workbench": ["Rondo", "ModelRuntime"],
    "RondoTool": ["Rondo", "ModelRuntime", "Workbench"],
  ]

  /// What rooms may import from outside, in all their files or in one.
  private static let outside: [(module: String, room: String, file: String?)] = [
    ("FoundationEssentials", "ModelRuntime", "JSON.swift"),
    ("Foundation", "ModelRuntime", "JSON.swift"),
    ("Dispatch", "RondoTool", "FuzzCommand.swift"),
    ("Synchronization", "ModelRuntime", nil),
    ("Synchronization", "Rondo", nil),
    ("Synchronization", "RondoTool", nil),
    ("Glibc", "ModelRuntime", "Platform.swift"),
    ("Glibc", "ModelRuntime", "Platform+Processes.swift"),
    ("Glibc", "ModelRuntime", "Platform+Machine.swift"),
    ("Glibc", "ModelRuntime", "Platform+Numbers.swift"),
    ("Darwin", "ModelRuntime", "Platform.swift"),
    ("Darwin", "ModelRuntime", "Platform+Processes.swift"),
    ("Darwin", "ModelRuntime", "Platform+Machine.swift"),
    ("Darwin", "ModelRuntime", "Platform+Numbers.swift"),
    ("Glibc", "Reference", "Scalar.swift"),
    ("Darwin", "Reference", "Scalar.swift"),
  ]

  /// All Swift files under Sources.
  private static let files: [File] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    return (paths ?? []).sorted().filter { $0.hasSuffix(".swift") }.compactMap { path in
      let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      let parts = path.split(separator: "/").map(String.init)
      return text.map {
        File(
          room: parts[0],
          name: parts.last ?? "",
          lines: $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
      }
    }
  }()

  /// The modules that a file imports.
  private func imports(_ file: File) -> [String] {
    file.lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({
          ["package", "public", "internal", "private", "@preconcurrency"].contains($0)
        })
      else { return nil }
      return words.last.map { String($0.split(separator: ".")[0]) }
    }
  }

  @Test("there are rooms, and each import is allowed")
  func importsAreAllowed() {
    #expect(Set(Self.files.map(\.room)).isSubset(of: Self.rooms.keys))
    #expect(Self.files.count > 100)
    var seen: Set<String> = []
    for file in Self.files {
      for module in imports(file) {
        seen.insert(module)
        let isAllowed =
          Self.rooms[file.room]?.contains(module) == true
          || Self.outside.contains {
            $0.module == module && $0.room == file.room && ($0.file ?? file.name) == file.name
          }
        #expect(isAllowed, "\(file.room)/\(file.name) imports \(module)")
      }
    }
    #expect(seen.isSuperset(of: ["GraphIR", "Glibc", "ModelABI"]))
  }

  @Test("one file asks Foundation, and the whole of it only where its essentials are not")
  func fallback() throws {
    let asking = Self.files.filter { imports($0).contains { $0.hasPrefix("Foundation") } }
    #expect(asking.map(\.name) == ["JSON.swift"])
    let file = try #require(asking.first)
    #expect(
      file.lines.prefix(5) == [
        "#if canImport(FoundationEssentials)", "  internal import FoundationEssentials", "#else",
        "  internal import Foundation", "#endif",
      ]
    )
    #expect(imports(file) == ["FoundationEssentials", "Foundation"])
  }

  /// A line without its comment.
  private func code(_ line: String) -> Substring {
    line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
  }

  /// A line of code without the sentences in it: examples in messages may name what code may not.
  private func withoutSentences(_ line: Substring) -> String {
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { place, part in place.isMultiple(of: 2) || !part.contains(" ") }
      .map { String($1) }.joined(separator: "\"")
  }

  @Test("no code knows what an LSTM or a GRU is")
  func noCells() {
    for file in Self.files {
      for (number, line) in file.lines.enumerated() {
        let words = withoutSentences(code(line)).lowercased()
        let isInnocent = !words.contains("lstm") && !words.contains("gru")
        #expect(isInnocent, "\(file.room)/\(file.name):\(number + 1)")
      }
    }
  }

  @Test("no switch over operations has a default")
  func exhaustive() {
    let rooms = ["GraphIR", "Reference", "Transforms", "Lowering", "CBackend", "Rondo"]
    var switches = 0
    for file in Self.files where rooms.contains(file.room) {
      for (start, line) in file.lines.enumerated() where code(line).contains("switch ") {
        let (isOverOps, hasDefault) = cases(file.lines, after: start)
        if isOverOps { switches += 1 }
        #expect(!(isOverOps && hasDefault), "\(file.room)/\(file.name):\(start + 1)")
      }
    }
    #expect(switches > 30)
  }

  /// Whether the switch that begins at a line has cases that only operations have, and a default.
  private func cases(_ lines: [String], after start: Int) -> (isOverOps: Bool, hasDefault: Bool) {
    func depth(_ line: String) -> Int { line.prefix { $0 == " " }.count }
    // Names that other enumerations have too do not tell.
    let telling = OpKind.allCases.map(\.rawValue).filter {
      !["constant", "token", "variable", "random", "element", "scan", "number"].contains($0)
    }
    let margin = depth(lines[start])
    var (isOverOps, hasDefault) = (false, false)
    for line in lines[(start + 1)...] {
      if !line.isEmpty, depth(line) <= margin,
        !line.hasPrefix(String(repeating: " ", count: margin) + "case"),
        !line.hasPrefix(String(repeating: " ", count: margin) + "default")
      {
        break
      }
      guard depth(line) == margin else { continue }
      let text = code(line).drop { $0 == " " }
      if text.hasPrefix("default:") { hasDefault = true }
      guard text.hasPrefix("case ") else { continue }
      // The pattern, without what the case does.
      let pattern = text.prefix { $0 != ":" }
      let names = pattern.split { !$0.isLetter && $0 != "." }.filter { $0.hasPrefix(".") }
      if names.contains(where: { telling.contains(String($0.dropFirst())) }) { isOverOps = true }
    }
    return (isOverOps, hasDefault)
  }
}
