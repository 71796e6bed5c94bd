/// One message about a definition: where, what was found, what to do.
package struct Diagnostic: Error, Hashable, Sendable {
  /// Whose fault it is, in the three kinds a person can act on differently.
  package enum Kind: String, Hashable, Sendable {
    /// The definition is wrong; the person mends it.
    case wrong = "error"
    /// The definition is right, but this is not built yet; the hint says what to do instead.
    case unsupported = "not supported yet"
    /// We broke a rule of our own; the message says which step, and the evidence shows it again.
    case bug = "internal error"
  }

  /// Which of the three kinds.
  package var kind: Kind
  /// What is wrong, as one sentence without a full stop.
  package var message: String
  /// The text that is meant, if a text is.
  package var span: SourceSpan
  /// What to do about it, as one sentence without a full stop.
  package var hint: String?
  /// What a fault of ours shows on; nil where the definition itself is that.
  package var evidence: Evidence?

  /// A step of the compiler that failed, and what it was given.
  package struct Evidence: Hashable, Sendable {
    /// The step, such as `pass hoist` or `lowering train`.
    package var step: String
    /// The graph before it, as it prints.
    package var graph: String

    /// Pairs a step with its graph.
    package init(step: String, graph: Graph) {
      self.step = step
      self.graph = graph.printed()
    }
  }

  /// Makes a message; a `wrong` one unless told otherwise.
  package init(
    _ kind: Kind = .wrong,
    _ message: String,
    at span: SourceSpan = .none,
    hint: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.span = span
    self.hint = hint
  }
}

/// All the messages that one reading of a definition gave, in the order of the text.
package struct Diagnostics: Error, Sendable {
  /// At least one message.
  package var all: [Diagnostic]

  /// Collects messages; the caller gives at least one.
  package init(_ all: [Diagnostic]) {
    self.all = all
  }
}
