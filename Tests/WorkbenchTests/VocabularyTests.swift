import ModelRuntime
import Testing

@testable import Workbench

@Suite struct VocabularyTests {
  /// By falling count, ties by value; no token is added for a model whose rows do not end.
  @Test func ordersByCount() throws {
    let vocabulary = Vocabulary(of: try text("banana\nbad"), hasEnd: false)
    #expect(vocabulary.decode(Array(0..<5)) == Array("abn\nd".utf8))
    #expect(vocabulary.counts == [4, 2, 2, 1, 1])
    #expect(vocabulary.count == 5)
  }

  /// A model whose rows end has the end first, then the unknown, and no other newline.
  @Test func hasEndAndUnknown() throws {
    let vocabulary = Vocabulary(of: try text("aab\nb\n"), hasEnd: true)
    #expect(vocabulary.count == 4)
    #expect(vocabulary.counts == [2, 0, 2, 2])
    #expect(try vocabulary.encode(text("ab\nz")) == [2, 3, 0, 1])
    #expect(vocabulary.decode([2, 3, 0, 1]) == Array("ab\n\u{fffd}".utf8))
  }

  /// What is encoded comes back, characters of several bytes among it.
  @Test(arguments: [TextUnit.character, .byte]) func returns(unit: TextUnit) throws {
    let original = "Zürich, 漢字, 🙂\r\n\u{0} e\u{301}"
    let text = try text(original, by: unit)
    let vocabulary = Vocabulary(of: text, hasEnd: false)
    #expect(vocabulary.decode(try vocabulary.encode(text)) == Array(original.utf8))
  }

  /// Words are told apart by their bytes, the rarest become unknown, and a line's end is a word.
  @Test func readsWords() throws {
    let read = try text("a rose is  a rose\nis \u{e9} e\u{301} x\n", by: .word)
    #expect(read.words == ["a", "rose", "is", "\n", "\u{e9}", "e\u{301}", "x"])
    let vocabulary = Vocabulary(of: read, hasEnd: false, limit: 6)
    #expect(vocabulary.entries == ["\n", "a", "is", "rose", "e\u{301}"])
    #expect(vocabulary.counts == [2, 2, 2, 2, 2, 1])
    let tokens = try vocabulary.encode(text("a new rose\nis", by: .word))
    #expect(tokens == [2, 0, 4, 1, 3])
    #expect(vocabulary.decode(tokens) == Array("a <unknown> rose\nis".utf8))
    let (first, last) = read.split(last: 0.5)
    #expect((first + last) == read)
  }

  /// What the vocabulary has not is named with its line.
  @Test func namesTheUnknown() throws {
    let vocabulary = Vocabulary(of: try text("ab\n"), hasEnd: false)
    let error = #expect(throws: RuntimeError.self) { try vocabulary.encode(text("a\nbé")) }
    #expect(
      error?.message == "'é' (U+00E9) in line 2 is not among the 3 characters of the vocabulary"
    )
    #expect(throws: RuntimeError.self) { try vocabulary.encode(text("a", by: .byte)) }
    #expect(throws: RuntimeError.self) { try vocabulary.check(fits: 2, of: "text", in: "text") }
    try vocabulary.check(fits: 3, of: "text", in: "text")
  }

  /// A text that is not UTF-8 is refused at its byte, and can be read by bytes.
  @Test func refusesOtherEncodings() throws {
    let bytes: [UInt8] = [0x61, 0xc3, 0xa9, 0xff, 0x62]
    let error = #expect(throws: RuntimeError.self) { try Text(bytes, by: .character) }
    #expect(error?.message == "the text is not UTF-8 at byte 3")
    #expect(try Text(bytes, by: .byte).symbols == [0x61, 0xc3, 0xa9, 0xff, 0x62])
  }

  /// What a sample goes on from is whole lines; what is suggested as a prompt can be typed.
  @Test func takesItsEnds() throws {
    #expect(try text("ab\ncd\nef").lastLines(limit: 7) == text("b\ncd\n"))
    #expect(try text("abcdef").lastLines(limit: 3) == text("def"))
    #expect(try text("").lastLines(limit: 3) == text(""))
    #expect(try text("On Monday the wind blew").firstWords == "On Monday the ")
    for other in ["", "One", "One two", "One\ntwo three four", "Ein schöner Tag ist"] {
      #expect(try text(other).firstWords == nil)
    }
  }

  /// Knowing four equally frequent tokens is worth log 4; knowing one, nothing.
  @Test func measuresEntropy() {
    #expect(abs(Entropy.unigram([5, 5, 5, 5, 0]) - 1.386_294_361_119_890_6) < 1e-12)
    #expect(Entropy.unigram([9]) == 0)
  }
}
