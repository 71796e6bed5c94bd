/// What a random model is to have, each in at least one of twenty.
package enum FuzzFeature: String, CaseIterable, Hashable, Sendable {
  case forwardScan = "forward scan"
  case reverseScan = "reverse scan"
  case chainedScans = "chained scans"
  case cellAlong = "cell runs along"
  case severalAxes = "several axes"
  case raggedLengths = "ragged lengths"
  case outerValue = "outer value in a scan"
  case severalStates = "several states"
  case stateOverAxis = "state over an axis"
  case firstValue = "computed first state"
  case previous
  case previousFirst = "previous with first"
  case previousReverse = "previous in reverse"
  case firstLast = "first and last"
  case reduceAxis = "reduction over an axis"
  case reduceShape = "reduction of a shape"
  case softmaxAxis = "softmax over an axis"
  case softmaxShape = "softmax of a shape"
  case argmax
  case product
  case movement = "slice, concat, reshape"
  case tokens = "gather and onehot"
  case comparison
  case select
  case sharedInstance = "shared instance"
  case bidirectional
  case stack
  case cell = "library cell"
  case attention
  case lossLayer = "library loss"
  case weightedLoss = "weighted average"
  case severalLosses = "several losses"
  case metric
  case frozen
  case carry
  case stream
  case nestedAxis = "axis in another"
  case derivedAxis = "derived axis"
  case window
  case along
  case ctc
  case fixedAxis = "weight over an axis"
  case concatAxis = "concat over an axis"
  case drawExample = "draw per example"
  case drawStep = "draw per step"
  case dropout
  case training
  case optimizer
}

/// A random definition as parts that can be left out.
package struct FuzzModel: Hashable, Sendable {
  /// One statement.
  package struct Part: Hashable, Sendable {
    /// What a statement does.
    package enum Kind: Hashable, Sendable {
      /// Declares: an axis, an input, a weight, an instance.
      case declaration
      /// Binds a name to an expression.
      case binding
      /// Binds a name to an expression that reads what a state becomes.
      case lateBinding
      /// A state; its next value is `next`.
      case state
      /// A scan; its step is `parts`.
      case scan
      /// Asks for something: an output, a loss, a metric, an update.
      case root
    }

    /// What it does.
    package var kind: Kind
    /// The name it binds; empty if none.
    package var name: String
    /// The statement without its bound name, or the head of a scan.
    package var text: String
    /// What a state becomes.
    package var next = ""
    /// How an input in its place would be typed; empty if there can be none.
    package var type = ""
    /// What the model has by it.
    package var features: [FuzzFeature] = []
    /// A scan's step.
    package var parts: [Part] = []

    /// Makes a statement.
    package init(
      _ kind: Kind,
      _ name: String = "",
      _ text: String,
      type: String = "",
      features: [FuzzFeature] = []
    ) {
      self.kind = kind
      self.name = name
      self.text = text
      self.type = type
      self.features = features
    }

    /// The statement's lines.
    package var lines: [String] {
      switch kind {
      case .declaration, .root: return [text]
      case .binding, .lateBinding: return ["\(name) = \(text)"]
      case .state: return ["state \(name): \(text)"]
      case .scan:
        var lines = parts.filter { $0.kind != .lateBinding }.flatMap(\.lines)
        lines += parts.filter { $0.kind == .state }.map { "next \($0.name) = \($0.next)" }
        lines += parts.filter { $0.kind == .lateBinding }.flatMap(\.lines)
        return ["\(text) {"] + lines.map { "  " + $0 } + ["}"]
      }
    }

    /// The names that stand in it beside its own.
    fileprivate var uses: [String] {
      (Self.names(text) + Self.names(next)).map(String.init).filter { $0 != name }
    }

    /// The names in a text.
    package static func names(_ text: String) -> [Substring] {
      text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    }
  }

  /// The statements.
  package var parts: [Part]

  /// Makes a model of statements.
  package init(parts: [Part]) { self.parts = parts }

  /// The definition.
  package var text: String {
    let lines = parts.flatMap(\.lines).map { "  " + $0 + "\n" }
    return "model fuzz {\n\(lines.joined())}\n"
  }

  /// The features of what is left, each once, in their order.
  package var features: [FuzzFeature] {
    func all(_ parts: [Part]) -> [FuzzFeature] { parts.flatMap { $0.features + all($0.parts) } }
    let found = Set(all(parts))
    return FuzzFeature.allCases.filter(found.contains)
  }

  /// The model without what no root depends on.
  package var trimmed: FuzzModel {
    var live: Set<String> = []
    while Self.reach(parts, &live) {}
    return FuzzModel(parts: Self.kept(parts, live))
  }

  /// Adds the names that live statements use; gives whether there were new ones.
  private static func reach(_ parts: [Part], _ live: inout Set<String>) -> Bool {
    let before = live.count
    for part in parts where part.kind == .root || live.contains(part.name) {
      live.formUnion(part.uses)
    }
    for part in parts where part.kind == .scan {
      while reach(part.parts, &live) {}
      if binds(part, any: live) { live.formUnion(part.uses) }
    }
    return live.count > before
  }

  private static func binds(_ scan: Part, any live: Set<String>) -> Bool {
    scan.parts.contains { live.contains($0.name) || binds($0, any: live) }
  }

  private static func kept(_ parts: [Part], _ live: Set<String>) -> [Part] {
    parts.compactMap { part in
      guard part.kind == .scan else {
        return part.kind == .root || live.contains(part.name) ? part : nil
      }
      var part = part
      part.parts = kept(part.parts, live)
      return part.parts.isEmpty ? nil : part
    }
  }
}

/// A definition and what it is run on: what a failure is told by, and a kept case holds.
package struct FuzzCase: Hashable, Sendable {
  /// The definition.
  package var text: String
  /// The seed of its data.
  package var seed: UInt64
  /// How many rows there are.
  package var batch: Int
  /// Lengths by axis; those that are missing follow from the seed.
  package var lengths: [String: [Int]]

  /// Says what is run on what.
  package init(text: String, seed: UInt64, batch: Int = 3, lengths: [String: [Int]] = [:]) {
    self.text = text
    self.seed = seed
    self.batch = batch
    self.lengths = lengths
  }

  /// Reads a kept case; nothing if its first lines do not say what it is run on.
  package init?(file: String) {
    let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
    guard let line = lines.first(where: { $0.hasPrefix("# rows ") }) else { return nil }
    let fields = line.dropFirst(2).split(separator: ";").map {
      $0.split(separator: " ").map(String.init)
    }
    guard fields.count >= 2, fields[0].count == 2, let batch = Int(fields[0][1]),
      fields[1].count == 2, let seed = UInt64(fields[1][1])
    else { return nil }
    self.init(text: file, seed: seed, batch: batch)
    for field in fields.dropFirst(2) {
      guard let axis = field.first else { continue }
      lengths[axis] = field.dropFirst().compactMap { Int($0) }
    }
  }

  /// The case as a file, with a line that says what was wrong.
  package func file(saying what: String) -> String {
    let axes = lengths.keys.sorted().map { axis in
      "; \(axis) " + (lengths[axis] ?? []).map(String.init).joined(separator: " ")
    }
    let first = what.split(separator: "\n").first ?? ""
    return "# \(first)\n# rows \(batch); data \(seed)\(axes.joined())\n" + text
  }
}
