import Testing

@testable import ModelRuntime

/// Runs `body` in a new folder that is removed afterwards.
func inFolder(_ body: (String) throws -> Void) throws {
  let folder = try Platform.makePrivateFolder(in: "/tmp")
  defer { try? Platform.remove(folder) }
  try body(folder)
}

@Suite struct PlatformTests {
  /// A file is replaced whole, and nothing else is left in the folder.
  @Test func replaces() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "a file\n'\"$(x)`")
      try Platform.replace(path, with: [1, 2, 3])
      try Platform.replace(path, with: [4], mode: 0o600)
      #expect(try Platform.read(path) == [4])
      #expect(try Platform.status(path)?.mode == 0o600)
      #expect(try Platform.list(folder).count == 1)
    }
  }

  /// When it cannot be replaced, the old stays and no temporary file is left.
  @Test func replaceFails() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "taken")
      try Platform.makeFolder(Platform.join(path, "inside"))
      #expect(throws: RuntimeError.self) { try Platform.replace(path, with: [1]) }
      #expect(try Platform.list(folder) == ["taken"])
      #expect(throws: RuntimeError.self) {
        try Platform.replace(Platform.join(folder, "none/x"), with: [1])
      }
      #expect(throws: RuntimeError.self) { try Platform.replace(folder + "/", with: [1]) == () }
    }
  }

  /// What is no file is not replaced by one, whoever has the right to.
  @Test func replacesNoDevices() throws {
    try inFolder { folder in
      _ = try shell("mkfifo '\(folder)/pipe'; ln -s pipe '\(folder)/link'")
      for name in ["pipe", "link"] {
        let path = Platform.join(folder, name)
        let error = #expect(throws: RuntimeError.self) { try Platform.replace(path, with: [1]) }
        #expect(error?.message.hasSuffix("it is a device or a pipe, and no file") == true)
      }
      #expect(try Platform.status(Platform.join(folder, "pipe"))?.kind == .other)
      #expect(try Platform.list(folder) == ["link", "pipe"])
    }
  }

  /// What is no regular file is refused, without waiting for anybody to write it.
  @Test(arguments: ["/dev/zero", "/tmp", "", "/tmp/\0x", "/nonexistent/x"])
  func refusesToRead(path: String) {
    #expect(throws: RuntimeError.self) { try Platform.read(path) }
  }

  /// What a folder of a name that is no text would be called is not known, so it is refused.
  @Test func refusesNamesThatAreNoText() throws {
    try inFolder { folder in
      _ = try shell(
        "mkdir \"\(folder)/$(printf 'a\\377')\"; ln -s \"\(folder)\"/a* \"\(folder)/link\""
      )
      let error = #expect(throws: RuntimeError.self) { try Platform.resolved(folder + "/link") }
      #expect(error?.message.contains("is not UTF-8") == true)
      #expect(throws: RuntimeError.self) { try Platform.resolved(folder + "/loop") }
    }
  }

  /// Of a file only the beginning may be asked for, and it may be shorter than that.
  @Test func readsBeginnings() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "a")
      try Platform.replace(path, with: [1, 2, 3])
      #expect(try Platform.read(path, first: 2) == [1, 2])
      #expect(try Platform.read(path, first: 9) == [1, 2, 3])
      #expect(try Platform.read(path, first: 0) == [])
    }
  }

  /// A file beyond the limit is refused.
  @Test func readLimit() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "a")
      try Platform.replace(path, with: [1, 2, 3])
      #expect(throws: RuntimeError.self) { try Platform.read(path, limit: 2) }
      #expect(try Platform.read(path, limit: 3).count == 3)
    }
  }

  /// Paths come apart as they should.
  @Test(arguments: [
    ("/a/b", "/a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("a/b/", "a", "b"), ("/", "/", ""),
  ])
  func splits(path: String, folder: String, name: String) {
    let parts = Platform.split(path)
    #expect(parts.folder == folder)
    #expect(parts.name == name)
  }

  /// Runs a shell's line; only here, to have a program that does as it is told.
  private func shell(
    _ line: String,
    seconds: Double = 20,
    limit: Int = 1000
  ) throws -> Platform.ProcessResult {
    try Platform.run(
      "/bin/sh",
      ["-c", line],
      environment: [("A", "b")],
      seconds: seconds,
      outputLimit: limit
    )
  }

  /// Codes, signals, both streams, and nothing of our own environment.
  @Test func runs() throws {
    let result = try shell("echo out; echo err >&2; echo $A$HOME; exit 3")
    #expect(result.ending == .exited(3))
    #expect(String(decoding: result.output, as: UTF8.self) == "out\nerr\nb\n")
    #expect(try shell("kill -9 $$").ending == .killed(signal: 9))
    #expect(try shell("cat").ending == .exited(0))
    #expect(throws: RuntimeError.self) {
      try Platform.run("/nonexistent", [], environment: [], seconds: 1)
    }
  }

  /// Who hangs is killed with all its children, even when the pipe was closed or handed on.
  @Test(arguments: ["sleep 100", "exec >&- 2>&-; sleep 100", "sleep 100 & sleep 100"])
  func timesOut(line: String) throws {
    let start = Platform.now
    #expect(try shell(line, seconds: 0.3).ending == .timedOut)
    #expect(Platform.now - start < 5)
  }

  /// A child that outlives the program does not keep us waiting.
  @Test func doesNotWaitForOrphans() throws {
    let start = Platform.now
    #expect(try shell("sleep 100 & exit 4").ending == .exited(4))
    #expect(Platform.now - start < 5)
  }

  /// Who prints without end is stopped.
  @Test func limitsOutput() throws {
    let result = try shell("yes", limit: 100_000)
    #expect(result.ending == .wroteTooMuch)
    #expect(result.output.count == 100_000)
  }
}
