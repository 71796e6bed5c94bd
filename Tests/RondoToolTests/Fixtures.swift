import ModelRuntime
import RondoTool
import Synchronization
import Testing

/// What a command came to.
struct Outcome: Equatable {
  /// The exit code.
  var code: Int32
  /// What it wrote as its result.
  var output: String
  /// What it wrote beside.
  var notes: String

  /// The first line beside the result: what a wrong use is told.
  var firstLine: String { notes.split(separator: "\n").first.map(String.init) ?? "" }
}

/// A folder for tests of the tool, with the inputs they need; removed afterwards.
final class Workshop {
  /// The folder.
  let folder: String

  /// A definition that reads a text, small enough to be trained in a moment.
  static let reader = """
    model reader {
      size letters
      axis time <= 4
      target text: token(letters) over time
      layer rnn = gru(5)
      layer score = linear(letters)
      logits = score(rnn(onehot(previous(text))))
      loss cross_entropy(logits, text)
      train adam(rate: 0.01) carry over time
      generate text from logits
    }

    """
  /// A definition that needs no text and has outputs.
  static let numbers = """
    model numbers {
      size width
      axis time
      input x: real[width] over time
      target y: real over time
      layer rnn = gru(3)
      layer mix = linear(1)
      output mix(rnn(x))[0] as guess
      loss mse(mix(rnn(x))[0], y)
      train sgd(rate: 0.1)
    }

    """

  /// A definition whose rows are all of one length.
  static let fixed = """
    model fixed {
      axis time = 3
      input x: real[2] over time
      layer rnn = gru(3)
      output last(rnn(x)) as end
    }

    """

  /// Makes the folder and its inputs.
  init() throws {
    folder = try Platform.makePrivateFolder(in: "/tmp")
    var line = Array("to be or not to be, that is the question\n".utf8)
    for _ in 0..<4 { line += line }
    let files: [(String, [UInt8])] = [
      ("reader.graph", Array(Self.reader.utf8)),
      ("numbers.graph", Array(Self.numbers.utf8)),
      ("fixed.graph", Array(Self.fixed.utf8)),
      ("wrong.graph", Array("model wrong {\n  size letters\n  loss nothing\n}\n".utf8)),
      ("broken.graph", Array("model broken {\n".utf8)),
      ("unformatted.graph", Array(Self.reader.replacing("  size", with: " size").utf8)),
      ("text.txt", line),
      ("empty.txt", []),
      ("latin.txt", [0x61, 0x62, 0xff, 0x63]),
      ("other.txt", Array("XYZ\n".utf8)),
      ("short.txt", Array("XYZ".utf8)),
    ]
    for (name, bytes) in files { try Platform.replace(Platform.join(folder, name), with: bytes) }
  }

  deinit { try? Platform.remove(folder) }

  /// Runs a command; `@/` in a word is the folder.
  func run(
    _ words: [String],
    isTerminal: Bool = false,
    cache: String = "@/cache"
  ) -> Outcome {
    let output = Collected()
    let notes = Collected()
    let console = Console(
      write: { output.add($0) },
      note: { notes.add($0) },
      isTerminal: isTerminal
    )
    var environment = Platform.environment
    environment["RONDO_CACHE"] = cache.replacing("@/", with: folder + "/")
    let code = Tool.run(
      words.map { $0 == "@" ? folder : $0.replacing("@/", with: folder + "/") },
      console: console,
      environment: environment,
      folder: folder
    )
    let here = folder
    return Outcome(
      code: code,
      output: output.text.replacing(here, with: "@"),
      notes: notes.text.replacing(here, with: "@")
    )
  }

  /// Runs a command written in one line, without spaces in its words.
  func run(_ line: String) -> Outcome { run(line.split(separator: " ").map(String.init)) }

  /// The files below a folder and their contents.
  func contents(_ name: String) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    let path = Platform.join(folder, name)
    guard try Platform.status(path)?.kind == .folder else { return result }
    for file in try Platform.list(path) {
      let whole = Platform.join(path, file)
      if try Platform.status(whole)?.kind == .file { result[file] = try Platform.read(whole) }
    }
    return result
  }
}

/// Text that several closures add to.
final class Collected: Sendable {
  /// The text.
  private let parts = Mutex("")

  /// Adds to it.
  func add(_ text: String) { parts.withLock { $0 += text } }

  /// All of it.
  var text: String { parts.withLock { $0 } }
}
