internal import GraphIR

/// One run of a graph, or of a step of it at one place of its scan.
struct Evaluation<S: Scalar> {
  /// What is computed.
  let graph: Graph
  /// The positions that values have here.
  let domains: Domains

  /// Starts with the positions that there are.
  init(_ domains: Domains) {
    graph = domains.graph
    self.domains = domains
  }

  /// A value while computing.
  struct Operand {
    /// What it is.
    var type: ValueType
    /// Its numbers, as a tensor's are laid out.
    var values: [S]
  }

  /// What the nodes of one block are computed from and into.
  struct Frame {
    /// The values of the graph's variables.
    let variables: [VariableID: Tensor<S>]
    /// The seed of all draws.
    let seed: UInt64
    /// What a scan gives its step.
    var arguments: [Operand] = []
    /// Where the scans around this block stand, by axis.
    var places: [AxisID: Int] = [:]
    /// The values of the nodes computed so far.
    var values: [Operand?] = []
    /// The results of the scans computed so far, by node; nothing where nobody asks.
    var scans: [ValueID: [Operand?]] = [:]

    /// Starts with nothing computed.
    init(variables: [VariableID: Tensor<S>], seed: UInt64) {
      self.variables = variables
      self.seed = seed
    }
  }

  /// How many numbers a value of a type has.
  func count(_ type: ValueType) -> Int { domains[type.axes].count * type.shape.count }

  /// Computes what the results depend on, in the nodes' order, and gives the results.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func evaluate(_ block: Block, _ results: [ValueID], in frame: inout Frame)
    throws(Diagnostic) -> [Operand]
  {
    let live = block.live(from: results)
    frame.values = [Operand?](repeating: nil, count: block.count)
    frame.scans = [:]
    for id in block.ids where live[Int(id.index)] {
      let node = block[id]
      do throws(Diagnostic) {
        switch node.op {
        case .scan(let scan):
          let wanted = projected(from: id, in: block, live)
          let operands = block.operands(id).compactMap { frame.values[Int($0.index)] }
          frame.scans[id] = try run(graph[scan], operands, wanted: wanted, in: frame)
        case .project(let place):
          let scan = block.operands(id).first.flatMap { frame.scans[$0] }
          frame.values[Int(id.index)] = scan?[Int(place)]
        case .constant, .token, .variable, .argument, .position, .length, .random, .unary, .binary,
          .select, .number, .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw,
          .slice, .pad, .concat, .transpose, .orthogonalize, .reshape, .broadcast, .element, .place,
          .shift, .reindex,
          .sequence:
          let operands = block.operands(id).compactMap { frame.values[Int($0.index)] }
          let values = try apply(node.op, operands, type: node.type, in: frame)
          frame.values[Int(id.index)] = Operand(type: node.type, values: values)
        }
      } catch {
        throw error.span == .none
          ? Diagnostic(error.kind, error.message, at: node.origin, hint: error.hint) : error
      }
    }
    return results.compactMap { frame.values[Int($0.index)] }
  }

  /// Which results of a scan some live node reads.
  private func projected(from scan: ValueID, in block: Block, _ live: [Bool]) -> Set<Int> {
    var places: Set<Int> = []
    for id in block.ids where live[Int(id.index)] {
      if case .project(let place) = block[id].op, block.operands(id).first == scan {
        places.insert(Int(place))
      }
    }
    return places
  }

  /// The numbers that one op makes of its operands.
  func apply(_ op: Op, _ operands: [Operand], type: ValueType, in frame: Frame)
    throws(Diagnostic) -> [S]
  {
    switch op {
    case .constant(let bits): [S(Double(bitPattern: bits))]
    case .token(let token, _): [S(token)]
    case .variable(let variable): try value(of: variable, in: frame)
    case .argument(let place): frame.arguments[Int(place)].values
    case .position(let axis): places(along: axis)
    case .length(let axis): length(of: axis, type: type)
    case .random(let kind, let draw, let axes, _, let axis):
      random(
        kind,
        draw: draw,
        axes: axes,
        at: axis.map { ($0, operands[0]) },
        type: type,
        in: frame
      )
    case .unary(let unary): operands[0].values.map { unary.value($0) }
    case .binary(let binary): elementwise(binary, operands, type: type)
    case .select: select(operands, type: type)
    case .number: operands[0].values
    case .contract(let contraction): contract(contraction, operands[0], operands[1], type: type)
    case .reduce(let reduce, let reduction): self.reduce(reduce, reduction, operands[0], type: type)
    case .argmax(let axis): argmax(operands[0], axis, type: type)
    case .oneHot(let bound): try oneHot(bound, operands[0])
    case .gather: try gather(operands[0], operands[1], type: type)
    case .scatterAdd(let rows, let axes):
      try scatterAdd(rows: Int(rows), axes, operands[0], operands[1], type: type)
    case .draw: draw(operands[0])
    case .slice(let start, let count, let dim):
      slice(operands[0], start: Int(start), count: Int(count), dim: Int(dim))
    case .pad(let before, let after, let dim):
      pad(operands[0], before: Int(before), after: Int(after), dim: Int(dim))
    case .concat(let dim): concat(operands, dim: Int(dim), type: type)
    case .transpose: transpose(operands[0])
    case .orthogonalize: orthogonalize(operands[0])
    case .reshape: operands[0].values
    case .broadcast(let broadcast): self.broadcast(operands[0], broadcast)
    case .element(let axis, let position):
      element(operands[0], axis, position, type: type)
    case .place(let axis, let position):
      place(operands[0], axis, position, type: type)
    case .shift(let axis, let reverse):
      shift(operands[0], operands[1], axis, reverse: reverse, type: type)
    case .sequence(let axis): try sequence(operands, axis, type: type)
    case .reindex(let reindex): self.reindex(operands[0], reindex, type: type)
    case .scan, .project: preconditionFailure("scans are run by `evaluate`")
    }
  }
}
