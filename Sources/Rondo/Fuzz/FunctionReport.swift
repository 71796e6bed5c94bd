/// What was found of one function.
public struct FunctionReport: Sendable {
  /// What was found in one mode.
  struct Mode: Sendable {
    /// How far the values are off, and which special ones are wrong.
    var error = SweepError()
    /// Where the forms differ.
    var difference = SweepDifference()
    /// The float that is furthest off.
    var worstAt: Float = 0
    /// The first float whose special value is wrong.
    var wrongAt: Float = 0
    /// The first float at which forms differ.
    var differsAt: Float = 0

    /// Adds what was found in a later part.
    mutating func add(_ other: Mode) {
      if other.error.worst > error.worst {
        error.worst = other.error.worst
        error.worstAt = other.error.worstAt
        worstAt = other.worstAt
      }
      error.roundedOtherwise += other.error.roundedOtherwise
      if error.wrong == 0 { (error.wrongAt, wrongAt) = (other.error.wrongAt, other.wrongAt) }
      error.wrong += other.error.wrong
      if difference.count == 0 {
        (difference.firstAt, differsAt) = (other.difference.firstAt, other.differsAt)
      }
      difference.count += other.difference.count
    }
  }

  /// The function.
  public let function: FunctionSweep.Function
  /// How many floats were tried.
  public internal(set) var tried: UInt64 = 0
  /// What was found in strict mode.
  var strict = Mode()
  /// What was found in fast mode.
  var fast = Mode()

  /// A report of nothing.
  public init(function: FunctionSweep.Function) { self.function = function }

  /// What was found in a mode.
  subscript(isFused: Bool) -> Mode {
    get { isFused ? fast : strict }
    set { if isFused { fast = newValue } else { strict = newValue } }
  }

  /// Turns the numbers of floats into the floats.
  mutating func place(_ float: (UInt64) -> Float) {
    for isFused in [false, true] {
      self[isFused].worstAt = float(self[isFused].error.worstAt)
      self[isFused].wrongAt = float(self[isFused].error.wrongAt)
      self[isFused].differsAt = float(self[isFused].difference.firstAt)
    }
  }

  /// Adds what was found in a later part.
  public mutating func add(_ other: FunctionReport) {
    tried += other.tried
    strict.add(other.strict)
    fast.add(other.fast)
  }

  /// What is wrong, one line each.
  public var failures: [String] {
    [("strict", strict), ("fast", fast)].flatMap { name, mode -> [String] in
      var lines: [String] = []
      if mode.error.worst > function.bound {
        lines.append("off by \(mode.error.worst) ulp at \(mode.worstAt)")
      }
      if mode.error.wrong > 0 {
        lines.append("\(mode.error.wrong) special values are wrong, first at \(mode.wrongAt)")
      }
      if mode.difference.count > 0 {
        lines.append(
          "\(mode.difference.count) values differ among forms, first at \(mode.differsAt)"
        )
      }
      return lines.map { "\(function.rawValue), \(name): \($0)" }
    }
  }

  /// The head of the table that `rows` fill.
  public static let head = [
    "function", "mode", "floats", "ulp", "bound", "at", "not nearest", "special wrong",
    "forms differ",
  ]

  /// One line for each mode.
  public var rows: [[String]] {
    [("strict", strict), ("fast", fast)].map { name, mode in
      [
        function.rawValue, name, "\(tried)", Self.fixed(mode.error.worst),
        Self.fixed(function.bound), "\(mode.worstAt)", "\(mode.error.roundedOtherwise)",
        "\(mode.error.wrong)", "\(mode.difference.count)",
      ]
    }
  }

  /// A number with three digits behind the point, rounded up, as bounds are.
  private static func fixed(_ value: Double) -> String {
    guard value.isFinite, value < 1e9 else { return "\(value)" }
    let thousandths = Int((value * 1000 - 1e-6).rounded(.up))
    let digits = "\(thousandths % 1000)"
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// The table of some functions.
  public static func table(_ reports: [FunctionReport]) -> String {
    FuzzReport.aligned([head] + reports.flatMap(\.rows))
  }
}
