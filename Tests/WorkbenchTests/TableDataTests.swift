import ModelRuntime
import TestSupport
import Testing

@testable import Rondo
@testable import Workbench

@Suite struct TableDataTests {
  /// Sequences of words and of classes, their vocabularies and sizes.
  @Test func readsTokens() throws {
    let data = try DataFixture.data(
      DataFixture.tagger,
      "text\ttag\nthe cat  sat\tD N V\na cat\tD N\n"
    )
    #expect(data.sizes == ["words": 5, "tags": 3, "word": 3])
    let words = try #require(data.form.vocabulary(of: "text"))
    #expect(words.entries == ["cat", "a", "sat", "the"] && words.unknown == 0 && !words.hasEnd)
    #expect(words.token(of: "dog") == 0)
    let tags = try #require(data.form.vocabulary(of: "tag"))
    #expect(tags.entries == ["D", "N", "V"] && tags.token(of: "X") == nil)
    let first = try DataFixture.example(data)
    #expect(first["text"] == FieldValue(elements: .tokens([4, 1, 3]), lengths: [[3]]))
    #expect(first["tag"] == FieldValue(elements: .tokens([0, 1, 2]), lengths: [[3]]))
  }

  /// A target that is drawn until its end gets one, and shares its vocabulary with the input.
  @Test func endsRows() throws {
    let data = try DataFixture.data(
      DataFixture.copier,
      "question\tanswer\nab\tba\nc\t\n"
    ) { $0.unit = .character }
    #expect(data.sizes == ["symbols": 5, "source": 2, "result": 3])
    let symbols = try #require(data.form.vocabulary(of: "answer"))
    #expect(symbols.hasEnd && symbols.unknown == 1 && symbols.entries == ["a", "b", "c"])
    #expect(symbols.counts == [2, 0, 2, 2, 1])
    #expect(try DataFixture.example(data)["answer"]?.elements == .tokens([3, 2, 0]))
    #expect(try DataFixture.example(data, 1)["answer"]?.elements == .tokens([0]))
    #expect(symbols.cell([3, 2, 0]) == "ba" && symbols.cell([1]) == "<unknown>")
  }

  /// Numbers, vectors, sequences of both, and columns bound to a vector.
  @Test func readsNumbers() throws {
    let text = "x,a,b,line,y\n1 2;3 -4,5,6,0.5 1e2,7\n1 1,0,0,3,1\n"
    let data = try DataFixture.data(DataFixture.numbers, text, as: "data.csv") {
      $0.bindings = ["once": ["a", "b"]]
    }
    #expect(data.sizes == ["width": 2, "time": 2])
    #expect(data.form.vocabularies.isEmpty)
    let first = try DataFixture.example(data)
    #expect(first["x"] == FieldValue(elements: .numbers([1, 2, 3, -4]), lengths: [[2]]))
    #expect(first["once"] == FieldValue(elements: .numbers([5, 6]), lengths: []))
    #expect(first["line"] == FieldValue(elements: .numbers([0.5, 100]), lengths: [[2]]))
    #expect(first["y"] == FieldValue(elements: .numbers([7]), lengths: []))
  }

  /// Letters in words, for an input over the inner axis, which runs over the outer one unsaid.
  @Test func readsLettersInWords() throws {
    let definition = """
      model nest {
        size letters, tags
        axis word
        axis letter in word
        input spelling: token(letters) over letter
        target tag: token(tags) over word
        layer embed = embedding(2), reader = gru(2), score = linear(tags)
        logits = score(last(reader(embed(spelling) over letter) over letter))
        output argmax(logits) as answer
        loss cross_entropy(logits, tag)
        train sgd(rate: 0.1)
      }

      """
    let rows = "spelling\ttag\nab  c\tX Y\nabba ab\tX X\n"
    let data = try DataFixture.data(definition, rows)
    #expect(data.sizes == ["letters": 4, "tags": 2, "word": 2, "letter": 4])
    let first = try DataFixture.example(data)
    #expect(
      first["spelling"] == FieldValue(elements: .tokens([1, 2, 3]), lengths: [[2], [2, 1]])
    )
    // The array has room for four letters of each of two words.
    let options = Compiler.Options(sizes: data.sizes, batch: 2)
    let compiler = Compiler(options: options)
    let model = try BuiltModels.build(compiler.generate(DataFixture.definition(definition)), 0)
    var batches = try #require(
      try data.trainingBatches(for: model.manifest, seed: nil) as? ExampleBatches
    )
    let call = try EntryCall(model, entry: "train")
    _ = try batches.fill(call, epoch: 0, number: 0)
    let input = try #require(call.input(named: "spelling"))
    let placed = try call.withInput(input, as: Int32.self) { Array($0) }
    #expect(placed.count == 16 && placed[0...1] == [1, 2] && placed[4] == 3)
    #expect(placed[8...13] == [1, 2, 2, 1, 1, 2])
    let session = try Session(model)
    try session.initialize(seed: 1)
    try session.run(call)
  }

  /// Classes called by the numbers from 0 on keep them; a size that is given bounds a vocabulary.
  @Test func keepsNumbers() throws {
    let text = "text\ttag\na b a c\t2 1 1 1\nb\t0\na\t1\n"
    func tags(_ definition: String, _ text: String) throws -> [String] {
      let data = try DataFixture.data(definition, text)
      return try #require(data.form.vocabulary(of: "tag")).entries
    }
    #expect(try tags(DataFixture.tagger, text) == ["0", "1", "2"])
    let fixed = DataFixture.tagger.replacing("size words, tags", with: "size words = 3, tags = 4")
    #expect(try tags(fixed, text) == ["0", "1", "2", "3"])
    // A number that is left out, or written otherwise, makes them names like any other.
    #expect(try tags(DataFixture.tagger, text.replacing("0", with: "3")) == ["1", "2", "3"])
    #expect(try tags(DataFixture.tagger, text.replacing("0", with: "00")) == ["1", "00", "2"])
    let words = try DataFixture.data(fixed, text).form.vocabulary(of: "text")
    #expect(words?.entries == ["a", "b"] && words?.counts == [1, 3, 2] && words?.unknown == 0)
  }

  /// A token that is its own number must be one that the model has.
  @Test func refusesNumbersOfTokens() {
    let definition = DataFixture.tagger.replacing("size words, tags", with: "size words = 4, tags")
    let text = "text\ttag\n3 1\tX Y\n2 4\tX X\n"
    #expect(
      DataFixture.refusal(definition, text) { $0.units = ["text": .number] }
        == "'data.tsv' line 3, column 'text': the token 4 is not below 4"
    )
  }

  /// Cells that say nothing a model can use, each named by line and column.
  @Test(arguments: [
    ("a b\tX\n", "line 2: 'tag' has length 1 along word, and 'text' has 2"),
    ("\tX\n", "line 2, column 'text': the cell is empty"),
    ("a b\tX Y\nc\n", "line 3: has 1 cells, and the first line has 2"),
  ])
  func refusesTokens(rows: String, message: String) {
    #expect(
      DataFixture.refusal(DataFixture.tagger, "text\ttag\n" + rows) == "'data.tsv' " + message
    )
  }

  /// Numbers that are none, or too many.
  @Test(arguments: [
    ("1 2;3,0 0,1 2,1", "line 2, column 'x': step 2 has 1 numbers, not 2"),
    ("1 2;3 4,0 0,1 2,x", "line 2, column 'y': 'x' is not a number that can be used"),
    ("1 2;3 4,0 0,1 nan,1", "line 2, column 'line': 'nan' is not a number that can be used"),
    ("1 2;3 4,0 0,1 1e99,1", "line 2, column 'line': '1e99' is not a number that can be used"),
    ("1 2;3 4,0 0 0,1 2,1", "line 2, column 'once': there are 3 numbers, not 2"),
    ("1 2;3 4,0 0,1 2,", "line 2, column 'y': the cell is empty"),
    ("1 2;3 4,0 0,1,1", "line 2: 'line' has length 1 along time, and 'x' has 2"),
    (
      "1 2,0 0,1,1\n1;2,0 0,1 2,1",
      "line 3, column 'x': there are 1 numbers, and 2 in the rows before"
    ),
  ])
  func refusesNumbers(rows: String, message: String) {
    let text = "x,once,line,y\n" + rows + "\n"
    #expect(
      DataFixture.refusal(DataFixture.numbers, text, as: "data.csv") == "'data.csv' " + message
    )
  }

  /// Columns that are not there, bound to nothing, or read in two ways.
  @Test func refusesBindings() {
    let text = "words\ttag\na\tX\n"
    #expect(
      DataFixture.refusal(DataFixture.tagger, text)
        == "'data.tsv' has no column 'text', it has 'words', 'tag'"
    )
    #expect(
      DataFixture.refusal(DataFixture.tagger, text) { $0.bindings = ["texts": ["words"]] }
        == "tagger has no input 'texts', it has text, tag"
    )
    #expect(
      DataFixture.refusal(DataFixture.tagger, text) { $0.bindings = ["text": ["words", "tag"]] }
        == "'text' is bound to 2 columns, which only a vector of numbers can be"
    )
    #expect(
      DataFixture.refusal(DataFixture.copier, "question\tanswer\na\tb\n") {
        $0.units = ["question": .character]
      }
        == "'question' is read by character and 'answer' by word, and both are token(symbols)"
    )
    #expect(
      DataFixture.refusal(DataFixture.tagger, "text\ttag\ttag\na\tX\tY\n")
        == "'data.tsv' has 2 columns 'tag'"
    )
  }

  /// Bad rows are left out and counted, if that is asked for.
  @Test func skipsBadRows() throws {
    let text = "text\ttag\na b\tX\nc\tY\n\tX\nd\tX\te\nf\tX\n"
    let data = try DataFixture.data(DataFixture.tagger, text) { $0.skipsBadRows = true }
    #expect(data.skipped == 3)
    guard case .examples(let set) = data.training else { return }
    #expect(set.numbers == [1, 4])
  }

  /// A class that only the validation part has is wrong; a word is unknown.
  @Test func keepsValidationApart() throws {
    let rows = (0..<20).map { "w\($0)\tX\n" }.joined()
    let data = try DataFixture.data(DataFixture.tagger, "text\ttag\n" + rows) {
      $0.validation = .fraction(0.25)
      $0.seed = 4
    }
    guard case .examples(let training) = data.training,
      case .examples(let validation)? = data.validation
    else { return }
    #expect(validation.count == 5 && training.count == 15)
    #expect((training.numbers + validation.numbers).sorted() == Array(0..<20))
    #expect(validation.numbers != Array(15..<20))
    #expect(data.sizes["words"] == 16)
    for number in validation.numbers {
      let value = try validation.reader.values(of: number).get()[0]
      #expect(value.elements == .tokens([0]))
    }
    let other = rows.replacing("w7\tX", with: "w7\tY").replacing("w9\tX", with: "w9\tY")
    let refusals = (0..<8).map { seed in
      DataFixture.refusal(DataFixture.tagger, "text\ttag\n" + other) {
        $0.validation = .fraction(0.5)
        $0.seed = UInt64(seed)
      }
    }
    #expect(refusals.contains("nothing"))
    #expect(
      refusals.contains { $0.hasSuffix(", column 'tag': 'Y' is not among the 1 of the vocabulary") }
    )
  }

  /// From a file to a trained model, by the same calls that the command has.
  @Test func trains() throws {
    let words = [("ann", "N"), ("runs", "V"), ("the", "D"), ("dog", "N"), ("sees", "V")]
    var random = SplitMix(seed: 3)
    var text = "text\ttag\n"
    for _ in 0..<60 {
      let row = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        words[Int.random(in: 0..<words.count, using: &random)]
      }
      text +=
        row.map(\.0).joined(separator: " ") + "\t" + row.map(\.1).joined(separator: " ") + "\n"
    }
    try inFolder { folder in
      let path = Platform.join(folder, "data.tsv")
      try Platform.replace(path, with: Array(text.utf8))
      let definition = DataFixture.definition(DataFixture.tagger)
      let data = try TrainingData(definition, DataRequest(path, validation: .fraction(0.2)))
      let options = Compiler.Options(sizes: data.sizes, batch: 8)
      let model = try BuiltModels.build(Compiler(options: options).generate(definition), 0)
      let session = try Session(model)
      try session.initialize(seed: 1)
      let trainer = try Trainer(
        session,
        training: data.trainingBatches(for: model.manifest, seed: 1),
        validation: data.validationBatches(for: model.manifest),
        options: .init(epochs: 8)
      )
      var accuracy = 0.0
      _ = try trainer.run { event in
        if case .epoch(let report) = event {
          accuracy = report.validation.first { $0.name == "accuracy" }?.value ?? 0
        }
        return true
      }
      #expect(accuracy == 1)
    }
  }

  /// A batch follows from epoch and number alone; each epoch has every example once, in batches of
  /// like lengths.
  @Test func shuffles() throws {
    var text = "text\ttag\n"
    for row in 0..<403 {
      let words = Array(repeating: "w", count: 1 + row * 7 % 10).joined(separator: " ")
      text += "\(words)\t\(words)\n"
    }
    let data = try DataFixture.data(DataFixture.tagger, text)
    guard case .examples(let set) = data.training else { return }
    var batches = try ExampleBatches(set, rows: 4, seed: 9)
    #expect(batches.batchCount == 101)
    func order(_ epoch: Int) -> [[Int]] {
      (0..<batches.batchCount).map { batches.places(of: $0, epoch: epoch) }
    }
    let first = order(0)
    #expect(first.flatMap(\.self).sorted() == Array(0..<403))
    #expect(first.map(\.count) == Array(repeating: 4, count: 100) + [3])
    let spread = first.map { batch in
      let lengths = batch.map { set.size(of: $0) }
      return (lengths.max() ?? 0) - (lengths.min() ?? 0)
    }
    #expect(spread.filter { $0 > 1 }.count < 5)
    let second = order(1)
    #expect(second != first && second.flatMap(\.self).sorted() == Array(0..<403))
    #expect(order(0) == first)
  }
}
