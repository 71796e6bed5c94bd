package import GraphIR
package import Lowering

/// A model's programs and where its variables live: all that the C is written from.
package struct ModelPlan {
  /// The graph whose tables of axes and variables the programs use.
  package let graph: Graph
  /// The programs, in the order of the entries.
  package private(set) var programs: [Program]
  /// Those in which every step is written out, against which a model that checks itself holds its loops.
  package private(set) var writtenOut: [Program]
  /// The most rows of a call.
  package let batch: Int
  /// `true` in fast mode.
  package let isFused: Bool
  /// The hash of the definition with its sizes.
  package let graphHash: String
  /// The sizes given when built, by name.
  package let sizes: [(name: String, value: Int)]
  /// The second forms of weights that programs read.
  private let forms: [VariableID: TurnedForms]
  private var offsets: [VariableID: Int] = [:]
  private var columnOffsets: [VariableID: Int] = [:]
  private var panelOffsets: [StoredForm: [VariableID: Int]] = [:]
  /// The bytes of each block: parameters, state, optimizer, work.
  package private(set) var blockBytes = [0, 0, 0, 0]
  /// `true` iff the C tells debuggers the definition's lines for its own.
  package var namesLines = false
  /// `true` iff the C has a clock around every statement.
  package var isProfiled = false
  /// `true` iff the C can be compiled with weights of its own, which stand in a file beside it.
  package var holdsWeights = false
  /// `true` iff the C is for a machine without a system: static memory, and no library but memcpy and memset.
  package var isEmbedded = false
  /// `true` iff the C has a function that checks the model where it runs.
  package var checksItself = false
  /// `true` iff the definition stops gradients, so that they are not the loss's differences.
  package var stopsGradients = false
  /// What `generate` works with, if the definition draws.
  private(set) var generation: GenerationPlan?

  /// Lays out the blocks: the order is that of the variables, each on a cache line of its own.
  package init(
    graph: Graph,
    programs: [Program],
    writtenOut: [Program] = [],
    forms: [VariableID: TurnedForms],
    batch: Int,
    isFused: Bool,
    graphHash: String,
    sizes: [(name: String, value: Int)]
  ) {
    var graph = graph
    graph.axes[0].extent = .bounded(batch)
    self.graph = graph
    let order = Entry.allCases
    func sorted(_ programs: [Program]) -> [Program] {
      programs.sorted {
        (order.firstIndex(of: $0.entry) ?? 0) < (order.firstIndex(of: $1.entry) ?? 0)
      }
    }
    self.programs = sorted(programs)
    self.writtenOut = sorted(writtenOut)
    self.forms = forms
    self.batch = batch
    self.isFused = isFused
    self.graphHash = graphHash
    self.sizes = sizes
    for id in graph.variableIDs {
      guard let block = Self.block(graph[id].kind) else { continue }
      offsets[id] = blockBytes[block]
      blockBytes[block] += Program.rounded(count(of: id) * 4)
    }
    for id in graph.variableIDs {
      let shape = graph[id].type.shape
      if let stride = forms[id]?.stride {
        columnOffsets[id] = blockBytes[0]
        blockBytes[0] += Program.rounded(stride * shape[1] * 4)
      }
      for form in forms[id]?.panels ?? [] {
        panelOffsets[form, default: [:]][id] = blockBytes[0]
        blockBytes[0] += Program.rounded(form.bytes(rows: shape[0], columns: shape[1]))
      }
    }
    let arena = (programs + writtenOut).map(\.arenaBytes).max() ?? 0
    blockBytes[3] = arena
    if let drawn = graph.generation {
      let plan = GenerationPlan(self, of: drawn, after: arena)
      generation = plan
      blockBytes[3] = plan.end
    }
  }

  /// The same model with other programs for its own, in the same arena.
  package func replacing(_ change: (Program) -> Program) -> ModelPlan {
    var plan = self
    plan.programs = programs.map(change)
    plan.writtenOut = writtenOut.map(change)
    return plan
  }

  /// Every program, in the order they stand in the C.
  var allPrograms: [Program] { programs + writtenOut }

  /// The prefix of every symbol.
  package var prefix: String { graph.name }
  /// What the file of the C is called.
  var file: String { prefix + ".c" }

  /// A definition's line as `#line` takes it; nothing if there is none, or none is asked for.
  func linePlace(_ origin: SourceSpan) -> String? {
    guard namesLines, origin.line > 0 else { return nil }
    return "\(origin.line) \"\(origin.source == .library ? "library" : prefix).graph\""
  }

  /// The prefix of every macro.
  var macro: String { graph.name.uppercased() }

  private static func block(_ kind: Variable.Kind) -> Int? {
    switch kind {
    case .parameter: 0
    case .state: 1
    case .optimizer: 2
    case .input, .fresh, .rate, .training, .outputGradient, .divisor: nil
    }
  }

  /// The variables of a block in order.
  package func variables(ofBlock block: Int) -> [VariableID] {
    graph.variableIDs.filter { Self.block(graph[$0].kind) == block }
  }

  /// How many elements a variable has, for the bound of the batch.
  func count(of id: VariableID) -> Int {
    let type = graph[id].type
    return type.axes.axes.reduce(type.shape.count) { $0 * (graph[$1].bound ?? 1) }
  }

  /// The block a variable lives in, and its first byte there.
  func place(of id: VariableID) -> (block: String, offset: Int) {
    let names = ["parameters", "state", "optimizer"]
    return (names[Self.block(graph[id].kind) ?? 0], offsets[id] ?? 0)
  }

  /// The first byte of a weight's columns.
  func columnsOffset(of id: VariableID) -> Int { columnOffsets[id] ?? 0 }

  /// The first byte of a weight's panels of a form.
  func panelsOffset(of id: VariableID, as form: StoredForm) -> Int { panelOffsets[form]?[id] ?? 0 }

  /// The weights with second forms, in order.
  var turned: [(id: VariableID, forms: TurnedForms)] {
    graph.variableIDs.compactMap { id in forms[id].map { (id, $0) } }
  }

  /// The forms narrower than floats in which weights are read, in the order of their cases.
  var narrowForms: [StoredForm] {
    StoredForm.allCases.filter { form in
      form != .float32 && turned.contains { $0.forms.panels.contains(form) }
    }
  }

  /// `true` iff an axis's length is known when a call runs: where calls have one row, that is their batch.
  func hasRunTimeLength(_ axis: AxisID) -> Bool {
    if axis == .batch { return batch > 1 }
    return if case .fixed = graph[axis].extent { false } else { true }
  }

  /// `true` iff calls give the axis's lengths: it is neither fixed nor made of another.
  func isGiven(_ axis: AxisID) -> Bool {
    if case .bounded = graph[axis].extent { true } else { false }
  }

  /// How many lengths of an axis a call gives for each row.
  func lengthsPerRow(_ axis: AxisID) -> Int {
    guard axis != .batch, isGiven(axis) else { return 0 }
    return graph.lengthAxes(of: axis).removing(.batch).axes.reduce(1) {
      $0 * (graph[$1].bound ?? 1)
    }
  }

  /// The program of an entry for rows with lengths of their own, if that is something else.

  /// An axis's length when a call runs.
  func length(_ axis: AxisID) -> Size {
    if case .fixed(let count) = graph[axis].extent { Size(count) } else { Size(1, [axis]) }
  }

  /// What decides where things are: variables, forms and offsets, as text.
  package var layoutText: String {
    graph.variableIDs.map { id in
      "\(graph[id].name) \(graph.text(graph[id].type)) \(offsets[id] ?? -1) "
        + "\(columnOffsets[id] ?? -1) \(forms[id]?.stride ?? 0) \(panelOffsets[.float32]?[id] ?? -1)"
        + narrowForms.compactMap { form in
          panelOffsets[form]?[id].map { " \(form.rawValue) \($0)" }
        }.joined()
    }.joined(separator: "\n") + "\n\(blockBytes) \(batch)"
  }

  /// The extents of an array at the boundary: the batch, axes by their bounds, the shape.
  package func dimensions(of type: ValueType) -> [(axis: AxisID?, extent: Int)] {
    type.axes.axes.map { ($0, graph[$0].bound ?? 1) } + type.shape.dims.map { (nil, $0) }
  }
}

/// The kernels of a model, each once, with the name its C function has.
struct KernelTable {
  private var names: [Kernel: String] = [:]
  /// The kernels in order of their first call.
  private(set) var kernels: [Kernel] = []
  /// Each one's first call.
  private(set) var firstCalls: [KernelCall] = []

  /// Collects the kernels of programs.
  init(_ programs: [Program]) {
    for program in programs { collect(program.statements) }
  }

  private mutating func collect(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .kernel(let call):
        if names[call.kernel] == nil {
          names[call.kernel] = "make_\(Self.stem(call.note))_\(kernels.count)"
          kernels.append(call.kernel)
          firstCalls.append(call)
        }
      case .loop(let loop): collect(loop.body)
      case .product, .scatter, .orthogonalize, .draw, .requireFinite, .barrier: continue
      }
    }
  }

  /// What a kernel makes, without the paths, since instances share it: `rnn.l0.c.next` is `c_next`.
  private static func stem(_ note: String) -> String {
    let names = note.split(separator: ",").map { path in
      let parts = path.split(separator: ".")
      let count = parts.last == "next" ? 2 : 1
      return parts.suffix(count).joined(separator: "_")
    }
    return CText.identifier(names.joined(separator: "_"))
  }

  /// What a kernel makes, of which extents, and from which line: of its first call, as others share it.
  static func comment(_ call: KernelCall, _ plan: ModelPlan) -> String {
    let extents = call.extents.map(CText.extent).joined(separator: ", ")
    let place = CText.place(call.origin, plan.graph.name).map { ", first for \($0)" } ?? ""
    return CText.commentary(call.note) + " [\(CText.commentary(extents))]" + place
  }

  /// The name of a kernel's function.
  func name(of kernel: Kernel) -> String { names[kernel] ?? "" }
}
