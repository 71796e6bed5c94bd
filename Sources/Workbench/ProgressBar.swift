package import Rondo

/// One line that shows how far an epoch is, written over itself.
package struct ProgressBar: Sendable {
  /// How many characters the bar itself has.
  private static let width = 24
  /// The least time between two lines, in seconds.
  private static let interval = 0.1
  /// When the last line was given.
  private var last = -Double.infinity

  /// A bar that has not been drawn.
  package init() {}

  /// What to write for a batch, if it is time to write again.
  package mutating func update(
    _ report: Trainer.BatchReport,
    epochs: Int,
    speed: Double,
    unit: String,
    now: Double
  ) -> String? {
    guard now - last >= Self.interval else { return nil }
    last = now
    return "\r" + Self.line(report, epochs: epochs, speed: speed, unit: unit) + "\u{1b}[K"
  }

  /// What removes the line.
  package static let clear = "\r\u{1b}[K"

  /// The line: epoch, bar, loss, speed, time left in the epoch.
  package static func line(
    _ report: Trainer.BatchReport,
    epochs: Int,
    speed: Double,
    unit: String
  ) -> String {
    let total = max(report.total ?? report.batch, 1)
    let done = min(report.batch, total)
    let filled = done * width / total
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    return "epoch \(report.epoch)/\(epochs) [\(bar)] \(done)/\(total)"
      + "  loss \(NumberText.fixed(report.loss, 3))"
      + "  \(NumberText.grouped(Int(speed.rounded()))) \(unit)s/s"
  }
}

/// The lines that a run leaves on the screen.
package enum RunText {
  /// An epoch that is done, as one line; `*` marks the best weights so far.
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
    parts.append(NumberText.seconds(report.seconds))
    return parts.joined(separator: "  ") + (report.isBest ? "  *" : "")
  }
}
