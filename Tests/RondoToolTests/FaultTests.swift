import ModelRuntime
import Testing

@Suite(.enabled(if: ChildTool.canTrace, "strace is not there, or may not trace"))
struct FaultTests {
  /// What can go wrong in each call that saves a file.
  private static let errors: [String: [String]] = [
    "openat": ["ENOSPC", "EACCES", "EROFS", "EMFILE", "EDQUOT"],
    "write": ["ENOSPC", "EIO", "EDQUOT", "EFBIG"],
    "fsync": ["EIO", "ENOSPC", "EDQUOT"],
    "close": ["EIO", "ENOSPC"],
    "rename": ["EIO", "ENOSPC", "EROFS", "EACCES"],
  ]
  /// How the system says it.
  private static let reasons = [
    "ENOSPC": "No space left on device", "EACCES": "Permission denied",
    "EROFS": "Read-only file system", "EMFILE": "Too many open files",
    "EDQUOT": "Disk quota exceeded", "EIO": "Input/output error", "EFBIG": "File too large",
  ]

  /// A file that cannot be saved is said to be so with the reason, the old stays, and nothing is left.
  @Test func keepsOldFiles() throws {
    let workshop = try Workshop()
    let path = Platform.join(workshop.folder, "unformatted.graph")
    let old = try Platform.read(path)
    let line = "format @/unformatted.graph"
    let calls = try ChildTool.saving("unformatted.graph", by: line, in: workshop)
    #expect(
      calls.map(\.name)
        == ["openat", "write", "fsync", "close", "rename", "openat", "fsync", "close"]
    )
    let new = try Platform.read(path)
    let log = Platform.join(workshop.folder, "strace.log")
    try Platform.replace(log, with: [])
    let before = try Platform.list(workshop.folder)
    for (place, call) in calls.enumerated() {
      let interruption = call.name == "rename" ? [] : ["EINTR"]
      for error in (Self.errors[call.name] ?? []) + interruption {
        try Platform.replace(path, with: old)
        let inject = "inject=\(call.name):error=\(error):when=\(call.ordinal)"
        let options = ["-o", log, "-e", "trace=\(call.name)", "-e", inject]
        let (ending, text) = try ChildTool.run(line, in: workshop, tracing: options)
        let name = "\(error) at \(call.name) \(place): \(ending) \(text)"
        #expect(try Platform.list(workshop.folder) == before, "\(name)")
        let now = try Platform.read(path)
        // An interruption is gone on from; a folder that is closed badly has lost nothing.
        if error == "EINTR" || place == 7 {
          #expect(ending == .exited(0) && now == new, "\(name)")
          continue
        }
        #expect(ending == .exited(1), "\(name)")
        // Past the rename the new file stands, and may not survive a loss of power: that is said.
        #expect(now == (place < 5 ? old : new), "\(name)")
        let message =
          place < 5 ? "cannot write '@/unformatted.graph': " : "cannot synchronize '@': "
        #expect(text.hasSuffix(message + (Self.reasons[error] ?? "?") + "\n"), "\(name)")
      }
    }
  }

  /// A checkpoint's writing that is killed at any of its calls leaves the old one or the new one.
  @Test func keepsCheckpoints() throws {
    let workshop = try Workshop()
    let train = "train @/reader.graph --data @/text.txt --batch 16"
    #expect(workshop.run("\(train) -o @/base --epochs 1").code == 0)
    #expect(workshop.run("\(train) -o @/whole --epochs 2").code == 0)
    func copy() throws {
      try Platform.remove(Platform.join(workshop.folder, "out"))
      try Platform.makeFolder(Platform.join(workshop.folder, "out"))
      for (name, bytes) in try workshop.contents("base") {
        try Platform.replace(Platform.join(workshop.folder, "out/" + name), with: bytes)
      }
    }
    let line = "\(train) -o @/out --epochs 2 --resume"
    try copy()
    let calls = try ChildTool.saving("last.checkpoint", by: line, in: workshop)
    #expect(calls.count == 8)
    let whole = try workshop.contents("whole")
    let old = try workshop.contents("base")["last.checkpoint"]
    let path = Platform.join(workshop.folder, "out/last.checkpoint")
    let log = Platform.join(workshop.folder, "strace.log")
    for (place, call) in calls.enumerated() {
      try copy()
      let inject = "inject=\(call.name):signal=KILL:when=\(call.ordinal)"
      let options = ["-o", log, "-e", "trace=\(call.name)", "-e", inject]
      let (ending, text) = try ChildTool.run(line, in: workshop, tracing: options)
      #expect(ending == .killed(signal: 9), "\(place): \(text)")
      let bytes = try Platform.read(path)
      #expect(bytes == (place < 5 ? old : whole["last.checkpoint"]), "\(place)")
      #expect((try? Checkpoint(path: path)) != nil)
    }
  }
}

@Suite(.enabled(if: ChildTool.path != nil, "the tool is not beside the tests"))
struct KilledRunTests {
  /// A run that is killed again and again, and goes on each time, ends in the bytes of one that was not.
  @Test func endsTheSame() throws {
    let workshop = try Workshop()
    let train = "train @/reader.graph --data @/text.txt --batch 4 --epochs 2 --save-every 1"
    #expect(workshop.run("\(train) -o @/whole").code == 0)
    let checkpoint = Platform.join(workshop.folder, "out/last.checkpoint")
    var kills = 0
    for _ in 0..<12 where kills < 4 {
      let resume = try Platform.status(checkpoint) == nil ? "" : " --resume"
      // The shell's own child is killed, somewhere after it has saved so often.
      let saves = Int.random(in: 1...9)
      let line = """
        "$RONDO" \(train.replacing("@", with: ".")) -o out\(resume) > none & child=$!
        seen=0; last=
        while [ $seen -lt \(saves) ] && kill -0 $child 2> none; do
          now=$(stat -c %i-%Y-%z out/last.checkpoint 2> none)
          [ "$now" = "$last" ] || { seen=$((seen + 1)); last=$now; }
        done
        kill -KILL $child 2> none && echo killed; wait $child
        """
      kills += try ChildTool.shell(line, in: workshop).text.contains("killed") ? 1 : 0
      if try Platform.status(checkpoint) != nil { _ = try Checkpoint(path: checkpoint) }
    }
    #expect(kills >= 2)
    let rest = workshop.run("\(train) -o @/out --resume")
    #expect(rest.code == 0, "\(rest)")
    let (whole, parts) = try (workshop.contents("whole"), workshop.contents("out"))
    for name in ["last.checkpoint", "reader.safetensors", "vocabulary.json", "reader.c"] {
      #expect(parts[name] == whole[name] && whole[name] != nil, "\(name)")
    }
    let lines = parts["log.jsonl"]?.count { $0 == UInt8(ascii: "\n") }
    #expect(lines == 2)
  }

  /// Output that does not reach its file is no success; a disk that fills up in the middle neither.
  @Test func saysWhatIsLost() throws {
    let workshop = try Workshop()
    let full = try ChildTool.shell(
      "rondo show reader.graph --emit c --size letters=3 > /dev/full",
      in: workshop
    )
    #expect(full.ending == .exited(1))
    #expect(full.text == "rondo: the output could not be written: No space left on device\n")
    let gone = try ChildTool.shell(
      "rondo show reader.graph --emit c --size letters=3 | true",
      in: workshop
    )
    #expect(gone.ending == .exited(0) && gone.text.isEmpty, "\(gone)")
    // No file may have more than 512 bytes: the first part is written, and then no more.
    let text = String(repeating: "# a long line of a definition\n", count: 100)
    let path = Platform.join(workshop.folder, "long.graph")
    try Platform.replace(path, with: Array((text + " " + Workshop.numbers).utf8))
    let old = try Platform.read(path)
    let limit = "trap '' XFSZ; ulimit -f 1; "
    let cut = try ChildTool.shell(limit + "rondo format long.graph", in: workshop)
    #expect(cut.ending == .exited(1))
    #expect(cut.text.contains("cannot write '") && cut.text.contains("File too large"), "\(cut)")
    #expect(try Platform.read(path) == old)
    #expect(try !Platform.list(workshop.folder).contains { $0.hasPrefix(".rondo") })
  }
}
