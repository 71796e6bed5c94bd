import GraphIR
import Lowering
import TestSupport
import Testing

@testable import CBackend

@Suite("Numbers and names in C")
struct TextTests {
  @Test("a float reads back to the same bits")
  func floats() {
    var random = SmallRandom(seed: 11)
    let corners: [Float] = [
      0, -0.0, 1, -1, 0.1, 16_777_216, 1e10, .pi, .greatestFiniteMagnitude, .leastNormalMagnitude,
      .leastNonzeroMagnitude, -.leastNonzeroMagnitude, Float(bitPattern: 0x7F_FFFF), 3.0517578e-5,
    ]
    let drawn = (0..<20_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    }
    for value in corners + drawn where value.isFinite {
      let text = CText.float(value)
      let bare = text.hasPrefix("(") ? String(text.dropFirst().dropLast()) : text
      #expect(bare.hasSuffix("f") && (bare.contains(".") || bare.contains("e")), "\(text)")
      #expect(Float(bare.dropLast())?.bitPattern == value.bitPattern, "\(text)")
    }
  }

  @Test("what no literal says is spelt by its bits")
  func specialFloats() {
    #expect(CText.float(.infinity) == "float_of(0x7f800000u)")
    #expect(CText.float(-.infinity) == "float_of(0xff800000u)")
    #expect(CText.float(.nan) == "float_of(0x7fc00000u)")
    #expect(CText.float(-.nan) == "float_of(0x7fc00000u)")
    #expect(CText.float(-1.5) == "(-1.5f)")
  }

  @Test(
    "any name becomes part of an identifier",
    arguments: [
      "", "_", "a.b_c", "1st", "9", "été", "a b", "*/ int x; /*", "\"", "\\", "??/", "\n", "\u{0}",
      "int", String(repeating: "long_", count: 100),
    ]
  )
  func identifiers(name: String) {
    let text = CText.identifier(name)
    #expect((1...41).contains(text.utf8.count))
    #expect(text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x5F })
    #expect(text.utf8.first.map(isLetter) == true)
  }

  private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  @Test("no comment ends early, nor holds a trigraph or a line's end")
  func comments() {
    let text = CText.commentary("a */ b \\\n?\u{3F}/ é // \u{0}\u{7F}")
    #expect(!text.contains("*") && !text.contains("/") && !text.contains("\\"))
    #expect(!text.contains("?") && !text.contains("\n"))
    #expect(text.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value < 0x7F })
  }

  @Test("a name is found once, whole, and not in a comment")
  func nameSearch() {
    // The last two have the same ends and length.
    var search = NameSearch(["add", "vector", "x", "store_row", "store_raw", "load", "lead"])
    #expect(search.found(in: "adds(xx); /* add vector x */ add_row(_x, x1);") == [])
    #expect(
      search.found(in: "x = add(x,/* */vector);x/**/=load/") == ["x", "add", "vector", "load"]
    )
    #expect(search.found(in: "add x vector store_raw") == ["store_raw"])
    #expect(search.found(in: "lead") == ["lead"])
    #expect(search.found(in: "/*/ store_row */ /* store_row") == [])
    #expect(search.found(in: "store_row") == ["store_row"])
  }

  @Test("a line that is too long is broken where an argument or a term ends")
  func brokenLines() {
    var writer = CWriter()
    writer.block("{") { writer in
      writer.line("x = " + String(repeating: "a, ", count: 34) + "b;")
      writer.line("#define x " + String(repeating: "a, ", count: 40))
      writer.line("puts(\"" + String(repeating: "a, ", count: 40) + "\");")
      writer.line("x = a; /* " + String(repeating: "a, ", count: 40) + "*/")
      writer.line("float value = " + String(repeating: "a", count: 100) + ";")
      writer.line(String(repeating: "a", count: 110))
    }
    let lines = writer.text.split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "{", "  x = " + String(repeating: "a, ", count: 30) + "a,", "      a, a, a, b;",
        "  #define x " + String(repeating: "a, ", count: 40),
        "  puts(\"" + String(repeating: "a, ", count: 40) + "\");",
        "  x = a; /* " + String(repeating: "a, ", count: 40) + "*/", "  float value =",
        "      " + String(repeating: "a", count: 100) + ";",
        "  " + String(repeating: "a", count: 110), "}",
      ]
    )
  }

  @Test("sizes and extents bind as tightly as they must")
  func sizes() {
    let batch = Size(4, [.batch])
    #expect(CText.size(Size(3)) == "3")
    #expect(CText.size(Size(1, [.batch, AxisID(2)])) == "batch * length2")
    #expect(CText.size(batch) == "4 * batch")
    #expect(CText.extent(Extent(batch, plus: -1)) == "(4 * batch - 1)")
    #expect(CText.step(.one, "i") == "i")
    #expect(CText.step(.zero, "i") == nil)
    #expect(CText.step(Size(-2, [.batch]), "i") == "i * (-2 * batch)")
    #expect(CText.moved("p", ["i", "j * 4"], -3) == "p + i + j * 4 - 3")
  }

  @Test("a place is a model's or the library's line, never a path")
  func places() {
    #expect(CText.place(.none, "m") == nil)
    #expect(CText.place(SourceSpan(line: 7, column: 2, length: 1), "m") == "m:7")
    let library = SourceSpan(source: .library, line: 9, column: 1, length: 1)
    #expect(CText.place(library, "m") == "library:9")
  }
}
