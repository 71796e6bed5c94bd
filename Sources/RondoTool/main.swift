internal import Foundation
internal import ModelRuntime

// The process: its words, its streams, its signals. Everything else is `Tool`, which tests call.

// A reader of our output that has gone away is no reason to stop a run; writing to it just fails.
signal(SIGPIPE, SIG_IGN)
let code = Tool.run(
  Array(CommandLine.arguments.dropFirst()),
  console: .standard,
  environment: Platform.environment
)
exit(code)
