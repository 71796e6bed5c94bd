public import ModelRuntime

extension Compiler {
  /// Compiles a definition and loads the model: the whole way, for programs that build one as they run.
  ///
  /// What was compiled before comes from this user's cache. The C compiler is the one that `CC` names, else
  /// `cc` on the `PATH`.
  ///
  /// - Parameters:
  ///   - definition: the text.
  ///   - folder: where the library, its header, its C and its manifest are written, to be loaded again
  ///     without a compiler; nil leaves them in the cache alone.
  ///   - options: for which processor the C is compiled, and the limits.
  /// - Throws: what is wrong with the definition, or with the machine.
  public func build(
    _ definition: Definition,
    to folder: String? = nil,
    options: CCompiler.Options = CCompiler.Options()
  ) throws(BuildFailure) -> CompiledModel {
    let model: GeneratedModel
    do { model = try generate(definition) } catch { throw .definition(error) }
    do {
      let environment = Platform.environment
      let cache = try ArtifactCache(folder: ArtifactCache.location(environment: environment))
      let compiler = try CCompiler.find(environment: environment, cache: cache)
      let built = try cache.artifact(of: model, compiler: compiler, options: options)
      if let folder { try built.artifact.write(to: folder) }
      return try CompiledModel(folder: folder ?? built.folder, name: model.name)
    } catch {
      throw .machine(error)
    }
  }
}
