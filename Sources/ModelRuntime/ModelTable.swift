internal import ModelABI

// Reads the table inside a library into the form of the manifest, so that the two can be compared
// and the rest of the host needs no pointers.

extension Manifest {
  /// What the library's table says; the members the table lacks are those of `manifest`.
  init(table: rondo_model, beside manifest: Manifest) throws(RuntimeError) {
    self = manifest
    abi = Int(table.abi_version)
    model = try text(table.name)
    graphHash = try text(table.graph_hash)
    layoutHash = try text(table.layout_hash)
    axes = try all(table.axes, table.axis_count).map { axis throws(RuntimeError) in
      func name(_ number: Int32) throws(RuntimeError) -> String? {
        guard number >= 0, let names = table.axes, number < table.axis_count else { return nil }
        return try text(names[Int(number)].name)
      }
      return Axis(
        name: try text(axis.name),
        bound: Int(axis.bound),
        fixed: axis.fixed != 0,
        given: Int(axis.given),
        parent: try name(axis.parent),
        source: try name(axis.source),
        divisor: axis.source < 0 ? nil : Int(axis.divisor)
      )
    }
    let names = axes.map(\.name)
    batch = axes.first?.bound ?? 0
    parameters = try variables(table.parameters, table.parameter_count, names)
    states = try variables(table.states, table.state_count, names)
    optimizer = try variables(table.optimizers, table.optimizer_count, names)
    entries = try all(table.entries, table.entry_count).map { entry throws(RuntimeError) in
      let name = try text(entry.name)
      let described = Entry(
        name: name,
        inputs: try tensors(entry.inputs, entry.input_count, names),
        outputs: try tensors(entry.outputs, entry.output_count, names)
      )
      guard described.isRun == (entry.run != nil) else { throw damaged }
      return described
    }
    guard table.get != nil, table.set != nil, table.start_workers != nil,
      table.stop_workers != nil
    else { throw damaged }
    let sizes = table.block_bytes
    guard let parameterBytes = Int(exactly: sizes.0), let stateBytes = Int(exactly: sizes.1),
      let optimizerBytes = Int(exactly: sizes.2), let workBytes = Int(exactly: sizes.3)
    else { throw damaged }
    blocks = Blocks(
      parameters: parameterBytes,
      state: stateBytes,
      optimizer: optimizerBytes,
      work: workBytes
    )
    defaultRate = table.default_rate
    until = table.until < 0 ? nil : Int(table.until)
    guard (table.weights == nil) == (table.weights_hash == nil) else { throw damaged }
    weights = if table.weights == nil { nil } else { try text(table.weights_hash) }
  }

  /// The first member in which two manifests differ; what the table does not say is not compared.
  func difference(from other: Manifest) -> String? {
    func unfrozen(_ all: [Variable]) -> [Variable] {
      all.map { Variable(name: $0.name, shape: $0.shape, frozen: nil) }
    }
    if abi != other.abi { return "abi" }
    if model != other.model { return "model" }
    if graphHash != other.graphHash { return "graph_hash" }
    if layoutHash != other.layoutHash { return "layout_hash" }
    if batch != other.batch { return "batch" }
    if axes != other.axes { return "axes" }
    if unfrozen(parameters) != unfrozen(other.parameters) { return "parameters" }
    if unfrozen(states) != unfrozen(other.states) { return "states" }
    if unfrozen(optimizer) != unfrozen(other.optimizer) { return "optimizer" }
    if entries != other.entries { return "entries" }
    if weights != other.weights { return "weights" }
    if blocks != other.blocks { return "blocks" }
    if defaultRate != other.defaultRate { return "default_rate" }
    if until != other.until { return "until" }
    return nil
  }
}

/// What a table is said to be that breaks the contract.
private let damaged = RuntimeError("the library's table breaks the contract")

/// A string of the table.
private func text(_ pointer: UnsafePointer<CChar>?) throws(RuntimeError) -> String {
  guard let pointer else { throw damaged }
  return String(cString: pointer)
}

/// An array of the table.
private func all<Element>(
  _ start: UnsafePointer<Element>?,
  _ count: Int32
) throws(RuntimeError) -> [Element] {
  guard count >= 0, count == 0 || start != nil else { throw damaged }
  return Array(UnsafeBufferPointer(start: start, count: Int(count)))
}

/// The variables of a block; the batch is not of their shape.
private func variables(
  _ start: UnsafePointer<rondo_tensor>?,
  _ count: Int32,
  _ axes: [String]
) throws(RuntimeError) -> [Manifest.Variable] {
  try tensors(start, count, axes).map { tensor in
    let shape = tensor.dimensions.filter { $0.axis != Manifest.batchAxis }.map(\.extent)
    return Manifest.Variable(name: tensor.name, shape: shape, frozen: nil)
  }
}

/// The arrays of an entry.
private func tensors(
  _ start: UnsafePointer<rondo_tensor>?,
  _ count: Int32,
  _ axes: [String]
) throws(RuntimeError) -> [Manifest.Tensor] {
  try all(start, count).map { tensor throws(RuntimeError) in
    let roles = Manifest.Role.allCases
    let elements = Manifest.Element.allCases
    guard roles.indices.contains(Int(tensor.role)), elements.indices.contains(Int(tensor.element))
    else { throw damaged }
    let dimensions = try all(tensor.dimensions, tensor.rank).map { item throws(RuntimeError) in
      guard item.axis == -1 || axes.indices.contains(Int(item.axis)) else { throw damaged }
      return Manifest.Dimension(
        axis: item.axis < 0 ? nil : axes[Int(item.axis)],
        extent: Int(item.extent)
      )
    }
    return Manifest.Tensor(
      name: try text(tensor.name),
      role: roles[Int(tensor.role)],
      element: elements[Int(tensor.element)],
      tokens: Int(tensor.tokens),
      dimensions: dimensions
    )
  }
}
