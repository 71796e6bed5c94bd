/// What a compiled model says of itself: its axes, entries, variables, sizes and hashes.
///
/// It stands as `NAME.json` beside the library, so that a host can tell whether the two fit each
/// other and this machine before it loads any code; the library's own table must then say the same.
public struct Manifest: Hashable, Sendable, Codable {
  /// A named axis; number 0 is the batch.
  public struct Axis: Hashable, Sendable, Codable {
    /// The axis's name in the definition, or `batch`.
    public var name: String
    /// The greatest length.
    public var bound: Int
    /// Whether the length is always the bound, so that no call gives it.
    public var fixed: Bool
    /// How many lengths a call gives for each row: none, one, or one for each place of the axes around.
    public var given: Int
    /// The axis it is in; nil for one that has a length for each row.
    public var parent: String?
    /// The axis whose lengths, divided, are its own; nil for any other.
    public var source: String?
    /// What those are divided by, rounded down.
    public var divisor: Int?
  }

  /// A variable of a block, in the definition's shape.
  public struct Variable: Hashable, Sendable, Codable {
    /// The path in the definition, such as `rnn.l0.weight_ih`.
    public var name: String
    /// The extents, without the batch; empty for one number.
    public var shape: [Int]
    /// Whether training leaves it as it is.
    public var frozen: Bool?
  }

  /// What an array at the boundary is for.
  public enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    /// An input, target or output of the definition.
    case data
    /// Per row: 1 starts from first states, 0 goes on from the state block.
    case fresh
    /// The learning rate, one number.
    case rate
    /// The seed of all draws, one number.
    case seed
    /// The loss, or one of a metric's or loss's sums and counts.
    case loss
    /// A parameter's gradient, in the definition's shape.
    case gradient
    /// What the sum of one of the loss's averages is divided by, one number; at 0, its own count.
    case divisor
  }

  /// How elements are stored at the boundary.
  public enum Element: String, Hashable, Sendable, Codable, CaseIterable {
    /// A real number.
    case float32
    /// A token.
    case int32
    /// A flag.
    case uint8
    /// A seed.
    case uint64

    /// Bytes of one element.
    public var size: Int {
      switch self {
      case .float32, .int32: 4
      case .uint8: 1
      case .uint64: 8
      }
    }
  }

  /// One dimension of an array: the batch, an axis, or a number of the shape.
  public struct Dimension: Hashable, Sendable, Codable {
    /// The axis's name; nil for a number of the shape.
    public var axis: String?
    /// The extent; for the batch and for axes with run-time lengths, the bound.
    public var extent: Int
  }

  /// An array at the boundary: dense, the last dimension fastest, `[batch, axes, shape]`.
  public struct Tensor: Hashable, Sendable, Codable {
    /// Its name in the definition.
    public var name: String
    /// What it is for.
    public var role: Role
    /// How its elements are stored.
    public var element: Element
    /// Of tokens, how many there are; else 0.
    public var tokens: Int
    /// From the slowest to the fastest.
    public var dimensions: [Dimension]

    /// How many elements it has with that many rows; axes count at their bounds.
    public func count(batch: Int) -> Int {
      // Cannot overflow: opening a model refuses arrays beyond 2^40 elements.
      dimensions.reduce(1) { $0 * ($1.axis == Manifest.batchAxis ? batch : $1.extent) }
    }
  }

  /// One way into the model.
  public struct Entry: Hashable, Sendable, Codable {
    /// The name of the entry that is called by a function of its own.
    public static let generate = "generate"

    /// `true` iff an `EntryCall` runs it.
    public var isRun: Bool { name != Self.generate }

    /// `infer`, `train` and so on.
    public var name: String
    /// What a call gives.
    public var inputs: [Tensor]
    /// What a call may ask for.
    public var outputs: [Tensor]
  }

  /// The sizes of the four blocks in bytes, for the bound of the batch.
  public struct Blocks: Hashable, Sendable, Codable {
    /// The weights.
    public var parameters: Int
    /// What a stream or a carried window goes on from.
    public var state: Int
    /// The optimiser's moments and counts.
    public var optimizer: Int
    /// The arena.
    public var work: Int
  }

  /// The name of the axis that counts rows.
  public static let batchAxis = "batch"
  /// The contract's version, `RONDO_ABI_VERSION`.
  public var abi: Int
  /// The version of this text's form.
  public var format: Int
  /// The model's name, which the files have too.
  public var model: String
  /// Of the definition with its sizes: weights fit graphs of one hash.
  public var graphHash: String
  /// Of the blocks' layout: copies of blocks fit libraries of one hash.
  public var layoutHash: String
  /// `fast` or `strict`.
  public var math: String
  /// The bound of the batch.
  public var batch: Int
  /// The sizes the definition was built with.
  public var sizes: [String: Int]
  /// The axes by number.
  public var axes: [Axis]
  /// The weights, in the block's order.
  public var parameters: [Variable]
  /// The states, in the block's order.
  public var states: [Variable]
  /// The optimiser's variables, in the block's order.
  public var optimizer: [Variable]
  /// The ways in.
  public var entries: [Entry]
  /// The blocks' sizes.
  public var blocks: Blocks
  /// The definition's learning rate; 0 where it has none.
  public var defaultRate: Float
  /// The axis along which training carries its states on from window to window.
  public var carry: String?
  /// The input that `generate` draws.
  public var generates: String?
  /// The token that ends a generated row.
  public var until: Int?
  /// SHA-256 of the C text.
  public var source: String
  /// SHA-256 of the header.
  public var header: String
  /// SHA-256 of the block of parameters that is in the library; nil for none.
  public var weights: String?
  /// SHA-256 of the library; nil until it is compiled.
  public var library: String?
  /// What the processor must be able to do to run the library; nil until it is compiled.
  public var features: [String]?
  /// The machine that the library is for, such as `x86-64`; nil until it is compiled.
  public var machine: String?
  /// The most stack that one of the library's functions takes, in bytes; nil where the compiler does not say.
  public var stack: Int?
  /// The `Checksum` of the text; nil but while the text is read or written.
  private var checksum: String?

  /// The names in the text.
  private enum CodingKeys: String, CodingKey {
    case abi, format, model, math, batch, sizes, axes, parameters, states, optimizer, entries
    case blocks, carry, generates, until, source, header, weights, library, features
    case machine, stack, checksum
    case graphHash = "graph_hash"
    case layoutHash = "layout_hash"
    case defaultRate = "default_rate"
  }
}

extension Manifest {
  /// The version of the text's form that is read and written here.
  public static let formatVersion = 1

  /// Reads the text of a manifest.
  ///
  /// - Throws: `RuntimeError`, naming the member that is wrong.
  public init(json: [UInt8]) throws(RuntimeError) {
    guard json.count <= 1 << 26 else {
      throw RuntimeError("the manifest has \(json.count) bytes, more than \(1 << 26)")
    }
    // Stricter than the decoder: no name twice, nothing deep, nothing after the end.
    let text: JSONText
    do { text = try JSONText(json[...]) } catch {
      throw RuntimeError("the manifest is not JSON: \(error.message)")
    }
    // The version comes first, because of a newer one nothing else can be expected.
    if case .object(let members) = text,
      let format = members.first(where: { $0.name == "format" })?.value.count,
      format != Self.formatVersion
    {
      throw RuntimeError(
        .unsupported,
        "the manifest has format \(format), and format \(Self.formatVersion) is read",
        hint: "compile the model again with this version"
      )
    }
    do {
      self = try JSON.decode(Manifest.self, from: json)
    } catch {
      throw RuntimeError("the manifest \(Self.reason(error))")
    }
    guard format == Self.formatVersion else { throw RuntimeError("the manifest has no format") }
    // What the C backend writes is not compiled yet and goes nowhere; all that lies in folders has one.
    if checksum != nil || library != nil {
      guard let checksum, Checksum.agrees(checksum, with: json, in: json.indices) else {
        throw RuntimeError(
          "the manifest is damaged: its checksum does not agree",
          hint: "compile the model again"
        )
      }
      self.checksum = nil
    }
    try check()
  }

  /// The text: same manifest, same bytes.
  public var json: [UInt8] {
    get throws(RuntimeError) {
      var complete = self
      complete.checksum = Checksum.blank
      var bytes = try JSON.encode(complete, .indented, what: "the manifest")
      bytes.append(UInt8(ascii: "\n"))
      Checksum.fill(&bytes, in: bytes.indices)
      return bytes
    }
  }

  /// The entry of that name.
  public func entry(_ name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  /// Whether a name may be a model's, and so a file's and a symbol's.
  package static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 200 else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
    return isLetter(first) && bytes.allSatisfy { isLetter($0) || (48...57).contains($0) }
  }

  /// Refuses numbers that later arithmetic could not bear.
  private func check() throws(RuntimeError) {
    guard Self.isName(model) else {
      throw RuntimeError("the manifest's model \(quoted(model)) is not a name")
    }
    guard let first = axes.first, first.name == Self.batchAxis, first.bound == batch,
      axes.allSatisfy({ (1...Int(Int32.max)).contains($0.bound) })
    else {
      throw RuntimeError("the manifest's axes do not begin with the batch, or a bound is below 1")
    }
    try Self.checkNames("axis", axes.map(\.name))
    for (kind, variables) in [
      ("parameter", parameters), ("state", states), ("optimiser's variable", optimizer),
    ] {
      try Self.checkNames(kind, variables.map(\.name))
      for variable in variables { try Self.check(variable.name, [batch] + variable.shape) }
    }
    try Self.checkNames("entry", entries.map(\.name))
    for entry in entries {
      for tensors in [entry.inputs, entry.outputs] {
        for role in Role.allCases {
          let names = tensors.filter { $0.role == role }.map(\.name)
          try Self.checkNames("array of \(quoted(entry.name))", names)
        }
      }
      for tensor in entry.inputs + entry.outputs {
        try Self.check(entry.name + "." + tensor.name, tensor.dimensions.map(\.extent))
        guard (0...Int(Int32.max)).contains(tensor.tokens) else {
          throw RuntimeError("\(quoted(tensor.name)) has \(tensor.tokens) tokens")
        }
        for dimension in tensor.dimensions {
          guard let name = dimension.axis else { continue }
          guard let axis = axes.first(where: { $0.name == name }) else {
            throw RuntimeError("\(quoted(tensor.name)) runs over \(quoted(name)), which is no axis")
          }
          guard axis.bound == dimension.extent else {
            throw RuntimeError("\(quoted(tensor.name)) does not run over \(name) to its bound")
          }
        }
      }
    }
    let sizes = [blocks.parameters, blocks.state, blocks.optimizer, blocks.work]
    guard sizes.allSatisfy({ (0...1 << 40).contains($0) }) else {
      throw RuntimeError("a block's size is negative or above 2^40 bytes")
    }
  }

  /// Refuses names that are empty, too long, unprintable or there twice.
  private static func checkNames(_ kind: String, _ names: [String]) throws(RuntimeError) {
    var seen: Set<String> = []
    for name in names {
      guard !name.isEmpty, name.utf8.count <= 4096,
        name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") })
      else { throw RuntimeError("the \(kind) \(quoted(name)) of the manifest is not a name") }
      guard seen.insert(name).inserted else {
        throw RuntimeError("the \(kind) \(quoted(name)) stands twice in the manifest")
      }
    }
  }

  /// Refuses extents below 1 and more than 2^40 elements.
  private static func check(_ name: String, _ extents: [Int]) throws(RuntimeError) {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 1, !overflow, next <= 1 << 40 else {
        throw RuntimeError("the extents of \(quoted(name)) are out of range: \(extents)")
      }
      product = next
    }
  }

  /// What a decoder's error says, with the place in the text.
  private static func reason(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
      let text = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
      return path.isEmpty ? "" : " at " + quoted(text.joined())
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context)?:
      return "has no member \(quoted(key.stringValue))" + place(context.codingPath)
    case .valueNotFound(_, let context)?:
      return "has no value" + place(context.codingPath)
    case .typeMismatch(_, let context)?:
      return "has a value of the wrong type" + place(context.codingPath)
    case .dataCorrupted(let context)? where context.codingPath.isEmpty:
      // JSON it is, as was seen before; a number that does not fit has no place in this error.
      return "is not JSON of whole numbers in range"
    case .dataCorrupted(let context)?:
      return "has a value that is not known" + place(context.codingPath)
    default:
      return "cannot be read: \(error)"
    }
  }
}
