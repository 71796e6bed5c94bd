internal import ModelRuntime
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
    write: { text in
      let trouble = Platform.write(Array(text.utf8), to: Platform.output)
      // A reader that has gone away has all it wanted; a full disk lacks what it was to get.
      if trouble != 0, !Platform.isBrokenPipe(trouble) { lost.store(trouble, ordering: .relaxed) }
    },
    note: { _ = Platform.write(Array($0.utf8), to: Platform.errorOutput) },
    isTerminal: Platform.isTerminal(Platform.errorOutput)
  )

  /// The error's number when results could not be written, else 0.
  private static let lost = Atomic<Int32>(0)

  /// Why results could not be written; nil when all were.
  package static var loss: String? {
    let number = lost.load(ordering: .relaxed)
    return number == 0 ? nil : Platform.reason(number)
  }

  /// Writes a line of results.
  package func line(_ text: String = "") { write(text + "\n") }
}

/// Whether the person asked the process to stop.
enum Interruption {
  /// Set by the signal, read between batches.
  private static let flag = Atomic<Bool>(false)

  /// Whether the signal came.
  static var isAsked: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first Ctrl-C asks to stop; the second ends the process at once.
  static func listen() {
    Platform.onStop { number in
      Interruption.flag.store(true, ordering: .relaxed)
      Platform.endBy(number)
    }
  }

  /// Runs the C compiler, which is ended too when somebody asks to stop: what is typed at a terminal does
  /// not reach it, and it would go on alone, in a folder that nobody clears away.
  static func stopping<Result>(_ body: () throws -> Result) rethrows -> Result {
    Platform.onStop { number in
      Interruption.flag.store(true, ordering: .relaxed)
      Platform.isInterrupted.store(true, ordering: .relaxed)
      Platform.endBy(number)
    }
    defer { Platform.endByStops() }
    return try body()
  }
}
