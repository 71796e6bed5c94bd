import Foundation
import GraphIR
import Lowering
import Rondo
import TestSupport
import Testing

/// What four cells cost, whoever wrote them and however their parts are called.
@Suite("The structure of cells")
struct CellStructureTests {
  /// What a program does in its loops, in order, and outside of them.
  struct Cost: Equatable, CustomStringConvertible {
    var products: [Int]
    var kernels: [Int]
    var productsOutside: Int

    init(_ products: [Int], _ kernels: [Int], outside: Int) {
      (self.products, self.kernels, productsOutside) = (products, kernels, outside)
    }

    init(_ program: Program) {
      products = program.loops.map { $0.body.productCount }
      kernels = program.loops.map { $0.body.kernelCount }
      productsOutside = program.statements.productCount
    }

    var description: String { "\(products), \(kernels), outside \(productsOutside)" }
  }

  /// A cell, in a model that trains it, and what it costs.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let cell: String
    var layer = "rnn"
    /// What is called otherwise in a second text, and where lines change places.
    var others: [(String, String)] = []
    let states: Int
    let infer: Cost
    let train: Cost

    var testDescription: String { name }

    var text: String {
      """
      \(cell)
      model m {
        axis time = 6
        input x: real[3] over time
        target y: real[4] over time
        layer l = \(layer)(4)
        h = l(x)
        output h
        loss mse(h, y)
        train sgd(rate: 0.1)
      }
      """
    }
  }

  static let cases = [
    Case(
      name: "the library's lstm",
      cell: "",
      layer: "lstm",
      states: 2,
      infer: Cost([1], [1], outside: 1),
      train: Cost([1, 1], [1, 1], outside: 3)
    ),
    Case(
      name: "the library's lstm with peepholes",
      cell: "",
      layer: "lstm_peephole",
      states: 2,
      infer: Cost([1], [1], outside: 1),
      train: Cost([1, 1], [1, 1], outside: 3)
    ),
    Case(
      name: "IndRNN",
      cell: """
        cell rnn(x: real[n]; size) {
          param w: real[size, n] ~ uniform(1)
          param u, b: real[size] ~ uniform(1)
          state h: real[size] = 0
          next h = relu(w @ x + u * h + b)
          emit next h
        }
        """,
      others: [("w", "feed"), ("u", "a"), ("b", "zz"), ("h", "s"), ("x", "given"), ("size", "k")],
      states: 1,
      infer: Cost([0], [1], outside: 1),
      train: Cost([0, 0], [1, 1], outside: 2)
    ),
    Case(
      name: "gates by hand",
      cell: """
        cell rnn(x: real[n]; size) {
          param wi, wf, wg, wo: real[size, n + size] ~ uniform(1)
          param bi, bf, bg, bo: real[size] ~ 0
          state h, c: real[size] = 0
          i = sigmoid(wi @ concat(x, h) + bi)
          f = sigmoid(wf @ concat(x, h) + bf)
          g = tanh(wg @ concat(x, h) + bg)
          o = sigmoid(wo @ concat(x, h) + bo)
          next c = f * c + i * g
          next h = o * tanh(next c)
          emit next h
        }
        """,
      others: [
        ("wi", "q"), ("wf", "b"), ("wg", "a"), ("wo", "zw"), ("i", "out"), ("f", "i"), ("g", "f"),
        ("o", "g"), ("h", "memory"), ("c", "h2"), ("x", "word"), ("n", "m2"), ("size", "width"),
      ],
      states: 2,
      infer: Cost([1], [1], outside: 1),
      train: Cost([1, 1], [1, 1], outside: 3)
    ),
  ]

  /// The text with every identifier called otherwise, all at once.
  static func renamed(_ one: Case) -> String {
    let names = Dictionary(one.others) { first, _ in first }
    let cell = one.cell.replacing(/[A-Za-z_][A-Za-z_0-9]*/) { match in
      names[String(match.output)] ?? String(match.output)
    }
    var renamed = one
    renamed = Case(
      name: one.name,
      cell: reordered(cell),
      layer: one.layer,
      states: one.states,
      infer: one.infer,
      train: one.train
    )
    return renamed.text
  }

  /// A cell's gates, the lines of one equation each, in the opposite order.
  private static func reordered(_ cell: String) -> String {
    var lines = cell.components(separatedBy: "\n")
    let gates = lines.indices.filter {
      lines[$0].contains(" = ") && lines[$0].contains("@ concat") && !lines[$0].contains("next ")
    }
    for (a, b) in zip(gates, gates.reversed()) where a < b { lines.swapAt(a, b) }
    return lines.joined(separator: "\n")
  }

  @Test("products and kernels, in each step and outside, by any name", arguments: cases)
  func costs(_ one: Case) throws {
    for text in [one.text, Self.renamed(one)] {
      let model = try LoweredModel(SampleModels.plan(text: text))
      let infer = try #require(model.programs.first { $0.entry == .infer })
      let train = try #require(model.programs.first { $0.entry == .train })
      #expect(Cost(infer) == one.infer, "\(text)")
      #expect(Cost(train) == one.train, "\(text)")
      #expect(model.graph.scans.first?.stateCount == one.states)
    }
    #expect(one.others.isEmpty || Self.renamed(one) != one.text)
  }

  @Test(
    "an update is one kernel for each weight",
    arguments: ["sgd(rate: 0.1)", "adamw(rate: 0.1)"]
  )
  func updates(optimizer: String) throws {
    let text = Self.cases[0].text.replacing("sgd(rate: 0.1)", with: optimizer)
    let model = try LoweredModel(SampleModels.plan(text: text))
    let train = try #require(model.programs.first { $0.entry == .train })
    let check = try #require(
      train.statements.firstIndex { if case .requireFinite = $0 { true } else { false } }
    )
    var writes: [String: Int] = [:]
    for statement in train.statements[check...] {
      guard case .kernel(let call) = statement else { continue }
      for (argument, pointer) in zip(call.kernel.arguments, call.arguments) where argument.isWritten
      {
        writes[train[pointer.buffer].name, default: 0] += 1
      }
    }
    for name in ["l.weight_ih", "l.weight_hh", "l.bias_ih", "l.bias_hh"] {
      #expect(writes[name] == 1, "\(writes)")
    }
  }
}

/// What a loss over many classes costs: passes over a value for each class.
@Suite("The structure of cross entropy")
struct CrossEntropyStructureTests {
  private func program(_ entry: Entry) throws -> Program {
    let text = """
      model classes {
        axis time = 6
        input x: real[3] over time
        target y: token(33) over time
        layer fc = linear(33)
        loss cross_entropy(fc(x), y)
        train sgd(rate: 0.1)
      }
      """
    return try #require(
      LoweredModel(SampleModels.plan(text: text)).programs.first { $0.entry == entry }
    )
  }

  /// How many kernels go through every class at every position.
  private func passes(_ program: Program) -> Int {
    let size = Size(33 * 6, [.batch])
    return program.statements.count {
      guard case .kernel(let call) = $0 else { return false }
      return call.extents.reduce(Size(1)) { $0 * $1.size } == size
    }
  }

  @Test("evaluating goes through the classes for the greatest, the exponentials and their sum")
  func evaluation() throws {
    #expect(try passes(program(.evaluate)) == 3)
  }

  @Test("training keeps the exponentials, and makes the gradient of them in one pass")
  func training() throws {
    // The greatest, the exponentials, their sum, the gradient, and its sum, which is the bias's.
    #expect(try passes(program(.train)) == 5)
  }
}
