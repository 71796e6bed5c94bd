import GraphIR

/// What tells draws apart: a number for each, made of where it stands.
///
/// It is a hash of the instance's path, the definition's name and the draw's ordinal in the
/// definition's text, so that comments and line numbers do not matter and instances differ. A draw
/// that is made at two places of the graph, since its definition is applied twice, is two draws.
struct DrawNumbers {
  /// The numbers given so far.
  private var taken: Set<Int32> = []

  /// A number for a draw that no other has.
  mutating func number(of place: String) -> Int32 {
    var number = Self.hash(place)
    var copy = 2
    while !taken.insert(number).inserted {
      number = Self.hash("\(place)/\(copy)")
      copy += 1
    }
    return number
  }

  /// FNV-1a with 32 bits.
  private static func hash(_ text: String) -> Int32 {
    var hash: UInt32 = 0x811c_9dc5
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int32(bitPattern: hash)
  }
}

/// Counts the draws of a text.
struct DrawOrdinals {
  /// The functions that draw.
  private static let names: Set<String> = ["dropout", "uniform", "normal", "bernoulli", "draw"]
  /// The ordinal of the draw whose name stands there.
  private var ordinals: [SourceSpan: Int] = [:]

  /// Counts what statements draw; a weight's first value is none of it.
  init(_ statements: [StatementSyntax]) {
    var reader = NameReader()
    for statement in statements {
      if case .param = statement.kind { continue }
      reader.read(statement)
    }
    for place in reader.places where place.isFunction && Self.names.contains(place.name.text) {
      ordinals[place.name.span] = ordinals.count
    }
  }

  /// The ordinal of the draw whose name stands there.
  subscript(_ name: Name) -> Int { ordinals[name.span] ?? 0 }
}
