internal import CBackend
internal import GraphIR
internal import GraphLanguage
internal import Lowering
internal import ModelRuntime
internal import Transforms

/// Prints a definition at one stage.
struct StageShow {
  private let options: Compiler.Options
  private let entry: String?
  private var pipeline: Pipeline

  init(options: Compiler.Options, entry: String?, trace: Trace) {
    self.options = options
    self.entry = entry
    pipeline = Pipeline(options: options, trace: trace)
  }

  /// What was seen on the way.
  var trace: Trace { pipeline.trace }

  /// The text of a stage, read from a definition or from the printed graph of an earlier stage.
  mutating func text(_ file: SourceFile, stage: Compiler.Stage, from: Compiler.Stage?)
    throws(Diagnostics) -> String
  {
    if entry != nil, stage != .program, stage != .memory {
      throw Diagnostics([
        Diagnostic(.wrong, "only programs and their memory are shown by entry")
      ])
    }
    if stage == .syntax { return SyntaxPrinter.print(try Pipeline.parse(file)) }
    var graph: Graph
    // From here on what a node says of its place is not about the file.
    var isRead = false
    do {
      switch from {
      case nil, .syntax:
        graph = try pipeline.timed("elaboration") { [pipeline] () throws(Diagnostics) in
          try pipeline.elaborate(file)
        }
      case .graph, .unrolled, .gradient, .optimized:
        graph = try pipeline.timed("reading") { () throws(Diagnostic) in try Pipeline.read(file) }
        isRead = true
      case .program, .memory, .c:
        throw Diagnostic(
          .wrong,
          "nothing starts from a program or from C",
          hint: "give --from graph, unrolled, gradient or optimized"
        )
      }
      return try text(&graph, stage, from)
    } catch let error as Diagnostic {
      throw Diagnostics([isRead ? error.ofPrintedGraph : error])
    } catch let error as Diagnostics {
      throw error
    } catch {
      throw Diagnostics([Diagnostic(.bug, "\(error)")])
    }
  }

  private mutating func text(
    _ graph: inout Graph,
    _ stage: Compiler.Stage,
    _ from: Compiler.Stage?
  ) throws(Diagnostic) -> String {
    switch stage {
    case .syntax, .graph: return graph.printed()
    case .unrolled:
      let unrolling = options.unrolling == .auto ? Unrolling.full : pipeline.unrolling
      graph = try pipeline.run([.simplify, .unroll(unrolling), .simplify], on: graph)
      return graph.printed()
    case .gradient:
      graph = try pipeline.run(Pipelines.prepare + Pipelines.gradient, on: graph)
      return graph.printed()
    case .optimized:
      if from != .gradient { graph = try pipeline.run(Pipelines.prepare, on: graph) }
      let passes =
        from == .gradient
        ? Pipelines.afterGradient(pipeline.unrolling) : Pipelines.rolled(pipeline.unrolling)
      return try pipeline.run(passes, on: graph).printed()
    case .program, .memory, .c:
      let plan: ModelPlan
      switch from {
      case .gradient:
        let whole = try pipeline.run(Pipelines.afterGradient(pipeline.unrolling), on: graph)
        plan = try pipeline.plan(optimized: whole)
      case .optimized: plan = try pipeline.plan(optimized: graph)
      case nil, .syntax, .graph, .unrolled, .program, .memory, .c: plan = try pipeline.plan(graph)
      }
      if stage == .c {
        return pipeline.timed("writing C") {
          CModel(plan, layoutHash: SHA256.hex(of: Array(plan.layoutText.utf8))).source
        }
      }
      let programs = try chosen(plan)
      if stage == .memory { return MemoryPicture.svg(of: programs, in: plan.graph) }
      return programs.map { $0.printed(in: plan.graph) }.joined(separator: "\n")
    }
  }

  /// The programs of the entry that was asked for, or all.
  private func chosen(_ plan: ModelPlan) throws(Diagnostic) -> [Program] {
    let all = plan.programs
    guard let entry else { return all }
    let programs = all.filter { $0.entry.rawValue == entry }
    guard programs.isEmpty else { return programs }
    let names = plan.programs.map(\.entry.rawValue).joined(separator: ", ")
    throw Diagnostic(
      .wrong,
      "\(plan.graph.name) has no entry \(entry)",
      hint: "there are \(names)"
    )
  }
}
