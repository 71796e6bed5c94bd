import GraphIR

/// Files, definitions, their heads, and types.
extension Parser {
  /// file = { definition } [ "model" NAME block { definition } ] .
  mutating func parseFile() -> SyntaxFile {
    var file = SyntaxFile()
    // What stands between definitions is told once, however many lines it has.
    var isOutside = false
    while true {
      skipNewlines()
      if kind == .end { return file }
      let word = kind == .name ? text(at: index) : ""
      if word == "model" {
        parseModel(into: &file)
        isOutside = false
      } else if word == "cell" || word == "layer" && (!isOutside || beginsDefinition()) {
        parseDefinition(word == "cell" ? .cell : .layer, into: &file)
        isOutside = false
      } else {
        skipOutsideLine(isTold: isOutside, follows: file)
        isOutside = true
      }
    }
  }

  /// `true` iff the tokens from here on are the head of a definition and of nothing else.
  func beginsDefinition() -> Bool {
    guard kind == .name, kind(ahead: 1) == .name else { return false }
    return switch text(at: index) {
    case "cell": kind(ahead: 2) == .symbol(.leftParenthesis)
    // `layer rnn(128)` is rather a statement that lacks its `=`.
    case "layer": kind(ahead: 2) == .symbol(.leftParenthesis) && lineOpensBlock
    case "model": kind(ahead: 2) == .symbol(.leftBrace)
    default: false
    }
  }

  /// `true` iff a block begins on the rest of this line; asked after a mistake.
  private var lineOpensBlock: Bool {
    let line = tokens[index...].prefix { $0.kind != .newline }
    return line.contains { $0.kind == .symbol(.leftBrace) }
  }

  /// Passes a line that stands in no definition.
  private mutating func skipOutsideLine(isTold: Bool, follows file: SyntaxFile) {
    let count = messageCount
    _ = recovering { (parser) throws(Failure) -> Void in
      throw parser.outside(after: file)
    }
    if isTold { forgetMessages(after: count) }
    // A brace that closes nothing stops every recovery; here it is the line itself.
    if at(.rightBrace) { advance() }
  }

  /// Says that a line stands in no definition.
  private mutating func outside(after file: SyntaxFile) -> Failure {
    let isFirst = file.definitions.isEmpty && file.model == nil && file.brokenNames.isEmpty
    if at(.rightBrace) {
      return unexpected("remove it; every `{` above is closed")
    }
    if kind == .name {
      let word = text(at: index)
      if let meant = nearest(to: word, among: ["cell", "layer", "model"]) {
        return unexpected("did you mean `\(meant)`?")
      }
    }
    return unexpected(
      isFirst
        ? "begin with `model NAME {`, `cell NAME(` or `layer NAME(`"
        : "put it inside the `{ }` of a cell, a layer or the model"
    )
  }

  /// Reads the model; a second one is read for its mistakes only.
  private mutating func parseModel(into file: inout SyntaxFile) {
    let start = index
    let (model, names) = recovering { (parser) throws(Failure) -> ModelSyntax in
      parser.advance()
      let name = try parser.expectBoundName("the name of the model")
      let span = parser.span(from: start)
      return ModelSyntax(name: name, body: try parser.parseBody(of: "model"), span: span)
    }
    if file.model != nil {
      complain(
        "this is a second model",
        at: tokens[start].span,
        hint: "keep one model to a file"
      )
    } else if let model {
      file.model = model
    } else if let name = names.first {
      file.brokenNames.append(name)
    }
  }

  /// Reads a cell or a layer.
  private mutating func parseDefinition(
    _ kind: DefinitionSyntax.Kind,
    into file: inout SyntaxFile
  ) {
    let start = index
    var name: Name?
    let (definition, _) = recovering { (parser) throws(Failure) -> DefinitionSyntax in
      parser.advance()
      let role = "the name of the \(kind.rawValue)"
      let found = try parser.expectName(role)
      name = found
      guard parser.at(.leftParenthesis) else {
        throw parser.unexpected("write `(` and what the \(kind.rawValue) is given, or `()`")
      }
      try parser.open()
      let values = try parser.parseValues()
      let statics = try parser.parseStatics()
      try parser.close(.rightParenthesis, "write `,` and what else is given, or `)`")
      let span = parser.span(from: start)
      return DefinitionSyntax(
        kind: kind,
        name: found,
        values: values,
        statics: statics,
        body: try parser.parseBody(of: kind.rawValue),
        span: span
      )
    }
    if let definition {
      file.definitions.append(definition)
    } else if let name {
      file.brokenNames.append(name)
    }
  }

  /// value = NAME ":" type .
  private mutating func parseValues() throws(Failure) -> [ValueSyntax] {
    var values: [ValueSyntax] = []
    if at(.semicolon) || at(.rightParenthesis) { return values }
    repeat {
      let start = index
      let name = try expectName("a name and its type, as in `x: real[n]`")
      try expect(.colon, "write `:` and a type; sizes and numbers stand after a `;`")
      let type = try parseType()
      values.append(ValueSyntax(name: name, type: type, span: span(from: start)))
    } while accept(.comma)
    return values
  }

  /// static = NAME [ ":" "layer" | "=" expr ] .
  private mutating func parseStatics() throws(Failure) -> [StaticSyntax] {
    guard accept(.semicolon) else { return [] }
    var statics: [StaticSyntax] = []
    repeat {
      let start = index
      let name = try expectName("a name, as in `units`, `p = 0.5` or `inner: layer`")
      let kind: StaticSyntax.Kind
      if accept(.equals) {
        kind = .number(default: try parseExpression())
      } else if accept(.colon) {
        guard self.kind == .name, text(at: index) == "layer" else {
          throw unexpected("write `layer`; what has a type stands before the `;`")
        }
        advance()
        kind = .layer
      } else {
        kind = .number(default: nil)
      }
      statics.append(StaticSyntax(name: name, kind: kind, span: span(from: start)))
    } while accept(.comma)
    return statics
  }

  // MARK: - Blocks and types

  /// Reads the block that follows a head; `owner` is the head's word.
  mutating func parseBody(of owner: String) throws(Failure) -> BlockSyntax {
    if kind == .newline, kind(ahead: 1) == .symbol(.leftBrace) {
      complain(
        "the line ends before the `{` of this \(owner)",
        at: tokens[lastIndex].span,
        hint: "write `{` at the end of this line"
      )
      skipNewlines()
    }
    guard at(.leftBrace) else { throw unexpected("write `{` to begin the \(owner)") }
    return try parseBlock()
  }

  /// block = "{" { statement NEWLINE } "}" .
  mutating func parseBlock() throws(Failure) -> BlockSyntax {
    let start = index
    try enter()
    defer { leave() }
    advance()
    let opening = tokens[start].span
    var statements: [StatementSyntax] = []
    while true {
      skipNewlines()
      if accept(.rightBrace) { break }
      if kind == .end || beginsDefinition() {
        reportUnclosedBlock(openedAt: start)
        break
      }
      statements.append(parseStatement())
    }
    return BlockSyntax(statements: statements, span: opening)
  }

  /// type = ( "real" | "token" "(" expr ")" ) [ "[" ( ".." | expr { "," expr } ) "]" ] { "over" NAME } .
  mutating func parseType() throws(Failure) -> TypeSyntax {
    let start = index
    let element: TypeSyntax.Element
    if accept(.real) {
      element = .real
    } else if accept(.token) {
      guard at(.leftParenthesis) else { throw unexpected("write how many tokens: `token(n)`") }
      try open()
      element = .token(try parseExpression())
      try close(.rightParenthesis, "write `)`; a token has one size")
    } else {
      throw unexpected("write a type: `real`, `real[n]` or `token(n)`")
    }
    let shape = try parseShape()
    let axes = try parseAxes()
    return TypeSyntax(element: element, shape: shape, axes: axes, span: span(from: start))
  }

  /// Reads the brackets of a type, if there are any.
  private mutating func parseShape() throws(Failure) -> TypeSyntax.Shape {
    guard at(.leftBracket) else { return .dimensions([]) }
    try open()
    if accept(.dots) {
      try close(.rightBracket, "write `]`; `[..]` is any shape")
      return .any
    }
    var dimensions: [ExpressionSyntax] = []
    repeat { dimensions.append(try parseExpression()) } while accept(.comma)
    try close(.rightBracket, "write `,` and another dimension, or `]`")
    return .dimensions(dimensions)
  }

  /// { "over" NAME } .
  mutating func parseAxes() throws(Failure) -> [Name] {
    var axes: [Name] = []
    while accept(.over) { axes.append(try expectName("the name of an axis")) }
    return axes
  }
}
