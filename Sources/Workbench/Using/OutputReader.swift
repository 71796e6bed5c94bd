package import ModelRuntime
internal import Rondo

/// Runs an entry over examples, and hands out what it gives, row by row, without padding.
package struct OutputReader {
  /// The outputs that are read.
  package let outputs: [Manifest.Tensor]
  /// The call.
  private let call: EntryCall
  /// Where the outputs stand among those of the entry.
  private let places: [Int]
  /// The model at work.
  private let session: Session

  /// Prepares the calls; only these outputs are computed.
  package init(_ session: Session, entry: String, outputs: [String]) throws(RuntimeError) {
    call = try EntryCall(session.model, entry: entry)
    self.session = session
    places = call.entry.outputs.indices.filter { [call] in
      outputs.contains(call.entry.outputs[$0].name)
    }
    self.outputs = places.map { [call] in call.entry.outputs[$0] }
    for index in call.entry.outputs.indices {
      call.setWanted(places.contains(index), output: index)
    }
    try call.set(.seed, to: UInt64(0))
  }

  /// Runs all examples in their order; `body` gets each example's own values and its outputs.
  package func run(
    _ examples: ExampleSet,
    _ body: (_ place: Int, _ values: [FieldValue], _ outputs: [FieldValue]) throws(RuntimeError)
      -> Void
  ) throws(RuntimeError) {
    var batches = try ExampleBatches(examples, rows: session.model.manifest.batch, seed: nil)
    let fields = examples.reader.fields
    let state = try Block(byteCount: session.model.manifest.blocks.state)
    for number in 0..<batches.batchCount {
      guard try batches.fill(call, epoch: 0, number: number) != nil else { return }
      call.firstExample = UInt32(truncatingIfNeeded: number * batches.rows)
      try session.run(call, state: state)
      for (row, values) in try batches.rows(of: number).enumerated() {
        var lengths: [String: [Int]] = [:]
        for (field, value) in zip(fields, values) {
          for (axis, own) in zip(field.axes, value.lengths) { lengths[axis] = own }
        }
        var found: [FieldValue] = []
        for place in places { found.append(try call.value(ofOutput: place, row: row, lengths)) }
        try body(number * batches.rows + row, values, found)
      }
    }
  }
}

extension EntryCall {
  /// A row of an output, by the lengths that the row has along its axes.
  fileprivate func value(
    ofOutput output: Int,
    row: Int,
    _ lengths: [String: [Int]]
  ) throws(RuntimeError) -> FieldValue {
    let tensor = entry.outputs[output]
    let axes = tensor.dimensions.dropFirst().filter { $0.axis != nil }
    let width = tensor.dimensions.filter { $0.axis == nil }.reduce(1) { $0 * $1.extent }
    var own: [[Int]] = []
    for dimension in axes {
      let axis = model.manifest.axes.first { $0.name == dimension.axis }
      if let given = axis.flatMap({ lengths[$0.name] }) {
        own.append(given)
      } else if let axis, let source = axis.source, let given = lengths[source] {
        own.append(given.map { $0 / (axis.divisor ?? 1) })
      } else {
        own.append([dimension.extent])
      }
    }
    let extents = axes.map(\.extent)
    let size = extents.reduce(width, *)
    let runs = FieldValue(elements: .tokens([]), lengths: own).runs(within: extents, width: width)
    func collect<Element: BoundaryElement>(_ type: Element.Type) throws(RuntimeError) -> [Element] {
      try withOutput(output, as: type) { elements in
        runs.flatMap { run in
          elements[row * size + run.start..<row * size + run.start + run.count]
        }
      }
    }
    return tensor.element == .int32
      ? FieldValue(elements: .tokens(try collect(Int32.self)), lengths: own)
      : FieldValue(elements: .numbers(try collect(Float.self)), lengths: own)
  }
}
