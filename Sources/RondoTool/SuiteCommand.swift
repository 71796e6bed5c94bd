internal import ModelRuntime
internal import Rondo
internal import Workbench

/// `rondo bench --suite`: all definitions of a folder, ours and peers' times taken in turn.
struct SuiteRun {
  /// The words after the command.
  let arguments: Arguments
  /// The process's side.
  let setting: Setting

  /// A workload that is ready to be timed.
  private struct Ready {
    var workload: BenchWorkload
    var session: Session
    var row: SuiteResult.Row
  }

  /// Compiles all, times all in rounds, and tells.
  func run(folder: String) throws -> Int32 {
    let threads = try arguments.threads()
    let all = try chosen(BenchWorkload.all(in: folder))
    Interruption.listen()
    let result = try Platform.pinned(toProcessors: threads) { isPinned in
      if !isPinned {
        setting.console.note("rondo: the system does not keep threads to processors\n")
      }
      return try measure(all, commit(of: folder), threads)
    }
    setting.console.write(result.table)
    if let peak = result.peak { setting.console.line("this machine: \(peak.text)") }
    switch arguments.text(.jsonFile) {
    case nil: break
    case "-"?: setting.console.write(try result.json)
    case let path?: try Platform.replace(path, with: Array(try result.json.utf8))
    }
    return Interruption.isAsked ? 130 : 0
  }

  /// Compiles all, and times all in rounds.
  private func measure(
    _ all: [BenchWorkload],
    _ commit: String?,
    _ threads: Int
  ) throws -> SuiteResult {
    let seconds = try arguments.number(.seconds, in: 0.01...3600) ?? 2
    let rounds = try arguments.int(.rounds, in: 1...1000) ?? 7
    let peer = try peer()
    let compiler = try CCompiler.find(
      option: arguments.text(.compiler),
      environment: setting.environment
    )
    var result = SuiteResult(commit: commit, peak: try? Peak(by: compiler), threads: threads)
    var ready: [Ready] = []
    for workload in all where !Interruption.isAsked {
      ready.append(try prepare(workload, threads))
    }
    for round in 1...rounds {
      for place in ready.indices where !Interruption.isAsked {
        let workload = ready[place].workload
        setting.console.note("round \(round) of \(rounds): \(workload.name)\n")
        let times = try ready[place].session.time(workload.entry.rawValue, seconds: seconds)
        ready[place].row.ours.add(times)
        guard let peer else { continue }
        for row in try rows(peer, workload, threads) { ready[place].row.add(row) }
      }
    }
    result.rows = ready.map(\.row).filter { !$0.ours.medians.isEmpty }
    return result
  }

  /// The workloads of `--only`; all without it.
  private func chosen(_ all: [BenchWorkload]) throws -> [BenchWorkload] {
    guard let only = arguments.text(.only) else { return all }
    let names = only.split(separator: ",").map(String.init)
    for name in names where !all.contains(where: { $0.name == name }) {
      let known = all.map(\.name).joined(separator: ", ")
      throw UsageError("there is no workload \(quoted(name)), there are \(known)")
    }
    return all.filter { names.contains($0.name) }
  }

  /// Compiles what is timed of a workload.
  private func prepare(_ workload: BenchWorkload, _ threads: Int) throws -> Ready {
    var building = try Building(arguments, setting, batch: workload.batch)
    building.options.entries = [workload.entry]
    let model = try building.generate(Definition(path: workload.path))
    let start = Platform.now
    let artifact = try building.compileAnew(model)
    let seconds = Platform.now - start
    setting.console.note(
      "\(workload.name): \(NumberText.bytes(artifact.source.count)) of C, compiled in "
        + "\(NumberText.seconds(seconds))\n"
    )
    let row = SuiteResult.Row(
      of: workload,
      sourceBytes: artifact.source.count,
      compileSeconds: seconds
    )
    let session = try Session(building.open(artifact), threads: threads)
    return Ready(workload: workload, session: session, row: row)
  }

  /// The peer's program and its arguments, as words.
  private func peer() throws -> [String]? {
    guard let text = arguments.text(.peer) else { return nil }
    var words = text.split(separator: " ").map(String.init)
    guard let first = words.first,
      let path = try CCompiler.locate(first, environment: setting.environment)
    else { throw RuntimeError("there is no program \(quoted(text))") }
    words[0] = path
    if !text.contains("{workload}") {
      words += ["--only", "{workload}", "--threads", "{threads}", "--json", "-"]
    }
    return words
  }

  /// Runs the peer's program on a workload.
  private func rows(
    _ peer: [String],
    _ workload: BenchWorkload,
    _ threads: Int
  ) throws -> [PeerRow] {
    let words = peer.map {
      $0.replacing("{workload}", with: workload.name).replacing("{threads}", with: "\(threads)")
    }
    let result = try Platform.run(
      words[0],
      Array(words.dropFirst()),
      environment: setting.environment.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      seconds: 1800
    )
    guard result.ending == .exited(0), let rows = PeerRow.rows(result.output) else {
      let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      var error = RuntimeError(
        "the peer wrote no row of \(workload.name): \(result.ending)",
        hint:
          "it is to write one line of JSON: [{\"workload\": .., \"peer\": .., \"median_s\": ..}]"
      )
      error.details = lines.suffix(8).map(String.init)
      throw error
    }
    return rows.filter { $0.workload == workload.name }
  }

  /// The revision of a folder, where git knows it.
  private func commit(of folder: String) -> String? {
    guard let git = try? CCompiler.locate("git", environment: setting.environment),
      let path = try? Platform.absolute(folder),
      let result = try? Platform.run(
        git,
        ["-C", path, "rev-parse", "--short=10", "HEAD"],
        environment: [("HOME", "/")],
        seconds: 10
      ),
      result.ending == .exited(0)
    else { return nil }
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").first.map(
      String.init
    )
  }
}

extension Option {
  /// How long each is timed.
  static let seconds = Option(
    "--seconds",
    "S",
    help: "how long calls are timed (default 3; of a suite 2 in each round)"
  )
  /// As JSON.
  static let jsonFile = Option(
    "--json",
    "-|FILE",
    help: "one JSON object, to the screen or a file"
  )
  /// A folder of definitions.
  static let suite = Option(
    "--suite",
    "DIR",
    help: "times all definitions of a folder instead, each as its comment `# Timed:` says"
  )
  /// Whom to compare with.
  static let peer = Option(
    "--peer",
    "COMMAND",
    help: "with --suite: a program run in turn with ours, given --only, --threads and --json - or "
      + "what stands for {workload} and {threads}; it writes [{workload, peer, median_s, min_s}]"
  )
  /// How often.
  static let rounds = Option("--rounds", "N", help: "with --suite: how often in turn (default 7)")
  /// Some workloads.
  static let only = Option("--only", "LIST", help: "with --suite: these workloads alone")
}
