import GraphIR

/// Expressions and arguments.
extension Parser {
  /// expr = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ] .
  mutating func parseExpression() throws(Failure) -> ExpressionSyntax {
    let start = index
    let first = try parseSum()
    guard let comparison = comparison else { return first }
    let span = tokens[index].span
    advance()
    let second = try parseSum()
    if self.comparison != nil {
      throw unexpected("compare twice and multiply: `(a < b) * (b < c)`")
    }
    let operation = OperationSyntax(operator: comparison, operand: second, span: span)
    return ExpressionSyntax(
      kind: .operations(first: first, [operation]),
      span: self.span(from: start)
    )
  }

  /// sum = product { ( "+" | "-" ) product } .
  private mutating func parseSum() throws(Failure) -> ExpressionSyntax {
    try parseOperations([.plus: .add, .minus: .subtract]) { (parser) throws(Failure) in
      try parser.parseProduct()
    }
  }

  /// product = sign { ( "*" | "/" ) sign } .
  private mutating func parseProduct() throws(Failure) -> ExpressionSyntax {
    try parseOperations([.times: .multiply, .divide: .divide]) { (parser) throws(Failure) in
      try parser.parseSign()
    }
  }

  /// sign = "-" sign | postfix { "@" postfix } .
  private mutating func parseSign() throws(Failure) -> ExpressionSyntax {
    guard at(.minus) else {
      return try parseOperations([.contract: .contract]) { (parser) throws(Failure) in
        try parser.parsePostfix()
      }
    }
    let start = index
    try enter()
    advance()
    let operand = try parseSign()
    leave()
    return ExpressionSyntax(kind: .negation(operand), span: span(from: start))
  }

  /// Reads operands with the operators of one precedence between them.
  private mutating func parseOperations(
    _ operators: KeyValuePairs<Symbol, OperationSyntax.Operator>,
    operand: (inout Parser) throws(Failure) -> ExpressionSyntax
  ) throws(Failure) -> ExpressionSyntax {
    let start = index
    let first = try operand(&self)
    var operations: [OperationSyntax] = []
    while let found = operators.first(where: { at($0.key) }) {
      let span = tokens[index].span
      advance()
      let next = try operand(&self)
      operations.append(OperationSyntax(operator: found.value, operand: next, span: span))
    }
    if operations.isEmpty { return first }
    return ExpressionSyntax(
      kind: .operations(first: first, operations),
      span: span(from: start)
    )
  }

  /// The comparison looked at, if it is one.
  private var comparison: OperationSyntax.Operator? {
    switch kind {
    case .symbol(.less): .less
    case .symbol(.lessOrEqual): .lessOrEqual
    case .symbol(.greater): .greater
    case .symbol(.greaterOrEqual): .greaterOrEqual
    case .symbol(.equal): .equal
    case .symbol(.notEqual): .notEqual
    case .name, .number, .word, .symbol, .newline, .end, .invalid: nil
    }
  }

  // MARK: - Postfix

  /// postfix = primary { "." NAME | "[" expr [ ":" expr ] "]" } .
  private mutating func parsePostfix() throws(Failure) -> ExpressionSyntax {
    let start = index
    let isNumber = kind == .number
    let base = try parsePrimary()
    var selections: [SelectionSyntax] = []
    while at(.dot) || at(.leftBracket) {
      // Printed side by side, a number and a point would be another number.
      if at(.dot), isNumber, selections.isEmpty {
        throw unexpected("remove it; a number has no members")
      }
      selections.append(at(.dot) ? try parseMember() : try parseIndex())
    }
    if selections.isEmpty { return base }
    return ExpressionSyntax(kind: .selections(of: base, selections), span: span(from: start))
  }

  /// "." NAME .
  private mutating func parseMember() throws(Failure) -> SelectionSyntax {
    let start = index
    advance()
    let name = try expectName("the name of a member, as in `y.h`, or `y[0]` for a row")
    return SelectionSyntax(kind: .member(name), span: span(from: start))
  }

  /// "[" expr [ ":" expr ] "]" .
  private mutating func parseIndex() throws(Failure) -> SelectionSyntax {
    let start = index
    try open()
    let first = try parseExpression()
    let kind: SelectionSyntax.Kind
    if accept(.colon) {
      kind = .slice(from: first, to: try parseExpression())
      try close(.rightBracket, "write `]`; a slice is `x[a:b]`")
    } else {
      kind = .index(first)
      try close(.rightBracket, "write `]`; take one index at a time, as in `x[i][j]`")
    }
    return SelectionSyntax(kind: kind, span: span(from: start))
  }

  // MARK: - Primaries

  /// primary = NUMBER | "training" | "none" | "next" NAME | [ "step" ] NAME "(" [ args ] ")" | NAME
  /// | "(" expr ")" | "[" expr { "," expr } "]" .
  private mutating func parsePrimary() throws(Failure) -> ExpressionSyntax {
    let start = index
    switch kind {
    case .number:
      let value = try number()
      advance()
      return ExpressionSyntax(kind: .number(value), span: span(from: start))
    case .name: return try parseNameOrApplication(isStep: false)
    case .word(.training):
      advance()
      return ExpressionSyntax(kind: .training, span: span(from: start))
    case .word(.none):
      advance()
      return ExpressionSyntax(kind: .none, span: span(from: start))
    case .word(.next):
      advance()
      let name = try expectName("the name of a state")
      return ExpressionSyntax(kind: .next(name), span: span(from: start))
    case .word(.step):
      advance()
      return try parseNameOrApplication(isStep: true)
    case .symbol(.leftParenthesis):
      try open()
      var inner = try parseExpression()
      try close(.rightParenthesis, hintInParentheses)
      inner.span = span(from: start)
      return inner
    case .symbol(.leftBracket):
      try open()
      var elements: [ExpressionSyntax] = []
      repeat { elements.append(try parseExpression()) } while accept(.comma)
      try close(.rightBracket, "write `,` and another element, or `]`")
      return ExpressionSyntax(kind: .array(elements), span: span(from: start))
    case .word, .symbol, .newline, .end, .invalid:
      throw unexpected(hintForMissingExpression)
    }
  }

  /// [ "step" ] NAME "(" [ args ] ")" | NAME .
  private mutating func parseNameOrApplication(
    isStep: Bool
  ) throws(Failure) -> ExpressionSyntax {
    let start = isStep ? lastIndex : index
    let name = try expectName("the name of a cell, as in `step f(x, h: a)`")
    guard at(.leftParenthesis) else {
      if isStep { throw unexpected("write `(` and what the cell is given") }
      return ExpressionSyntax(kind: .name(name), span: span(from: start))
    }
    let arguments = try parseArguments()
    let application = ApplicationSyntax(isStep: isStep, function: name, arguments: arguments)
    return ExpressionSyntax(kind: .application(application), span: span(from: start))
  }

  /// The value of the number looked at.
  private mutating func number() throws(Failure) -> Double {
    let token = tokens[index]
    let limit = 64
    guard token.range.count <= limit else {
      throw failure(
        "this number has \(token.range.count) characters; at most \(limit) are read",
        at: token.span,
        hint: "write it as `1e-3`, with the digits that matter"
      )
    }
    let text = text(at: index)
    // The lexer has complained about what is not a number.
    guard let value = Double(text) else { return 0 }
    let digits = text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
    let isZero = !digits.contains { $0 > UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard value.isFinite, isZero || value >= .leastNormalMagnitude else {
      throw failure(
        "`\(text)` is too \(value.isFinite ? "small" : "large") a number",
        at: token.span,
        hint: "numbers go from about 1e-308 to 1e308"
      )
    }
    return value
  }

  // MARK: - Arguments

  /// "(" [ args ] ")" .
  mutating func parseArguments() throws(Failure) -> [ArgumentSyntax] {
    try open()
    var arguments: [ArgumentSyntax] = []
    if !at(.rightParenthesis) {
      repeat { arguments.append(try parseArgument()) } while accept(.comma)
    }
    try close(.rightParenthesis, hintInArguments)
    return arguments
  }

  /// arg = expr [ ":" expr ] { "over" NAME } [ "to" NAME ] .
  private mutating func parseArgument() throws(Failure) -> ArgumentSyntax {
    let start = index
    let isNamed = kind == .name
    var value = try parseExpression()
    var label: [Name] = []
    if at(.colon) {
      label = isNamed ? self.label(value) : []
      if label.isEmpty {
        throw failure(
          "this is not a label",
          at: value.span,
          hint: "before `:` write a name, or names joined by `.`"
        )
      }
      advance()
      value = try parseExpression()
    }
    let axes = try parseAxes()
    let destination = accept(.to) ? try expectName("the name of an axis") : nil
    return ArgumentSyntax(
      label: label,
      value: value,
      axes: axes,
      destination: destination,
      span: span(from: start)
    )
  }

  /// The names of an expression that is a label; none if it is not.
  private func label(_ expression: ExpressionSyntax) -> [Name] {
    switch expression.kind {
    case .name(let name): return [name]
    case .selections(let base, let selections):
      guard case .name(let first) = base.kind else { return [] }
      var names = [first]
      for selection in selections {
        guard case .member(let name) = selection.kind else { return [] }
        names.append(name)
      }
      return names
    case .number, .training, .none, .next, .application, .array, .negation, .operations: return []
    }
  }

  // MARK: - Hints

  /// What to write where an argument should have ended.
  private var hintInArguments: String {
    switch kind {
    case .symbol(.equals): "write `rate: 0.1` to name an argument, `==` to compare"
    case .symbol(.colon): "write one label to an argument"
    case .symbol(.semicolon): "write `,` between arguments"
    case .word(.over): "write `over` before `to`"
    case .name, .number, .word, .symbol, .newline, .end, .invalid:
      "write `,` and another argument, or `)`"
    }
  }

  /// What to write where a parenthesis should have been closed.
  private var hintInParentheses: String {
    switch kind {
    case .symbol(.comma): "write `[a, b]` to put values together"
    case .symbol(.equals): "write `==` to compare"
    case .word(.over): "write `over` inside an application, as in `sum(x over time)`"
    case .name, .number, .word, .symbol, .newline, .end, .invalid:
      "write an operator, or `)`"
    }
  }

  /// What to write where an expression should have begun.
  private var hintForMissingExpression: String {
    let last = tokens[lastIndex].kind
    switch kind {
    case .symbol(.rightParenthesis) where last == .symbol(.comma),
      .symbol(.rightBracket) where last == .symbol(.comma):
      return "write an expression, or remove the `,` before it"
    case .symbol(.dot) where kind(ahead: 1) == .number:
      return "write a digit before the point, as in `0.5`"
    case .symbol(.divide) where last == .symbol(.divide):
      return "write `#` before a comment"
    case .symbol(.times) where last == .symbol(.times):
      return "write `x * x`; there is no power"
    case .symbol(.equals): return "write `==` to compare"
    case .symbol(.plus): return "remove it; a number without sign is positive"
    case .symbol(.dots): return "write `[..]` in a type only"
    case .symbol(.colon): return "write both ends of a slice, as in `x[0:n]`"
    case .word(.real), .word(.token): return "write an expression; a type stands after `:`"
    case .word, .symbol, .name, .number, .newline, .end, .invalid: return "write an expression"
    }
  }
}
