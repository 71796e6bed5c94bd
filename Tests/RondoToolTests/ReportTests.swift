import ModelRuntime
import RondoTool
import Testing

@Suite struct ReportTests {
  /// From a run's folder to a page and its pictures; the same run, the same bytes.
  @Test func drawsARun() throws {
    let workshop = try Workshop()
    let trained = workshop.run(
      "train @/reader.graph --data @/text.txt -o @/run --epochs 3 --batch 4"
    )
    try #require(trained.code == 0, "\(trained)")
    let drawn = workshop.run("report @/run --svg @/pictures --data @/text.txt --seed 5")
    #expect(drawn.code == 0 && drawn.notes.isEmpty, "\(drawn)")
    #expect(drawn.output == "@/run/report.html: reader\n@/pictures: 3 pictures\n")
    #expect(
      try workshop.contents("pictures").keys.sorted() == [
        "curve-loss.svg", "graph-reader.svg", "memory-plan.svg",
      ]
    )
    let page = try #require(try workshop.contents("run")["report.html"])
    let text = String(decoding: page, as: UTF8.self)
    for part in [
      "<h1>reader</h1>", "best validation loss", "3 of 3", "temperature 0.7, seed 5",
      "id=\"graph-reader\"", "rnn.weight_ih", "size letters", "memory to train",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(workshop.run("report @/run -o @/again.html --data @/text.txt --seed 5").code == 0)
    #expect(try workshop.contents("")["again.html"] == page)
    if ChildTool.path != nil {
      let child = try ChildTool.run(
        "report @/run -o @/child.html --data @/text.txt --seed 5",
        in: workshop
      )
      #expect(child.ending == .exited(0), "\(child.text)")
      #expect(try workshop.contents("")["child.html"] == page)
    }

    let flow = workshop.run("report @/run -o @/flow.html --data @/text.txt --gradient-flow")
    #expect(flow.code == 0, "\(flow)")
    let flowing = String(
      decoding: try workshop.contents("")["flow.html"] ?? [],
      as: UTF8.self
    )
    // A window has four steps, and the last is what the loss sees first.
    #expect(flowing.contains("id=\"gradient-rnn-h\"") && flowing.contains("step 4: "))
    #expect(workshop.run("report @/run --gradient-flow").code == 2)

    // What is wrong is said, and no page is written.
    let other = workshop.run("report @/run --definition @/numbers.graph -o @/no.html")
    #expect(other.code == 1)
    #expect(other.firstLine.contains("defines 'numbers', and the model is 'reader'"))
    let wider = Array(Workshop.reader.replacing("gru(5)", with: "gru(6)").utf8)
    try Platform.replace(Platform.join(workshop.folder, "wider.graph"), with: wider)
    let changed = workshop.run("report @/run --definition @/wider.graph -o @/no.html")
    #expect(changed.code == 1)
    #expect(changed.firstLine == "rondo: the model in '@/run' was not built from '@/wider.graph'")
    try Platform.replace(Platform.join(workshop.folder, "run/log.jsonl"), with: [123, 10])
    let broken = workshop.run("report @/run -o @/no.html")
    #expect(broken.code == 1 && broken.firstLine.contains("line 1 of the log is no entry"))
    #expect(try workshop.contents("")["no.html"] == nil)
  }

  /// On data, a page shows how the model does: classes, numbers beside the truth, attention, answers.
  @Test func drawsResults() throws {
    let workshop = try Workshop()
    let text = """
      model looker {
        size words, moods
        axis word <= 5
        axis other = word
        input text: token(words) over word
        target mood: token(moods)
        target amount: real
        layer embed = embedding(3), score = linear(moods), guess = linear(1)
        x = embed(text)
        weights = softmax(along(x over word to other) @ x over other)
        seen = mean(x over word)
        output weights
        output argmax(score(seen)) as answer
        output guess(seen)[0] as length
        loss cross_entropy(score(seen), mood)
        loss square(guess(seen)[0] - amount) as amount_loss
        train sgd(rate: 0.1)
      }

      """
    let rows = ["good film\tgood\t2", "a bad film\tbad\t3", "a good <b> book\tgood\t4"]
    let table = "text\tmood\tamount\n" + rows.map { $0 + "\n" }.joined()
    for (name, text) in [("looker.graph", text), ("moods.tsv", table)] {
      try Platform.replace(Platform.join(workshop.folder, name), with: Array(text.utf8))
    }
    let trained = workshop.run(
      "train @/looker.graph --data @/moods.tsv --validation 0 --epochs 2 -o @/run"
    )
    try #require(trained.code == 0, "\(trained)")
    let drawn = workshop.run("report @/run --data @/moods.tsv --svg @/pictures")
    #expect(drawn.code == 0 && drawn.notes.isEmpty, "\(drawn)")
    #expect(
      try workshop.contents("pictures").keys.sorted() == [
        "attention-weights--example-1.svg", "attention-weights--example-2.svg",
        "attention-weights--example-3.svg", "confusion-mood.svg", "curve-loss.svg",
        "forecast-amount.svg", "graph-looker.svg", "memory-plan.svg",
      ]
    )
    let page = String(
      decoding: try workshop.contents("run")["report.html"] ?? [],
      as: UTF8.self
    )
    for part in [
      "id=\"evaluation\"", "mean absolute error", "a good &lt;b&gt; book", "true: bad",
      "over 3 values", "of 3 examples",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    let wrong = workshop.run("report @/run --data @/text.txt -o @/no.html")
    #expect(
      wrong.code == 1 && wrong.firstLine.contains("is not of the kind that looker was trained")
    )
  }

  /// A built model has a page too, without curves, and with its definition when it is named.
  @Test func drawsABuiltModel() throws {
    let workshop = try Workshop()
    let text =
      "model small {\n  size width\n  axis time\n  input x: real[width] over time\n"
      + "  output sum(x over time)\n}\n"
    try Platform.replace(Platform.join(workshop.folder, "small.graph"), with: Array(text.utf8))
    let built = workshop.run("build @/small.graph --size width=2 --size time=5 -o @/n")
    try #require(built.code == 0, "\(built)")
    let bare = workshop.run("report @/n -o @/bare.html")
    #expect(bare.code == 0 && bare.firstLine.hasPrefix("rondo: without the definition"))
    let whole = workshop.run("report @/n --definition @/small.graph -o @/whole.html")
    #expect(whole.code == 0 && whole.notes.isEmpty, "\(whole)")
    let pages = try workshop.contents("").filter { $0.key.hasSuffix(".html") }
      .mapValues { String(decoding: $0, as: UTF8.self) }
    #expect(pages["bare.html"]?.contains("<section id=\"sizes\">") == true)
    #expect(pages["bare.html"]?.contains("<section id=\"definition\">") == false)
    #expect(pages["whole.html"]?.contains("<section id=\"definition\">") == true)
    #expect(pages["whole.html"]?.contains("<section id=\"curves\">") == false)
  }

  /// A definition that happens to be called as a run's is not written over.
  @Test func keepsDefinitions() throws {
    let workshop = try Workshop()
    let own = Platform.join(workshop.folder, "definition.graph")
    try Platform.replace(own, with: Array(Workshop.numbers.utf8))
    for more in ["", " --overwrite"] {
      let refused = workshop.run("train @/reader.graph --data @/text.txt -o @ --epochs 1" + more)
      #expect(refused.code == 1)
      #expect(refused.firstLine == "rondo: '@/definition.graph' is in the way")
      #expect(try workshop.contents("")["reader.json"] == nil)
    }
    #expect(try Platform.read(own) == Array(Workshop.numbers.utf8))
  }
}
