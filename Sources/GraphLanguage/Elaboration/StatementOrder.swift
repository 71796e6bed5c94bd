import GraphIR

/// The order in which a block's statements are elaborated: what a statement reads comes before it,
/// and otherwise the text's order stays.
struct StatementOrder {
  /// The places of the statements.
  private(set) var places: [Int] = []
  /// Names that depend on themselves, each once.
  private(set) var cycles: [Name] = []

  /// Orders statements; nothing recurses, since a text may have one long chain.
  init(_ statements: [StatementSyntax]) {
    var makers: [String: Int] = [:]
    for (place, statement) in statements.enumerated() {
      for name in statement.boundNames where makers[name.text] == nil {
        makers[name.text] = place
      }
      if case .next(let name, _) = statement.kind, makers["next \(name.text)"] == nil {
        makers["next \(name.text)"] = place
      }
    }
    let reads = statements.map { statement in
      statement.readNames.compactMap { makers[$0] }
    }
    var isDone = [Bool](repeating: false, count: statements.count)
    var isOpen = isDone
    var reported = Set<Int>()
    for start in statements.indices where !isDone[start] {
      var stack: [(place: Int, next: Int)] = [(start, 0)]
      isOpen[start] = true
      while let top = stack.last {
        if top.next < reads[top.place].count {
          stack[stack.count - 1].next += 1
          let read = reads[top.place][top.next]
          if isOpen[read] {
            if reported.insert(read).inserted, let name = statements[read].mainName {
              cycles.append(name)
            }
          } else if !isDone[read] {
            isOpen[read] = true
            stack.append((read, 0))
          }
        } else {
          isOpen[top.place] = false
          isDone[top.place] = true
          places.append(top.place)
          stack.removeLast()
        }
      }
    }
  }
}

extension StatementSyntax {
  /// The name that a message about the statement is at.
  fileprivate var mainName: Name? {
    if case .next(let name, _) = kind { return name }
    return boundNames.first
  }

  /// The names the statement reads, `next x` among them; not those its own block binds.
  var readNames: [String] {
    var reader = NameReader()
    reader.read(self)
    return reader.names
  }

  /// The names the statement reads, where they stand.
  var readPlaces: [NameReader.Place] {
    var reader = NameReader()
    reader.read(self)
    return reader.places
  }
}

/// Collects the names that statements and expressions read.
struct NameReader {
  /// A name that is read.
  struct Place {
    /// The name.
    var name: Name
    /// `true` iff it is applied.
    var isFunction: Bool
    /// `true` iff it is `next NAME`.
    var isNext: Bool
    /// `true` iff it must be an axis.
    var isAxis: Bool
  }

  /// Where names are read, in the order of the text.
  fileprivate(set) var places: [Place] = []

  /// The names as keys: `next x` is another name than `x`.
  var names: [String] { places.map { $0.isNext ? "next \($0.name.text)" : $0.name.text } }

  /// Collects what a statement reads.
  mutating func read(_ statement: StatementSyntax) {
    switch statement.kind {
    case .size(let sizes):
      // What stands in a statement may be made of what stands before it there.
      var known = Set<String>()
      for size in sizes {
        var reader = NameReader()
        reader.read(size.value)
        places += reader.places.filter { !known.contains($0.name.text) }
        known.insert(size.name.text)
      }
    case .axis(let axis):
      switch axis.length {
      case .atMost(let length), .exactly(let length): read(length)
      case nil: break
      }
      if let parent = axis.parent { add(parent, isAxis: true) }
    case .input(_, let type), .target(_, let type): read(type)
    case .param(let parameter):
      read(parameter.type)
      read(parameter.first)
    case .layer(let instances):
      var known = Set<String>()
      for instance in instances {
        var reader = NameReader()
        if case .name(let name) = instance.value.kind {
          reader.places.append(Place(name: name, isFunction: true, isNext: false, isAxis: false))
        } else {
          reader.read(instance.value)
        }
        places += reader.places.filter { !known.contains($0.name.text) }
        known.insert(instance.name.text)
      }
    case .binding(_, let value), .next(_, let value): read(value)
    case .state(let state):
      read(state.type)
      read(state.first)
    case .scan(let scan):
      var inner = NameReader()
      for statement in scan.body.statements { inner.read(statement) }
      let bound = Set(scan.body.statements.flatMap(\.boundNames).map(\.text))
      let nexts = Set(
        scan.body.statements.compactMap { statement -> String? in
          if case .next(let name, _) = statement.kind { name.text } else { nil }
        }
      )
      add(scan.axis, isAxis: true)
      places += inner.places.filter { place in
        place.isNext ? !nexts.contains(place.name.text) : !bound.contains(place.name.text)
      }
    case .emit(let value, let members):
      read(value)
      for member in members { add(member) }
    case .output(let value, _), .loss(let value, _), .metric(let value, _): read(value)
    case .train(let train):
      for argument in train.arguments { read(argument.value) }
      if let carry = train.carry { add(carry, isAxis: true) }
    case .stream(let axis): add(axis, isAxis: true)
    case .generate(let generate):
      add(generate.target)
      read(generate.source)
      read(generate.end)
    case .broken: break
    }
  }

  /// Collects what an expression reads, if there is one.
  mutating func read(_ expression: ExpressionSyntax?) {
    guard let expression else { return }
    switch expression.kind {
    case .number, .training, .none: break
    case .name(let name): add(name)
    case .next(let name):
      places.append(Place(name: name, isFunction: false, isNext: true, isAxis: false))
    case .application(let application):
      places.append(
        Place(name: application.function, isFunction: true, isNext: false, isAxis: false)
      )
      for argument in application.arguments {
        read(argument.value)
        for axis in argument.axes { add(axis, isAxis: true) }
        if let destination = argument.destination { add(destination, isAxis: true) }
      }
    case .array(let elements): for element in elements { read(element) }
    case .negation(let operand): read(operand)
    case .operations(let first, let operations):
      read(first)
      for operation in operations { read(operation.operand) }
    case .selections(let base, let selections):
      read(base)
      for selection in selections {
        switch selection.kind {
        case .member: break
        case .index(let index): read(index)
        case .slice(let from, let to):
          read(from)
          read(to)
        }
      }
    }
  }

  private mutating func read(_ type: TypeSyntax) {
    if case .token(let bound) = type.element { read(bound) }
    if case .dimensions(let dimensions) = type.shape {
      for dimension in dimensions { read(dimension) }
    }
    for axis in type.axes { add(axis, isAxis: true) }
  }

  private mutating func add(_ name: Name, isAxis: Bool = false) {
    places.append(Place(name: name, isFunction: false, isNext: false, isAxis: isAxis))
  }
}
