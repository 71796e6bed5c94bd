internal import Rondo

extension RunReport {
  /// The report as one page of HTML that needs nothing else: no network, no script; it is XML as well.
  package var page: String {
    let sections = ReportSection.all(of: self)
    let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
    let name = Markup.escaped(model)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(name) · Rondo</title>
      <style>
      \(PictureStyle.text)
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <header>
      <p class="kind">report of a run</p>
      <h1>\(name)</h1>
      \(summary)
      \(links.count > 1 ? "<nav>\(links.joined(separator: "\n"))</nav>" : "")
      </header>
      <main>
      \(sections.map(\.html).joined(separator: "\n"))
      </main>
      <footer>made by rondo \(Compiler.version)</footer>
      </body>
      </html>

      """
  }

  /// What the definition says of itself, and the figures that one looks for first.
  private var summary: String {
    var cards: [(figure: String, word: String)] = []
    if let log, let last = log.epochs.last {
      if let best = log.best, let loss = best.decisive {
        let kind = best.validation.contains { $0.name == "loss" } ? "validation" : "training"
        cards.append((Scale.figure(loss), "best \(kind) loss"))
        for measure in best.validation where measure.name != "loss" {
          cards.append((Scale.figure(measure.value), measure.name))
        }
        cards.append(("\(best.number) of \(last.number)", "best epoch"))
      } else {
        cards.append(("\(last.number)", last.number == 1 ? "epoch" : "epochs"))
      }
      if log.seconds > 0 { cards.append((NumberText.seconds(log.seconds), "of training")) }
    }
    if let facts {
      cards.append((NumberText.grouped(facts.parameterCount), "parameters"))
      if facts.bytes > 0 { cards.append((NumberText.bytes(facts.bytes), "memory to train")) }
    }
    let paragraphs = introduction.map { paragraph in
      // What stands between two backticks is code.
      let parts = paragraph.split(separator: "`", omittingEmptySubsequences: false)
      let texts = parts.enumerated().map { index, part in
        let isCode = index % 2 == 1 && index + 1 < parts.count
        let text = Markup.escaped(String(part))
        return isCode ? "<code>\(text)</code>" : (index % 2 == 1 ? "`" : "") + text
      }
      return "<p class=\"about\">\(texts.joined())</p>"
    }
    let list = cards.map {
      "<div><dd>\(Markup.escaped($0.figure))</dd><dt>\(Markup.escaped($0.word))</dt></div>"
    }
    return paragraphs.joined(separator: "\n")
      + (list.isEmpty ? "" : "\n<dl class=\"cards\">\(list.joined(separator: "\n"))</dl>")
  }

  /// The comment at the head of the definition, paragraph by paragraph.
  private var introduction: [String] {
    var paragraphs: [[String]] = [[]]
    for line in definition?.highlightedLines ?? [] {
      guard line.count == 1, let comment = line.first, comment.kind == .comment else { break }
      let indented = comment.text.drop { $0 == "#" }
      let text = indented.drop { $0 == " " }
      if text.isEmpty {
        paragraphs.append([])
      } else {
        // What is indented is a command.
        let isCode = indented.count - text.count >= 4 && !text.contains("`")
        paragraphs[paragraphs.count - 1].append(isCode ? "`\(text)`" : String(text))
      }
    }
    return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
  }
}
