/// What went wrong at the host's side: in a file, in a call, in the system or in the compiled model.
public struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Whose fault it is, in the three kinds a person can act on differently.
  public enum Kind: String, Hashable, Sendable {
    /// Something given is wrong: a file, a size, a path, a name; the person mends it.
    case wrong = "error"
    /// What is asked is sensible, but not possible with this build, model or machine.
    case unsupported = "not supported"
    /// We broke a rule of our own.
    case bug = "internal error"
  }

  /// Which of the three kinds.
  public var kind: Kind
  /// What is wrong, as one sentence without a full stop.
  public var message: String
  /// What to do about it, as one sentence without a full stop.
  public var hint: String?
  /// Lines that belong to the message, such as a command and what it printed.
  public var details: [String] = []
  /// The status the model returned, when a model returned one (`RONDO_BAD_TOKEN` and its like).
  public var status: Int32?

  /// Makes an error of the kind `wrong`.
  public init(_ message: String, hint: String? = nil) {
    self.init(.wrong, message, hint: hint)
  }

  /// Makes an error of a kind.
  public init(
    _ kind: Kind,
    _ message: String,
    hint: String? = nil,
    status: Int32? = nil
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.status = status
  }

  /// The kind and the message, the details below, indented, and the hint at the end.
  public var description: String {
    let lines = ["\(kind.rawValue): \(message)"] + details.map { "  " + $0 }
    return (lines + (hint.map { ["hint: " + $0] } ?? [])).joined(separator: "\n")
  }
}

/// Text of somebody else's, quoted for a message: one line, no control characters, not too long.
package func quoted(_ text: some StringProtocol) -> String {
  var result = "'"
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == 200 {
      result += "..."
      break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result + "'"
}
