import ModelRuntime
import TestSupport
import Testing

@testable import Rondo
@testable import Workbench

/// A folder of its own for a test, removed afterwards.
func inFolder(_ body: (String) throws -> Void) throws {
  let folder = try Platform.makePrivateFolder(in: "/tmp")
  defer { try? Platform.remove(folder) }
  try body(folder)
}

/// The repository's top level.
let topLevel = Platform.split(Platform.split(Platform.split(#filePath).folder).folder).folder

/// A text by character.
func text(_ string: String, by unit: TextUnit = .character) throws -> Text {
  try Text(Array(string.utf8), by: unit)
}

/// Models of a few units whose input is a text, compiled once for all tests.
enum TextModel {
  /// A definition that reads a text; with or without carry and an end.
  static func definition(carry: Bool, until: Bool = false) -> Definition {
    let text = """
      model reader {
        size letters
        axis time <= 4
        target text: token(letters) over time
        layer rnn = gru(5), score = linear(letters)
        logits = score(rnn(onehot(previous(text))))
        loss cross_entropy(logits, text)
        train adam(rate: 0.01)\(carry ? " carry over time" : "")
        generate text from logits\(until ? " until 0" : "")
      }

      """
    return Definition(name: "reader.graph", bytes: Array(text.utf8))
  }

  /// A definition's model for a batch, compiled without optimisation.
  static func loaded(
    _ definition: Definition,
    letters: Int = 7,
    batch: Int = 3
  ) throws -> CompiledModel {
    let options = Compiler.Options(sizes: ["letters": letters], batch: batch)
    let generated = try Compiler(options: options).generate(definition)
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let library = try CCompiler.quick().compile(
      generated.source,
      header: generated.header,
      name: generated.name,
      options: .init(optimization: 0),
      scratch: folder
    )
    try Artifact(generated, library).write(to: folder)
    return try CompiledModel(folder: folder)
  }
}
