import ModelRuntime
import Rondo
import Testing

@Suite("The sweep over elementary functions") struct FunctionSweepTests {
  /// Every so many floats are tried; fewer where Swift is not optimised.
  private static let every: UInt64 = {
    #if DEBUG
      99991
    #else
      997
    #endif
  }()

  private static let sweep = Result {
    try FunctionSweep(every: every, compiler: .find(environment: Platform.environment))
  }

  @Test(
    "finds errors within their bounds, special values right and all forms alike",
    arguments: FunctionSweep.Function.allCases
  )
  func functions(_ function: FunctionSweep.Function) throws {
    let sweep = try Self.sweep.get()
    var whole = FunctionReport(function: function)
    for part in 0..<sweep.parts { whole.add(sweep.measure(function, part: part)) }
    #expect(whole.tried == sweep.count)
    #expect(whole.failures == [])
    // It measures something: no function but the root is right to the last bit everywhere.
    let errors = whole.rows.compactMap { Double($0[3]) }
    #expect(errors.allSatisfy { $0 >= 0.499 } && errors.count == 2, "\(errors)")
  }
}
