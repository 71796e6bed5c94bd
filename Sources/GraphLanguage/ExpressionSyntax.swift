package import GraphIR

/// An expression.
///
/// What the grammar repeats is a list here, not a chain of nodes, so that a tree is never deeper
/// than the text is nested, however long its lines are.
package struct ExpressionSyntax: Sendable {
  /// The expressions of the language.
  package indirect enum Kind: Sendable {
    case number(Double)
    case training
    case none
    case name(Name)
    /// `next NAME`: a state's value after this step.
    case next(Name)
    case application(ApplicationSyntax)
    /// `[a, b]`: at least one element.
    case array([ExpressionSyntax])
    case negation(ExpressionSyntax)
    /// Operators of one precedence from left to right; at least one, a comparison alone.
    case operations(first: ExpressionSyntax, [OperationSyntax])
    /// Members, indices and slices from left to right; at least one.
    case selections(of: ExpressionSyntax, [SelectionSyntax])
  }

  /// Which expression.
  package var kind: Kind
  /// The whole expression with its parentheses, as far as its first line goes.
  package var span: SourceSpan
}

/// An operator and what stands to its right.
package struct OperationSyntax: Sendable {
  /// The operators between two values.
  package enum Operator: String, CaseIterable, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "=="
    case notEqual = "!="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case contract = "@"
  }

  /// The operator.
  package var `operator`: Operator
  /// What stands to its right.
  package var operand: ExpressionSyntax
  /// The operator alone.
  package var span: SourceSpan
}

/// What is taken out of a value.
package struct SelectionSyntax: Sendable {
  /// The three ways to take something out.
  package enum Kind: Sendable {
    /// `.NAME`.
    case member(Name)
    /// `[expr]`.
    case index(ExpressionSyntax)
    /// `[expr:expr]`, the second not included.
    case slice(from: ExpressionSyntax, to: ExpressionSyntax)
  }

  /// Which way.
  package var kind: Kind
  /// The point and name, or the brackets.
  package var span: SourceSpan
}

/// `NAME(args)` or `step NAME(args)`.
package struct ApplicationSyntax: Sendable {
  /// `true` iff one step is asked for, from states that are all given.
  package var isStep: Bool
  /// What is applied.
  package var function: Name
  /// What it is given.
  package var arguments: [ArgumentSyntax]
}

/// `label: expr over NAME to NAME`.
package struct ArgumentSyntax: Sendable {
  /// The names of the label, `l0.h` being two; empty without a label.
  package var label: [Name]
  /// What is given.
  package var value: ExpressionSyntax
  /// The axes after `over`, in the order written.
  package var axes: [Name]
  /// The axis after `to`.
  package var destination: Name?
  /// The whole argument.
  package var span: SourceSpan
}
