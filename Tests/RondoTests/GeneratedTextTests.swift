import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Generated C") struct GeneratedTextTests {
  /// The tool, built beside the tests.
  private static var tool: String {
    Platform.join(Platform.split(CommandLine.arguments[0]).folder, "rondo")
  }

  @Test(
    "is the same bytes from two processes",
    arguments: ["lstm-l3", "classifier-adam", "tied-lm"]
  )
  func sameBytes(_ name: String) throws {
    let definition = try ConformanceCase(name).definition
    try expectSameBytes(definition)
  }

  @Test("of a random model is the same bytes from two processes", arguments: [UInt64(2), 3, 5])
  func sameBytesOfRandomModel(seed: UInt64) throws {
    try expectSameBytes(FuzzModel.random(seed: seed).text)
  }

  /// Has two processes compile a definition; their hashes of equal keys differ.
  private func expectSameBytes(_ definition: String) throws {
    try inFolder { folder in
      let file = Platform.join(folder, "model.graph")
      try Platform.replace(file, with: Array(definition.utf8))
      let outputs = try (0..<2).map { _ in
        let result = try Platform.run(
          Self.tool,
          ["show", file, "--emit", "c", "--batch", "3"],
          environment: [],
          seconds: 120,
          outputLimit: 1 << 26
        )
        #expect(result.ending == .exited(0))
        return result.output
      }
      #expect(outputs[0].count > 10_000)
      #expect(outputs[0] == outputs[1])
    }
  }

  /// A language model whose windows are as long as the options say.
  private static let languageModel = """
    model lm {
      size letters = 23
      axis time
      target text: token(letters) over time
      layer embed = embedding(7), rnn = stack(2, lstm(12)), score = linear(letters)
      logits = score(rnn(embed(previous(text))))
      output logits
      loss cross_entropy(logits, text)
      train adam(rate: 0.01, clip_norm: 1) carry over time
      generate text from logits
    }

    """

  @Test("does not grow with the number of steps")
  func flatInTime() throws {
    let definition = Definition(name: "lm.graph", bytes: Array(Self.languageModel.utf8))
    let compiler = try CCompiler.find(environment: Platform.environment)
    var sizes: [Int] = []
    try inFolder { folder in
      for steps in [16, 2048] {
        let start = Platform.now
        let options = Compiler.Options(sizes: ["time": steps], batch: 4, unrolling: .steps(1))
        let model = try Compiler(options: options).generate(definition)
        let generated = Platform.now
        _ = try compiler.compile(
          model.source,
          header: model.header,
          name: model.name,
          options: .init(optimization: 1),
          scratch: folder
        )
        print(
          "\(steps) steps: \(model.source.count) bytes of C in \(generated - start) s,",
          "compiled in \(Platform.now - generated) s"
        )
        sizes.append(model.source.count)
      }
    }
    #expect(Double(sizes[1]) <= 1.3 * Double(sizes[0]))
  }
}
