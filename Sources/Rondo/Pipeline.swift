package import CBackend
package import GraphIR
package import GraphLanguage
package import Lowering
internal import ModelRuntime
package import Transforms

/// The way of one definition through the house, stage by stage.
package struct Pipeline {
  /// The options of the compiler.
  package let options: Compiler.Options
  private let runner = PassRunner(clock: { Platform.now })
  /// What is to be seen, and what each part took.
  package var trace: Trace
  /// What a test has put wrong.
  private let fault: PlantedFault?

  package init(
    options: Compiler.Options,
    trace: Trace = Trace(),
    fault: PlantedFault? = nil
  ) {
    self.options = options
    self.trace = trace
    self.fault = fault
  }

  /// The passes' own word for how far to unroll.
  var unrolling: Unrolling {
    switch options.unrolling {
    case .auto: .auto
    case .full: .full
    case .steps(let count): .steps(count)
    }
  }

  /// Text to syntax tree; all that is wrong with it is thrown.
  static func parse(_ file: SourceFile) throws(Diagnostics) -> SyntaxFile {
    let (tree, messages) = Parser.parse(file)
    guard messages.isEmpty else { throw Diagnostics(messages) }
    return tree
  }

  /// Text to elaborated graph: syntax mistakes are told together with those of meaning.
  package func elaborate(_ file: SourceFile) throws(Diagnostics) -> Graph {
    let (tree, messages) = Parser.parse(file)
    var graph: Graph
    switch Elaborator.elaborate(tree, sizes: options.sizes) {
    case .success(let elaborated):
      guard messages.isEmpty else { throw Diagnostics(messages) }
      graph = elaborated
    case .failure(let failure):
      let all = (messages + failure.all).sorted {
        ($0.span.line, $0.span.column) < ($1.span.line, $1.span.column)
      }
      throw Diagnostics(all)
    }
    graph.axes[0].extent = .bounded(options.batch)
    do {
      try graph.verify()
    } catch {
      throw Diagnostics([error])
    }
    return graph
  }

  /// Reads a printed graph.
  package static func read(_ file: SourceFile) throws(Diagnostic) -> Graph {
    let graph = try GraphReader.read(String(decoding: file.bytes, as: UTF8.self))
    do {
      try graph.verify()
    } catch {
      // Whoever wrote the text broke the rule.
      throw Diagnostic(.wrong, error.message, at: error.span, hint: "print it again with --emit")
    }
    return graph
  }

  /// Runs passes, remembering what each took.
  package mutating func run(_ passes: [Pass], on graph: Graph) throws(Diagnostic) -> Graph {
    let passes = fault.map { fault in passes.map(fault.planted) } ?? passes
    guard let name = trace.printAfter else {
      let (result, timings) = try runner.run(passes, on: graph)
      trace.add(timings)
      return result
    }
    let (result, timings) = try runner.run(passes, on: graph) { [trace] pass, graph in
      guard name == "all" || name == pass.name else { return }
      trace.show(pass.title, pass.summary) { graph.printed() }
    }
    trace.add(timings)
    return result
  }

  /// Runs what is no pass, remembering how long it took.
  package mutating func timed<Result, Failure: Error>(
    _ name: String,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = Platform.now
    let result = try body()
    trace.add(name, seconds: Platform.now - start)
    return result
  }

  /// Runs a lowering; what fails by our fault says which, and on what.
  static func blaming<Result>(
    _ entry: Entry,
    on graph: Graph,
    _ body: () throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    do {
      return try body()
    } catch {
      guard error.kind == .bug else { throw error }
      var blamed = error
      blamed.evidence = .init(step: "lowering \(entry.rawValue)", graph: graph)
      throw blamed
    }
  }

  /// The graph of training, evaluation and inference, optimised.
  package mutating func optimize(_ prepared: Graph) throws(Diagnostic) -> Graph {
    try run(Pipelines.rolled(unrolling), on: prepared)
  }

  /// Elaborated graph to programs and their layout.
  package mutating func plan(_ elaborated: Graph) throws(Diagnostic) -> ModelPlan {
    try requireBounds(elaborated)
    var prepared = try run(Pipelines.prepare, on: elaborated)
    let hash = SHA256.hex(of: Array(prepared.printed(withOrigins: false).utf8))
    var lowered = Lowered()
    if options.pullback || options.entries.contains(.pullback) {
      let graph = try run(Pipelines.pullbackGradients, on: prepared)
      try lower(graph, [.pullback], &lowered)
      prepared.variables = graph.variables
    }
    // What takes sums to metrics is read off before anything is folded; its inputs join the table.
    var measured = elaborated
    measured.variables = prepared.variables
    measured = try run(Pipelines.measures, on: measured)
    prepared.variables = measured.variables
    try lower(measured, [.measures], &lowered)
    if options.wants(.train) || options.wants(.update) {
      let applied = try run(Pipelines.applied, on: prepared)
      prepared.variables = applied.variables
      try lower(applied, [.update], &lowered)
    }
    let gradient = options.showsGradientFlow ? Pipelines.gradientShowingFlow : Pipelines.gradient
    let update = options.wants(.train) ? Pipelines.update : Pipelines.backward
    let whole = try run(gradient + update, on: prepared)
    try lower(whole, [.infer, .evaluate, .gradients, .train], &lowered)
    if options.checksLoops { try lower(writtenOut: whole, &lowered) }
    let stream = try run(Pipelines.stream, on: prepared)
    try lower(stream, [.begin, .step, .generate, .advance], &lowered)
    try requireOneInput(lowered.programs, prepared)
    let first = try run(Pipelines.initialize, on: prepared)
    try lower(first, [.initialize], &lowered)
    var plan = ModelPlan(
      graph: whole,
      programs: lowered.programs,
      writtenOut: lowered.writtenOut,
      forms: lowered.forms,
      batch: options.batch,
      isFused: options.arithmetic == .fast,
      graphHash: hash,
      sizes: options.sizes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    )
    plan.namesLines = options.namesLines
    plan.isProfiled = options.profiles
    plan.holdsWeights = options.holdsWeights
    plan.isEmbedded = options.host == .embedded
    plan.checksItself = options.checksItself || options.checksLoops
    return plan
  }

  /// The programs of an optimised graph that was read from text: those of whole sequences only.
  package mutating func plan(optimized whole: Graph) throws(Diagnostic) -> ModelPlan {
    var lowered = Lowered()
    try lower(whole, [.infer, .evaluate, .gradients, .train], &lowered)
    var graph = whole
    graph.generation = nil
    return ModelPlan(
      graph: graph,
      programs: lowered.programs,
      forms: lowered.forms,
      batch: whole[AxisID.batch].bound ?? options.batch,
      isFused: options.arithmetic == .fast,
      graphHash: SHA256.hex(of: Array(whole.printed(withOrigins: false).utf8)),
      sizes: []
    )
  }

  /// The entries that are wanted and that a graph has roots for; none trains a model without an optimiser.
  private func wanted(_ graph: Graph, among all: [Entry]) -> [Entry] {
    all.filter { entry in
      options.wants(entry) && (entry != .train && entry != .update || graph.optimizer != nil)
        && graph.roots.contains { $0.entries.contains(entry) }
    }
  }

  /// Programs so far, and the second forms of weights that they read.
  package struct Lowered {
    /// Those of the entries.
    package var programs: [Program] = []
    /// Those in which every step is written out.
    package var writtenOut: [Program] = []
    /// The second forms of weights that they read.
    package var forms: [VariableID: TurnedForms] = [:]

    package init() {}
  }

  /// Lowers those of the entries that a graph has: for rows of any length where it lets them have some.
  package mutating func lower(_ graph: Graph, _ entries: [Entry], _ lowered: inout Lowered)
    throws(Diagnostic)
  {
    // Where loops go to the bound, even one row needs to know how many positions count: where steps are all
    // written out, and where lengths stand in the state and no call gives them.
    let goesToBound = unrolling == .full || !graph.keptLengths.isEmpty
    let rows = goesToBound ? 2 : options.batch
    let isRagged = graph.isRagged(rows: rows) && !graph.isMasked
    let whole = isRagged ? graph : try run(Pipelines.finish(unrolling), on: graph)
    for entry in wanted(graph, among: entries) {
      let passes =
        isRagged ? Pipelines.finishRagged(unrolling, entry) : Pipelines.entry(entry)
      try lower(selected: run(passes, on: whole), entry, &lowered.programs, &lowered.forms)
    }
  }

  /// Lowers the entries whose loops are held against steps that are written out one by one.
  private mutating func lower(writtenOut graph: Graph, _ lowered: inout Lowered)
    throws(Diagnostic)
  {
    let whole = try run(Pipelines.finish(.full), on: graph)
    for entry in wanted(graph, among: [.infer, .gradients]) {
      guard let place = lowered.programs.firstIndex(where: { $0.entry == entry }) else { continue }
      try lower(whole, entry, &lowered.writtenOut, &lowered.forms)
      let last = lowered.writtenOut.count - 1
      lowered.writtenOut[last].isWrittenOut = true
      Program.unite(&lowered.programs[place], &lowered.writtenOut[last])
    }
  }

  private mutating func lower(
    _ graph: Graph,
    _ entry: Entry,
    _ programs: inout [Program],
    _ forms: inout [VariableID: TurnedForms]
  ) throws(Diagnostic) {
    try lower(selected: run(Pipelines.entry(entry), on: graph), entry, &programs, &forms)
  }

  private mutating func lower(
    selected: Graph,
    _ entry: Entry,
    _ programs: inout [Program],
    _ forms: inout [VariableID: TurnedForms]
  ) throws(Diagnostic) {
    let memory = options.pieces ?? options.memory.map { .most($0) } ?? .any
    let hasOneRow = options.batch == 1
    let stored = entry.onlyReads ? options.store.form : .float32
    var (program, its) = try timed("lowering") { () throws(Diagnostic) in
      try Self.blaming(entry, on: selected) { () throws(Diagnostic) in
        try ProgramLowering.lower(
          selected,
          entry: entry,
          memory: memory,
          hasOneRow: hasOneRow,
          stored: stored
        )
      }
    }
    fault?.program?(&program)
    programs.append(program)
    forms.add(its)
  }

  /// Every entry that was asked for by name must be there.
  func requireEntries(_ plan: ModelPlan) throws(Diagnostic) {
    let missing = options.entries.filter { choice in
      !plan.programs.contains { $0.entry.rawValue == choice.rawValue }
    }
    guard let first = missing.first else { return }
    let hint =
      switch first {
      case .infer, .pullback: "it has no output"
      case .evaluate, .gradients: "it has no loss"
      case .train, .update: "it has no loss, or no line `train`"
      case .step: "a line `stream over AXIS` gives it one"
      case .generate: "a line `generate` gives it one"
      }
    throw Diagnostic(.wrong, "the model can have no entry \(first.rawValue)", hint: hint)
  }

  /// What `generate` feeds back is the target alone.
  private func requireOneInput(_ programs: [Program], _ graph: Graph) throws(Diagnostic) {
    guard let generation = graph.generation else { return }
    let inputs = programs.filter { $0.entry == .generate || $0.entry == .advance }
      .flatMap(\.inputs).filter { $0.role != .seed }
    let target = graph[generation.target]
    guard let other = inputs.first(where: { $0.role != .variable(generation.target) }) else {
      return
    }
    throw Diagnostic(
      .unsupported,
      "generating \(target.name) beside the input \(other.name), which runs along its axis",
      at: target.origin,
      hint: "leave out generate, or make the other input part of the target's past"
    )
  }

  /// Every axis needs a bound, from the text or from the options.
  private func requireBounds(_ graph: Graph) throws(Diagnostic) {
    for axis in graph.axes.dropFirst() where axis.bound == nil {
      throw Diagnostic(
        .wrong,
        "the axis \(axis.name) has no bound",
        hint: "build with --size \(axis.name)=50, or write `axis \(axis.name) <= 50`"
      )
    }
  }
}

extension Compiler.Store {
  /// How panels of weights stand in memory.
  fileprivate var form: StoredForm {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }
}

extension Entry {
  /// `true` iff no gradient is of what it calculates, so that weights may be rounded in it.
  fileprivate var onlyReads: Bool {
    switch self {
    case .infer, .evaluate, .begin, .step, .generate, .advance: true
    case .initialize, .measures, .gradients, .train, .update, .pullback: false
    }
  }
}

extension Compiler.Options {
  /// Whether the model is to have an entry.
  fileprivate func wants(_ entry: Entry) -> Bool {
    func any(_ choices: Compiler.EntryChoice...) -> Bool {
      entries.isEmpty || choices.contains { entries.contains($0) }
    }
    return switch entry {
    case .initialize: true
    case .infer: any(.infer)
    case .evaluate: any(.evaluate)
    case .measures: any(.evaluate, .gradients)
    case .gradients: any(.gradients)
    case .train: any(.train)
    case .update: any(.update)
    case .begin: any(.step, .generate)
    case .step: any(.step)
    case .generate, .advance: any(.generate)
    case .pullback: pullback || entries.contains(.pullback)
    }
  }
}
