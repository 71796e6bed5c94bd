internal import GraphIR
internal import GraphLanguage

/// Reads the outline of one block off its syntax tree: first what its names are, then what uses them.
struct OutlineBuilder {
  /// What is found; statements in the order of the text, then applications.
  private var items: [Outline.Item] = []
  /// The item that a name stands for; a state's name is the state itself.
  private var places: [String: Int] = [:]
  /// The `next` that renews a state.
  private var renewals: [Int: Int] = [:]
  /// What is read where, in the order of the text.
  private var readings: [(item: Int, value: ExpressionSyntax, isWhole: Bool)] = []

  /// The applications that have items, by the scan they stand in and their whole text.
  private var applications: [String: Int] = [:]
  /// The members that an `emit` shows, and the name of each.
  private var shown: [(item: Int, name: String)] = []

  /// The outline of a model.
  static func block(_ model: ModelSyntax) -> Outline.Block {
    var builder = OutlineBuilder()
    builder.declare(model.body.statements, scan: nil)
    return builder.block(.model, model.name)
  }

  /// The outline of a cell or layer.
  static func block(_ definition: DefinitionSyntax) -> Outline.Block {
    var builder = OutlineBuilder()
    for value in definition.values {
      let place = builder.add(.input, [value.name], OutlineText().text(value.type), value.span)
      builder.places[value.name.text] = place
    }
    for parameter in definition.statics {
      let place: Int
      switch parameter.kind {
      case .number(let standard):
        let text = standard.map { OutlineText().text($0) } ?? ""
        place = builder.add(.size, [parameter.name], text, parameter.span)
      case .layer: place = builder.add(.instance, [parameter.name], "layer", parameter.span)
      }
      builder.places[parameter.name.text] = place
    }
    builder.declare(definition.body.statements, scan: nil)
    return builder.block(definition.kind == .cell ? .cell : .layer, definition.name)
  }

  /// Resolves what is read, and gives the block.
  private mutating func block(_ kind: Outline.Block.Kind, _ name: Name) -> Outline.Block {
    for reading in readings { read(reading.value, by: reading.item, isWhole: reading.isWhole) }
    for (item, name) in shown {
      if let place = places[name] { use(seen(place, from: item), by: item) }
    }
    return Outline.Block(kind: kind, name: name.text, line: Int(name.span.line), items: items)
  }

  // MARK: - What there is

  /// Adds an item, whose names are then known.
  @discardableResult private mutating func add(
    _ kind: Outline.Item.Kind,
    _ names: [Name],
    _ text: String,
    _ span: SourceSpan,
    scan: Int? = nil
  ) -> Int {
    let item = Outline.Item(
      kind: kind,
      names: names.map(\.text),
      text: text,
      line: Int(span.line),
      scan: scan
    )
    items.append(item)
    return items.count - 1
  }

  /// Adds statements and notes what they read.
  private mutating func declare(_ statements: [StatementSyntax], scan: Int?) {
    for statement in statements { declare(statement, scan: scan) }
  }

  /// Adds a statement and notes what it reads.
  private mutating func declare(_ statement: StatementSyntax, scan: Int?) {
    let span = statement.span
    let plain = OutlineText()
    /// Adds an item that binds its names and is one expression, or none.
    func bind(
      _ builder: inout OutlineBuilder,
      _ kind: Outline.Item.Kind,
      _ names: [Name],
      _ text: String = "",
      _ value: ExpressionSyntax? = nil
    ) {
      let place = builder.add(kind, names, text, span, scan: scan)
      for name in names { builder.places[name.text] = place }
      if let value { builder.readings.append((place, value, true)) }
    }
    /// Adds an item that is one expression and binds nothing.
    func state(
      _ builder: inout OutlineBuilder,
      _ kind: Outline.Item.Kind,
      _ names: [Name],
      _ value: ExpressionSyntax
    ) -> Int {
      let place = builder.add(kind, names, "", span, scan: scan)
      builder.readings.append((place, value, true))
      return place
    }
    switch statement.kind {
    case .size(let sizes):
      for size in sizes {
        bind(&self, .size, [size.name], size.value.map { plain.text($0) } ?? "")
      }
    case .axis(let axis):
      let length =
        switch axis.length {
        case .atMost(let bound): "<= " + plain.text(bound)
        case .exactly(let bound): "= " + plain.text(bound)
        case nil: ""
        }
      let parent = axis.parent.map { "in " + $0.text } ?? ""
      let text = [length, parent].filter { !$0.isEmpty }.joined(separator: " ")
      add(.axis, [axis.name], text, span, scan: scan)
    case .input(let names, let type): bind(&self, .input, names, plain.text(type))
    case .target(let names, let type): bind(&self, .target, names, plain.text(type))
    case .param(let parameter):
      let text = plain.text(parameter.type) + " ~ " + plain.text(parameter.first)
      bind(&self, .parameter, parameter.names, text + (parameter.isFrozen ? " frozen" : ""))
    case .layer(let instances):
      for instance in instances {
        bind(&self, .instance, [instance.name], plain.text(instance.value))
      }
    case .binding(let names, let value): bind(&self, .value, names, "", value)
    case .state(let syntax):
      for name in syntax.names {
        bind(&self, .state, [name], "", syntax.first)
      }
    case .next(let name, let value):
      let place = state(&self, .next, [name], value)
      if let renewed = places[name.text], items[renewed].kind == .state {
        items[place].renews = renewed
        renewals[renewed] = place
      }
    case .scan(let syntax):
      let text = (syntax.isReverse ? "reverse over " : "over ") + syntax.axis.text
      let place = add(.scan, [], text, span, scan: scan)
      declare(syntax.body.statements, scan: place)
    case .emit(let value, let members):
      _ = state(&self, .emit, [], value)
      for member in members {
        shown.append((add(.emit, [member], "", member.span, scan: scan), member.text))
      }
    case .output(let value, let name): _ = state(&self, .output, name.map { [$0] } ?? [], value)
    case .loss(let value, let name): _ = state(&self, .loss, name.map { [$0] } ?? [], value)
    case .metric(let value, let name): _ = state(&self, .metric, name.map { [$0] } ?? [], value)
    case .train(let train):
      let carry = train.carry.map { " carry over " + $0.text } ?? ""
      let text = "\(train.optimizer.text)(\(plain.text(train.arguments)))\(carry)"
      add(.train, [], text, span, scan: scan)
    case .stream(let axis): add(.stream, [], "over " + axis.text, span, scan: scan)
    case .generate(let generate):
      let place = state(&self, .generate, [generate.target], generate.source)
      if let end = generate.end { readings.append((place, end, false)) }
    case .broken: break
    }
  }

  // MARK: - What is read

  /// Takes down what an item reads; as its whole value, the expression is its text as well.
  private mutating func read(_ value: ExpressionSyntax, by item: Int, isWhole: Bool) {
    if isWhole {
      // The outermost application stays written out: what is within it has items of its own.
      if case .application(let application) = value.kind, let instance = instance(application) {
        items[item].instance = instance
        items[item].text = OutlineText(short: shortened).text(application)
        use(instance, by: item)
        for argument in application.arguments { walk(argument.value, item) }
      } else {
        items[item].text = OutlineText(short: shortened).text(value)
        walk(value, item)
      }
    } else {
      items[item].text += " until " + OutlineText().text(value)
      walk(value, item)
    }
  }

  /// What stands for an application that has an item of its own.
  private func shortened(_ application: ApplicationSyntax) -> String? {
    guard instance(application) != nil else { return nil }
    return (application.isStep ? "step " : "") + application.function.text + "(…)"
  }

  /// The instance that an application is of.
  private func instance(_ application: ApplicationSyntax) -> Int? {
    places[application.function.text].flatMap { items[$0].kind == .instance ? $0 : nil }
  }

  /// Notes that an item reads another.
  private mutating func use(_ other: Int, by item: Int) {
    if !items[item].uses.contains(other) { items[item].uses.append(other) }
  }

  /// Notes all that an item reads in an expression.
  private mutating func walk(_ expression: ExpressionSyntax, _ item: Int) {
    switch expression.kind {
    case .number, .training, .none: break
    case .name(let name):
      if let place = places[name.text] { use(seen(place, from: item), by: item) }
    case .next(let name):
      if let place = places[name.text] { use(renewals[place] ?? place, by: item) }
    case .application(let application):
      guard let instance = instance(application) else {
        for argument in application.arguments { walk(argument.value, item) }
        return
      }
      // Written twice, it is still one value.
      let key = "\(items[item].scan ?? -1) " + OutlineText().text(application)
      if let place = applications[key] {
        use(place, by: item)
        return
      }
      let place = add(
        .application,
        [application.function],
        OutlineText(short: shortened).text(application),
        expression.span,
        scan: items[item].scan
      )
      applications[key] = place
      items[place].instance = instance
      use(instance, by: place)
      use(place, by: item)
      for argument in application.arguments { walk(argument.value, place) }
    case .array(let elements): for element in elements { walk(element, item) }
    case .negation(let value): walk(value, item)
    case .operations(let first, let rest):
      walk(first, item)
      for operation in rest { walk(operation.operand, item) }
    case .selections(let value, let selections):
      walk(value, item)
      for selection in selections {
        switch selection.kind {
        case .member: break
        case .index(let index): walk(index, item)
        case .slice(let start, let end):
          walk(start, item)
          walk(end, item)
        }
      }
    }
  }

  /// The item that a name gives one that stands elsewhere: after its scan, a state is what it became.
  private func seen(_ place: Int, from item: Int) -> Int {
    guard items[place].kind == .state, let home = items[place].scan else { return place }
    var scan = items[item].scan
    while let current = scan {
      if current == home { return place }
      scan = items[current].scan
    }
    return renewals[place] ?? place
  }
}
