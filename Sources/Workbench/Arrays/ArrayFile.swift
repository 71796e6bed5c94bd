package import ModelRuntime

/// Named arrays in a file: `.npz` as `np.savez` writes it, `.npy`, `.safetensors`.
package struct ArrayFile: Sendable {
  /// The path.
  package let path: String
  /// The arrays, in the order of the file; of `.npy` one without a name.
  package let arrays: [NumberArray]

  /// Whether a path names arrays.
  package static func isArrays(_ path: String) -> Bool {
    [".npz", ".npy", ".safetensors"].contains { path.hasSuffix($0) }
  }

  /// Opens a file and reads what it says of its arrays.
  package init(_ path: String) throws(RuntimeError) {
    self.path = path
    let file = try Platform.OpenFile(path)
    if path.hasSuffix(".npy") {
      arrays = [try NumPyHeader.array("", in: file, from: 0, size: file.size)]
    } else if path.hasSuffix(".npz") {
      var arrays: [NumberArray] = []
      for member in try ZipDirectory(file).members where member.name.hasSuffix(".npy") {
        let name = String(member.name.dropLast(4))
        arrays.append(try NumPyHeader.array(name, in: file, from: member.start, size: member.size))
      }
      self.arrays = arrays
    } else {
      arrays = try Self.safetensors(file)
    }
    guard !arrays.isEmpty else { throw RuntimeError("\(quoted(path)) has no array") }
  }

  /// The array of that name; in a file of one without a name, that one.
  package subscript(name: String) -> NumberArray? {
    arrays.first { $0.name == name } ?? (arrays.first?.name == "" ? arrays.first : nil)
  }

  /// The arrays of a safetensors file.
  private static func safetensors(_ file: Platform.OpenFile) throws(RuntimeError) -> [NumberArray] {
    let all: Safetensors
    do {
      all = try Safetensors(file.bytes(at: 0, count: file.size))
    } catch {
      throw RuntimeError(error.kind, "\(quoted(file.path)): \(error.message)", hint: error.hint)
    }
    var arrays: [NumberArray] = []
    for tensor in all.tensors {
      guard let element = elements[tensor.element] else {
        throw RuntimeError(
          .unsupported,
          "\(quoted(file.path)): \(quoted(tensor.name)) has elements \(tensor.element)"
        )
      }
      arrays.append(
        try NumberArray(
          tensor.name,
          shape: tensor.shape,
          element: element,
          in: file,
          at: tensor.data.startIndex
        )
      )
    }
    return arrays
  }

  /// The format's element types that are read.
  private static let elements: [String: NumberArray.Element] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "I64": .int64, "I32": .int32, "I16": .int16,
    "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .uint8,
  ]
}
