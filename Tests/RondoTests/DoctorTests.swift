import ModelRuntime
import Testing

@testable import Rondo

/// On a machine that can run the tests, nothing is a problem; what is broken is named.
@Test func doctor() throws {
  try inFolder { folder in
    var environment = Platform.environment
    environment["RONDO_CACHE"] = Platform.join(folder, "cache")
    let findings = Doctor.examine(environment: environment, scratch: folder)
    #expect(
      findings.map(\.subject) == ["processor", "C compiler", "flags", "a tiny program", "cache"]
    )
    #expect(findings.allSatisfy { $0.verdict != .problem })
    environment["RONDO_CACHE"] = "relative"
    let broken = Doctor.examine(
      compiler: "/nonexistent/cc",
      environment: environment,
      scratch: folder
    )
    let problems = broken.filter { $0.verdict == .problem }
    #expect(problems.map(\.subject) == ["C compiler", "cache"])
    #expect(problems.allSatisfy { !$0.detail.isEmpty })
    #expect(problems.first?.remedy?.contains("--cc") == true)
  }
}
