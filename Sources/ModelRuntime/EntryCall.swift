internal import ModelABI

/// A type that arrays at the boundary can have: `Float`, `Int32`, `UInt8` or `UInt64`.
public protocol BoundaryElement: BitwiseCopyable, Sendable {
  /// How the contract calls it.
  static var boundaryElement: Manifest.Element { get }
}

extension Float: BoundaryElement {
  /// A real number.
  public static var boundaryElement: Manifest.Element { .float32 }
}

extension Int32: BoundaryElement {
  /// A token.
  public static var boundaryElement: Manifest.Element { .int32 }
}

extension UInt8: BoundaryElement {
  /// A flag.
  public static var boundaryElement: Manifest.Element { .uint8 }
}

extension UInt64: BoundaryElement {
  /// A seed.
  public static var boundaryElement: Manifest.Element { .uint64 }
}

/// The arrays of one entry, made once for the greatest batch and filled again for every call.
///
/// Nothing is allocated or copied when it is run, and no array can have a wrong size. Arrays have the
/// rows of the call, and along every axis its bound: shorter rows leave their ends unused. It belongs
/// to one thread at a time.
public final class EntryCall {
  /// The model it is for.
  public let model: CompiledModel
  /// The entry it calls.
  public let entry: Manifest.Entry
  /// How many rows the next call has; from 1 to the bound.
  public private(set) var batch: Int
  /// The number of the first row among all examples, which what is drawn depends on; at first 0.
  ///
  /// A batch cut into calls draws what the whole one would, if each is told where it begins.
  public var firstExample: UInt32 = 0
  /// The entry's function.
  let function:
    @convention(c) (UnsafePointer<rondo_context>?, UnsafePointer<rondo_call>?)
      -> rondo_status
  /// Whether the entry writes the weights.
  let writesParameters: Bool
  /// The inputs' memory.
  private let inputs: [Block]
  /// The outputs' memory.
  private let outputs: [Block]
  /// Which outputs are wanted.
  private var wanted: [Bool]
  /// By axis: the rows' lengths, nil for all at the bound.
  private var lengths: [[Int32]?]

  /// Makes the arrays for an entry.
  ///
  /// - Throws: `RuntimeError` when the model has no such entry, or there is no memory.
  public init(_ model: CompiledModel, entry name: String) throws(RuntimeError) {
    guard let index = model.manifest.entries.firstIndex(where: { $0.name == name }),
      let function = model.table.entries?[index].run
    else {
      let names = model.manifest.entries.filter(\.isRun).map(\.name)
      throw RuntimeError(
        .unsupported,
        "\(model.name) has no entry \(quoted(name)), it has \(names.joined(separator: ", "))"
      )
    }
    let entry = model.manifest.entries[index]
    let bound = model.manifest.batch
    func memory(_ tensor: Manifest.Tensor) throws(RuntimeError) -> Block {
      try Block(byteCount: tensor.count(batch: bound) * tensor.element.size)
    }
    self.model = model
    self.entry = entry
    self.function = function
    writesParameters = ["train", "update", "initialize"].contains(name)
    batch = bound
    inputs = try entry.inputs.map(memory)
    outputs = try entry.outputs.map(memory)
    wanted = Array(repeating: true, count: outputs.count)
    lengths = Array(repeating: nil, count: model.manifest.axes.count)
    for (index, tensor) in entry.inputs.enumerated() where tensor.role == .rate {
      try withInput(index, as: Float.self) { $0.update(repeating: model.defaultRate) }
    }
  }

  /// Sets how many rows the next calls have; lengths given before are forgotten.
  public func setBatch(_ rows: Int) throws(RuntimeError) {
    guard (1...model.manifest.batch).contains(rows) else {
      throw RuntimeError(
        "a batch of \(rows) rows is not between 1 and \(model.manifest.batch)",
        hint: "build the model with a larger batch"
      )
    }
    guard rows != batch else { return }
    batch = rows
    for axis in lengths.indices { lengths[axis] = nil }
  }

  /// Sets the rows' lengths along an axis; nil puts all at the bound.
  ///
  /// There is one a row; of an axis in another, one for each place that the bounds of those around it
  /// have room for, row by row, of which those past a row's end may be anything.
  public func setLengths(_ values: [Int32]?, axis name: String) throws(RuntimeError) {
    guard let axis = model.manifest.axes.firstIndex(where: { $0.name == name }), axis > 0 else {
      throw RuntimeError("\(model.name) has no axis \(quoted(name))")
    }
    guard let values else {
      lengths[axis] = nil
      return
    }
    let description = model.manifest.axes[axis]
    guard !description.fixed else {
      throw RuntimeError("the length of \(name) is always \(description.bound), and not given")
    }
    if let source = description.source {
      throw RuntimeError(
        "the lengths of \(name) follow from those of \(source), and are not given"
      )
    }
    guard values.count == batch * description.given else {
      let each = description.given == 1 ? "" : " of \(description.given) each"
      throw RuntimeError("\(values.count) lengths of \(name) are given for \(batch) rows\(each)")
    }
    let isWrong = { (value: Int32) in !(1...description.bound).contains(Int(value)) }
    if description.parent == nil, let wrong = values.first(where: isWrong) {
      throw RuntimeError("a length \(wrong) of \(name) is not between 1 and \(description.bound)")
    }
    lengths[axis] = values
  }

  /// Says whether the next calls compute an output; at first all are wanted.
  public func setWanted(_ isWanted: Bool, output index: Int) {
    wanted[index] = isWanted
  }

  /// The number of the input of that name; nil if there is none.
  public func input(named name: String) -> Int? {
    entry.inputs.firstIndex { $0.name == name }
  }

  /// The number of the output of that name; nil if there is none.
  public func output(named name: String) -> Int? {
    entry.outputs.firstIndex { $0.name == name }
  }

  /// Lends the elements of an input for the rows of this call, to be filled.
  ///
  /// - Throws: `RuntimeError` when the input has elements of another type.
  public func withInput<Element: BoundaryElement, Result>(
    _ index: Int,
    as type: Element.Type,
    _ body: (UnsafeMutableBufferPointer<Element>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try lend(inputs, entry.inputs, index, body)
  }

  /// Lends the elements of an output for the rows of this call.
  ///
  /// - Throws: `RuntimeError` when the output has elements of another type.
  public func withOutput<Element: BoundaryElement, Result>(
    _ index: Int,
    as type: Element.Type,
    _ body: (UnsafeBufferPointer<Element>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try lend(outputs, entry.outputs, index) { elements throws(RuntimeError) in
      try body(UnsafeBufferPointer(elements))
    }
  }

  /// Fills all outputs with bytes that are no zeros, so that whatever a call leaves alone is seen.
  package func scribble() {
    for output in outputs {
      UnsafeMutableRawBufferPointer(start: output.start, count: output.byteCount)
        .initializeMemory(as: UInt8.self, repeating: 0xA5)
    }
  }

  /// Sets every input of a role to one number: the rate, the seed or the fresh flags.
  public func set<Element: BoundaryElement>(
    _ role: Manifest.Role,
    to value: Element
  ) throws(RuntimeError) {
    for (index, tensor) in entry.inputs.enumerated() where tensor.role == role {
      try withInput(index, as: Element.self) { $0.update(repeating: value) }
    }
  }

  /// The elements of one array.
  private func lend<Element: BoundaryElement, Result>(
    _ blocks: [Block],
    _ tensors: [Manifest.Tensor],
    _ index: Int,
    _ body: (UnsafeMutableBufferPointer<Element>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    guard tensors.indices.contains(index) else {
      throw RuntimeError("\(model.name).\(entry.name) has no array number \(index)")
    }
    let tensor = tensors[index]
    guard tensor.element == Element.boundaryElement else {
      throw RuntimeError(
        "\(quoted(tensor.name)) has elements \(tensor.element), not \(Element.boundaryElement)"
      )
    }
    let count = tensor.count(batch: batch)
    let start = blocks[index].start.bindMemory(to: Element.self, capacity: count)
    return try body(UnsafeMutableBufferPointer(start: start, count: count))
  }

  /// Hands the call in the contract's form to `body`.
  func withCall(_ body: (UnsafePointer<rondo_call>) -> rondo_status) -> rondo_status {
    // On the stack, so that running a call does not allocate.
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<Int32>?.self,
      capacity: max(1, lengths.count)
    ) { lengthPointers in
      withUnsafeTemporaryAllocation(
        of: UnsafeRawPointer?.self,
        capacity: max(1, inputs.count)
      ) { inputPointers in
        withUnsafeTemporaryAllocation(
          of: UnsafeMutableRawPointer?.self,
          capacity: max(1, outputs.count)
        ) { outputPointers in
          for index in inputs.indices {
            inputPointers.initializeElement(at: index, to: UnsafeRawPointer(inputs[index].start))
          }
          for index in outputs.indices {
            outputPointers.initializeElement(
              at: index,
              to: wanted[index] ? outputs[index].start : nil
            )
          }
          return withLengths(from: 0, into: lengthPointers) { given in
            var call = rondo_call()
            call.size = UInt32(MemoryLayout<rondo_call>.size)
            call.batch = Int32(batch)
            // As many as the session's workers.
            call.threads = 0
            call.first_example = firstExample
            call.lengths = given ? UnsafePointer(lengthPointers.baseAddress) : nil
            call.inputs = UnsafePointer(inputPointers.baseAddress)
            call.outputs = UnsafePointer(outputPointers.baseAddress)
            return body(&call)
          }
        }
      }
    }
  }

  /// Fills in the lengths' addresses from axis `axis` on, each held while `body` runs.
  private func withLengths(
    from axis: Int,
    into pointers: UnsafeMutableBufferPointer<UnsafePointer<Int32>?>,
    _ body: (Bool) -> rondo_status
  ) -> rondo_status {
    guard axis < lengths.count else { return body(pointers.contains { $0 != nil }) }
    guard let values = lengths[axis] else {
      pointers.initializeElement(at: axis, to: nil)
      return withLengths(from: axis + 1, into: pointers, body)
    }
    return values.withUnsafeBufferPointer { buffer in
      pointers.initializeElement(at: axis, to: buffer.baseAddress)
      return withLengths(from: axis + 1, into: pointers, body)
    }
  }
}
