internal import GraphLanguage

/// Writes expressions and types of a syntax tree as one line in the language.
struct OutlineText {
  /// What stands for an application, where it is not to be written out; nil writes it out.
  var short: (ApplicationSyntax) -> String? = { _ in nil }

  /// How tightly an expression holds together; what is looser than its place asks for gets parentheses.
  private enum Level: Int, Comparable {
    case comparison = 1
    case sum, product, sign, contraction, postfix

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// An expression as one would write it.
  func text(_ expression: ExpressionSyntax) -> String {
    switch expression.kind {
    case .number(let value): return Self.number(value)
    case .training: return "training"
    case .none: return "none"
    case .name(let name): return name.text
    case .next(let name): return "next " + name.text
    case .application(let application): return short(application) ?? text(application)
    case .array(let elements): return "[" + elements.map(text).joined(separator: ", ") + "]"
    case .negation(let value): return "-" + text(value, .sign)
    case .operations(let first, let rest):
      let level = Self.level(expression)
      let tighter = Level(rawValue: level.rawValue + 1) ?? .postfix
      return rest.reduce(text(first, tighter)) { left, operation in
        "\(left) \(operation.operator.rawValue) \(text(operation.operand, tighter))"
      }
    case .selections(let value, let selections):
      return selections.reduce(text(value, .postfix)) { left, selection in
        switch selection.kind {
        case .member(let name): "\(left).\(name.text)"
        case .index(let index): "\(left)[\(text(index))]"
        case .slice(let start, let end): "\(left)[\(text(start)):\(text(end))]"
        }
      }
    }
  }

  /// An application with all that it is given.
  func text(_ application: ApplicationSyntax) -> String {
    (application.isStep ? "step " : "") + application.function.text + "("
      + text(application.arguments) + ")"
  }

  /// What is given, with its labels and axes.
  func text(_ arguments: [ArgumentSyntax]) -> String {
    let texts = arguments.map { argument in
      let label = argument.label.map(\.text).joined(separator: ".")
      return (label.isEmpty ? "" : label + ": ") + text(argument.value) + Self.over(argument.axes)
        + (argument.destination.map { " to " + $0.text } ?? "")
    }
    return texts.joined(separator: ", ")
  }

  /// A type.
  func text(_ type: TypeSyntax) -> String {
    let element =
      switch type.element {
      case .real: "real"
      case .token(let size): "token(\(text(size)))"
      }
    let shape =
      switch type.shape {
      case .any: "[..]"
      case .dimensions(let sizes):
        sizes.isEmpty ? "" : "[" + sizes.map(text).joined(separator: ", ") + "]"
      }
    return element + shape + Self.over(type.axes)
  }

  /// `over` and an axis, for each.
  private static func over(_ axes: [Name]) -> String {
    axes.map { " over " + $0.text }.joined()
  }

  /// An expression at a place that asks for some tightness.
  private func text(_ expression: ExpressionSyntax, _ needed: Level) -> String {
    Self.level(expression) < needed ? "(" + text(expression) + ")" : text(expression)
  }

  /// How tightly an expression holds together.
  private static func level(_ expression: ExpressionSyntax) -> Level {
    switch expression.kind {
    case .number, .training, .none, .name, .next, .application, .array, .selections: .postfix
    case .negation: .sign
    case .operations(_, let rest):
      switch rest.first?.operator {
      case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, nil: .comparison
      case .add, .subtract: .sum
      case .multiply, .divide: .product
      case .contract: .contraction
      }
    }
  }

  /// A number without a fraction that says nothing.
  private static func number(_ value: Double) -> String {
    let text = "\(value)".replacing("e-0", with: "e-").replacing("e+", with: "e")
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
