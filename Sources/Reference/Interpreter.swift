package import GraphIR

/// What every op means, one op at a time: the oracle that compiled code is held against.
///
/// Nothing is padded: all rows of the batch have the lengths given, so that an example with lengths of
/// its own is run alone. Sums are taken as Op.swift says, in one accumulator with both roundings.
package struct Interpreter<S: Scalar>: Sendable {
  /// What is computed.
  package let graph: Graph
  /// How long each axis of the graph is, by its number: the batch's rows first.
  package let lengths: [Int]

  /// Prepares to compute a verified graph at these lengths.
  package init(graph: Graph, lengths: [Int]) {
    self.graph = graph
    self.lengths = lengths
  }

  /// The values of the main block's results, or of those asked for by place, each of its own type.
  ///
  /// Only what they depend on is computed.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package func run(
    variables: [VariableID: Tensor<S>],
    roots: [Int]? = nil,
    seed: UInt64 = 0
  ) throws(Diagnostic) -> [Tensor<S>] {
    guard lengths.count == graph.axes.count else {
      throw Diagnostic(.bug, "\(graph.axes.count) axes were given \(lengths.count) lengths")
    }
    for (axis, length) in zip(graph.axes, lengths) {
      if length < 1 { throw Diagnostic(.wrong, "the length of \(axis.name) is \(length)") }
      if case .fixed(let count) = axis.extent, count != length {
        throw Diagnostic(.wrong, "the length of \(axis.name) is \(length), not \(count)")
      }
    }
    for (id, tensor) in variables { try check(tensor, against: graph[id]) }
    let results = (roots ?? Array(graph.main.results.indices)).map { graph.main.results[$0] }
    var frame = Frame(variables: variables, seed: seed)
    return try evaluate(graph.main, results, in: &frame).map(tensor)
  }

  /// The values of a block's results from its arguments: a scan's step, or a part to be folded.
  package func evaluate(_ block: Block, arguments: [Tensor<S>], seed: UInt64 = 0)
    throws(Diagnostic) -> [Tensor<S>]
  {
    var frame = Frame(variables: [:], seed: seed)
    frame.arguments = arguments.map { Operand(type: $0.type, values: $0.values) }
    return try evaluate(block, block.results, in: &frame).map(tensor)
  }

  private func tensor(_ operand: Operand) -> Tensor<S> {
    Tensor(
      type: operand.type,
      lengths: operand.type.axes.axes.map { lengths[Int($0.index)] },
      values: operand.values
    )
  }

  private func check(_ tensor: Tensor<S>, against variable: Variable) throws(Diagnostic) {
    let layout = layout(variable.type)
    guard tensor.type == variable.type, tensor.values.count == layout.count,
      tensor.lengths == variable.type.axes.axes.map({ lengths[Int($0.index)] })
    else {
      throw Diagnostic(
        .wrong,
        "the value given for \(variable.name) is not \(graph.text(variable.type))"
          + " of the lengths given",
        at: variable.origin
      )
    }
  }
}

extension Interpreter {
  /// A value while computing: its lengths are the interpreter's.
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

  /// Where a value of a type lies.
  func layout(_ type: ValueType) -> Layout { Layout(type, lengths: lengths) }

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
    case .position(let axis): (0..<lengths[Int(axis.index)]).map { S($0) }
    case .length(let axis):
      [S](repeating: S(lengths[Int(axis.index)]), count: layout(type).count)
    case .random(let kind, let draw, _, _): random(kind, draw: draw, type: type, in: frame)
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
    case .slice(let start, let count): slice(operands[0], start: Int(start), count: Int(count))
    case .pad(let before, let after): pad(operands[0], before: Int(before), after: Int(after))
    case .concat: concat(operands, type: type)
    case .transpose: transpose(operands[0])
    case .orthogonalize: orthogonalize(operands[0])
    case .reshape: operands[0].values
    case .broadcast(let broadcast): self.broadcast(operands[0], broadcast)
    case .element(let axis, let position):
      element(operands[0], axis, try index(position, along: axis), type: type)
    case .place(let axis, let position):
      place(operands[0], axis, try index(position, along: axis), type: type)
    case .shift(let axis, let reverse):
      shift(operands[0], operands[1], axis, reverse: reverse, type: type)
    case .sequence(let axis): try sequence(operands, axis, type: type)
    case .reindex(let reindex): self.reindex(operands[0], reindex, type: type)
    case .scan, .project: preconditionFailure("scans are run by `evaluate`")
    }
  }
}
