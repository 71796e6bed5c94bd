internal import Foundation
internal import ModelRuntime

// The process: its words, its streams, its signals. Everything else is `Tool`, which tests call.

let code = Tool.run(
  Array(CommandLine.arguments.dropFirst()),
  console: .standard,
  environment: Platform.environment
)
exit(code)
