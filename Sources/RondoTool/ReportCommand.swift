internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo report`: what came of a run, as a page.
  static let report = Command(
    name: "report",
    operands: "DIR",
    operandCount: 1...1,
    summary: "draws a run as a page of HTML: curves, samples, definition, sizes, memory",
    options: [page, pictures, rows, .bind, .skipBadRows, flow, definition, .seed],
    example: "rondo report build/char_lm -o char_lm.html"
  ) { arguments, setting in
    let folder = arguments.operands[0]
    guard try Platform.status(folder)?.kind == .folder else {
      throw RuntimeError(
        "there is no folder \(quoted(folder))",
        hint: "train a model into it: rondo train FILE.graph --data TEXT -o \(folder)"
      )
    }
    let run = try ReportedRun(folder, definition: arguments.text(definition))
    var report = try run.report(saying: setting.console.note)
    let request = ResultRequest(
      path: arguments.text(rows),
      bindings: try DataRequest.bindings(arguments),
      skipping: arguments.has(.skipBadRows),
      seed: try arguments.seed() ?? 0
    )
    try run.addResults(to: &report, of: request, saying: setting.console.note)
    if arguments.has(flow) {
      guard request.path != nil else { throw UsageError("\(flow.name) needs \(rows.usage)") }
      try run.addGradientFlows(to: &report, on: request, Building(arguments, setting, batch: 1))
    }
    let path = arguments.text(page) ?? Platform.join(folder, FolderContents.reportName)
    try Platform.replace(path, with: Array(report.page.utf8))
    setting.console.line("\(path): \(run.manifest.model)")
    if let pictures = arguments.text(pictures) {
      try Platform.makeFolder(pictures)
      var files = report.drawings.map { ($0.name, $0.drawing.picture(width: 760).file) }
      if let plan = report.memoryPlan { files.append(("memory-plan", plan)) }
      for (name, text) in files {
        try Platform.replace(Platform.join(pictures, name + ".svg"), with: Array(text.utf8))
      }
      setting.console.line("\(pictures): \(NumberText.counted(files.count, "picture"))")
    }
    return 0
  }

  /// Where the page goes.
  private static let page = Option(
    "--out",
    "FILE.html",
    letter: "-o",
    help: "the page to write (default DIR/report.html)"
  )
  /// Where the pictures go.
  private static let pictures = Option(
    "--svg",
    "FOLDER",
    help: "write each picture as a file of its own too"
  )
  /// What the model is shown on.
  private static let rows = Option(
    "--data",
    "FILE",
    help: "data to show the model on, in the form it was trained on; a text is gone on from"
  )
  /// Whether the norms of gradients are drawn.
  private static let flow = Option(
    "--gradient-flow",
    help: "draw how much of the gradient comes to each step of the data; compiles the model anew"
  )
  /// The definition's text.
  private static let definition = Option(
    "--definition",
    "FILE.graph",
    help: "the definition, where the run did not keep it (default DIR/definition.graph)"
  )
}

/// A run in its folder, as a report reads it.
struct ReportedRun {
  /// The folder.
  let folder: String
  /// What the model says of itself.
  let manifest: Manifest
  /// The definition's text, if it is known.
  private let definition: Definition?

  /// Finds the one model in a folder, and its text.
  init(_ folder: String, definition path: String?) throws(RuntimeError) {
    self.folder = folder
    let models = try FolderContents(folder).manifests
    guard let manifest = models.first?.manifest else {
      throw RuntimeError(
        "there is no model in \(quoted(folder))",
        hint: "train one into it: rondo train FILE.graph --data TEXT -o \(folder)"
      )
    }
    guard models.count == 1 else {
      let names = models.map(\.name).joined(separator: ", ")
      throw RuntimeError("\(quoted(folder)) holds several models: \(names)")
    }
    self.manifest = manifest
    if let path {
      definition = try Definition(path: path)
    } else {
      let kept = Platform.join(folder, FolderContents.definitionName)
      definition = try Platform.status(kept) == nil ? nil : try Definition(path: kept)
    }
  }

  /// What the files of the folder say.
  ///
  /// - Parameter say: is told what is left out, and why.
  func report(saying say: (String) -> Void) throws -> RunReport {
    var report = RunReport(model: manifest.model)
    report.facts = ModelFacts(manifest)
    if let definition {
      let outline = try definition.outline()
      let name = outline.blocks.first { $0.kind == .model }?.name
      guard name == manifest.model else {
        let other = name.map { "defines \(quoted($0))" } ?? "defines no model"
        throw RuntimeError(
          "\(quoted(definition.name)) \(other), and the model is \(quoted(manifest.model))",
          hint: "name its definition by --definition FILE.graph"
        )
      }
      report.definition = definition
      report.outline = outline
      report.memoryPlan = try memoryPlan(of: definition)
    } else {
      say(
        "rondo: without the definition, of which no text is in \(quoted(folder))\n"
          + "  hint: name it by --definition FILE.graph\n"
      )
    }
    let log = Platform.join(folder, FolderContents.logName)
    if try Platform.status(log) != nil {
      do {
        report.log = try EpochLog(json: Platform.read(log, limit: 1 << 28))
      } catch {
        throw RuntimeError(error.kind, "\(quoted(log)): \(error.message)", hint: error.hint)
      }
    }
    return report
  }

  /// The compiler's picture of the work memory, where it is the compiled model's own.
  ///
  /// - Throws: `RuntimeError` when the model was built from another definition.
  private func memoryPlan(of definition: Definition) throws -> String? {
    let compiler = try Compiler(options: options(for: definition))
    let model = try compiler.generate(definition)
    guard model.manifest.graphHash == manifest.graphHash else {
      throw RuntimeError(
        "the model in \(quoted(folder)) was not built from \(quoted(definition.name))",
        hint: "name its definition by --definition FILE.graph"
      )
    }
    // Unrolled or built otherwise, it has another plan.
    guard model.manifest.blocks == manifest.blocks else { return nil }
    let entry = ["train", "infer"].first { name in manifest.entries.contains { $0.name == name } }
    return try entry.map { try compiler.show(definition, stage: .memory, entry: $0) }
  }

  /// How the model was compiled, as far as it says.
  private func options(for definition: Definition) throws -> Compiler.Options {
    var sizes: [String: Int] = [:]
    for opening in try Compiler.openings(of: definition) {
      let bound = manifest.axes.first { $0.name == opening.name }?.bound
      sizes[opening.name] = opening.isAxis ? bound : manifest.sizes[opening.name]
    }
    return Compiler.Options(
      sizes: sizes,
      batch: manifest.batch,
      arithmetic: Compiler.Arithmetic(rawValue: manifest.math) ?? .fast
    )
  }

  /// Compiles the model with the norms of its states' gradients, and takes them on the data's beginning.
  func addGradientFlows(
    to report: inout RunReport,
    on request: ResultRequest,
    _ building: Building
  ) throws {
    guard let definition, let path = request.path else {
      throw RuntimeError(
        "the gradient's flow needs the definition, and none is in \(quoted(folder))",
        hint: "name it by --definition FILE.graph"
      )
    }
    var building = building
    building.options = try options(for: definition)
    building.options.showsGradientFlow = true
    let (artifact, _) = try building.compile(building.generate(definition))
    let session = try Session(building.open(artifact))
    try session.loadWeights(from: Platform.join(folder, manifest.model + ".safetensors"))
    let form = try DataForm.read(in: folder)
    let model = try TrainedModel(session, form: form, folder: folder)
    if form.kind == .text {
      var windows = try model.windows(path)
      report.gradientFlows = try session.gradientFlows(&windows)
    } else {
      let examples = try model.examples(
        path,
        for: ["gradients"],
        bindings: request.bindings,
        skipping: request.skipping
      )
      var batches = try ExampleBatches(examples, rows: manifest.batch, seed: nil)
      report.gradientFlows = try session.gradientFlows(&batches)
    }
  }

  /// Puts in what the model does on data, and what it draws, where it has weights.
  ///
  /// - Parameter say: is told why there is nothing, when there could have been something.
  func addResults(
    to report: inout RunReport,
    of request: ResultRequest,
    saying say: (String) -> Void
  ) throws {
    let weights = Platform.join(folder, manifest.model + ".safetensors")
    guard try manifest.weights != nil || Platform.status(weights) != nil,
      try Platform.status(Platform.join(folder, DataForm.fileName)) != nil
    else {
      if request.path != nil {
        throw RuntimeError("there is no run in \(quoted(folder))", hint: "leave out --data")
      }
      return
    }
    let model: TrainedModel
    do {
      model = try TrainedModel(folder: folder)
    } catch {
      say("rondo: without results, because \(error.message)\n")
      return
    }
    var context: Text?
    if let path = request.path {
      if model.form.kind == .text {
        try report.add(model, onText: path)
        if let unit = model.form.vocabularies.first?.vocabulary.unit {
          context = try Text.read(path, by: unit).lastLines(limit: 500)
        }
      } else {
        let examples = try model.examples(
          path,
          for: ["evaluate", "infer"],
          bindings: request.bindings,
          skipping: request.skipping
        )
        try report.add(model, on: examples)
      }
    }
    try addTexts(to: &report, by: model, after: context, seed: request.seed)
  }

  /// Draws texts where the model draws tokens from nothing but what came before.
  private func addTexts(
    to report: inout RunReport,
    by model: TrainedModel,
    after context: Text?,
    seed: UInt64
  ) throws {
    guard let target = manifest.generates, let vocabulary = model.form.vocabulary(of: target),
      try model.fields(of: ["begin"]).isEmpty
    else { return }
    for temperature in [0.4, 0.7, 1] as [Float] {
      let bytes = try model.session.text(
        Generation(limit: 400, temperature: temperature, seed: seed),
        after: context ?? Text([], by: vocabulary.unit),
        vocabulary: vocabulary
      )
      report.samples.append(
        RunReport.Sample(
          title: "temperature \(temperature), seed \(seed)",
          text: String(decoding: bytes, as: UTF8.self)
        )
      )
    }
  }
}

/// What of a model's results is asked for.
struct ResultRequest {
  /// The data; nil for none.
  var path: String?
  /// By input, columns that are called otherwise.
  var bindings: [String: [String]]
  /// Whether bad rows are left out.
  var skipping: Bool
  /// What chance follows from.
  var seed: UInt64
}
