package import CBackend
package import Rondo

extension SampleModels {
  /// The C of a definition's text.
  package static func c(
    text: String,
    options: Compiler.Options = Compiler.Options(batch: 2)
  ) throws -> CModel {
    try CModel(plan(text: text, options: options), layoutHash: "00")
  }

  /// The C of a sample.
  package static func c(
    _ name: String,
    options: Compiler.Options = Compiler.Options(batch: 2)
  ) throws -> CModel {
    try CModel(plan(name, options: options), layoutHash: "00")
  }
}
