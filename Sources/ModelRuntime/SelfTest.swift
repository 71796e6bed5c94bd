internal import ModelABI

/// What a model's checks of itself came to on this machine.
public struct SelfTest: Hashable, Sendable {
  /// What one check came to.
  public enum Outcome: Int32, Hashable, Sendable {
    /// No error is above the bound.
    case passed
    /// Some error is.
    case failed
    /// There was nothing to check.
    case skipped
  }

  /// One check, and the largest error that it met.
  public struct Check: Hashable, Sendable {
    /// What was checked, and in what unit errors are.
    public var name: String
    /// What it came to.
    public var outcome: Outcome
    /// The largest error.
    public var error: Float
    /// The largest that passes.
    public var bound: Float
    /// The array or function with the largest error, or why the check was skipped.
    public var place: String?
    /// Which of its elements; nil for all together.
    public var element: Int?
  }

  /// The checks in order.
  public var checks: [Check]
  /// Whether the library made them itself; else they were made from outside, through its table.
  public var isBuiltIn: Bool
  /// Whether none failed.
  public var isPassed: Bool { checks.allSatisfy { $0.outcome != .failed } }
}

extension CompiledModel {
  /// The library's own function.
  private typealias Function =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<rondo_report>?
    ) -> rondo_status

  /// Checks the model on this machine: by the library's own function where it was built with one, else
  /// as far as its table lets one.
  ///
  /// - Parameters:
  ///   - threads: how many threads are held against one.
  ///   - stopsGradients: whether the definition stops gradients; a library knows that of itself.
  /// - Throws: `RuntimeError` when there is no memory or no thread, or the model refuses to be called.
  public func selfTest(
    threads: Int = 2,
    stopsGradients: Bool = false
  ) throws(RuntimeError) -> SelfTest {
    typealias Size = @convention(c) () -> Int
    let symbols = (
      size: library.symbol("\(name)_selftest_bytes"), run: library.symbol("\(name)_selftest")
    )
    let workers: Workers
    do {
      workers = try Workers(self, threads: threads)
    } catch {
      // A library without threads has nothing to hold against one.
      guard error.kind == .unsupported else { throw error }
      workers = try Workers(self, threads: 1)
    }
    var table = table
    var report = rondo_report()
    report.size = UInt32(MemoryLayout<rondo_report>.size)
    let status: rondo_status
    let isBuiltIn: Bool
    if let size = symbols.size, let run = symbols.run {
      let memory = try Block(byteCount: unsafeBitCast(size, to: Size.self)())
      let function = unsafeBitCast(run, to: Function.self)
      status = function(workers.pool, memory.start, memory.byteCount, &report)
      isBuiltIn = true
    } else {
      let memory = try Block(byteCount: rondo_trial_bytes(&table))
      status = rondo_trial(
        &table,
        stopsGradients ? 1 : 0,
        workers.pool,
        memory.start,
        memory.byteCount,
        &report
      )
      isBuiltIn = false
    }
    if let error = error(status, in: "selftest") { throw error }
    guard (0...Int32(RONDO_MOST_CHECKS)).contains(report.count) else {
      throw RuntimeError("\(name).selftest says that it made \(report.count) checks")
    }
    let checks = withUnsafeBytes(of: &report.checks) { bytes in
      bytes.bindMemory(to: rondo_check.self).prefix(Int(report.count)).map { check in
        SelfTest.Check(
          name: check.name.map { String(cString: $0) } ?? "",
          outcome: SelfTest.Outcome(rawValue: check.outcome) ?? .failed,
          error: check.error,
          bound: check.bound,
          place: check.`where`.map { String(cString: $0) },
          element: check.element < 0 ? nil : Int(check.element)
        )
      }
    }
    return SelfTest(checks: checks, isBuiltIn: isBuiltIn)
  }
}
