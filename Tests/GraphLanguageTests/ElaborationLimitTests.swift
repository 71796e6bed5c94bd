import GraphIR
import GraphLanguage
import Testing

@Suite("Elaboration has limits") struct ElaborationLimitTests {
  @Test("values that are shared stay shared")
  func sharing() throws {
    let lines = (0..<200).map { "a\($0 + 1) = a\($0) + a\($0)" }.joined(separator: "\n")
    let graph = elaborate(
      "model m {\naxis time\ninput a0: real over time\n\(lines)\noutput a200\n}"
    ).graph
    #expect(graph?.main.count == 201)
  }

  @Test("a long chain of names does not go deep, in whatever order it stands")
  func chains() {
    let lines = (0..<5000).map { "a\($0) = a\($0 + 1) + 1" }.joined(separator: "\n")
    let graph = elaborate(
      "model m {\naxis time\ninput a5000: real over time\n\(lines)\noutput a0\n}"
    ).graph
    #expect(graph?.main.count == 5002)
  }

  @Test("definitions that double each other come to an end")
  func doubling() {
    let lines = (0..<60).map { "layer f\($0 + 1)(x: real[..]) { emit f\($0)(f\($0)(x)) }" }
    let text = elaborate(
      """
      layer f0(x: real[..]) { emit x }
      \(lines.joined(separator: "\n"))
      model m {
        input x: real
        output f60(x) as y
      }
      """
    ).text
    #expect(text.contains("error: the model comes to more than 1048576 operations"))
  }

  @Test("definitions in each other come to an end")
  func nesting() {
    let lines = (0..<3000).map { "layer f\($0 + 1)(x: real[..]) { emit f\($0)(x) }" }
    let text = elaborate(
      """
      layer f0(x: real[..]) { emit x }
      \(lines.joined(separator: "\n"))
      model m {
        input x: real
        output f3000(x) as y
      }
      """
    ).text
    #expect(text.contains("error: definitions are applied in each other too deeply"))
  }

  @Test("a value that no index can count is refused")
  func sizes() {
    let text = elaborate(
      "model m {\naxis time <= 100000\ninput x: real[30000] over time\noutput x\n}"
    ).text
    #expect(text.contains("real[30000] over time has more than 2147483647 elements"))
  }

  @Test(
    "what is too large is refused before it is made",
    arguments: [
      (
        "layer f = stack(1024, stack(1024, gru(1)))\noutput f(x) as y",
        "more than 1048576 operations"
      ),
      ("param w: real[2147483647, 2147483647] ~ 0", "a value has at most 2147483647 elements"),
      ("input k: token(2147483648)", "a size cannot be 2147483648"),
      ("size n = 1e300", "a size must be a whole number, not 1e+300"),
      ("y = reshape(x, 2147483647, 2147483647)", "cannot be reshaped"),
      ("y = outer(normal(100000), normal(100000))", "does not fit here"),
      ("y = window(x over time, 2000000000)", "is too large"),
      ("layer f = linear(2000000000)\ny = f(x)", "a value has at most 2147483647 elements"),
      ("a, b = split(x, 2147483647)", "the number of parts cannot be 2147483647"),
      ("axis long <= 2147483648", "a size cannot be 2147483648"),
    ]
  )
  func tooLarge(_ statements: String, _ message: String) {
    let text = elaborate(
      "model m {\naxis time <= 5\ninput x: real[4] over time\n\(statements)\noutput x as z\n}"
    ).text
    #expect(text.contains(message), "\(text)")
  }

  @Test("a model with very many names is elaborated without a pause")
  func names() {
    let lines = (0..<10_000).map { "input x\($0): real" }.joined(separator: "\n")
    let graph = elaborate("model m {\n\(lines)\noutput x0\n}").graph
    #expect(graph?.variables.count == 10_000)
  }

  @Test("axes have a number")
  func axes() {
    let lines = (0..<70).map { "axis a\($0)" }.joined(separator: "\n")
    let text = elaborate("model m {\n\(lines)\n}").text
    #expect(text.contains("a model has at most 63 axes"))
  }
}
