package import GraphIR

/// What was found wrong with a model.
package struct FuzzFailure: Error, Hashable, Sendable {
  /// What a model is held against.
  package enum Check: String, Hashable, Sendable {
    /// It is compiled.
    case compiles
    /// Its C gives the interpreter's bits.
    case bits
    /// Its C gives the same bits with several threads.
    case threads
    /// Its C does nothing wrong that tools can see.
    case memory
    /// Its graph means the same before and after the passes.
    case passes
    /// Its graph means the same with every step written out before differentiation.
    case unrolled
    /// Its gradients are those of finite differences.
    case differences
  }

  /// The check that failed.
  package var check: Check
  /// The entry, or nothing where it is none's.
  package var entry: Entry?
  /// What differs.
  package var message: String

  /// Whether another failure is of the same kind.
  ///
  /// Of those that were not compiled the message counts, but for numbers and the names made of them.
  package func isLike(_ other: FuzzFailure) -> Bool {
    guard check == other.check, entry == other.entry else { return false }
    return check != .compiles || message.filter(\.isLetter) == other.message.filter(\.isLetter)
  }

  /// One line.
  package var line: String {
    let place = entry.map { " \($0.rawValue)" } ?? ""
    return "\(check.rawValue)\(place): \(message.split(separator: "\n").first ?? "")"
  }
}

/// What came of checking models: what was compared, and what failed.
public struct FuzzReport: Sendable {
  /// A failure, shrunk.
  public struct Failure: Sendable {
    /// The number of the model.
    public var number: UInt64
    /// What was wrong, in one line.
    public var line: String
    /// A definition of a few lines that shows it, as a file to keep.
    public var file: String
  }

  /// How many nodes of a kind were compared.
  struct Counts: Hashable, Sendable {
    var forward = 0
    var backward = 0
    var models = 0
    var failures = 0
  }

  /// How many models were checked.
  public internal(set) var models = 0
  /// What the compiler said it does not support yet, and how often.
  public internal(set) var unsupported: [String: Int] = [:]
  /// How many arrays were compared.
  public internal(set) var comparisons = 0
  /// How many elements of gradients were held against differences.
  public internal(set) var differences = 0
  /// What failed, in the order of the models.
  public internal(set) var failures: [Failure] = []
  /// By kind of operation.
  var operations: [OpKind: Counts] = [:]
  /// In how many models each feature is.
  var features: [FuzzFeature: Int] = [:]

  /// A report of nothing.
  public init() {}

  /// Adds what came of other models.
  public mutating func add(_ other: FuzzReport) {
    models += other.models
    unsupported.merge(other.unsupported, uniquingKeysWith: +)
    comparisons += other.comparisons
    differences += other.differences
    failures = (failures + other.failures).sorted { $0.number < $1.number }
    features.merge(other.features, uniquingKeysWith: +)
    operations.merge(other.operations) { a, b in
      Counts(
        forward: a.forward + b.forward,
        backward: a.backward + b.backward,
        models: a.models + b.models,
        failures: a.failures + b.failures
      )
    }
  }

  /// Notes which operations a model has, forward and backward.
  mutating func count(_ kinds: [OpKind], isBackward: Bool) {
    for kind in kinds {
      if isBackward {
        operations[kind, default: Counts()].backward += 1
      } else {
        operations[kind, default: Counts()].forward += 1
      }
    }
  }

  /// The tables: operations by direction, and features by how many models have them.
  public var table: String {
    let head = ["operation", "forward", "backward", "models", "failed"]
    let rows = OpKind.allCases.map { kind in
      let counts = operations[kind] ?? Counts()
      return [
        kind.rawValue, "\(counts.forward)", "\(counts.backward)", "\(counts.models)",
        "\(counts.failures)",
      ]
    }
    let parts = FuzzFeature.allCases.map { feature in
      let count = features[feature] ?? 0
      return [feature.rawValue, "\(count)", "\(models > 0 ? count * 100 / models : 0) %"]
    }
    let refused = unsupported.keys.sorted().map {
      "not supported: \($0), \(unsupported[$0] ?? 0) times\n"
    }
    return Self.aligned([head] + rows) + "\n" + Self.aligned([["feature", "models", ""]] + parts)
      + (refused.isEmpty ? "" : "\n") + refused.joined()
  }

  /// The last line: how much was done and how much failed.
  public var summary: String {
    "\(models) models, \(comparisons) arrays compared, \(differences) gradients by differences, "
      + "\(unsupported.values.reduce(0, +)) not supported, \(failures.count) failures"
  }

  /// Rows of a table: the first column to the left, the others to the right.
  static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + gap : gap + row[column]
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}
