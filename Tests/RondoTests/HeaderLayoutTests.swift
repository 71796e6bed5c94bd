import ModelABI
import ModelRuntime
import Rondo
import TestSupport
import Testing

/// One header for every language: whoever compiles it, a structure is the same bytes.
@Suite("A model's header") struct HeaderLayoutTests {
  /// A compiler, and the language that it is to read the header as.
  private static let ways: [[String]] = [
    ["gcc", "-std=c99"], ["gcc", "-std=c11"], ["gcc", "-std=c17"], ["clang", "-std=c99"],
    ["clang", "-std=c11"], ["clang", "-std=c17"], ["g++", "-x", "c++", "-std=c++11"],
    ["g++", "-x", "c++", "-std=c++17"], ["g++", "-x", "c++", "-std=c++20"],
    ["clang++", "-x", "c++", "-std=c++11"], ["clang++", "-x", "c++", "-std=c++17"],
    ["clang++", "-x", "c++", "-std=c++20"],
  ]

  /// A structure of the header: its name and its members.
  private struct Structure {
    var name: String
    var members: [String]
  }

  /// The structures that a header declares with their members, in order.
  private static func structures(in header: String) -> [Structure] {
    let text = header.replacing(/\/\*(?s:.*?)\*\//, with: "")
    return text.matches(of: /typedef struct (\w+) \{((?s).*?)\n\} \w+;/).map { match in
      let members = match.output.2.split(separator: ";").compactMap { member -> String? in
        let pointer = member.firstMatch(of: /\(\*(\w+)\)/)?.output.1
        let plain = member.firstMatch(of: /(\w+)(\[\d+\])?\s*$/)?.output.1
        return (pointer ?? plain).map(String.init)
      }
      return Structure(name: String(match.output.1), members: members)
    }
  }

  @Test("gives every compiler and language the same sizes and offsets, and Swift too")
  func layout() throws {
    let model = try TinyHeader.generated()
    let structures = Self.structures(in: String(decoding: model.header, as: UTF8.self))
    #expect(structures.count >= 8)
    var lines = structures.flatMap { structure -> [String] in
      let type = structure.name
      return ["printf(\"\(type) %u\\n\", (unsigned)sizeof(\(type)));"]
        + structure.members.map { member in
          "printf(\"\(type).\(member) %u %u\\n\", (unsigned)offsetof(\(type), \(member)), "
            + "(unsigned)sizeof(((\(type) *)0)->\(member)));"
        }
    }
    lines = ["#include <stdio.h>", "#include \"layout.h\"", "int main(void) {"] + lines + ["}"]
    try inFolder { folder in
      try Platform.replace(folder + "/layout.h", with: model.header)
      try Platform.replace(folder + "/probe.c", with: Array(lines.joined(separator: "\n").utf8))
      var said: [String: String] = [:]
      for way in Self.ways {
        let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "probe.c", "-o", "probe"]
        let line = (way + flags).joined(separator: " ")
        guard try Self.shell("command -v \(way[0])", in: folder).code == 0 else { continue }
        let built = try Self.shell(line, in: folder)
        #expect(built.code == 0, "\(line)\n\(built.text)")
        said[line] = try Self.shell("./probe", in: folder).text
      }
      #expect(said.count >= 4)
      let first = try #require(said.values.first)
      #expect(first.split(separator: "\n").count > 60)
      for (line, text) in said { #expect(text == first, "\(line)") }
      for (name, size) in [
        ("model", MemoryLayout<rondo_model>.size), ("call", MemoryLayout<rondo_call>.size),
        ("generation", MemoryLayout<rondo_generation>.size),
        ("context", MemoryLayout<rondo_context>.size), ("entry", MemoryLayout<rondo_entry>.size),
        ("tensor", MemoryLayout<rondo_tensor>.size), ("axis", MemoryLayout<rondo_axis>.size),
        ("dimension", MemoryLayout<rondo_dimension>.size),
      ] {
        #expect(first.contains("layout_\(name) \(size)\n"), "\(name)")
      }
    }
  }

  @Test("names all that a library shows, and a library shows nothing else")
  func symbols() throws {
    let model = try TinyHeader.generated()
    let text = String(decoding: model.header, as: UTF8.self)
    let declared = Set(
      text.matches(of: /\nLAYOUT_SHOWN [^;(]*?(\w+)(?:\(|;)/).map { String($0.output.1) }
    )
    #expect(declared.count >= 12)
    let compiler = try CCompiler.find(environment: Platform.environment)
    try inFolder { folder in
      // Of several levels, whose objects find each other by names that must stay inside.
      let library = try compiler.compile(
        model.source,
        header: model.header,
        name: model.name,
        options: .init(cpu: "portable", optimization: 0),
        scratch: folder
      )
      try Platform.replace(folder + "/lib.so", with: library.bytes)
      let shown = try Self.shell("nm -D --defined-only lib.so", in: folder).text
      #expect(Set(shown.split(separator: "\n").map(Self.symbol)) == declared)
      // Static linking has no hidden names: what several objects share has the model's prefix.
      let archive = try compiler.archive(model, options: .init(optimization: 0), scratch: folder)
      try Platform.replace(folder + "/lib.a", with: archive)
      let linked = try Self.shell("nm -g --defined-only lib.a", in: folder).text
      let names = linked.split(separator: "\n").filter { $0.contains(" ") }.map(Self.symbol)
      #expect(declared.isSubset(of: names))
      for name in names { #expect(name.hasPrefix("layout_"), "\(name)") }
    }
  }

  @Test("has a model behind it whose calls take less than 24 kB of stack, of known size")
  func stack() throws {
    let compiler = try CCompiler.find(environment: Platform.environment)
    try inFolder { folder in
      let model = try TinyHeader.generated()
      let library = try compiler.compile(
        model.source,
        header: model.header,
        name: model.name,
        options: .init(optimization: 2),
        scratch: folder
      )
      let stack = try #require(library.stack, "\(compiler.version) does not say")
      #expect((64...24_576).contains(stack))
      #expect(Artifact(model, library).manifest.stack == stack)
      // No array of a length known only when it runs.
      try Platform.replace(folder + "/layout.h", with: model.header)
      try Platform.replace(folder + "/layout.c", with: model.source)
      let line = "cc -Wvla -Walloca -Werror -fsyntax-only layout.c"
      let checked = try Self.shell(line, in: folder)
      #expect(checked.code == 0, "\(checked.text)")
    }
  }

  /// Definitions that the analyzer of gcc comes to an end of: a scan streamed, and a model trained.
  private static let analyzed = [
    """
    model analyzed {
      axis time <= 4
      input x: real[2] over time
      layer rnn = gru(3), mix = linear(1)
      output mix(rnn(x))[0] as guess
      stream over time
    }
    """,
    """
    model analyzed {
      input x: real[2]
      target y: real
      layer mix = linear(1)
      loss mse(mix(x)[0], y)
      train sgd(rate: 0.1)
    }
    """,
  ]

  @Test(
    "has a model behind it in which gcc's analyzer finds nothing",
    .enabled(if: hasAnalyzer, "there is no gcc with an analyzer"),
    arguments: analyzed
  )
  func analyzer(text: String) throws {
    let definition = Definition(name: "analyzed.graph", text: text)
    let model = try Compiler(options: .init(arithmetic: .strict, unrolling: .steps(1)))
      .generate(definition)
    try inFolder { folder in
      try Platform.replace(folder + "/analyzed.h", with: model.header)
      try Platform.replace(folder + "/analyzed.c", with: model.source)
      // One number at a time: it follows every path, and vectors have the same paths and take longer. On
      // large models it takes hours and all memory, so that it is bounded here.
      let line =
        "ulimit -v 4000000 && gcc -O1 -fanalyzer -Werror -DRONDO_SCALAR -DRONDO_ONE_THREAD "
        + "-c analyzed.c"
      let analyzed = try Self.shell(line, in: folder)
      #expect(analyzed.code == 0 && analyzed.text.isEmpty, "\(analyzed.text)")
    }
  }

  /// Whether gcc is there and can analyze.
  private static let hasAnalyzer =
    (try? shell("echo 'int x;' | gcc -fanalyzer -x c -c - -o /dev/null", in: "/tmp"))?.code == 0

  /// The name at the end of a line of `nm`.
  private static func symbol(_ line: Substring) -> String {
    line.split(separator: " ").last.map(String.init) ?? ""
  }

  /// Runs a line of a shell in a folder.
  private static func shell(_ line: String, in folder: String) throws -> (code: Int32, text: String)
  {
    let result = try Platform.run(
      "/bin/sh",
      ["-c", "cd '\(folder)' && \(line)"],
      environment: [("PATH", Platform.environment["PATH"] ?? "/usr/bin:/bin"), ("TMPDIR", folder)],
      seconds: 120
    )
    let code: Int32 = if case .exited(let code) = result.ending { code } else { -1 }
    return (code, String(decoding: result.output, as: UTF8.self))
  }
}

/// A model with all that a header can have: lengths, states, a stream, draws.
private enum TinyHeader {
  /// Its definition.
  private static let text = """
    model layout {
      axis time <= 4
      target word: token(5) over time
      layer rnn = gru(3), score = linear(5)
      logits = score(rnn(onehot(previous(word))))
      loss cross_entropy(logits, word)
      train adam(rate: 0.01, clip_norm: 1) carry over time
      generate word from logits until 0
    }
    """
  /// Its C, made once.
  private static let model = Result {
    try Compiler(options: .init(batch: 2, unrolling: .steps(1))).generate(
      Definition(name: "layout.graph", text: text)
    )
  }

  /// Its C.
  static func generated() throws -> GeneratedModel { try model.get() }
}
