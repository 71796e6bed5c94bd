import GraphIR

/// What can be said of a definition or model without its types: names, cycles, and which statement
/// stands where.
extension Elaboration {
  /// Checks all definitions and the model.
  ///
  /// A definition that is wrong is known as failed, so that applying it causes no second message.
  func checkDefinitions() {
    var known: [String: SourceSpan] = [:]
    for syntax in file.definitions {
      let name = syntax.name.text
      if let first = known[name] {
        complain(
          "`\(name)` is defined twice",
          syntax.name.span,
          "the other is in line \(first.line)"
        )
      } else {
        known[name] = syntax.name.span
      }
    }
    checkRecursion()
    for syntax in file.definitions {
      let before = mark
      check(syntax)
      if mark > before { environment.broken.insert(syntax.name.text) }
    }
    if let model = file.model { check(model.body, as: .model, around: []) }
  }

  /// What a block is the body of.
  private enum Owner: String {
    case model
    case cell
    case layer
    case scan
  }

  private func complain(_ message: String, _ span: SourceSpan, _ hint: String) {
    report(Diagnostic(.wrong, message, at: span, hint: hint))
  }

  // MARK: - Definitions

  /// Refuses definitions that reach themselves; nothing recurses, a text may have a long chain.
  private func checkRecursion() {
    var places: [String: Int] = [:]
    for (place, syntax) in file.definitions.enumerated() where places[syntax.name.text] == nil {
      places[syntax.name.text] = place
    }
    let uses = file.definitions.map { syntax -> [Int] in
      var reader = NameReader()
      for statement in syntax.body.statements { reader.read(statement) }
      let own = Set(syntax.ownNames.map(\.text))
      return reader.places.compactMap { own.contains($0.name.text) ? nil : places[$0.name.text] }
    }
    var isDone = [Bool](repeating: false, count: uses.count)
    var isOpen = isDone
    for start in uses.indices where !isDone[start] {
      var stack: [(place: Int, next: Int)] = [(start, 0)]
      isOpen[start] = true
      while let top = stack.last {
        guard top.next < uses[top.place].count else {
          isOpen[top.place] = false
          isDone[top.place] = true
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let used = uses[top.place][top.next]
        if isOpen[used] {
          let syntax = file.definitions[used]
          let path = stack.drop { $0.place != used }.map { file.definitions[$0.place].name }
          for name in path { environment.broken.insert(name.text) }
          let through = path.dropFirst().map { "`\($0.text)`" }.joined(separator: ", ")
          complain(
            "`\(syntax.name.text)` reaches itself" + (through.isEmpty ? "" : " through \(through)"),
            syntax.name.span,
            "repeat along an axis with `scan over`, or stack instances with `stack(n, ..)`"
          )
        } else if !isDone[used] {
          isOpen[used] = true
          stack.append((used, 0))
        }
      }
    }
  }

  private func check(_ syntax: DefinitionSyntax) {
    var bound: [Name] = []
    for name in syntax.values.map(\.name) + syntax.statics.map(\.name) {
      if bound.contains(where: { $0.text == name.text }) {
        complain("`\(name.text)` stands in this head twice", name.span, "give one another name")
      }
      bound.append(name)
      checkHiding(name)
    }
    bound += syntax.typeNames
    var reader = NameReader()
    for parameter in syntax.statics {
      if case .number(let value?) = parameter.kind { reader.read(value) }
    }
    check(reader.places, among: Set(syntax.statics.map(\.name.text)), around: [])
    check(syntax.body, as: syntax.kind == .cell ? .cell : .layer, around: bound)
    let emits = syntax.body.statements.filter { if case .emit = $0.kind { true } else { false } }
    let isBroken = syntax.body.statements.contains {
      if case .broken = $0.kind { true } else { false }
    }
    if emits.isEmpty, !isBroken {
      complain(
        "`\(syntax.name.text)` emits nothing",
        syntax.name.span,
        "write `emit` and the value that an application stands for"
      )
    }
    for extra in emits.dropFirst() {
      complain("`emit` stands here twice", extra.span, "show more values as `emit y, a, b`")
    }
  }

  // MARK: - Blocks

  private func check(_ block: BlockSyntax, as owner: Owner, around: [Name]) {
    let statements = block.statements
    if owner != .scan { checkDuplicates(statements, around: around) }
    for statement in statements { checkPlace(of: statement, in: owner, among: statements) }
    for name in StatementOrder(statements).cycles {
      complain(
        "`\(name.text)` depends on itself",
        name.span,
        "only a `state` may, by its `next`: it is what the step before left"
      )
    }
    if owner == .cell || owner == .scan { checkNexts(statements) }
    let inside = Set((around + statements.flatMap(\.boundNames)).map(\.text))
    for statement in statements {
      if case .scan(let scan) = statement.kind {
        let axis = NameReader.Place(
          name: scan.axis,
          isFunction: false,
          isNext: false,
          isAxis: true
        )
        check([axis], among: inside)
        check(scan.body, as: .scan, around: around + statements.flatMap(\.boundNames))
      } else {
        check(statement.readPlaces, among: inside)
      }
    }
  }

  private func checkDuplicates(_ statements: [StatementSyntax], around: [Name]) {
    var bound: [String: Name] = [:]
    for name in around { bound[name.text] = name }
    for name in statements.flatMap(\.boundNames) where !isFull {
      if let first = bound[name.text] {
        complain(
          "`\(name.text)` is bound twice",
          name.span,
          "the other is in line \(first.span.line); a name is bound once in its scope"
        )
      } else {
        bound[name.text] = name
        checkHiding(name)
      }
    }
  }

  private func checkHiding(_ name: Name) {
    let what: String
    if Primitive(rawValue: name.text) != nil {
      what = "a function"
    } else if let definition = environment.find(name.text) {
      what = definition.isCell ? "a cell" : "a layer"
    } else {
      return
    }
    complain("`\(name.text)` is \(what) already", name.span, "a name hides nothing; choose another")
  }

  private func checkPlace(
    of statement: StatementSyntax,
    in owner: Owner,
    among statements: [StatementSyntax]
  ) {
    let word: String
    let places: [Owner]
    switch statement.kind {
    case .size: (word, places) = ("size", [.model, .cell, .layer])
    case .axis: (word, places) = ("axis", [.model])
    case .input: (word, places) = ("input", [.model])
    case .target: (word, places) = ("target", [.model])
    case .param: (word, places) = ("param", [.model, .cell, .layer])
    case .layer: (word, places) = ("layer", [.model, .cell, .layer])
    case .state: (word, places) = ("state", [.cell, .scan])
    case .next: (word, places) = ("next", [.cell, .scan])
    case .emit: (word, places) = ("emit", [.cell, .layer])
    case .output: (word, places) = ("output", [.model])
    case .loss: (word, places) = ("loss", [.model])
    case .metric: (word, places) = ("metric", [.model])
    case .train: (word, places) = ("train", [.model])
    case .stream: (word, places) = ("stream", [.model])
    case .generate: (word, places) = ("generate", [.model])
    case .binding, .scan, .broken: return
    }
    guard !places.contains(owner) else { return }
    // A state out of place has its message; its next value needs none.
    if case .next(let name, _) = statement.kind, declares(statements, name) { return }
    let others = places.map { "a \($0.rawValue)" }
    let list =
      others.count > 1
      ? others.dropLast().joined(separator: ", ") + " or " + (others.last ?? "") : others[0]
    complain(
      "`\(word)` does not stand in a \(owner.rawValue)",
      statement.span,
      places == [.model] ? "write it in the model" : "it stands in \(list)"
    )
  }

  private func declares(_ statements: [StatementSyntax], _ name: Name) -> Bool {
    statements.contains {
      if case .state(let state) = $0.kind {
        state.names.contains { $0.text == name.text }
      } else {
        false
      }
    }
  }

  /// Every state has one next value.
  private func checkNexts(_ statements: [StatementSyntax]) {
    var nexts: [String: Name] = [:]
    for statement in statements {
      guard case .next(let name, _) = statement.kind else { continue }
      if let first = nexts[name.text] {
        complain(
          "`next \(name.text)` stands here twice",
          name.span,
          "the other is in line \(first.span.line)"
        )
      }
      nexts[name.text] = name
    }
    let broken = statements.contains { if case .broken = $0.kind { true } else { false } }
    // A next value of a mistyped name has its message when it is elaborated.
    let strays = nexts.values.filter { !declares(statements, $0) }.map(\.text)
    for statement in statements {
      guard case .state(let state) = statement.kind, !broken else { continue }
      for name in state.names where nexts[name.text] == nil {
        if strays.contains(where: { nearest(to: $0, among: [name.text]) != nil }) { continue }
        complain(
          "the state `\(name.text)` has no next value",
          name.span,
          "write `next \(name.text) = ..` in the same block"
        )
      }
    }
  }

  /// Names that stand for nothing.
  private func check(
    _ places: [NameReader.Place],
    among bound: Set<String>,
    around: [Name] = []
  ) {
    for place in places where !isFull {
      let name = place.name.text
      if bound.contains(name) || environment.broken.contains(name) { continue }
      if place.isAxis {
        complain(
          "there is no axis `\(name)`",
          place.name.span,
          suggestion(name, among: bound.sorted()) ?? "declare it with `axis \(name)`"
        )
        continue
      }
      if environment.find(name) != nil || Primitive(rawValue: name) != nil { continue }
      let names = bound.sorted()
      let functions = Primitive.allCases.map(\.rawValue) + environment.names
      if place.isFunction {
        complain(
          "there is no cell, layer or function `\(name)`",
          place.name.span,
          suggestion(name, among: names + functions)
            ?? "define it with `layer \(name)(x: real[n]) {`"
        )
      } else {
        complain(
          "`\(name)` is not known",
          place.name.span,
          suggestion(name, among: names + functions)
            ?? "bind it with `\(name) = ..`, or declare it as an input, size or parameter"
        )
      }
    }
  }
}

extension DefinitionSyntax {
  /// The names that the head and the body bind.
  fileprivate var ownNames: [Name] {
    values.map(\.name) + statics.map(\.name) + typeNames + body.statements.flatMap(\.boundNames)
  }

  /// The unknown sizes and axes of the head.
  fileprivate var typeNames: [Name] {
    var names: [Name] = []
    for value in values {
      if case .token(let bound) = value.type.element, case .name(let name) = bound.kind {
        names.append(name)
      }
      if case .dimensions(let dimensions) = value.type.shape {
        for dimension in dimensions {
          if case .name(let name) = dimension.kind { names.append(name) }
        }
      }
      names += value.type.axes
    }
    let known = Set(statics.map(\.name.text))
    return names.filter { !known.contains($0.text) }
  }
}
