import GraphIR
import GraphLanguage

/// One text for lexer, parser, formatter and elaborator: whatever its bytes, there is a graph that
/// holds or a message, and nothing traps.
///
/// `fuzz-language` beside this file builds and runs it; no target of the package holds it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLanguage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let file = SourceFile(name: "fuzz.graph", bytes: bytes)
  let (tree, problems) = Parser.parse(file)
  let renderer = DiagnosticRenderer(files: [file, .library])
  require(problems.allSatisfy { $0.kind != .bug }, "the parser blames itself")
  _ = renderer.render(problems)
  if problems.isEmpty { checkLayout(of: file) }

  let open = Elaborator.openSizes(of: tree)
  let sizes = Dictionary(open.map { ($0.name, 7) }) { first, _ in first }
  switch Elaborator.elaborate(tree, sizes: sizes) {
  case .success(let graph):
    do {
      try graph.verify()
      let printed = graph.printed()
      require(try GraphReader.read(printed).printed() == printed, "the graph reads back another")
    } catch {
      fail("\(error)")
    }
  case .failure(let diagnostics):
    require(!diagnostics.all.isEmpty, "a refusal without a message")
    for diagnostic in diagnostics.all where diagnostic.kind == .bug { fail(diagnostic.message) }
    _ = renderer.render(diagnostics.all)
  }
  return 0
}

/// The layout of a text that can be read: itself laid out so, and the same tree.
private func checkLayout(of file: SourceFile) {
  guard let first = try? Formatter.format(file) else { return }
  let formatted = SourceFile(name: "fuzz.graph", text: first)
  do {
    require(try Formatter.format(formatted) == first, "the layout of a layout is another")
  } catch {
    fail("the layout cannot be read")
  }
  require(
    SyntaxPrinter.print(Parser.parse(formatted).0) == SyntaxPrinter.print(Parser.parse(file).0),
    "the layout means something else"
  )
}

/// Ends the run with a message unless a condition holds.
private func require(_ condition: Bool, _ message: String) {
  if !condition { fail(message) }
}

/// Ends the run, which keeps the text.
private func fail(_ message: String) -> Never {
  fatalError(message)
}
