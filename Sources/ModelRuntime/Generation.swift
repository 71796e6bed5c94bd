internal import ModelABI

/// How rows are drawn from a model, or the likeliest searched.
public struct Generation: Hashable, Sendable {
  /// The most values a row gets after its prompt.
  public var limit: Int
  /// What each row begins with, all of one length; empty for none.
  public var prompt: [[Int32]]
  /// What each row begins with where the target is real numbers: of one length, value after value.
  public var numbers: [[Float]] = []
  /// Draw among the k likeliest; 0 is all.
  public var topK: Int
  /// Draw among the likeliest that together reach p; 1 is all.
  public var topP: Float
  /// Divides the logits; 0 takes the likeliest each time.
  public var temperature: Float
  /// Same seed, same values.
  public var seed: UInt64
  /// How many hypotheses of each row are followed; 0 or 1 is none, and values are drawn.
  ///
  /// The rows of a call times this must be within the bound of the batch.
  public var beamWidth: Int
  /// Hypotheses go by their log probability divided by their length to this power; 0 leaves it as it is.
  public var lengthPenalty: Float

  /// Describes a draw; unless told otherwise from all tokens at temperature 1.
  public init(
    limit: Int,
    prompt: [[Int32]] = [],
    topK: Int = 0,
    topP: Float = 1,
    temperature: Float = 1,
    seed: UInt64 = 0,
    beamWidth: Int = 0,
    lengthPenalty: Float = 0
  ) {
    self.limit = limit
    self.prompt = prompt
    self.topK = topK
    self.topP = topP
    self.temperature = temperature
    self.seed = seed
    self.beamWidth = beamWidth
    self.lengthPenalty = lengthPenalty
  }

  /// Describes how a model of real numbers runs on from its own values.
  public init(limit: Int, after numbers: [[Float]]) {
    self.init(limit: limit)
    self.numbers = numbers
  }
}

/// Tokens that a row may go on with, and how likely they are.
public struct Hypothesis: Hashable, Sendable {
  /// The values after the prompt, the ending token with them.
  public var values: [Int32]
  /// The natural logarithm of their probability, at temperature 1.
  public var logProbability: Float
}

/// A row that was drawn.
public struct GeneratedRow: Hashable, Sendable {
  /// The values after the prompt, the ending token with them; with beams the best hypothesis.
  public var values: [Int32]
  /// The values of a model of real numbers, one after another.
  public var numbers: [Float] = []
  /// The natural logarithm of their probability, at temperature 1.
  public var logProbability: Float
  /// All hypotheses, the best first; empty without beams.
  public var hypotheses: [Hypothesis] = []
}

extension Session {
  /// Draws rows from the model, or searches the likeliest.
  ///
  /// - Parameters:
  ///   - generation: how.
  ///   - batch: how many rows; a prompt has as many.
  ///   - lengths: by axis of the inputs, one length a row.
  ///   - inputs: what `begin` takes, by name.
  ///   - firstExample: the number of the first row among all examples, for what is drawn.
  /// - Throws: `RuntimeError` for wrong sizes and for what the model refuses.
  public func generate(
    _ generation: Generation,
    batch: Int = 1,
    lengths: [String: [Int32]] = [:],
    inputs: [String: TensorData] = [:],
    firstExample: UInt32 = 0
  ) throws(RuntimeError) -> [GeneratedRow] {
    guard let function = model.table.generate,
      let target = model.manifest.entry(Manifest.Entry.generate)?.outputs.first
    else {
      throw RuntimeError(
        .unsupported,
        "\(model.name) draws nothing: its definition has no `generate`"
      )
    }
    let arrays = try GenerationArrays(generation, target, batch: batch, of: model)
    let call: EntryCall? =
      model.manifest.entry("begin") == nil ? nil : try EntryCall(model, entry: "begin")
    var inputs = inputs
    for tensor in call?.entry.inputs ?? [] where tensor.role == .seed {
      inputs[tensor.name] = .seed(generation.seed)
    }
    call?.firstExample = firstExample
    try call?.fill(batch: batch, lengths: lengths, inputs: inputs)
    let status = try withContext(writing: false, state: nil) { context in
      if let call { return call.withCall { function(context, $0, arrays.options) } }
      var call = rondo_call()
      call.size = UInt32(MemoryLayout<rondo_call>.size)
      call.batch = Int32(batch)
      call.first_example = firstExample
      return function(context, &call, arrays.options)
    }
    if let error = model.error(status, in: Manifest.Entry.generate) { throw error }
    return (0..<batch).map { arrays.row($0) }
  }
}

/// The memory of one generation in the contract's form; freed with it.
private final class GenerationArrays {
  /// What the model is given.
  let options: UnsafeMutablePointer<rondo_generation>
  private let isToken: Bool
  /// How many numbers a value is.
  private let size: Int
  private let limit: Int
  private let width: Int
  private var blocks: [UnsafeMutableRawPointer] = []

  /// Checks the sizes and lays the arrays out.
  init(
    _ generation: Generation,
    _ target: Manifest.Tensor,
    batch: Int,
    of model: CompiledModel
  ) throws(RuntimeError) {
    isToken = target.element == .int32
    size = target.dimensions.filter { $0.axis == nil }.reduce(1) { $0 * $1.extent }
    limit = generation.limit
    width = generation.beamWidth > 1 ? generation.beamWidth : 0
    let promptLength = try Self.promptLength(
      generation,
      isToken: isToken,
      size: size,
      batch: batch
    )
    guard (1...model.manifest.batch).contains(batch) else {
      throw RuntimeError("a batch of \(batch) rows is not between 1 and \(model.manifest.batch)")
    }
    guard isToken || width == 0 else {
      throw RuntimeError(.unsupported, "\(model.name) makes numbers, which no beam can search")
    }
    guard generation.beamWidth >= 0, width * batch <= model.manifest.batch else {
      throw RuntimeError(
        "\(batch) rows of \(generation.beamWidth) hypotheses are more than the batch of "
          + "\(model.manifest.batch)",
        hint: "build the model with a larger batch"
      )
    }
    let (total, overflow) = (batch * size * max(width, 1))
      .multipliedReportingOverflow(by: max(limit, 0))
    guard limit >= 1, !overflow, total <= Int(Int32.max),
      let topK = Int32(exactly: generation.topK), let promptCount = Int32(exactly: promptLength)
    else { throw RuntimeError("the limit of \(limit) values or top-k is out of range") }
    options = .allocate(capacity: 1)
    options.initialize(to: rondo_generation())
    options.pointee.size = UInt32(MemoryLayout<rondo_generation>.size)
    options.pointee.limit = Int32(limit)
    options.pointee.prompt_length = promptCount
    options.pointee.top_k = topK
    options.pointee.top_p = generation.topP
    options.pointee.temperature = generation.temperature
    options.pointee.seed = generation.seed
    options.pointee.beam_width = Int32(generation.beamWidth)
    options.pointee.length_penalty = generation.lengthPenalty
    if promptLength > 0 {
      options.pointee.prompt = UnsafeRawPointer(
        isToken
          ? array(generation.prompt.flatMap(\.self)) : array(generation.numbers.flatMap(\.self))
      )
    }
    options.pointee.values = UnsafeMutableRawPointer(
      array([Int32](repeating: 0, count: batch * limit * size))
    )
    options.pointee.lengths = zeros(batch)
    options.pointee.log_probability = zeros(batch)
    guard width > 0 else { return }
    options.pointee.beams = zeros(total)
    options.pointee.beam_lengths = zeros(batch * width)
    options.pointee.beam_log_probability = zeros(batch * width)
  }

  deinit {
    options.deallocate()
    for block in blocks { block.deallocate() }
  }

  /// How many values each row's prompt has.
  private static func promptLength(
    _ generation: Generation,
    isToken: Bool,
    size: Int,
    batch: Int
  ) throws(RuntimeError) -> Int {
    guard isToken ? generation.numbers.isEmpty : generation.prompt.isEmpty else {
      throw RuntimeError("the prompt is \(isToken ? "numbers" : "tokens"), and the target is not")
    }
    let counts = isToken ? generation.prompt.map(\.count) : generation.numbers.map(\.count)
    let length = counts.first ?? 0
    guard counts.isEmpty || counts.count == batch, counts.allSatisfy({ $0 == length }) else {
      throw RuntimeError("a prompt has a row for each of the \(batch) rows, all of one length")
    }
    guard isToken || length % size == 0 else {
      throw RuntimeError("a prompt of \(length) numbers is not of values of \(size)")
    }
    return isToken ? length : length / size
  }

  /// A copy of an array that lives as long as this.
  private func array<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeMutableRawPointer {
    let bytes = max(1, values.count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    values.withUnsafeBytes {
      block.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(block), byteCount: $0.count)
    }
    blocks.append(block)
    return block
  }

  /// An array of zeros that lives as long as this.
  private func zeros<Element: BitwiseCopyable & AdditiveArithmetic>(
    _ count: Int
  ) -> UnsafeMutablePointer<Element> {
    array([Element](repeating: .zero, count: count)).assumingMemoryBound(to: Element.self)
  }

  /// What came of a row.
  func row(_ row: Int) -> GeneratedRow {
    let all = options.pointee
    let count = length(all.lengths, row)
    var result = GeneratedRow(values: [], logProbability: all.log_probability?[row] ?? 0)
    if isToken {
      result.values = elements(all.values, row * limit, count)
    } else {
      result.numbers = elements(all.values, row * limit * size, count * size)
    }
    for beam in 0..<width {
      let place = row * width + beam
      let length = length(all.beam_lengths, place)
      guard length > 0 else { continue }
      result.hypotheses.append(
        Hypothesis(
          values: elements(all.beams, place * limit, length),
          logProbability: all.beam_log_probability?[place] ?? 0
        )
      )
    }
    return result
  }

  private func length(_ lengths: UnsafeMutablePointer<Int32>?, _ place: Int) -> Int {
    min(max(Int(lengths?[place] ?? 0), 0), limit)
  }

  private func elements<Element: BitwiseCopyable>(
    _ start: UnsafeMutableRawPointer?,
    _ first: Int,
    _ count: Int
  ) -> [Element] {
    guard let start else { return [] }
    return (first..<first + count).map {
      start.load(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self)
    }
  }
}
