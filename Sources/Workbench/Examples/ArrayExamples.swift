package import ModelRuntime

/// The first dimension of arrays as examples.
package struct ArrayExamples: ExampleReader {
  /// The file.
  private let file: ArrayFile
  /// The inputs, their shapes known.
  package let fields: [Field]
  /// How many examples there are.
  package let count: Int
  /// The array of each input.
  private let arrays: [NumberArray]
  /// By axis, the array of its lengths.
  private var lengthArrays: [String: NumberArray] = [:]

  /// Whether what was read may be kept.
  package var isSmall: Bool { arrays.reduce(0) { $0 + $1.byteCount } <= 8 << 20 }

  /// Finds the arrays; throws when one is missing or has not the input's dimensions.
  init(_ file: ArrayFile, _ fields: [Field]) throws(RuntimeError) {
    self.file = file
    func wrong(_ reason: String) -> RuntimeError { RuntimeError("\(quoted(file.path)): \(reason)") }
    var arrays: [NumberArray] = []
    var known: [Field] = []
    guard fields.count == 1 || file.arrays.first?.name != "" else {
      throw wrong("one array without a name, and \(fields.count) inputs")
    }
    for var field in fields {
      try field.checkAxes()
      let name = field.form.columns.first ?? field.name
      guard let array = file[name] else {
        let names = file.arrays.map { quoted($0.name) }.joined(separator: ", ")
        throw RuntimeError(
          "\(quoted(file.path)) has no array \(quoted(name)), it has \(names)",
          hint: "name the array of an input by --bind \(field.name)=ARRAY"
        )
      }
      let rank = 1 + field.axes.count + field.shape.count
      guard array.shape.count == rank, array.shape.allSatisfy({ $0 > 0 }) else {
        let expected = ["examples"] + field.axes + field.shape.map { $0.map(String.init) ?? "any" }
        throw wrong(
          "\(quoted(name)) has shape \(array.shape), and \(quoted(field.name)) is "
            + "[\(expected.joined(separator: ", "))]"
        )
      }
      guard !field.isToken || array.element.isWhole else {
        throw wrong("\(quoted(name)) has elements \(array.element), and tokens are whole numbers")
      }
      for (place, extent) in array.shape.dropFirst(1 + field.axes.count).enumerated() {
        guard extent == field.shape[place] ?? extent else {
          throw wrong(
            "\(quoted(name)) has shape \(array.shape), and \(quoted(field.name)) has "
              + "\(field.shape[place] ?? 0) in place of \(extent)"
          )
        }
        field.shape[place] = extent
      }
      guard array.shape[0] == arrays.first?.shape[0] ?? array.shape[0] else {
        throw wrong(
          "\(quoted(name)) has \(array.shape[0]) examples, and \(quoted(arrays[0].name)) has "
            + "\(arrays[0].shape[0])"
        )
      }
      arrays.append(array)
      known.append(field)
    }
    self.arrays = arrays
    self.fields = known
    count = arrays.first?.shape[0] ?? 0
    for field in known {
      for (depth, axis) in field.axes.enumerated() {
        guard let lengths = file.arrays.first(where: { $0.name == "\(axis).lengths" }) else {
          continue
        }
        guard lengths.element.isWhole, lengths.shape.first == count,
          lengths.shape.count == (field.isInner[depth] ? 2 : 1)
        else {
          throw wrong("\(axis).lengths has shape \(lengths.shape), not one length an example")
        }
        lengthArrays[axis] = lengths
      }
    }
  }

  /// An example's values.
  package func values(of example: Int) throws(RuntimeError) -> Result<[FieldValue], BadValue> {
    var values: [FieldValue] = []
    for (field, array) in zip(fields, arrays) {
      let size = array.shape.dropFirst().reduce(1, *)
      let all = try array.numbers(at: example * size, count: size)
      var lengths: [[Int]] = []
      for (depth, axis) in field.axes.enumerated() {
        let extent = array.shape[1 + depth]
        // An inner axis has a length for each position that the row has of the one around it.
        let places = field.isInner[depth] ? lengths.last?.first ?? 1 : 1
        var own = [Int](repeating: extent, count: places)
        if let given = lengthArrays[axis] {
          let stride = given.shape.dropFirst().reduce(1, *)
          guard places <= stride else {
            return .failure(BadValue("\(axis).lengths has too few lengths", column: field.name))
          }
          own = try given.numbers(at: example * stride, count: places).map {
            Int(min(max($0, -1), 1e9))
          }
        }
        if let wrong = own.first(where: { !(1...extent).contains($0) }) {
          return .failure(
            BadValue("the length \(wrong) along \(axis) is not between 1 and \(extent)")
          )
        }
        lengths.append(own)
      }
      let shape = FieldValue(elements: .tokens([]), lengths: lengths)
      let extents = Array(array.shape.dropFirst().prefix(field.axes.count))
      var kept: [Double] = []
      for run in shape.runs(within: extents, width: field.width ?? 1) {
        kept += all[run.start..<run.start + run.count]
      }
      if let wrong = kept.first(where: { !$0.isFinite }) {
        return .failure(BadValue("\(wrong) is not a number that can be used", column: field.name))
      }
      if field.isToken {
        let count = field.tokens.map(Double.init) ?? Double(Int32.max)
        if let wrong = kept.first(where: { $0 < 0 || $0 >= count }) {
          return .failure(
            BadValue("\(Int64(exactly: wrong) ?? -1) is no token", column: field.name)
          )
        }
        values.append(FieldValue(elements: .tokens(kept.map { Int32($0) }), lengths: lengths))
      } else {
        values.append(FieldValue(elements: .numbers(kept.map { Float($0) }), lengths: lengths))
      }
    }
    return .success(values)
  }

  /// Examples are known by their numbers.
  package var columns: [String] { ["example"] }

  /// The example's number, from 0.
  package func cells(of example: Int) throws(RuntimeError) -> [String] { ["\(example)"] }

  /// A bad example as an error of its number.
  package func error(_ trouble: BadValue, example: Int) throws(RuntimeError) -> RuntimeError {
    let array = trouble.column.map { ", \(quoted($0))" } ?? ""
    return RuntimeError(
      "\(quoted(file.path)) example \(example)\(array): \(trouble.message)",
      hint: trouble.hint ?? "examples count from 0; leave such out by --skip-bad-rows"
    )
  }
}
