import GraphIR

/// A cell or layer, and the texts that its names are looked up in.
final class Definition {
  /// What is written.
  let syntax: DefinitionSyntax
  /// Where its own names for functions come from.
  unowned let environment: Environment
  /// The order in which its statements are elaborated, once that is known.
  var order: StatementOrder?
  /// The ordinals of its draws, once somebody asks for one.
  var draws: DrawOrdinals?

  /// Takes a definition of a text.
  init(_ syntax: DefinitionSyntax, in environment: Environment) {
    self.syntax = syntax
    self.environment = environment
  }

  /// Its name.
  var name: String { syntax.name.text }
  /// `true` iff it has states of its own.
  var isCell: Bool { syntax.kind == .cell }
}

/// The definitions that a text sees: its own, then the library's.
final class Environment {
  /// The definitions of the text.
  private(set) var definitions: [String: Definition] = [:]
  /// Names whose definitions could not be read or are wrong; messages have been given.
  var broken: Set<String> = []
  /// The library, unless this is it.
  private let library: Environment?

  /// Takes the definitions of a text; of two with one name the first stays.
  init(_ file: SyntaxFile, library: Environment?) {
    self.library = library
    broken = Set(file.brokenNames.map(\.text))
    for syntax in file.definitions where definitions[syntax.name.text] == nil {
      definitions[syntax.name.text] = Definition(syntax, in: self)
    }
  }

  /// The definition of a name, the text's own before the library's.
  func find(_ name: String) -> Definition? {
    definitions[name] ?? library?.definitions[name]
  }

  /// The names of all definitions seen, sorted.
  var names: [String] {
    (Array(definitions.keys) + (library.map { Array($0.definitions.keys) } ?? [])).sorted()
  }
}

/// What `layer rnn = lstm(128)` makes an instance of.
final class Template {
  /// The two kinds of things there are instances of.
  enum Kind {
    case definition(Definition, statics: [String: Operand])
    /// One after the other, with a chance of `dropout` between them.
    case stack([Template], dropout: Double)
  }

  /// Which.
  let kind: Kind

  /// Takes what an instance is to be of.
  init(_ kind: Kind) {
    self.kind = kind
  }

  /// `true` iff applying an instance makes states where it is applied.
  var hasStates: Bool {
    switch kind {
    case .stack(let parts, _): parts.contains { $0.hasStates }
    case .definition(let definition, let statics):
      // A layer that takes all it is given whole scans within itself.
      definition.isCell
        || definition.syntax.values.contains { $0.type.axes.isEmpty }
          && statics.values.contains {
            if case .template(let inner) = $0 { inner.hasStates } else { false }
          }
    }
  }

  /// What messages call it.
  var name: String {
    switch kind {
    case .stack: "stack"
    case .definition(let definition, _): definition.name
    }
  }
}

/// What owns weights: a cell or layer with a place in the model.
final class Instance {
  /// Its path, under which checkpoints know its weights.
  let path: String
  /// What it is an instance of.
  let template: Template
  /// The unknown sizes of its definition, as the first application bound them.
  var sizes: [String: Int] = [:]
  /// The unknown axes of its definition, as the first application bound them.
  var axes: [String: AxisID] = [:]
  /// The application that bound them.
  var boundAt: SourceSpan = .none
  /// Its weights, once made.
  var parameters: [String: Value] = [:]
  /// The instances in it, once made.
  var children: [String: Instance] = [:]

  /// Gives a template a place.
  init(_ template: Template, path: String) {
    self.template = template
    self.path = path
  }

  /// The instances of a stack in order.
  var stacked: [Instance] {
    (0..<children.count).compactMap { children["l\($0)"] }
  }
}

/// The names that an expression sees, and where what it makes belongs.
final class Scope {
  /// What a name stands for.
  enum Entry {
    case operand(Operand)
    /// Bound by a statement that has not been elaborated.
    case pending(SourceSpan)
    /// Bound by a statement that is wrong; a message has been given.
    case failed
  }

  /// A state and what it becomes.
  struct State {
    /// What it is declared to be.
    var declared: ValueType
    /// Its value before the step.
    var before: Value
    /// Its value after the step.
    var next: Value?
  }

  /// The texts that functions are looked up in.
  let environment: Environment
  /// What states and instances are called after.
  let path: String
  /// The innermost block around.
  let level: Level
  /// The axes that the text here does not see: it stands at each of their positions.
  let hidden: AxisSet
  /// The scope around a scan's body.
  let parent: Scope?
  /// Whose weights these are, in a definition.
  let instance: Instance?
  /// `true` iff all states are given, as by `step`.
  var isStep = false
  /// First values given by labels.
  var firsts: [FirstValue] = []
  /// The names bound here.
  var entries: [String: Entry] = [:]
  /// The states declared here.
  var states: [String: State] = [:]
  /// States and results of instances, in the order they came up: what a caller may read.
  var shown: [Member] = []

  /// Opens a scope.
  init(
    environment: Environment,
    path: String,
    level: Level,
    hidden: AxisSet,
    parent: Scope? = nil,
    instance: Instance? = nil
  ) {
    self.environment = environment
    self.path = path
    self.level = level
    self.hidden = hidden
    self.parent = parent
    self.instance = instance
  }

  /// What a name stands for here or around.
  func find(_ name: String) -> Entry? {
    var scope: Scope? = self
    while let here = scope {
      if let entry = here.entries[name] { return entry }
      scope = here.parent
    }
    return nil
  }

  /// The state of a name here; those around a scan are not of its step.
  func state(_ name: String) -> State? { states[name] }

  /// A name's path.
  func joined(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The first values that labels of the definition around give.
  var labelled: [FirstValue] { parent?.labelled ?? firsts }

  /// The instance whose body this is or stands in.
  var owner: Instance? { instance ?? parent?.owner }

  /// `true` iff this is the body, or in the body, of what takes one step from given states.
  var isInStep: Bool { isStep || parent?.isInStep == true }

  /// All names seen, sorted.
  var names: [String] {
    (Array(entries.keys) + (parent?.names ?? [])).sorted()
  }
}
