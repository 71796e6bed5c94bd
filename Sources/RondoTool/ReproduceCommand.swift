internal import ModelRuntime
internal import Rondo

extension Command {
  /// `rondo reproduce`: a fault of ours, seen again.
  static let reproduce = Command(
    name: "reproduce",
    operands: "FILE.graph...",
    operandCount: 1...1000,
    summary: "runs again the step of the compiler that failed on a rondo-bug file",
    options: [],
    example: "rondo reproduce rondo-bug-hoist-1f8c02aa.graph"
  ) { arguments, setting in
    for path in arguments.operands {
      let step = try Compiler.reproduce(Definition(path: path))
      setting.console.line("\(path): \(step) does not fail any more")
    }
    return 0
  }
}
