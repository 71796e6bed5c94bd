package import GraphIR
package import Lowering
internal import ModelRuntime
internal import Transforms

/// A fault that is planted on purpose, to see whether the checks find it.
package struct PlantedFault: Sendable {
  /// Changes the graph that a pass left.
  package var graph: (@Sendable (_ pass: String, Graph) throws(Diagnostic) -> Graph)?
  /// Changes a lowered program.
  package var program: (@Sendable (inout Program) -> Void)?
  /// Changes the text of the C.
  package var source: (@Sendable (String) -> String)?
  /// Changes what compiled code gave.
  package var result: (@Sendable (Entry, Graph, inout Arrays) -> Void)?

  /// A fault of one place.
  package init(
    graph: (@Sendable (_ pass: String, Graph) throws(Diagnostic) -> Graph)? = nil,
    program: (@Sendable (inout Program) -> Void)? = nil,
    source: (@Sendable (String) -> String)? = nil,
    result: (@Sendable (Entry, Graph, inout Arrays) -> Void)? = nil
  ) {
    self.graph = graph
    self.program = program
    self.source = source
    self.result = result
  }

  /// A pass that goes wrong as the fault says.
  func planted(in pass: Pass) -> Pass {
    guard let change = graph else { return pass }
    return Pass(pass.name, pass.summary, setting: pass.setting) { (graph) throws(Diagnostic) in
      try change(pass.name, pass.run(graph))
    }
  }

  /// Changes a model's C, and what its manifest says of it.
  func plant(in model: GeneratedModel) throws -> GeneratedModel {
    guard let change = source else { return model }
    let source = Array(change(String(decoding: model.source, as: UTF8.self)).utf8)
    var manifest = model.manifest
    manifest.source = SHA256.hex(of: source)
    return try GeneratedModel(source: source, header: model.header, manifest: manifest)
  }
}
