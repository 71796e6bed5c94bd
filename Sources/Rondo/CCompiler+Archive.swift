public import ModelRuntime

extension CCompiler {
  /// Compiles a model to `libNAME.a`, for programs that are to hold it themselves.
  ///
  /// - Parameters:
  ///   - model: the three texts.
  ///   - options: for which processor, and the limits.
  ///   - scratch: a folder in which a private one is made for the time being.
  /// - Returns: the archive's bytes; the same for the same texts, options and compiler.
  /// - Throws: `RuntimeError` with the command and the first lines that were printed.
  public func archive(
    _ model: GeneratedModel,
    options: Options = Options(),
    scratch: String
  ) throws(RuntimeError) -> [UInt8] {
    let name = model.name
    let folder = try Platform.makePrivateFolder(in: Platform.absolute(scratch))
    defer { try? Platform.remove(folder) }
    let input = Platform.join(folder, name + ".c")
    let output = Platform.join(folder, "lib\(name).a")
    try Platform.replace(input, with: model.source)
    try Platform.replace(Platform.join(folder, name + ".h"), with: model.header)
    let own = try ownWeights(model.weights, name: name, options, folder: folder)
    let objects = try objects(of: input, name: name, macros: own.macros, options, folder: folder)
    guard let archiver = try tool("ar", scratch: folder) else {
      throw RuntimeError(
        "there is no ar, which puts objects into an archive",
        hint: "install binutils, or leave out static"
      )
    }
    // D: neither times nor owners are kept.
    let packed = try Platform.run(
      archiver,
      ["rcsD", output] + objects + own.objects,
      environment: [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C")],
      seconds: options.seconds
    )
    guard packed.ending == .exited(0) else {
      throw RuntimeError("\(quoted(archiver)) made no archive of \(name)")
    }
    return try Platform.read(output, limit: 1 << 32)
  }

  /// A program that comes with the compiler, as that knows it; nil if there is none.
  func tool(_ name: String, scratch: String) throws(RuntimeError) -> String? {
    let asked = try execute(
      ["-print-prog-name=\(name)"],
      scratch: scratch,
      seconds: 10,
      outputLimit: 1 << 12
    )
    let said = String(decoding: asked.output, as: UTF8.self).split(separator: "\n").first
    let known = asked.ending == .exited(0) ? said.map(String.init) ?? name : name
    let places = known.hasPrefix("/") ? [known] : ["/usr/bin/" + name, "/bin/" + name]
    for place in places where try Platform.status(place)?.kind == .file { return place }
    return nil
  }
}
