package import GraphIR

/// Makes the graph of a definition: names, sizes, types, layers, cells and scans become operations.
package enum Elaborator {
  /// The library's cells, with how many sizes each is declared by.
  package static let libraryCells: [(name: String, sizes: Int)] = Elaboration.library.definitions
    .filter { $0.kind == .cell }.map { ($0.name.text, $0.statics.count) }

  /// A size or axis whose value is given when the model is built.
  package struct OpenSize: Hashable, Sendable {
    /// What it is called.
    package var name: String
    /// `true` iff it is an axis, which may stay without a bound; a size may not.
    package var isAxis: Bool
    /// Where it is declared.
    package var span: SourceSpan
  }

  /// The graph of a file's model, or all that is wrong with the file.
  ///
  /// `sizes` gives values to the sizes and bounds to the axes that have none in the text. Of what the
  /// parser could not read nothing is said again: its messages go before these, and if there are any
  /// the graph is not the whole definition's.
  package static func elaborate(
    _ file: SyntaxFile,
    sizes: [String: Int] = [:]
  ) -> Result<Graph, Diagnostics> {
    Elaboration(file, sizes: sizes).run()
  }

  /// The sizes and axes of a model that have no value in the text, in its order.
  package static func openSizes(of file: SyntaxFile) -> [OpenSize] {
    var open: [OpenSize] = []
    for statement in file.model?.body.statements ?? [] {
      switch statement.kind {
      case .size(let sizes):
        for size in sizes where size.value == nil {
          open.append(OpenSize(name: size.name.text, isAxis: false, span: size.name.span))
        }
      case .axis(let axis):
        guard axis.length == nil else { continue }
        open.append(OpenSize(name: axis.name.text, isAxis: true, span: axis.name.span))
      case .input, .target, .param, .layer, .binding, .state, .next, .scan, .emit, .output, .loss,
        .metric, .train, .stream, .generate, .broken:
        continue
      }
    }
    return open
  }
}

/// One elaboration: the graph so far, and what is wrong so far.
final class Elaboration {
  /// The most operations that a model may come to.
  static let operationLimit = 1 << 20
  /// How deep expressions and applications may stand in each other.
  static let nestingLimit = 64

  /// The library's definitions.
  fileprivate static let library = Parser.parse(.library).0

  /// What is elaborated.
  let file: SyntaxFile
  /// The values given to sizes and axes.
  let sizes: [String: Int]
  /// The library's definitions.
  private let libraryEnvironment: Environment
  /// The file's definitions.
  let environment: Environment
  /// The main block.
  let main: Level
  /// How axes are made of others.
  var derivations: [AxisID: Derivation] = [:]
  /// The value of `training`, once somebody asks for it.
  var training: Value?
  /// The numbers of the draws so far.
  var draws = DrawNumbers()
  /// The ordinals of the model's own draws, once somebody asks for one.
  var modelDraws: DrawOrdinals?
  /// What is wrong so far.
  private var diagnostics: [Diagnostic] = []
  /// The messages given, so that a definition applied twice complains once.
  private var given: Set<Diagnostic> = []
  /// The outermost application being elaborated: where mistakes that show in the library were made.
  var callSites: [SourceSpan] = []
  /// The applications blamed for a mistake that shows in the library.
  private var blamedSites: Set<SourceSpan> = []
  /// The applications that nodes of the main block, written in the library, were made for.
  private(set) var sites: [ValueID: SourceSpan] = [:]
  /// How many operations and expressions there were.
  private var operationCount = 0
  /// `true` once the limit has been passed and told.
  private var isPastLimit = false
  /// How deep expressions stand in each other here.
  private var depth = 0
  /// The paths of states, so that no two have one.
  var statePaths: Set<String> = []
  /// Counts labels, to tell them apart.
  var labelCount = 0
  /// The labels that have reached a state.
  var reachedLabels: Set<Int> = []
  /// The averages of the loss or metric being elaborated; nothing elsewhere.
  var averages: [Average]?
  /// What the losses and metrics average.
  var averaged: [Value] = []
  /// The losses so far, and where they stand.
  var losses: [(value: Value, span: SourceSpan)] = []
  /// What the main block's results are for, with the values.
  var roots: [(root: Root, value: Value)] = []

  /// Prepares to elaborate a file.
  init(_ file: SyntaxFile, sizes: [String: Int]) {
    self.file = file
    self.sizes = sizes
    libraryEnvironment = Environment(Self.library, library: nil)
    environment = Environment(file, library: libraryEnvironment)
    main = Level(graph: Graph(name: file.model?.name.text ?? ""))
  }

  /// The graph's tables so far.
  var graph: Graph {
    get { main.builder.graph }
    set { main.builder.graph = newValue }
  }

  /// Elaborates the file.
  func run() -> Result<Graph, Diagnostics> {
    checkDefinitions()
    if let model = file.model {
      elaborate(model)
    } else {
      report(
        Diagnostic(
          .wrong,
          "there is no model here that could be read",
          hint: "write `model NAME {`, or build another file"
        )
      )
    }
    if !diagnostics.isEmpty { return .failure(Diagnostics(sorted)) }
    do throws(Diagnostic) {
      let finished = try finished()
      try finished.verify()
      return .success(finished)
    } catch {
      return .failure(Diagnostics([error]))
    }
  }

  // MARK: - Messages

  /// `true` iff something is wrong.
  var hasFailed: Bool { !diagnostics.isEmpty }

  /// Gives a message, once.
  func report(_ diagnostic: Diagnostic) {
    guard !isFull else { return }
    var diagnostic = diagnostic
    // A person can mend what they wrote, not what the library says.
    if diagnostic.span.source == .library, let site = callSites.first {
      // What one application does wrong shows in many lines of the library.
      guard blamedSites.insert(site).inserted else { return }
      diagnostic.span = site
    }
    if given.insert(Self.key(diagnostic)).inserted { diagnostics.append(diagnostic) }
  }

  /// What makes two messages one: hints may differ.
  private static func key(_ diagnostic: Diagnostic) -> Diagnostic {
    var key = diagnostic
    key.hint = nil
    return key
  }

  /// Gives a message, and the failure to throw.
  func failure(_ message: String, at span: SourceSpan, hint: String? = nil) -> Failure {
    report(Diagnostic(.wrong, message, at: span, hint: hint))
    return Failure()
  }

  /// Says that something is right but not built yet, and gives the failure to throw.
  func unsupported(_ what: String, at span: SourceSpan, hint: String) -> Failure {
    report(Diagnostic(.unsupported, what, at: span, hint: hint))
    return Failure()
  }

  /// `true` iff there are as many messages as are given; no more work is done then.
  var isFull: Bool { diagnostics.count >= Diagnostic.limit }

  /// How many messages there are; to take later ones back.
  var mark: Int { diagnostics.count }

  /// Takes messages back that another round will give again if they are right.
  func takeBack(to mark: Int) {
    for diagnostic in diagnostics[mark...] {
      given.remove(Self.key(diagnostic))
      blamedSites.remove(diagnostic.span)
    }
    diagnostics.removeSubrange(mark...)
  }

  /// All messages in the order of the text; those about no line first.
  private var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { a, b in
      let (x, y) = (a.element.span, b.element.span)
      return (x.source.rawValue, x.line, x.column, a.offset)
        < (y.source.rawValue, y.line, y.column, b.offset)
    }.map(\.element)
  }

  // MARK: - Limits

  /// Counts work, so that a short text cannot ask for an endless graph.
  func count(_ work: Int = 1, at span: SourceSpan) throws(Failure) {
    operationCount += work
    if isFull { throw Failure() }
    guard operationCount > Self.operationLimit else { return }
    if !isPastLimit {
      isPastLimit = true
      report(
        Diagnostic(
          .wrong,
          "the model comes to more than \(Self.operationLimit) operations",
          at: span,
          hint: "repeat along an axis with `scan over`, or apply definitions less often"
        )
      )
    }
    throw Failure()
  }

  /// Goes one level deeper for the time of a call.
  func nested<Result>(
    at span: SourceSpan,
    _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Definitions within definitions nest too: one limit holds for both together.
    guard depth < 4 * Self.nestingLimit else {
      throw failure(
        "definitions are applied in each other too deeply",
        at: span,
        hint: "nesting goes to \(Self.nestingLimit); apply one after the other"
      )
    }
    depth += 1
    defer { depth -= 1 }
    return try work()
  }

  // MARK: - Operations

  /// Appends an operation to the innermost block of its operands.
  func append(
    _ op: Op,
    _ operands: [Value],
    at span: SourceSpan,
    name: String? = nil
  ) throws(Failure) -> Value {
    try count(at: span)
    var level = main
    for operand in operands where operand.level.isInside(level) { level = operand.level }
    let axes = operands.reduce(AxisSet.batch) { $0.union($1.type.axes) }
    guard axes.count <= ValueType.maximumAxes else {
      throw isOver(axes.removing(.batch), at: span)
    }
    var ids: [ValueID] = []
    for operand in operands { ids.append(try capture(operand, in: level, at: span)) }
    level.builder.origin = span
    let id: ValueID
    do throws(TypeMismatch) {
      id = try level.builder.checked(op, ids, name: name ?? "")
    } catch {
      throw failure("`\(op.text)` does not fit here: \(error.reason)", at: span)
    }
    let type = level.builder.type(id)
    if level === main { noteSite(of: id, at: span) }
    guard isCountable(type) else {
      throw failure(
        "\(text(type)) has more than \(Shape.maximumCount) elements",
        at: span,
        hint: "lower its sizes or the bounds of its axes"
      )
    }
    return Value(node: id, level: level, type: type, name: name, origin: span)
  }

  /// Says that a value would run over too many axes.
  func isOver(_ axes: AxisSet, at span: SourceSpan) -> Failure {
    let names = axes.axes.map { "`\(graph[$0].name)`" }
    return failure(
      "this runs over \(names.count) axes together: \(names.joined(separator: ", "))",
      at: span,
      hint: "a value runs over at most \(ValueType.maximumAxes - 1); reduce over one of them first"
    )
  }

  /// Takes down whose application a library's node was made for.
  func noteSite(of id: ValueID, at span: SourceSpan) {
    if span.source == .library, let site = callSites.first { sites[id] = site }
  }

  /// The node that stands for a value in a block.
  func capture(_ value: Value, in level: Level, at span: SourceSpan) throws(Failure) -> ValueID {
    guard let id = level.capture(value) else {
      // Another round builds the scan in the step whose value this is, and takes this back.
      throw failure(
        "\(place(value, else: "this")) belongs to the step of another scan",
        at: span,
        hint: "read it after that scan, where it is a sequence"
      )
    }
    return id
  }

  /// `true` iff an index can count the elements of a value for one example.
  func isCountable(_ type: ValueType) -> Bool {
    var product = type.shape.count
    for axis in type.axes.axes {
      guard let bound = graph[axis].bound else { continue }
      let (next, overflow) = product.multipliedReportingOverflow(by: bound)
      guard !overflow, next <= Shape.maximumCount else { return false }
      product = next
    }
    return true
  }

  /// A real constant.
  func constant(_ number: Double, at span: SourceSpan) throws(Failure) -> Value {
    try append(.real(number), [], at: span)
  }

  /// A type as messages show it: as a definition writes it, without the batch.
  func text(_ type: ValueType) -> String {
    textWithBatch(type.over(type.axes.removing(.batch)))
  }

  /// A type as messages show it where it matters that it runs over the examples.
  func textWithBatch(_ type: ValueType) -> String {
    graph.text(type.over(.none)) + type.axes.axes.map { " over \(graph[$0].name)" }.joined()
  }

  /// The finished graph, of what its roots need.
  private func finished() throws(Diagnostic) -> Graph {
    var finished = graph
    finished.roots = roots.map(\.root)
    finished.main = try main.builder.finish(results: roots.map(\.value.node))
    return try finished.trimmed()
  }
}
