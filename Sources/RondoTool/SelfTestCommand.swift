internal import ModelRuntime
internal import Rondo

extension Command {
  /// `rondo selftest`: whether a model does here what it is to do.
  static let selftest = Command(
    name: "selftest",
    operands: "DIR",
    operandCount: 1...1,
    summary: "checks a compiled model on this machine: gradients, steps, threads, arithmetic",
    options: [
      Option("--threads", "K", help: "how many threads are held against one (default 2)")
    ],
    example: "rondo selftest build/char_lm"
  ) { arguments, setting in
    let folder = arguments.operands[0]
    guard try Platform.status(folder)?.kind == .folder else {
      throw RuntimeError("there is no folder \(quoted(folder))")
    }
    let model = try CompiledModel(folder: folder)
    let definition = Platform.join(folder, FolderContents.definitionName)
    let stops =
      try Platform.status(definition) != nil && Definition(path: definition).stopsGradients
    let threads = try arguments.int(.threads, in: 1...1024) ?? 2
    let test = try model.selfTest(threads: threads, stopsGradients: stops)
    setting.console.line(
      test.isBuiltIn
        ? "\(model.name) checks itself"
        : "\(model.name) is checked from outside; its arithmetic alone is not: build it with --selftest"
    )
    for check in test.checks { setting.console.line(line(check)) }
    guard !test.isPassed else { return 0 }
    let failed = test.checks.filter { $0.outcome == .failed }.map(\.name).joined(separator: "; ")
    throw RuntimeError(
      "\(model.name) does not do here what it is to do: \(failed)",
      hint: "build it again on this machine; if that does not help, with another C compiler by --cc"
    )
  }

  /// A check as a line of the page.
  private static func line(_ check: SelfTest.Check) -> String {
    let place = check.place.map { place in
      check.element.map { "\(place)[\($0)]" } ?? place
    }
    switch check.outcome {
    case .passed:
      let at = check.error > 0 ? place.map { ", at \($0)" } ?? "" : ""
      return "passed   \(check.name): at most \(check.error) of \(check.bound)\(at)"
    case .failed:
      return "FAILED   \(check.name): \(check.error), above \(check.bound), at \(place ?? "?")"
    case .skipped:
      return "skipped  \(check.name): \(place ?? "nothing to check")"
    }
  }
}
