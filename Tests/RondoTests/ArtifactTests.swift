import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

@Suite struct ArtifactTests {
  /// The four files, and nothing else; they are read back as they were written.
  @Test func writes() throws {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    #expect(try Platform.list(folder) == ["libtiny.so", "tiny.c", "tiny.h", "tiny.json"])
    #expect(try Artifact(folder: folder, name: "tiny") == artifact)
    for file in try Platform.list(folder) {
      let path = Platform.join(folder, file)
      let bytes = try Platform.read(path)
      var changed = bytes
      changed[bytes.count / 2] ^= 1
      try Platform.replace(path, with: changed)
      #expect((try? Artifact(folder: folder, name: "tiny")) != artifact)
      try Platform.replace(path, with: bytes)
    }
  }

  /// A folder of another graph is left alone, unless told otherwise; the same graph's is replaced.
  @Test func refusesAnotherGraph() throws {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    let (other, elsewhere) = try TinyModel.artifact(graphHash: "55")
    defer { try? Platform.remove(elsewhere) }
    let (named, third) = try TinyModel.artifact(name: "small")
    defer { try? Platform.remove(third) }
    try artifact.write(to: folder)
    for stranger in [other, named] {
      let error = #expect(throws: RuntimeError.self) { try stranger.write(to: folder) }
      #expect(error?.hint?.contains("--overwrite") == true)
      #expect(try Artifact(folder: folder, name: "tiny") == artifact)
    }
    try other.write(to: folder, overwrite: true)
    #expect(try Artifact(folder: folder, name: "tiny") == other)
    // A manifest that cannot be read may be anybody's; a vocabulary is nobody's.
    try Platform.replace(Platform.join(folder, "tiny.json"), with: [1])
    #expect(throws: RuntimeError.self) { try other.write(to: folder) }
    try Platform.replace(Platform.join(third, "vocabulary.json"), with: [1])
    try named.write(to: third)
  }

  /// A manifest that is not about its texts is a bug of ours.
  @Test func checksTexts() throws {
    let model = try TinyModel.generated()
    let error = #expect(throws: RuntimeError.self) {
      try GeneratedModel(source: [1], header: model.header, manifest: model.manifest)
    }
    #expect(error?.kind == .bug)
  }

  /// Folders of any name can hold a model and load it.
  @Test(arguments: ["a b", "a'b\"c", "a\nb", "-o", "@file", "$(touch x)", "~", "ü", "x/y"])
  func opensFromFolders(name: String) throws {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    let place = Platform.join(folder, name)
    try artifact.write(to: place)
    #expect(try CompiledModel(folder: place).name == "tiny")
  }
}

@Suite struct ArtifactCacheTests {
  /// No optimisation, to be quick.
  private let options = CCompiler.Options(optimization: 0)

  /// A hit after a miss; another text, compiler or flag is another entry.
  @Test func hitsAndMisses() throws {
    try inFolder { folder in
      let cache = try ArtifactCache(folder: Platform.join(folder, "a/b"))
      let compiler = try TinyModel.compiler()
      let model = try TinyModel.generated()
      let first = try cache.artifact(of: model, compiler: compiler, options: options)
      #expect(!first.wasCached)
      let second = try cache.artifact(of: model, compiler: compiler, options: options)
      #expect(second.wasCached && second.artifact == first.artifact)
      #expect(try CompiledModel(folder: second.folder).name == "tiny")
      var flagged = options
      flagged.flags = ["-fno-plt"]
      let others = [
        try cache.artifact(of: model, compiler: compiler, options: .init(optimization: 1)),
        try cache.artifact(of: model, compiler: compiler, options: flagged),
        try cache.artifact(
          of: TinyModel.generated(scale: "3.0f"),
          compiler: compiler,
          options: options
        ),
      ]
      #expect(others.allSatisfy { !$0.wasCached && $0.folder != first.folder })
      #expect(try Platform.list(Platform.join(cache.folder, "work")) == [])
      #expect(try Platform.status(cache.folder)?.mode == 0o700)
      try cache.clear()
      #expect(try !cache.artifact(of: model, compiler: compiler, options: options).wasCached)
    }
  }

  /// An entry that is not what was written is made again, whatever was done to it.
  @Test func mendsDamage() throws {
    try inFolder { folder in
      let cache = try ArtifactCache(folder: folder + "/cache")
      let compiler = try TinyModel.compiler()
      let model = try TinyModel.generated()
      func again() throws -> Bool {
        let result = try cache.artifact(of: model, compiler: compiler, options: options)
        #expect(try Artifact(folder: result.folder, name: "tiny") == result.artifact)
        return result.wasCached
      }
      _ = try again()
      let entry = try cache.artifact(of: model, compiler: compiler, options: options).folder
      for file in ["tiny.c", "tiny.h", "tiny.json", "libtiny.so"] {
        let path = Platform.join(entry, file)
        let bytes = try Platform.read(path)
        for place in [0, bytes.count / 3, bytes.count - 2] {
          var changed = bytes
          changed[place] ^= 2
          try Platform.replace(path, with: changed)
          #expect(try !again())
        }
        for count in [0, 1, bytes.count / 2] {
          try Platform.replace(path, with: Array(bytes[..<count]))
          #expect(try !again())
        }
        try Platform.remove(path)
        #expect(try !again())
        try Platform.remove(path)
        try Platform.makeFolder(path)
        #expect(try !again())
      }
      try Platform.remove(entry)
      try Platform.replace(entry, with: [1])
      #expect(try !again())
      #expect(try again())
      #expect(try Platform.list(Platform.join(cache.folder, "work")) == [])
    }
  }

  /// What stands in the place of an entry, or of a file of it, and is none is not read: no pipe is waited
  /// for, no link followed, nobody else's folder believed.
  @Test(arguments: [
    "mkfifo @", "mkdir @", "touch @", "ln -s @-old @", "ln -s / @", "ln -s @ @",
    "ln -s /dev/zero @",
    "mknod @ c 1 5 || touch @", "mv @-old @; chmod 777 @",
    "mv @-old @; chown 12345 @ || chmod 770 @",
    "mv @-old @; rm @/tiny.h; mkfifo @/tiny.h", "mv @-old @; rm @/tiny.c; ln -s /dev/zero @/tiny.c",
    "mv @-old @; mv @/libtiny.so @/x; ln -s x @/libtiny.so", "mv @-old @; echo x >> @/libtiny.so",
    "mv @-old @; cp @/tiny.c @/tiny.json", "mv @-old @; mv @/tiny.json @/tiny.h",
  ])
  func replacesStrangers(line: String) throws {
    try inFolder { folder in
      let cache = try ArtifactCache(folder: folder + "/cache")
      let library = try TinyModel.loadedLibrary()
      try Platform.replace(folder + "/library", with: library)
      try fakeCompiler("cp '\(folder)/library' \"$out\"", at: folder + "/cc")
      let compiler = try CCompiler.find(option: folder + "/cc", environment: [:])
      let model = try TinyModel.generated()
      let entry = try cache.artifact(of: model, compiler: compiler, options: options).folder
      let shell = "mv @ @-old; \(line)".replacing("@", with: "'\(entry)'")
      let path = [("PATH", "/usr/bin:/bin")]
      let done = try Platform.run("/bin/sh", ["-c", shell], environment: path, seconds: 20)
      try #require(done.ending == .exited(0), "\(String(decoding: done.output, as: UTF8.self))")
      let again = try cache.artifact(of: model, compiler: compiler, options: options)
      #expect(!again.wasCached)
      #expect(again.artifact.library == library)
      #expect(try Artifact(folder: entry, name: "tiny") == again.artifact)
      #expect(try cache.artifact(of: model, compiler: compiler, options: options).wasCached)
      #expect(try Platform.list(folder + "/cache/work") == [])
    }
  }

  /// An entry whose files are whole and of another model, or of another compiler's, is not this one's.
  @Test func tellsEntriesApart() throws {
    try inFolder { folder in
      let cache = try ArtifactCache(folder: folder + "/cache")
      let library = try TinyModel.loadedLibrary()
      try Platform.replace(folder + "/library", with: library)
      func compiler(_ version: String) throws -> CCompiler {
        try fakeCompiler("cp '\(folder)/library' \"$out\" # \(version)", at: folder + "/cc")
        return try CCompiler.find(option: folder + "/cc", environment: [:])
      }
      func artifact(_ compiler: CCompiler, _ hash: String = "9a") throws -> (
        folder: String, hit: Bool
      ) {
        let found = try cache.artifact(
          of: TinyModel.generated(graphHash: hash),
          compiler: compiler,
          options: options
        )
        return (found.folder, found.wasCached)
      }
      let first = try compiler("1")
      let one = try artifact(first)
      let other = try artifact(first, "55")
      // The compiler was replaced: what the old one made is not what the new one would make.
      #expect(try !artifact(compiler("1.1")).hit)
      #expect(try artifact(first).hit)
      // Another model's entry under this one's name.
      try Platform.remove(one.folder)
      #expect(try Platform.move(other.folder, to: one.folder))
      #expect(try !artifact(first).hit)
      #expect(try Artifact(folder: one.folder, name: "tiny").manifest.graphHash == "9a")
    }
  }

  /// No byte of an entry can change unseen, nor can an entry be cut.
  @Test func noticesEveryChange() throws {
    let (artifact, folder) = try TinyModel.artifact()
    defer { try? Platform.remove(folder) }
    for file in try Platform.list(folder) {
      let path = Platform.join(folder, file)
      let bytes = try Platform.read(path)
      let places = stride(from: 0, to: bytes.count, by: max(1, bytes.count / 23))
      for place in places {
        for changed in [
          Array(bytes[..<place]),
          bytes.enumerated().map { index, byte in
            index == place ? byte ^ 1 << UInt8(place % 8) : byte
          },
        ] {
          // Without waiting for the disk, which `replace` does.
          try Platform.remove(path)
          try Platform.replace(path, with: changed)
          #expect((try? Artifact(folder: folder, name: "tiny")) == nil, "\(file) at \(place)")
        }
      }
      try Platform.replace(path, with: bytes)
    }
    #expect(try Artifact(folder: folder, name: "tiny") == artifact)
  }

  /// Many at a time end with one entry that all agree on, though it is damaged again and again.
  @Test func concurrent() async throws {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let compiler = try TinyModel.compiler()
    let model = try TinyModel.generated()
    let options = options
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for _ in 0..<4 {
            let cache = try ArtifactCache(folder: folder + "/cache")
            let result = try cache.artifact(of: model, compiler: compiler, options: options)
            #expect(SHA256.hex(of: result.artifact.library) == result.artifact.manifest.library)
            let path = Platform.join(result.folder, "tiny.h")
            if worker == 0 { try? Platform.replace(path, with: [1]) }
          }
        }
      }
      try await group.waitForAll()
    }
    let cache = try ArtifactCache(folder: folder + "/cache")
    _ = try cache.artifact(of: model, compiler: compiler, options: options)
    #expect(try cache.artifact(of: model, compiler: compiler, options: options).wasCached)
    #expect(try Platform.list(cache.folder).count == 2)
    #expect(try Platform.list(folder + "/cache/work") == [])
  }

  /// A compiler that fails leaves no entry.
  @Test func keepsNoFailure() throws {
    try inFolder { folder in
      let path = Platform.join(folder, "cc")
      try fakeCompiler("exit 1", at: path)
      let compiler = try CCompiler.find(option: path, environment: [:])
      let cache = try ArtifactCache(folder: folder + "/cache")
      #expect(throws: RuntimeError.self) {
        try cache.artifact(of: TinyModel.generated(), compiler: compiler, options: options)
      }
      #expect(try Platform.list(cache.folder) == ["work"])
      #expect(try Platform.list(cache.folder + "/work") == [])
    }
  }

  /// Where it is follows from the environment that is given, and from nothing else.
  @Test func location() throws {
    func place(_ environment: [String: String]) throws -> String {
      try ArtifactCache.location(environment: environment)
    }
    let all = ["RONDO_CACHE": "/r", "XDG_CACHE_HOME": "/x", "HOME": "/h"]
    #expect(try place(all) == "/r")
    #expect(try place(all.filter { $0.key != "RONDO_CACHE" }) == "/x/rondo")
    #expect(try place(["HOME": "/h", "XDG_CACHE_HOME": ""]) == "/h/.cache/rondo")
    for wrong in [
      [:], ["RONDO_CACHE": "r", "HOME": "/h"], ["HOME": "~"], ["RONDO_CACHE": "/a\u{fffd}"],
    ] {
      #expect(throws: RuntimeError.self) { try place(wrong) }
    }
  }

  /// A place that others can reach into is refused, and said why.
  @Test func refusesUnsafePlaces() throws {
    try inFolder { folder in
      func message(_ path: String) -> String {
        do {
          _ = try ArtifactCache(folder: path)
          return "no error"
        } catch { return error.message }
      }
      func make(_ name: String, mode: String) throws -> String {
        let path = Platform.join(folder, name)
        try Platform.makeFolder(path)
        _ = try Platform.run("/bin/chmod", [mode, path], environment: [], seconds: 10)
        return path
      }
      #expect(message(try make("a", mode: "755")).contains("others may enter"))
      #expect(message(try make("b", mode: "777") + "/cache").contains("others may rename"))
      #expect(message(try make("c", mode: "1777") + "/cache") == "no error")
      #expect(message(try make("d", mode: "700")) == "no error")
      let file = Platform.join(folder, "file")
      try Platform.replace(file, with: [1])
      #expect(message(file).contains("is no folder"))
      #expect(message(file + "/x") != "no error")
      let link = Platform.join(folder, "link")
      _ = try Platform.run("/bin/ln", ["-s", folder + "/d", link], environment: [], seconds: 10)
      #expect(message(link).contains("is no folder"))
      // Another user's, which only the superuser can make.
      let theirs = try make("e", mode: "700")
      if Platform.user == 0 {
        _ = try Platform.run("/bin/chown", ["12345", theirs], environment: [], seconds: 10)
        #expect(message(theirs).contains("belongs to another user"))
        #expect(message(theirs + "/cache").contains("others may rename"))
      }
      let pipe = Platform.join(folder, "pipe")
      _ = try Platform.run("/usr/bin/mkfifo", [pipe], environment: [], seconds: 10)
      #expect(message(pipe).contains("is no folder"))
      #expect(message(folder + "/" + String(repeating: "x", count: 5000)) != "no error")
      #expect(message(try make("f", mode: "720") + "/cache").contains("others may rename"))
      // A link above is followed, and what it leads to is checked.
      #expect(message(link + "/cache") == "no error")
      let bad = Platform.join(folder, "bad")
      _ = try Platform.run("/bin/ln", ["-s", folder + "/b", bad], environment: [], seconds: 10)
      #expect(message(bad + "/cache").contains("others may rename"))
      let loop = Platform.join(folder, "loop")
      _ = try Platform.run("/bin/ln", ["-s", loop, loop], environment: [], seconds: 10)
      #expect(message(loop + "/x") != "no error")
    }
  }
}
