package import ModelRuntime
package import Rondo

/// Examples as batches: shuffled, those of like length together.
///
/// The order of an epoch follows from the seed and the epoch alone. Of shuffled examples each fifty
/// batches' worth are sorted by length and cut into batches, which are then shuffled again; the last
/// batch alone may be smaller. Without a seed the examples keep their order.
package struct ExampleBatches: BatchSource, Sendable {
  /// How many batches' worth are sorted together.
  private static let pool = 50
  /// The examples.
  package let examples: ExampleSet
  /// The most rows of a batch.
  package let rows: Int
  /// What the order follows from; nil keeps it as it is.
  private let seed: UInt64?
  /// The order of the epoch that was asked for last.
  private var order: (epoch: Int, places: [Int])?
  /// What was read, where all fits into memory.
  private var kept: [[FieldValue]?]

  /// Cuts examples into batches.
  ///
  /// - Throws: `RuntimeError` when there is none.
  package init(_ examples: ExampleSet, rows: Int, seed: UInt64?) throws(RuntimeError) {
    guard examples.count > 0 else { throw RuntimeError("there is no example") }
    self.examples = examples
    self.rows = rows
    self.seed = seed
    kept = examples.reader.isSmall ? Array(repeating: nil, count: examples.count) : []
  }

  /// How many batches an epoch has.
  package var batchCount: Int { (examples.count + rows - 1) / rows }

  /// Puts a batch into a call.
  package mutating func fill(
    _ call: EntryCall,
    epoch: Int,
    number: Int
  ) throws(RuntimeError) -> Batch? {
    guard number < batchCount else { return nil }
    let values = try rows(of: number, epoch: epoch)
    let fields = examples.reader.fields
    try call.setBatch(values.count)
    var isSet: Set<String> = []
    for (index, field) in fields.enumerated() {
      for (depth, axis) in field.axes.enumerated() where isSet.insert(axis).inserted {
        try call.setLengths(values.map { $0[index].lengths }, of: axis, depth: depth)
      }
    }
    for (input, tensor) in call.entry.inputs.enumerated() where tensor.role == .data {
      guard let index = fields.firstIndex(where: { $0.name == tensor.name }) else {
        throw RuntimeError("the data has nothing for \(quoted(tensor.name))")
      }
      try call.setValues(values.map { $0[index] }, input: input)
    }
    // Each row is an example of its own; nothing goes on from the one before.
    try call.set(.fresh, to: UInt8(1))
    let positions = places(of: number, epoch: epoch).reduce(0) {
      $0 + max(1, examples.size(of: $1))
    }
    return Batch(rows: values.count, positions: positions, total: batchCount)
  }

  /// The values of a batch's rows, those of each in the order of the fields.
  package mutating func rows(of number: Int, epoch: Int = 0) throws(RuntimeError) -> [[FieldValue]]
  {
    var values: [[FieldValue]] = []
    for place in places(of: number, epoch: epoch) { values.append(try value(place)) }
    return values
  }

  /// The places, among the examples, of a batch's rows.
  package mutating func places(of number: Int, epoch: Int) -> [Int] {
    if let seed, order?.epoch != epoch { order = (epoch, shuffled(seed, epoch)) }
    let range = number * rows..<min((number + 1) * rows, examples.count)
    guard let order else { return Array(range) }
    return Array(order.places[range])
  }

  /// An example's values, kept if there is room.
  private mutating func value(_ place: Int) throws(RuntimeError) -> [FieldValue] {
    if !kept.isEmpty, let value = kept[place] { return value }
    let number = examples.numbers[place]
    switch try examples.reader.values(of: number) {
    case .failure(let trouble): throw try examples.reader.error(trouble, example: number)
    case .success(let value):
      if !kept.isEmpty { kept[place] = value }
      return value
    }
  }

  /// The order of an epoch.
  private func shuffled(_ seed: UInt64, _ epoch: Int) -> [Int] {
    var random = SplitMix(seed: seed ^ UInt64(truncatingIfNeeded: epoch) &* 0x9e37_79b9)
    var places = Array(0..<examples.count)
    places.shuffle(using: &random)
    guard !examples.axes.isEmpty else { return places }
    let size = rows * Self.pool
    var batches: [ArraySlice<Int>] = []
    for start in stride(from: 0, to: places.count, by: size) {
      let part = places[start..<min(start + size, places.count)]
      // Sorted by place too, so that equal lengths keep the shuffled order.
      let sorted = part.indices.map { (examples.size(of: places[$0]), $0) }.sorted { $0 < $1 }
        .map { places[$0.1] }
      for first in stride(from: 0, to: sorted.count, by: rows) {
        batches.append(sorted[first..<min(first + rows, sorted.count)])
      }
    }
    // The one that is not full stays the last, so that rows are counted by batches.
    let last = batches.last.map { $0.count < rows } == true ? batches.popLast() : nil
    batches.shuffle(using: &random)
    return batches.flatMap(\.self) + (last ?? [])
  }
}

extension EntryCall {
  /// Sets the rows' lengths along an axis, if the model has it and asks for them.
  ///
  /// - Parameters:
  ///   - lengths: of each row, those along each axis of an input.
  ///   - depth: which of these axes it is.
  func setLengths(_ lengths: [[[Int]]], of name: String, depth: Int) throws(RuntimeError) {
    guard let axis = model.manifest.axes.first(where: { $0.name == name }), !axis.fixed,
      axis.source == nil
    else { return }
    var given = [Int32](repeating: 1, count: batch * axis.given)
    for (row, own) in lengths.enumerated() {
      for (place, length) in own[depth].enumerated() {
        given[row * axis.given + place] = Int32(clamping: length)
      }
    }
    let isFull = given.allSatisfy { $0 == axis.bound }
    try setLengths(isFull ? nil : given, axis: name)
  }

  /// Puts the rows' values into an input, each at its place within the bounds.
  func setValues(_ values: [FieldValue], input: Int) throws(RuntimeError) {
    let tensor = entry.inputs[input]
    let extents = tensor.dimensions.dropFirst().filter { $0.axis != nil }.map(\.extent)
    let width = tensor.dimensions.filter { $0.axis == nil }.reduce(1) { $0 * $1.extent }
    let size = extents.reduce(width, *)
    for (row, value) in values.enumerated() {
      guard value.lengths.count == extents.count,
        zip(value.lengths, extents).allSatisfy({ ($0.max() ?? 0) <= $1 })
      else {
        throw RuntimeError("\(quoted(tensor.name)) is given with lengths beyond its bounds")
      }
      let runs = value.runs(within: extents, width: width)
      let count = runs.reduce(0) { $0 + $1.count }
      switch value.elements {
      case .numbers(let numbers) where numbers.count == count:
        try withInput(input, as: Float.self) { elements in
          numbers.place(runs, in: elements, from: row * size)
        }
      case .tokens(let tokens) where tokens.count == count:
        try withInput(input, as: Int32.self) { elements in
          tokens.place(runs, in: elements, from: row * size)
        }
      case .numbers, .tokens:
        throw RuntimeError(
          "\(quoted(tensor.name)) has \(value.count) elements in an example of \(count) by its lengths"
        )
      }
    }
  }
}

extension FieldValue {
  /// Where the elements that stand together begin within an array of these extents, and how many.
  func runs(within extents: [Int], width: Int) -> [(start: Int, count: Int)] {
    guard let last = lengths.last else { return [(0, width)] }
    guard lengths.count > 1 else { return [(0, (last.first ?? 0) * width)] }
    // An axis beside another has one length; one inside has a length for each position around it.
    var starts = [0]
    for (depth, own) in lengths.dropLast().enumerated() {
      let stride = extents[(depth + 1)...].reduce(width, *)
      starts = starts.enumerated().flatMap { place, start in
        let length = own.count == 1 ? own[0] : own[place]
        return (0..<length).map { start + $0 * stride }
      }
    }
    return starts.enumerated().map { place, start in
      (start, (last.count == 1 ? last[0] : last[place]) * width)
    }
  }
}

extension Array {
  /// Copies its elements, run after run, into an array that begins at `start`.
  fileprivate func place(
    _ runs: [(start: Int, count: Int)],
    in elements: UnsafeMutableBufferPointer<Element>,
    from start: Int
  ) {
    var taken = 0
    for run in runs {
      for offset in 0..<run.count { elements[start + run.start + offset] = self[taken + offset] }
      taken += run.count
    }
  }
}
