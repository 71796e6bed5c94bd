internal import GraphIR
package import ModelRuntime
package import Rondo
internal import Synchronization

/// The models compiled in this process, so that tests of one definition share one compilation.
package final class BuiltModels: Sendable {
  /// All of them.
  static let shared = BuiltModels()

  /// What tells one compilation from another.
  private struct Key: Hashable {
    var text: String
    var options: Compiler.Options
    var optimization: Int
  }

  /// One compilation; whoever asks meanwhile waits for it.
  private final class Slot: Sendable {
    let model = Mutex<CompiledModel?>(nil)
  }

  private let slots = Mutex<[Key: Slot]>([:])

  /// The definition's model, compiled the first time it is asked for.
  func model(_ text: String, _ options: Compiler.Options, optimization: Int) throws -> CompiledModel
  {
    let key = Key(text: text, options: options, optimization: optimization)
    let slot = slots.withLock { slots in
      let slot = slots[key] ?? Slot()
      slots[key] = slot
      return slot
    }
    return try slot.model.withLock { model in
      if let model { return model }
      let definition = Definition(name: "test.graph", bytes: Array(text.utf8))
      let generated = try Compiler(options: options).generate(definition)
      let built = try Self.build(generated, optimization)
      model = built
      return built
    }
  }

  /// Compiles and loads a model.
  package static func build(_ generated: GeneratedModel, _ optimization: Int) throws
    -> CompiledModel
  {
    try CompiledModel.built(
      generated,
      by: optimization == 0 ? CCompiler.quick() : CCompiler.find(environment: Platform.environment),
      optimization: optimization
    )
  }
}
