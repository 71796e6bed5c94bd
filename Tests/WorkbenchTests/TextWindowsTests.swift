import ModelRuntime
import Testing

@testable import Rondo
@testable import Workbench

@Suite struct TextWindowsTests {
  /// What a batch put into a call.
  private struct Filled: Equatable {
    var rows: [[Int32]]
    var fresh: [UInt8]
  }

  /// All batches of an epoch, for a text that counts from 0.
  private func epoch(
    _ number: Int,
    count: Int,
    carry: Bool,
    batch: Int = 3,
    seed: UInt64? = 5
  ) throws -> [Filled] {
    let letters = 100
    let model = try TextModel.loaded(
      TextModel.definition(carry: carry),
      letters: letters,
      batch: batch
    )
    let input = try TextInput(of: model.manifest)
    #expect(input.name == "text" && input.length == 4 && input.tokens == letters)
    #expect(input.carries == carry)
    var windows = try TextWindows(
      (0..<Int32(count)).map { $0 },
      input: input,
      batch: batch,
      seed: seed
    )
    let call = try EntryCall(model, entry: "train")
    var result: [Filled] = []
    while let done = try windows.fill(call, epoch: number, number: result.count) {
      #expect(done.total == windows.batchCount)
      let length = done.positions / done.rows
      let index = try #require(call.input(named: "text"))
      let rows = try call.withInput(index, as: Int32.self) { elements in
        (0..<done.rows).map { row in Array(elements[row * 4..<row * 4 + length]) }
      }
      var fresh: [UInt8] = []
      if let index = call.entry.inputs.firstIndex(where: { $0.role == .fresh }) {
        fresh = try call.withInput(index, as: UInt8.self) { Array($0) }
      }
      result.append(Filled(rows: rows, fresh: fresh))
    }
    #expect(result.count == windows.batchCount)
    return result
  }

  /// Row r reads the rth part of the text without a gap, fresh at the epoch's start only.
  @Test func streams() throws {
    let batches = try epoch(0, count: 32, carry: true)
    // 32 tokens are three streams of 10: windows of 4, 4 and 2.
    #expect(batches.map { $0.rows.map(\.count) } == [[4, 4, 4], [4, 4, 4], [2, 2, 2]])
    for row in 0..<3 {
      let stream = batches.flatMap { $0.rows[row] }
      #expect(stream == (0..<10).map { Int32(row * 10 + $0) })
    }
    #expect(batches.map(\.fresh) == [[1, 1, 1], [0, 0, 0], [0, 0, 0]])
    #expect(try epoch(7, count: 32, carry: true) == batches)
  }

  /// Without carry every epoch has each window once, in an order that follows from seed and epoch.
  @Test func shuffles() throws {
    let first = try epoch(0, count: 43, carry: false)
    let second = try epoch(1, count: 43, carry: false)
    let starts = { (batches: [Filled]) in batches.flatMap { $0.rows.map { $0[0] } } }
    #expect(first.map(\.rows.count) == [3, 3, 3, 1])
    #expect(first.allSatisfy { $0.rows.allSatisfy { $0.count == 4 } })
    #expect(starts(first).sorted() == (0..<10).map { Int32($0 * 4) })
    #expect(starts(first).sorted() == starts(second).sorted())
    #expect(starts(first) != starts(second))
    #expect(try epoch(0, count: 43, carry: false) == first)
    #expect(try starts(epoch(3, count: 43, carry: false, seed: nil)) == (0..<10).map { $0 * 4 })
  }

  /// A text shorter than a batch has fewer rows, and one shorter than a window one short row.
  @Test func takesShortTexts() throws {
    for carry in [true, false] {
      #expect(try epoch(0, count: 9, carry: carry).map(\.rows.count).max() == 2)
      #expect(try epoch(0, count: 3, carry: carry).map(\.rows) == [[[0, 1, 2]]])
      #expect(throws: RuntimeError.self) { try epoch(0, count: 0, carry: carry) }
    }
  }

  /// A batch follows from its two numbers, whatever was asked before.
  @Test func goesOnFromTheMiddle() throws {
    let model = try TextModel.loaded(TextModel.definition(carry: false), letters: 100)
    let input = try TextInput(of: model.manifest)
    let call = try EntryCall(model, entry: "train")
    func batch(_ windows: inout TextWindows, _ epoch: Int, _ number: Int) throws -> [Int32] {
      _ = try windows.fill(call, epoch: epoch, number: number)
      return try call.withInput(0, as: Int32.self) { Array($0) }
    }
    let tokens = (0..<Int32(90)).map { $0 }
    var one = try TextWindows(tokens, input: input, batch: 3, seed: 1)
    var other = one
    for number in 0..<4 { _ = try batch(&one, 2, number) }
    #expect(try batch(&one, 2, 4) == batch(&other, 2, 4))
  }

  /// The two parts of a split are the text, and nothing is in both.
  @Test func splitsWithoutMixing() throws {
    let whole = try text("0123456789abcdefghij")
    let parts = whole.split(last: 0.1)
    #expect(parts.first.symbols.count == 18 && parts.last.symbols.count == 2)
    #expect((parts.first + parts.last) == whole)
    #expect(whole.split(last: 0).last.symbols.isEmpty)
  }
}

@Suite struct TextInputTests {
  /// The size that a text decides is the one open size of one input; the rest is asked for.
  @Test func bindsTheOnlySize() throws {
    let letters = Compiler.Opening(name: "letters", isAxis: false, inputs: ["text"])
    let hidden = Compiler.Opening(name: "hidden", isAxis: false, inputs: [])
    let time = Compiler.Opening(name: "time", isAxis: true, inputs: [])
    #expect(try TextInput.size(among: [], given: [:]) == nil)
    #expect(try TextInput.size(among: [letters], given: [:]) == "letters")
    #expect(try TextInput.size(among: [letters], given: ["letters": 9]) == nil)
    #expect(
      try TextInput.size(among: [hidden, letters, time], given: ["hidden": 4, "time": 9])
        == "letters"
    )
    let error = #expect(throws: RuntimeError.self) {
      try TextInput.size(among: [letters, time], given: [:])
    }
    #expect(error?.message == "the axis time has no bound")
    #expect(error?.hint == "give one by --size time=N")
    #expect(throws: RuntimeError.self) { try TextInput.size(among: [hidden], given: [:]) }
    let words = Compiler.Opening(name: "words", isAxis: false, inputs: ["question", "answer"])
    for several in [[words], [letters, words]] {
      let error = #expect(throws: RuntimeError.self) {
        try TextInput.size(among: several, given: [:])
      }
      #expect(error?.kind == .unsupported)
    }
  }

  /// A model that needs more than a text is refused.
  @Test func refusesOtherModels() throws {
    let text = """
      model other {
        axis time <= 4
        input x: real over time
        target y: real over time
        param w: real ~ uniform(1)
        loss mse(w * x, y)
        train sgd(rate: 0.1)
      }

      """
    let definition = Definition(name: "other.graph", bytes: Array(text.utf8))
    let manifest = try Compiler().generate(definition).manifest
    let error = #expect(throws: RuntimeError.self) { try TextInput(of: manifest) }
    #expect(error?.kind == .unsupported)
    #expect(error?.message.hasPrefix("other is trained on x, y; a text is read into") == true)
  }
}

@Suite struct TextDataTests {
  /// A text by words: the vocabulary is that of the part that is trained on, and as large as the
  /// definition says.
  @Test(arguments: ["token(4)", "token(words)"]) func readsWords(tokens: String) throws {
    let definition = """
      model reader {
        size words = 4
        axis time <= 4
        target text: \(tokens) over time
        layer rnn = gru(2), score = linear(words)
        loss cross_entropy(score(rnn(onehot(previous(text)))), text)
        train sgd(rate: 0.1) carry over time
      }

      """
    let text = "a b a c a b d e\n" + String(repeating: "z ", count: 9)
    let data = try DataFixture.data(definition, text, as: "data.txt") {
      $0.unit = .word
      $0.validation = .fraction(0.5)
    }
    let vocabulary = try #require(data.form.vocabulary(of: "text"))
    #expect(vocabulary.entries == ["a", "b", "\n"] && vocabulary.counts == [3, 3, 2, 1])
    guard case .text(let validation)? = data.validation else { return }
    #expect(validation == Array(repeating: 0, count: 9))
  }
}
