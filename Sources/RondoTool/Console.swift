internal import Foundation
internal import Synchronization

/// Where a command writes, and whether someone asked it to stop.
package struct Console: Sendable {
  /// Writes results.
  package var write: @Sendable (String) -> Void
  /// Writes what is said beside results: progress, errors.
  package var note: @Sendable (String) -> Void
  /// Whether notes go to a terminal, where a line can be written over.
  package var isTerminal: Bool

  /// A console that writes to these.
  package init(
    write: @escaping @Sendable (String) -> Void,
    note: @escaping @Sendable (String) -> Void,
    isTerminal: Bool = false
  ) {
    self.write = write
    self.note = note
    self.isTerminal = isTerminal
  }

  /// The process's own streams.
  package static let standard = Console(
    write: { send($0, to: .standardOutput) },
    note: { send($0, to: .standardError) },
    isTerminal: isatty(STDERR_FILENO) == 1
  )

  /// Writes a line of results.
  package func line(_ text: String = "") { write(text + "\n") }

  /// Writes to a stream; a reader that has gone away is not our trouble.
  private static func send(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}

/// Whether the person asked the process to stop.
enum Interruption {
  /// Set by the signal, read between batches.
  private static let flag = Atomic<Bool>(false)

  /// Whether the signal came.
  static var isAsked: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first Ctrl-C asks to stop; the second ends the process at once.
  static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
