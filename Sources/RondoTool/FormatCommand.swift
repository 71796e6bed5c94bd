internal import ModelRuntime
internal import Rondo

extension Command {
  /// `rondo format`: definitions in the one layout.
  static let format = Command(
    name: "format",
    operands: "FILE.graph...",
    operandCount: 1...Int.max,
    summary: "rewrites definitions in the one layout",
    options: [check],
    example: "rondo format graphs/char_lm.graph"
  ) { arguments, setting in
    // All are read before one is written, so that an error leaves all as they were.
    var changed: [(path: String, text: String)] = []
    for path in arguments.operands {
      let definition = try Definition(path: path)
      let text = try definition.formatted()
      if Array(text.utf8) != definition.bytes { changed.append((path, text)) }
    }
    if arguments.has(check) {
      guard !changed.isEmpty else { return 0 }
      let paths = changed.map { quoted($0.path) }.joined(separator: ", ")
      setting.console.note("rondo: not in the one layout: \(paths)\n")
      setting.console.note("  hint: rewrite with rondo format FILE.graph\n")
      return 1
    }
    for (path, text) in changed {
      // What a link leads to is rewritten, and keeps its permissions.
      let target = try Platform.resolved(path)
      let mode = try Platform.status(target)?.mode ?? 0o644
      try Platform.replace(target, with: Array(text.utf8), mode: mode & 0o777)
      setting.console.line("formatted \(path)")
    }
    return 0
  }

  /// Only looking.
  private static let check = Option(
    "--check",
    help: "write nothing; exit with 1 if a file would change"
  )
}
