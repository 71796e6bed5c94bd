public import ModelRuntime

/// What one core of this machine can do at most, measured.
public struct Peak: Hashable, Sendable, Encodable {
  /// Multiplications and additions of Floats in a second, each counted.
  public var flops: Double
  /// Bytes read in a second from half a megabyte, which most second-level caches hold.
  public var second: Double
  /// Bytes read in a second from eight megabytes.
  public var third: Double
  /// Bytes read in a second from a quarter of a gigabyte.
  public var memory: Double

  /// The names in a file of results.
  private enum CodingKeys: String, CodingKey {
    case flops = "flops_per_s"
    case second = "second_level_bytes_per_s"
    case third = "third_level_bytes_per_s"
    case memory = "memory_bytes_per_s"
  }

  /// Compiles and runs a small program; takes some two seconds.
  ///
  /// - Parameters:
  ///   - compiler: what compiles it, for this processor.
  ///   - scratch: a folder in which a private one is made for the time being.
  /// - Throws: `RuntimeError` when it does not compile or run.
  public init(by compiler: CCompiler, scratch: String = "/tmp") throws(RuntimeError) {
    let folder = try Platform.makePrivateFolder(in: scratch)
    defer { try? Platform.remove(folder) }
    let (source, program) = (Platform.join(folder, "peak.c"), Platform.join(folder, "peak"))
    try Platform.replace(source, with: PackageResources.Peak_h)
    let flags = ["-O3", "-march=native", "-ffp-contract=fast", "-o", program, source]
    let compiled = try compiler.execute(flags, scratch: folder, seconds: 60, outputLimit: 1 << 16)
    guard compiled.ending == .exited(0) else {
      var error = RuntimeError("the C compiler failed on the program that measures the peak")
      let lines = String(decoding: compiled.output, as: UTF8.self).split(separator: "\n")
      error.details = lines.prefix(8).map(String.init)
      throw error
    }
    let result = try Platform.run(program, [], environment: [], seconds: 60)
    var figures: [String: Double] = [:]
    for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 2, let value = Double(words[1]) { figures[words[0]] = value }
    }
    guard result.ending == .exited(0), let flops = figures["flops"],
      let second = figures["second"], let third = figures["third"], let memory = figures["memory"]
    else { throw RuntimeError("the program that measures the peak \(result.ending)") }
    (self.flops, self.second, self.third, self.memory) = (flops, second, third, memory)
  }

  /// The figures for a person.
  public var text: String {
    func giga(_ value: Double) -> String { "\(Int((value / 1e9).rounded()))" }
    return "\(giga(flops)) GF/s; reads \(giga(second)) GB/s from the second-level cache, "
      + "\(giga(third)) GB/s from the third, \(giga(memory)) GB/s from memory (one core)"
  }
}
