internal import ModelABI

/// How rows are drawn from a model.
public struct Generation: Hashable, Sendable {
  /// The most values a row gets after its prompt.
  public var limit: Int
  /// What each row begins with, all of one length; empty for none.
  public var prompt: [[Int32]]
  /// Draw among the k likeliest; 0 is all.
  public var topK: Int
  /// Draw among the likeliest that together reach p; 1 is all.
  public var topP: Float
  /// Divides the logits; 0 takes the likeliest each time.
  public var temperature: Float
  /// Same seed, same values.
  public var seed: UInt64

  /// Describes a draw; unless told otherwise from all tokens at temperature 1.
  public init(
    limit: Int,
    prompt: [[Int32]] = [],
    topK: Int = 0,
    topP: Float = 1,
    temperature: Float = 1,
    seed: UInt64 = 0
  ) {
    self.limit = limit
    self.prompt = prompt
    self.topK = topK
    self.topP = topP
    self.temperature = temperature
    self.seed = seed
  }
}

/// A row that was drawn.
public struct GeneratedRow: Hashable, Sendable {
  /// The values after the prompt, the ending token with them.
  public var values: [Int32]
  /// The natural logarithm of their probability, at temperature 1.
  public var logProbability: Float
}

extension Session {
  /// Draws rows from the model.
  ///
  /// - Parameters:
  ///   - generation: how.
  ///   - batch: how many rows; a prompt has as many.
  ///   - lengths: by axis of the inputs, one length a row.
  ///   - inputs: what `begin` takes, by name.
  /// - Throws: `RuntimeError` for wrong sizes and for what the model refuses.
  public func generate(
    _ generation: Generation,
    batch: Int = 1,
    lengths: [String: [Int32]] = [:],
    inputs: [String: TensorData] = [:]
  ) throws(RuntimeError) -> [GeneratedRow] {
    guard let function = model.table.generate else {
      throw RuntimeError(
        .unsupported,
        "\(model.name) draws nothing: its definition has no `generate`"
      )
    }
    let promptLength = generation.prompt.first?.count ?? 0
    guard generation.prompt.isEmpty || generation.prompt.count == batch,
      generation.prompt.allSatisfy({ $0.count == promptLength })
    else {
      throw RuntimeError("a prompt has a row for each of the \(batch) rows, all of one length")
    }
    let (total, overflow) = batch.multipliedReportingOverflow(by: max(generation.limit, 0))
    guard (1...model.manifest.batch).contains(batch) else {
      throw RuntimeError("a batch of \(batch) rows is not between 1 and \(model.manifest.batch)")
    }
    guard generation.limit >= 1, !overflow, total <= Int(Int32.max),
      let topK = Int32(exactly: generation.topK), let promptCount = Int32(exactly: promptLength)
    else { throw RuntimeError("the limit of \(generation.limit) values or top-k is out of range") }
    let call = try EntryCall(model, entry: "begin")
    var inputs = inputs
    for tensor in call.entry.inputs where tensor.role == .seed {
      inputs[tensor.name] = .seed(generation.seed)
    }
    try call.fill(batch: batch, lengths: lengths, inputs: inputs)

    let prompt = generation.prompt.flatMap(\.self)
    var values = [Int32](repeating: 0, count: total)
    var counts = [Int32](repeating: 0, count: batch)
    var logarithms = [Float](repeating: 0, count: batch)
    let status = try withContext(writing: false, state: nil) { context in
      call.withCall { call in
        prompt.withUnsafeBufferPointer { prompt in
          values.withUnsafeMutableBufferPointer { values in
            counts.withUnsafeMutableBufferPointer { counts in
              logarithms.withUnsafeMutableBufferPointer { logarithms in
                var options = rondo_generation()
                options.size = UInt32(MemoryLayout<rondo_generation>.size)
                options.limit = Int32(generation.limit)
                options.prompt_length = promptCount
                options.top_k = topK
                options.top_p = generation.topP
                options.temperature = generation.temperature
                options.seed = generation.seed
                options.prompt = promptCount > 0 ? prompt.baseAddress : nil
                options.values = values.baseAddress
                options.lengths = counts.baseAddress
                options.log_probability = logarithms.baseAddress
                return function(context, call, &options)
              }
            }
          }
        }
      }
    }
    if let error = model.error(status, in: "generate") { throw error }
    return (0..<batch).map { row in
      let count = min(max(Int(counts[row]), 0), generation.limit)
      let start = row * generation.limit
      return GeneratedRow(
        values: Array(values[start..<start + count]),
        logProbability: logarithms[row]
      )
    }
  }
}
