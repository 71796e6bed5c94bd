import Foundation
import ModelRuntime
import Rondo
import TestSupport
import Testing

/// One of PyTorch's answers: a file of arrays whose metadata says what model they are of.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  /// The file's name without its ending.
  let name: String
  private let meta: [String: String]
  private let arrays: Arrays
  private let shapes: [String: [Int]]

  var testDescription: String { name }

  /// The folder the cases are read from; another when the environment names one.
  static let folder =
    ProcessInfo.processInfo.environment["RONDO_CONFORMANCE"]
    ?? Platform.join(Platform.split(#filePath).folder, "Conformance")

  /// The names of all cases in the folder.
  static func names() throws -> [String] {
    try Platform.list(folder).filter { $0.hasSuffix(".safetensors") }.map {
      String($0.dropLast(12))
    }
    .sorted()
  }

  /// Reads a case.
  init(_ name: String) throws {
    self.name = name
    let file = try Safetensors(Platform.read(Platform.join(Self.folder, name + ".safetensors")))
    // Texts stand in quotes, as JSON.
    meta = Dictionary(
      uniqueKeysWithValues: file.metadata.map { ($0.name, $0.text.replacing("\"", with: "")) }
    )
    var arrays: Arrays = [:]
    var shapes: [String: [Int]] = [:]
    for tensor in file.tensors {
      shapes[tensor.name] = tensor.shape
      arrays[tensor.name] =
        tensor.element == "I32"
        ? tensor.data.withUnsafeBytes { bytes in
          (0..<bytes.count / 4).map {
            Float(bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self))
          }
        } : try tensor.floats
    }
    (self.arrays, self.shapes) = (arrays, shapes)
  }

  /// A text of the metadata; empty where it says nothing.
  func text(_ key: String) -> String { meta[key] ?? "" }
  /// A whole number of the metadata; 0 where it says nothing.
  func count(_ key: String) -> Int { Int(text(key)) ?? 0 }
  /// The extents of an array; empty where there is none.
  func shape(_ name: String) -> [Int] { shapes[name] ?? [] }
  /// An array; empty where there is none.
  func array(_ name: String) -> [Float] { arrays[name] ?? [] }
  /// Whether there is an array of that name.
  func has(_ name: String) -> Bool { arrays[name] != nil }
  /// One of the states of a stack: `h0`, `hn` and so on are `[layers and directions, batch, units]`.
  func state(_ name: String, _ number: Int) -> [Float] {
    let all = array(name)
    let size = all.count / max(1, shape(name).first ?? 1)
    return Array(all[number * size..<(number + 1) * size])
  }

  /// The arrays under a prefix, by our names of the parameters.
  func parameters(_ prefix: String) -> Arrays {
    var found: Arrays = [:]
    for (name, values) in arrays where name.hasPrefix(prefix + ".") {
      let own = String(name.dropFirst(prefix.count + 1))
      guard !["x", "h0", "c0"].contains(own) else { continue }
      found[parameterName(own)] = values
    }
    return found
  }

  /// Our name of one of PyTorch's parameters.
  private func parameterName(_ name: String) -> String {
    var path = name.split(separator: ".").map(String.init)
    let last = path.removeLast()
    let own = ["embedding": "embed", "source": "embed_source", "target": "embed_target"]
    path = path.map { own[$0] ?? $0 }
    guard let parts = last.wholeMatch(of: /(.+)_l([0-9]+)(_reverse)?/) else {
      return (path + [last]).joined(separator: ".")
    }
    if path.isEmpty { path = ["rnn"] }
    if layers > 1 { path.append("l\(parts.2)") }
    if isBidirectional { path.append(parts.3 == nil ? "forward" : "backward") }
    return (path + [String(parts.1)]).joined(separator: ".")
  }

  /// Whether the recurrent part runs both ways.
  var isBidirectional: Bool {
    text("bidirectional") == "true" || text("cell").hasSuffix("both directions")
  }
  /// How many layers the recurrent part has.
  var layers: Int { max(1, count("layers")) }

  /// The cell in our language, of so many units.
  func cell(_ units: Int) -> String {
    if count("proj") > 0 { return "lstm_projected(\(units), \(count("proj")))" }
    return switch text("cell") {
    case "rnn": text("nonlinearity") == "relu" ? "rnn_relu(\(units))" : "rnn_tanh(\(units))"
    case let other: "\(other.prefix { $0 != "," })(\(units))"
    }
  }
}
