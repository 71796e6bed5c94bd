import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

/// A model that checks itself passes as it is, and finds what is planted in it.
@Suite("A model's test of itself") struct SelfTestTests {
  /// A stream with outputs along it, a loss, weights of several shapes.
  private static let text = """
    model checked {
      axis time <= 9
      input x: real[3] over time
      target y: token(5) over time
      layer rnn = lstm(4), score = linear(5)
      logits = score(rnn(x))
      output logits
      loss cross_entropy(logits, y)
      train adam(rate: 0.01)
      stream over time
    }
    """

  private static func generated(
    _ text: String = text,
    checksItself: Bool = true,
    checksLoops: Bool = false
  ) throws -> GeneratedModel {
    var options = Compiler.Options(batch: 4)
    options.checksLoops = checksLoops
    options.checksItself = checksItself
    return try Compiler(options: options)
      .generate(Definition(name: "checked", bytes: Array(text.utf8)))
  }

  /// What a model says of itself, after a change of its C.
  private static func test(
    _ model: GeneratedModel,
    _ change: (@Sendable (String) -> String)? = nil,
    stopsGradients: Bool = false
  ) throws -> SelfTest {
    let model = try PlantedFault(source: change).plant(in: model)
    var test: SelfTest?
    try inFolder { folder in
      let library = try CCompiler.quick().compile(
        model.source,
        header: model.header,
        name: model.name,
        options: .init(optimization: 0),
        scratch: folder
      )
      try Artifact(model, library).write(to: folder)
      test = try CompiledModel(folder: folder).selfTest(stopsGradients: stopsGradients)
    }
    return try #require(test)
  }

  /// The checks that failed, by the first word of their names, and where.
  private static func failures(_ test: SelfTest) -> [String] {
    test.checks.filter { $0.outcome == .failed }.map {
      "\($0.name.prefix { $0 != " " }) \($0.place ?? "")"
    }
  }

  @Test("passes, from inside and from outside, and says what it checked")
  func passes() throws {
    let inside = try Self.test(Self.generated())
    #expect(inside.isBuiltIn && inside.checks.allSatisfy { $0.outcome == .passed }, "\(inside)")
    #expect(
      inside.checks.map { $0.name.prefix { $0 != " " } } == [
        "gradients", "step", "threads", "elementary", "draws,", "products",
      ]
    )
    let outside = try Self.test(Self.generated(checksItself: false))
    #expect(!outside.isBuiltIn && outside.isPassed)
    #expect(outside.checks == Array(inside.checks.prefix(3)))
  }

  @Test("holds its loops against steps written out one by one, where it is asked to")
  func loops() throws {
    let model = try Self.generated(checksLoops: true)
    let passed = try Self.test(model)
    #expect(passed.isPassed && passed.checks.last?.name == "loops against steps one by one")
    #expect(passed.checks.last?.outcome == .passed, "\(passed)")
    let failed = try Self.test(
      model,
      { source in
        // The first product of the gradients that are written out is left out.
        var source = source
        guard let function = source.firstRange(of: "program_gradients_written_out("),
          let product = source[function.upperBound...].firstRange(of: /(panel_)?product\(/)
        else { return source }
        source.replaceSubrange(product, with: "(void)(")
        return source
      }
    )
    #expect(Self.failures(failed).contains { $0.hasPrefix("loops") }, "\(failed)")
  }

  /// A function of the C in front of an entry's, which the table then names.
  private static func wrapping(_ entry: String, _ body: String) -> @Sendable (String) -> String {
    { source in
      let name = "planted_\(entry)"
      let function = """
        static checked_status \(name)(const checked_context *context, const checked_call *call) {
          const checked_status status = run_\(entry)(context, call);
          if (status != CHECKED_OK) return status;
          \(body)
          return status;
        }

        """
      return source.replacing(
        "static const checked_entry entries[",
        with: function + "static const checked_entry entries["
      ).replacing("_outputs, run_\(entry)}", with: "_outputs, \(name)}")
    }
  }

  @Test("finds a gradient of the wrong sign, of the wrong size, and one that is missing")
  func gradients() throws {
    let model = try Self.generated()
    let outputs = try #require(model.manifest.entry("gradients")).outputs
    for (name, change, count) in [
      ("rnn.bias_hh", "*= -1.0f", 16), ("score.weight", "*= 1.25f", 20),
      ("rnn.weight_ih", "= 0.0f", 48), ("score.bias", "*= -1.0f", 1),
    ] {
      let place = try #require(outputs.firstIndex { $0.name == name })
      let body = """
        if (call->outputs[\(place)])
            for (int i = 0; i < \(count); i += 1) ((float *)call->outputs[\(place)])[i] \(change);
        """
      let test = try Self.test(model, Self.wrapping("gradients", body))
      #expect(Self.failures(test) == ["gradients \(name)"], "\(change)")
    }
  }

  @Test("finds a stream that drifts, and threads that calculate otherwise")
  func bits() throws {
    let model = try Self.generated()
    let drift = "((float *)call->outputs[0])[1] += 1.0e-6f;"
    #expect(Self.failures(try Self.test(model, Self.wrapping("step", drift))) == ["step logits"])
    let place = try #require(
      model.manifest.entry("gradients")?.outputs.firstIndex { $0.name == "score.bias" }
    )
    let race = "if (call->threads == 0) ((float *)call->outputs[\(place)])[2] += 1.0e-6f;"
    #expect(
      Self.failures(try Self.test(model, Self.wrapping("gradients", race))) == [
        "threads score.bias"
      ]
    )
  }

  @Test("finds a function, a draw and a product that are not what they were")
  func arithmetic() throws {
    let model = try Self.generated()
    let changes: [(String, String, String)] = [
      ("splat(0.133210897f)", "splat(0.14f)", "elementary tanh"),
      ("0x9e3779b9u", "0x9e3779b8u", "draws, Philox 4x32-10"),
      ("c00 = multiply_add(x, load(b), c00);", "c00 = multiply_add(x, load(b), x);", "products"),
    ]
    for (old, new, found) in changes {
      let test = try Self.test(model) { $0.replacing(old, with: new) }
      #expect(Self.failures(test).contains { $0.hasPrefix(found) }, "\(test)")
    }
  }

  @Test("does not hold gradients that are stopped against differences")
  func stopped() throws {
    let text = Self.text.replacing("score(rnn(x))", with: "score(stop_gradient(rnn(x)))")
    #expect(try Self.test(Self.generated(text)).checks[0].outcome == .skipped)
    let outside = try Self.generated(text, checksItself: false)
    #expect(try Self.test(outside, stopsGradients: true).checks[0].outcome == .skipped)
    #expect(try Self.test(outside).checks[0].outcome == .failed)
  }

  @Test("is C without a warning, with weights of its own, too")
  func warnings() throws {
    var options = Compiler.Options(batch: 4)
    options.checksItself = true
    options.holdsWeights = true
    let model = try Compiler(options: options)
      .generate(Definition(name: "checked", bytes: Array(Self.text.utf8)))
    let warnings = [
      "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion",
      "-Werror", "-fsyntax-only",
    ]
    for name in ["gcc", "clang"] {
      guard let compiler = try? CCompiler.find(option: name, environment: Platform.environment)
      else { continue }
      try inFolder { folder in
        let source = Platform.join(folder, "checked.c")
        try Platform.replace(source, with: model.source)
        try Platform.replace(Platform.join(folder, "checked.h"), with: model.header)
        for flags in [["-std=c99"], ["-x", "c++", "-std=c++17"]] {
          for macros in [[], ["-DCHECKED_WEIGHTS"]] {
            let result = try compiler.execute(
              flags + warnings + macros + [source],
              scratch: folder,
              seconds: 60,
              outputLimit: 1 << 16
            )
            #expect(
              result.ending == .exited(0),
              "\(String(decoding: result.output, as: UTF8.self))"
            )
          }
        }
      }
    }
  }
}
