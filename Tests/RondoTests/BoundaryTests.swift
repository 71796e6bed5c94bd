import ModelRuntime
import Testing

@testable import Rondo

@Suite struct BoundaryTests {
  /// A model that reads tokens, carries a state and draws.
  private static let reader = """
    model reader {
      size letters
      axis time <= 4
      target text: token(letters) over time
      layer rnn = gru(3)
      layer score = linear(letters)
      logits = score(rnn(onehot(previous(text))))
      loss cross_entropy(logits, text)
      train adam(rate: 0.01) carry over time
      generate text from logits
    }

    """
  /// A model of numbers with outputs.
  private static let numbers = """
    model numbers {
      axis time <= 5
      input x: real[2] over time
      target y: real over time
      layer rnn = gru(3)
      layer mix = linear(1)
      output mix(rnn(x))[0] as guess
      loss mse(mix(rnn(x))[0], y)
      train sgd(rate: 0.1)
    }

    """

  /// Calls at random, half of them wrong: each mistake is refused by its status, nothing is changed by
  /// it, and no byte beside an array or block is touched.
  @Test func refusesMistakes() throws {
    let here = Platform.split(#filePath).folder
    // The compiler that is quick with a sanitizer, if it is there.
    let environment = Platform.environment
    let compiler =
      try (try? CCompiler.find(option: "clang", environment: environment))
      ?? CCompiler.find(environment: environment)
    try inFolder { folder in
      var files = [here + "/Boundary/driver.c"]
      for (name, text, sizes) in [
        ("reader", Self.reader, ["letters": 7]), ("numbers", Self.numbers, [:]),
      ] {
        let definition = Definition(name: name, bytes: Array(text.utf8))
        let model = try Compiler(options: .init(sizes: sizes, batch: 4)).generate(definition)
        let path = Platform.join(folder, name)
        try Platform.replace(path + ".c", with: model.source)
        try Platform.replace(path + ".h", with: model.header)
        files.append(path + ".c")
      }
      let driver = Platform.join(folder, "driver")
      let built = try compiler.execute(
        ["-g", "-O0", "-std=gnu11", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
          // A host without the header calls by the names of the contract, which clang takes note of.
          + (compiler.version.contains("clang") ? ["-fno-sanitize=function"] : []) + ["-o", driver]
          + ["-I", here + "/../../Sources/ModelABI/include"] + files + ["-lm"],
        scratch: folder,
        seconds: 300,
        outputLimit: 1 << 20
      )
      let said = String(decoding: built.output, as: UTF8.self)
      try #require(built.ending == .exited(0), "\(said)")
      let result = try Platform.run(driver, ["1", "3000"], environment: [], seconds: 300)
      let output = String(decoding: result.output, as: UTF8.self)
      #expect(result.ending == .exited(0), "\(output)")
      let wrong = output.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } ?? 0
      #expect(output.hasPrefix("3000 calls, ") && wrong > 800, "\(output)")
    }
  }
}
