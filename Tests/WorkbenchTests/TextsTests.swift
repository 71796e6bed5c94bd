import ModelRuntime
import Testing

@testable import Rondo
@testable import Workbench

@Suite struct TextsTests {
  /// The text that ships is what its rule makes; `RONDO_BLESS=1` writes it anew.
  @Test func villageFollowsItsRule() throws {
    let path = Platform.join(topLevel, "graphs/data/village.txt")
    let made = Array(VillageText.make().utf8)
    if Platform.environment["RONDO_BLESS"] == "1" { try Platform.replace(path, with: made) }
    #expect(try Platform.read(path) == made)
    #expect(made.count >= 100_000)
  }

  /// Every definition that ships is in the one layout, and named after its model.
  @Test func definitionsAreFormatted() throws {
    let folder = Platform.join(topLevel, "graphs")
    let files = try Platform.list(folder).filter { $0.hasSuffix(".graph") }
    #expect(files.contains("char_lm.graph"))
    for file in files {
      let definition = try Definition(path: Platform.join(folder, file))
      #expect(try definition.formatted() == String(decoding: definition.bytes, as: UTF8.self))
      let name = String(file.dropLast(6))
      #expect(String(decoding: definition.bytes, as: UTF8.self).contains("model \(name) {"))
    }
  }
}

@Suite struct NumberTextTests {
  /// Whole numbers are grouped, others have the digits asked for.
  @Test func writesNumbers() {
    #expect(
      [0, 12, 1234, -1_234_567].map(NumberText.grouped) == ["0", "12", "1,234", "-1,234,567"]
    )
    #expect(NumberText.fixed(1.23456, 3) == "1.235")
    #expect(
      [Double.nan, .infinity, -.infinity].map { NumberText.fixed($0, 2) } == ["nan", "inf", "-inf"]
    )
    #expect(NumberText.fixed(2.5e30, 1) == "2.5e+30")
    #expect(NumberText.fixed(-999_999_999.5, 1) == "-999999999.5")
    #expect(NumberText.fixed(0.5, 40) == "0.5" + String(repeating: "0", count: 39))
    #expect(NumberText.power(0.000_123) == "1.2e-04")
    #expect(NumberText.counted(1, "batch") == "1 batch")
    #expect(NumberText.counted(1200, "batch") == "1,200 batches")
    #expect(NumberText.counted(2, "row") == "2 rows")
  }

  /// Units leave one to three digits before the point, at their edges too.
  @Test func choosesUnits() {
    let bytes = [0, 999, 1000, 999_949, 999_950, 1_500_000, 2_000_000_000].map(NumberText.bytes)
    #expect(
      bytes == ["0 bytes", "999 bytes", "1.0 kB", "999.9 kB", "1.0 MB", "1.5 MB", "2.0 GB"]
    )
    let times = [0.000_012, 0.001, 0.25, 1.5, 119.9, 125].map(NumberText.seconds)
    #expect(times == ["12.0 us", "1.00 ms", "250 ms", "1.5 s", "119.9 s", "2 min 5 s"])
  }

  /// The answers are those of RFC 4648, section 10.
  @Test func writesBytesInLetters() {
    let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"]
    let answers = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
    #expect(texts.map { Markup.base64($0.utf8) } == answers)
    #expect(Markup.base64([0xff, 0xfe, 0xfb, 0xf0]) == "//778A==")
  }

  /// The bar is full at the end, and drawn at most ten times a second.
  @Test func drawsProgress() {
    var report = Trainer.BatchReport(
      epoch: 2,
      batch: 5,
      total: 10,
      update: 15,
      loss: 1.5,
      rowsPerSecond: 10,
      positionsPerSecond: 12345.6
    )
    #expect(
      ProgressBar(epochs: 3, unit: "character").line(report, speed: 12345.6, left: nil)
        == "epoch 2/3 [############............] 5/10  loss 1.500  12,346 characters/s"
    )
    report.batch = 10
    #expect(
      ProgressBar(epochs: 3, unit: "byte").line(report, speed: 1, left: 90)
        .hasSuffix("[########################] 10/10  loss 1.500  1 bytes/s  90.0 s left")
    )
    var bar = ProgressBar(epochs: 3, unit: "byte")
    #expect(bar.update(report, speed: 12345.6, now: 5) != nil)
    #expect(bar.update(report, speed: 12345.6, now: 5.05) == nil)
    #expect(bar.update(report, speed: 12345.6, now: 5.2) != nil)
  }
}
