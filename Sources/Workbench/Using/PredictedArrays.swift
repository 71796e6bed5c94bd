package import ModelRuntime

extension TrainedModel {
  /// The bytes of a `.npz` file with all outputs of `infer` for the examples: each
  /// `[examples, axes, shape]`, zeros past the ends of rows, and `AXIS.lengths` where they differ.
  package func predictedArrays(_ examples: ExampleSet) throws(RuntimeError) -> [UInt8] {
    let outputs = manifest.entry("infer")?.outputs ?? []
    let reader = try OutputReader(session, entry: "infer", outputs: outputs.map(\.name))
    var values = outputs.map { _ in [FieldValue]() }
    try reader.run(examples) { _, _, found in
      for (index, value) in found.enumerated() { values[index].append(value) }
    }
    var arrays: [NumPyWriter.Member] = []
    var lengths: [NumPyWriter.Member] = []
    for (tensor, rows) in zip(reader.outputs, values) {
      let shape = [rows.count] + tensor.dimensions.dropFirst().map(\.extent)
      switch tensor.padded(rows) {
      case .float(let numbers):
        arrays.append(NumPyWriter.Member(tensor.name, shape: shape, numbers))
      case .int(let tokens): arrays.append(NumPyWriter.Member(tensor.name, shape: shape, tokens))
      case .byte, .seed: continue
      }
      for (depth, axis) in tensor.dimensions.dropFirst().compactMap(\.axis).enumerated() {
        let name = "\(axis).lengths"
        let own = rows.map { $0.lengths[depth] }
        guard own.allSatisfy({ $0.count == 1 }), !lengths.contains(where: { $0.name == name })
        else {
          continue
        }
        let numbers = own.map { Int32(clamping: $0.first ?? 0) }
        lengths.append(NumPyWriter.Member(name, shape: [rows.count], numbers))
      }
    }
    return try NumPyWriter.npz(arrays + lengths)
  }
}
