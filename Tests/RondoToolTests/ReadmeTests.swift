import ModelRuntime
import RondoTool
import Testing

/// What the README says is held against what there is.
@Suite struct ReadmeTests {
  /// The repository's top level.
  private static let topLevel =
    Platform.split(Platform.split(Platform.split(#filePath).folder).folder).folder

  /// The README's text.
  private func readme() throws -> String {
    String(decoding: try Platform.read(Platform.join(Self.topLevel, "README.md")), as: UTF8.self)
  }

  /// The first block of a language in the README.
  private func block(_ language: String) throws -> String {
    let parts = try readme().split(separator: "```\(language)\n", maxSplits: 1)
    let rest = try #require(parts.last)
    return String(try #require(rest.split(separator: "```", maxSplits: 1).first))
  }

  /// The definition is the one that ships.
  @Test func showsTheDefinition() throws {
    let path = Platform.join(Self.topLevel, "graphs/char_lm.graph")
    let file = String(decoding: try Platform.read(path), as: UTF8.self)
    #expect(file.hasSuffix("\n\n" + (try block("graph"))))
  }

  /// Every command is listed.
  @Test func listsCommands() throws {
    let text = try readme()
    for command in Tool.commands { #expect(text.contains("| `rondo \(command.name)")) }
  }

  /// The program in C compiles with warnings as errors against the header, and trains.
  @Test func programRuns() throws {
    let workshop = try Workshop()
    let graph = Platform.join(Self.topLevel, "graphs/char_lm.graph")
    let built = workshop.run(["build", graph, "--size", "letters=64", "-o", "@/model"])
    try #require(built.code == 0, "\(built)")
    let model = Platform.join(workshop.folder, "model")
    let source = Platform.join(workshop.folder, "program.c")
    let program = Platform.join(workshop.folder, "program")
    try Platform.replace(source, with: Array(try block("c").utf8))
    let flags = ["-O1", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    let compiled = try Platform.run(
      "/usr/bin/env",
      ["cc"] + flags + ["-I" + model, source, model + "/char_lm.c", "-lm", "-o", program],
      environment: [("PATH", Platform.environment["PATH"] ?? "/usr/bin:/bin")],
      seconds: 300
    )
    try #require(
      compiled.ending == .exited(0),
      "\(String(decoding: compiled.output, as: UTF8.self))"
    )
    let result = try Platform.run(program, [], environment: [], seconds: 60)
    let output = String(decoding: result.output, as: UTF8.self)
    #expect(result.ending == .exited(0), "\(output)")
    let loss = try #require(output.split(separator: " ").last.flatMap { Float($0.dropLast()) })
    // The text is one letter again and again, and knowing nothing costs log 64 = 4.16.
    #expect(loss < 3, "\(output)")
  }
}
