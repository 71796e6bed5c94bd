#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Values as JSON and back.
///
/// The only place that asks Foundation, and of it the essentials where they stand alone: the whole would
/// come with every start of the command, and take longer than what the command does.
package enum JSON {
  /// How a text is laid out.
  package enum Layout: Hashable, Sendable {
    /// In one line.
    case line
    /// A member a line, indented.
    case indented
  }

  /// A value's text, its members in the order of their names: same value, same bytes.
  ///
  /// - Parameters:
  ///   - what: what an error says cannot be written.
  ///   - namesNonFinite: whether what is no number is written as `"inf"`, `"-inf"` or `"nan"`, and not refused.
  package static func encode(
    _ value: some Encodable,
    _ layout: Layout = .line,
    what: String,
    namesNonFinite: Bool = false
  ) throws(RuntimeError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if layout == .indented { encoder.outputFormatting.insert(.prettyPrinted) }
    if namesNonFinite {
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
      )
    }
    do {
      return try Array(encoder.encode(value))
    } catch {
      throw RuntimeError(.bug, "\(what) cannot be written: \(error)")
    }
  }

  /// The value that a text says; throws what the decoder does, a `DecodingError`.
  package static func decode<Value: Decodable>(
    _ type: Value.Type,
    from text: some Sequence<UInt8>
  ) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text))
  }
}
