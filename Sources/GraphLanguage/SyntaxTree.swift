package import GraphIR

/// A file as it is written: definitions, and at most one model.
package struct SyntaxFile: Sendable {
  /// The cells and layers in the order of the text.
  package var definitions: [DefinitionSyntax] = []
  /// The model; a file without one is a library.
  package var model: ModelSyntax?
  /// Names of definitions whose heads could not be read; using one deserves no second message.
  package var brokenNames: [Name] = []
}

/// A name where it stands.
package struct Name: Hashable, Sendable {
  /// Its letters.
  package var text: String
  /// Where it stands.
  package var span: SourceSpan
}

/// `model NAME { .. }`.
package struct ModelSyntax: Sendable {
  /// What the model is called.
  package var name: Name
  /// What it says.
  package var body: BlockSyntax
  /// Its head.
  package var span: SourceSpan
}

/// `cell NAME(values; statics) { .. }` or the same with `layer`.
package struct DefinitionSyntax: Sendable {
  /// Whether it may have states.
  package enum Kind: String, Sendable {
    case cell, layer
  }

  /// Cell or layer.
  package var kind: Kind
  /// What it is called.
  package var name: Name
  /// What is given when it is applied.
  package var values: [ValueSyntax]
  /// What is given when it is declared.
  package var statics: [StaticSyntax]
  /// What it says.
  package var body: BlockSyntax
  /// Its head.
  package var span: SourceSpan
}

/// `NAME: type` before the semicolon of a definition's head.
package struct ValueSyntax: Sendable {
  /// What it is called.
  package var name: Name
  /// What it may be.
  package var type: TypeSyntax
  /// Name and type.
  package var span: SourceSpan
}

/// `NAME`, `NAME = expr` or `NAME: layer` after the semicolon of a definition's head.
package struct StaticSyntax: Sendable {
  /// What may be given.
  package enum Kind: Sendable {
    /// A size or number, and what it is when not given.
    case number(default: ExpressionSyntax?)
    case layer
  }

  /// What it is called.
  package var name: Name
  /// What may be given.
  package var kind: Kind
  /// The whole parameter.
  package var span: SourceSpan
}

/// `{ .. }`.
package struct BlockSyntax: Sendable {
  /// The statements in the order of the text, broken ones among them.
  package var statements: [StatementSyntax]
  /// The opening brace and what stands on its line.
  package var span: SourceSpan
}

/// `real[n, m] over a over b` and the like.
package struct TypeSyntax: Sendable {
  /// What each element is.
  package enum Element: Sendable {
    case real
    /// An integer from 0 up to, not including, the size.
    case token(ExpressionSyntax)
  }

  /// What shape a value has at each position of its axes.
  package enum Shape: Sendable {
    /// `[..]`: any shape.
    case any
    /// The dimensions in order; none for a single number.
    case dimensions([ExpressionSyntax])
  }

  /// What each element is.
  package var element: Element
  /// The shape at each position.
  package var shape: Shape
  /// The axes after `over`, in the order written.
  package var axes: [Name]
  /// The whole type.
  package var span: SourceSpan
}

/// One statement.
package struct StatementSyntax: Sendable {
  /// The statements of the language, in the order of its grammar.
  package enum Kind: Sendable {
    case size([SizeSyntax])
    case axis(AxisSyntax)
    case input(names: [Name], type: TypeSyntax)
    case target(names: [Name], type: TypeSyntax)
    case param(ParameterSyntax)
    case layer([InstanceSyntax])
    /// One name and its value, or several and what is split into them.
    case binding(names: [Name], value: ExpressionSyntax)
    case state(StateSyntax)
    case next(name: Name, value: ExpressionSyntax)
    case scan(ScanSyntax)
    /// The value, and the members to show.
    case emit(value: ExpressionSyntax, members: [Name])
    case output(value: ExpressionSyntax, name: Name?)
    case loss(value: ExpressionSyntax, name: Name?)
    case metric(value: ExpressionSyntax, name: Name?)
    case train(TrainSyntax)
    case stream(axis: Name)
    case generate(GenerateSyntax)
    /// What could not be read, and the names it would have bound; a message has been given.
    case broken(names: [Name])
  }

  /// Which statement.
  package var kind: Kind
  /// The whole statement, as far as its first line goes.
  package var span: SourceSpan

  /// The names that the statement puts into its scope, those of a scan's body included.
  package var boundNames: [Name] {
    switch kind {
    case .size(let sizes): sizes.map(\.name)
    case .axis(let axis): [axis.name]
    case .input(let names, _), .target(let names, _), .binding(let names, _): names
    case .param(let parameter): parameter.names
    case .layer(let instances): instances.map(\.name)
    case .state(let state): state.names
    case .scan(let scan): scan.body.statements.flatMap(\.boundNames)
    case .broken(let names): names
    case .next, .emit, .output, .loss, .metric, .train, .stream, .generate: []
    }
  }
}

/// `NAME` or `NAME = expr` after `size`.
package struct SizeSyntax: Sendable {
  /// What the size is called.
  package var name: Name
  /// Its value; without one it is given when built.
  package var value: ExpressionSyntax?
  /// Name and value.
  package var span: SourceSpan
}

/// `axis NAME <= expr in NAME`.
package struct AxisSyntax: Sendable {
  /// What is said about the length.
  package enum Length: Sendable {
    /// `<= expr`.
    case atMost(ExpressionSyntax)
    /// `= expr`: a number, another axis, or a part of one.
    case exactly(ExpressionSyntax)
  }

  /// What the axis is called.
  package var name: Name
  /// Its length, if something is said about it.
  package var length: Length?
  /// The axis at each position of which there is one of these.
  package var parent: Name?
}

/// `param names: type ~ expr frozen`.
package struct ParameterSyntax: Sendable {
  /// What the parameters are called.
  package var names: [Name]
  /// What each of them is.
  package var type: TypeSyntax
  /// Their first values.
  package var first: ExpressionSyntax
  /// `true` iff training leaves them alone.
  package var isFrozen: Bool
}

/// `NAME = expr` after `layer`.
package struct InstanceSyntax: Sendable {
  /// What the instance is called.
  package var name: Name
  /// What it is an instance of.
  package var value: ExpressionSyntax
  /// Name and value.
  package var span: SourceSpan
}

/// `state names: type = expr`.
package struct StateSyntax: Sendable {
  /// What the states are called.
  package var names: [Name]
  /// What each of them is.
  package var type: TypeSyntax
  /// What they are before the first step.
  package var first: ExpressionSyntax
}

/// `scan reverse over NAME { .. }`.
package struct ScanSyntax: Sendable {
  /// `true` iff the last position comes first.
  package var isReverse: Bool
  /// The axis.
  package var axis: Name
  /// One step.
  package var body: BlockSyntax
}

/// `train NAME(args) carry over NAME`.
package struct TrainSyntax: Sendable {
  /// The optimiser.
  package var optimizer: Name
  /// What it is given.
  package var arguments: [ArgumentSyntax]
  /// The axis along which states go on from window to window.
  package var carry: Name?
}

/// `generate NAME from expr until expr`.
package struct GenerateSyntax: Sendable {
  /// The target that is drawn.
  package var target: Name
  /// What it is drawn from.
  package var source: ExpressionSyntax
  /// The token that ends a row.
  package var end: ExpressionSyntax?
}
