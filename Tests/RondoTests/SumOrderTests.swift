import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("The order of sums") struct SumOrderTests {
  /// Rows that inference makes where they are added, and training reads from memory.
  private static let trained = """
    model order {
      axis time <= 6
      input x: real[3] over time
      input t: token(9)[20] over time
      target y: real over time
      layer rnn = lstm(1)
      param u, v, w: real[20] ~ uniform(1)
      scan over time {
        state s: real[20] = 0
        next s = 0.9 * s + u * x[1]
      }
      row = u * rnn(x)[0] + w
      p = v @ row
      q = sum(row * row)
      output p
      output q
      r = v @ number(t)
      output r
      output v @ s as kept
      loss mse(p + 0.1 * q + 0.1 * r + sum(s), y)
      train sgd(rate: 0.1)
    }
    """

  private static func run(_ entry: Entry, unrolling: Compiler.Unrolling = .auto) throws -> Arrays {
    let harness = try ModelHarness(trained, .init(batch: 3, unrolling: unrolling))
    let data = CallData.random(for: harness.elaborated, batch: 3, seed: 5)
    return try harness.native().run(entry, data)
  }

  @Test("evaluation, gradients and training find the same loss to the last bit")
  func entries() throws {
    let evaluated = try Self.run(.evaluate)
    for entry in [Entry.gradients, .train] {
      let found = try Self.run(entry)
      let common = evaluated.keys.filter { found[$0] != nil }.sorted()
      #expect(!common.isEmpty, "\(evaluated.keys) \(found.keys)")
      for name in common { #expect(found[name] == evaluated[name], "\(entry) \(name)") }
    }
  }

  @Test("steps that are written out add in the order of the loop")
  func unrolled() throws {
    #expect(try Self.run(.infer) == Self.run(.infer, unrolling: .full))
  }

  @Test("a step of a stream adds as the whole sequence does, however its operands stand")
  func steps() throws {
    let text = """
      model rows {
        axis time <= 4
        input x: real over time
        input word: token(9) over time
        param u, v, w: real[20] ~ uniform(1)
        param table: real[9, 20] ~ uniform(1)
        row = table[word]
        output v @ (u * x + w) as product
        output sum(u * x + w) as whole
        output sum(square(row - x)) as distance
        output row @ (w * x) as score
        stream over time
      }
      """
    let model = try ModelHarness(text, .init(batch: 3)).native().model
    let session = try Session(model)
    try session.initialize(seed: 4)
    var random = SmallRandom(seed: 9)
    let x = (0..<12).map { _ in random.real(1) }
    let word = (0..<12).map { _ in Int32(random.below(9)) }
    let whole = try session.run("infer", batch: 3, inputs: ["x": .float(x), "word": .int(word)])
    #expect(whole.count == 4)
    func here<Element>(_ all: [Element], _ position: Int) -> [Element] {
      stride(from: position, to: all.count, by: 4).map { all[$0] }
    }
    for position in 0..<4 {
      let inputs: [String: TensorData] = [
        "x": .float(here(x, position)), "word": .int(here(word, position)),
      ]
      let step = try session.run("step", batch: 3, inputs: inputs)
      for (name, data) in whole.sorted(by: { $0.key < $1.key }) {
        guard case .float(let all) = data else { continue }
        #expect(step[name] == .float(here(all, position)), "\(name) at \(position)")
      }
    }
  }
}
