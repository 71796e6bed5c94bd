package import CBackend
internal import GraphIR
internal import GraphLanguage
package import Lowering
package import ModelRuntime

/// The pipeline: a definition's text to the C of a model.
public struct Compiler: Sendable {
  /// How sums and products are rounded.
  public enum Arithmetic: String, CaseIterable, Sendable {
    /// The same bits on every compiler and processor: no fused operation, sums in index order.
    case strict
    /// Fused multiply-adds and sums in parts, both placed by the equations.
    case fast
  }

  /// What machine a model is for.
  public enum Host: String, CaseIterable, Sendable {
    /// One without a system: static memory, no library but memcpy and memset, no threads.
    case embedded
    /// One that loads shared libraries.
    case shared
  }

  /// How weights are stored for the products of inference.
  public enum Store: String, CaseIterable, Sendable {
    /// As they are.
    case float32 = "f32"
    /// Rounded to the upper halves of floats, eight bits of precision: half as much to read. Sums are of floats.
    case bfloat16 = "bf16"
    /// Whole numbers from -127 to 127 and a scale for each row, a quarter as much to read. Sums are of floats, each
    /// multiplied by its row's scale.
    case int8
  }

  /// How far scans are unrolled over time.
  public enum Unrolling: Hashable, Sendable {
    /// As a cost model says.
    case auto
    /// Every step is written out; calls must then have exactly the bounds' lengths.
    case full
    /// So many steps in one turn of a loop.
    case steps(Int)
  }

  /// What a definition leaves open, and how it is built.
  public struct Options: Hashable, Sendable {
    /// Values of sizes, and bounds of axes, that the definition leaves open.
    public var sizes: [String: Int]
    /// The most rows of a call.
    public var batch: Int
    /// How sums and products are rounded.
    public var arithmetic: Arithmetic
    /// How far scans are unrolled.
    public var unrolling: Unrolling
    /// The entries the model has, with what belongs to them; all there can be but `pullback` if none is named.
    public var entries: [EntryChoice] = []
    /// How weights are stored for `infer`, `evaluate`, streams and `generate`; training has them as they are.
    public var store = Store.float32
    /// `true` adds the entry `pullback`.
    public var pullback: Bool
    /// The most bytes of arena that an entry may need; what does not fit goes along sequences in pieces, and
    /// calculates again what it has not kept.
    public var memory: Int?
    /// Pieces in any case, for whoever checks that they change no bit.
    package var pieces: MemoryRule?
    /// `true` adds to `gradients` the norm of each state's gradient at each step, for each row.
    public var showsGradientFlow = false
    /// `true` lets debuggers, sanitizers and profilers speak of the definition's lines.
    public var namesLines = false
    /// `true` lets the C be compiled with weights of its own, see `GeneratedModel.holding`.
    public var holdsWeights = false
    /// What machine it is for.
    public var host = Host.shared
    /// `true` adds a function that checks the model on the machine that it came to.
    public var checksItself = false

    /// `true` puts a clock around every statement; `CompiledModel.profile` reads them.
    package var profiles = false

    /// `true` adds to the model's check of itself that loops give the bits of steps written out one by one.
    public var checksLoops = false

    /// Options with their defaults.
    public init(
      sizes: [String: Int] = [:],
      batch: Int = 1,
      arithmetic: Arithmetic = .fast,
      unrolling: Unrolling = .auto,
      pullback: Bool = false,
      memory: Int? = nil
    ) {
      self.sizes = sizes
      self.batch = batch
      self.arithmetic = arithmetic
      self.unrolling = unrolling
      self.pullback = pullback
      self.memory = memory
    }
  }

  /// The entries that can be chosen, each of which brings what it cannot be used without.
  public enum EntryChoice: String, CaseIterable, Sendable {
    /// Inputs to outputs.
    case infer
    /// Losses and metrics, with what merges their sums over calls.
    case evaluate
    /// Losses and gradients, with what merges their sums over calls.
    case gradients
    /// Losses and one update.
    case train
    /// Gradients, added up over calls, to one update.
    case update
    /// One position of a stream, with its beginning.
    case step
    /// Drawing a target position by position.
    case generate
    /// Gradients of outputs to gradients of weights and inputs.
    case pullback
  }

  /// The stages whose result can be shown.
  public enum Stage: String, CaseIterable, Sendable {
    /// The syntax tree.
    case syntax
    /// The elaborated graph.
    case graph
    /// The graph with its steps written out.
    case unrolled
    /// The graph with gradients.
    case gradient
    /// The graph before it is lowered.
    case optimized
    /// The programs.
    case program
    /// Where the programs' buffers stand, as a picture.
    case memory
    /// The C.
    case c
  }

  /// The options.
  public let options: Options

  /// A compiler with these options.
  public init(options: Options = Options()) {
    self.options = options
  }

  /// The C, header and manifest of a definition's model; what is wrong with it is thrown, all at once.
  public func generate(_ definition: Definition) throws(CompilationFailure) -> GeneratedModel {
    var trace = Trace()
    return try generate(definition, trace: &trace)
  }

  /// The same, seen on its way.
  public func generate(
    _ definition: Definition,
    trace: inout Trace
  ) throws(CompilationFailure) -> GeneratedModel {
    let file = SourceFile(name: definition.name, bytes: definition.bytes)
    var pipeline = Pipeline(options: options, trace: trace)
    defer { trace = pipeline.trace }
    return try failing(file) { () throws(Diagnostics) in
      do {
        let graph = try pipeline.timed("elaboration") { [pipeline] () throws(Diagnostics) in
          try pipeline.elaborate(file)
        }
        var plan = try pipeline.plan(graph)
        plan.stopsGradients = definition.stopsGradients
        try pipeline.requireEntries(plan)
        return try pipeline.timed("writing C") { () throws(RuntimeError) in
          try Self.assemble(plan)
        }
      } catch let error as Diagnostics {
        throw error
      } catch let error as Diagnostic {
        throw Diagnostics([error])
      } catch {
        throw Diagnostics([Diagnostic(.bug, "\(error)")])
      }
    }
  }

  /// The three texts of a planned model.
  package static func assemble(_ plan: ModelPlan) throws(RuntimeError) -> GeneratedModel {
    let layoutHash = SHA256.hex(of: Array(plan.layoutText.utf8))
    let c = CModel(plan, layoutHash: layoutHash)
    return try GeneratedModel(source: Array(c.source.utf8), header: Array(c.header.utf8)) {
      (sourceHash, headerHash) throws(RuntimeError) in
      let manifest = ManifestEmitter.text(
        plan,
        layoutHash: layoutHash,
        sourceHash: sourceHash,
        headerHash: headerHash
      )
      return try Manifest(json: Array(manifest.utf8))
    }
  }

  /// The text of a stage; `from` reads a printed graph of that stage instead of a definition, `entry` shows
  /// the programs of one entry alone.
  public func show(
    _ definition: Definition,
    stage: Stage,
    from: Stage? = nil,
    entry: String? = nil
  ) throws(CompilationFailure) -> String {
    var trace = Trace()
    return try show(definition, stage: stage, from: from, entry: entry, trace: &trace)
  }

  /// The same, seen on its way.
  public func show(
    _ definition: Definition,
    stage: Stage,
    from: Stage? = nil,
    entry: String? = nil,
    trace: inout Trace
  ) throws(CompilationFailure) -> String {
    let file = SourceFile(name: definition.name, bytes: definition.bytes)
    var show = StageShow(options: options, entry: entry, trace: trace)
    defer { trace = show.trace }
    return try failing(file) { () throws(Diagnostics) in
      try show.text(file, stage: stage, from: from)
    }
  }

  /// Throws diagnostics as messages about a file.
  private func failing<Result>(
    _ file: SourceFile,
    _ body: () throws(Diagnostics) -> Result
  ) throws(CompilationFailure) -> Result {
    do {
      return try body()
    } catch {
      throw CompilationFailure(error, in: file, options)
    }
  }

  /// A size or axis that the definition leaves open.
  public struct Opening: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// `true` iff it is the bound of an axis.
    public var isAxis: Bool
    /// The inputs whose tokens a size bounds, in the order declared.
    public var inputs: [String]
  }

  /// What a definition leaves open, in the order declared; a text that does not parse is thrown.
  public static func openings(of definition: Definition) throws(CompilationFailure) -> [Opening] {
    let file = SourceFile(name: definition.name, bytes: definition.bytes)
    do {
      let tree = try Pipeline.parse(file)
      return Elaborator.openSizes(of: tree).map { open in
        Opening(
          name: open.name,
          isAxis: open.isAxis,
          inputs: open.isAxis ? [] : inputs(in: tree, boundedBy: open.name)
        )
      }
    } catch {
      throw CompilationFailure(error, in: file)
    }
  }

  /// The text of the library of cells and layers, which lines of kernels may be of.
  package static var libraryText: String {
    String(decoding: SourceFile.library.bytes, as: UTF8.self)
  }

  /// The inputs and targets whose tokens a size bounds.
  private static func inputs(in tree: SyntaxFile, boundedBy size: String) -> [String] {
    var found: [String] = []
    for statement in tree.model?.body.statements ?? [] {
      switch statement.kind {
      case .input(let names, let type), .target(let names, let type):
        guard case .token(let bound) = type.element, case .name(let name) = bound.kind,
          name.text == size
        else { continue }
        found += names.map(\.text)
      case .size, .axis, .param, .layer, .binding, .state, .next, .scan, .emit, .output, .loss,
        .metric, .train, .stream, .generate, .broken:
        continue
      }
    }
    return found
  }
}
