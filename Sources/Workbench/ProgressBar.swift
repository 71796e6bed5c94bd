package import Rondo

/// One line that shows how far an epoch is, written over itself.
package struct ProgressBar: Sendable {
  /// How many characters the bar itself has.
  private static let width = 24
  /// The least time between two lines, in seconds.
  private static let interval = 0.1
  /// How many epochs the run has.
  private let epochs: Int
  /// What speed is counted in.
  private let unit: String
  /// When the last line was given.
  private var last = -Double.infinity
  /// When the first batch was done that was seen here, and how many there were then.
  private var first: (time: Double, batches: Int)?

  /// A bar that has not been drawn.
  package init(epochs: Int, unit: String) {
    self.epochs = epochs
    self.unit = unit
  }

  /// What to write for a batch, if it is time to write again.
  package mutating func update(
    _ report: Trainer.BatchReport,
    speed: Double,
    now: Double
  ) -> String? {
    let done = report.batch + (report.total ?? 0) * (report.epoch - 1)
    let first = first ?? (now, done)
    self.first = first
    guard now - last >= Self.interval else { return nil }
    last = now
    var left: Double?
    if let total = report.total, done > first.batches {
      let each = (now - first.time) / Double(done - first.batches)
      left = each * Double(max(0, total * epochs - done))
    }
    return "\r" + line(report, speed: speed, left: left) + "\u{1b}[K"
  }

  /// What removes the line.
  package static let clear = "\r\u{1b}[K"

  /// The line: epoch, bar, loss, speed, time left in the run.
  package func line(_ report: Trainer.BatchReport, speed: Double, left: Double?) -> String {
    let total = max(report.total ?? report.batch, 1)
    let done = min(report.batch, total)
    let filled = done * Self.width / total
    let rest = String(repeating: ".", count: Self.width - filled)
    let bar = String(repeating: "#", count: filled) + rest
    return "epoch \(report.epoch)/\(epochs) [\(bar)] \(done)/\(total)"
      + "  loss \(NumberText.fixed(report.loss, 3))"
      + "  \(NumberText.grouped(Int(speed.rounded()))) \(unit)s/s"
      + (left.map { "  \(NumberText.seconds($0)) left" } ?? "")
  }
}

/// The lines that a run leaves on the screen.
package enum RunText {
  /// An epoch that is done, as one line: with the time left if the others take as long; `*` marks the
  /// best weights so far.
  package static func epoch(
    _ report: Trainer.EpochReport,
    of epochs: Int,
    speed: Double,
    unit: String
  ) -> String {
    let number = String(report.epoch)
    let padding = String(repeating: " ", count: max(0, String(epochs).count - number.count))
    var parts = [
      "epoch \(padding)\(number)/\(epochs)", "loss \(NumberText.fixed(report.trainingLoss, 4))",
    ]
    for measure in report.validation {
      let name = measure.name == "loss" ? "validation" : measure.name
      parts.append("\(name) \(NumberText.fixed(measure.value, 4))")
    }
    parts.append("\(NumberText.grouped(Int(speed.rounded()))) \(unit)s/s")
    let left = report.seconds * Double(epochs - report.epoch)
    parts.append(
      NumberText.seconds(report.seconds)
        + (left > 0 ? ", \(NumberText.seconds(left)) left" : "")
    )
    return parts.joined(separator: "  ") + (report.isBest ? "  *" : "")
  }
}
