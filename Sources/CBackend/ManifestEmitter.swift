internal import GraphIR
internal import Lowering

/// Writes `NAME.json`: what the library's table says, for whoever must know it before loading code.
package enum ManifestEmitter {
  /// The manifest of a model whose source and header have these hashes.
  package static func text(
    _ plan: ModelPlan,
    layoutHash: String,
    sourceHash: String,
    headerHash: String
  ) -> String {
    let graph = plan.graph
    let blocks = zip(["parameters", "state", "optimizer", "work"], plan.blockBytes)
    let members: [(String, String)] = [
      ("abi", InterfaceEmitter.version), ("format", "1"), ("model", quoted(plan.prefix)),
      ("graph_hash", quoted(plan.graphHash)), ("layout_hash", quoted(layoutHash)),
      ("math", quoted(plan.isFused ? "fast" : "strict")), ("batch", "\(plan.batch)"),
      ("sizes", object(plan.sizes.map { ($0.name, "\($0.value)") })),
      ("axes", array(graph.axes.indices.map { axis(AxisID($0), plan) })),
      ("parameters", array(variables(plan, 0))), ("states", array(variables(plan, 1))),
      ("optimizer", array(variables(plan, 2))),
      ("entries", array(plan.entries.map { entry($0, plan) })),
      ("blocks", object(blocks.map { ($0, "\($1)") })),
      ("default_rate", Float(graph.optimizer?.rate ?? 0).description),
      ("carry", graph.carryAxis.map { quoted(graph[$0].name) } ?? "null"),
      ("generates", graph.generation.map { quoted(graph[$0.target].name) } ?? "null"),
      ("until", graph.generation?.until.map { "\($0)" } ?? "null"),
      ("source", quoted(sourceHash)), ("header", quoted(headerHash)),
    ]
    return object(members)
  }

  /// Names of the language are letters, digits, dots and underscores, so nothing is escaped.
  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(quoted($0)):\($1)" }.joined(separator: ",") + "}"
  }

  private static func array(_ items: [String]) -> String {
    "[" + items.joined(separator: ",") + "]"
  }

  private static func axis(_ id: AxisID, _ plan: ModelPlan) -> String {
    let axis = plan.graph[id]
    let isFixed = if case .fixed = axis.extent { true } else { false }
    var members = [
      ("name", quoted(axis.name)), ("bound", "\(axis.bound ?? 0)"), ("fixed", "\(isFixed)"),
      ("given", "\(plan.lengthsPerRow(id))"),
    ]
    if let parent = axis.parent { members.append(("parent", quoted(plan.graph[parent].name))) }
    if case .derived(let source, let divisor, _) = axis.extent {
      members += [("source", quoted(plan.graph[source].name)), ("divisor", "\(divisor)")]
    }
    return object(members)
  }

  private static func variables(_ plan: ModelPlan, _ block: Int) -> [String] {
    plan.variables(ofBlock: block).map { id in
      let variable = plan.graph[id]
      var members = [
        ("name", quoted(variable.name)),
        ("shape", array(plan.dimensions(ofRowOf: variable.type).map { "\($0)" })),
      ]
      if case .parameter(_, let isFrozen) = variable.kind {
        members.append(("frozen", "\(isFrozen)"))
      }
      return object(members)
    }
  }

  private static func entry(_ entry: EntryDescription, _ plan: ModelPlan) -> String {
    object([
      ("name", quoted(entry.name)),
      ("inputs", array(entry.inputs.map { tensor($0, plan) })),
      ("outputs", array(entry.outputs.map { tensor($0, plan) })),
    ])
  }

  private static func tensor(_ boundary: BoundaryArray, _ plan: ModelPlan) -> String {
    let described = BoundaryDescription(boundary, plan)
    return object([
      ("name", quoted(boundary.name)), ("role", quoted(described.role.rawValue)),
      ("element", quoted(described.element.rawValue)), ("tokens", "\(described.tokens)"),
      (
        "dimensions",
        array(
          described.dimensions.map { dimension in
            object([
              ("axis", dimension.axis.map { quoted(plan.graph[$0].name) } ?? "null"),
              ("extent", "\(dimension.extent)"),
            ])
          }
        )
      ),
    ])
  }
}

/// A way into a model, as table and manifest list it.
struct EntryDescription {
  let name: String
  let inputs: [BoundaryArray]
  let outputs: [BoundaryArray]
  /// `true` iff a call alone runs it.
  let isRun: Bool
}

extension ModelPlan {
  /// The ways in, in order; `generate` takes what `begin` takes and gives the target.
  var entries: [EntryDescription] {
    let drawing: [Entry] = [.generate, .advance]
    var entries = programs.filter { !drawing.contains($0.entry) }.map {
      EntryDescription(
        name: $0.entry.rawValue,
        inputs: $0.inputs,
        outputs: $0.outputs,
        isRun: true
      )
    }
    if let target = graph.generation?.target {
      let values = BoundaryArray(
        name: graph[target].name,
        role: .output,
        type: graph[target].type
      )
      let inputs = programs.first { $0.entry == .begin }?.inputs ?? []
      entries.append(
        EntryDescription(
          name: Entry.generate.rawValue,
          inputs: inputs,
          outputs: [values],
          isRun: false
        )
      )
    }
    return entries
  }

  /// The extents of what one row of a variable holds: axes by their bounds, then the shape.
  func dimensions(ofRowOf type: ValueType) -> [Int] {
    dimensions(of: type).filter { $0.axis != AxisID.batch }.map(\.extent)
  }
}

/// An array at the boundary in the contract's terms: one place for table, header and manifest.
struct BoundaryDescription {
  /// The contract's roles.
  enum Role: String {
    case data, fresh, rate, seed, loss, gradient, divisor
  }

  /// The contract's elements.
  enum Element: String {
    case float32, int32, uint8, uint64

    /// The element's type in C.
    var cType: String {
      switch self {
      case .float32: "float"
      case .int32: "int32_t"
      case .uint8: "uint8_t"
      case .uint64: "uint64_t"
      }
    }
  }

  let role: Role
  let element: Element
  /// Of tokens how many there are, else 0.
  let tokens: Int32
  /// The axis, if it is one, and the extent of each dimension.
  let dimensions: [(axis: AxisID?, extent: Int)]

  init(_ array: BoundaryArray, _ plan: ModelPlan) {
    var element: Element = array.type.isToken ? .int32 : .float32
    switch array.role {
    case .seed:
      role = .seed
      element = .uint64
    case .output: role = .data
    case .loss: role = .loss
    case .gradient: role = .gradient
    case .variable(let id):
      switch plan.graph[id].kind {
      case .fresh:
        role = .fresh
        element = .uint8
      case .rate, .training: role = .rate
      case .divisor: role = .divisor
      case .parameter, .input, .state, .optimizer, .outputGradient: role = .data
      }
    }
    self.element = element
    if case .token(let bound) = array.type.element { tokens = bound } else { tokens = 0 }
    dimensions = plan.dimensions(of: array.type)
  }

  /// `true` iff the typed functions take it by value.
  var isByValue: Bool { role == .seed || role == .rate || role == .divisor }
}
