import ModelRuntime
import Testing

/// The programs of the package `graphs/embed/swift`, compiled against the modules of this build.
///
/// To build them as a package takes minutes. Each is linked with the rooms that it says it depends on.
@Suite("The Swift package that embeds", .serialized) struct SwiftPackageTests {
  /// The package.
  private static let package = Platform.join(Example.topLevel, "graphs/embed/swift")
  /// Where this build's modules and objects are.
  private static let products: String? =
    (try? Platform.resolved("/proc/self/exe")).map { Platform.split($0).folder }
  /// Whether there is a compiler to compile the programs with.
  private static let compiles = Needed.holds("swiftc --version")
  /// The rooms of the product `ModelRuntime`.
  private static let runtime = ["ModelABI", "ModelRuntime"]
  /// The rooms of the product `Rondo`.
  private static let whole =
    runtime + [
      "GraphIR", "GraphLanguage", "Reference", "Transforms", "Lowering", "CBackend", "Rondo",
    ]

  /// Compiles a program of the package into the folder of programs.
  private static func compile(_ name: String, rooms: [String]) throws {
    let products = try #require(products)
    // The tool's own list, since objects of files that are gone stay where they were.
    let list = try Platform.read(Platform.join(products, "rondo.product/Objects.LinkFileList"))
    let objects = String(decoding: list, as: UTF8.self).split(separator: "\n").map {
      $0.trimmingPrefix("'").trimmingPrefix("\"").prefix { !"'\"".contains($0) }
    }
    .filter { path in rooms.contains { path.contains("/\($0).build/") } }
    try #require(objects.count > rooms.count, "\(products) has no list of objects")
    let linked = objects.map { "'\($0)'" }.joined(separator: " ")
    let map = Platform.join(Example.topLevel, "Sources/ModelABI/include/module.modulemap")
    let result = try EmbeddedProgram.shell(
      "swiftc -swift-version 6 -warnings-as-errors -I '\(products)/Modules' "
        + "-Xcc '-fmodule-map-file=\(map)' '\(package)/Sources/\(name)/main.swift' \(linked) "
        + "-o build/\(name)"
    )
    try #require(result.code == 0, "\(result.text)")
  }

  @Test(
    "learns from a text, and follows a series with no compiler in the program",
    .enabled(if: compiles, "there is no swiftc")
  )
  func learnsAndFollows() throws {
    try Self.compile("learn", rooms: Self.whole)
    // It links with the runtime alone, so that there is no compiler in it.
    try Self.compile("follow", rooms: Self.runtime)
    let learned = try EmbeddedProgram.shell("build/learn build/smoother")
    let losses = learned.lines.compactMap { Float($0.split(separator: " ").last ?? "") }
    #expect(learned.code == 0 && losses.count == 4 && losses.last ?? 1 < 0.001, "\(learned.text)")
    let followed = try EmbeddedProgram.shell("printf '1\\n1\\n0\\n' | build/follow build/smoother")
    let found = followed.lines.compactMap { Float($0) }
    #expect(followed.code == 0 && found.count == 3, "\(followed.text)")
    for (value, wanted) in zip(found, [0.25, 0.4375, 0.328] as [Float]) {
      #expect(abs(value - wanted) < 0.1)
    }
  }

  @Test("tells what is wrong in a sentence", .enabled(if: compiles, "there is no swiftc"))
  func refuses() throws {
    try Self.compile("learn", rooms: Self.whole)
    try Self.compile("follow", rooms: Self.runtime)
    let mistakes = [
      "build/learn": "learn: error: write: learn FOLDER",
      "CC=nothing build/learn build/s": "learn: error: there is no C compiler 'nothing'",
      "build/learn /proc/s": "learn: error: cannot",
      "build/follow build/nothing": "follow: error: cannot find 'build/nothing'",
      "build/follow graphs": "follow: error: there is no compiled model",
    ]
    for (line, message) in mistakes {
      let result = try EmbeddedProgram.shell(line)
      #expect(result.code == 1 && result.text.hasPrefix(message), "\(line): \(result.text)")
    }
  }

  @Test("stands whole in the catalogue's page, piece by piece")
  func page() throws {
    func read(_ path: String) throws -> String {
      String(decoding: try Platform.read(Platform.join(Example.topLevel, path)), as: UTF8.self)
    }
    let program = try read("graphs/embed/swift/Sources/learn/main.swift")
    let page = try read("Sources/Rondo/Rondo.docc/FromATextToATrainedModel.md")
    let blocks = page.matches(of: /```swift\n((?:.*\n)*?)```\n/).map { String($0.output.1) }
    // That each block is from some program, `PagesTests` sees.
    #expect(blocks.filter(program.contains).joined(separator: "\n") == program)
  }
}
