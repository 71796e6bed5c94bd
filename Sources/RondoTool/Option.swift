/// An option of a command: how it is written and what it does.
package struct Option: Hashable, Sendable {
  /// How it is written, such as `--epochs`.
  package var name: String
  /// One letter that stands for it, such as `-o`.
  package var letter: String?
  /// What its value is called, such as `N`; nil when it takes none.
  package var value: String?
  /// What it does, in one line.
  package var help: String
  /// Whether it may be given more than once.
  package var repeats: Bool

  /// Describes an option.
  package init(
    _ name: String,
    _ value: String? = nil,
    letter: String? = nil,
    repeats: Bool = false,
    help: String
  ) {
    self.name = name
    self.letter = letter
    self.value = value
    self.help = help
    self.repeats = repeats
  }

  /// The option as one writes it, with its value's name.
  package var usage: String { value.map { "\(name) \($0)" } ?? name }
}

// Options that several commands have; each is described once.
extension Option {
  /// Values of open sizes and bounds.
  static let size = Option(
    "--size",
    "NAME=N",
    repeats: true,
    help: "value of a size, or bound of an axis, that the definition leaves open"
  )
  /// The rows of a call.
  static let batch = Option("--batch", "B", help: "the most rows of a call")
  /// Rounding.
  static let math = Option(
    "--math",
    "fast|strict",
    help: "fast: fused, in parts; strict: neither (default fast, where the processor can)"
  )
  /// Unrolling.
  static let unroll = Option(
    "--unroll",
    "auto|full|N",
    help: "steps of a scan written out in one turn of its loop (default auto)"
  )
  /// The arena.
  static let memory = Option(
    "--memory",
    "SIZE",
    help:
      "the most working memory of a call, as 64MB; parts of a sequence are then calculated again"
  )
  /// The C compiler.
  static let compiler = Option("--cc", "PATH", help: "the C compiler (default: CC, then cc)")
  /// More for the C compiler.
  static let compilerFlag = Option(
    "--cc-flag",
    "FLAG",
    repeats: true,
    help: "a flag for the C compiler, as --cc-flag=--sysroot=DIR; may be given again"
  )
  /// The processor.
  static let processor = Option(
    "--cpu",
    "NAME",
    help: "the processor, as the C compiler calls it, or portable: several (default native)"
  )
  /// The folder.
  static let folder = Option(
    "--out",
    "DIR",
    letter: "-o",
    help: "the folder to write (default build/MODEL)"
  )
  /// How weights are stored.
  static let store = Option(
    "--store",
    "f32|bf16|int8",
    help:
      "what is not training reads weights as bfloat16, or as bytes with a scale for each row (default f32)"
  )
  /// Which entries are wanted.
  static let entries = Option(
    "--entries",
    "LIST",
    help: "the entries the model has, as infer,step; others are left out (default all but pullback)"
  )
  /// Whether the entry that takes gradients back is wanted.
  static let pullback = Option(
    "--pullback",
    help: "adds the entry from gradients of outputs to those of weights and inputs"
  )
  /// What is written beside the library.
  static let with = Option(
    "--with",
    "LIST",
    help: "what else is written: " + Addition.allCases.map(\.rawValue).joined(separator: ", ")
      + ", all"
  )
  /// Whether the flow of gradients is shown.
  static let gradientFlow = Option(
    "--gradient-flow",
    help: "adds to gradients the norm of each state's gradient after each step, for each row"
  )
  /// Whether debuggers are told of the definition.
  static let line = Option(
    "--line",
    help: "lets debuggers, sanitizers and profilers name the definition's lines"
  )
  /// The machine that a library is for.
  static let host = Option(
    "--host",
    "shared|embedded",
    help: "embedded: static memory, nothing of the C library but memcpy and memset (default shared)"
  )
  /// Whether the library checks itself.
  static let selfTest = Option(
    "--selftest",
    help: "adds a function that checks the model on the machine that it comes to"
  )
  /// Whether it holds its loops against steps written out.
  static let selfTestLoops = Option(
    "--selftest-loops",
    help: "the same, and that loops give the bits of steps written out one by one: much more C"
  )
  /// Weights for the library to hold.
  static let weights = Option(
    "--weights",
    "FILE",
    help: "puts the weights of a .safetensors into the library, which then needs no file"
  )
  /// Replacing a folder's model.
  static let overwrite = Option(
    "--overwrite",
    help: "replace another model or an earlier run in the folder"
  )
  /// The seed.
  static let seed = Option("--seed", "S", help: "what all chance follows from (default 0)")
  /// The threads.
  static let threads = Option(
    "--threads",
    "K",
    help: "threads of a call; results are the same for any number (default 1)"
  )
  /// Passes whose result is printed on the way.
  static let printAfter = Option(
    "--print-after",
    "PASS|all",
    help: "print the graph after a pass that changed it, beside the result"
  )
  /// Times of passes.
  static let timePasses = Option(
    "--time-passes",
    help: "say how long each part of the compiler took"
  )
  /// The answer to a question.
  static let help = Option("--help", letter: "-h", help: "show this text")
}
