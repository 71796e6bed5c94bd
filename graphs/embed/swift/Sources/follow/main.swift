import Foundation
import ModelRuntime

/// Runs the model in a folder, with its weights, over numbers from standard input, one a line.
func follow(_ folder: String) throws {
  let model = try CompiledModel(folder: folder)
  let session = try Session(model)
  try session.loadWeights(from: folder + "/\(model.name).safetensors")
  _ = try session.run("begin", batch: 1)
  while let line = readLine() {
    guard let number = Float(line), number.isFinite else {
      throw RuntimeError("'\(line)' is no number")
    }
    let outputs = try session.run("step", batch: 1, inputs: ["rough": .float([number])])
    if case .float(let guess)? = outputs["guess"] { print(guess[0]) }
  }
}

do {
  guard CommandLine.arguments.count == 2 else { throw RuntimeError("write: follow FOLDER") }
  try follow(CommandLine.arguments[1])
} catch {
  print("follow: \(error)")
  exit(1)
}
