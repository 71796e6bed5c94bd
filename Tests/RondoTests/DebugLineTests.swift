import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("A definition's lines in a library") struct DebugLineTests {
  @Test("are what a sanitizer names, with no path")
  func sanitizer() throws {
    let text = """
      model lines {
        input x: real[3]
        output exp(x) as y
        output tanh(x) as z
      }
      """
    var options = Compiler.Options(batch: 1)
    options.namesLines = true
    let generated = try Compiler(options: options).generate(
      Definition(name: "lines.graph", bytes: Array(text.utf8))
    )
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    var asked = CCompiler.Options(optimization: 0)
    asked.debug = true
    let library = try CCompiler.find(environment: Platform.environment).compile(
      generated.source,
      header: generated.header,
      name: generated.name,
      options: asked,
      scratch: folder
    )
    // Debug information names files as strings: the definition, the C, and no folder of ours.
    let strings = library.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    #expect(strings.contains("lines.graph"))
    #expect(strings.contains { $0.hasSuffix("lines.c") })
    #expect(!strings.contains { $0.contains(folder) })
  }
}
