import ModelRuntime
import Rondo
import Testing

@Suite struct HostileTests {
  /// A definition that is quickly compiled.
  static let small = "model small {\n  input x: real[2]\n  output x + x as y\n}\n"

  /// A workshop with the small definition and its library, and a compiler that hands that out.
  static func workshop() throws -> Workshop {
    let workshop = try Workshop()
    try Platform.replace(workshop.folder + "/small.graph", with: Array(small.utf8))
    let built = workshop.run("build @/small.graph -o @/real")
    try #require(built.code == 0, "\(built)")
    try Platform.replace(workshop.folder + "/cc", with: compiler(workshop), mode: 0o755)
    return workshop
  }

  /// The compiler's text: what it hands out is never seen half, as with a real one.
  private static func compiler(_ workshop: Workshop) -> [UInt8] {
    let text = """
      #!/bin/sh
      if [ "$1" = --version ]; then echo fake 1.0; exit 0; fi
      while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
      exec cp '\(workshop.folder)/real/libsmall.so' "$out"

      """
    return Array(text.utf8)
  }

  /// Names that a shell, an option list or a careless join would take for something else.
  static let names = [
    "a b", "a'b", "a\"b", "a\nb", "$(touch x)", "`touch x`", "-o", "--help", "@file", "~", "a;b",
    "a*",
    "a\\b", "\u{fc}", "a\tb", "%s", "a:b", "a=b", String(repeating: "x", count: 200),
  ]

  /// Output, cache and compiler may be called anything, and what is built there can be loaded.
  @Test func takesAnyName() throws {
    let workshop = try Self.workshop()
    for (number, name) in Self.names.enumerated() {
      let place = Platform.join(workshop.folder, "\(number)/\(name)")
      try Platform.makeFolder(place)
      let compiler = Platform.join(place, name)
      try Platform.replace(compiler, with: Self.compiler(workshop), mode: 0o755)
      let definition = Platform.join(place, name + ".graph")
      try Platform.replace(definition, with: Array(Self.small.utf8))
      let out = Platform.join(place, "out/" + name)
      let cache = Platform.join(place, "cache/" + name)
      let built = workshop.run(["build", definition, "--cc", compiler, "-o", out], cache: cache)
      #expect(built.code == 0 && built.notes.isEmpty, "\(name): \(built)")
      #expect(try Platform.list(out) == ["libsmall.so", "small.c", "small.h", "small.json"])
      let model = try CompiledModel(folder: out)
      let weights = Platform.join(out, name)
      try Session(model).saveWeights(to: weights)
      try Session(model).loadWeights(from: weights)
      let again = workshop.run(["build", definition, "--cc", compiler, "-o", out], cache: cache)
      #expect(again.output.contains("compiled before"), "\(name)")
      #expect(try Platform.list(place).count == 4, "\(name)")
    }
    #expect(try !Platform.list(workshop.folder).contains("x"))
  }

  /// What cannot be a path is said to be none.
  @Test func refusesOtherNames() throws {
    let workshop = try Self.workshop()
    let long = String(repeating: "x", count: 256)
    let deep = String(repeating: "/x234567890", count: 400)
    _ = try Platform.run(
      "/bin/ln",
      ["-s", "loop", workshop.folder + "/loop"],
      environment: [],
      seconds: 20
    )
    let before = try Platform.list(workshop.folder)
    for (path, reason) in [
      ("@/" + long, "File name too long"), ("@" + deep, "File name too long"),
      ("@/loop", "Too many levels of symbolic links"), ("@/loop/x", "Too many levels"),
      ("@/text.txt", "is in the way"), ("@/text.txt/x", "is in the way"), ("@/\0x", "has a NUL"),
    ] {
      let words = ["build", "@/small.graph", "--cc", "@/cc", "-o"]
      let built = workshop.run(words + [path])
      #expect(built.code == 1 && built.output.isEmpty, "\(path.prefix(20)): \(built)")
      #expect(built.notes.contains(reason), "\(path.prefix(20)): \(built.notes)")
      // Without a place for the cache the build goes on, and says that nothing is kept.
      let unkept = workshop.run(words + ["@/out"], cache: path)
      #expect(unkept.code == 0, "\(path.prefix(20)): \(unkept)")
      #expect(unkept.notes.hasPrefix("rondo: nothing is kept for the next time: "), "\(unkept)")
      try Platform.remove(workshop.folder + "/out")
      #expect(try Platform.list(workshop.folder) == before)
    }
  }

  /// Bytes that are no text would come out as another name, so they are refused wherever they come from.
  @Test(.enabled(if: ChildTool.path != nil, "the tool is not beside the tests"))
  func refusesBytesThatAreNoText() throws {
    let workshop = try Self.workshop()
    let odd = "$(printf 'odd\\377')"
    let before = try Platform.list(workshop.folder)
    let output = try ChildTool.shell("rondo build small.graph -o \"\(odd)\"", in: workshop)
    #expect(output.ending == .exited(2) && output.text.contains("is not UTF-8"), "\(output)")
    let line = "rondo build small.graph --cc ./cc -o out"
    let cache = try ChildTool.shell("RONDO_CACHE=\"/tmp/\(odd)\" \(line)", in: workshop)
    #expect(cache.ending == .exited(0), "\(cache)")
    #expect(
      cache.text.hasPrefix("rondo: nothing is kept for the next time: RONDO_CACHE"),
      "\(cache)"
    )
    let compiler = try ChildTool.shell("CC=\"\(odd)\" rondo build small.graph", in: workshop)
    #expect(compiler.ending == .exited(1) && compiler.text.contains("is not UTF-8"), "\(compiler)")
    let there = "mkdir \"\(odd)\"; cd \"\(odd)\"; "
    let inside = try ChildTool.shell(
      there + "rondo build ../small.graph --cc ../cc -o ../out",
      in: workshop
    )
    #expect(inside.ending == .exited(1) && inside.text.contains("is not UTF-8"), "\(inside)")
    _ = try ChildTool.shell("rm -r \"\(odd)\" out", in: workshop)
    #expect(try Platform.list(workshop.folder) == before)
  }

  /// Nothing of the caller's environment or folder changes what is compiled.
  @Test(.enabled(if: ChildTool.path != nil, "the tool is not beside the tests"))
  func ignoresEnvironment() throws {
    let workshop = try Workshop()
    try Platform.replace(workshop.folder + "/small.graph", with: Array(Self.small.utf8))
    let trap = Platform.join(workshop.folder, "trap")
    try Platform.makeFolder(trap)
    for header in [
      "math.h", "stdint.h", "stddef.h", "stdlib.h", "string.h", "immintrin.h", "specs",
    ] {
      try Platform.replace(Platform.join(trap, header), with: Array("#error trapped\n".utf8))
    }
    for program in ["cc", "gcc", "as", "ld", "cc1", "collect2"] {
      let text = Array("#!/bin/sh\necho trapped; exit 9\n".utf8)
      try Platform.replace(Platform.join(trap, program), with: text, mode: 0o755)
    }
    let path = Platform.environment["PATH"] ?? "/usr/bin:/bin"
    var hostile = [("PATH", ".:\(path)"), ("HOME", trap), ("PWD", trap), ("TMPDIR", trap)]
    for name in [
      "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "SDKROOT",
      "LD_RUN_PATH", "GCC_ROOT", "GCC_COMPARE_DEBUG", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES",
    ] { hostile.append((name, trap)) }
    hostile += [
      ("GCC_EXEC_PREFIX", trap + "/"), ("CCC_OVERRIDE_OPTIONS", "#+-ffast-math"),
      ("CFLAGS", "-ffast-math"), ("CPPFLAGS", "-DTRAPPED"), ("LDFLAGS", "-static"),
      ("LD_OPTIONS", "-static"), ("SOURCE_DATE_EPOCH", "0"), ("CLICOLOR_FORCE", "1"),
    ]
    let line = "rondo build ../small.graph --batch 2 -o ../"
    let plain = try ChildTool.shell("cd trap; \(line)plain", in: workshop)
    #expect(plain.ending == .exited(0), "\(plain)")
    _ = try ChildTool.shell("rm -r cache", in: workshop)
    let before = try Platform.list(trap)
    let trapped = try ChildTool.shell("cd trap; \(line)trapped", in: workshop, environment: hostile)
    #expect(trapped.ending == .exited(0) && trapped.text.contains("compiled in"), "\(trapped)")
    #expect(try workshop.contents("plain") == workshop.contents("trapped"))
    #expect(try Platform.list(trap) == before)
  }

  /// Who stops the tool stops the C compiler too, and what it had begun is cleared away.
  @Test(.enabled(if: ChildTool.path != nil, "the tool is not beside the tests"))
  func stopsTheCompiler() throws {
    let workshop = try Self.workshop()
    let slow = "#!/bin/sh\n[ $1 = --version ] && exit 0\necho $$ > pid\nsleep 100\n"
    try Platform.replace(workshop.folder + "/slow", with: Array(slow.utf8), mode: 0o755)
    let line = """
      "$RONDO" build small.graph --cc ./slow -o out & child=$!
      until [ -s pid ]; do sleep 0.01; done
      kill -TERM $child; wait $child; echo "code $?"
      kill -0 $(cat pid) 2> none || echo gone
      """
    let stopped = try ChildTool.shell(line, in: workshop)
    let lines = stopped.text.split(separator: "\n")
    #expect(lines.first?.hasSuffix(": it was stopped") == true, "\(stopped)")
    #expect(lines.suffix(2) == ["code 130", "gone"], "\(stopped)")
    #expect(try Platform.list(workshop.folder + "/cache/work") == [])
  }
}

@Suite(.enabled(if: ChildTool.path != nil, "the tool is not beside the tests"))
struct SharedCacheTests {
  /// Four processes at a time want one entry, which is damaged again and again: all get the whole one.
  @Test func isOneForAll() throws {
    let workshop = try HostileTests.workshop()
    let rounds = 20
    let line = """
      for worker in 1 2 3 4; do
        ( for round in $(seq \(rounds)); do
            rondo build small.graph --cc ./cc -o out-$worker >> log-$worker 2>&1 || exit 1
            {
              [ $worker = 1 ] && for file in cache/*/small.h; do echo x > $file; done
              [ $worker = 2 ] && rm -f cache/*/libsmall.so
              [ $worker = 3 ] && [ $round = 9 ] && rm -r cache/????????????*
            } 2>> none
            cmp out-$worker/libsmall.so real/libsmall.so || exit 2
          done; true ) || echo failed &
      done; wait; cat log-* | grep -v '^[a-zC]' || true
      """
    let race = try ChildTool.shell(line, in: workshop)
    #expect(race.ending == .exited(0) && race.text.isEmpty, "\(race)")
    #expect(workshop.run("build @/small.graph --cc @/cc -o @/out").code == 0)
    let last = workshop.run("build @/small.graph --cc @/cc -o @/out")
    #expect(last.output.contains("compiled before"))
    let cache = Platform.join(workshop.folder, "cache")
    #expect(try Platform.list(cache + "/work") == [])
    // The real compiler's entry and this one's; nothing else was left.
    for entry in try Platform.list(cache) where entry != "work" && entry != "compilers" {
      let files = try Platform.list(cache + "/" + entry)
      #expect(
        files.allSatisfy { ["libsmall.so", "small.c", "small.h", "small.json"].contains($0) }
      )
    }
    #expect(try Platform.list(cache).count <= 4)
  }
}
