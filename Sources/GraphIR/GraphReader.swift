/// Reads the text that `Graph.printed` writes, so that a compilation can start at any stage.
package struct GraphReader {
  private var graph = Graph(name: "")
  private var builder: [Substring] = []
  private var lineNumber = 0

  /// The graph that the text prints; the first line that is not understood is thrown.
  package static func read(_ text: String) throws(Diagnostic) -> Graph {
    var reader = GraphReader()
    reader.graph.axes = []
    var block: Block?
    var scan: Scan?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      reader.lineNumber += 1
      // Only whole lines are a person's own remarks: what is behind a node is where it came from.
      if line.isEmpty || line.hasPrefix("#") { continue }
      let (content, origin) = try reader.origin(of: line)
      let words = content.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      if line.hasPrefix("  ") {
        guard var current = block, !words.isEmpty else {
          throw reader.mistake("a node outside a block")
        }
        block = nil
        try reader.node(words, content, origin: origin, into: &current)
        if words[0] == "results" {
          if var finished = scan {
            finished.body = current
            finished.stateCount = finished.stateNames.count
            reader.graph.scans.append(finished)
            scan = nil
          } else {
            reader.graph.main = current
          }
        } else {
          block = current
        }
        continue
      }
      switch words.first ?? "" {
      case "scan":
        scan = try reader.scan(words)
        block = Block()
      case "main": block = Block()
      default: try reader.table(words, origin: origin)
      }
    }
    guard reader.graph.roots.count == reader.graph.main.results.count else {
      throw reader.mistake("\(reader.graph.main.results.count) results, but not as many roots")
    }
    return reader.graph
  }

  private func mistake(_ message: String) -> Diagnostic {
    Diagnostic(
      .wrong,
      "the printed graph says \(message)",
      at: SourceSpan(line: lineNumber, column: 1, length: 1),
      hint: "print it again with --emit"
    )
  }

  /// A line without its comment, and the origin that the comment states.
  private func origin(of line: Substring) throws(Diagnostic) -> (Substring, SourceSpan) {
    guard let mark = line.firstIndex(of: "#") else { return (line, .none) }
    let words = line[mark...].split(separator: " ")
    guard words.count == 5, let row = Int(words[2]), let column = Int(words[3]),
      let length = Int(words[4])
    else { throw mistake("an origin that is not understood") }
    let source: SourceSpan.Source = words[1] == "library" ? .library : .definition
    return (
      line[..<mark], SourceSpan(source: source, line: row, column: column, length: length)
    )
  }

  private func axis(_ name: String) throws(Diagnostic) -> AxisID {
    guard let index = graph.axes.firstIndex(where: { $0.name == name }) else {
      throw mistake("the axis \(name), which is not declared")
    }
    return AxisID(index)
  }

  /// Reads `real[4, 5] over batch time`.
  private func type(_ words: ArraySlice<String>) throws(Diagnostic) -> ValueType {
    let text = words.joined(separator: " ")
    let halves = text.split(separator: " over ", maxSplits: 1).map(String.init)
    guard var head = halves.first else { throw mistake("no type") }
    var shape = Shape.scalar
    if head.hasSuffix("]"), let open = head.firstIndex(of: "[") {
      let inner = head[head.index(after: open)...].dropLast()
      let dims = inner.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
      guard let read = Shape(dims) else { throw mistake("a shape that is too large") }
      shape = read
      head = String(head[..<open])
    }
    let element: Element
    if head == "real" {
      element = .real
    } else if head == "tuple" {
      element = .tuple
    } else if head.hasPrefix("token("), let bound = Int32(head.dropFirst(6).dropLast()) {
      element = .token(bound)
    } else {
      throw mistake("the type \(head), which is none")
    }
    var axes: [AxisID] = []
    if halves.count == 2 {
      for name in halves[1].split(separator: " ") { axes.append(try axis(String(name))) }
    }
    return ValueType(element, axes: AxisSet(axes), shape: shape)
  }

  private func id(_ word: String, below count: Int) throws(Diagnostic) -> ValueID {
    guard word.hasPrefix("%"), let index = Int(word.dropFirst()), index >= 0, index < count else {
      throw mistake("\(word), which is not a node above")
    }
    return ValueID(index)
  }

  private func node(
    _ words: [String],
    _ content: Substring,
    origin: SourceSpan,
    into block: inout Block
  ) throws(Diagnostic) {
    if words[0] == "given", words.count > 3 {
      block.arguments.append(try type(words[3...]))
      return
    }
    if words[0] == "results" {
      for word in words.dropFirst() { block.results.append(try id(word, below: block.count)) }
      return
    }
    guard let equals = words.firstIndex(of: "="), let colon = words.lastIndex(of: ":"),
      equals <= 2, equals + 1 < colon
    else { throw mistake("a node that is not understood") }
    // A setting may be empty, so the line is cut again with the empty words.
    let all = content.split(separator: " ", omittingEmptySubsequences: false)
    let start = all.firstIndex(of: "=").map { $0 + 1 } ?? 0
    let middle = all[start..<(all.lastIndex(of: ":") ?? start)].joined(separator: " ")
    var head = Substring(middle)
    var settings: [String] = []
    var rest: Substring = ""
    if let open = middle.firstIndex(of: "["), let close = middle[open...].firstIndex(of: "]") {
      head = middle[..<open]
      let inner = middle[middle.index(after: open)..<close]
      settings = inner.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      rest = middle[middle.index(after: close)...]
    } else if let space = middle.firstIndex(of: " ") {
      head = middle[..<space]
      rest = middle[space...]
    }
    guard let op = Op.parse(String(head), settings, in: graph) else {
      throw mistake("the operation \(head), which is not understood")
    }
    let first = Int32(block.operandPool.count)
    for word in rest.split(separator: " ") {
      block.operandPool.append(try id(String(word), below: block.count))
    }
    block.nodes.append(
      Node(
        op: op,
        firstOperand: first,
        operandCount: Int32(block.operandPool.count) - first,
        type: try type(words[(colon + 1)...]),
        origin: origin
      )
    )
    block.names.append(equals == 2 ? words[1] : "")
  }

  private func scan(_ words: [String]) throws(Diagnostic) -> Scan {
    guard words.count >= 7, let outer = Int(words[4]), let sequences = Int(words[5]),
      let turn = Int(words[6]), outer >= 0, sequences >= 0, turn >= 1,
      max(outer, sequences, turn) <= Int32.max
    else { throw mistake("a scan that is not understood") }
    var scan = Scan(
      axis: try axis(words[2]),
      isReverse: words[3] == "reverse",
      outerCount: outer,
      sequenceCount: sequences,
      stateNames: Array(words.dropFirst(7)),
      body: Block()
    )
    scan.stepsPerTurn = turn
    return scan
  }

  private mutating func table(_ words: [String], origin: SourceSpan) throws(Diagnostic) {
    let numbers = words.compactMap { Double($0) }
    switch words.first {
    case "graph" where words.count == 2: graph.name = words[1]
    case "axis" where words.count >= 4: graph.axes.append(try axis(words))
    case "variable":
      guard let colon = words.lastIndex(of: ":"), colon >= 4 else {
        throw mistake("a variable that is not understood")
      }
      graph.variables.append(
        Variable(
          name: words[2],
          kind: try kind(words[3..<colon]),
          type: try type(words[(colon + 1)...]),
          origin: origin
        )
      )
    case "optimizer": graph.optimizer = try optimizer(words, numbers)
    case "carry" where words.count == 2: graph.carryAxis = try axis(words[1])
    case "stream" where words.count == 2: graph.streamAxis = try axis(words[1])
    case "kept" where words.count == 3:
      guard let index = Int(words[2]), graph.variables.indices.contains(index) else {
        throw mistake("lengths kept in a variable that is not there")
      }
      graph.keptLengths[try axis(words[1])] = VariableID(index)
    case "masked" where words.count == 1: graph.isMasked = true
    case "generate" where words.count == 3:
      guard let target = Int(words[1]) else { throw mistake("a target that is not understood") }
      graph.generation = Generation(target: VariableID(target), until: Int32(words[2]))
    case "root" where words.count >= 3: graph.roots.append(try root(words))
    default: throw mistake("a line that is not understood")
    }
  }

  /// Reads `axis time = 3`, `axis time <= 3`, `axis time <= ?`, each with or without `in word`, or
  /// `axis half = time / 2 <= 8`.
  private func axis(_ words: [String]) throws(Diagnostic) -> Axis {
    var words = words
    var parent: AxisID?
    if words.count == 6, words[4] == "in" {
      parent = try axis(words[5])
      words.removeLast(2)
    }
    if words.count == 8, words[2] == "=", words[4] == "/", words[6] == "<=",
      let divisor = Int(words[5]), divisor >= 1
    {
      let extent = Axis.Extent.derived(
        from: try axis(words[3]),
        divisor: divisor,
        bound: Int(words[7])
      )
      return Axis(name: words[1], extent: extent)
    }
    guard words.count == 4 else { throw mistake("an axis that is not understood") }
    switch (words[2], Int(words[3])) {
    case ("=", let count?) where count >= 1:
      return Axis(name: words[1], extent: .fixed(count), in: parent)
    case ("<=", let count?) where count >= 1:
      return Axis(name: words[1], extent: .bounded(count), in: parent)
    case ("<=", nil) where words[3] == "?":
      return Axis(name: words[1], extent: .bounded(nil), in: parent)
    default: throw mistake("an axis that is not understood")
    }
  }

  private func kind(_ words: ArraySlice<String>) throws(Diagnostic) -> Variable.Kind {
    let words = Array(words)
    switch words[0] {
    case "parameter" where words.count == 4:
      let frozen = words[3] == "true"
      if words[1] == "orthogonal" { return .parameter(.orthogonal, frozen: frozen) }
      if words[1] == "identity" { return .parameter(.identity, frozen: frozen) }
      guard let value = Double(words[2]) else { throw mistake("a first value that is no number") }
      switch words[1] {
      case "constant": return .parameter(.constant(value), frozen: frozen)
      case "uniform": return .parameter(.uniform(bound: value), frozen: frozen)
      case "normal": return .parameter(.normal(deviation: value), frozen: frozen)
      default: throw mistake("a first value that is not understood")
      }
    case "input": return .input(isTarget: false)
    case "target": return .input(isTarget: true)
    case "state": return .state
    case "optimizer": return .optimizer
    case "fresh": return .fresh
    case "rate": return .rate
    case "training": return .training
    case "outputGradient": return .outputGradient
    case "divisor": return .divisor
    default: throw mistake("a variable of unknown kind")
    }
  }

  private func optimizer(_ words: [String], _ numbers: [Double]) throws(Diagnostic) -> Optimizer {
    let rule: Optimizer.Rule
    if words.count == 8, words[1] == "sgd", numbers.count == 5 {
      rule = .sgd(momentum: numbers[4], nesterov: words[7] == "true")
    } else if words.count == 8, words[1] == "rmsprop", numbers.count == 6 {
      rule = .rmsprop(alpha: numbers[4], epsilon: numbers[5])
    } else if words.count == 7, words[1] == "adagrad", numbers.count == 5 {
      rule = .adagrad(epsilon: numbers[4])
    } else if words.count == 10, words[1] == "adam", numbers.count == 7 {
      rule = .adam(
        beta1: numbers[4],
        beta2: numbers[5],
        epsilon: numbers[6],
        decoupled: words[9] == "true"
      )
    } else {
      throw mistake("an optimizer that is not understood")
    }
    return Optimizer(
      rule: rule,
      rate: numbers[0],
      weightDecay: numbers[1],
      clipNorm: numbers[2],
      clipValue: numbers[3]
    )
  }

  private func root(_ words: [String]) throws(Diagnostic) -> Root {
    let variable = words.count > 3 ? Int(words[3]).map { VariableID($0) } : nil
    let kind: Root.Kind
    switch (words[2], variable) {
    case ("output", _): kind = .output
    case ("loss", _): kind = .loss
    case ("metric", _): kind = .metric
    case ("generated", _): kind = .generated
    case ("finite", _): kind = .finite
    case ("gradient", let variable?): kind = .gradient(variable)
    case ("store", let variable?): kind = .store(variable)
    default: throw mistake("a root that is not understood")
    }
    let names = words.last?.split(separator: ",").map(String.init) ?? []
    let entries = Entry.allCases.filter { names.contains($0.rawValue) }
    return Root(name: words[1], kind: kind, entries: Set(entries))
  }
}
