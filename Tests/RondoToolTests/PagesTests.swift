import ModelRuntime
import Rondo
import RondoTool
import Testing

/// What the pages of the catalogue say is held against what there is.
@Suite struct PagesTests {
  /// The repository's top level.
  private static let topLevel =
    Platform.split(Platform.split(Platform.split(#filePath).folder).folder).folder
  /// Where the pages are.
  private static let folder = Platform.join(topLevel, "Sources/Rondo/Rondo.docc")

  /// A block between two fences.
  private struct Block {
    var language: String
    var lines: [String]
    var text: String { lines.map { $0 + "\n" }.joined() }
  }

  /// The pages' names.
  private static func names() throws -> [String] {
    try Platform.list(folder).filter { $0.hasSuffix(".md") }
  }

  /// A file below the top level.
  private static func read(_ path: String) throws -> String {
    String(decoding: try Platform.read(Platform.join(topLevel, path)), as: UTF8.self)
  }

  /// A page's text.
  private static func page(_ name: String) throws -> String {
    try read("Sources/Rondo/Rondo.docc/\(name)")
  }

  /// The blocks of a page in order.
  private static func blocks(of page: String) -> [Block] {
    var blocks: [Block] = []
    var current: Block?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "```", let block = current {
        blocks.append(block)
        current = nil
      } else if line.hasPrefix("```") {
        current = Block(language: String(line.dropFirst(3)), lines: [])
      } else {
        current?.lines.append(line)
      }
    }
    return blocks
  }

  /// A line with no numbers of nodes: they are others after any change of the passes before.
  private func unnumbered(_ line: some StringProtocol) -> String {
    line.split(separator: "%", omittingEmptySubsequences: false).enumerated()
      .map { $0 == 0 ? String($1) : "%" + String($1.drop { $0.isNumber }) }.joined()
  }

  /// Whether a text has an excerpt's lines in order: `...` stands for any lines, or a line's rest.
  private func has(_ excerpt: [String], in text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(unnumbered)
    let excerpt = excerpt.map(unnumbered)
    func fits(_ line: String, _ wanted: String) -> Bool {
      wanted.hasSuffix(" ...") ? line.hasPrefix(wanted.dropLast(4)) : line == wanted
    }
    var place = 0
    for run in excerpt.split(separator: "...") where !run.isEmpty {
      let found = lines.indices.dropFirst(place).first { start in
        start + run.count <= lines.count
          && zip(lines[start...], run).allSatisfy { fits($0, $1) }
      }
      guard let found else { return false }
      place = found + run.count
    }
    return true
  }

  /// Definitions compile, kept cases pass, and commands of one line give what is below them.
  @Test func blocksHold() throws {
    let workshop = try Workshop()
    var (outputs, definitions) = (0, 0)
    // The definition of one page serves another.
    let order = try Self.names().sorted {
      ($0 != "TheWayThroughTheCompiler.md" ? 1 : 0, $0)
        < ($1 != "TheWayThroughTheCompiler.md" ? 1 : 0, $1)
    }
    for name in order {
      let blocks = Self.blocks(of: try Self.page(name))
      for (place, block) in blocks.enumerated() {
        switch block.language {
        case "graph":
          let isCase = block.lines[0].hasPrefix("# rows")
          let model = try #require(block.lines.first { $0.hasPrefix("model ") }, "\(name)")
          let file = isCase ? "case.graph" : "\(model.split(separator: " ")[1]).graph"
          try Platform.replace(Platform.join(workshop.folder, file), with: Array(block.text.utf8))
          let outcome = workshop.run(isCase ? "fuzz @/\(file)" : "show @/\(file) --emit c")
          #expect(outcome.code == 0, "\(name): \(outcome.notes)")
          #expect(!isCase || outcome.output == "@/case.graph: as it should be\n")
          #expect(workshop.run("format --check @/\(file)").code == 0, "\(name): \(file)")
          definitions += 1
        case "sh":
          try check(commands: block.lines, of: name)
          guard block.lines.count == 1, place + 1 < blocks.count,
            blocks[place + 1].language == "text"
          else { continue }
          var words = block.lines[0].split(separator: " ").map(String.init)
          words = words.map { $0.hasSuffix(".graph") ? "@/" + $0 : $0 }
          let outcome = workshop.run(Array(words.dropFirst()))
          let excerpt = blocks[place + 1].lines
          let text = outcome.output + outcome.notes
          #expect(has(excerpt, in: text), "\(name): \(block.lines[0]) prints\n\(text)")
          #expect(!has(["no such line"], in: text))
          outputs += 1
        case "swift":
          let files = [
            "Tests/TransformsTests/ExamplePassTests.swift", "graphs/embed/swift/Package.swift",
            "graphs/embed/swift/Sources/learn/main.swift",
            "graphs/embed/swift/Sources/follow/main.swift",
          ]
          let isReal = try files.contains { try Self.read($0).contains(block.text) }
          #expect(isReal, "\(name): \(block.text)")
        default: #expect(block.language == "text", "\(name): \(block.language)")
        }
      }
    }
    #expect(outputs >= 6 && definitions >= 3)
  }

  /// The commands of the tool among a block's lines have the options that they are given.
  private func check(commands lines: [String], of name: String) throws {
    for line in lines {
      let words = line.split(separator: "#")[0].split(separator: " ").map(String.init)
      guard words[0] == "rondo" else { continue }
      let command = try #require(Tool.commands.first { $0.name == words[1] }, "\(name): \(line)")
      #expect(throws: Never.self, "\(name): \(line)") {
        try Arguments(Array(words.dropFirst(2)), for: command)
      }
    }
  }

  /// Every option that a page or the README names is one of some command.
  @Test func optionsExist() throws {
    let known = Set(Tool.commands.flatMap(\.options).map(\.name) + ["--help"])
    let texts = try Self.names().map { try Self.page($0) } + [Self.read("README.md")]
    var seen = 0
    for text in texts {
      for (place, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where !place.isMultiple(of: 2) && (part.hasPrefix("--") || part.hasPrefix("rondo ")) {
        for word in part.split(separator: " ") where word.hasPrefix("--") {
          #expect(known.contains(String(word)), "\(part)")
          seen += 1
        }
      }
    }
    #expect(seen > 15)
  }

  /// Every page is in the list of topics, and every link leads to a page.
  @Test func linksLead() throws {
    let names = try Self.names().map { String($0.dropLast(3)) }
    let topics = try Self.page("Rondo.md")
    for name in names where name != "Rondo" { #expect(topics.contains("<doc:\(name)>"), "\(name)") }
    for name in names {
      for part in try Self.page(name + ".md").split(separator: "<doc:").dropFirst() {
        #expect(names.contains(String(part.prefix { $0 != ">" })), "\(name): \(part.prefix(30))")
      }
    }
  }

  /// The table of environment variables is what the code reads, no more and no less.
  @Test func variablesAreListed() throws {
    var listed: Set<String> = []
    for line in try Self.page("EnvironmentVariables.md").split(separator: "\n")
    where line.hasPrefix("| `") {
      for part in line.split(separator: "|")[0].split(separator: "`") {
        if part.utf8.allSatisfy({ $0 == 95 || (65...90).contains($0) }) {
          listed.insert(String(part))
        }
      }
    }
    var read: Set<String> = []
    for file in try files(in: "Sources") + files(in: "Tests") where file.hasSuffix(".swift") {
      for mark in ["environment[\"", "absolute(\""] {
        for part in try Self.read(file).split(separator: mark, omittingEmptySubsequences: false)
          .dropFirst()
        {
          let name = part.prefix { $0 != "\"" }
          if !name.isEmpty { read.insert(String(name)) }
        }
      }
    }
    #expect(read.subtracting(["\\"]) == listed)
  }

  /// The files below a folder of the repository.
  private func files(in folder: String) throws -> [String] {
    var found: [String] = []
    for name in try Platform.list(Platform.join(Self.topLevel, folder)) {
      let path = Platform.join(folder, name)
      switch try Platform.status(Platform.join(Self.topLevel, path), followingLinks: false)?.kind {
      case .folder?: found += try files(in: path)
      case .file?: found.append(path)
      default: continue
      }
    }
    return found
  }
}
