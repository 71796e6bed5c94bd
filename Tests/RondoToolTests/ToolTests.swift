import ModelRuntime
import RondoTool
import Testing

@Suite struct ToolTests {
  /// Every wrong use has its code and its first line, and changes no file.
  @Test func refuses() throws {
    let workshop = try Workshop()
    try Platform.makeFolder(Platform.join(workshop.folder, "out"))
    try Platform.replace(Platform.join(workshop.folder, "out/keep.txt"), with: [1, 2, 3])
    let made = workshop.run(
      "train @/reader.graph --data @/text.txt -o @/model --epochs 1 --batch 4 --seed 7"
    )
    try #require(made.code == 0, "\(made.notes)")
    let before = try ["", "out", "model"].map(workshop.contents)
    #expect(WrongUse.table.count >= 30)
    for use in WrongUse.table {
      let outcome = workshop.run(use.line)
      #expect(outcome.code == use.code, "rondo \(use.line): \(outcome)")
      #expect(outcome.firstLine == "rondo: " + use.message, "rondo \(use.line)")
      #expect(outcome.output.isEmpty, "rondo \(use.line)")
      #expect(try ["", "out", "model"].map(workshop.contents) == before, "rondo \(use.line)")
    }
  }

  /// From a definition and a text to a text: files, lines, sample, and going on where it stopped.
  @Test func trainsAndGenerates() throws {
    let workshop = try Workshop()
    let train = "train @/reader.graph --data @/text.txt --batch 4 --rate 0.03"
    let whole = workshop.run("\(train) -o @/whole --epochs 6")
    #expect(whole.code == 0 && whole.notes.isEmpty, "\(whole)")
    let lines = whole.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first?.hasPrefix("reader: ") == true)
    #expect(lines.first?.contains("15 different characters") == true)
    #expect(lines.contains { $0.hasPrefix("epoch 6/6  loss ") && $0.contains("validation") })
    #expect(whole.output.contains("knowing only how often each occurs gives 2."))
    #expect(whole.output.contains("next: rondo generate @/whole"))
    let files = try workshop.contents("whole")
    #expect(
      files.keys.sorted() == [
        "definition.graph", "last.checkpoint", "libreader.so", "log.jsonl", "reader.c", "reader.h",
        "reader.json",
        "reader.safetensors", "vocabulary.json",
      ]
    )
    // In two parts it ends in the same bytes, but for the times in the log.
    #expect(workshop.run("\(train) -o @/parts --epochs 2").code == 0)
    let rest = workshop.run("\(train) -o @/parts --epochs 6 --resume")
    #expect(rest.code == 0 && rest.output.contains("going on after update"), "\(rest)")
    let parts = try workshop.contents("parts")
    for name in ["last.checkpoint", "reader.safetensors", "vocabulary.json", "reader.c"] {
      #expect(parts[name] == files[name], "\(name)")
    }
    // The batch is the run's own, when it goes on without one.
    let plain = "train @/reader.graph --data @/text.txt --rate 0.03 -o @/parts"
    #expect(workshop.run("\(plain) --epochs 7 --resume").code == 0)

    let draw = "generate @/whole --length 30 --seed 3"
    let sample = workshop.run(draw)
    #expect(sample.code == 0 && sample.output.unicodeScalars.count == 31, "\(sample)")
    #expect(workshop.run(draw) == sample)
    #expect(workshop.run(["generate", "@/whole", "--prompt", "to be"]).output.hasPrefix("to be"))
    let searched = workshop.run("generate @/whole --length 10 --beam 2")
    #expect(searched.code == 0 && searched.output.unicodeScalars.count == 11, "\(searched)")
    #expect(workshop.run("generate @/whole --length 10 --beam 2 --seed 5") == searched)
    #expect(workshop.run("generate @/whole --beam 1000").notes.contains("are more than the batch"))
    // With its weights in the library it says the same, and no file is needed.
    let held = workshop.run(
      "build @/reader.graph --size letters=15 --weights @/whole/reader.safetensors -o @/held"
    )
    #expect(held.code == 0 && held.output.contains("read only"), "\(held)")
    #expect(
      try workshop.contents("held").keys.sorted() == [
        "libreader.so", "reader.c", "reader.h", "reader.json", "reader.weights",
        "reader_weights.S", "vocabulary.json",
      ]
    )
    #expect(workshop.run("generate @/held --length 30 --seed 3") == sample)
    let checked = workshop.run("selftest @/whole")
    #expect(checked.code == 0 && checked.notes.isEmpty, "\(checked)")
    #expect(checked.output.contains("is checked from outside"))
    #expect(checked.output.contains("passed   gradients against differences"))
    // Another model may take the folder only when told so, and then leaves nothing of the first.
    let other = "build @/numbers.graph --size width=2 --size time=5 -o @/whole"
    #expect(workshop.run(other).code == 1)
    #expect(workshop.run("\(train) -o @/whole --epochs 1 --overwrite").code == 0)
  }

  /// `build` writes the four files and says how large they are.
  @Test func builds() throws {
    let workshop = try Workshop()
    let built = workshop.run("build @/numbers.graph --size width=2 --size time=5 --batch 3 -o @/n")
    #expect(built.code == 0, "\(built)")
    #expect(built.output.contains("parameters  67"))
    #expect(built.output.contains(/\nstack       at most .* in a function\n/), "\(built.output)")
    #expect(
      try workshop.contents("n").keys.sorted()
        == ["libnumbers.so", "numbers.c", "numbers.h", "numbers.json"]
    )
    let embedded = workshop.run(
      "build @/numbers.graph --size width=2 --size time=5 --host embedded --selftest -o @/e"
    )
    #expect(embedded.code == 0 && embedded.output.contains("data 0 bytes"), "\(embedded)")
    #expect(try workshop.contents("e").keys.contains("libnumbers.a"))
    let checked = workshop.run("selftest @/e")
    #expect(checked.code == 0 && checked.output.contains("numbers checks itself"), "\(checked)")
    let timed = workshop.run(
      "bench @/numbers.graph --entry infer --threads 2 --size width=2 --size time=5 --seconds 0.01 --json -"
    )
    #expect(timed.code == 0 && timed.output.hasPrefix("{\"batch\":1,\"c_bytes\":"), "\(timed)")
    #expect(timed.output.contains("\"model\":\"numbers\",\"threads\":2,\"work_bytes\":"))
  }

  /// A suite is timed in turn with a peer's program, whose arguments say which workload.
  @Test func timesSuites() throws {
    let workshop = try Workshop()
    let suite = Platform.join(workshop.folder, "suite")
    try Platform.makeFolder(suite)
    let model =
      "# Timed: infer, batch 2.\nmodel m {\n  input x: real[2]\n  output tanh(x) as y\n}\n"
    try Platform.replace(Platform.join(suite, "big_m.graph"), with: Array(model.utf8))
    let script = Platform.join(workshop.folder, "peer.sh")
    let peer = """
      [ "$3" = 1 ] || exit 3
      echo loading
      echo "[{\\"workload\\": \\"$1\\", \\"peer\\": \\"turtle\\", \\"median_s\\": 7, \\"min_s\\": $2}]"

      """
    try Platform.replace(script, with: Array(peer.utf8))
    let file = Platform.join(workshop.folder, "all.json")
    let timed = workshop.run(
      ["bench", "--suite", suite, "--rounds", "2", "--seconds", "0.01", "--json", file]
        + ["--peer", "/bin/sh \(script) {workload} 5 {threads}"]
    )
    #expect(timed.code == 0, "\(timed)")
    #expect(timed.output.contains("big-m") && timed.output.contains("turtle"), "\(timed)")
    let results = String(decoding: try Platform.read(file, limit: 1 << 16), as: UTF8.self)
    #expect(results.contains("\"name\" : \"turtle\""), "\(results)")
  }

  /// Stages are printed, and the printed graph is read again.
  @Test func shows() throws {
    let workshop = try Workshop()
    for stage in ["syntax", "graph", "unrolled", "gradient", "optimized", "program", "memory", "c"]
    {
      let shown = workshop.run("show @/reader.graph --emit \(stage) --size letters=3")
      #expect(shown.code == 0 && shown.output.count > 100, "\(stage): \(shown.notes)")
    }
  }

  /// Programs and their memory are shown of one entry alone, and its memory as a picture.
  @Test func showsAnEntry() throws {
    let workshop = try Workshop()
    let programs = workshop.run(
      "show @/reader.graph --emit program --entry train --size letters=3"
    )
    #expect(programs.code == 0 && programs.output.hasPrefix("program train, arena "))
    #expect(!programs.output.contains("program step"))
    let memory = workshop.run("show @/reader.graph --emit memory --entry train --size letters=3")
    #expect(memory.code == 0 && memory.output.hasPrefix("<svg ") && memory.notes.isEmpty)
    #expect(memory.output.contains(">train</text>") && !memory.output.contains(">step</text>"))
  }

  /// Formatting rewrites what is not in the one layout, once.
  @Test func formats() throws {
    let workshop = try Workshop()
    let first = workshop.run("format @/unformatted.graph @/reader.graph")
    #expect(first == Outcome(code: 0, output: "formatted @/unformatted.graph\n", notes: ""))
    #expect(workshop.run("format --check @/unformatted.graph").code == 0)
    let files = try workshop.contents("")
    #expect(files["unformatted.graph"] == Array(Workshop.reader.utf8))
  }

  /// Every command has its help, and the version is one line.
  @Test func helps() throws {
    let workshop = try Workshop()
    #expect(workshop.run("--version").output == "rondo 0.1.0\n")
    let help = workshop.run("--help")
    for command in Tool.commands {
      #expect(help.output.contains("  \(command.name) "))
      let usage = workshop.run("\(command.name) --help")
      #expect(usage.code == 0 && usage.notes.isEmpty)
      #expect(usage.output.hasPrefix("usage: rondo \(command.name)"))
      #expect(workshop.run("help \(command.name)") == usage)
      for option in command.options { #expect(usage.output.contains(option.usage)) }
    }
  }

  /// A terminal sees the bar; what is kept of it is the same lines.
  @Test func drawsBarOnTerminals() throws {
    let workshop = try Workshop()
    let words = "train @/reader.graph --data @/text.txt --batch 4 --epochs 1 -o @/out"
      .split(separator: " ").map(String.init)
    let outcome = workshop.run(words, isTerminal: true)
    #expect(outcome.code == 0)
    #expect(outcome.notes.contains("\repoch 1/1 [") && outcome.notes.hasSuffix("\r\u{1b}[K"))
    #expect(!outcome.output.contains("\u{1b}"))
  }
}

@Suite struct ArgumentsTests {
  /// A command with an option of each kind.
  private let command = Command(
    name: "try",
    operands: "FILE...",
    operandCount: 0...3,
    summary: "tries",
    options: [
      Option("--many", "V", repeats: true, help: "several"),
      Option("--one", "V", letter: "-o", help: "one"), Option("--flag", help: "on"),
    ],
    example: "rondo try"
  ) { _, _ in 0 }

  /// Options and operands come in any order, values beside or after an equals sign.
  @Test func sorts() throws {
    let words = ["a", "--many", "1", "-o", "-", "--many=2=3", "--flag", "--", "--one", "b"]
    let arguments = try Arguments(words, for: command)
    #expect(arguments.operands == ["a", "--one", "b"])
    #expect(arguments.all(command.options[0]) == ["1", "2=3"])
    #expect(arguments.text(command.options[1]) == "-")
    #expect(arguments.has(command.options[2]) && !arguments.asksHelp)
    #expect(try Arguments(["--nothing", "--help"].reversed().dropLast(), for: command).asksHelp)
  }

  /// A value may look like an option, if it is none of this command's.
  @Test func takesValues() throws {
    let arguments = try Arguments(["--one", "--two", "--many", "-5"], for: command)
    #expect(arguments.text(command.options[1]) == "--two")
    #expect(arguments.all(command.options[0]) == ["-5"])
    #expect(throws: UsageError.self) { try Arguments(["--one", "--flag"], for: command) }
    #expect(throws: UsageError.self) { try Arguments(["a", "b", "c", "d"], for: command) }
  }
}
