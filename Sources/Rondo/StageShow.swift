internal import CBackend
internal import GraphIR
internal import GraphLanguage
internal import Lowering
internal import ModelRuntime
internal import Transforms

/// Prints a definition at one stage, with whatever was asked to be seen on the way.
struct StageShow {
  private let options: Compiler.Options
  private let printAfter: String?
  private let timePasses: Bool

  init(options: Compiler.Options, printAfter: String?, timePasses: Bool) {
    self.options = options
    self.printAfter = printAfter
    self.timePasses = timePasses
  }

  /// The text of a stage, read from a definition or from the printed graph of an earlier stage.
  mutating func text(_ file: SourceFile, stage: Compiler.Stage, from: Compiler.Stage?)
    throws(Diagnostics) -> String
  {
    if let printAfter, printAfter != "all", !Pipelines.names.contains(printAfter) {
      let names = Pipelines.names.joined(separator: ", ")
      throw Diagnostics([
        Diagnostic(.wrong, "there is no pass \(printAfter)", hint: "there are \(names) and all")
      ])
    }
    if stage == .syntax { return SyntaxPrinter.print(try Pipeline.parse(file)) }
    let seen = Seen(printAfter)
    var pipeline = Pipeline(options: options) { seen.add($0, $1) }
    var graph: Graph
    let text: String
    do {
      switch from {
      case nil, .syntax: graph = try pipeline.elaborate(file)
      case .graph, .unrolled, .gradient, .optimized:
        graph = try GraphReader.read(String(decoding: file.bytes, as: UTF8.self))
        try graph.verify()
      case .program, .c:
        throw Diagnostic(
          .wrong,
          "nothing starts from a program or from C",
          hint: "give --from graph, unrolled, gradient or optimized"
        )
      }
      text = try self.text(&graph, stage, from, &pipeline)
    } catch let error as Diagnostic {
      throw Diagnostics([error])
    } catch let error as Diagnostics {
      throw error
    } catch {
      throw Diagnostics([Diagnostic(.bug, "\(error)")])
    }
    return seen.text + text + (timePasses ? timings(pipeline) : "")
  }

  private func text(
    _ graph: inout Graph,
    _ stage: Compiler.Stage,
    _ from: Compiler.Stage?,
    _ pipeline: inout Pipeline
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
    case .program, .c:
      let plan: ModelPlan
      switch from {
      case .gradient:
        let whole = try pipeline.run(Pipelines.afterGradient(pipeline.unrolling), on: graph)
        plan = try pipeline.plan(optimized: whole)
      case .optimized: plan = try pipeline.plan(optimized: graph)
      case nil, .syntax, .graph, .unrolled, .program, .c: plan = try pipeline.plan(graph)
      }
      if stage == .c {
        return CModel(plan, layoutHash: SHA256.hex(of: Array(plan.layoutText.utf8))).source
      }
      return (plan.programs + plan.ragged).map { $0.printed(in: plan.graph) }.joined(
        separator: "\n"
      )
    }
  }

  private func timings(_ pipeline: Pipeline) -> String {
    let total = pipeline.timings.reduce(0) { $0 + $1.seconds }
    var text = "\n"
    for timing in pipeline.timings + [
      PassRunner.Timing(name: "all", seconds: total, nodes: 0)
    ] {
      let milliseconds = (timing.seconds * 100_000).rounded() / 100
      text +=
        "# \(milliseconds) ms  \(timing.name)"
        + (timing.nodes > 0 ? ", \(timing.nodes) nodes left" : "") + "\n"
    }
    return text
  }
}

/// The graphs that were asked to be seen after passes, as text.
private final class Seen {
  private let name: String?
  private(set) var text = ""

  init(_ name: String?) { self.name = name }

  func add(_ pass: Pass, _ graph: Graph) {
    guard let name, name == "all" || name == pass.name else { return }
    text += "# after \(pass.name): \(pass.summary)\n" + graph.printed() + "\n"
  }
}
