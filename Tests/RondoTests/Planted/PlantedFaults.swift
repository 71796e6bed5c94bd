import GraphIR
import Lowering
import Rondo
import Testing
import Transforms

/// A fault as somebody might make it, and who must find it.
struct NamedFault: CustomTestStringConvertible, Sendable {
  /// Who must find it.
  enum Finder: Sendable {
    /// The checks of random models, on a definition.
    case randomModels(String)
    /// PyTorch's answers, by the name of a case.
    case conformance(String)
    /// Weights that are not finite must not be stored.
    case finiteness
    /// A wrong call must be refused.
    case refusal
    /// A window after another must be as the whole.
    case carrying
    /// Steps must be as the whole.
    case stepping
  }

  let name: String
  let finder: Finder
  let fault: PlantedFault

  var testDescription: String { name }
}

// MARK: How faults are made

/// Changes nodes after a pass; those for which the rule gives nothing stay.
private func after(_ pass: String, _ rule: @escaping @Sendable (GraphRewriter.Site) -> ValueID?)
  -> PlantedFault
{
  PlantedFault(graph: { (name, graph) throws(Diagnostic) in
    guard name == pass else { return graph }
    return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in rule(site) }
  })
}

/// Changes the last scan that a pass left.
private func lastScan(after pass: String, _ change: @escaping @Sendable (inout Scan) -> Void)
  -> PlantedFault
{
  PlantedFault(graph: { (name, graph) throws(Diagnostic) in
    guard name == pass, !graph.scans.isEmpty else { return graph }
    var graph = graph
    change(&graph.scans[graph.scans.count - 1])
    return graph
  })
}

/// Changes every statement of a program, those in loops too.
private func statements(_ change: @escaping @Sendable (Statement) -> Statement?) -> PlantedFault {
  @Sendable func changed(_ all: [Statement]) -> [Statement] {
    all.compactMap { statement in
      guard let next = change(statement) else { return nil }
      guard case .loop(var loop) = next else { return next }
      loop.body = changed(loop.body)
      return .loop(loop)
    }
  }
  return PlantedFault(program: { $0.statements = changed($0.statements) })
}

/// Changes the C.
private func text(_ old: String, _ new: String) -> PlantedFault {
  PlantedFault(source: { $0.replacing(old, with: new) })
}

extension GraphRewriter.Site {
  /// `true` iff the node stands in a step.
  fileprivate var isInStep: Bool { !block.arguments.isEmpty }

  /// The node on other operands.
  fileprivate func on(_ operands: [ValueID]) -> ValueID { builder.append(node.op, operands) }

  /// `true` iff an operand is this number.
  fileprivate func isNumber(_ place: Int, _ value: Double) -> Bool {
    builder.constant(operands[place]) == value
  }
}

// MARK: What they are planted in

extension NamedFault {
  private static let cell = """
    model cell {
      axis t <= 4
      input x: real[2] over t
      input y: real over t
      param w: real[3, 3] ~ uniform(0.6)
      param u: real[3, 2] ~ uniform(0.6)
      param b: real[3] ~ uniform(0.3)
      param o: real[3] ~ uniform(0.8)
      param h0: real[3] ~ uniform(0.8)
      scan over t {
        state h: real[3] = h0
        next h = tanh(w @ h + u @ x + b)
      }
      p = sum(o * h)
      output p
      loss average(square(p - y)) as error
      train adam(rate: 0.01, clip_norm: 1)
    }
    """

  private static let words = """
    model words {
      axis t <= 4
      input w: token(5) over t
      target k: token(4) over t
      layer embed = embedding(3), both = bidirectional(gru(2)), rnn = lstm(3), fc = linear(4)
      y = both(embed(w))
      z = fc(rnn(y))
      a, b = split(z, 2)
      output softmax(z) as q
      output concat(b, a) as turned
      output previous(a) as before
      output sum(y over t) as total
      output max(y over t) as top
      output min(a, b) as least
      output a[0] * position(t) / length(t) as place
      output first(z over t) as begun
      output number(argmax(z)) as best
      loss cross_entropy(z, k)
    }
    """

  private static let chance = """
    model chance {
      axis t <= 3
      input x: real[2] over t
      output x * uniform(2) + normal(2) as y
      scan over t {
        state h: real[2] = 0
        next h = 0.5 * h + dropout(x, 0.5) * uniform(2)
      }
      output h
      output select(training, x, -x) as asked
      loss average(sum(square(h)))
    }
    """
}

// MARK: The faults

extension NamedFault {
  /// All of them.
  static let all: [NamedFault] = derivatives + meanings + passes + programs + texts

  private static func inRandom(_ text: String, _ name: String, _ fault: PlantedFault) -> NamedFault
  {
    NamedFault(name: name, finder: .randomModels(text), fault: fault)
  }

  private static let derivatives: [NamedFault] = [
    inRandom(
      cell,
      "the derivative of tanh loses its square",
      after("differentiate") {
        $0.node.op == .binary(.subtract) && $0.isNumber(0, 1) ? $0.operands[0] : nil
      }
    ),
    inRandom(
      cell,
      "the derivative of a square loses its second half",
      after("differentiate") { site in
        guard site.node.op == .binary(.add), site.operands[0] == site.operands[1] else {
          return nil
        }
        return site.operands[0]
      }
    ),
    inRandom(
      cell,
      "the adjoint of a scan goes the same way",
      lastScan(after: "differentiate") {
        $0.isReverse.toggle()
      }
    ),
    inRandom(
      cell,
      "the adjoint forgets what comes back through the state",
      after("differentiate") { site in
        let firstState = site.block.arguments.count - 1
        guard site.isInStep, site.node.op == .binary(.add) else { return nil }
        return site.operands.indices.first {
          site.op($0) == .argument(Int32(firstState))
        }.map { site.operands[1 - $0] }
      }
    ),
    inRandom(
      cell,
      "a gradient is summed over rows with the wrong sign",
      after("differentiate") { site in
        guard !site.isInStep, case .reduce(.sum, _) = site.node.op else { return nil }
        let sum = site.builder.append(site.node.op, site.operands)
        return site.builder.append(.unary(.negate), [sum])
      }
    ),
    NamedFault(
      name: "the gradient of a maximum goes to the last of equals",
      finder: .conformance("rnn-relu"),
      fault: after("pullback") { site in
        guard site.node.op == .binary(.lessEqual) || site.node.op == .binary(.less) else {
          return nil
        }
        return site.builder.append(
          site.node.op,
          [site.operands[1], site.operands[0]]
        )
      }
    ),
    NamedFault(
      name: "the bias correction of adam is left out",
      finder: .conformance("classifier-adam"),
      fault: after("optimizer") { site in
        guard site.node.op == .binary(.divide), case .variable(let id) = site.op(0),
          site.graph[id].kind == .rate
        else { return nil }
        return site.operands[0]
      }
    ),
    NamedFault(
      name: "gradients are scaled up to the norm's bound too",
      finder: .conformance("classifier-clip-norm"),
      fault: after("optimizer") { site in
        site.node.op == .binary(.minimum) && site.isNumber(1, 1) ? site.operands[1] : nil
      }
    ),
    NamedFault(
      name: "momentum forgets",
      finder: .conformance("classifier-momentum"),
      fault: after("optimizer") { site in
        guard site.node.op == .binary(.multiply), case .variable(let id) = site.op(1),
          site.graph[id].kind == .optimizer
        else { return nil }
        return site.builder.zero(site.block.type(site.id))
      }
    ),
  ]

  /// Operations that come to mean another, wherever simplification passes.
  private static let meanings: [NamedFault] = [
    inRandom(
      words,
      "gates are swapped",
      after("simplify") { site in
        guard case .slice(let start, let count, _) = site.node.op, start > 0, count == 3 else {
          return nil
        }
        let other: Int32 = start == 3 ? 0 : start
        return site.builder.append(.slice(start: other, count: count), site.operands)
      }
    ),
    inRandom(
      cell,
      "subtraction is turned round",
      after("simplify") {
        $0.node.op == .binary(.subtract) ? $0.on($0.operands.reversed()) : nil
      }
    ),
    inRandom(
      words,
      "division is turned round",
      after("simplify") {
        $0.node.op == .binary(.divide) ? $0.on($0.operands.reversed()) : nil
      }
    ),
    inRandom(
      words,
      "what is joined is joined the other way",
      after("simplify") {
        OpKind($0.node.op) == .concat ? $0.on($0.operands.reversed()) : nil
      }
    ),
    inRandom(
      words,
      "the lesser is the greater",
      after("simplify") {
        $0.node.op == .binary(.minimum) ? $0.builder.append(.binary(.maximum), $0.operands) : nil
      }
    ),
    inRandom(
      words,
      "the greatest over time is the least",
      after("simplify") { site in
        guard case .reduce(.maximum, let how) = site.node.op, !how.axes.axes.isEmpty else {
          return nil
        }
        return site.builder.append(.reduce(.minimum, how), site.operands)
      }
    ),
    inRandom(
      words,
      "positions count from one",
      after("simplify") { site in
        guard case .position = site.node.op else { return nil }
        let place = site.builder.append(site.node.op, [])
        return (site.builder.expr(place) + site.builder.real(1)).id
      }
    ),
    inRandom(
      words,
      "the first is the last",
      after("simplify") { site in
        guard case .element(let axis, .first) = site.node.op else { return nil }
        return site.builder.append(.element(axis, .last), site.operands)
      }
    ),
    inRandom(
      words,
      "the previous is the next",
      after("simplify") { site in
        guard case .shift(let axis, let isReverse) = site.node.op else { return nil }
        return site.builder.append(.shift(axis, reverse: !isReverse), site.operands)
      }
    ),
    inRandom(
      chance,
      "two draws are one",
      after("simplify") { site in
        guard case .random(let op, _, let axes, let shape, let axis) = site.node.op else {
          return nil
        }
        return site.builder.append(.random(op, draw: 7, axes: axes, shape: shape, at: axis), [])
      }
    ),
    inRandom(
      chance,
      "a draw in a step is one for all steps",
      after("hoist") { site in
        guard case .random(let op, let draw, let axes, let shape, let axis) = site.node.op,
          let time = axes.removing(.batch).axes.first, shape.count == 2
        else { return nil }
        let once = Op.random(op, draw: draw, axes: axes.removing(time), shape: shape, at: axis)
        return site.builder.append(once, [])
      }
    ),
    inRandom(
      chance,
      "evaluation thinks that it trains",
      after("select") { site in
        guard case .variable(let id) = site.block[site.id].op, site.graph[id].kind == .fresh else {
          return site.node.op == .real(0) && !site.isInStep
            ? site.builder.append(.real(1), []) : nil
        }
        return nil
      }
    ),
  ]

  /// Passes that do what they should not.
  private static let passes: [NamedFault] = [
    inRandom(
      cell,
      "hoisting takes along what reads the state",
      after("hoist") { site in
        let states = site.block.arguments.count - 1
        guard site.isInStep, case .contract = site.node.op,
          site.operands.indices.contains(where: { site.op($0) == .argument(Int32(states)) })
        else { return nil }
        return site.builder.zero(site.block.type(site.id))
      }
    ),
    inRandom(
      cell,
      "sinking turns the loop round",
      lastScan(after: "sink") {
        $0.isReverse.toggle()
      }
    ),
    inRandom(
      words,
      "a mask is missing before a sum",
      after("mask") { site in
        // Tokens past an end are any number: to follow them might end the process.
        guard !site.block.type(site.id).isToken, !site.isInStep else { return nil }
        return site.node.op == .select ? site.operands[1] : nil
      }
    ),
    inRandom(
      words,
      "states run on past a row's end, and a reverse scan begins at the bound",
      after("mask") { site in
        guard !site.block.type(site.id).isToken, site.isInStep else { return nil }
        return site.node.op == .select ? site.operands[1] : nil
      }
    ),
    NamedFault(
      name: "a carried state is the one after the first step",
      finder: .carrying,
      fault: PlantedFault(graph: { (name, graph) throws(Diagnostic) in
        guard name == "carry" else { return graph }
        return try GraphRewriter.rewrite(graph) { (site) throws(Diagnostic) in
          guard case .element(let axis, .last) = site.node.op else { return nil }
          return site.builder.append(.element(axis, .first), site.operands)
        }
      })
    ),
    NamedFault(
      name: "a stream does not keep its state",
      finder: .stepping,
      fault: PlantedFault(program: { program in
        guard program.entry == .step else { return }
        program.statements.removeLast()
      })
    ),
  ]

  /// Programs that do the right things wrongly.
  private static let programs: [NamedFault] = [
    inRandom(
      cell,
      "buffers overlap",
      PlantedFault(program: { program in
        for index in program.buffers.indices where program.buffers[index].place == .arena {
          program.buffers[index].offset = 0
        }
      })
    ),
    inRandom(
      words,
      "loops go the other way",
      statements { statement in
        guard case .loop(var loop) = statement else { return statement }
        loop.isReverse.toggle()
        return .loop(loop)
      }
    ),
    inRandom(
      cell,
      "a product leaves out terms",
      statements { statement in
        guard case .product(var call) = statement else { return statement }
        call.k = Extent(Size(1))
        return .product(call)
      }
    ),
    inRandom(
      cell,
      "a product reads its first operand's rows as if they were one",
      statements {
        statement in
        guard case .product(var call) = statement else { return statement }
        call.aRow = Size(0)
        return .product(call)
      }
    ),
    inRandom(
      words,
      "table rows are not added up",
      statements { statement in
        guard case .scatter(var call) = statement, !call.loops.isEmpty else { return statement }
        call.loops[call.loops.count - 1].extent = Extent(Size(1))
        return .scatter(call)
      }
    ),
    NamedFault(
      name: "nobody asks whether the gradient is finite",
      finder: .finiteness,
      fault: statements { statement in
        if case .requireFinite = statement { return nil }
        return statement
      }
    ),
  ]

  /// C that is written wrongly.
  private static let texts: [NamedFault] = [
    inRandom(cell, "a constant of exp is off by a little", text("0.693359375f", "0.693359f")),
    inRandom(chance, "Philox has nine rounds", text("round < 10", "round < 9")),
    inRandom(
      words,
      "padding of outputs is left as it was",
      text("memset(call->outputs", "(void)sizeof(call->outputs")
    ),
    NamedFault(
      name: "a token is not held against its bound",
      finder: .refusal,
      fault: text("if (token < 0 || token >= bound) return 0;", "(void)token; (void)bound;")
    ),
    NamedFault(
      name: "a length is not held against its bound",
      finder: .refusal,
      fault: text("return GUARDED_BAD_LENGTH;", "{}")
    ),
  ]
}
