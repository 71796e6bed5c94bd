internal import ModelRuntime
internal import Rondo

extension Command {
  /// `rondo doctor`: what the machine has and lacks.
  static let doctor = Command(
    name: "doctor",
    operands: "",
    operandCount: 0...0,
    summary: "looks at what this machine has for compiling models, and says how to mend the rest",
    options: [.compiler, peak],
    example: "rondo doctor"
  ) { arguments, setting in
    let findings = Doctor.examine(
      compiler: arguments.text(.compiler),
      environment: setting.environment
    )
    let width = findings.map(\.subject.count).max() ?? 0
    for finding in findings {
      let gap = String(repeating: " ", count: width - finding.subject.count)
      let mark =
        switch finding.verdict {
        case .good: "ok     "
        case .warning: "warning"
        case .problem: "PROBLEM"
        }
      setting.console.line("\(mark)  \(finding.subject)\(gap)  \(finding.detail)")
      if let remedy = finding.remedy {
        setting.console.line(String(repeating: " ", count: width + 11) + remedy)
      }
    }
    if arguments.has(peak) {
      let compiler = try CCompiler.find(
        option: arguments.text(.compiler),
        environment: setting.environment
      )
      let peak = try Platform.pinned(toProcessors: 1) { _ in try Peak(by: compiler) }
      setting.console.line("peak     \(peak.text)")
    }
    return findings.contains { $0.verdict == .problem } ? 1 : 0
  }

  /// Measuring.
  private static let peak = Option(
    "--peak",
    help: "measures what one core can do at most: multiply-adds, bytes read from each cache"
  )
}
