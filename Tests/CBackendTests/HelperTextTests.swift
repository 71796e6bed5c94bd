import CBackend
import Rondo
import TestSupport
import Testing

@Suite("What stands in a model's C") struct HelperTextTests {
  /// A model that adds and does nothing else.
  private static let tiny = """
    model tiny {
      input x: real[3]
      output x + 1 as y
    }
    """

  @Test("helpers that are used, and those that they use, and no others")
  func helpers() throws {
    let tiny = try SampleModels.c(text: Self.tiny).source
    for unused in ["vector_tanh", "philox", "draw_token", "two_over_pi", "product(", "add_row"] {
      #expect(!tiny.contains(unused), "\(unused)")
    }
    let letters = try SampleModels.c("letters").source
    for used in [
      "INLINE vector vector_tanh(", "exp_parts(", "static int32_t draw_token(", "narrow(",
    ] {
      #expect(letters.contains(used), "\(used)")
    }
    #expect(!letters.contains("orthogonalize"))
  }

  @Test("a model that is called as our own names begin keeps its name")
  func ownPrefix() throws {
    let text = Self.tiny.replacing("model tiny", with: "model RONDO_x")
    let c = try SampleModels.c(text: text)
    #expect(c.header.contains("RONDO_x_create") && !c.header.contains("RONDO_X_x"))
    #expect(!c.source.contains("RONDO_X_x"))
  }

  @Test("no line of its own code is longer than a hundred columns", arguments: SampleModels.names)
  func columns(_ name: String) throws {
    let source = try SampleModels.c(name).source
    let start = try #require(source.firstRange(of: "/* ---- kernels "))
    let end = try #require(source.firstRange(of: "/* ---- checks "))
    let long = source[start.lowerBound..<end.lowerBound].split(separator: "\n").filter {
      $0.utf8.count > 100 && !$0.contains("\"")
    }
    #expect(long == [])
  }

  @Test("a parameter is named as unused only where it is")
  func unused() throws {
    let source = try SampleModels.c(text: Self.tiny).source
    let start = try #require(source.firstRange(of: "program_infer("))
    let body = source[start.lowerBound...].prefix { $0 != "}" }
    for line in body.split(separator: "\n") where line.contains("(void)") {
      let name = line.drop { $0 != ")" }.dropFirst().dropLast()
      let words = body.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      #expect(words.count { $0 == name } == 2, "\(name)")
    }
  }

  @Test("the definition's lines on request, and no path")
  func lines() throws {
    var options = Compiler.Options(batch: 2)
    #expect(!(try SampleModels.c("letters", options: options).source.contains("#line")))
    options.namesLines = true
    let source = try SampleModels.c("letters", options: options).source
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    var places: Set<Substring> = []
    for (number, line) in lines.enumerated() where line.hasPrefix("#line ") {
      let words = line.split(separator: " ")
      places.insert(words[2])
      if words[2] == "\"letters.c\"" { #expect(Int(words[1]) == number + 2) }
    }
    #expect(places == ["\"letters.c\"", "\"letters.graph\"", "\"library.graph\""])
  }
}
