import Foundation
import ModelRuntime
import Rondo

/// What is to be learned: to smooth a series as it comes.
let text = """
  model smoother {
    axis time <= 20
    input rough: real over time
    target smooth: real over time
    layer rnn = gru(8), mix = linear(1)
    guess = mix(rnn(rough))[0]
    output guess
    loss mse(guess, smooth)
    train adam(rate: 0.01)
    stream over time
  }
  """

/// Rows of a series at random, and of what it is smoothed to: `[batch, time]` each.
func examples(rows: Int) -> (rough: [Float], smooth: [Float]) {
  var (rough, smooth): ([Float], [Float]) = ([], [])
  for _ in 0..<rows {
    var mean: Float = 0
    for _ in 0..<20 {
      rough.append(Float.random(in: -1...1))
      mean += (rough[rough.count - 1] - mean) / 4
      smooth.append(mean)
    }
  }
  return (rough, smooth)
}

/// Compiles the definition into a folder, trains it, and leaves its weights there.
func learn(into folder: String) throws {
  let definition = Definition(name: "smoother.graph", text: text)
  let model = try Compiler(options: .init(batch: 32)).build(definition, to: folder)
  let session = try Session(model)
  try session.initialize(seed: 7)
  for update in 1...400 {
    let (rough, smooth) = examples(rows: 32)
    let batch: [String: TensorData] = ["rough": .float(rough), "smooth": .float(smooth)]
    let outputs = try session.run("train", batch: 32, inputs: batch)
    guard update.isMultiple(of: 100), case .float(let loss)? = outputs["loss"] else { continue }
    print("update \(update): loss \(loss[0])")
  }
  try session.saveWeights(to: folder + "/smoother.safetensors")
}

do {
  guard CommandLine.arguments.count == 2 else { throw RuntimeError("write: learn FOLDER") }
  try learn(into: CommandLine.arguments[1])
} catch {
  print("learn: \(error)")
  exit(1)
}
