import Testing

@testable import ModelRuntime

/// A file of a header and as many bytes of data.
private func file(_ header: String, data: Int = 0) -> [UInt8] {
  file(Array(header.utf8), data: data)
}

/// A file of a header's bytes and as many bytes of data.
private func file(_ header: [UInt8], data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64($0 * 8)) } + header
    + [UInt8](repeating: 1, count: data)
}

/// A description of one array.
private func array(
  _ name: String = "a",
  _ shape: String = "[2]",
  _ ends: String = "[0,8]",
  type: String = "F32"
) -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(ends)}"
}

/// A file that breaks a rule, and what must be said of it.
struct Broken: Sendable, CustomTestStringConvertible {
  /// The file.
  var bytes: [UInt8]
  /// A part of the message.
  var message: String
  /// What the test is called.
  var testDescription: String { message + " \(bytes.count)" }

  /// Names what must be said of a file.
  init(_ bytes: [UInt8], _ message: String) {
    self.bytes = bytes
    self.message = message
  }
}

/// One file for each way to be wrong.
private let broken: [Broken] = [
  Broken([], "has 0 bytes".replacing("has", with: "have")),
  Broken([1, 2, 3, 4, 5, 6, 7], "have 7 bytes"),
  Broken(file([], length: 0), "begin with a brace"),
  Broken(file([0x7b], length: 2), "end within their header"),
  Broken(file([0x7b, 0x7d], length: 1 << 63), "more than 100000000"),
  Broken(file([0x7b, 0x7d], length: UInt64.max), "more than 100000000"),
  Broken(file([0x7b, 0x7d], length: 100_000_001), "more than 100000000"),
  Broken(file([0x7b, 0x7d], length: 100_000_000), "end within their header"),
  Broken(file(" {}"), "begin with a brace"),
  Broken(file("[]"), "begin with a brace"),
  Broken(file("{"), "not JSON"),
  Broken(file("{}x"), "more after the end"),
  Broken(file("{}{}"), "more after the end"),
  Broken(file("{\"a\"}"), "lacks a colon"),
  Broken(file("{\"a\":1,}"), "not JSON"),
  Broken(file("{\"a\":1 \"b\":2}"), "lacks a comma or a brace"),
  Broken(file("{\"a\":[1 2]}"), "lacks a comma or a bracket"),
  Broken(file("{\"a\":01}"), "not JSON"),
  Broken(file("{\"a\":+1}"), "not JSON"),
  Broken(file("{\"a\":1.}"), "not JSON"),
  Broken(file("{\"a\":1e}"), "not JSON"),
  Broken(file("{\"a\":nul}"), "not JSON"),
  Broken(file("{\"a"), "does not end"),
  Broken(file("{\"a\\"), "not known"),
  Broken(file("{\"\\x\":1}"), "escape that is not known"),
  Broken(file("{\"\\u00g0\":1}"), "escape that is not known"),
  Broken(file("{\"\\u+123\":1}"), "escape that is not known"),
  Broken(file("{\"\\ud800\":1}"), "half a surrogate"),
  Broken(file("{\"\\ud800\\u0041\":1}"), "half a surrogate"),
  Broken(file("{\"\\udc00\":1}"), "half a surrogate"),
  Broken(file([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not UTF-8"),
  Broken(file("{\"a\nb\":1}"), "control character"),
  Broken(file("{\"a\":" + String(repeating: "[", count: 100_000)), "nested deeper"),
  Broken(file("{\"a\":" + String(repeating: "{\"b\":", count: 100_000)), "nested deeper"),
  Broken(file("{\(array()),\(array())}", data: 8), "'a' stands twice"),
  Broken(
    file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", data: 8),
    "'dtype' stands twice"
  ),
  Broken(file("{\"__metadata__\":{},\"__metadata__\":{}}"), "stands twice"),
  Broken(file("{\"__metadata__\":[]}"), "metadata is no object"),
  Broken(file("{\"__metadata__\":{\"a\":1}}"), "metadata 'a' is no text"),
  Broken(file("{\"a\":3}"), "'a' is no object"),
  Broken(file("{\(array(""))}", data: 8), "name is empty"),
  Broken(file("{\(array("a\\u0000b"))}", data: 8), "control characters"),
  Broken(file("{\(array(String(repeating: "x", count: 8192)))}", data: 8), "too long"),
  Broken(file("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", data: 8), "element type"),
  Broken(file("{\(array(type: "F33"))}", data: 8), "element type"),
  Broken(file("{\(array(type: "f32"))}", data: 8), "element type"),
  Broken(file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", data: 8), "no shape"),
  Broken(file("{\(array("a", "2"))}", data: 8), "no shape"),
  Broken(file("{\(array("a", "[-2]"))}", data: 8), "not of whole numbers"),
  Broken(file("{\(array("a", "[2.0]"))}", data: 8), "not of whole numbers"),
  Broken(file("{\(array("a", "[1e1]"))}", data: 8), "not of whole numbers"),
  Broken(file("{\(array("a", "[99999999999999999999]"))}", data: 8), "not of whole numbers"),
  Broken(file("{\(array("a", "[\"2\"]"))}", data: 8), "not of whole numbers"),
  Broken(
    file("{\(array("a", "[" + String(repeating: "1,", count: 40) + "2]"))}", data: 8),
    "more than 32 dimensions"
  ),
  Broken(file("{\(array("a", "[4611686018427387904,4]"))}", data: 8), "too many elements"),
  Broken(file("{\(array("a", "[4194305,4194305,211106198978564]"))}", data: 8), "too many"),
  Broken(file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", data: 8), "no two offsets"),
  Broken(file("{\(array("a", "[2]", "[0]"))}", data: 8), "no two offsets"),
  Broken(file("{\(array("a", "[2]", "[0,8,8]"))}", data: 8), "no two offsets"),
  Broken(file("{\(array("a", "[2]", "[-8,0]"))}", data: 8), "no two offsets"),
  Broken(file("{\(array("a", "[2]", "[8,0]"))}", data: 8), "stands at 8 to 0"),
  Broken(file("{\(array("a", "[2]", "[0,8]"))}", data: 7), "stands at 0 to 8"),
  Broken(file("{\(array("a", "[2]", "[0,9223372036854775807]"))}", data: 8), "stands at"),
  Broken(file("{\(array("a", "[3]"))}", data: 8), "does not fill"),
  Broken(file("{\(array("a", "[]"))}", data: 8), "does not fill"),
  Broken(file("{\(array("a", "[0]"))}", data: 8), "does not fill"),
  Broken(file("{\(array())}", data: 9), "1 bytes after the last array"),
  Broken(file("{}", data: 1), "1 bytes after the last array"),
  Broken(file("{\(array("a", "[2]", "[4,12]"))}", data: 12), "'a' leaves a hole"),
  Broken(
    file("{\(array()),\(array("b", "[2]", "[12,20]"))}", data: 20),
    "'b' leaves a hole"
  ),
  Broken(
    file("{\(array()),\(array("b", "[2]", "[4,12]"))}", data: 12),
    "'b' overlaps"
  ),
  Broken(file("{\(array()),\(array("b"))}", data: 8), "'b' overlaps"),
  Broken(
    file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", data: 8),
    "a member 'x'"
  ),
]

@Suite struct SafetensorsTests {
  /// Every way to be wrong is refused by what is wrong.
  @Test(arguments: broken)
  func refuses(_ broken: Broken) {
    let error = #expect(throws: RuntimeError.self) { try Safetensors(broken.bytes) }
    #expect(error?.message.contains(broken.message) == true, "\(error?.message ?? "")")
  }

  /// There are as many as promised.
  @Test func corpusIsLarge() { #expect(broken.count >= 70) }

  /// What is written is read back, and the same arrays give the same bytes.
  @Test func roundTrip() throws {
    let arrays: [(name: String, shape: [Int], values: [Float])] = [
      ("b", [2, 2], [1, -0.0, .infinity, .leastNonzeroMagnitude]), ("a", [], [3]), ("e", [0], []),
    ]
    let metadata = ["z": "\"\\\n", "a": "ü", "m": "\u{1}"]
    let bytes = Safetensors.encode(arrays, metadata: metadata)
    #expect(bytes == Safetensors.encode(arrays, metadata: metadata))
    let read = try Safetensors(bytes)
    #expect(read.tensors.map(\.name) == ["b", "a", "e"])
    #expect(try read["b"]?.floats.map(\.bitPattern) == arrays[0].values.map(\.bitPattern))
    #expect(read["a"]?.shape == [])
    #expect(read.metadata.map(\.name) == ["a", "m", "z"])
    #expect(read.metadata.map(\.text) == ["ü", "\u{1}", "\"\\\n"])
  }

  /// Other elements are read past, but not into weights.
  @Test(arguments: ["F16", "BF16", "F64", "I64", "BOOL"])
  func refusesOtherElements(type: String) throws {
    let sizes = ["F16": 4, "BF16": 4, "F64": 16, "I64": 16, "BOOL": 2]
    let size = try #require(sizes[type])
    let read = try Safetensors(
      file("{\(array("a", "[2]", "[0,\(size)]", type: type))}", data: size)
    )
    let error = #expect(throws: RuntimeError.self) { try read["a"]?.floats }
    #expect(error?.message == "'a' has elements \(type), and only F32 is read")
  }

  /// Of a file that was written here every cut and every flipped bit is refused.
  @Test func refusesDamage() throws {
    let bytes = Safetensors.encode([("ab", [2], [1, 2]), ("c", [1], [3])], metadata: ["k": "v"])
    let (tried, silent) = damage(to: bytes) { (try? Safetensors($0)) != nil }
    #expect(tried == bytes.count * 9)
    #expect(silent.isEmpty)
  }

  /// A file of somebody else's has no checksum and needs none; one that has ours must keep it true.
  @Test func holdsChecksum() throws {
    let foreign = file("{\"__metadata__\":{\"checksum\":\"x\"},\(array())}", data: 8)
    #expect(try Safetensors(foreign)["a"]?.shape == [2])
    for metadata in [
      "\"rondo.form\":\"1\"", "\"rondo.checksum\":\"x\"",
      "\"rondo.form\":\"1\",\"rondo.checksum\":\"\(String(repeating: "0", count: 64))\"",
    ] {
      let bytes = file("{\"__metadata__\":{\(metadata)},\(array())}", data: 8)
      let error = #expect(throws: RuntimeError.self) { try Safetensors(bytes) }
      #expect(error?.message.contains("are damaged") == true)
      #expect(error?.hint?.contains("rondo.checksum") == true)
    }
    let newer = file("{\"__metadata__\":{\"rondo.form\":\"2\"},\(array())}", data: 8)
    let error = #expect(throws: RuntimeError.self) { try Safetensors(newer) }
    #expect(error?.kind == .unsupported)
    #expect(error?.hint?.contains("newer version") == true)
  }
}

/// The names of PyTorch's recurrent layers, and ours.
@Test(
  arguments: [
    ("rnn.weight_ih_l1", "rnn.l1.weight_ih", "rnn.l1.weight_ih"),
    ("rnn.weight_ih_l0", "rnn.weight_ih", "rnn.weight_ih"),
    ("rnn.weight_ih_l0", "rnn.l0.weight_ih", "rnn.l0.weight_ih"),
    ("a.rnn.bias_hh_l12", "a.rnn.l12.bias_hh", "a.rnn.l12.bias_hh"),
    ("rnn.weight_hr_l0", "rnn.l0.weight_hr", "rnn.l0.weight_hr"),
    ("rnn.weight_ih_l1_reverse", "rnn.l1.backward.weight_ih", "rnn.l1.backward.weight_ih"),
    ("rnn.weight_hh_l0_reverse", "rnn.backward.weight_hh", "rnn.backward.weight_hh"),
    ("rnn.weight_ih_l1", "rnn.l1.forward.weight_ih", "rnn.l1.forward.weight_ih"),
    ("rnn.weight_ih_l0", "rnn.forward.weight_ih", "rnn.forward.weight_ih"),
    ("w", "w", "w"),
    ("rnn.weight_ih_l1", "rnn.weight_ih", nil),
    ("rnn.weight_ih_l01", "rnn.l1.weight_ih", nil),
    ("rnn.weight_ih_l+1", "rnn.l1.weight_ih", nil),
    ("rnn.weight_ih_l99999999999999999999", "rnn.l1.weight_ih", nil),
    ("rnn.weight_ih_l1_reverse", "rnn.l1.weight_ih", nil),
    ("weight_ih_l0", "weight_ih", nil),
    ("rnn.weight_xx_l0", "rnn.l0.weight_xx", nil),
  ] as [(String, String, String?)]
)
func namesOfPyTorch(name: String, known: String, expected: String?) {
  #expect(Session.parameterName(name, among: [known]) == expected)
}
