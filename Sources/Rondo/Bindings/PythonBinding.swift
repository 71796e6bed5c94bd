package import ModelRuntime

/// Writes `NAME.py`: a module that drives a model from Python by its manifest, with NumPy and nothing else.
package struct PythonBinding {
  private let manifest: Manifest
  private var lines: [String] = []

  /// The module of a model.
  package static func text(_ manifest: Manifest) -> String {
    var binding = PythonBinding(manifest: manifest)
    binding.write()
    return binding.lines.joined(separator: "\n") + "\n"
  }

  private init(manifest: Manifest) { self.manifest = manifest }

  private mutating func write() {
    head()
    axes()
    entries()
    lines.append("")
    lines.append("")
    lines.append(
      String(decoding: PackageResources.Binding_py, as: UTF8.self)
        .trimmingSuffix { $0 == "\n" }
    )
    for entry in calls where entry.outputs.count > 1 { result(entry) }
    model()
  }

  /// The entries that a method of their own calls; `initialize` is the constructor's.
  private var calls: [Manifest.Entry] {
    manifest.entries.filter { $0.isRun && $0.name != "initialize" }
  }

  // MARK: Facts

  private mutating func head() {
    let names = manifest.entries.map(\.name).joined(separator: ", ")
    lines += [
      "\"\"\"The model \(manifest.model): \(names).",
      "",
      "A class over lib\(manifest.model).so, which stands beside this file. Arrays are NumPy's, `[batch, axes,",
      "shape]`; axes may be shorter than their bounds. Needs NumPy and nothing else.",
      "\"\"\"",
      "",
      "from __future__ import annotations",
      "",
      "import ctypes",
      "import json",
      "import os",
      "import pathlib",
      "from typing import NamedTuple",
      "",
      "import numpy as np",
      "",
      "_PREFIX = \"\(manifest.model)\"",
      "_LIBRARY = \"lib\(manifest.model).so\"",
      "_ABI = \(manifest.abi)",
      "_GRAPH = \"\(manifest.graphHash)\"",
    ]
  }

  /// By axis: its number, its bound, whether calls give its lengths, and for which places around it.
  private mutating func axes() {
    lines.append("_AXES = {")
    for (number, axis) in manifest.axes.enumerated() {
      let shape = manifest.around(axis).map { "\($0.bound)," }.joined(separator: " ")
      let isGiven = axis.given > 0 ? "True" : "False"
      lines.append("    \"\(axis.name)\": (\(number), \(axis.bound), \(isGiven), (\(shape))),")
    }
    lines.append("}")
  }

  private mutating func entries() {
    lines.append("")
    lines.append("")
    lines.append("def _entries() -> dict:")
    lines.append("    array, f4, i4, u1, u8 = _Array, np.float32, np.int32, np.uint8, np.uint64")
    lines.append("    return {")
    for entry in manifest.entries {
      lines.append("        \"\(entry.name)\": (")
      for arrays in [entry.inputs, entry.outputs] {
        lines.append("            [")
        for tensor in arrays { lines.append("                \(fact(tensor)),") }
        lines.append("            ],")
      }
      lines.append("        ),")
    }
    lines.append("    }")
  }

  private func fact(_ tensor: Manifest.Tensor) -> String {
    let element: String =
      switch tensor.element {
      case .float32: "f4"
      case .int32: "i4"
      case .uint8: "u1"
      case .uint64: "u8"
      }
    let dimensions = tensor.dimensions.map { dimension in
      "(\(dimension.axis.map { "\"\($0)\"" } ?? "None"), \(dimension.extent)),"
    }.joined(separator: " ")
    return "array(\"\(tensor.name)\", \"\(tensor.role.rawValue)\", \(element), \(tensor.tokens), "
      + "(\(dimensions)))"
  }

  // MARK: The class

  /// A name as Python takes it.
  private static func identifier(_ name: String) -> String {
    let plain = name.replacing(".", with: "_")
    return keywords.contains(plain) ? plain + "_" : plain
  }

  /// Words that Python keeps to itself, and names that the methods use.
  private static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "batch", "break", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "limit", "nonlocal", "not", "or", "pass", "prompt", "raise",
    "return", "seed", "self", "try", "while", "with", "yield",
  ]

  /// Identifiers of names, numbered where two would be one.
  private static func identifiers(_ names: [String]) -> [String] {
    var found: [String] = []
    for (place, name) in names.enumerated() {
      let plain = identifier(name)
      found.append(found.contains(plain) ? "\(plain)_\(place)" : plain)
    }
    return found
  }

  /// `char_lm` as `CharLm`.
  private static func className(_ name: String) -> String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// What an array is, in a line of a docstring.
  private static func described(_ tensor: Manifest.Tensor) -> String {
    if tensor.dimensions.isEmpty { return "one number" }
    let dims = tensor.dimensions.map { $0.axis ?? "\($0.extent)" }.joined(separator: ", ")
    let what = tensor.tokens > 0 ? "tokens below \(tensor.tokens)" : tensor.element.rawValue
    return "[\(dims)], \(what)"
  }

  private static func type(_ tensor: Manifest.Tensor) -> String {
    tensor.dimensions.isEmpty ? "float" : "np.ndarray"
  }

  /// A tuple with a name for each output.
  private mutating func result(_ entry: Manifest.Entry) {
    lines += ["", "", "class \(Self.className(entry.name))(NamedTuple):"]
    lines += ["    \"\"\"What `\(entry.name)` gives.\"\"\"", ""]
    let names = Self.identifiers(entry.outputs.map(\.name))
    for (tensor, name) in zip(entry.outputs, names) {
      lines.append("    \(name): \(Self.type(tensor))")
      lines.append("    \"\"\"\(Self.described(tensor)).\"\"\"")
    }
  }

  private mutating func model() {
    let blocks = manifest.blocks
    lines += [
      "", "", "_ENTRIES = _entries()", "", "",
      "class \(Self.className(manifest.model))(_Model):",
      "    \"\"\"\(manifest.model), for at most \(manifest.batch) rows a call.",
      "",
      "    Bytes: parameters \(blocks.parameters), state \(blocks.state), optimizer \(blocks.optimizer), "
        + "work \(blocks.work).",
      "    `model[\"\(manifest.parameters.first?.name ?? "name")\"]` reads and writes a weight.",
      "    \"\"\"", "",
      "    BATCH = \(manifest.batch)",
    ]
    for axis in manifest.axes.dropFirst() {
      lines.append("    \(axis.name.uppercased())_BOUND = \(axis.bound)")
    }
    lines += [
      "",
      "    def __init__(",
      "        self,",
      "        library: str | os.PathLike | None = None,",
      "        *,",
      "        threads: int = 1,",
      "        seed: int = 0,",
      "    ) -> None:",
      manifest.weights == nil
        ? "        \"\"\"Loads the library, from beside this file by default, and draws first weights from a seed.\"\"\""
        : "        \"\"\"Loads the library, from beside this file by default; its weights are its own, and only read.\"\"\"",
      "        super().__init__(library, threads, seed)",
    ]
    for entry in calls { method(entry) }
    if manifest.generates != nil, let entry = manifest.entries.first(where: { !$0.isRun }) {
      generate(entry)
    }
  }

  /// The inputs and lengths of a method: how they are declared, told of and passed on.
  private struct Parameters {
    var declared: [String] = []
    var told: [String] = []
    var given: [String] = []
    var lengths: [String] = []
    var needsBatch = true
  }

  private func parameters(_ entry: Manifest.Entry) -> Parameters {
    var all = Parameters()
    var optional: [String] = []
    let names = Self.identifiers(entry.inputs.map(\.name))
    for (tensor, name) in zip(entry.inputs, names) {
      all.given.append("\"\(tensor.name)\": \(name)")
      if tensor.dimensions.first?.axis == Manifest.batchAxis { all.needsBatch = false }
      switch tensor.role {
      case .data, .loss, .gradient:
        all.declared.append("\(name): \(Self.type(tensor))")
        all.told.append("\(name): \(Self.described(tensor)).")
      case .fresh:
        optional.append("\(name): np.ndarray | None = None")
        all.told.append("\(name): [batch], 1 where a row starts anew; every row by default.")
      case .rate:
        optional.append("\(name): float = \(manifest.defaultRate)")
        all.told.append("\(name): the learning rate.")
      case .seed:
        optional.append("\(name): int = 0")
        all.told.append("\(name): what all that is drawn follows from.")
      case .divisor:
        optional.append("\(name): float = 0.0")
        all.told.append("\(name): what the loss's sum is divided by; 0: by its own count.")
      }
    }
    for axis in manifest.givenAxes(of: entry) {
      optional.append("\(axis.name)_lengths: np.ndarray | None = None")
      let places = (["batch"] + manifest.around(axis).map(\.name)).joined(separator: ", ")
      all.told.append("\(axis.name)_lengths: [\(places)]; the arrays' own length by default.")
      all.lengths.append("\"\(axis.name)\": \(axis.name)_lengths")
    }
    if all.needsBatch && entry.name != "measures" && entry.name != "update" {
      optional.append("batch: int = 1")
      all.told.append("batch: how many rows.")
    } else {
      all.needsBatch = false
    }
    if !optional.isEmpty { all.declared += ["*"] + optional }
    return all
  }

  private mutating func docstring(_ summary: String, _ told: [String]) {
    if told.isEmpty {
      lines.append("        \"\"\"\(summary)\"\"\"")
      return
    }
    lines += ["        \"\"\"\(summary)", ""] + told.map { "        \($0)" } + ["        \"\"\""]
  }

  private mutating func method(_ entry: Manifest.Entry) {
    let parameters = parameters(entry)
    let result: String =
      switch entry.outputs.count {
      case 0: "None"
      case 1: Self.type(entry.outputs[0])
      default: Self.className(entry.name)
      }
    declare(entry.name, parameters.declared, result)
    var told = parameters.told
    if entry.outputs.count == 1 { told.append("Gives \(Self.described(entry.outputs[0])).") }
    docstring(Self.summary(entry.name), told)
    assign("given", parameters.given)
    assign("lengths", parameters.lengths)
    let batch = parameters.needsBatch ? ", batch" : ""
    let call = "self._run(\"\(entry.name)\", given, lengths\(batch))"
    switch entry.outputs.count {
    case 0: lines.append("        \(call)")
    case 1: lines.append("        return \(call)[0]")
    default: lines.append("        return \(result)(*\(call))")
    }
  }

  /// Names a dictionary, in a line if it fits one.
  private mutating func assign(_ name: String, _ members: [String]) {
    let line = "        \(name) = {\(members.joined(separator: ", "))}"
    if line.count <= 100 {
      lines.append(line)
    } else {
      lines += ["        \(name) = {"] + members.map { "            \($0)," } + ["        }"]
    }
  }

  private mutating func declare(_ name: String, _ parameters: [String], _ result: String) {
    lines += ["", "    def \(name)("]
    for parameter in ["self"] + parameters { lines.append("        \(parameter),") }
    lines.append("    ) -> \(result):")
  }

  private mutating func generate(_ entry: Manifest.Entry) {
    var parameters = parameters(entry)
    if !parameters.declared.contains("*") { parameters.declared.append("*") }
    let target = entry.outputs.first?.name ?? ""
    parameters.declared += [
      "limit: int", "prompt: np.ndarray | None = None", "temperature: float = 1.0",
      "top_k: int = 0",
      "top_p: float = 1.0", "seed: int = 0", "beam_width: int = 0", "length_penalty: float = 0.0",
    ]
    if !parameters.needsBatch { parameters.declared.append("batch: int | None = None") }
    parameters.told += [
      "limit: the most values of a row.",
      "prompt: [batch, length]: values of `\(target)` that come first.",
      "temperature: divides the logits; 0: the likeliest each time.",
      "Gives the values of each row, up to its end, and the log probability of each.",
    ]
    declare("generate", parameters.declared, "tuple[list[np.ndarray], np.ndarray]")
    docstring("Draws `\(target)`, value by value, from the model.", parameters.told)
    lines += [
      "        options = {",
      "            \"limit\": limit, \"temperature\": temperature, \"top_k\": top_k, \"top_p\": top_p,",
      "            \"seed\": seed, \"beam_width\": beam_width, \"length_penalty\": length_penalty,",
      "        }",
    ]
    assign("given", parameters.given)
    assign("lengths", parameters.lengths)
    lines += [
      "        return self._draw(given, lengths, batch, options, prompt)"
    ]
  }

  /// What an entry does, in a sentence.
  private static func summary(_ entry: String) -> String {
    switch entry {
    case "infer": "Inputs to outputs."
    case "evaluate":
      "Inputs and targets to losses and metrics, with the sums and counts they are made of."
    case "measures": "Sums and counts, added up over calls, to losses and metrics."
    case "gradients": "The loss, and its gradient by every weight."
    case "train": "The loss, and one update of the weights."
    case "update": "Gradients, added up over calls, to one update of the weights."
    case "begin": "First states for every row of a stream."
    case "step": "One position of a stream, from and to the states."
    case "pullback": "Gradients of outputs to gradients of weights and inputs."
    default: "Calls `\(entry)`."
    }
  }
}

extension String {
  /// The text without its last characters of a kind.
  fileprivate func trimmingSuffix(_ isDropped: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isDropped(last) { text = text.dropLast() }
    return String(text)
  }
}
