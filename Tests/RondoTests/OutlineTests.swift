import Testing

@testable import Rondo

@Suite struct OutlineTests {
  /// A definition's block, its items by a short text: kind, names, text, and the names of what they read.
  private func lines(_ text: String, block: Int = 0) throws -> [String] {
    let outline = try Definition(name: "m.graph", bytes: Array(text.utf8)).outline()
    let items = outline.blocks[block].items
    return items.map { item in
      let uses = item.uses.map { place -> String in
        let used = items[place]
        return (used.kind == .next ? "next " : "") + used.names.joined(separator: "+")
      }
      let place = item.scan.map { " in \(items[$0].text)" } ?? ""
      return "\(item.line) \(item.kind) \(item.names.joined(separator: "+")): \(item.text)\(place)"
        + (uses.isEmpty ? "" : " <- " + uses.joined(separator: ", "))
    }
  }

  /// Statements, what each reads, and layers within expressions.
  @Test func tellsWhoReadsWhat() throws {
    let text = """
      model m {
        size n = 3
        axis time <= 2 * n
        input x, y: real[n, 2] over time
        param w: real[n] ~ uniform(0.5) frozen
        layer a = gru(4), b = linear(n)
        i, o = split(-(w + 1) * b(a(x)) @ y, 2)
        output (i + o)[0:2] as result
        loss mse(i, 1e-6)
        train sgd(rate: 0.1) carry over time
      }
      """
    #expect(
      try lines(text) == [
        "2 size n: 3",
        "3 axis time: <= 2 * n",
        "4 input x+y: real[n, 2] over time",
        "5 parameter w: real[n] ~ uniform(0.5) frozen",
        "6 instance a: gru(4)",
        "6 instance b: linear(n)",
        "7 value i+o: split(-(w + 1) * b(…) @ y, 2) <- w, b, x+y",
        "8 output result: (i + o)[0:2] <- i+o",
        "9 loss : mse(i, 1e-6) <- i+o",
        "10 train : sgd(rate: 0.1) carry over time",
        "7 application b: b(a(…)) <- b, a",
        "7 application a: a(x) <- a, x+y",
      ]
    )
  }

  /// In its scan a state is what it was before the step, elsewhere what it became.
  @Test func tellsStatesApart() throws {
    let text = """
      model m {
        axis time
        input x: real over time
        scan reverse over time {
          state h: real = 0.5
          next h = tanh(h + x)
          y = next h * h
        }
        output h * y
      }
      """
    #expect(
      try lines(text) == [
        "2 axis time: ",
        "3 input x: real over time",
        "4 scan : reverse over time",
        "5 state h: 0.5 in reverse over time",
        "6 next h: tanh(h + x) in reverse over time <- h, x",
        "7 value y: next h * h in reverse over time <- next h, h",
        "9 output : h * y <- next h, y",
      ]
    )
    let outline = try Definition(name: "m.graph", bytes: Array(text.utf8)).outline()
    #expect(outline.blocks[0].items[4].renews == 3)
  }

  /// Cells and layers are blocks of their own; what they are given comes first.
  @Test func hasCells() throws {
    let text = """
      layer twice(x: real[n]; units, inner: layer, rate = 0.5) {
        layer one = inner
        y = one(x)
        emit one(y) * rate, y
      }
      """
    #expect(
      try lines(text) == [
        "1 input x: real[n]",
        "1 size units: ",
        "1 instance inner: layer",
        "1 size rate: 0.5",
        "2 instance one: inner",
        "3 value y: one(x) <- one, x",
        "4 emit : one(…) * rate <- one, rate",
        "4 emit y:  <- y",
        "4 application one: one(y) <- one, y",
      ]
    )
  }

  /// A text's stretches are the text again, and its words are told apart.
  @Test func highlights() {
    let text =
      "# née <x>\nmodel m {\n\tloss a.loss + 1e-3 # \u{1F600}\n  size size_of = training\n}\n"
    let lines = Definition(name: "m", bytes: Array(text.utf8)).highlightedLines
    #expect(lines.map { $0.map(\.text).joined() }.joined(separator: "\n") + "\n" == text)
    let words = lines.joined().filter { $0.kind != .plain }.map { "\($0.kind): \($0.text)" }
    #expect(
      words == [
        "comment: # née <x>", "keyword: model", "keyword: loss", "number: 1e-3",
        "comment: # \u{1F600}", "keyword: size", "keyword: training",
      ]
    )
    let broken = Definition(name: "m", bytes: [0xff, 10, 0x22, 0x40])
    #expect(broken.highlightedLines.count == 2)
  }
}
