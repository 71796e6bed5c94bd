import ModelRuntime
import Testing

@testable import Rondo
@testable import Workbench

/// Files as NumPy writes them, byte by byte.
enum NumPyFile {
  /// A little-endian number of so many bytes.
  static func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// An array with its header.
  static func array(_ type: String, _ shape: [Int], _ data: [UInt8], order: String = "False")
    -> [UInt8]
  {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    let head = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(extents)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + number(head.utf8.count, 2) + Array(head.utf8)
      + data
  }

  /// Numbers of four bytes.
  static func floats(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    array("<f4", shape, values.flatMap { number(Int($0.bitPattern), 4) })
  }

  /// Whole numbers of eight bytes.
  static func ints(_ shape: [Int], _ values: [Int]) -> [UInt8] {
    array("<i8", shape, values.flatMap { number($0, 8) })
  }

  /// Members stored one after another, as `np.savez` does it: with extra fields before each.
  static func zip(_ members: [(name: String, bytes: [UInt8])], method: Int = 0) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in members {
      let name = Array((name + ".npy").utf8)
      let start = file.count
      let sizes = number(bytes.count, 4) + number(bytes.count, 4)
      file +=
        number(0x0403_4b50, 4) + number(45, 2) + number(0, 2) + number(method, 2) + number(0, 8)
      file += [UInt8](repeating: 0xff, count: 8) + number(name.count, 2) + number(20, 2) + name
      file += number(1, 2) + number(16, 2) + number(bytes.count, 8) + number(bytes.count, 8) + bytes
      directory += number(0x0201_4b50, 4) + number(45, 2) + number(45, 2) + number(0, 2)
      directory += number(method, 2) + number(0, 8) + sizes + number(name.count, 2) + number(0, 12)
      directory += number(start, 4) + name
    }
    let end =
      number(0x0605_4b50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
    return file + directory + end + number(directory.count, 4) + number(file.count, 4)
      + number(0, 2)
  }
}

@Suite struct ArrayDataTests {
  /// A definition of sequences of vectors and of tokens.
  private static let definition = """
    model arrays {
      size width, kinds
      axis time
      input x: real[width] over time
      input kind: token(kinds) over time
      target y: real
      layer rnn = gru(3), embed = embedding(2), mix = linear(1)
      guess = mix(last(rnn(concat(x, embed(kind)))))[0]
      output guess
      loss mse(guess, y)
      train sgd(rate: 0.1)
    }

    """

  /// What is read from a file of these bytes.
  private func read(_ bytes: [UInt8], as name: String = "a.npz", skipping: Bool = false) throws
    -> (TrainingData, [[String: FieldValue]])
  {
    var result: (TrainingData, [[String: FieldValue]])?
    try inFolder { folder in
      let path = Platform.join(folder, name)
      try Platform.replace(path, with: bytes)
      var request = DataRequest(path, validation: .fraction(0))
      request.skipsBadRows = skipping
      let data = try TrainingData(DataFixture.definition(Self.definition), request)
      guard case .examples(let set) = data.training else { return }
      result = (data, try (0..<set.count).map { try DataFixture.example(data, $0) })
    }
    return try #require(result)
  }

  /// Two examples, of lengths 2 and 1; past the second's end stand no numbers.
  private static let good: [(name: String, bytes: [UInt8])] = [
    ("x", NumPyFile.floats([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, .nan, .nan, 0])),
    ("kind", NumPyFile.ints([2, 2], [4, 1, 0, -9])),
    (
      "y",
      NumPyFile.array(
        "<f8",
        [2],
        NumPyFile.number(Int(bitPattern: 0x3ff8_0000_0000_0000), 8) + NumPyFile.number(0, 8)
      )
    ),
    ("time.lengths", NumPyFile.array("|u1", [2], [2, 1])),
  ]

  /// Arrays of several types, with lengths; sizes are those of the arrays.
  @Test func reads() throws {
    let (data, examples) = try read(NumPyFile.zip(Self.good))
    #expect(data.sizes == ["width": 3, "kinds": 5, "time": 2])
    #expect(examples[0]["x"] == FieldValue(elements: .numbers([1, 2, 3, 4, 5, 6]), lengths: [[2]]))
    #expect(examples[1]["x"] == FieldValue(elements: .numbers([7, 8, 9]), lengths: [[1]]))
    #expect(examples[1]["kind"] == FieldValue(elements: .tokens([0]), lengths: [[1]]))
    #expect(examples[0]["y"] == FieldValue(elements: .numbers([1.5]), lengths: []))
  }

  /// One array without a name is that of the only input.
  @Test func readsOneArray() throws {
    let definition = """
      model one {
        size kinds
        axis time
        target text: token(kinds) over time
        layer embed = embedding(2), rnn = gru(2), score = linear(kinds)
        loss cross_entropy(score(rnn(embed(previous(text)))), text)
        train sgd(rate: 0.1)
      }

      """
    try inFolder { folder in
      let path = Platform.join(folder, "a.npy")
      try Platform.replace(path, with: NumPyFile.ints([2, 3], [1, 0, 2, 6, 1, 1]))
      let request = DataRequest(path, validation: .fraction(0))
      let data = try TrainingData(DataFixture.definition(definition), request)
      #expect(data.sizes == ["kinds": 7, "time": 3])
      let second = try DataFixture.example(data, 1)
      #expect(second["text"] == FieldValue(elements: .tokens([6, 1, 1]), lengths: [[3]]))
      let other = DataFixture.definition(Self.definition)
      let error = #expect(throws: RuntimeError.self) { try TrainingData(other, request) }
      #expect(error?.message.hasSuffix("a.npy': one array without a name, and 3 inputs") == true)
    }
  }

  /// What is written is read again, and its checksum is the one that zip files have.
  @Test func writes() throws {
    #expect(NumPyWriter.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
    let bytes = try NumPyWriter.npz([
      .init("x", shape: [2, 1, 3], [1, 2, 3, -4, 5.5, 6] as [Float]),
      .init("kind", shape: [2, 1], [4, 0] as [Int32]),
      .init("y", shape: [2], [0.5, 1] as [Float]),
    ])
    let (data, examples) = try read(bytes)
    #expect(data.sizes == ["width": 3, "kinds": 5, "time": 1])
    #expect(examples[1]["x"]?.elements == .numbers([-4, 5.5, 6]))
    #expect(examples[0]["kind"]?.elements == .tokens([4]))
    #expect(bytes.firstRange(of: Array("{'descr': '<f4'".utf8))?.lowerBound == 40 + 5)
  }

  /// The same arrays in the other form.
  @Test func readsSafetensors() throws {
    let bytes = Safetensors.encode([("x", [2, 1, 2], [1, 2, 3, 4]), ("y", [2], [5, 6])])
    let definition = Self.definition.replacing("input kind: token(kinds) over time", with: "")
      .replacing("concat(x, embed(kind))", with: "x").replacing(
        "size width, kinds",
        with: "size width"
      )
    try inFolder { folder in
      let path = Platform.join(folder, "a.safetensors")
      try Platform.replace(path, with: bytes)
      let request = DataRequest(path, validation: .fraction(0.5))
      let data = try TrainingData(DataFixture.definition(definition), request)
      #expect(data.sizes == ["width": 2, "time": 1] && data.validation != nil)
    }
  }

  /// Arrays that are wrong, and files that are none.
  @Test func refuses() throws {
    func changed(_ name: String, _ bytes: [UInt8]?) -> [UInt8] {
      NumPyFile.zip(
        Self.good.compactMap { member in
          member.name == name ? bytes.map { (name, $0) } : member
        }
      )
    }
    let cases: [(bytes: [UInt8], message: String)] = [
      (
        NumPyFile.zip(Self.good, method: 8),
        "'x.npy' is compressed, and only stored arrays are read"
      ),
      (changed("y", nil), "has no array 'y', it has 'x', 'kind', 'time.lengths'"),
      (changed("y", NumPyFile.floats([3], [1, 2, 3])), "'y' has 3 examples, and 'x' has 2"),
      (
        changed("y", NumPyFile.floats([2, 1], [1, 2])),
        "'y' has shape [2, 1], and 'y' is [examples]"
      ),
      (changed("kind", NumPyFile.floats([2, 2], [1, 1, 1, 1])), "tokens are whole numbers"),
      (
        changed("kind", NumPyFile.ints([2, 2], [1, -1, 0, 0])), "example 0, 'kind': -1 is no token"
      ),
      (
        changed("time.lengths", NumPyFile.ints([2], [2, 3])),
        "the length 3 along time is not between 1 and 2"
      ),
      (
        changed("time.lengths", NumPyFile.ints([2], [2, 2])),
        "'x': nan is not a number that can be used"
      ),
      (
        changed("y", NumPyFile.array("<c8", [2], Array(repeating: 0, count: 16))),
        "elements of type '<c8'"
      ),
      (
        changed("y", NumPyFile.array("<f4", [2], Array(repeating: 0, count: 8), order: "True")),
        "Fortran's order"
      ),
      (
        changed("y", NumPyFile.array("<f4", [3], Array(repeating: 0, count: 8))),
        "does not fill its 8 bytes with shape [3]"
      ),
      (
        changed("y", NumPyFile.array("<f4", [1], Array(repeating: 0, count: 8))),
        "does not fill its 8 bytes"
      ),
      (changed("y", Array("no array at all".utf8)), "is no NumPy array"),
      (Array("PK".utf8), "is no zip file, which .npz is"),
      (Array(NumPyFile.zip(Self.good).dropFirst(9)), "has a zip directory that cannot be read"),
    ]
    for (bytes, message) in cases {
      let error = #expect(throws: RuntimeError.self) { try read(bytes) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  /// Any damage gives a value or an error.
  @Test func bearsDamage() throws {
    let bytes = NumPyFile.zip(Self.good)
    for place in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[place] = changed[place] &+ 0x7f
      _ = try? read(changed)
      _ = try? read(Array(bytes[..<place]))
    }
  }
}

@Suite struct SeriesDataTests {
  /// A table with a row a step: ten steps of two columns.
  private static let series = "at,a,b\n" + (0..<10).map { "t\($0),\($0),\($0 * $0)\n" }.joined()

  /// A definition whose target is one of these.
  private static func definition(_ target: String) -> String {
    """
    model series {
      axis past, future
      input x: real[2] over past
      input now: real
      target y: \(target)
      layer rnn = gru(3), mix = linear(1)
      guess = mix(last(rnn(x)))[0] + now
      loss mse(guess, y)
      train sgd(rate: 0.1)
    }

    """
    .replacing("axis past, future", with: "axis past\n  axis future <= 9")
  }

  /// What is read.
  private func read(
    _ target: String,
    _ text: String = series,
    _ change: (inout DataRequest) -> Void = { _ in }
  ) throws -> TrainingData {
    try DataFixture.data(Self.definition(target), text, as: "data.csv") {
      $0.bindings = ["x": ["a", "b"], "now": ["a"], "y": ["b"]]
      $0.window = 3
      $0.ahead = 2
      change(&$0)
    }
  }

  /// One value ahead, each step's value later, and the steps that follow.
  @Test func cutsWindows() throws {
    let single = try read("real")
    #expect(single.sizes == ["past": 3])
    let second = try DataFixture.example(single, 1)
    #expect(second["x"] == FieldValue(elements: .numbers([1, 1, 2, 4, 3, 9]), lengths: [[3]]))
    #expect(second["now"]?.elements == .numbers([3]))
    #expect(second["y"] == FieldValue(elements: .numbers([25]), lengths: []))
    let along = try DataFixture.example(read("real over past"), 1)
    #expect(along["y"] == FieldValue(elements: .numbers([9, 16, 25]), lengths: [[3]]))
    let after = try DataFixture.example(read("real over future"), 1)
    #expect(after["y"] == FieldValue(elements: .numbers([16, 25]), lengths: [[2]]))
  }

  /// No window has steps of both parts, and none has a bad step.
  @Test func keepsPartsApart() throws {
    let data = try read("real") { $0.validation = .fraction(0.5) }
    guard case .examples(let training) = data.training,
      case .examples(let validation)? = data.validation
    else { return }
    #expect(training.numbers == [0] && validation.numbers == [5])
    let gap = Self.series.replacing("t3,3", with: "t3,?")
    let skipping = try read("real", gap) { $0.skipsBadRows = true }
    guard case .examples(let set) = skipping.training else { return }
    #expect(set.numbers == [4, 5] && skipping.skipped == 1)
    let error = #expect(throws: RuntimeError.self) { try read("real", gap) }
    #expect(
      error?.message.hasSuffix("line 5, column 'a': '?' is not a number that can be used") == true
    )
    let short = #expect(throws: RuntimeError.self) { try read("real") { $0.window = 9 } }
    #expect(short?.message.hasSuffix("data.csv' has nothing to train on") == true)
  }
}
