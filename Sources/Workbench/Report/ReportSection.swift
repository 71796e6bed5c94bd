internal import Rondo

/// A part of the page with a heading that can be linked to.
struct ReportSection {
  /// What links call it.
  var id: String
  /// The heading.
  var title: String
  /// What is below it.
  var body: String

  /// The section as HTML.
  var html: String {
    "<section id=\"\(id)\">\n<h2>\(title)</h2>\n\(body)\n</section>"
  }

  /// The sections that have something to show: first what came out, then what it was made by.
  static func all(of report: RunReport) -> [ReportSection] {
    let all: [ReportSection] = [
      .init(id: "curves", title: "Curves", body: charts(report.curves)),
      .init(id: "evaluation", title: "Evaluation", body: evaluation(report.figures)),
      .init(
        id: "forecast",
        title: "Forecast",
        body: charts(report.forecastFigures, .alone)
      ),
      .init(id: "confusion", title: "Confusion matrix", body: confusions(report)),
      .init(
        id: "attention",
        title: "Attention",
        body: charts(report.attentionFigures, .row)
      ),
      .init(id: "gradient", title: "Gradient norm by step", body: charts(report.gradientFigures)),
      .init(id: "samples", title: "Samples", body: samples(report.samples)),
      .init(id: "definition", title: "Definition", body: definition(report)),
      .init(id: "sizes", title: "Sizes and weights", body: sizes(report.facts)),
      .init(id: "memory", title: "Memory", body: memory(report)),
      .init(id: "epochs", title: "Epochs", body: epochs(report.log)),
    ]
    return all.filter { !$0.body.isEmpty }
  }

  // MARK: - Drawings

  /// The widths that drawings are made for: alone, beside another, and on a phone.
  private static let (alone, beside, phone) = (1000.0, 500.0, 340.0)

  /// How drawings stand: two beside each other, each alone, or as many as there is room for.
  private enum Order {
    case beside, alone, row
  }

  /// Drawings, each for a wide and for a narrow page.
  private static func charts(_ figures: [ReportFigure], _ order: Order = .beside) -> String {
    guard !figures.isEmpty else { return "" }
    let isBeside = order == .beside && figures.count > 1
    let parts = figures.map { figure in
      let drawing = figure.drawing
      guard !drawing.hasOneWidth else { return only(figure) }
      return """
        <figure id="\(figure.name)">
        <div class="wide">\(scrolled(drawing.picture(width: isBeside ? beside : alone)))</div>
        <div class="narrow">\(scrolled(drawing.picture(width: phone)))</div>
        </figure>
        """
    }
    let classes = isBeside ? "pair" : order == .row ? "row" : "list"
    return "<div class=\"\(classes)\">\n\(parts.joined(separator: "\n"))\n</div>"
  }

  /// A drawing that serves every page.
  private static func only(_ figure: ReportFigure) -> String {
    "<figure id=\"\(figure.name)\">\(scrolled(figure.drawing.picture(width: alone)))</figure>"
  }

  /// A drawing that is made smaller where there is less room, but not so small that it cannot be read.
  private static func scrolled(_ picture: Picture) -> String {
    let (most, least) = (Canvas.number(picture.width), Canvas.number(picture.width * 0.8))
    return "<div class=\"scroll\" style=\"--most: \(most)px; --least: \(least)px\">"
      + picture.inline + "</div>"
  }

  // MARK: - Parts

  /// How the model does on data, as a table.
  private static func evaluation(_ figures: [ModelFacts.Fact]) -> String {
    guard !figures.isEmpty else { return "" }
    return table([], figures.map { [$0.name, $0.text] }, classes: "facts")
  }

  /// The matrices, and what each class came to.
  private static func confusions(_ report: RunReport) -> String {
    let matrices = charts(report.confusionFigures, .row)
    guard !matrices.isEmpty else { return "" }
    func percent(_ value: Double?) -> String {
      value.map { NumberText.fixed(100 * $0, 1) + " %" } ?? "–"
    }
    let tables = report.confusions.map { classes in
      let rows = classes.confusion.scores.map { line in
        [
          line.name, NumberText.grouped(line.count), percent(line.precision), percent(line.recall),
          percent(line.f1),
        ]
      }
      let name = report.confusions.count > 1 ? ": " + classes.title : ""
      return folded(
        "by class" + name,
        table(["class", "examples", "precision", "recall", "F1"], rows),
        isOpen: rows.count <= 12
      )
    }
    return matrices + "\n" + tables.joined(separator: "\n")
  }

  /// What the model made.
  private static func samples(_ samples: [RunReport.Sample]) -> String {
    samples.map { sample in
      let prompt = sample.prompt.isEmpty ? "" : "<b>\(Markup.escaped(sample.prompt))</b>"
      let truth =
        sample.truth.map { truth in
          let isRight = truth == sample.text.drop { $0 == "\n" }
          return "\n<p class=\"\(isRight ? "right" : "wrong")\">true: \(Markup.escaped(truth))</p>"
        } ?? ""
      return """
        <figure class="sample">
        <figcaption>\(Markup.escaped(sample.title))</figcaption>
        <blockquote>\(prompt)\(Markup.escaped(sample.text))</blockquote>\(truth)
        </figure>
        """
    }.joined(separator: "\n")
  }

  /// The definition as boxes and as text.
  private static func definition(_ report: RunReport) -> String {
    var parts = report.graphs.map(only)
    if let definition = report.definition {
      let lines = definition.highlightedLines.enumerated().map { index, line in
        let text = line.map { part in
          let escaped = Markup.escaped(part.text)
          return part.kind == .plain
            ? escaped : "<span class=\"\(part.kind.rawValue)\">\(escaped)</span>"
        }
        return "<span class=\"line\" id=\"line-\(index + 1)\" data-line=\"\(index + 1)\">"
          + text.joined() + "</span>"
      }
      parts.append("<pre class=\"text\" tabindex=\"0\">\(lines.joined(separator: "\n"))</pre>")
    }
    return parts.joined(separator: "\n")
  }

  /// Sizes and weights as tables.
  private static func sizes(_ facts: ModelFacts?) -> String {
    guard let facts else { return "" }
    var parts: [String] = []
    if !facts.sizes.isEmpty {
      parts.append(table([], facts.sizes.map { [$0.name, $0.text] }, classes: "facts"))
    }
    if !facts.parameters.isEmpty {
      let rows = facts.parameters.map { one in
        [
          one.name + (one.isFrozen ? " (frozen)" : ""),
          one.shape.isEmpty ? "one number" : one.shape.map(String.init).joined(separator: " × "),
          NumberText.grouped(one.count),
        ]
      }
      let total = [["all", "", NumberText.grouped(facts.parameterCount)]]
      parts.append(table(["weights", "shape", "numbers"], rows + total, classes: "total"))
    }
    return parts.joined(separator: "\n")
  }

  /// The blocks of memory as bars.
  private static func memory(_ report: RunReport) -> String {
    guard let facts = report.facts, facts.bytes > 0 else { return "" }
    let most = Double(facts.blocks.map(\.bytes).max() ?? 1)
    let rows = facts.blocks.map { block in
      let share = Canvas.number(100 * Double(block.bytes) / max(most, 1))
      return """
        <tr><th scope="row">\(Markup.escaped(block.name))</th>\
        <td class="bar"><i style="width: \(share)%"></i></td>\
        <td>\(NumberText.bytes(block.bytes))</td></tr>
        """
    }
    return """
      <p>All of it is known when the model is compiled: \(NumberText.bytes(facts.bytes)) to train. \
      Nothing is allocated after a model is created.</p>
      <table class="bars">
      \(rows.joined(separator: "\n"))
      </table>
      \(plan(report.memoryPlan))
      """
  }

  /// The compiler's picture of the arena, which has a style of its own and so stands apart as an image.
  private static func plan(_ picture: String?) -> String {
    guard let picture else { return "" }
    let data = Markup.base64(picture.utf8)
    return folded(
      "what stands where in the work memory, and how long",
      "<div class=\"scroll\"><img alt=\"plan of the work memory\" src=\"data:image/svg+xml;base64,"
        + data + "\"/></div>",
      isOpen: false
    )
  }

  /// About the most lines of a table.
  private static let tableLimit = 300

  /// The log as a table.
  private static func epochs(_ log: EpochLog?) -> String {
    guard let log, !log.epochs.isEmpty else { return "" }
    var names: [String] = []
    for epoch in log.epochs {
      for measure in epoch.validation where !names.contains(measure.name) {
        names.append(measure.name)
      }
    }
    // A page is no place for ten thousand lines: of many, some at equal distances, the best and the last.
    let count = log.epochs.count
    let every = max(1, (count + tableLimit - 1) / tableLimit)
    let best = log.epochs.lastIndex { $0.isBest }
    let shown = log.epochs.indices.filter { index in
      index % every == 0 || index == best || index + 1 == count
    }
    let rows = shown.map { log.epochs[$0] }.map { epoch -> [String] in
      let measures = names.map { name in
        epoch.validation.first { $0.name == name }.map { Scale.figure($0.value) } ?? "–"
      }
      let number = "\(epoch.number)" + (epoch.isBest ? " *" : "")
      let rate = epoch.rate.map { "\(Float($0))" } ?? "–"
      let time = epoch.seconds.map(NumberText.seconds) ?? "–"
      return [number, epoch.loss.map(Scale.figure) ?? "–"] + measures + [rate, time]
    }
    let head =
      ["epoch", "loss"] + names.map { $0 == "loss" ? "validation" : $0 } + ["rate", "time"]
    let some = every > 1 ? ", one of \(every) shown" : ""
    return folded(
      "\(NumberText.counted(count, "epoch"))\(some); * was the best so far",
      table(head, rows),
      isOpen: false
    )
  }

  // MARK: - HTML

  /// A table; the first cell of a row is its head.
  private static func table(_ head: [String], _ rows: [[String]], classes: String = "") -> String {
    let names = head.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
    let lines = rows.map { row in
      let cells = row.enumerated().map { index, cell in
        index == 0
          ? "<th scope=\"row\">\(Markup.escaped(cell))</th>" : "<td>\(Markup.escaped(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return """
      <div class="scroll"><table class="\(classes)">
      \(names.isEmpty ? "" : "<thead><tr>\(names)</tr></thead>")
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }

  /// What is shown when it is asked for.
  private static func folded(_ title: String, _ body: String, isOpen: Bool) -> String {
    """
    <details\(isOpen ? " open=\"open\"" : "")>
    <summary>\(Markup.escaped(title))</summary>
    \(body)
    </details>
    """
  }
}
