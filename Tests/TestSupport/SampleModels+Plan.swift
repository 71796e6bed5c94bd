package import CBackend
package import GraphIR
package import Lowering
package import Rondo

extension SampleModels {
  /// The programs and layout of a sample, as the compiler makes them.
  package static func plan(
    _ name: String,
    options: Compiler.Options = Compiler.Options(batch: 2)
  ) throws -> ModelPlan {
    var pipeline = Pipeline(options: options)
    return try pipeline.plan(graph(name, batch: options.batch))
  }

  /// The programs and layout of a definition's text.
  package static func plan(
    text: String,
    options: Compiler.Options = Compiler.Options(batch: 2)
  ) throws -> ModelPlan {
    var pipeline = Pipeline(options: options)
    return try pipeline.plan(graph(text: text, batch: options.batch))
  }
}

/// A model's programs and the graph whose tables they use.
package struct LoweredModel: Sendable {
  /// The graph.
  package let graph: Graph
  /// The programs, in the order of the entries.
  package let programs: [Program]

  /// What a plan holds of these.
  package init(_ plan: ModelPlan) {
    graph = plan.graph
    programs = plan.programs
  }
}

extension Program {
  /// All statements, those within loops after their loop.
  package var allStatements: [Statement] { Self.flattened(statements) }

  private static func flattened(_ statements: [Statement]) -> [Statement] {
    statements.flatMap { statement in
      if case .loop(let loop) = statement {
        [statement] + flattened(loop.body)
      } else {
        [statement]
      }
    }
  }

  /// The loops, in order.
  package var loops: [LoopStatement] {
    allStatements.compactMap { if case .loop(let loop) = $0 { loop } else { nil } }
  }
}

extension [Statement] {
  /// How many of them are matrix products.
  package var productCount: Int { count { if case .product = $0 { true } else { false } } }
  /// How many of them are kernels.
  package var kernelCount: Int { count { if case .kernel = $0 { true } else { false } } }
}
