package import ModelRuntime
internal import Rondo

extension TrainedModel {
  /// Draws the target of each example from what else the example says.
  ///
  /// - Parameters:
  ///   - examples: their values; that of the target itself is not looked at.
  ///   - generation: how; with a limit of 0 as long as the target's axis may be.
  ///   - body: gets each example's place, its values and what was drawn.
  package func draw(
    _ examples: ExampleSet,
    _ generation: Generation,
    _ body: (_ place: Int, _ values: [FieldValue], _ row: GeneratedRow) throws(RuntimeError) -> Void
  ) throws(RuntimeError) {
    var generation = generation
    let target = manifest.entry(Manifest.Entry.generate)?.outputs.first
    if generation.limit == 0, let axis = target?.dimensions.dropFirst().first?.axis {
      generation.limit = manifest.axes.first { $0.name == axis }?.bound ?? 1
    }
    let rows = max(1, manifest.batch / max(1, generation.beamWidth))
    var batches = try ExampleBatches(examples, rows: rows, seed: nil)
    let begin = manifest.entry("begin")?.inputs.filter { $0.role == .data } ?? []
    let fields = examples.reader.fields
    for number in 0..<batches.batchCount {
      let values = try batches.rows(of: number)
      var (inputs, lengths): ([String: TensorData], [String: [Int32]]) = ([:], [:])
      for tensor in begin {
        guard let index = fields.firstIndex(where: { $0.name == tensor.name }) else {
          throw RuntimeError("the data has nothing for \(quoted(tensor.name))")
        }
        inputs[tensor.name] = tensor.padded(values.map { $0[index] })
        for (depth, name) in fields[index].axes.enumerated() {
          guard let axis = manifest.axes.first(where: { $0.name == name }), !axis.fixed,
            axis.source == nil
          else { continue }
          var given = [Int32](repeating: 1, count: values.count * axis.given)
          for (row, value) in values.enumerated() {
            for (place, length) in value[index].lengths[depth].enumerated() {
              given[row * axis.given + place] = Int32(clamping: length)
            }
          }
          lengths[name] = given
        }
      }
      let drawn = try session.generate(
        generation,
        batch: values.count,
        lengths: lengths,
        inputs: inputs,
        firstExample: UInt32(truncatingIfNeeded: number * rows)
      )
      for (row, result) in drawn.enumerated() {
        try body(number * rows + row, values[row], result)
      }
    }
  }
}

extension Manifest.Tensor {
  /// Rows of values as one array with zeros past their ends.
  func padded(_ values: [FieldValue]) -> TensorData {
    let extents = dimensions.dropFirst().filter { $0.axis != nil }.map(\.extent)
    let width = dimensions.filter { $0.axis == nil }.reduce(1) { $0 * $1.extent }
    let size = extents.reduce(width, *)
    func padded<Element: AdditiveArithmetic>(_ rows: [[Element]]) -> [Element] {
      var all = [Element](repeating: .zero, count: size * rows.count)
      for (row, elements) in rows.enumerated() {
        var taken = 0
        for run in values[row].runs(within: extents, width: width) {
          for offset in 0..<run.count {
            all[row * size + run.start + offset] = elements[taken + offset]
          }
          taken += run.count
        }
      }
      return all
    }
    if element == .int32 { return .int(padded(values.map(\.tokens))) }
    return .float(padded(values.map(\.numbers)))
  }
}

extension FieldValue {
  /// Its tokens; none when it is numbers.
  package var tokens: [Int32] {
    if case .tokens(let tokens) = elements { return tokens }
    return []
  }

  /// Its numbers; none when it is tokens.
  package var numbers: [Float] {
    if case .numbers(let numbers) = elements { return numbers }
    return []
  }
}
