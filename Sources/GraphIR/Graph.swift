/// One operation on operands, with its type and its place in the text.
package struct Node: Hashable, Sendable, BitwiseCopyable {
  /// What is done.
  package var op: Op
  /// Where the operands begin in the block's pool.
  package var firstOperand: Int32
  /// How many operands there are.
  package var operandCount: Int32
  /// What comes out.
  package var type: ValueType
  /// Where it was written.
  package var origin: SourceSpan
}

/// A list of nodes in which operands come before their uses, and what comes out of it.
package struct Block: Hashable, Sendable {
  /// The types of what is given, in operand order; none for a graph's main block.
  package var arguments: [ValueType] = []
  /// The nodes.
  package internal(set) var nodes: [Node] = []
  /// The operands of all nodes.
  package internal(set) var operandPool: [ValueID] = []
  /// What a person called each node, or nothing.
  package internal(set) var names: [String] = []
  /// What comes out.
  package var results: [ValueID] = []

  /// An empty block.
  package init() {}

  /// The number of nodes.
  package var count: Int { nodes.count }
  /// All nodes' names in order.
  package var ids: some RandomAccessCollection<ValueID> {
    (0..<nodes.count).lazy.map { ValueID($0) }
  }

  /// A node.
  package subscript(_ id: ValueID) -> Node { nodes[Int(id.index)] }

  /// A node's operands.
  package func operands(_ id: ValueID) -> ArraySlice<ValueID> {
    let node = self[id]
    return operandPool[Int(node.firstOperand)..<Int(node.firstOperand + node.operandCount)]
  }

  /// A node's type.
  package func type(_ id: ValueID) -> ValueType { self[id].type }

  /// What a person called a node; empty if nobody did.
  package func name(_ id: ValueID) -> String { names[Int(id.index)] }

  /// For each node, whether a result depends on it; linear, since operands precede uses.
  package func live(from roots: [ValueID]? = nil) -> [Bool] {
    var live = [Bool](repeating: false, count: nodes.count)
    for root in roots ?? results { live[Int(root.index)] = true }
    for id in ids.reversed() where live[Int(id.index)] {
      for operand in operands(id) { live[Int(operand.index)] = true }
    }
    return live
  }
}

/// A named axis.
package struct Axis: Hashable, Sendable {
  /// How its lengths come about.
  package enum Extent: Hashable, Sendable {
    /// Run-time lengths, up to a bound; nothing until one is given.
    case bounded(Int?)
    /// Always this many positions; parameters may run over it.
    case fixed(Int)
    /// The lengths of another axis, divided and rounded down; `bound` follows from the other's.
    case derived(from: AxisID, divisor: Int, bound: Int?)
  }

  /// What it is called.
  package var name: String
  /// How its lengths come about.
  package var extent: Extent
  /// The axis it is in: it has a length for each position of that one; nothing if one for each row.
  package var parent: AxisID?

  /// Names an axis.
  package init(name: String, extent: Extent, in parent: AxisID? = nil) {
    self.name = name
    self.extent = extent
    self.parent = parent
  }

  /// The greatest length, if one is known.
  package var bound: Int? {
    switch extent {
    case .bounded(let bound), .derived(_, _, let bound): bound
    case .fixed(let count): count
    }
  }
}

/// How a weight comes to its first value.
package enum InitialValue: Hashable, Sendable {
  /// This number everywhere.
  case constant(Double)
  /// Evenly from -bound to bound.
  case uniform(bound: Double)
  /// Normally with mean 0 and this deviation.
  case normal(deviation: Double)
  /// With perpendicular rows or columns, from normal numbers (Saxe, McClelland and Ganguli 2014).
  case orthogonal
  /// 1 where the two places of a square matrix agree, else 0.
  case identity
}

/// A value that an entry is given or leaves behind.
package struct Variable: Hashable, Sendable {
  /// Who gives it and where it lives.
  package enum Kind: Hashable, Sendable {
    /// A weight, in the parameters block; a frozen one is not trained.
    case parameter(InitialValue, frozen: Bool)
    /// Given by the caller for each example; a target may be drawn instead by `generate`.
    case input(isTarget: Bool)
    /// Goes on from call to call, in the state block.
    case state
    /// The optimiser's, in its block; 0 at first.
    case optimizer
    /// 1 where a row starts from its first states, else 0; given by the caller for each row.
    case fresh
    /// The learning rate of this update.
    case rate
    /// 1 where weights are trained, in `gradients` and `train`, else 0; no caller gives it.
    case training
    /// The gradient of some loss by an output, given by the caller of `pullback`; or by a weight, given
    /// by that of `update`.
    case outputGradient
    /// What the sum of a loss's average is divided by in `gradients`; at 0, its own count.
    case divisor
  }

  /// The path under which checkpoints know it.
  package var name: String
  /// Who gives it and where it lives.
  package var kind: Kind
  /// What it is.
  package var type: ValueType
  /// Where it was written.
  package var origin: SourceSpan

  /// Describes a variable.
  package init(name: String, kind: Kind, type: ValueType, origin: SourceSpan = .none) {
    self.name = name
    self.kind = kind
    self.type = type
    self.origin = origin
  }
}

/// A step repeated along an axis.
///
/// The step is given the outer values, the sequences' elements at this place, and the states before;
/// its results are the states after, then what it emits. It captures nothing.
package struct Scan: Hashable, Sendable {
  /// The axis it runs along.
  package var axis: AxisID
  /// `true` iff it starts at the axis's end.
  package var isReverse: Bool
  /// How many operands every step is given whole.
  package var outerCount: Int
  /// How many operands are given one place at a time.
  package var sequenceCount: Int
  /// How many states there are.
  package var stateCount: Int
  /// How many steps stand in one turn of the loop; 1 unless `unroll` says more.
  package var stepsPerTurn: Int = 1
  /// The states' paths, under which the state block knows them.
  package var stateNames: [String]
  /// The step.
  package var body: Block

  /// Describes a scan.
  package init(
    axis: AxisID,
    isReverse: Bool,
    outerCount: Int,
    sequenceCount: Int,
    stateNames: [String],
    body: Block
  ) {
    self.axis = axis
    self.isReverse = isReverse
    self.outerCount = outerCount
    self.sequenceCount = sequenceCount
    self.stateCount = stateNames.count
    self.stateNames = stateNames
    self.body = body
  }

  /// How many values the step emits.
  package var emitCount: Int { body.results.count - stateCount }
  /// How many operands the scan takes.
  package var operandCount: Int { outerCount + sequenceCount + stateCount }
}

/// The ways into a compiled model.
package enum Entry: String, CaseIterable, Hashable, Sendable {
  /// Draws first values for the weights.
  case initialize
  /// Inputs to outputs.
  case infer
  /// Inputs and targets to losses and metrics.
  case evaluate
  /// Sums and counts, added up over calls, to losses and metrics.
  case measures
  /// Losses and the gradient of every weight that is not frozen.
  case gradients
  /// Losses and one update.
  case train
  /// Gradients, added up over calls, to one update.
  case update
  /// First states for a stream.
  case begin
  /// One position of a stream.
  case step
  /// What the target is drawn from at one position, and the states that do not wait for it.
  case generate
  /// The states that wait for the drawn target.
  case advance
  /// Gradients of outputs to gradients of weights and inputs.
  case pullback
}

/// What an entry computes a value for.
package struct Root: Hashable, Sendable {
  /// What becomes of the value.
  package enum Kind: Hashable, Sendable {
    /// Given to the caller as an output of the definition.
    case output
    /// Given to the caller: the loss that training lowers.
    case loss
    /// Given to the caller: a loss or metric by name, or a sum or count it is made of.
    case metric
    /// What the generated target is drawn from: logits, or the value itself.
    case generated
    /// Given to the caller: the gradient of a weight, or of an input.
    case gradient(VariableID)
    /// Left in a variable when all else is done.
    case store(VariableID)
    /// Must be finite, or nothing is stored.
    case finite
  }

  /// What the caller knows it by.
  package var name: String
  /// What becomes of the value.
  package var kind: Kind
  /// The entries that want it.
  package var entries: Set<Entry>

  /// Describes a root.
  package init(name: String, kind: Kind, entries: Set<Entry>) {
    self.name = name
    self.kind = kind
    self.entries = entries
  }
}

/// An optimiser and its settings, PyTorch's names and formulas.
package struct Optimizer: Hashable, Sendable {
  /// The rules of update.
  package enum Rule: Hashable, Sendable {
    /// Stochastic gradient descent.
    case sgd(momentum: Double, nesterov: Bool)
    /// Kingma and Ba 2015; `decoupled` is adamw, whose weight decay is beside the gradient.
    case adam(beta1: Double, beta2: Double, epsilon: Double, decoupled: Bool)
    /// Hinton's division by the root of a running mean of squares.
    case rmsprop(alpha: Double, epsilon: Double)
    /// Duchi, Hazan and Singer 2011: division by the root of the sum of squares.
    case adagrad(epsilon: Double)
  }

  /// The rule of update.
  package var rule: Rule
  /// The learning rate unless the caller gives one.
  package var rate: Double
  /// Added to the gradient in proportion to the weight.
  package var weightDecay: Double
  /// The greatest norm of all gradients together; 0 for none.
  package var clipNorm: Double
  /// The greatest magnitude of one element of a gradient; 0 for none.
  package var clipValue: Double

  /// Describes an optimiser.
  package init(
    rule: Rule,
    rate: Double,
    weightDecay: Double = 0,
    clipNorm: Double = 0,
    clipValue: Double = 0
  ) {
    self.rule = rule
    self.rate = rate
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }
}

/// How a definition draws from itself.
package struct Generation: Hashable, Sendable {
  /// The target that is drawn.
  package var target: VariableID
  /// The token that ends a row, if one does.
  package var until: Int32?

  /// Describes a generation.
  package init(target: VariableID, until: Int32?) {
    self.target = target
    self.until = until
  }
}

/// A typed graph: tables of axes, variables and scans, and a main block whose results are roots.
///
/// Finished graphs are values; a pass takes one and gives another.
package struct Graph: Hashable, Sendable {
  /// The model's name.
  package var name: String
  /// The axes; the batch first.
  package var axes: [Axis]
  /// The variables, in the order of their blocks.
  package var variables: [Variable] = []
  /// The scans; one may be used by one node only.
  package var scans: [Scan] = []
  /// The nodes outside any scan.
  package var main = Block()
  /// What the main block's results are for, one for one.
  package var roots: [Root] = []
  /// How the weights are trained, if they are.
  package var optimizer: Optimizer?
  /// The axis that training carries states along, if it does.
  package var carryAxis: AxisID?
  /// The axis that `step` goes along, if the definition asks for it.
  package var streamAxis: AxisID?
  /// `true` iff rows may have lengths of their own, and every operation says what it does past them.
  package var isMasked = false
  /// The axes whose lengths no call gives, since `begin` has left them in these state variables; what
  /// runs over such an axis has room for its bound.
  package var keptLengths: [AxisID: VariableID] = [:]
  /// How `generate` draws, if the definition asks for it.
  package var generation: Generation?

  /// An empty graph with the batch axis alone.
  package init(name: String) {
    self.name = name
    axes = [Axis(name: "batch", extent: .bounded(nil))]
  }

  /// An axis.
  package subscript(_ axis: AxisID) -> Axis { axes[Int(axis.index)] }
  /// A variable.
  package subscript(_ variable: VariableID) -> Variable { variables[Int(variable.index)] }
  /// A scan.
  package subscript(_ scan: ScanID) -> Scan { scans[Int(scan.index)] }

  /// What the lengths of an axis run over: nothing if it is fixed or the batch, else the batch, and the
  /// axes it is in.
  package func lengthAxes(of axis: AxisID) -> AxisSet {
    guard axis != .batch, axes.indices.contains(Int(axis.index)) else { return .none }
    switch self[axis].extent {
    case .fixed: return .none
    case .derived(let source, _, _): return lengthAxes(of: source)
    case .bounded:
      guard let parent = self[axis].parent else { return .batch }
      return lengthAxes(of: parent).adding(parent).adding(.batch)
    }
  }

  /// All variables' names in order.
  package var variableIDs: [VariableID] { variables.indices.map { VariableID($0) } }
}
