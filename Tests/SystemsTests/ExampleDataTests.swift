import ModelRuntime
import Testing

@Suite("The data of the examples") struct ExampleDataTests {
  @Test("each file is what its rule makes; RONDO_BLESS=1 writes it anew")
  func followsItsRule() throws {
    for file in ExampleData.files {
      let path = Platform.join(Example.topLevel, "graphs/data/" + file.name)
      let made = Array(file.text().utf8)
      if Platform.environment["RONDO_BLESS"] == "1" { try Platform.replace(path, with: made) }
      #expect(try Platform.read(path) == made, "\(file.name)")
    }
  }

  @Test("each file has a rule and is small")
  func isKnown() throws {
    let folder = Platform.join(Example.topLevel, "graphs/data")
    let others = ["README.md", "village.txt"]
    let found = try Platform.list(folder).filter { !others.contains($0) }
    #expect(found.sorted() == ExampleData.files.map(\.name))
    for name in found {
      #expect(try Platform.read(Platform.join(folder, name)).count < 100_000, "\(name)")
    }
  }
}
