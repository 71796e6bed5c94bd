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
}
