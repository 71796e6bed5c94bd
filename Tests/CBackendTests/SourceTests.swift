import CBackend
import Foundation
import Rondo
import TestSupport
import Testing

@Suite("The source as a whole")
struct SourceTests {
  @Test("the same definition gives the same text", arguments: SampleModels.names)
  func determinism(name: String) throws {
    let (first, second) = (try SampleModels.c(name), try SampleModels.c(name))
    #expect(first.source == second.source)
    #expect(first.header == second.header)
  }

  @Test("nothing of the definition but its names and lines is in the text")
  func markers() throws {
    let text = """
      # MARKER */ #error
      model quiet {  # MARKER
        axis   time <= 5
        input x: real[2]    over time   # 'MARKER' "MARKER"
        param w: real[2] ~ 12345.678
        output x * w + 0.0987654321 as y # */ MARKER
        loss average(sum(x * w))
        train sgd(rate: 0.777333)
      }
      """
    let plan = try SampleModels.plan(text: text)
    let model = CModel(plan, layoutHash: "00")
    let manifest = ManifestEmitter.text(plan, layoutHash: "", sourceHash: "", headerHash: "")
    for text in [model.source, model.header, manifest] {
      #expect(!text.contains("MARKER") && !text.contains("sample.graph"))
    }
    #expect(model.source.contains("quiet:6"))
  }

  @Test("no name is without the model's prefix but the hidden ones")
  func symbols() throws {
    let source = try SampleModels.c("scalars").source
    for line in source.split(separator: "\n") {
      // A definition at the left margin that is not static is the interface's.
      guard let first = line.unicodeScalars.first, first.properties.isAlphabetic,
        line.contains("("),
        line.hasSuffix("{")
      else { continue }
      let isHidden = ["static ", "INLINE ", "UNUSED "].contains { line.hasPrefix($0) }
      #expect(isHidden || line.contains(" scalars_") || line.contains("*scalars_"), "\(line)")
    }
    #expect(!source.contains("\t"))
  }

  @Test("a strict model fuses nothing")
  func strict() throws {
    let fast = try SampleModels.c("scalars").source
    let strict = try SampleModels.c("scalars", options: Compiler.Options(arithmetic: .strict))
      .source
    #expect(fast.contains("#define RONDO_FUSED 1"))
    #expect(strict.contains("#define RONDO_FUSED 0"))
  }

  @Test("the text does not grow with the number of steps")
  func length() throws {
    func bytes(_ steps: Int) throws -> Int {
      let text = """
        model long {
          axis time <= \(steps)
          input x: real[3] over time
          target y: real[4] over time
          layer rnn = lstm(4)
          loss mse(rnn(x), y)
          train adam(rate: 0.1)
        }
        """
      return try SampleModels.c(text: text).source.utf8.count
    }
    #expect(try bytes(900) - bytes(100) < 300)
  }
}

@Suite("What typed functions call their arrays")
struct ParameterNameTests {
  @Test("Weights that are spelt alike in C, and long names cut alike, have names of their own")
  func namesAreApart() throws {
    let long = String(repeating: "long_", count: 12)
    let text = """
      layer outer(x: real[3]) {
        layer b = linear(3)
        emit b(x)
      }
      model apart {
        input x: real[3]
        layer a_b = linear(3), a = outer
        output a_b(x) as \(long)one
        output a(x) as \(long)two
        loss sum(a(a_b(x)))
        train sgd(rate: 0.1)
      }
      """
    let header = try SampleModels.c(text: text).header
    for entry in ["apart_infer(", "apart_gradients("] {
      let start = try #require(header.range(of: entry))
      let end = try #require(header.range(of: ");", range: start.upperBound..<header.endIndex))
      let parameters = header[start.upperBound..<end.lowerBound].split(separator: ",")
      let names = parameters.compactMap { $0.split(whereSeparator: { " *\n".contains($0) }).last }
      #expect(Set(names).count == names.count, "\(names)")
      #expect(names.count > 4)
    }
  }
}
