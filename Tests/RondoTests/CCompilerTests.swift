import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

/// Runs `body` in a new folder that is removed afterwards.
func inFolder(_ body: (String) throws -> Void) throws {
  let folder = try Platform.makePrivateFolder(in: "/tmp")
  defer { try? Platform.remove(folder) }
  try body(folder)
}

/// Writes a program that says a version and then does what `line` says; `$out` is its output.
func fakeCompiler(_ line: String, at path: String) throws {
  let text = """
    #!/bin/sh
    if [ "$1" = --version ]; then echo fake 1.0; exit 0; fi
    while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
    \(line)

    """
  try Platform.replace(path, with: Array(text.utf8), mode: 0o755)
}

/// A function that answers 42, without a declaration to quarrel about.
let answer = Array(
  "__attribute__((visibility(\"default\"))) int answer(void) { return 42; }\n".utf8
)

@Suite struct CCompilerTests {
  /// It is found by option, by variable, by name and by path, in this order.
  @Test func finds() throws {
    try inFolder { folder in
      let fake = Platform.join(folder, "my cc")
      try fakeCompiler("exit 0", at: fake)
      func path(_ option: String?, _ environment: [String: String]) throws -> CCompiler {
        try CCompiler.find(option: option, environment: environment)
      }
      #expect(try path(fake, ["CC": "/bin/false"]).path == fake)
      #expect(try path(nil, ["CC": fake, "PATH": ""]).path == fake)
      #expect(try path(nil, ["CC": "my cc", "PATH": ".::x:\(folder)"]).path == fake)
      #expect(try path(fake, [:]).version == "fake 1.0")
      let plain = Platform.join(folder, "cc2")
      try fakeCompiler("exit 0", at: plain)
      let words = try path(plain + " -m64 -x", [:])
      #expect(words.leading == ["-m64", "-x"])
      for wrong in ["/nonexistent", "-cc", "@x", "", " ", "a\0b", folder, "~/cc", "$(x)"] {
        let error = #expect(throws: RuntimeError.self) { try path(wrong, [:]) }
        #expect(error?.hint?.contains("--cc") == true)
      }
      // A folder that is not absolute is not looked into, wherever one happens to be.
      #expect(throws: RuntimeError.self) { try path("my cc", ["PATH": ".:"]) }
    }
  }

  /// What every compiler of this machine makes can be loaded and answers.
  @Test(arguments: ["cc", "gcc", "clang", "tcc"])
  func compiles(name: String) throws {
    guard let compiler = try? CCompiler.find(option: name, environment: Platform.environment)
    else { return }
    try inFolder { folder in
      let library = try compiler.compile(answer, name: "answer", scratch: folder)
      #expect(try Platform.list(folder) == [])
      let path = Platform.join(folder, name + ".so")
      try Platform.replace(path, with: library.bytes)
      let loaded = try Platform.Library(at: path)
      let symbol = try #require(loaded.symbol("answer"))
      #expect(unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)() == 42)
      #expect(!library.flags.contains { $0.contains("fast") })
    }
  }

  /// Every wrong compiler is an error that says so, leaves nothing and takes no longer than it may.
  @Test(arguments: [
    ("exit 1", "with code 1"),
    ("echo broken >&2; exit 1", "with code 1"),
    ("exit 0", "made no library"),
    ("sleep 1000", "took more than 1.0 seconds"),
    ("yes", "printed more than the limit"),
    ("head -c 100000000 /dev/zero; exit 0", "printed more than the limit"),
    ("kill -9 $$", "killed by signal 9"),
    ("kill -11 $$", "killed by signal 11"),
    (": > \"$out\"", "made no whole library"),
    ("head -c 5000 /bin/sh > \"$out\"", "made no whole library"),
    ("echo text > \"$out\"", "made no whole library"),
    ("mkdir \"$out\"", "made no library"),
    ("ln -s /bin/sh \"$out\"", "made no library"),
    ("mkfifo \"$out\"", "made no library"),
    ("head -c 64 /bin/sh > \"$out\"; exit 1", "with code 1"),
    ("echo 'No space left on device' >&2; exit 4", "with code 4"),
    ("sleep 1000 & sleep 1000", "took more than 1.0 seconds"),
    (
      "cat /bin/ls > \"$out\"; printf '\\267' | dd of=\"$out\" bs=1 seek=18 conv=notrunc",
      "another arch"
    ),
    (
      "cat /bin/ls > \"$out\"; printf '\\001' | dd of=\"$out\" bs=1 seek=4 conv=notrunc",
      "another arch"
    ),
    (
      "cat /bin/ls > \"$out\"; printf '\\002' | dd of=\"$out\" bs=1 seek=16 conv=notrunc",
      "something else"
    ),
  ])
  func refusesWrongCompilers(line: String, message: String) throws {
    try inFolder { folder in
      let path = Platform.join(folder, "cc")
      // The trial of the flags passes, so that the compilation itself is what fails.
      try fakeCompiler("case \"$out\" in *probe.so) exit 0;; esac; \(line)", at: path)
      let compiler = try CCompiler.find(option: path, environment: [:])
      let start = Platform.now
      let error = #expect(throws: RuntimeError.self) {
        try compiler.compile(
          answer,
          name: "answer",
          options: .init(seconds: 1, outputLimit: 1 << 16),
          scratch: folder
        )
      }
      #expect(Platform.now - start < 10)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
      #expect(error?.details.first?.contains("-shared") == true)
      #expect(try Platform.list(folder) == ["cc"])
    }
  }

  /// What is found and cannot be started is an error that says why and what to do.
  @Test func refusesWhatDoesNotStart() throws {
    try inFolder { folder in
      let elf: [UInt8] = [
        0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xf3, 0,
      ]
      let cases: [(name: String, bytes: [UInt8], mode: UInt32, message: String)] = [
        ("plain", Array("#!/bin/sh\n".utf8), 0o644, "there is no C compiler"),
        ("foreign", elf + [UInt8](repeating: 0, count: 200), 0o755, "cannot run"),
        ("empty", [], 0o755, "cannot run"),
        ("text", Array("not a program\n".utf8), 0o755, "cannot run"),
        ("orphan", Array("#!/nonexistent/sh\n".utf8), 0o755, "cannot run"),
        ("mute", Array("#!/bin/sh\nexit 3\n".utf8), 0o755, "does not say its version with code 3"),
        ("slow", Array("#!/bin/sh\nsleep 100\n".utf8), 0o755, "more than 0.3 seconds"),
        ("loud", Array("#!/bin/sh\nyes\n".utf8), 0o755, "more than the limit"),
      ]
      for item in cases {
        let path = Platform.join(folder, item.name)
        try Platform.replace(path, with: item.bytes, mode: item.mode)
        let error = #expect(throws: RuntimeError.self) {
          try CCompiler.find(
            option: path,
            environment: [:],
            seconds: item.name == "slow" ? 0.3 : 20
          )
        }
        let message = error?.message ?? ""
        #expect(message.contains(item.message), "\(item.name): \(message)")
        #expect(error?.hint?.contains("--cc") == true, "\(item.name)")
      }
      let loop = Platform.join(folder, "loop")
      _ = try Platform.run("/bin/ln", ["-s", loop, loop], environment: [], seconds: 10)
      for wrong in [loop, folder + "/" + String(repeating: "x", count: 5000), "a\u{fffd}"] {
        #expect(throws: RuntimeError.self) { try CCompiler.find(option: wrong, environment: [:]) }
      }
    }
  }

  /// One that knows less is used without what it does not know; when it fails, that is said.
  @Test func namesOldCompilers() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "cc")
      let old = "for f in $all; do [ $f = -std=gnu11 ] && exit 1; done;"
      let text = """
        #!/bin/sh
        if [ "$1" = --version ]; then echo old 0.1; exit 0; fi
        all="$*"; while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
        \(old) case "$out" in *probe.so) exit 0;; esac; echo 'for loop initial declaration'; exit 1

        """
      try Platform.replace(path, with: Array(text.utf8), mode: 0o755)
      let compiler = try CCompiler.find(option: path, environment: [:])
      let error = #expect(throws: RuntimeError.self) {
        try compiler.compile(answer, name: "answer", scratch: folder)
      }
      #expect(error?.message == "the C compiler failed on answer.c with code 1")
      #expect(error?.hint?.contains("too old: it does not know -std=gnu11;") == true)
    }
  }

  /// A program that is known is not started again, until its file is another.
  @Test func remembersVersions() throws {
    try inFolder { folder in
      let cache = try ArtifactCache(folder: folder + "/cache")
      let path = Platform.join(folder, "cc")
      // A real program, since what a script starts may change unseen.
      try Platform.replace(path, with: Platform.read("/bin/echo"), mode: 0o755)
      func version() throws -> String {
        try CCompiler.find(option: path, environment: [:], cache: cache).version
      }
      let said = try version()
      #expect(said.contains("echo"))
      let status = try #require(try Platform.status(path))
      KnownCompiler(path, status, in: cache).remember("planted")
      #expect(try version() == "planted")
      // What was kept is of no use once it is not what was written.
      let kept = Platform.join(cache.folder, "compilers")
      for file in try Platform.list(kept) {
        try Platform.replace(Platform.join(kept, file), with: Array("forged\n00".utf8))
      }
      #expect(try version() == said)
      KnownCompiler(path, status, in: cache).remember("planted")
      try Platform.replace(path, with: Platform.read("/bin/echo"), mode: 0o755)
      #expect(try version() == said)
      try fakeCompiler("exit 0", at: path)
      #expect(try version() == "fake 1.0")
      try fakeCompiler("exit 1", at: path + "2")
      KnownCompiler(path + "2", status, in: cache).remember("planted")
      #expect(
        try CCompiler.find(option: path + "2", environment: [:], cache: cache).version == "fake 1.0"
      )
    }
  }

  /// A compiler that cannot do anything at all is told apart from a text it cannot compile.
  @Test func refusesUselessCompiler() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "cc")
      try fakeCompiler("echo no; exit 7", at: path)
      let compiler = try CCompiler.find(option: path, environment: [:])
      let error = #expect(throws: RuntimeError.self) {
        try compiler.compile(answer, name: "answer", scratch: folder)
      }
      #expect(error?.message.contains("empty function with code 7") == true)
      #expect(error?.details.last == "no")
    }
  }

  /// The message shows the command and what was printed, without control characters.
  @Test func showsWhatFailed() throws {
    let compiler = try TinyModel.compiler()
    try inFolder { folder in
      let error = #expect(throws: RuntimeError.self) {
        try compiler.compile(Array("int x = ;\n".utf8), name: "answer", scratch: folder)
      }
      #expect(error?.message == "the C compiler failed on answer.c with code 1")
      #expect(error?.details.contains { $0.contains("error") } == true)
      #expect(error?.description.contains("\n  ") == true)
      for cpu in ["no-such-processor", "x -o y", "", "$(x)", "a\nb"] {
        #expect(throws: RuntimeError.self) {
          try compiler.compile(answer, name: "answer", options: .init(cpu: cpu), scratch: folder)
        }
      }
      for name in ["", "../x", "-o", "@x", "a b", "a\0"] {
        #expect(throws: RuntimeError.self) {
          try compiler.compile(answer, name: name, scratch: folder)
        }
      }
    }
  }

  /// Folders of any name do, because no shell and no option list ever sees them.
  @Test(arguments: ["a b", "a'b\"c", "a\nb", "-o", "@file", "$(touch x)", "`x`", "~", "ü", "a;b"])
  func compilesInFolders(name: String) throws {
    let compiler = try TinyModel.compiler()
    try inFolder { folder in
      let scratch = Platform.join(folder, name)
      try Platform.makeFolder(scratch)
      let library = try compiler.compile(
        answer,
        name: "answer",
        options: .init(optimization: 0),
        scratch: scratch
      )
      #expect(!library.bytes.isEmpty)
      #expect(try Platform.list(folder) == [name])
    }
  }

  /// The child sees four variables, and none of ours.
  @Test func scrubsEnvironment() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "cc")
      try fakeCompiler("case \"$out\" in *probe.so) exit 0;; esac; env; exit 1", at: path)
      let hostile = [
        "CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH",
        "CCC_OVERRIDE_OPTIONS", "SDKROOT", "LD_PRELOAD", "LD_LIBRARY_PATH", "TMPDIR", "CFLAGS",
      ]
      var environment = ["PATH": folder + ":."]
      for name in hostile { environment[name] = "/hostile" }
      let compiler = try CCompiler.find(environment: environment)
      let error = #expect(throws: RuntimeError.self) {
        try compiler.compile(answer, name: "answer", scratch: folder)
      }
      let seen = try #require(error?.details.dropFirst())
      let names = Set(seen.compactMap { $0.split(separator: "=").first.map(String.init) })
      // The shell that stands in for a compiler adds these of its own.
      #expect(
        names.subtracting(["PWD", "SHLVL", "_", "OLDPWD"]) == ["PATH", "LC_ALL", "HOME", "TMPDIR"]
      )
      #expect(!seen.contains { $0.contains("/hostile") })
    }
  }
}
