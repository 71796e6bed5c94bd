package import GraphIR
package import ModelRuntime

/// A compiled model and which variables each of its entries leaves behind.
package struct NativeModel {
  /// The model.
  package let model: CompiledModel
  private let stores: (Entry) throws -> [Variable]

  /// Pairs a model with what its entries store.
  package init(_ model: CompiledModel, stores: @escaping (Entry) throws -> [Variable]) {
    self.model = model
    self.stores = stores
  }

  /// Runs an entry in blocks of its own, filled from the data; results are named as the harness's.
  package func run(_ entry: Entry, _ data: CallData, threads: Int = 1) throws -> Arrays {
    try run(entry, data, in: session(data, threads: threads))
  }

  /// Blocks filled from the data, and threads that help.
  package func session(_ data: CallData, threads: Int = 1) throws -> Session {
    let session = try Session(model, threads: threads)
    for block in BlockKind.allCases {
      for variable in session.variables(block) {
        guard let values = data.arrays[variable.name] else { continue }
        try session.set(block, variable.name, values)
      }
    }
    return session
  }

  /// Runs an entry in blocks as they stand.
  package func run(_ entry: Entry, _ data: CallData, in session: Session) throws -> Arrays {
    let call = try EntryCall(model, entry: entry.rawValue)
    call.firstExample = data.firstExample
    call.scribble()
    var inputs: [String: TensorData] = [:]
    for tensor in call.entry.inputs {
      let count = tensor.count(batch: data.batch)
      switch (tensor.element, data.arrays[tensor.name]) {
      case (.float32, let values?): inputs[tensor.name] = .float(values)
      case (.int32, let values?):
        // The padding of tokens, 2^31 as a float, becomes the greatest number there is.
        inputs[tensor.name] = .int(values.map { Int32(clamping: Int64($0)) })
      case (.uint8, let values?): inputs[tensor.name] = .byte(values.map { UInt8($0) })
      case (.uint8, nil): inputs[tensor.name] = .byte(Array(repeating: 1, count: count))
      case (.uint64, _): inputs[tensor.name] = .seed(data.seed)
      case (.float32, nil), (.int32, nil): continue
      }
    }
    let axes = model.manifest.axes.dropFirst().filter { $0.given > 0 }
    let lengths = axes.map { axis in
      let all = Array(
        repeating: data.lengths[axis.name] ?? axis.bound,
        count: data.batch * axis.given
      )
      return (axis.name, (data.own[axis.name] ?? all).map { Int32($0) })
    }
    try call.fill(
      batch: data.batch,
      lengths: Dictionary(uniqueKeysWithValues: lengths),
      inputs: inputs
    )
    try session.run(call)
    var results: Arrays = [:]
    for (place, tensor) in call.entry.outputs.enumerated() {
      let name = (tensor.role == .gradient ? "gradient " : "") + tensor.name
      switch try call.data(ofOutput: place) {
      case .float(let values): results[name] = values
      case .int(let values): results[name] = values.map { Float($0) }
      case .byte, .seed: continue
      }
    }
    for variable in try stores(entry) {
      guard let block = Self.block(variable.kind) else { continue }
      results["after " + variable.name] = try session.get(block, variable.name)
    }
    return results
  }

  private static func block(_ kind: Variable.Kind) -> BlockKind? {
    switch kind {
    case .parameter: .parameters
    case .state: .state
    case .optimizer: .optimizer
    case .input, .fresh, .rate, .training, .outputGradient, .divisor: nil
    }
  }
}

extension CompiledModel {
  /// A model compiled in a folder that is gone once it is loaded.
  package static func built(
    _ generated: GeneratedModel,
    by compiler: CCompiler,
    optimization: Int
  ) throws -> CompiledModel {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let library = try compiler.compile(
      generated.source,
      header: generated.header,
      name: generated.name,
      options: .init(optimization: optimization),
      scratch: folder
    )
    try Artifact(generated, library).write(to: folder)
    return try CompiledModel(folder: folder, name: generated.name)
  }
}
