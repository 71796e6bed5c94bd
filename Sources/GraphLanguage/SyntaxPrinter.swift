/// Prints a syntax tree, a node to a line, what belongs to it indented below.
///
/// Spans are left out: two texts that differ in layout alone print the same tree.
package struct SyntaxPrinter {
  /// What is printed so far.
  private var output = ""
  /// How deep the next line stands.
  private var depth = 0

  /// The tree of a file.
  package static func print(_ file: SyntaxFile) -> String {
    var printer = SyntaxPrinter()
    for definition in file.definitions { printer.write(definition) }
    if let model = file.model {
      printer.line("model \(model.name.text)")
      printer.write(model.body)
    }
    for name in file.brokenNames { printer.line("broken \(name.text)") }
    return printer.output
  }

  /// Starts with nothing.
  private init() {}

  // MARK: - Lines

  /// Writes a line.
  private mutating func line(_ text: String) {
    output += String(repeating: "  ", count: depth) + text + "\n"
  }

  /// Writes a line and, below it, what belongs to it.
  private mutating func node(_ text: String, _ children: (inout SyntaxPrinter) -> Void) {
    line(text)
    depth += 1
    children(&self)
    depth -= 1
  }

  /// Writes a line with an expression below it, if there is one.
  private mutating func node(_ text: String, _ expression: ExpressionSyntax?) {
    node(text) { printer in
      if let expression { printer.write(expression) }
    }
  }

  /// Names as they are listed.
  private func list(_ names: [Name]) -> String {
    names.map(\.text).joined(separator: ", ")
  }

  // MARK: - Definitions

  /// Writes a cell or a layer.
  private mutating func write(_ definition: DefinitionSyntax) {
    line("\(definition.kind.rawValue) \(definition.name.text)")
    depth += 1
    for value in definition.values {
      node("value \(value.name.text)") { $0.write(value.type) }
    }
    for parameter in definition.statics {
      switch parameter.kind {
      case .layer: line("static \(parameter.name.text): layer")
      case .number(let value): node("static \(parameter.name.text)", value)
      }
    }
    depth -= 1
    write(definition.body)
  }

  /// Writes the statements of a block one level down.
  private mutating func write(_ block: BlockSyntax) {
    depth += 1
    for statement in block.statements { write(statement) }
    depth -= 1
  }

  /// Writes a type.
  private mutating func write(_ type: TypeSyntax) {
    let axes = type.axes.map { " over \($0.text)" }.joined()
    node("type\(axes)") { printer in
      switch type.element {
      case .real: printer.line("real")
      case .token(let size): printer.node("token", size)
      }
      switch type.shape {
      case .any: printer.line("any shape")
      case .dimensions(let dimensions):
        for dimension in dimensions { printer.node("dimension", dimension) }
      }
    }
  }

  // MARK: - Statements

  /// Writes a statement.
  private mutating func write(_ statement: StatementSyntax) {
    switch statement.kind {
    case .size(let sizes):
      for size in sizes { node("size \(size.name.text)", size.value) }
    case .axis(let axis):
      let parent = axis.parent.map { " in \($0.text)" } ?? ""
      switch axis.length {
      case .atMost(let bound): node("axis \(axis.name.text)\(parent) at most", bound)
      case .exactly(let length): node("axis \(axis.name.text)\(parent) exactly", length)
      case nil: line("axis \(axis.name.text)\(parent)")
      }
    case .input(let names, let type): node("input \(list(names))") { $0.write(type) }
    case .target(let names, let type): node("target \(list(names))") { $0.write(type) }
    case .param(let parameter):
      let frozen = parameter.isFrozen ? " frozen" : ""
      node("param \(list(parameter.names))\(frozen)") { printer in
        printer.write(parameter.type)
        printer.node("first", parameter.first)
      }
    case .layer(let instances):
      for instance in instances { node("layer \(instance.name.text)", instance.value) }
    case .binding(let names, let value): node("bind \(list(names))", value)
    case .state(let state):
      node("state \(list(state.names))") { printer in
        printer.write(state.type)
        printer.node("first", state.first)
      }
    case .next(let name, let value): node("next \(name.text)", value)
    case .scan(let scan):
      line("scan\(scan.isReverse ? " reverse" : "") over \(scan.axis.text)")
      write(scan.body)
    case .emit(let value, let members):
      node("emit\(members.isEmpty ? "" : " with \(list(members))")", value)
    case .output(let value, let name): node("output\(suffix(name))", value)
    case .loss(let value, let name): node("loss\(suffix(name))", value)
    case .metric(let value, let name): node("metric\(suffix(name))", value)
    case .train(let train):
      let carry = train.carry.map { " carry over \($0.text)" } ?? ""
      node("train \(train.optimizer.text)\(carry)") { printer in
        for argument in train.arguments { printer.write(argument) }
      }
    case .stream(let axis): line("stream over \(axis.text)")
    case .generate(let generate):
      node("generate \(generate.target.text)") { printer in
        printer.node("from", generate.source)
        if let end = generate.end { printer.node("until", end) }
      }
    case .broken(let names): line("broken \(list(names))")
    }
  }

  /// What follows a value that is shown under a name.
  private func suffix(_ name: Name?) -> String {
    name.map { " as \($0.text)" } ?? ""
  }

  // MARK: - Expressions

  /// Writes an expression.
  private mutating func write(_ expression: ExpressionSyntax) {
    switch expression.kind {
    case .number(let value): line("number \(value)")
    case .training: line("training")
    case .none: line("none")
    case .name(let name): line("name \(name.text)")
    case .next(let name): line("next \(name.text)")
    case .application(let application):
      let step = application.isStep ? "step" : "apply"
      node("\(step) \(application.function.text)") { printer in
        for argument in application.arguments { printer.write(argument) }
      }
    case .array(let elements):
      node("array") { printer in
        for element in elements { printer.write(element) }
      }
    case .negation(let operand): node("negate", operand)
    case .operations(let first, let operations):
      node("operations") { printer in
        printer.write(first)
        for operation in operations {
          printer.node(operation.operator.rawValue, operation.operand)
        }
      }
    case .selections(let base, let selections):
      node("selections") { printer in
        printer.write(base)
        for selection in selections { printer.write(selection) }
      }
    }
  }

  /// Writes what is taken out of a value.
  private mutating func write(_ selection: SelectionSyntax) {
    switch selection.kind {
    case .member(let name): line("member \(name.text)")
    case .index(let index): node("index", index)
    case .slice(let from, let to):
      node("slice") { printer in
        printer.write(from)
        printer.write(to)
      }
    }
  }

  /// Writes an argument; one that is nothing but a value is the value.
  private mutating func write(_ argument: ArgumentSyntax) {
    let label = argument.label.map(\.text).joined(separator: ".")
    var words = label.isEmpty ? "" : " \(label):"
    for axis in argument.axes { words += " over \(axis.text)" }
    if let destination = argument.destination { words += " to \(destination.text)" }
    if words.isEmpty {
      write(argument.value)
    } else {
      node("argument\(words)", argument.value)
    }
  }
}
