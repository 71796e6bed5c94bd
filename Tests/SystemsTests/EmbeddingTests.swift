import Foundation
import ModelRuntime
import Testing

@Suite("Programs that embed a model", .serialized) struct EmbeddingTests {
  /// A series that goes up and down in two ways at once, a number a line.
  private static func series(_ count: Int) -> [UInt8] {
    let lines = (0..<count).map { at in
      let value = sin(Double(at) / 3) + sin(Double(at) / 7.3 + 1) / 2
      return "\((value * 1e6).rounded() / 1e6)\n"
    }
    return Array(lines.joined().utf8)
  }

  @Test("the page lists every program and definition, and every program says how it is built")
  func page() throws {
    let folder = Platform.join(Example.topLevel, "graphs/embed")
    let page = String(
      decoding: try Platform.read(Platform.join(folder, "README.md")),
      as: UTF8.self
    )
    let files = try Platform.list(folder).filter { $0 != "README.md" && !$0.hasPrefix(".") }
    #expect(files.count >= 8)
    for file in files { #expect(page.contains("](\(file))"), "\(file) is not on the page") }
    for file in files where file.contains(/\.(c|cpp|py)$/) {
      let commands = try EmbeddedProgram(file).commands
      #expect(commands.count >= 2 && commands[0].hasPrefix("rondo build "), "\(file)")
    }
  }

  @Test("C learns a series while it comes, from two files alone")
  func online() throws {
    try EmbeddedProgram("online.c").build()
    try EmbeddedProgram.write("series.txt", Self.series(2048))
    let result = try EmbeddedProgram.shell("build/online < series.txt")
    #expect(result.code == 0, "\(result.text)")
    let last = try #require(
      result.lines.dropLast().last?.firstMatch(of: /by ([0-9.]+), .* by ([0-9.]+)/)
    )
    let (error, repeating) = (Double(last.output.1) ?? 1, Double(last.output.2) ?? 0)
    #expect(error < repeating / 4, "\(result.text)")
    for wrong in ["1\\nx2\\n", "1e99\\n", "\\n", "nan\\n"] {
      let refused = try EmbeddedProgram.shell("printf '\(wrong)' | build/online")
      #expect(refused.code == 1 && refused.text.contains("no number"), "\(wrong): \(refused.text)")
    }
  }

  @Test("the C program needs libc and libm, and nothing else of the machine")
  func linksTwoLibraries() throws {
    try EmbeddedProgram("online.c").build()
    let needed = try EmbeddedProgram.shell("ldd build/online").lines.compactMap { line in
      line.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
    let known = ["libc.so", "libm.so", "linux-vdso", "linux-gate", "/lib", "ld-linux"]
    #expect(needed.allSatisfy { name in known.contains { name.hasPrefix($0) } }, "\(needed)")
  }

  @Test(
    "the C program runs where there is nothing but these two libraries",
    .enabled(
      if: Needed.chroot,
      "only root may enter another root, and only where chroot and ldd are"
    )
  )
  func runsAlone() throws {
    try EmbeddedProgram("online.c").build()
    try EmbeddedProgram.write("series.txt", Self.series(600))
    let line = """
      rm -rf alone && mkdir alone && cp build/online alone/ && \
      for file in $(ldd build/online | grep -o '/[^ ]*'); do \
        mkdir -p alone/$(dirname $file) && cp -L $file alone/$file || exit 1; done && \
      find alone -type f | wc -l && chroot alone /online < series.txt
      """
    let result = try EmbeddedProgram.shell(line)
    #expect(result.code == 0 && result.text.contains("512 values: "), "\(result.text)")
    #expect(result.lines.first.flatMap { Int($0) } ?? 9 <= 4, "\(result.text)")
  }

  @Test(
    "C++ learns an amplifier's sound, and makes it block by block",
    .enabled(if: Needed.cpp, "there is no C++ compiler")
  )
  func effect() throws {
    try EmbeddedProgram("effect.cpp").build()
    let dry = (0..<8192).map { at in
      let t = Float(at) / 48000
      return 0.5 * sin(2 * .pi * 220 * t) + 0.3 * sin(2 * .pi * 331 * t + sin(2 * .pi * 3 * t))
    }
    let wet = dry.map { 0.8 * tanh(3 * $0) }
    try EmbeddedProgram.write("dry.raw", dry)
    try EmbeddedProgram.write("wet.raw", wet)
    let learned = try EmbeddedProgram.shell("build/effect learn dry.raw wet.raw weights.raw")
    try #require(learned.code == 0, "\(learned.text)")
    let played = try EmbeddedProgram.shell("build/effect play weights.raw < dry.raw > sound.raw")
    #expect(played.code == 0 && played.text.hasPrefix("8192 samples, "), "\(played.text)")
    let sound = try EmbeddedProgram.sound("sound.raw")
    func distance(_ a: [Float], _ b: [Float]) -> Float {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(distance(sound, wet) < distance(dry, wet) / 50)
    let whole = try EmbeddedProgram.shell("build/effect play16 weights.raw < dry.raw | wc -c")
    #expect(whole.text.contains("32768"), "\(whole.text)")
    let mistakes = [
      "": "write: effect learn", "play weights.raw < series.cut": "cut within a sample",
      "play dry.raw": "no weights of this model", "play nothing": "cannot read nothing",
      "learn dry.raw series.cut w": "cut within a sample", "learn dry.raw short w": "not as long",
    ]
    try EmbeddedProgram.write("series.cut", [UInt8](repeating: 0, count: 7))
    try EmbeddedProgram.write("short", [0, 0.5, 1] as [Float])
    for (words, message) in mistakes {
      let refused = try EmbeddedProgram.shell("build/effect \(words)")
      #expect(refused.code == 1 && refused.text.contains(message), "\(words): \(refused.text)")
    }
  }

  @Test(
    "Python trains on arrays and predicts, and reads again what it learned",
    .enabled(if: Needed.numPy, "there is no Python 3.10 with NumPy")
  )
  func classify() throws {
    let program = try EmbeddedProgram("classify.py")
    try program.build()
    let run = try #require(program.commands.last)
    let first = try EmbeddedProgram.shell(run)
    let right = try #require(first.lines.last?.firstMatch(of: /^([0-9]+)% right/), "\(first.text)")
    #expect(first.code == 0 && Int(right.output.1) ?? 0 >= 90, "\(first.text)")
    let again = try EmbeddedProgram.shell(run)
    #expect(again.code == 0 && first.text.hasSuffix(again.text), "\(again.text)")
    let head = "PYTHONPATH=build/waves python3 graphs/embed/classify.py"
    for words in ["", "graphs/embed/classify.py"] {
      #expect(try EmbeddedProgram.shell("\(head) \(words)").code == 1)
    }
  }

  @Test(
    "a service answers each client from its own state, and survives what it is sent",
    .enabled(if: Needed.numPy, "there is no Python 3.10 with NumPy")
  )
  func service() throws {
    try EmbeddedProgram("service.py").build()
    let service = "PYTHONPATH=build/meter python3 graphs/embed/service.py"
    func ask(_ lines: [String]) throws -> [[String: String]] {
      try EmbeddedProgram.write("questions", Array(lines.map { $0 + "\n" }.joined().utf8))
      let result = try EmbeddedProgram.shell("\(service) < questions")
      try #require(result.code == 0, "\(result.text)")
      return try result.lines.map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return (object ?? [:]).mapValues { "\($0)" }
      }
    }
    func value(_ client: String, _ value: Double) -> String {
      "{\"client\": \"\(client)\", \"value\": \(value)}"
    }
    let series = [0.5, -0.25, 1, 0.75]
    // Two at a time get what each gets alone.
    let mixed = try ask(series.flatMap { [value("a", $0), value("b", -$0)] })
    let alone = try ask(series.map { value("a", $0) } + ["{\"client\": \"a\", \"ask\": \"state\"}"])
    #expect(mixed.filter { $0["client"] == "a" } == Array(alone.dropLast()))
    #expect(alone[0]["expects"] != alone[3]["expects"])
    // A state that is put in again goes on as if it had never been away.
    let state = try #require(alone.last?["state"])
    let further = try ask(series.map { value("a", $0) } + [value("a", 2)])
    let moved = try ask(["{\"client\": \"c\", \"state\": \"\(state)\"}", value("c", 2)])
    #expect(moved[1]["expects"] == further[4]["expects"])
    let wrong = [
      "[", "{}", "3", "{\"client\": 1, \"value\": 1}", "{\"client\": \"a\"}",
      "{\"client\": \"a\", \"value\": NaN}", "{\"client\": \"a\", \"value\": 1e999}",
      "{\"client\": \"a\", \"value\": \"1\"}", "{\"client\": \"a\", \"state\": \"Pw==\"}",
      "{\"client\": \"a\", \"ask\": \"money\"}", String(repeating: "[", count: 100_000),
    ]
    let answers = try ask(wrong + [value("a", 0.5)])
    #expect(answers.dropLast().allSatisfy { $0["error"]?.isEmpty == false }, "\(answers)")
    #expect(answers.last == alone.first)
  }

  @Test("three models in one program give eight threads the results of one")
  func threads() throws {
    try EmbeddedProgram("threads.c").build()
    let result = try EmbeddedProgram.shell("build/threads")
    #expect(result.code == 0 && result.text.hasSuffix(": 0 differ\n"), "\(result.text)")
  }

  @Test(
    "the eight threads have no race",
    .enabled(if: Needed.threadSanitizer, "there is no thread sanitizer")
  )
  func races() throws {
    let program = try EmbeddedProgram("threads.c")
    try program.build()
    let line = try #require(program.commands.first { $0.hasPrefix("cc ") })
    let watched = line.replacing("-O2", with: "-O1 -fsanitize=thread")
      .replacing(/\/lib(\w+)\.a/) { "/\($0.output.1).c" }
      .replacing("build/threads", with: "build/watched")
    // With their C instead of their archives, so that the models' own memory is watched too.
    let built = try EmbeddedProgram.shell(watched)
    try #require(built.code == 0, "\(built.text)")
    let result = try EmbeddedProgram.shell("build/watched")
    #expect(result.code == 0 && result.text.hasSuffix(": 0 differ\n"), "\(result.text)")
  }
}
