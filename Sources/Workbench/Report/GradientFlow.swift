package import ModelRuntime
package import Rondo

extension Session {
  /// The norm of the loss's gradient by each state after each step, over all rows of a first batch.
  ///
  /// - Throws: `RuntimeError` when the model was compiled without these norms, or there is no data.
  package func gradientFlows(
    _ source: inout some BatchSource
  ) throws(RuntimeError) -> [RunReport.GradientFlow] {
    let call = try EntryCall(model, entry: "gradients")
    let outputs = call.entry.outputs.indices.filter { index in
      let tensor = call.entry.outputs[index]
      return tensor.name.hasPrefix("flow.") && tensor.dimensions.count == 2
        && tensor.dimensions[1].axis != nil
    }
    guard !outputs.isEmpty else {
      throw RuntimeError("\(model.name) has no state along an axis that a gradient comes to")
    }
    for index in call.entry.outputs.indices {
      call.setWanted(outputs.contains(index), output: index)
    }
    try call.set(.seed, to: UInt64(0))
    guard let batch = try source.fill(call, epoch: 0, number: 0) else {
      throw RuntimeError("there is no batch to take the gradients of \(model.name) on")
    }
    try run(call, state: Block(byteCount: model.manifest.blocks.state))
    var flows: [RunReport.GradientFlow] = []
    for index in outputs {
      let tensor = call.entry.outputs[index]
      let steps = tensor.dimensions[1].extent
      var squares = [Double](repeating: 0, count: steps)
      try call.withOutput(index, as: Float.self) { norms in
        for place in 0..<batch.rows * steps {
          squares[place % steps] += Double(norms[place]) * Double(norms[place])
        }
      }
      // Past the longest row there is nothing.
      let last = squares.lastIndex { $0 != 0 } ?? -1
      flows.append(
        RunReport.GradientFlow(
          state: String(tensor.name.dropFirst("flow.".count)),
          axis: tensor.dimensions[1].axis ?? "",
          norms: squares[...last].map { $0.squareRoot() }
        )
      )
    }
    return flows
  }
}
