import ModelRuntime
import Rondo
import TestSupport

/// Arrays of a `.safetensors` file beside these tests.
struct Answers {
  /// The numbers by name.
  let numbers: [String: [Float]]
  /// Whole numbers by name.
  let counts: [String: [Int32]]

  /// Where an array file of that name is.
  static func path(_ name: String) -> String {
    Platform.join(Platform.split(#filePath).folder, "Answers/\(name).safetensors")
  }

  /// Reads the answers of that name.
  init(_ name: String) throws {
    let file = try Safetensors(Platform.read(Self.path(name + ".answers")))
    var numbers: [String: [Float]] = [:]
    var counts: [String: [Int32]] = [:]
    for tensor in file.tensors {
      if tensor.element == "I32" {
        counts[tensor.name] = tensor.data.withUnsafeBytes { bytes in
          (0..<bytes.count / 4).map {
            bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self)
          }
        }
      } else {
        numbers[tensor.name] = try tensor.floats
      }
    }
    (self.numbers, self.counts) = (numbers, counts)
  }
}

extension Session {
  /// The outputs of `infer` that are numbers.
  func infer(
    batch: Int = 1,
    lengths: [String: [Int32]] = [:],
    _ inputs: [String: TensorData]
  ) throws -> [String: [Float]] {
    try run("infer", batch: batch, lengths: lengths, inputs: inputs).compactMapValues {
      if case .float(let numbers) = $0 { numbers } else { nil }
    }
  }
}

extension TensorData {
  /// The tokens, if it is some.
  var tokens: [Int32] { if case .int(let tokens) = self { tokens } else { [] } }
  /// The numbers, if it is some.
  var numbers: [Float] { if case .float(let numbers) = self { numbers } else { [] } }
}

/// Sequences of one width one after another in an array with room for the bound.
func padded<Element>(_ rows: [[Element]], to bound: Int, with blank: Element) -> [Element] {
  rows.flatMap { $0 + Array(repeating: blank, count: bound - $0.count) }
}
