import ModelRuntime
import Testing

@Suite("The definitions in graphs") struct ExamplesTests {
  @Test("compile, train to what their head comments say, and are of use", arguments: Example.all)
  func trains(_ example: Example) throws {
    #expect(example.command.prefix(2) == ["train", "graphs/\(example.name).graph"])
    #expect(!example.expectations.isEmpty)
    let trained = try TrainedExamples.model(example.name)
    for expectation in example.expectations {
      let found = trained.value(of: expectation)
      let value = try #require(found, "no \(expectation.measure)")
      #expect(expectation.holds(value), "\(expectation), not \(value)")
    }
    #expect(!example.uses.isEmpty)
    for use in example.uses {
      #expect(use.dropFirst().first == "build/\(example.name)")
      let used = try trained.says(use[0], Array(use.dropFirst(2)))
      #expect(used.contains { !$0.isWhitespace }, "\(use)")
    }
  }

  @Test("compiled with all effort, as the command alone does, come to the same losses bit for bit")
  func wholeEffort() throws {
    let whole = try TrainedExample(Example("last_step_classifier"), isQuick: false).epochs
    #expect(whole.count >= 20)
    #expect(
      try TrainedExamples.model("last_step_classifier").epochs.map(\.loss) == whole.map(\.loss)
    )
  }

  @Test("are all on their page, with the command and the figure")
  func page() throws {
    let path = Platform.join(Example.topLevel, "graphs/README.md")
    let page = String(decoding: try Platform.read(path), as: UTF8.self)
    let lines = page.split(separator: "\n").map(String.init)
    #expect(Example.all.count >= 39)
    for example in Example.all {
      let line = try #require(
        lines.first { $0.hasPrefix("| [`\(example.name)`](\(example.name).graph) |") },
        "\(example.name) is not on the page"
      )
      let options = example.command.dropFirst(2).joined(separator: " ")
      #expect(line.contains("`\(options)`"), "\(example.name): `\(options)`")
      for expectation in example.expectations {
        #expect(line.contains(expectation.description), "\(example.name): \(expectation)")
      }
    }
  }
}
