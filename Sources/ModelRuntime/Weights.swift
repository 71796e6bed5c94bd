// Weights between files and sessions. A file fits when each of its arrays is a parameter, each
// parameter is there, and the shapes agree; nothing is guessed, skipped or filled in.

extension Session {
  /// Replaces all weights by those of a file; on an error none is changed.
  ///
  /// PyTorch's names of recurrent layers are understood: `rnn.weight_ih_l1_reverse` is
  /// `rnn.l1.backward.weight_ih`.
  ///
  /// - Throws: `RuntimeError`, naming every array that is missing, left over or of a wrong shape.
  public func load(_ weights: Safetensors) throws(RuntimeError) {
    let variables = model.manifest.parameters
    let known = Set(variables.map(\.name))
    var found: [String: Safetensors.Tensor] = [:]
    var left: [String] = []
    for tensor in weights.tensors {
      guard let name = Self.parameterName(tensor.name, among: known) else {
        left.append(tensor.name)
        continue
      }
      if let other = found.updateValue(tensor, forKey: name) {
        throw RuntimeError(
          "\(quoted(other.name)) and \(quoted(tensor.name)) are both the parameter \(name)"
        )
      }
    }
    let missing = variables.map(\.name).filter { found[$0] == nil }
    guard left.isEmpty, missing.isEmpty else {
      var parts: [String] = []
      if !missing.isEmpty { parts.append("lack " + Self.listed(missing)) }
      if !left.isEmpty { parts.append("have left over " + Self.listed(left)) }
      throw RuntimeError("the weights " + parts.joined(separator: " and "))
    }
    // All is checked before anything is written.
    var values: [[Float]] = []
    for variable in variables {
      guard let tensor = found[variable.name] else { continue }
      guard tensor.shape == variable.shape else {
        throw RuntimeError(
          "\(quoted(tensor.name)) has shape \(tensor.shape), and \(variable.name) has "
            + "\(variable.shape)"
        )
      }
      values.append(try tensor.floats)
    }
    for (variable, values) in zip(variables, values) {
      try set(.parameters, variable.name, values)
    }
  }

  /// Replaces all weights by those of a `.safetensors` file.
  public func loadWeights(from path: String) throws(RuntimeError) {
    let weights = try Safetensors(path: path)
    do {
      try load(weights)
    } catch {
      throw RuntimeError(
        error.kind,
        "\(quoted(path)): \(error.message)",
        hint: error.hint,
        status: error.status
      )
    }
  }

  /// All weights in the definition's shapes, as the bytes of a `.safetensors` file.
  ///
  /// Same weights, same bytes.
  public func weights(metadata: [String: String] = [:]) throws(RuntimeError) -> [UInt8] {
    var all = metadata
    all["model"] = model.name
    all["graph_hash"] = model.manifest.graphHash
    let arrays = try model.manifest.parameters.map { variable throws(RuntimeError) in
      (name: variable.name, shape: variable.shape, values: try get(.parameters, variable.name))
    }
    return Safetensors.encode(arrays, metadata: all)
  }

  /// Writes all weights to a `.safetensors` file in one step that survives a crash.
  public func saveWeights(
    to path: String,
    metadata: [String: String] = [:]
  ) throws(RuntimeError) {
    try Platform.replace(path, with: weights(metadata: metadata))
  }

  /// The parameter that a name in a file means; nil when it means none.
  static func parameterName(_ name: String, among known: Set<String>) -> String? {
    if known.contains(name) { return name }
    // PyTorch: `rnn.weight_ih_l1_reverse` is the layer 1 of `rnn`, read backward.
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let owner = name[..<dot]
    var last = name[name.index(after: dot)...]
    let isReverse = last.hasSuffix("_reverse")
    if isReverse { last = last.dropLast("_reverse".count) }
    for kind in ["weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh"]
    where last.hasPrefix(kind + "_l") {
      let digits = last.dropFirst(kind.count + 2)
      guard let layer = Int(digits), String(layer) == digits, layer >= 0 else { return nil }
      let owners = ["\(owner).l\(layer)"] + (layer == 0 ? ["\(owner)"] : [])
      let candidates = owners.flatMap { owner in
        isReverse
          ? ["\(owner).backward.\(kind)"] : ["\(owner).\(kind)", "\(owner).forward.\(kind)"]
      }
      return candidates.first { known.contains($0) }
    }
    return nil
  }

  /// Names for a message; not all of them when they are many.
  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(8).map { quoted($0) }.joined(separator: ", ")
    return names.count > 8 ? shown + " and \(names.count - 8) more" : shown
  }
}

extension Safetensors {
  /// Reads a file; what is wrong with it is told with its path.
  package init(path: String) throws(RuntimeError) {
    let bytes = try Platform.read(path)
    do {
      try self.init(bytes)
    } catch {
      throw RuntimeError(error.kind, "\(quoted(path)): \(error.message)", hint: error.hint)
    }
  }
}
