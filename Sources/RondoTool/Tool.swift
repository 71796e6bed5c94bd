internal import ModelRuntime
internal import Rondo

/// The command `rondo`: finds the command, runs it, says what went wrong.
package enum Tool {
  /// The version of the tool.
  package static let version = Compiler.version

  /// The commands, in the order of a first day with it.
  package static let commands: [Command] = [
    .train, .evaluate, .predict, .score, .generate, .report, .build, .selftest, .show, .format,
    .bench, .doctor, .fuzz,
    .replay, .reproduce,
  ]

  /// Runs the words after `rondo`.
  ///
  /// - Parameter folder: where reproducers of our own faults are written, as messages call it.
  /// - Returns: 0 when all is well, 1 for wrong input, 2 for wrong use, 70 for our own faults, 130
  ///   when the person stopped it.
  package static func run(
    _ words: [String],
    console: Console,
    environment: [String: String],
    folder: String = "."
  ) -> Int32 {
    let setting = Setting(console: console, environment: environment, words: words, folder: folder)
    do {
      return try dispatch(words, setting)
    } catch let error as UsageError {
      console.note("rondo: \(error.message)\n")
      return 2
    } catch let error as CompilationFailure {
      let text = error.description
      let reason =
        error.isBug
        ? "meets a fault of the compiler's"
        : error.isUnsupported ? "asks for what is not supported yet" : "is wrong"
      console.note("rondo: the definition \(reason)\n\n")
      console.note(text.hasSuffix("\n") ? text : text + "\n")
      if let reproducer = error.reproducer {
        let advice = setting.keep(reproducer) {
          "to see it again: rondo reproduce \(shellWord($0))"
        }
        console.note("\n\(advice)\n")
      }
      return error.isBug ? 70 : 1
    } catch let error as RuntimeError {
      let kind = error.kind == .wrong ? "" : "\(error.kind.rawValue): "
      console.note("rondo: \(kind)\(error.message)\n")
      for line in error.details { console.note("  \(line)\n") }
      if let hint = error.hint { console.note("  hint: \(hint)\n") }
      if Interruption.isAsked { return 130 }
      return error.kind == .bug ? 70 : 1
    } catch {
      console.note("rondo: internal error: \(error)\n")
      return 70
    }
  }

  /// Finds the command and runs it.
  private static func dispatch(
    _ words: [String],
    _ setting: Setting
  ) throws -> Int32 {
    guard let first = words.first else {
      throw UsageError("no command is given, write one of: \(names)")
    }
    let console = setting.console
    switch first {
    case "--help", "-h", "help":
      if first == "help", words.count > 1 { return try help(words[1], console) }
      console.write(usage)
      return 0
    case "--version":
      console.line("rondo \(version)")
      return 0
    default:
      let command = try find(first)
      let arguments = try Arguments(Array(words.dropFirst()), for: command)
      if arguments.asksHelp {
        console.write(command.usage)
        return 0
      }
      return try command.run(arguments, setting)
    }
  }

  /// Shows a command's usage.
  private static func help(_ name: String, _ console: Console) throws(UsageError) -> Int32 {
    console.write(try find(name).usage)
    return 0
  }

  /// The command of that name.
  private static func find(_ name: String) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.name == name }) { return command }
    if name.hasPrefix("-") {
      throw UsageError("\(quoted(name)) comes before the command, write: rondo COMMAND \(name)")
    }
    let hint =
      nearest(to: name, among: commands.map(\.name)).map { "did you mean \($0)?" }
      ?? "the commands are \(names)"
    throw UsageError("there is no command \(quoted(name)), \(hint)")
  }

  /// The commands' names for a message.
  private static var names: String { commands.map(\.name).joined(separator: ", ") }

  /// The text of `rondo --help`.
  package static var usage: String {
    let width = commands.map(\.name.count).max() ?? 0
    let lines = commands.map { command in
      let gap = String(repeating: " ", count: width - command.name.count)
      return "  \(command.name)\(gap)  \(command.summary)"
    }
    return """
      usage: rondo COMMAND [options]

      Compiles recurrent networks to C that trains and infers.

      \(lines.joined(separator: "\n"))

      rondo COMMAND --help says more; rondo --version says which this is.

      """
  }
}
