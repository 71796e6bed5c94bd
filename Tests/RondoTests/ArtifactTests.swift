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
      let others = [
        try cache.artifact(of: model, compiler: compiler, options: .init(optimization: 1)),
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
    for wrong in [[:], ["RONDO_CACHE": "r", "HOME": "/h"], ["HOME": "~"]] {
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
