internal import ModelRuntime

/// Looks at what the compiler needs of a machine: what is there, what is wrong, how to mend it.
public enum Doctor {
  /// One thing that was looked at.
  public struct Finding: Hashable, Sendable {
    /// How it is.
    public enum Verdict: String, Hashable, Sendable {
      /// As it should be.
      case good
      /// Works, but slower or less safely.
      case warning
      /// Must be mended.
      case problem
    }

    /// What was looked at.
    public var subject: String
    /// How it is.
    public var verdict: Verdict
    /// What was found, as one line.
    public var detail: String
    /// How to mend it; nil when nothing need be.
    public var remedy: String?
  }

  /// Looks at everything; takes a second or two, and never throws.
  ///
  /// - Parameters:
  ///   - compiler: the value of `--cc`; nil when it was not given.
  ///   - environment: the environment.
  ///   - scratch: where a tiny program is compiled.
  public static func examine(
    compiler: String? = nil,
    environment: [String: String],
    scratch: String = "/tmp"
  ) -> [Finding] {
    [processor()] + examineCompiler(compiler, environment, scratch) + examineCache(environment)
  }

  /// What the processor can do.
  private static func processor() -> Finding {
    let features = Platform.processorFeatures
    #if arch(x86_64)
      let widths = [("avx512f", 16), ("avx2", 8)]
      let lanes = widths.first { features.contains($0.0) }?.1 ?? 4
      let detail = "x86-64, \(lanes) numbers at a time: \(features.joined(separator: " "))"
      let isSlow = lanes == 4
    #else
      let detail = features.joined(separator: " ")
      let isSlow = false
    #endif
    return Finding(
      subject: "processor",
      verdict: isSlow ? .warning : .good,
      detail: detail,
      remedy: isSlow ? "models run here, but slowly: the processor has no AVX2" : nil
    )
  }

  /// The compiler, its flags, and a tiny program.
  private static func examineCompiler(
    _ option: String?,
    _ environment: [String: String],
    _ scratch: String
  ) -> [Finding] {
    let compiler: CCompiler
    var findings: [Finding] = []
    do {
      compiler = try CCompiler.find(option: option, environment: environment)
      findings.append(
        Finding(
          subject: "C compiler",
          verdict: .good,
          detail: "\(compiler.path): \(compiler.version)"
        )
      )
    } catch {
      return [problem("C compiler", error)]
    }
    do {
      let options = CCompiler.Options(seconds: 60)
      let accepted = try compiler.acceptedFlags(options, scratch: scratch)
      let refused = CCompiler.flags(options).filter { !accepted.contains($0) }
      findings.append(
        Finding(
          subject: "flags",
          verdict: refused.isEmpty ? .good : .warning,
          detail: refused.isEmpty
            ? accepted.joined(separator: " ") : "not known: " + refused.joined(separator: " "),
          remedy: refused.isEmpty ? nil : "models run, but slower; gcc and clang know all of them"
        )
      )
      findings.append(try load(compiler, options, scratch))
    } catch {
      findings.append(problem("a tiny program", error))
    }
    return findings
  }

  /// Compiles, loads and calls a function.
  private static func load(
    _ compiler: CCompiler,
    _ options: CCompiler.Options,
    _ scratch: String
  ) throws(RuntimeError) -> Finding {
    let text =
      "__attribute__((visibility(\"default\"))) int rondo_answer(void);\n"
      + "int rondo_answer(void) { return 42; }\n"
    let library = try compiler.compile(
      Array(text.utf8),
      name: "answer",
      options: options,
      scratch: scratch
    )
    let folder = try Platform.makePrivateFolder(in: scratch)
    defer { try? Platform.remove(folder) }
    let path = Platform.join(folder, SHA256.hex(of: library.bytes) + ".so")
    try Platform.replace(path, with: library.bytes)
    let loaded = try Platform.Library(at: path)
    typealias Answer = @convention(c) () -> Int32
    guard let symbol = loaded.symbol("rondo_answer"),
      unsafeBitCast(symbol, to: Answer.self)() == 42
    else { throw RuntimeError("a tiny program was compiled and loaded, and answers wrongly") }
    let milliseconds = Int(library.seconds * 1000)
    return Finding(
      subject: "a tiny program",
      verdict: .good,
      detail: "compiled in \(milliseconds) ms, loaded and run"
    )
  }

  /// The cache's place, and whether it can be written.
  private static func examineCache(_ environment: [String: String]) -> [Finding] {
    do {
      let cache = try ArtifactCache(
        folder: ArtifactCache.location(environment: environment)
      )
      let probe = try Platform.makePrivateFolder(in: cache.folder)
      defer { try? Platform.remove(probe) }
      try Platform.replace(Platform.join(probe, "file"), with: [1, 2, 3])
      return [
        Finding(subject: "cache", verdict: .good, detail: "\(cache.folder), only for this user")
      ]
    } catch {
      return [problem("cache", error)]
    }
  }

  /// An error as a finding.
  private static func problem(_ subject: String, _ error: RuntimeError) -> Finding {
    let detail = ([error.message] + error.details).joined(separator: "; ")
    return Finding(subject: subject, verdict: .problem, detail: detail, remedy: error.hint)
  }
}
