import Foundation
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Generating") struct GenerateTests {
  /// Four tokens, of which 0 ends a row, told by a picture.
  private static let text = """
    model teller {
      axis time <= 4
      input image: real[2]
      target text: token(4) over time
      layer embed = embedding(3), start = linear(4), rnn = gru(4), fc = linear(4)
      logits = 4 * fc(rnn(embed(previous(text)), h: start(image)))
      output logits
      loss cross_entropy(logits, text)
      generate text from logits until 0
    }

    """
  private static let tokens = 4
  private static let limit = 4
  /// A width that holds every beginning of up to three tokens.
  private static let wholeWidth = 40
  private static let images: [Float] = [0.9, -0.4, -1.5, 0.3]

  /// The model with room for two rows of the widest search.
  private static func session(_ arithmetic: Compiler.Arithmetic = .fast) throws -> Session {
    let options = Compiler.Options(batch: 2 * wholeWidth, arithmetic: arithmetic)
    let session = try Session(ModelHarness(text, options).native().model)
    try session.initialize(seed: 12)
    return session
  }

  /// Rows drawn for the pictures asked for.
  private static func rows(
    _ generation: Generation,
    _ session: Session,
    images chosen: [Int] = [0, 1],
    firstExample: UInt32 = 0
  ) throws -> [GeneratedRow] {
    try session.generate(
      generation,
      batch: chosen.count,
      inputs: ["image": .float(chosen.flatMap { images[2 * $0..<2 * $0 + 2] })],
      firstExample: firstExample
    )
  }

  /// After each beginning, what the model thinks of every token; from whole sequences.
  private static func table(_ session: Session, image: Int) throws -> [[Int32]: [Double]] {
    var sequences: [[Int32]] = [[]]
    for _ in 0..<limit { sequences = sequences.flatMap { old in (0..<4).map { old + [$0] } } }
    var table: [[Int32]: [Double]] = [:]
    for start in stride(from: 0, to: sequences.count, by: 64) {
      let part = Array(sequences[start..<start + 64])
      let outputs = try session.run(
        "infer",
        batch: 64,
        inputs: [
          "text": .int(part.flatMap(\.self)),
          "image": .float((0..<64).flatMap { _ in images[2 * image..<2 * image + 2] }),
        ]
      )
      guard case .float(let logits)? = outputs["logits"] else { continue }
      for (row, sequence) in part.enumerated() {
        for position in 0..<limit {
          let first = (row * limit + position) * tokens
          let here = logits[first..<first + tokens].map(Double.init)
          let total = here.reduce(0) { $0 + exp($1) }
          table[Array(sequence[..<position])] = here.map { $0 - log(total) }
        }
      }
    }
    return table
  }

  /// A hypothesis of the reference.
  private struct Candidate {
    var values: [Int32] = []
    var score = 0.0
    var hasEnded: Bool { values.last == 0 }
  }

  /// The search as it is defined, over a table.
  private static func search(_ table: [[Int32]: [Double]], width: Int, penalty: Double)
    -> [Candidate]
  {
    func rank(_ one: Candidate) -> Double {
      one.values.isEmpty ? 0 : one.score / pow(Double(one.values.count), penalty)
    }
    var beams = [Candidate()]
    for _ in 0..<limit {
      let next = beams.flatMap { beam -> [Candidate] in
        guard !beam.hasEnded else { return [beam] }
        let scores = table[beam.values] ?? Array(repeating: 0, count: tokens)
        return scores.enumerated().map { token, score -> Candidate in
          Candidate(values: beam.values + [Int32(token)], score: beam.score + score)
        }
      }
      let order = next.indices.sorted {
        let (a, b) = (rank(next[$0]), rank(next[$1]))
        return a == b ? $0 < $1 : a > b
      }
      beams = order.prefix(width).map { next[$0] }
    }
    return beams
  }

  private static func expect(_ row: GeneratedRow, is wanted: [Candidate]) {
    #expect(row.hypotheses.map(\.values) == wanted.map(\.values))
    for (found, wanted) in zip(row.hypotheses, wanted) {
      #expect(abs(Double(found.logProbability) - wanted.score) <= 1e-5 * (1 + abs(wanted.score)))
    }
    #expect(row.values == row.hypotheses.first?.values)
    #expect(row.logProbability == row.hypotheses.first?.logProbability)
  }

  @Test("a beam that holds all beginnings finds what trying everything finds")
  func exhaustive() throws {
    let session = try Self.session()
    let rows = try Self.rows(Generation(limit: Self.limit, beamWidth: Self.wholeWidth), session)
    for (image, row) in rows.enumerated() {
      let table = try Self.table(session, image: image)
      var all = [Candidate()]
      for _ in 0..<Self.limit {
        all = all.flatMap { one in
          one.hasEnded
            ? [one]
            : (0..<Int32(Self.tokens)).map { token in
              Candidate(
                values: one.values + [token],
                score: one.score + (table[one.values]?[Int(token)] ?? 0)
              )
            }
        }
      }
      #expect(all.count == 121)
      all.sort { $0.score > $1.score }
      Self.expect(row, is: Array(all.prefix(Self.wholeWidth)))
    }
  }

  @Test(
    "a beam is searched as it is defined",
    arguments: [2, 3, 5],
    [0, 0.7, 2]
  )
  func narrow(_ width: Int, _ penalty: Double) throws {
    let session = try Self.session()
    let generation = Generation(
      limit: Self.limit,
      beamWidth: width,
      lengthPenalty: Float(penalty)
    )
    let rows = try Self.rows(generation, session)
    for (image, row) in rows.enumerated() {
      let table = try Self.table(session, image: image)
      Self.expect(row, is: Self.search(table, width: width, penalty: penalty))
    }
  }

  @Test("width 1, temperature 0 and top-k 1 all take the likeliest")
  func greedy() throws {
    let session = try Self.session()
    let greedy = try Self.rows(Generation(limit: Self.limit, temperature: 0), session)
    for seed in 0..<3 as Range<UInt64> {
      let one = Generation(limit: Self.limit, topK: 1, temperature: 2, seed: seed)
      #expect(try Self.rows(one, session) == greedy)
    }
    let narrow = Generation(limit: Self.limit, temperature: 0, beamWidth: 1)
    #expect(try Self.rows(narrow, session) == greedy)
    for (image, row) in greedy.enumerated() {
      let best = Self.search(try Self.table(session, image: image), width: 1, penalty: 0)
      #expect(row.values == best.first?.values)
    }
  }

  @Test("rows end with their ending token, and have the probability of the whole sequence")
  func draws() throws {
    let session = try Self.session()
    let tables = try (0..<2).map { try Self.table(session, image: $0) }
    var lengths: Set<Int> = []
    for seed in 0..<40 as Range<UInt64> {
      let rows = try Self.rows(Generation(limit: Self.limit, seed: seed), session)
      #expect(try Self.rows(Generation(limit: Self.limit, seed: seed), session) == rows)
      for (table, row) in zip(tables, rows) {
        lengths.insert(row.values.count)
        #expect(!row.values.dropLast().contains(0))
        #expect(row.values.count == Self.limit || row.values.last == 0)
        let wanted = row.values.indices.reduce(0.0) { sum, place in
          sum + (table[Array(row.values[..<place])]?[Int(row.values[place])] ?? 0)
        }
        #expect(abs(Double(row.logProbability) - wanted) <= 1e-5 * (1 + abs(wanted)))
      }
    }
    #expect(lengths.isSuperset(of: [2, 3, 4]))
  }

  @Test("a prompt is what the sequence begins with", arguments: [0, 2])
  func prompt(_ width: Int) throws {
    let session = try Self.session()
    let prompts: [[Int32]] = [[2, 1], [3, 2]]
    for seed in 0..<10 as Range<UInt64> {
      let generation = Generation(limit: 2, prompt: prompts, seed: seed, beamWidth: width)
      let rows = try Self.rows(generation, session)
      for (image, row) in rows.enumerated() {
        let table = try Self.table(session, image: image)
        let wanted = row.values.indices.reduce(0.0) { sum, place in
          let before = prompts[image] + row.values[..<place]
          return sum + (table[before]?[Int(row.values[place])] ?? 0)
        }
        #expect(abs(Double(row.logProbability) - wanted) <= 1e-5 * (1 + abs(wanted)))
      }
    }
  }

  @Test("a row alone is that row among others", arguments: [0, 3])
  func alone(_ width: Int) throws {
    let session = try Self.session()
    let generation = Generation(limit: Self.limit, temperature: 0, beamWidth: width)
    let together = try Self.rows(generation, session)
    for image in 0..<2 {
      #expect(try Self.rows(generation, session, images: [image]) == [together[image]])
    }
    guard width == 0 else { return }
    for seed in 0..<5 as Range<UInt64> {
      let drawn = Generation(limit: Self.limit, seed: seed)
      let both = try Self.rows(drawn, session)
      for image in 0..<2 {
        let one = try Self.rows(
          drawn,
          session,
          images: [image],
          firstExample: UInt32(image)
        )
        #expect(one == [both[image]])
      }
    }
  }

  @Test("the manifest lists what generate is given and what it gives")
  func manifest() throws {
    let manifest = try Self.session().model.manifest
    let entry = try #require(manifest.entry("generate"))
    #expect(entry.inputs == manifest.entry("begin")?.inputs)
    #expect(entry.inputs.map(\.name) == ["image"])
    #expect(entry.outputs.map(\.name) == ["text"] && entry.outputs.first?.tokens == Self.tokens)
    #expect(!entry.isRun && manifest.states.contains { $0.name.hasPrefix("previous.") })
  }

  @Test("options out of their range are refused")
  func refusals() throws {
    let session = try Self.session()
    var wrong = Generation(limit: 3, beamWidth: Self.wholeWidth + 1)
    #expect(throws: RuntimeError.self) { try Self.rows(wrong, session) }
    wrong = Generation(limit: 3, beamWidth: 2, lengthPenalty: -1)
    #expect(throws: RuntimeError.self) { try Self.rows(wrong, session) }
    wrong = Generation(limit: 3, prompt: [[1], [4]])
    #expect(throws: RuntimeError.self) { try Self.rows(wrong, session) }
    wrong = Generation(limit: 3, after: [[1], [4]])
    #expect(throws: RuntimeError.self) { try Self.rows(wrong, session) }
    #expect(throws: RuntimeError.self) { try session.generate(Generation(limit: 3)) }
  }

  @Test("attention is searched over a question of its own length in each row")
  func translates() throws {
    let one = try #require(StreamTests.cases.first)
    let session = try Session(ModelHarness(one.text, .init(batch: 6)).native().model)
    try session.initialize(seed: 2)
    let question: [Int32] = [1, 2, 3, 4, 5, 6, 5, 0, 0, 0]
    for width in [0, 3] {
      let generation = Generation(limit: 4, temperature: 0, beamWidth: width)
      let both = try session.generate(
        generation,
        batch: 2,
        lengths: ["source": [5, 2]],
        inputs: ["question": .int(question)]
      )
      for row in 0..<2 {
        let alone = try session.generate(
          generation,
          lengths: ["source": [[5, 2][row]]],
          inputs: ["question": .int(Array(question[5 * row..<5 * row + 5]))]
        )
        #expect(alone == [both[row]])
      }
    }
  }

  @Test("real values are those of steps that read each other")
  func reals() throws {
    let one = try #require(StreamTests.cases.first { $0.name == "forecaster" })
    let session = try Session(
      ModelHarness(one.text, .init(batch: 3, arithmetic: .strict)).native().model
    )
    try session.initialize(seed: 2)
    let inputs = try StreamTests.inputs(session.model, "begin", seed: 5)
    let prompt: [[Float]] = [[1, 2, 3], [0, 0, 0], [-1, 0.5, 0]]
    let rows = try session.generate(
      Generation(limit: 7, after: prompt),
      batch: 3,
      lengths: ["past": [5, 3, 1]],
      inputs: inputs
    )
    _ = try session.run("begin", batch: 3, lengths: ["past": [5, 3, 1]], inputs: inputs)
    var fed = TensorData.float(prompt.flatMap(\.self))
    _ = try session.run("step", batch: 3, inputs: ["course": fed])
    // What a position gives does not depend on what it is fed, so that it may be fed what it gives.
    for position in 0..<7 {
      let state = try session.state.bytes()
      let guess = try #require(try session.run("step", batch: 3, inputs: ["course": fed])["guess"])
      try session.state.replace(with: state)
      fed = guess
      _ = try session.run("step", batch: 3, inputs: ["course": fed])
      guard case .float(let values) = guess else { continue }
      for row in 0..<3 {
        #expect(
          Array(rows[row].numbers[3 * position..<3 * position + 3])
            == Array(values[3 * row..<3 * row + 3])
        )
      }
    }
    #expect(throws: RuntimeError.self) {
      try session.generate(Generation(limit: 2, beamWidth: 2), batch: 1, inputs: inputs)
    }
  }
}
