internal import ModelRuntime
internal import Workbench

extension Command {
  /// `rondo evaluate`: how a trained model does on data that it has not seen.
  static let evaluate = Command(
    name: "evaluate",
    operands: "DIR",
    operandCount: 1...1,
    summary: "loss, metrics, and for each class what it was taken for, on a file of data",
    options: [.data, .bind, .skipBadRows, exactMatch, .json, .threads],
    example: "rondo evaluate build/tagger --data graphs/data/tags.tsv"
  ) { arguments, setting in
    let path = try arguments.required(.data)
    let bindings = try DataRequest.bindings(arguments)
    let model = try TrainedModel(folder: arguments.operands[0], threads: arguments.threads())
    let judgement = try model.judge(
      path,
      bindings: bindings,
      skipping: arguments.has(.skipBadRows),
      drawing: arguments.has(exactMatch)
    )
    if arguments.has(.json) {
      setting.console.line(try judgement.json)
    } else {
      for line in judgement.lines { setting.console.line(line) }
    }
    return 0
  }

  /// Drawing what the definition draws.
  private static let exactMatch = Option(
    "--exact-match",
    help: "draw the target greedily from the other inputs, and count how often all of it is right"
  )
}

extension Option {
  /// For programs.
  static let json = Option("--json", help: "write one object of JSON instead")
}
