import ModelRuntime
import Testing

@testable import Workbench

@Suite struct DataFormTests {
  /// A form with a vocabulary of each kind.
  private static let form = DataForm(
    kind: .table,
    inputs: [
      InputForm(
        name: "text",
        columns: ["a"],
        by: .word,
        vocabulary: "words",
        ends: true,
        target: true
      ),
      InputForm(name: "x", columns: ["b", "c"], ends: false, target: false),
    ],
    vocabularies: [
      .init(
        name: "words",
        vocabulary: Vocabulary(
          unit: .word,
          hasEnd: true,
          hasUnknown: true,
          entries: ["l", "\u{e9}", "e\u{301}"],
          counts: [3, 0, 2, 1, 1]
        )
      )
    ],
    window: 3,
    ahead: 2
  )

  /// What is written is read again, and written as the same bytes in every process.
  @Test func returns() throws {
    let json = try Self.form.json
    let again = try DataForm(json: json)
    #expect(again == Self.form)
    #expect(try again.json == json)
    #expect(again.vocabulary(of: "text")?.token(of: "e\u{301}") == 4)
    #expect(again.vocabulary(of: "x") == nil && again.input("x")?.columns == ["b", "c"])
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains(#""ahead":2,"checksum":""#))
    #expect(text.contains(#"","data":"table","format":2,"inputs":[{"by":"word","columns":["a"],"#))
  }

  /// Damaged files are refused, each for its reason.
  @Test(arguments: [
    "", "{}", #"{"data":"text","format":1,"inputs":[],"vocabularies":[]}"#,
    #"{"data":"text","format":2,"likelihood":false,"inputs":[],"vocabularies":["#
      + #"{"by":"character","counts":[1,1],"end":false,"entries":["a","a"],"name":"l","unknown":false}]}"#,
    #"{"data":"text","format":2,"likelihood":false,"inputs":[],"vocabularies":["#
      + #"{"by":"character","counts":[1,1],"end":false,"entries":["a"],"name":"l","unknown":false}]}"#,
    #"{"data":"text","format":2,"likelihood":false,"inputs":[],"vocabularies":["#
      + #"{"by":"character","counts":[-1],"end":false,"entries":["a"],"name":"l","unknown":false}]}"#,
    #"{"data":"text","format":2,"likelihood":false,"inputs":[],"vocabularies":["#
      + #"{"by":"byte","counts":[1],"end":false,"entries":["€"],"name":"l","unknown":false}]}"#,
    #"{"data":"text","format":2,"likelihood":false,"inputs":[{"columns":[],"ends":false,"name":"x","target":true,"#
      + #""vocabulary":"none"}],"vocabularies":[]}"#,
  ])
  func refuses(json: String) {
    let error = #expect(throws: RuntimeError.self) { try DataForm(json: Array(json.utf8)) }
    #expect(error?.message.contains("checksum") == false)
  }

  /// No byte of a file can change unseen.
  @Test func noticesEveryChange() throws {
    let bytes = try Self.form.json
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect((try? DataForm(json: changed)) == nil, "\(index)")
    }
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect((try? DataForm(json: Array(bytes[..<count]))) == nil)
    }
  }
}
