internal import ModelABI

/// An array given to a call or taken from one.
public enum TensorData: Hashable, Sendable {
  /// Real numbers.
  case float([Float])
  /// Tokens.
  case int([Int32])
  /// Flags.
  case byte([UInt8])
  /// A seed.
  case seed(UInt64)
}

/// The blocks that variables live in.
public enum BlockKind: Int32, Hashable, Sendable, CaseIterable {
  /// The weights.
  case parameters = 0
  /// What a stream or a carried window goes on from.
  case state = 1
  /// The optimiser's moments and counts.
  case optimizer = 2
}

/// A model at work: its blocks, and the calls on them.
///
/// It belongs to one thread at a time; sessions on several threads may share one block of
/// parameters as long as none of them trains.
public final class Session {
  /// The model.
  public let model: CompiledModel
  /// The weights, perhaps shared with other sessions.
  public let parameters: Block
  /// What a stream or a carried window goes on from.
  public let state: Block
  /// The optimiser's moments and counts; its pages are not used before the first training call.
  public let optimizer: Block
  /// How many threads a call has; its results are the same for any number.
  public var threads: Int { workers.threads }
  /// The arena.
  private let work: Block
  /// Who helps with calls.
  private let workers: Workers

  /// Makes the blocks, zeroed.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - parameters: a block of another session of this model, to share it; nil makes one, or takes the
  ///     library's own weights, which are only read.
  ///   - threads: how many threads a call has, the caller's with them; they end with the session.
  /// - Throws: `RuntimeError` when the block has another size, or there is no memory or no thread.
  public init(
    _ model: CompiledModel,
    sharing parameters: Block? = nil,
    threads: Int = 1
  ) throws(RuntimeError) {
    let sizes = model.manifest.blocks
    if let parameters, parameters.byteCount != sizes.parameters {
      throw RuntimeError(
        "\(model.name) needs \(sizes.parameters) bytes of parameters, not \(parameters.byteCount)"
      )
    }
    self.model = model
    self.parameters =
      if let given = parameters ?? model.ownWeights() {
        given
      } else {
        try Block(byteCount: sizes.parameters)
      }
    state = try Block(byteCount: sizes.state)
    optimizer = try Block(byteCount: sizes.optimizer)
    work = try Block(byteCount: sizes.work)
    workers = try Workers(model, threads: threads)
  }

  /// Runs a call whose arrays stand ready; its outputs are then in the call.
  ///
  /// - Parameters:
  ///   - call: the arrays.
  ///   - state: the state block to go on from; nil is the session's own.
  /// - Throws: `RuntimeError` with the model's own sentence and its status.
  public func run(_ call: EntryCall, state: Block? = nil) throws(RuntimeError) {
    guard call.model === model else {
      throw RuntimeError("a call of \(call.model.name) was given to a session of \(model.name)")
    }
    let status = try withContext(writing: call.writesParameters, state: state) { context in
      call.withCall { call.function(context, $0) }
    }
    if let error = model.error(status, in: call.entry.name) { throw error }
  }

  /// Runs a call so many times in a row and gives the seconds that took: what a host in C would wait, since
  /// the checks of this class are made once.
  package func clock(_ call: EntryCall, repeats: Int) throws(RuntimeError) -> Double {
    var seconds = 0.0
    let status = try withContext(writing: call.writesParameters, state: nil) { context in
      call.withCall { arrays in
        let start = Platform.now
        var status = call.function(context, arrays)
        for _ in 1..<max(1, repeats) where status == 0 {
          status = call.function(context, arrays)
        }
        seconds = Platform.now - start
        return status
      }
    }
    if let error = model.error(status, in: call.entry.name) { throw error }
    return seconds
  }

  /// Runs an entry on arrays given by name; convenient, and copies them.
  ///
  /// - Parameters:
  ///   - entry: `infer`, `evaluate` and so on.
  ///   - batch: how many rows.
  ///   - lengths: by axis, one length a row; an axis that is not named is at its bound.
  ///   - inputs: by name, all but a rate, which has a default.
  ///   - firstExample: the number of the first row among all examples, for what is drawn.
  ///   - outputs: which outputs are wanted; nil is all.
  /// - Returns: the wanted outputs, by name.
  /// - Throws: `RuntimeError` for a wrong name, type or size, and for what the model refuses.
  public func run(
    _ entry: String,
    batch: Int,
    lengths: [String: [Int32]] = [:],
    inputs: [String: TensorData] = [:],
    firstExample: UInt32 = 0,
    outputs: Set<String>? = nil
  ) throws(RuntimeError) -> [String: TensorData] {
    let call = try EntryCall(model, entry: entry)
    call.firstExample = firstExample
    try call.fill(batch: batch, lengths: lengths, inputs: inputs)
    for name in (outputs ?? []).sorted() where call.output(named: name) == nil {
      throw RuntimeError("\(model.name).\(entry) has no output \(quoted(name))")
    }
    for (index, tensor) in call.entry.outputs.enumerated() {
      call.setWanted(outputs?.contains(tensor.name) ?? true, output: index)
    }
    try run(call)
    var result: [String: TensorData] = [:]
    for (index, tensor) in call.entry.outputs.enumerated()
    where outputs?.contains(tensor.name) ?? true {
      result[tensor.name] = try call.data(ofOutput: index)
    }
    return result
  }

  /// Draws the first values of the weights.
  public func initialize(seed: UInt64) throws(RuntimeError) {
    let call = try EntryCall(model, entry: "initialize")
    try call.set(.seed, to: seed)
    try run(call)
  }

  /// The variables of a block.
  public func variables(_ block: BlockKind) -> [Manifest.Variable] {
    switch block {
    case .parameters: model.manifest.parameters
    case .state: model.manifest.states
    case .optimizer: model.manifest.optimizer
    }
  }

  /// Reads a variable in the definition's shape; states as `[batch, axes, shape]`.
  public func get(_ block: BlockKind, _ name: String) throws(RuntimeError) -> [Float] {
    let (index, count) = try find(block, name)
    var values = [Float](repeating: 0, count: count)
    let status = try withContext(writing: false, state: nil) { context in
      values.withUnsafeMutableBufferPointer { buffer in
        model.table.get?(context, block.rawValue, Int32(index), buffer.baseAddress)
          ?? rondo_status(RONDO_NULL_POINTER)
      }
    }
    if let error = model.error(status, in: "get") { throw error }
    return values
  }

  /// Writes a variable in the definition's shape; states as `[batch, axes, shape]`.
  public func set(_ block: BlockKind, _ name: String, _ values: [Float]) throws(RuntimeError) {
    let (index, count) = try find(block, name)
    guard values.count == count else {
      throw RuntimeError("\(quoted(name)) has \(count) elements, and \(values.count) are given")
    }
    let status = try withContext(writing: block == .parameters, state: nil) { context in
      values.withUnsafeBufferPointer { buffer in
        model.table.set?(context, block.rawValue, Int32(index), buffer.baseAddress)
          ?? rondo_status(RONDO_NULL_POINTER)
      }
    }
    if let error = model.error(status, in: "set") { throw error }
  }

  /// Copies the states of one row to a row of this session or another of the same model.
  ///
  /// So streams come and go: one is put aside in a session of its own, and a row begins anew when it is
  /// given the states of one that has just begun.
  ///
  /// - Throws: `RuntimeError` when a row is not below the bound of the batch, the model has no states, or
  ///   the other session is of another model.
  public func copyState(row: Int, to other: Session, row otherRow: Int) throws(RuntimeError) {
    guard other.model.manifest.layoutHash == model.manifest.layoutHash else {
      throw RuntimeError("a state of \(model.name) does not fit one of \(other.model.name)")
    }
    guard let copy = model.table.copy_state else {
      throw RuntimeError(.unsupported, "\(model.name) has no states")
    }
    let rows = 0..<model.manifest.batch
    guard rows.contains(row), rows.contains(otherRow) else {
      throw RuntimeError("rows \(row) and \(otherRow) are not both below \(rows.upperBound)")
    }
    func run() -> rondo_status {
      var (to, from) = (rondo_context(), rondo_context())
      to.state = other.state.start
      from.state = state.start
      return copy(&to, Int32(otherRow), &from, Int32(row))
    }
    let status = try other.state.use(exclusive: true) { () throws(RuntimeError) in
      if state === other.state { return run() }
      return try state.use(exclusive: false, run)
    }
    if let error = model.error(status, in: "copy_state") { throw error }
  }

  /// A variable's number in its block and how many elements it has.
  private func find(
    _ block: BlockKind,
    _ name: String
  ) throws(RuntimeError) -> (index: Int, count: Int) {
    let all = variables(block)
    guard let index = all.firstIndex(where: { $0.name == name }) else {
      throw RuntimeError("\(model.name) has no variable \(quoted(name)) among its \(block)")
    }
    let rows = block == .state ? model.manifest.batch : 1
    return (index, all[index].shape.reduce(rows, *))
  }

  /// Takes the blocks and hands them to `body` in the contract's form.
  func withContext(
    writing: Bool,
    state other: Block?,
    _ body: (UnsafePointer<rondo_context>) -> rondo_status
  ) throws(RuntimeError) -> rondo_status {
    let state = other ?? self.state
    guard state.byteCount == model.manifest.blocks.state else {
      throw RuntimeError(
        "\(model.name) needs \(model.manifest.blocks.state) bytes of state, not \(state.byteCount)"
      )
    }
    guard parameters.acquire(exclusive: writing) else { throw Block.busy }
    defer { parameters.release(exclusive: writing) }
    guard state.acquire(exclusive: true) else { throw Block.busy }
    defer { state.release(exclusive: true) }
    guard optimizer.acquire(exclusive: true) else { throw Block.busy }
    defer { optimizer.release(exclusive: true) }
    var context = rondo_context(
      parameters: parameters.start,
      state: state.start,
      optimizer: optimizer.start,
      work: work.start,
      workers: workers.pool
    )
    return body(&context)
  }
}

extension EntryCall {
  /// Copies arrays given by name into place, checking every name, type and size.
  package func fill(
    batch: Int,
    lengths: [String: [Int32]],
    inputs: [String: TensorData]
  ) throws(RuntimeError) {
    try setBatch(batch)
    for axis in lengths.keys.sorted() { try setLengths(lengths[axis], axis: axis) }
    for name in inputs.keys.sorted() where input(named: name) == nil {
      throw RuntimeError("\(model.name).\(entry.name) has no input \(quoted(name))")
    }
    for (index, tensor) in entry.inputs.enumerated() {
      switch inputs[tensor.name] {
      case .float(let values)?: try copy(values, to: index)
      case .int(let values)?: try copy(values, to: index)
      case .byte(let values)?: try copy(values, to: index)
      case .seed(let value)?: try copy([value], to: index)
      case nil where tensor.role == .rate || tensor.role == .divisor: continue
      case nil: throw RuntimeError("\(model.name).\(entry.name) needs \(quoted(tensor.name))")
      }
    }
  }

  /// Copies one array into place.
  private func copy<Element: BoundaryElement>(
    _ values: [Element],
    to index: Int
  ) throws(RuntimeError) {
    try withInput(index, as: Element.self) { elements throws(RuntimeError) in
      guard values.count == elements.count else {
        throw RuntimeError(
          "\(quoted(entry.inputs[index].name)) has \(elements.count) elements for \(batch) rows, "
            + "and \(values.count) are given"
        )
      }
      _ = elements.update(fromContentsOf: values)
    }
  }

  /// A copy of an output.
  package func data(ofOutput index: Int) throws(RuntimeError) -> TensorData {
    switch entry.outputs[index].element {
    case .float32: .float(try withOutput(index, as: Float.self) { Array($0) })
    case .int32: .int(try withOutput(index, as: Int32.self) { Array($0) })
    case .uint8: .byte(try withOutput(index, as: UInt8.self) { Array($0) })
    case .uint64: .seed(try withOutput(index, as: UInt64.self) { $0.first ?? 0 })
    }
  }
}
