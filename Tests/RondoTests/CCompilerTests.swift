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
