internal import CBackend
internal import ModelRuntime

extension CCompiler {
  /// What a library's own weights add to its compilation.
  struct OwnWeights {
    /// The flags that let the C use them.
    var macros: [String] = []
    /// The objects that hold them.
    var objects: [String] = []
  }

  /// Makes an object of a block of parameters, as data; nothing of nil.
  ///
  /// It is made apart from the C, and never with what debuggers need, which would name the folder.
  func ownWeights(
    _ block: [UInt8]?,
    name: String,
    _ options: Options,
    folder: String
  ) throws(RuntimeError) -> OwnWeights {
    guard let block else { return OwnWeights() }
    let file = WeightsEmitter.assemblyFile(name)
    let input = Platform.join(folder, file)
    let object = Platform.join(folder, name + "_weights.o")
    let text = WeightsEmitter.text(name, hash: SHA256.hex(of: block))
    try Platform.replace(Platform.join(folder, WeightsEmitter.dataFile(name)), with: block)
    try Platform.replace(input, with: Array(text.utf8))
    var plain = options
    plain.debug = false
    let arguments =
      try acceptedFlags(plain, scratch: folder) + ["-I", folder, "-c", "-o", object, input]
    let result = try execute(arguments, options, folder: folder)
    guard result.ending == .exited(0) else {
      throw failure("failed on \(file)", result, arguments, seconds: options.seconds)
    }
    return OwnWeights(macros: ["-D" + WeightsEmitter.macro(name)], objects: [object])
  }
}
