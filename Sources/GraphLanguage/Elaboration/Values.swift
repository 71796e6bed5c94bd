import GraphIR

/// Thrown when something cannot be elaborated; its message has been given.
struct Failure: Error {}

/// A value of the graph as an expression sees it.
struct Value {
  /// Its node.
  var node: ValueID
  /// The block its node is in.
  var level: Level
  /// Its type.
  var type: ValueType
  /// What may be read from it by `.NAME`, in a fixed order.
  var members: [Member] = []
  /// What a person called it, for messages.
  var name: String?
  /// Where it was made, for messages.
  var origin: SourceSpan

  /// The member of a name.
  func member(_ name: String) -> Value? {
    members.first { $0.name == name }?.value
  }
}

/// A value under the name by which another shows it.
struct Member {
  /// What follows the point.
  var name: String
  /// What it stands for.
  var value: Value
}

/// What an expression may come to.
enum Operand {
  /// A number known when the model is built: a literal, a size, a static, and what is made of them.
  case number(Double)
  /// The token that is not there.
  case none
  case value(Value)
  case axis(AxisID)
  /// A layer given to a definition, of which instances may be made.
  case template(Template)
  case instance(Instance)
}

/// A first value given by a label, on its way to the state that it is meant for.
struct FirstValue {
  /// The names still to go down, the state's own last.
  var path: [String]
  /// What is given.
  var operand: Operand
  /// The label and its value.
  var span: SourceSpan
  /// Tells labels apart, so that one which reaches no state is found.
  var number: Int
}

/// A block under construction: the main one, or a scan's step.
final class Level {
  /// A state of the step.
  private struct State {
    var path: String
    var argument: ValueID
    var type: ValueType
    var next: ValueID?
  }

  /// Builds the block.
  let builder: BlockBuilder
  /// The axis scanned; nothing in the main block.
  let axis: AxisID?
  /// `true` iff the last position comes first.
  let isReverse: Bool
  /// The block in whose text this one stands.
  let enclosing: Level?
  /// The block in which the scan stands: the main one unless it needs a step's values.
  let host: Level?
  /// The block that the scan must stand in, if a round found that `host` is not deep enough.
  private(set) var wantedHost: Level?
  /// Axes that a round before this one found a state to run over, by its path.
  let widened: [String: AxisSet]
  /// Axes that a next value runs over and its state does not yet.
  private(set) var wider: [String: AxisSet] = [:]
  /// The instances whose states are states of this step.
  var ranAlong: Set<ObjectIdentifier> = []
  private let assembler: ScanAssembler?
  private var captured: [ValueID: ValueID] = [:]
  private var states: [State] = []

  /// Starts the main block.
  init(graph: Graph) {
    builder = BlockBuilder(graph: graph)
    axis = nil
    isReverse = false
    enclosing = nil
    host = nil
    widened = [:]
    assembler = nil
  }

  /// Starts a step.
  init(
    scanning axis: AxisID,
    isReverse: Bool,
    graph: Graph,
    enclosing: Level,
    host: Level,
    widened: [String: AxisSet]
  ) {
    let assembler = ScanAssembler(graph: graph, axis: axis, isReverse: isReverse)
    self.assembler = assembler
    builder = assembler.step
    self.axis = axis
    self.isReverse = isReverse
    self.enclosing = enclosing
    self.host = host
    self.widened = widened
  }

  /// `true` iff this block's text stands in that of another.
  func isInside(_ other: Level) -> Bool {
    var level = enclosing
    while let here = level {
      if here === other { return true }
      level = here.enclosing
    }
    return false
  }

  /// The node that stands outside, in the block around, for a value; nothing if that is not deep
  /// enough, which is taken down.
  func captureOutside(_ value: Value) -> ValueID? {
    guard let host else { return nil }
    guard value.level === host || host.isInside(value.level) else {
      if isInside(value.level) { wantedHost = value.level }
      return nil
    }
    return host.capture(value)
  }

  /// The node that stands for a value in this block; nothing if the value is of another step.
  func capture(_ value: Value) -> ValueID? {
    if value.level === self { return value.node }
    guard let host, let assembler, let axis, let outside = captureOutside(value) else {
      return nil
    }
    if let found = captured[outside] { return found }
    let source = host.builder.block
    let op = source[outside].op
    let type = source.type(outside)
    let name = source.name(outside)
    let given: ValueID
    builder.origin = source[outside].origin
    switch op {
    case .constant, .token: given = builder.append(op, [])
    case .variable, .argument, .position, .length, .random, .unary, .binary, .select, .number,
      .contract, .reduce, .argmax, .oneHot, .gather, .scatterAdd, .draw, .slice, .pad, .concat,
      .transpose, .orthogonalize, .reshape, .broadcast, .element, .place, .shift, .reindex,
      .sequence, .scan, .project:
      given =
        type.axes.contains(axis)
        ? assembler.sequence(outside, type, name: name)
        : assembler.outer(outside, type, name: name)
    }
    captured[outside] = given
    return given
  }

  /// Adds a state that begins with a value of the block around, and gives its value before the step.
  func addState(_ path: String, name: String, type: ValueType, first: ValueID, at span: SourceSpan)
    -> Value?
  {
    guard let assembler else { return nil }
    // Each row has its own, as soon as a window or a stream goes on from the last one.
    let type = type.over(type.axes.union(widened[path] ?? .none).adding(.batch))
    builder.origin = span
    let argument = assembler.state(first: first, type, path: path, name: name)
    states.append(State(path: path, argument: argument, type: type))
    return Value(node: argument, level: self, type: type, name: name, origin: span)
  }

  /// Takes down a state's value after the step; asks for another round if it runs over more axes.
  func setNext(of state: Value, to next: Value) {
    guard let place = states.firstIndex(where: { $0.argument == state.node }) else { return }
    let missing = next.type.axes.subtracting(state.type.axes)
    if !missing.isEmpty { wider[states[place].path] = state.type.axes.union(next.type.axes) }
    states[place].next = next.node
  }

  /// `true` iff every state has a next value.
  var isComplete: Bool { states.allSatisfy { $0.next != nil } }

  /// Ends the step: the scan, its operands, and at which of its results each value is found.
  func finish(emitting values: [ValueID]) throws(Diagnostic) -> (
    scan: Scan, operands: [ValueID], places: [Int]
  )? {
    guard let assembler else { return nil }
    var results = states.compactMap(\.next)
    var placeOf: [ValueID: Int] = [:]
    for (place, result) in results.enumerated() where placeOf[result] == nil {
      placeOf[result] = place
    }
    var places: [Int] = []
    for value in values {
      if let place = placeOf[value] {
        places.append(place)
      } else {
        placeOf[value] = results.count
        places.append(results.count)
        results.append(value)
      }
    }
    let (scan, operands) = try assembler.finish(results: results)
    return (scan, operands, places)
  }
}
