import Testing

/// A command that cannot be done, and what the person is told.
struct WrongUse: Sendable, CustomTestStringConvertible {
  /// The words after `rondo`, `@` for the folder of inputs, `_` for an empty word.
  var line: String
  /// The exit code: 2 for wrong use, 1 for wrong input.
  var code: Int32
  /// The first line that is written.
  var message: String

  /// The words, for the test's name.
  var testDescription: String { line }

  /// An entry of the table.
  init(_ line: String, _ code: Int32, _ message: String) {
    self.line = line
    self.code = code
    self.message = message
  }

  /// The table; `@/model` holds a run of `reader.graph`, `@/out` a stranger's file.
  static let table: [WrongUse] = [
    // The command.
    .init("", 2, "no command is given, write one of: \(commands)"),
    .init("trian", 2, "there is no command 'trian', did you mean train?"),
    .init(
      "compile @/reader.graph",
      2,
      "there is no command 'compile', the commands are \(commands)"
    ),
    .init("--data x train", 2, "'--data' comes before the command, write: rondo COMMAND --data"),
    .init("help trian", 2, "there is no command 'trian', did you mean train?"),
    // Of commands for those who change the compiler.
    .init("replay @/reader.graph", 2, "replay needs either --save DIR or --against DIR"),
    .init(
      "replay --save @/kept",
      2,
      "replay needs definitions to keep, write: rondo replay --save build/before graphs Tests "
        + "--count 100"
    ),
    .init("replay --save @/out @/reader.graph", 1, "'@/out' is in the way"),
    .init(
      "replay --against @/out @/reader.graph",
      2,
      "--against takes the definitions that were kept, so name no others"
    ),
    .init("replay --save @/kept @/nothing", 1, "there is no '@/nothing'"),
    .init("reproduce @/reader.graph", 1, "the definition is wrong"),
    // Of a model's checks.
    .init("selftest", 2, "selftest needs DIR, write: rondo selftest build/char_lm"),
    .init("selftest @/nothing", 1, "there is no folder '@/nothing'"),
    .init("selftest @/out", 1, "there is no compiled model in '@/out'"),
    .init(
      "selftest @/model --threads 0",
      2,
      "--threads takes a whole number from 1 to 1024, not '0'"
    ),
    // Of the page of a run.
    .init("report", 2, "report needs DIR, write: rondo report build/char_lm -o char_lm.html"),
    .init("report @/nothing", 1, "there is no folder '@/nothing'"),
    .init("report @/text.txt", 1, "there is no folder '@/text.txt'"),
    .init("report @/out", 1, "there is no model in '@/out'"),
    .init(
      "report @/model --data @/nothing",
      1,
      "cannot read '@/nothing': No such file or directory"
    ),
    .init("report @/model --definition @/text.txt", 1, "the definition is wrong"),
    .init(
      "report @/model -o @/no/page.html",
      1,
      "cannot write '@/no/page.html': No such file or directory"
    ),
    // Of flags for the C compiler.
    .init(
      "build @/reader.graph --size letters=3 --cc-flag=-ffast-math",
      2,
      "--cc-flag cannot be '-ffast-math': it changes numbers or structures, which the C text decides"
    ),
    .init(
      "build @/reader.graph --size letters=3 --cc-flag @/text.txt",
      2,
      "--cc-flag cannot be '@/text.txt': it does not begin with a dash; a flag's value is written "
        + "with it, as in --sysroot=DIR"
    ),
    // Its options.
    .init(
      "train @/reader.graph --dat x",
      2,
      "train has no option '--dat', did you mean --data?"
    ),
    .init(
      "train @/reader.graph --learning-rate 1",
      2,
      "train has no option '--learning-rate', see: rondo train --help"
    ),
    .init("train @/reader.graph -x", 2, "train has no option '-x', see: rondo train --help"),
    .init("train @/reader.graph --data", 2, "--data needs a value, write --data FILE"),
    .init(
      "train @/reader.graph --data --epochs 3",
      2,
      "--data needs a value, write --data FILE"
    ),
    .init("train @/reader.graph", 2, "train needs --data FILE"),
    .init("train @/reader.graph --data=", 2, "train needs --data FILE"),
    .init(
      "train --data @/text.txt",
      2,
      "train needs FILE.graph, write: rondo train graphs/char_lm.graph --data "
        + "graphs/data/village.txt -o build/char_lm"
    ),
    .init(
      "train @/reader.graph @/text.txt",
      2,
      "train takes FILE.graph, and '@/text.txt' is too much"
    ),
    .init("doctor me", 2, "doctor takes no operand, and 'me' is too much"),
    .init(
      "train @/reader.graph --data @/text.txt --data @/text.txt",
      2,
      "--data is given twice, and can have one value only"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --resume=yes",
      2,
      "--resume takes no value, write it alone"
    ),
    // Its values.
    .init(
      "train @/reader.graph --data @/text.txt --epochs 0",
      2,
      "--epochs takes a whole number from 1 to 1000000, not '0'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --epochs ten",
      2,
      "--epochs takes a whole number from 1 to 1000000, not 'ten'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --rate -1",
      2,
      "--rate takes a number above 0, not '-1'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --rate nan",
      2,
      "--rate takes a number above 0, not 'nan'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --seed -1",
      2,
      "--seed takes a whole number from 0 on, not '-1'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --size letters",
      2,
      "--size takes NAME=N with a whole number from 1 on, not 'letters'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --size letters=-3",
      2,
      "--size takes NAME=N with a whole number from 1 on, not 'letters=-3'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --size letters=3 --size letters=4",
      2,
      "--size gives 'letters' two values"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --math exact",
      2,
      "--math takes one of strict, fast, not 'exact'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --store int4",
      2,
      "--store takes one of f32, bf16, int8, not 'int4'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --unroll much",
      2,
      "--unroll takes auto, full or a number of steps, not 'much'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --validation 1.5",
      2,
      "--validation takes a fraction from 0 to below 1, or a file, not 1.5"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --by letter",
      2,
      "--by takes one of character, byte, word, name, number, not 'letter'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --resume --overwrite",
      2,
      "--resume goes on with a run and --overwrite removes it, write one of them"
    ),
    .init("show @/reader.graph", 2, "show needs --emit STAGE"),
    .init(
      "show @/reader.graph --emit asm",
      2,
      "--emit takes one of syntax, graph, unrolled, gradient, optimized, program, memory, c, not 'asm'"
    ),
    .init(
      "show @/reader.graph --emit memory --entry predict --size letters=3",
      1,
      "the definition is wrong"
    ),
    .init(
      "show @/reader.graph --emit graph --entry train --size letters=3",
      2,
      "--entry goes with --emit program and --emit memory"
    ),
    .init(
      "bench @/reader.graph --entry predict",
      2,
      "--entry takes one of infer, evaluate, gradients, train, update, step, generate, pullback, not "
        + "'predict'"
    ),
    .init(
      "bench @/reader.graph --seconds 0",
      2,
      "--seconds takes a number from 0.01 to 3600.0, not '0'"
    ),
    .init(
      "generate @/model --beam 0",
      2,
      "--beam takes a whole number from 1 to 1000000, not '0'"
    ),
    .init("generate @/model --top-p 0", 2, "--top-p takes a number above 0 to 1.0, not '0'"),
    .init(
      "generate @/model --length 0",
      2,
      "--length takes a whole number from 1 to 1000000, not '0'"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --threads 0",
      2,
      "--threads takes a whole number from 1 to 1024, not '0'"
    ),
    // What does not work yet.
    .init(
      "train @/numbers.graph --data @/text.txt --size width=2 --size time=5 -o @/out",
      1,
      "not supported: numbers is trained on x, y; a text is read into a model whose only input is one "
        + "sequence of tokens"
    ),
    // Definitions.
    .init(
      "build @/none.graph -o @/out",
      1,
      "cannot read '@/none.graph': No such file or directory"
    ),
    .init("build @ -o @/out", 1, "'@' is not a regular file"),
    .init("build @/broken.graph -o @/out", 1, "the definition is wrong"),
    .init(
      "build @/reader.graph --size letters=3 --host moon -o @/out",
      2,
      "--host takes one of embedded, shared, not 'moon'"
    ),
    .init(
      "build @/reader.graph --size letters=3 --host embedded --with python -o @/out",
      2,
      "--with python needs memory of a system: leave out --host embedded"
    ),
    .init(
      "build @/reader.graph --size letters=3 --host embedded --cpu portable -o @/out",
      2,
      "--cpu portable chooses when it is loaded: leave out --host embedded"
    ),
    .init(
      "build @/reader.graph --size letters=3 --weights @/nothing -o @/out",
      1,
      "cannot read '@/nothing': No such file or directory"
    ),
    .init(
      "build @/reader.graph --size letters=3 --weights @/text.txt -o @/out",
      1,
      "'@/text.txt': the weights' header has 8245845062548746100 bytes, more than 100000000"
    ),
    .init("build @/wrong.graph --size letters=3 -o @/out", 1, "the definition is wrong"),
    .init("build @/reader.graph -o @/out", 1, "the definition is wrong"),
    .init(
      "build @/reader.graph --size letters=3 --size width=4 -o @/out",
      1,
      "the definition is wrong"
    ),
    .init("format @/broken.graph @/unformatted.graph", 1, "the definition is wrong"),
    .init(
      "format --check @/reader.graph @/unformatted.graph",
      1,
      "not in the one layout: '@/unformatted.graph'"
    ),
    .init(
      "train @/numbers.graph --data @/text.txt --size width=2 -o @/out",
      1,
      "the axis time has no bound"
    ),
    .init(
      "train @/numbers.graph --data @/text.txt --size time=2 -o @/out",
      1,
      "the size width has no value"
    ),
    .init(
      "bench @/reader.graph --entry infer --size letters=3",
      1,
      "the definition is wrong"
    ),
    .init(
      "build @/reader.graph --entries train,infer --size letters=3 -o @/chosen",
      1,
      "the definition is wrong"
    ),
    .init(
      "fuzz --sanitize clang,",
      2,
      "--sanitize takes all, or some of gcc, clang, memory, thread, valgrind, scalar, allocation, not ''"
    ),
    .init(
      "fuzz --sanitize everything",
      2,
      "--sanitize takes all, or some of gcc, clang, memory, thread, valgrind, scalar, allocation, not "
        + "'everything'"
    ),
    .init("bench", 2, "bench needs a definition, or --suite DIR"),
    .init("bench @/reader.graph --suite @", 2, "bench takes a definition or --suite, not both"),
    .init(
      "bench --suite @ --fill 50",
      2,
      "--fill is for one definition, and goes not with --suite"
    ),
    .init("bench @/reader.graph --only a", 2, "--only goes with --suite"),
    .init("bench @/reader.graph --fill 0", 2, "--fill takes a number from 1.0 to 100.0, not '0'"),
    .init(
      "bench @/fixed.graph --entry infer --fill 50",
      2,
      "--fill is for axes that a call gives lengths of, and fixed has none, declare one as: axis NAME "
        + "<= N"
    ),
    .init("bench --suite @", 1, "@/broken.graph does not say what of it is timed"),
    .init("bench --suite @/nowhere", 1, "cannot list '@/nowhere': No such file or directory"),
    .init(
      "build @/reader.graph --entries teach",
      2,
      "--entries takes some of infer, evaluate, gradients, train, update, step, generate, pullback, or "
        + "all, not 'teach'"
    ),
    // Data.
    .init(
      "train @/reader.graph --data @/none.txt -o @/out",
      1,
      "cannot read '@/none.txt': No such file or directory"
    ),
    .init("train @/reader.graph --data @/empty.txt -o @/out", 1, "'@/empty.txt' is empty"),
    .init(
      "train @/reader.graph --data @/latin.txt -o @/out",
      1,
      "'@/latin.txt': the text is not UTF-8 at byte 2"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --validation @/empty.txt -o @/out",
      1,
      "'@/empty.txt' is empty"
    ),
    .init(
      "train @/reader.graph --data @/text.txt --size letters=4 -o @/out",
      1,
      "the text has 15 different characters, and 'text' takes 4 tokens"
    ),
    .init(
      "train @/reader.graph --data @/short.txt --unroll full --validation 0 -o @/out",
      1,
      "the text has 3 tokens, and a row of 'text' has 4"
    ),
    // The compiler.
    .init(
      "build @/reader.graph --size letters=3 --cc @/nocc -o @/out",
      1,
      "there is no C compiler '@/nocc', named by --cc"
    ),
    .init(
      "build @/reader.graph --size letters=3 --cpu pentium99 -o @/out",
      1,
      "not supported: the C compiler does not know the processor 'pentium99'"
    ),
    // Folders.
    .init(
      "train @/reader.graph --data @/text.txt -o @/model",
      1,
      "'@/model' holds a run already"
    ),
    .init(
      "train @/reader.graph --data @/text.txt -o @/out --resume",
      1,
      "there is no run in '@/out' to go on with"
    ),
    .init(
      "train @/reader.graph --data @/other.txt -o @/model --resume",
      1,
      "the text is not the one that the run in '@/model' began with"
    ),
    .init(
      "train @/reader.graph --data @/text.txt -o @/model --resume --seed 4",
      1,
      "the run in '@/model' has the seed 7, not 4"
    ),
    .init("train @/reader.graph --data @/text.txt -o @/text.txt", 1, "'@/text.txt' is no folder"),
    .init(
      "build @/reader.graph --size letters=3 -o @/model",
      1,
      "'@/model' holds another model, 'reader', or other sizes of it"
    ),
    .init("generate @/nowhere", 1, "there is no folder '@/nowhere'"),
    .init("generate @/out", 1, "there is no compiled model in '@/out'"),
    .init(
      "generate @/model --prompt Zebra",
      1,
      "'Z' (U+005A) in line 1 is not among the 15 characters of the vocabulary"
    ),
  ]

  /// The commands, as messages list them.
  private static let commands =
    "train, evaluate, predict, score, generate, report, build, selftest, show, format, bench, doctor, fuzz, replay, reproduce"
}
