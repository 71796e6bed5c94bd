import GraphIR

/// Statements.
extension Parser {
  /// Reads a statement up to its line end, which it leaves; a broken one gives its message.
  mutating func parseStatement() -> StatementSyntax {
    let start = index
    let (statement, names) = recovering { (parser) throws(Failure) -> StatementSyntax in
      let kind = try parser.parseStatementKind()
      let statement = StatementSyntax(kind: kind, span: parser.span(from: start))
      // A scan's body has its own names; should the line go on, all of them are the statement's.
      parser.boundNames = statement.boundNames
      try parser.expectStatementEnd()
      return statement
    }
    return statement ?? StatementSyntax(kind: .broken(names: names), span: span(from: start))
  }

  /// Reads a statement by its first token.
  private mutating func parseStatementKind() throws(Failure) -> StatementSyntax.Kind {
    switch kind {
    case .word(.next):
      advance()
      let name = try expectName("the name of a state")
      try expect(.equals, "write `=` and the state's value after this step")
      return .next(name: name, value: try parseExpression())
    case .name:
      guard let word = StatementWord(rawValue: text(at: index)) else { return try parseBinding() }
      if kind(ahead: 1) == .symbol(.equals) {
        throw failure(
          "`\(word.rawValue)` at the start of a line is a statement, not a name",
          at: tokens[index].span,
          hint: "give the value another name"
        )
      }
      advance()
      return try parseStatement(word)
    case .word where kind(ahead: 1) == .symbol(.equals):
      throw unexpected("write another name; a reserved word is never a name")
    case .number, .word, .symbol, .newline, .end, .invalid:
      throw unexpected("begin a statement: `NAME = ..`, or a word such as `layer` or `output`")
    }
  }

  /// Reads what follows the word that starts a statement.
  private mutating func parseStatement(
    _ word: StatementWord
  ) throws(Failure) -> StatementSyntax.Kind {
    switch word {
    case .size: return .size(try parseSizes())
    case .axis: return .axis(try parseAxis())
    case .input:
      let (names, type) = try parseTypedNames("an input")
      return .input(names: names, type: type)
    case .target:
      let (names, type) = try parseTypedNames("a target")
      return .target(names: names, type: type)
    case .param: return .param(try parseParameter())
    case .layer: return .layer(try parseInstances())
    case .state: return .state(try parseState())
    case .scan: return .scan(try parseScan())
    case .emit:
      let value = try parseExpression()
      var members: [Name] = []
      while accept(.comma) { members.append(try expectName("the name of a member to show")) }
      return .emit(value: value, members: members)
    case .output:
      let (value, name) = try parseResult("the output")
      return .output(value: value, name: name)
    case .loss:
      let (value, name) = try parseResult("the loss")
      return .loss(value: value, name: name)
    case .metric:
      let (value, name) = try parseResult("the metric")
      return .metric(value: value, name: name)
    case .train: return .train(try parseTrain())
    case .stream:
      try expect(.over, "write `over` and an axis: `stream over time`")
      return .stream(axis: try expectName("the name of an axis"))
    case .generate: return .generate(try parseGenerate())
    }
  }

  // MARK: - One by one

  /// names "=" expr .
  private mutating func parseBinding() throws(Failure) -> StatementSyntax.Kind {
    let start = index
    // Before the names are taken down: what follows the first decides whether it is one.
    if kind(ahead: 1) != .symbol(.equals), kind(ahead: 1) != .symbol(.comma) {
      throw strangeStatement()
    }
    let names = try parseNames("the name of another part")
    guard accept(.equals) else {
      throw unexpected("write `=` and what \(text(at: start)) and the others are parts of")
    }
    return .binding(names: names, value: try parseExpression())
  }

  /// NAME [ "=" expr ] { "," NAME [ "=" expr ] } .
  private mutating func parseSizes() throws(Failure) -> [SizeSyntax] {
    var sizes: [SizeSyntax] = []
    repeat {
      let start = index
      let name = try expectBoundName("the name of a size")
      let value = accept(.equals) ? try parseExpression() : nil
      sizes.append(SizeSyntax(name: name, value: value, span: span(from: start)))
    } while accept(.comma)
    return sizes
  }

  /// NAME [ ( "<=" | "=" ) expr ] [ "in" NAME ] .
  private mutating func parseAxis() throws(Failure) -> AxisSyntax {
    let name = try expectBoundName("the name of an axis")
    var length: AxisSyntax.Length?
    if accept(.lessOrEqual) {
      length = .atMost(try parseExpression())
    } else if accept(.equals) {
      length = .exactly(try parseExpression())
    }
    let parent = accept(.in) ? try expectName("the name of the axis around it") : nil
    return AxisSyntax(name: name, length: length, parent: parent)
  }

  /// names ":" type .
  private mutating func parseTypedNames(
    _ role: String
  ) throws(Failure) -> (names: [Name], type: TypeSyntax) {
    let names = try parseNames("the name of \(role)")
    try expect(.colon, "write `:` and a type, as in `x: real[8] over time`")
    return (names, try parseType())
  }

  /// names ":" type "~" expr [ "frozen" ] .
  private mutating func parseParameter() throws(Failure) -> ParameterSyntax {
    let (names, type) = try parseTypedNames("a parameter")
    try expect(.tilde, "write `~` and the first value, as in `~ uniform(0.1)`")
    let first = try parseExpression()
    return ParameterSyntax(names: names, type: type, first: first, isFrozen: accept(.frozen))
  }

  /// NAME "=" expr { "," NAME "=" expr } .
  private mutating func parseInstances() throws(Failure) -> [InstanceSyntax] {
    var instances: [InstanceSyntax] = []
    repeat {
      let start = index
      let name = try expectBoundName("the name of an instance, as in `rnn = lstm(128)`")
      try expect(.equals, "write `=` and what it is an instance of, as in `= lstm(128)`")
      let value = try parseExpression()
      instances.append(InstanceSyntax(name: name, value: value, span: span(from: start)))
    } while accept(.comma)
    return instances
  }

  /// names ":" type "=" expr .
  private mutating func parseState() throws(Failure) -> StateSyntax {
    let (names, type) = try parseTypedNames("a state")
    try expect(.equals, "write `=` and the value before the first step")
    return StateSyntax(names: names, type: type, first: try parseExpression())
  }

  /// [ "reverse" ] "over" NAME block .
  private mutating func parseScan() throws(Failure) -> ScanSyntax {
    let isReverse = accept(.reverse)
    try expect(.over, "write `over` and an axis: `scan over time {`")
    let axis = try expectName("the name of an axis")
    return ScanSyntax(isReverse: isReverse, axis: axis, body: try parseBody(of: "scan"))
  }

  /// expr [ "as" NAME ] .
  private mutating func parseResult(
    _ role: String
  ) throws(Failure) -> (value: ExpressionSyntax, name: Name?) {
    let value = try parseExpression()
    return (value, accept(.as) ? try expectName("a name for \(role)") : nil)
  }

  /// NAME "(" [ args ] ")" [ "carry" "over" NAME ] .
  private mutating func parseTrain() throws(Failure) -> TrainSyntax {
    let optimizer = try expectName("an optimiser, as in `train adam(rate: 0.001)`")
    guard at(.leftParenthesis) else {
      throw unexpected("write what the optimiser is given, as in `adam(rate: 0.001)`")
    }
    let arguments = try parseArguments()
    var carry: Name?
    if accept(.carry) {
      try expect(.over, "write `over` and an axis: `carry over time`")
      carry = try expectName("the name of an axis")
    }
    return TrainSyntax(optimizer: optimizer, arguments: arguments, carry: carry)
  }

  /// NAME "from" expr [ "until" expr ] .
  private mutating func parseGenerate() throws(Failure) -> GenerateSyntax {
    let target = try expectName("the name of the target to draw")
    try expect(.from, "write `from` and what it is drawn from: `generate text from logits`")
    let source = try parseExpression()
    let end = accept(.until) ? try parseExpression() : nil
    return GenerateSyntax(target: target, source: source, end: end)
  }

  /// names = NAME { "," NAME } .
  private mutating func parseNames(_ role: String) throws(Failure) -> [Name] {
    var names: [Name] = []
    repeat { names.append(try expectBoundName(role)) } while accept(.comma)
    return names
  }

  // MARK: - Mistakes

  /// Reads the end of a statement, which it leaves.
  private mutating func expectStatementEnd() throws(Failure) {
    switch kind {
    case .newline, .end, .symbol(.rightBrace): return
    case .name, .number, .invalid:
      throw unexpected("write an operator between the two, or end the line")
    case .word(let word): throw unexpected(hint(forStray: word))
    case .symbol(let symbol): throw unexpected(hint(forStray: symbol))
    }
  }

  /// What to write instead of a word after a whole statement.
  private func hint(forStray word: ReservedWord) -> String {
    switch word {
    case .over: "write `over` inside an application, as in `sum(x over time)`"
    case .to: "write `to` inside an application, as in `along(x over a to b)`"
    case .as: "name what you show, as in `output y as z`"
    case .frozen: "write `frozen` after a parameter's first value"
    case .carry: "write `carry over` after the optimiser"
    case .until: "write `until` after `generate x from y`"
    case .next, .step, .in, .from, .reverse, .real, .token, .training, .none: "end the line"
    }
  }

  /// What to write instead of a sign after a whole statement.
  private func hint(forStray symbol: Symbol) -> String {
    switch symbol {
    case .rightParenthesis, .rightBracket: "remove it, or write what opens it"
    case .leftParenthesis: "apply a name, as in `f(x)`, or write an operator"
    case .equals: "write `==` to compare; a line binds its names once"
    case .colon: "write a label inside an application, as in `f(x, h: a)`"
    case .semicolon: "remove it; a statement ends with its line"
    case .leftBrace: "write a block after `scan over`, or end the line"
    case .comma: "end the line"
    case .tilde: "write `~` after the type of a `param`"
    case .dots: "write `[..]` in a type, `x[a:b]` for a slice"
    case .rightBrace, .leftBracket, .dot, .plus, .minus, .times, .divide, .contract, .less,
      .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      "end the line"
    }
  }

  /// Says why a line that begins with a name is no statement.
  private mutating func strangeStatement() -> Failure {
    let word = text(at: index)
    let name = Name(text: word, span: tokens[index].span)
    switch kind(ahead: 1) {
    case .name, .number, .word, .newline, .end, .symbol(.leftBrace), .symbol(.rightBrace):
      let advice = advice(for: word)
      let words = StatementWord.allCases.map(\.rawValue) + ["next"]
      let meant = nearest(to: word, among: words)
      return failure(
        "no statement begins with \(quote(file, tokens[index].range))",
        at: name.span,
        hint: advice ?? meant.map { "did you mean `\($0)`?" }
          ?? "write `NAME = ..`, or a word such as `layer` or `output`"
      )
    case .invalid:
      return Failure()
    case .symbol(let symbol):
      advance()
      switch symbol {
      case .equal: return unexpected("write `=` to bind a name")
      case .colon: return unexpected("write `=` to bind a name; its type is found")
      case .tilde: return unexpected("write `param NAME: type ~ first value`")
      case .rightParenthesis, .rightBracket: return unexpected(hint(forStray: symbol))
      case .leftParenthesis, .leftBracket, .dot, .plus, .minus, .times, .divide, .contract:
        return unexpected("a value alone says nothing; write `y = ..` or `output ..`")
      case .leftBrace, .rightBrace, .comma, .semicolon, .dots, .equals, .less, .lessOrEqual,
        .greater, .greaterOrEqual, .notEqual:
        return unexpected("write `=` and a value")
      }
    }
  }

  /// What to write instead of a statement that other languages have.
  private func advice(for word: String) -> String? {
    switch word {
    case "return", "yield": "write `emit` and a value"
    case "if", "else", "switch": "write `select(c, a, b)` to choose"
    case "for", "while", "loop": "write `scan over` and an axis"
    case "let", "var", "const", "def", "set": "write the name itself and `=`"
    case "cell", "model": "write it outside of every `{ }`"
    default: nil
    }
  }
}
