import ModelRuntime
import RondoTool
import Testing

/// What helps those who change the compiler.
@Suite struct DevelopmentAidsTests {
  /// A draw at each step, which a pass moves out of the scan before it is lowered.
  private static let noisy = """
    model noisy {
      axis time <= 4
      input x: real[3] over time
      scan over time {
        state h: real[3] = 0
        next h = tanh(h + x + normal(3))
      }
      output h
    }

    """

  /// A workshop that has the noisy definition.
  private func noisyWorkshop() throws -> Workshop {
    let workshop = try Workshop()
    let path = Platform.join(workshop.folder, "noisy.graph")
    try Platform.replace(path, with: Array(Self.noisy.utf8))
    return workshop
  }

  /// The names of the files that faults left.
  private func kept(in workshop: Workshop) throws -> [String] {
    try Platform.list(workshop.folder).filter { $0.hasPrefix("rondo-bug") }
  }

  /// A fault of ours is told with a file, which shows it again; it is written once.
  @Test func keepsGraphs() throws {
    let workshop = try noisyWorkshop()
    let printed = Platform.join(workshop.folder, "printed.graph")
    let text = workshop.run("show @/noisy.graph --emit graph").output
    try Platform.replace(printed, with: Array(text.utf8))
    // This graph is not optimised, whatever is said of it: lowering meets the draw in its step.
    let failing = "show @/printed.graph --from optimized --emit c"
    let failed = workshop.run(failing)
    let message = "internal error: lowering: a draw in a step, which is hoisted"
    #expect(failed.code == 70 && failed.notes.contains(message), "\(failed)")
    #expect(workshop.run(failing) == failed)
    let names = try kept(in: workshop)
    #expect(names.count == 1 && names[0].hasPrefix("rondo-bug-lowering-infer-"), "\(names)")
    #expect(failed.notes.contains("to see it again: rondo reproduce @/\(names[0])"))
    let again = workshop.run("reproduce @/\(names[0])")
    #expect(again.code == 70 && again.notes.contains(message), "\(again)")
    #expect(try kept(in: workshop) == names)
    // What comes from the definition itself is no fault, and leaves nothing more.
    #expect(workshop.run("show @/noisy.graph --emit c").code == 0)
    #expect(workshop.run("build @/wrong.graph -o @/out").code == 1)
    #expect(workshop.run("reproduce @/printed.graph").code == 1)
    #expect(try kept(in: workshop) == names)
  }

  /// C that a compiler refuses is kept with the command; a compiler that just fails leaves nothing.
  @Test func keepsSources() throws {
    let workshop = try noisyWorkshop()
    let compiler = Platform.join(workshop.folder, "cc")
    func install(_ line: String) throws {
      let text = """
        #!/bin/sh
        [ "$1" = --version ] && echo fake && exit 0
        case "$*" in *probe.c*) exit 0;; esac
        \(line)

        """
      try Platform.replace(compiler, with: Array(text.utf8), mode: 0o755)
    }
    let build = "build @/noisy.graph --cc @/cc -o @/built"
    try install("echo 'fatal error: No space left on device' >&2; exit 1")
    #expect(workshop.run(build).code == 1)
    #expect(try kept(in: workshop).isEmpty)
    try install("echo \"noisy.c:7:3: error: planted\" >&2; exit 1")
    let failed = workshop.run(build)
    #expect(failed.code == 70 && workshop.run(build).code == 70, "\(failed)")
    let names = try kept(in: workshop)
    try #require(names.count == 1 && names[0].hasPrefix("rondo-bug-cc-"), "\(names)")
    #expect(failed.notes.contains("please report it with @/\(names[0])"))
    let files = try workshop.contents(names[0])
    #expect(files.keys.sorted() == ["compile.sh", "noisy.c", "noisy.h"])
    let script = Platform.join(workshop.folder, names[0] + "/compile.sh")
    func compile() throws -> Platform.ProcessResult {
      try Platform.run("/bin/sh", [script], environment: [("PATH", "/usr/bin:/bin")], seconds: 60)
    }
    let refused = try compile()
    #expect(refused.ending == .exited(1))
    #expect(String(decoding: refused.output, as: UTF8.self).contains("planted"))
    // The script compiles in its own folder, wherever it is called from.
    try install("exec cc -fsyntax-only -w noisy.c")
    #expect(try compile().ending == .exited(0))
  }

  /// What is not changed is shown to be so; what is, is named with how many lines.
  @Test func replays() throws {
    let workshop = try noisyWorkshop()
    let saved = workshop.run(
      "replay --save @/kept @/noisy.graph @/numbers.graph @/wrong.graph --count 1 --seed 5"
    )
    #expect(saved == Outcome(code: 0, output: "4 definitions are kept in @/kept\n", notes: ""))
    let again = workshop.run("replay --against @/kept")
    let same = "4 definitions compiled again: no text differs\n"
    #expect(again == Outcome(code: 0, output: same, notes: ""))
    let noisy = Platform.join(workshop.folder, "noisy.graph")
    let louder = Self.noisy.replacing("normal(3)", with: "2 * normal(3)")
    try Platform.replace(noisy, with: Array(louder.utf8))
    let changed = workshop.run("replay --against @/kept")
    #expect(changed.code == 1)
    let lines = changed.output.split(separator: "\n")
    #expect(lines.contains { $0.contains("/strict/noisy.c: ") && $0.contains(" lines gone, ") })
    #expect(lines.contains { $0.contains("/strict/noisy.json: ") })
    #expect(!lines.contains { $0.contains("numbers") })
    try Platform.replace(noisy, with: Array("model noisy {}\n".utf8))
    let refused = workshop.run("replay --against @/kept").output
    #expect(refused.contains("/fast/noisy.c: is gone\n"))
    #expect(refused.contains("/fast/refused.txt: is new\n"))
    #expect(workshop.run("replay --save @/kept @/noisy.graph").code == 1)
  }

  /// Every command that compiles shows passes and times, beside its result.
  @Test(arguments: [
    "show @/numbers.graph --emit c", "build @/numbers.graph -o @/n",
    "bench @/numbers.graph --entry infer --seconds 0.01",
    "train @/reader.graph --data @/text.txt --batch 4 --epochs 1 -o @/r",
  ])
  func traces(line: String) throws {
    let workshop = try Workshop()
    let sizes = line.hasPrefix("train") ? "" : " --size width=2 --size time=5"
    let result = workshop.run("\(line)\(sizes) --print-after hoist --time-passes")
    #expect(result.code == 0, "\(result)")
    #expect(result.notes.hasPrefix("# after hoist: "))
    var parts = ["elaboration", "hoist", "verification", "lowering", "writing C", "all"]
    if !line.hasPrefix("show") { parts.append("compiling C") }
    for part in parts { #expect(result.notes.contains("  \(part)\n"), "\(part)") }
    #expect(!result.output.contains("# after"))
    let unknown = workshop.run("\(line)\(sizes) --print-after hoits")
    #expect(unknown.code == 2 && unknown.firstLine.hasPrefix("rondo: there is no pass 'hoits'"))
  }
}
