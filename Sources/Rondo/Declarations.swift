internal import GraphLanguage

/// What a definition says of its data before any size has a value: what a reader of files must know
/// to find the values.
public struct Declarations: Hashable, Sendable {
  /// A number in a type.
  public enum Extent: Hashable, Sendable {
    /// A size by its name, with a value in the text or open.
    case size(String)
    /// A number.
    case number(Int)
    /// What is calculated from sizes.
    case computed
  }

  /// An input or target.
  public struct Input: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it is a target: what the model is to answer.
    public var isTarget: Bool
    /// How many tokens there are; nil for real numbers.
    public var tokens: Extent?
    /// Its shape at each position.
    public var shape: [Extent]
    /// The axes it runs over, in the order written.
    public var axes: [String]
  }

  /// An axis.
  public struct Axis: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it has no bound in the text.
    public var isOpen: Bool
    /// The axis at each position of which there is one of these.
    public var parent: String?
  }

  /// The model's name.
  public var model: String
  /// The sizes without a value in the text.
  public var openSizes: [String]
  /// The sizes whose value is a number in the text.
  public var fixedSizes: [String: Int]
  /// The axes in the order declared.
  public var axes: [Axis]
  /// The inputs and targets in the order declared.
  public var inputs: [Input]
  /// The target that is drawn.
  public var generates: String?
  /// Whether a row that is drawn ends with a token.
  public var hasEnd: Bool
  /// The axis along which training carries its states on.
  public var carry: String?
  /// Whether the loss is one cross entropy of tokens, as it is: then it says how likely they are.
  public var isCrossEntropy: Bool

  /// Reads a definition; a text that does not parse, or has no model, is thrown.
  public init(of definition: Definition) throws(CompilationFailure) {
    let file = SourceFile(name: definition.name, bytes: definition.bytes)
    let tree: SyntaxFile
    do { tree = try Pipeline.parse(file) } catch { throw CompilationFailure(error, in: file) }
    model = tree.model?.name.text ?? ""
    (openSizes, fixedSizes, axes, inputs, hasEnd) = ([], [:], [], [], false)
    isCrossEntropy = Self.isCrossEntropy(tree.model?.body.statements ?? [])
    for statement in tree.model?.body.statements ?? [] { read(statement) }
  }

  /// Takes what one statement says.
  private mutating func read(_ statement: StatementSyntax) {
    switch statement.kind {
    case .size(let sizes):
      openSizes += sizes.filter { $0.value == nil }.map(\.name.text)
      for size in sizes {
        if let value = size.value, case .number(let number) = Self.extent(value) {
          fixedSizes[size.name.text] = number
        }
      }
    case .axis(let axis):
      axes.append(
        Axis(name: axis.name.text, isOpen: axis.length == nil, parent: axis.parent?.text)
      )
    case .input(let names, let type):
      inputs += names.map { Self.input($0.text, type, isTarget: false) }
    case .target(let names, let type):
      inputs += names.map { Self.input($0.text, type, isTarget: true) }
    case .train(let train):
      carry = train.carry?.text
    case .generate(let generate):
      generates = generate.target.text
      hasEnd = generate.end != nil
    case .param, .layer, .binding, .state, .next, .scan, .emit, .output, .loss, .metric, .stream,
      .broken:
      return
    }
  }

  /// Whether the only loss is an application of `cross_entropy` to logits and tokens alone, or a name
  /// of one.
  private static func isCrossEntropy(_ statements: [StatementSyntax]) -> Bool {
    var losses: [ExpressionSyntax] = []
    var bindings: [String: ExpressionSyntax] = [:]
    for statement in statements {
      if case .loss(let value, _) = statement.kind { losses.append(value) }
      if case .binding(let names, let value) = statement.kind, names.count == 1 {
        bindings[names[0].text] = value
      }
    }
    guard losses.count == 1, var loss = losses.first else { return false }
    if case .name(let name) = loss.kind, let bound = bindings[name.text] { loss = bound }
    guard case .application(let application) = loss.kind else { return false }
    return application.function.text == "cross_entropy" && application.arguments.count == 2
  }

  /// An input of a type.
  private static func input(_ name: String, _ type: TypeSyntax, isTarget: Bool) -> Input {
    var tokens: Extent?
    if case .token(let count) = type.element { tokens = extent(count) }
    var shape: [Extent] = []
    if case .dimensions(let dimensions) = type.shape { shape = dimensions.map(extent) }
    return Input(
      name: name,
      isTarget: isTarget,
      tokens: tokens,
      shape: shape,
      axes: type.axes.map(\.text)
    )
  }

  /// A number in a type.
  private static func extent(_ expression: ExpressionSyntax) -> Extent {
    switch expression.kind {
    case .number(let value): Int(exactly: value).map(Extent.number) ?? .computed
    case .name(let name): .size(name.text)
    case .training, .none, .next, .application, .array, .negation, .operations, .selections:
      .computed
    }
  }
}
