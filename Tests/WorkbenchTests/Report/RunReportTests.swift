import ModelRuntime
import Rondo
import Testing

@testable import Workbench

@Suite struct RunReportTests {
  /// A report with something in every part.
  static func whole() throws -> RunReport {
    var report = RunReport(model: "m<1>")
    let text =
      "# Says <what> it is.\n#\n# And with `code` and `more.\n\n" + DefinitionGraphTests.text
    let definition = Definition(name: "decoder.graph", bytes: Array(text.utf8))
    report.definition = definition
    report.outline = try definition.outline()
    report.facts = ModelFacts(
      sizes: [.init("size words", "1,234")],
      parameters: [.init(name: "rnn.weight_ih", shape: [12, 34])],
      blocks: [.init(name: "parameters", bytes: 1632), .init(name: "work", bytes: 56_000)]
    )
    report.log = EpochLog(epochs: [
      .init(number: 1, rate: 0.01, loss: 2.5, validation: [.init(name: "loss", value: 2.25)]),
      .init(
        number: 2,
        rate: 0.005,
        loss: 1.5,
        validation: [.init(name: "loss", value: 1.75), .init(name: "accuracy", value: 0.625)],
        isBest: true,
        seconds: 3
      ),
    ])
    report.figures = [.init("mean absolute error", "0.3141")]
    report.forecasts = [.init(title: "column & name", truth: [1, 2, 3], guess: [nil, 2.5, 3])]
    var confusion = Confusion(names: ["good", "bad"])
    for _ in 0..<17 { confusion.add(truth: 0, guess: 1) }
    report.confusions = [
      .init(title: "mood", confusion: confusion), .init(title: "mood", confusion: confusion),
    ]
    report.attentions = [
      .init(
        title: "weights",
        rowTitle: "answer",
        columnTitle: "question",
        rows: ["x"],
        columns: ["y", "z"],
        weights: [[0.3, 0.7]]
      )
    ]
    report.gradientFlows = [.init(state: "rnn.h", axis: "time", norms: [1e-6, 1e-3, 1])]
    report.samples = [.init(title: "greedy", prompt: "1+1=", text: "<3>", truth: "2")]
    return report
  }

  /// The page is XML, asks no network, has no script, and tells what it was given.
  @Test func page() throws {
    let report = try Self.whole()
    let page = report.page
    let drawn = Drawn(page)
    #expect(drawn.error == nil)
    #expect(drawn.all("script").isEmpty && drawn.all("link").isEmpty && drawn.all("img").isEmpty)
    #expect(page.contains("with <code>code</code> and `more."))
    let addresses = page.split(separator: "\"").filter { $0.contains("://") }
    #expect(Set(addresses) == ["http://www.w3.org/2000/svg"])
    #expect(!page.contains("url(") && !page.contains("@import"))
    #expect(
      drawn.all("section").compactMap { $0.attributes["id"] } == [
        "curves", "evaluation", "forecast", "confusion", "attention", "gradient", "samples",
        "definition", "sizes", "memory", "epochs",
      ]
    )
    let links = drawn.all("a").compactMap { $0.attributes["href"] }
    let names = Set(drawn.elements.compactMap { $0.attributes["id"] }.map { "#" + $0 })
    #expect(links.count == 11 && names.isSuperset(of: links))
    for text in [
      "m&lt;1&gt;", "Says &lt;what&gt; it is.", "rnn.weight_ih", "12 × 34", "57.6 kB",
      "best 1.750, epoch 2", "0.6250", "column &amp; name", "17", "rnn.h",
      "&lt;3&gt;", "<span class=\"keyword\">scan</span>", "decoder",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    let ids = drawn.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
  }

  /// Every drawing is a file of its own, with a name of its own.
  @Test func files() throws {
    let figures = try Self.whole().drawings
    #expect(
      figures.map(\.name) == [
        "curve-loss", "curve-accuracy", "curve-learning-rate", "forecast-column---name",
        "confusion-mood", "confusion-mood-2", "attention-weights", "gradient-rnn-h",
        "graph-decoder",
      ]
    )
    for figure in figures {
      let drawn = Drawn(figure.drawing.picture(width: 700).file)
      #expect(drawn.error == nil && drawn.elements.first?.name == "svg")
      #expect(drawn.all("style").count == 1)
    }
  }

  /// Weights over two axes become a map with its rows along the axis that is asked for.
  @Test func readsAttention() {
    let names = ["source": ["a", "b", "c"], "result": ["x", "y"]]
    let map = RunReport.Attention(
      title: "weights",
      values: [1, 2, 3, 4, 5, 6],
      axes: ["source", "result"],
      names: names,
      rowAxis: "result"
    )
    #expect(map?.weights == [[1, 3, 5], [2, 4, 6]])
    #expect(map?.rows == ["x", "y"] && map?.columnTitle == "source")
    let straight = RunReport.Attention(
      title: "weights",
      values: [1, 2, 3, 4, 5, 6],
      axes: ["source", "result"],
      names: names,
      rowAxis: "source"
    )
    #expect(straight?.weights == [[1, 2], [3, 4], [5, 6]])
    let short = RunReport.Attention(
      title: "weights",
      values: [1],
      axes: ["source", "result"],
      names: names,
      rowAxis: "source"
    )
    #expect(short == nil)
  }

  /// Ten thousand epochs are a page of a common size, with the best and the last among its lines.
  @Test func bounds() {
    var report = RunReport(model: "long")
    report.log = EpochLog(
      epochs: (1...10_000).map { number in
        .init(number: number, loss: 1 / Double(number), isBest: number <= 4567)
      }
    )
    let page = report.page
    #expect(page.utf8.count < 400_000)
    #expect(page.contains(">4567 *</th>") && page.contains(">10000</th>"))
    #expect(page.contains("10,000 epochs, one of 34 shown"))
  }

  /// A report of nothing is a page, without parts.
  @Test func empty() {
    let drawn = Drawn(RunReport(model: "nothing").page)
    #expect(drawn.error == nil && drawn.all("section").isEmpty)
  }

  /// A log is read line by line, whatever else its lines say; a line that is none is named.
  @Test func readsALog() throws {
    let text = """
      {"best":true,"epoch":1,"loss":2.5,"more":{"x":[1]},"rate":0.01,"seconds":1,"update":9,\
      "validation":{"b":2,"a":3,"loss":2}}
      {"epoch":2,"loss":1.5,"validation":{}}

      """
    let log = try EpochLog(json: Array(text.utf8))
    #expect(log.epochs.map(\.number) == [1, 2])
    #expect(log.epochs[0].validation.map(\.name) == ["loss", "a", "b"])
    #expect(log.best?.number == 1 && log.epochs[1].decisive == 1.5)
    #expect(log.charts.map(\.title) == ["loss", "a", "b"])
    #expect(throws: RuntimeError("line 2 of the log is no entry of an epoch")) {
      try EpochLog(json: Array((text.split(separator: "\n")[0] + "\n{}\n").utf8))
    }
    #expect(throws: RuntimeError.self) {
      try EpochLog(json: Array("{\"epoch\":9223372036854775807}\n".utf8))
    }
  }
}
