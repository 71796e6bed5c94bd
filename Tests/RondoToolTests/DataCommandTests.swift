import ModelRuntime
import RondoTool
import Testing

@Suite struct DataCommandTests {
  /// A workshop with the definitions of the table, and trained models of two of them.
  private static func workshop() throws -> Workshop {
    let workshop = try Workshop()
    for (name, text) in WrongData.definitions {
      try put(text, "\(name).graph", workshop)
    }
    try Platform.makeFolder(Platform.join(workshop.folder, "out"))
    let moods = ["nice\tgood", "so nice\tgood", "bad\tpoor", "so bad\tpoor", "not nice\tpoor"]
    let row = moods.joined(separator: "\n") + "\n"
    try put("text\tmood\n" + row + row + row + "not so nice\tpoor\n", "moods.tsv", workshop)
    let made = workshop.run(
      "train @/moods.graph --data @/moods.tsv -o @/mood --epochs 60 --batch 4 --validation 0"
    )
    try #require(made.code == 0, "\(made.notes)")
    #expect(made.output.contains("words 5, kinds 2, "))
    #expect(made.output.contains("an epoch is 16 examples in 4 batches, 0 to validate by"))
    return workshop
  }

  /// Writes a file into a workshop.
  private static func put(_ text: String, _ name: String, _ workshop: Workshop) throws {
    try Platform.replace(Platform.join(workshop.folder, name), with: Array(text.utf8))
  }

  /// Both in one workshop, whose model takes seconds to compile.
  @Test func classifiesAndRefuses() throws {
    let workshop = try Self.workshop()
    try classify(workshop)
    try refuse(workshop)
  }

  /// Every wrong file and word has its code and its first line, and nothing is written.
  private func refuse(_ workshop: Workshop) throws {
    let reader = workshop.run(
      "train @/reader.graph --data @/text.txt -o @/model --epochs 1 --batch 4 --gradient-flow"
    )
    try #require(reader.code == 0, "\(reader.notes)")
    #expect(reader.output.contains("\n  gradient along "))
    #expect(WrongData.table.count >= 90)
    for wrong in WrongData.table {
      let words = wrong.line.split(separator: " ").map(String.init)
      let file = words.first { $0.hasPrefix("@/d.") }
      if let file { try Self.put(wrong.text, String(file.dropFirst(2)), workshop) }
      let folders = ["", "out", "mood", "model"]
      let before = try folders.map(workshop.contents)
      var line = words.map { $0.hasPrefix("@") ? $0 : $0.replacing("_", with: " ") }
      if words.first == "train", !words.contains("-o") { line += ["-o", "@/out"] }
      let outcome = workshop.run(line)
      #expect(outcome.code == wrong.code, "rondo \(wrong.line): \(outcome)")
      #expect(outcome.firstLine == "rondo: " + wrong.message, "rondo \(wrong.line)")
      #expect(outcome.output.isEmpty, "rondo \(wrong.line)")
      #expect(try folders.map(workshop.contents) == before, "rondo \(wrong.line)")
      if let file { try Platform.remove(Platform.join(workshop.folder, String(file.dropFirst(2)))) }
    }
  }

  /// A classifier from rows to answers: judged, used on a typed example and on a file's rows.
  private func classify(_ workshop: Workshop) throws {
    let judged = workshop.run("evaluate @/mood --data @/moods.tsv")
    #expect(judged.code == 0 && judged.output.hasPrefix("16 examples\nloss "), "\(judged)")
    #expect(judged.output.contains("\naccuracy  1.0000\n"))
    #expect(judged.output.contains("\npoor   10    .\ngood    .    6\n"))
    #expect(judged.output.contains("poor       1.000   1.000   1.000      10\n"))
    let json = workshop.run("evaluate @/mood --data @/moods.tsv --json")
    #expect(json.output.hasPrefix(#"{"examples":16,"measures":{"accuracy":1,"loss":0."#), "\(json)")
    #expect(workshop.run(["predict", "@/mood", "so nice"]).output == "answer  good\n")
    #expect(workshop.run(["predict", "@/mood", "text=not nice"]).output == "answer  poor\n")
    try Self.put("who,text\n\"a,b\",nice\nc,so   bad\nd,\n", "new.csv", workshop)
    let bad = workshop.run("predict @/mood --data @/new.csv")
    #expect(bad.code == 1 && bad.firstLine.hasPrefix("rondo: '@/new.csv' line 4, column 'text'"))
    let rows = workshop.run("predict @/mood --data @/new.csv --skip-bad-rows")
    #expect(rows.output == "who,text,answer\n\"a,b\",nice,good\nc,so   bad,poor\n")
    #expect(
      rows.notes
        == "rondo: 1 bad row left out, the first: '@/new.csv' line 4, column 'text': the cell "
        + "is empty\n"
    )
    #expect(workshop.run("predict @/mood --data @/moods.tsv -o @/said.tsv").output.isEmpty)
    let said = String(decoding: try workshop.contents("")["said.tsv"] ?? [], as: UTF8.self)
    #expect(said.hasPrefix("text\tmood\tanswer\nnice\tgood\tgood\n"))
    // A run goes on with its data, and ends in the bytes of one that never stopped.
    let train = "train @/moods.graph --data @/moods.tsv --seed 3 --schedule step:2,0.5"
    #expect(workshop.run("\(train) --batch 4 -o @/whole --epochs 5 --warm-up 5").code == 0)
    #expect(workshop.run("\(train) --batch 4 -o @/parts --epochs 3 --warm-up 5").code == 0)
    #expect(workshop.run("\(train) --resume -o @/parts --epochs 5 --warm-up 5").code == 0)
    let (whole, parts) = (try workshop.contents("whole"), try workshop.contents("parts"))
    for name in ["last.checkpoint", "moods.safetensors", "vocabulary.json"] {
      #expect(parts[name] == whole[name], "\(name)")
    }
    let early = workshop.run(
      "train @/moods.graph --data @/moods.tsv --batch 4 --rate 1e-30 --patience 2 --epochs 9 -o @/early"
    )
    #expect(early.output.contains("stopped early: no better loss for 2 epochs"), "\(early)")
  }
}
