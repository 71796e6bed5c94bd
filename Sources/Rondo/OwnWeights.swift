internal import CBackend
public import ModelRuntime

extension GeneratedModel {
  /// The same model with the weights of a file for its library's own.
  ///
  /// The file is read as everywhere: by a library of this machine's, which is compiled for that alone and
  /// sets each parameter by its name; what then is its block goes into any library of the model.
  ///
  /// - Parameters:
  ///   - path: a `.safetensors` file.
  ///   - compiler: a compiler for this machine.
  ///   - scratch: a folder in which a private one is made for the time being.
  /// - Throws: `RuntimeError` when the model was generated without a place for weights, or the file does
  ///   not fit it.
  public func holding(
    weightsFrom path: String,
    compiler: CCompiler,
    scratch: String
  ) throws(RuntimeError) -> GeneratedModel {
    guard manifest.blocks.parameters > 0 else {
      throw RuntimeError("\(name) has no weights that its library could hold")
    }
    // What is no such file is told before anything is compiled.
    _ = try Safetensors(path: path)
    let folder = try Platform.makePrivateFolder(in: scratch)
    defer { try? Platform.remove(folder) }
    let library = try compiler.compile(
      source,
      header: header,
      name: name,
      options: CCompiler.Options(optimization: 0),
      scratch: folder
    )
    let bare = try GeneratedModel(source: source, header: header, manifest: manifest)
    try Artifact(bare, library).write(to: folder)
    let session = try Session(CompiledModel(folder: folder, name: name, scratch: scratch))
    try session.loadWeights(from: path)
    return try GeneratedModel(
      source: source,
      header: header,
      manifest: manifest,
      weights: session.parameters.bytes()
    )
  }
}
