internal import ModelRuntime

// The process: its words, its streams, its signals. Everything else is `Tool`, which tests call.

// A reader of our output that has gone away is no reason to stop a run; writing to it just fails.
Platform.ignoreBrokenPipes()
// Whoever started us may ignore it; then nobody could be told how the C compiler ended.
Platform.awaitChildren()
// A word that is not UTF-8 would become another one, and so would the file it names.
for (number, word) in CommandLine.arguments.enumerated() {
  guard let bytes = CommandLine.unsafeArgv[number], String(validatingCString: bytes) == nil else {
    continue
  }
  Console.standard.note("rondo: the word \(quoted(word)) is not UTF-8, and only UTF-8 is read\n")
  Platform.exit(2)
}
let code = Tool.run(
  Array(CommandLine.arguments.dropFirst()),
  console: .standard,
  environment: Platform.environment
)
if code == 0, let loss = Console.loss {
  Console.standard.note("rondo: the output could not be written: \(loss)\n")
  Platform.exit(1)
}
Platform.exit(code)
