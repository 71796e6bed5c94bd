import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing
import Transforms

@Suite("Chance") struct ChanceTests {
  private static func harness(
    isLatent: Bool,
    isStream: Bool = false,
    _ arithmetic: Compiler.Arithmetic = .strict
  ) throws -> ModelHarness {
    let options = Compiler.Options(batch: 4, arithmetic: arithmetic)
    let graph = try ChanceModel.graph(isLatent: isLatent, isStream: isStream)
    return try ModelHarness(graph, nil, options)
  }

  private static func data(_ harness: ModelHarness, seed: UInt64 = 11) -> CallData {
    var data = CallData.random(for: harness.elaborated, batch: 4, seed: 3)
    data.seed = seed
    return data
  }

  private static func run(_ passes: [Pass], on graph: Graph) throws -> Graph {
    var pipeline = Pipeline(options: .init())
    return try pipeline.run(passes, on: graph)
  }

  private static let forward: [Entry] = [.infer, .evaluate, .gradients, .train]

  @Test("strict C draws the interpreter's numbers", arguments: [false, true], forward)
  func strictBits(isLatent: Bool, entry: Entry) throws {
    let harness = try Self.harness(isLatent: isLatent)
    let data = Self.data(harness)
    let wanted = try harness.interpret(entry, data, in: Float.self)
    #expect(differences(try harness.native().run(entry, data), from: wanted) == [])
  }

  @Test(
    "a draw in a step is the one hoisted out of it, and no step draws",
    arguments: [false, true]
  )
  func hoisted(isLatent: Bool) throws {
    let harness = try Self.harness(isLatent: isLatent)
    let data = Self.data(harness)
    #expect(!harness.whole.scans.isEmpty)
    for scan in harness.whole.scans {
      #expect(!scan.body.nodes.contains { if case .random = $0.op { true } else { false } })
    }
    for entry in [Entry.infer, .gradients] {
      let inStep = try Self.run([.select(entry)], on: harness.elaborated)
      let wanted = try ModelHarness.interpret(inStep, data, in: Double.self)
      let found = try harness.interpret(entry, data, in: Double.self)
      for (name, values) in wanted {
        #expect(relativeError(found[name] ?? [], to: values) < 1e-12, "\(entry) \(name)")
      }
    }
  }

  @Test("the gradient is that of the numbers drawn", arguments: [false, true])
  func gradient(isLatent: Bool) throws {
    let harness = try Self.harness(isLatent: isLatent)
    let data = Self.data(harness)
    let graph = try harness.graph(of: .gradients)
    let unrolled = try Self.run(Pipelines.entry(.gradients), on: harness.reference())
    let found = try #require(
      try ModelHarness.interpret(graph, data, in: Double.self)["gradient w"]
    )
    let other = try ModelHarness.interpret(unrolled, data, in: Double.self)["gradient w"]
    #expect(relativeError(found, to: other ?? []) < 1e-12)
    let step: Float = 0x1p-10
    for place in found.indices {
      func loss(_ by: Float) throws -> Double {
        var data = data
        data.arrays["w"]?[place] += by
        return try #require(try ModelHarness.interpret(graph, data, in: Double.self)["loss"]?[0])
      }
      let slope = (try loss(step) - loss(-step)) / Double(2 * step)
      #expect(abs(slope - found[place]) < 1e-4, "w[\(place)]")
    }
  }

  @Test("only what trains draws, unless the definition always does")
  func entriesThatDraw() throws {
    func draws(_ isLatent: Bool) throws -> [String] {
      try Self.harness(isLatent: isLatent).native().model.manifest.entries
        .filter { $0.inputs.contains { $0.role == .seed } }.map(\.name)
    }
    #expect(try draws(false) == ["initialize", "gradients", "train"])
    #expect(try draws(true) == ["initialize", "infer", "evaluate", "gradients", "train"])
  }

  @Test("a row draws alone what it draws among others", arguments: Compiler.Arithmetic.allCases)
  func rows(_ arithmetic: Compiler.Arithmetic) throws {
    let harness = try Self.harness(isLatent: true, arithmetic)
    let model = try harness.native()
    var data = Self.data(harness)
    data.firstExample = 7
    let together = try #require(try model.run(.infer, data)["y"])
    let size = together.count / 4
    for row in 0..<4 {
      var one = CallData(batch: 1, arrays: data.arrays)
      let x = try #require(data.arrays["x"])
      one.arrays["x"] = Array(x[row * size..<(row + 1) * size])
      one.seed = data.seed
      one.firstExample = 7 + UInt32(row)
      let wanted = Array(together[row * size..<(row + 1) * size])
      #expect(differences(try model.run(.infer, one), from: ["y": wanted]) == [], "row \(row)")
      one.firstExample += 1
      #expect(differences(try model.run(.infer, one), from: ["y": wanted]) != [])
    }
  }

  @Test("one seed draws the same every time, another draws others")
  func seeds() throws {
    let harness = try Self.harness(isLatent: true, .fast)
    let model = try harness.native()
    let first = try model.run(.gradients, Self.data(harness))
    #expect(differences(try model.run(.gradients, Self.data(harness)), from: first) == [])
    let other = try model.run(.gradients, Self.data(harness, seed: 12))
    for (name, values) in first { #expect(other[name] != values, "\(name)") }
  }

  @Test("a step draws what the whole sequence draws there", arguments: Compiler.Arithmetic.allCases)
  func stream(_ arithmetic: Compiler.Arithmetic) throws {
    let harness = try Self.harness(isLatent: true, isStream: true, arithmetic)
    let model = try harness.native()
    var data = Self.data(harness)
    data.firstExample = 5
    let whole = try #require(try model.run(.infer, data)["y"])
    let session = try model.session(data)
    let x = try #require(data.arrays["x"])
    func rows(_ all: [Float], at step: Int) -> [Float] {
      (0..<4).flatMap { row -> ArraySlice<Float> in
        let start = (row * 5 + step) * 3
        return all[start..<start + 3]
      }
    }
    for _ in 0..<2 {
      _ = try model.run(.begin, data, in: session)
      for step in 0..<5 {
        var one = data
        one.arrays["x"] = rows(x, at: step)
        let found = try model.run(.step, one, in: session)
        #expect(differences(["y": found["y"] ?? []], from: ["y": rows(whole, at: step)]) == [])
        #expect(found["after position.time"] == Array(repeating: Float(step + 1), count: 4))
      }
    }
  }

  @Test("a stream that draws only in training counts no positions and needs no seed")
  func quietStream() throws {
    let model = try Self.harness(isLatent: false, isStream: true).native().model
    #expect(model.manifest.states.map(\.name) == ["h"])
    let step = try #require(model.manifest.entry("step"))
    #expect(step.inputs.map(\.name) == ["x"])
    #expect(step.outputs.map(\.name) == ["y"])
  }

  @Test("a hundred thousand draws have the moments of their distribution")
  func moments() throws {
    var graph = Graph(name: "moments")
    graph.axes[0].extent = .bounded(100)
    let builder = BlockBuilder(graph: graph)
    let shape = try #require(Shape([1000]))
    let draws = RandomOp.allCases.enumerated().map { place, op in
      builder.append(.random(op, draw: Int32(place), axes: .batch, shape: shape), [])
    }
    let coin = builder.expr(draws[0]).isLess(than: builder.real(0.3))
    graph.main = try builder.finish(results: draws + [coin.id])
    graph.roots = ["uniform", "normal", "coin"].map {
      Root(name: $0, kind: .output, entries: [.infer])
    }
    let harness = try ModelHarness(graph, nil, .init(batch: 100))
    let drawn = try harness.native().run(.infer, CallData(batch: 100, arrays: [:]))
    // By name: mean, variance, and the fourth central moment, which says how sure the variance is.
    let moments = [
      "uniform": (0.5, 1.0 / 12, 1.0 / 80), "normal": (0, 1, 3), "coin": (0.3, 0.21, 0.0777),
    ]
    for (name, (mean, variance, fourth)) in moments {
      let values = try #require(drawn[name]).map { Double($0) }
      let count = Double(values.count)
      #expect(count == 100_000)
      let found = values.reduce(0, +) / count
      #expect(abs(found - mean) < 5 * (variance / count).squareRoot(), "\(name)")
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      #expect(
        abs(square - variance) < 5 * ((fourth - variance * variance) / count).squareRoot(),
        "\(name)"
      )
    }
  }
}

@Suite("First values") struct FirstValueTests {
  /// Parameters of these shapes, one over an axis.
  private static func harness(_ initial: InitialValue, _ shapes: [[Int]]) throws -> ModelHarness {
    var graph = Graph(name: "firsts")
    graph.axes[0].extent = .bounded(2)
    graph.axes.append(Axis(name: "head", extent: .fixed(3)))
    let builder = BlockBuilder(graph: graph)
    for (place, dims) in shapes.enumerated() {
      let axes = place == 0 ? AxisSet(AxisID(1)) : .none
      let type = ValueType(axes: axes, shape: try #require(Shape(dims)))
      builder.graph.variables.append(
        Variable(name: "w\(place)", kind: .parameter(initial, frozen: false), type: type)
      )
    }
    graph = builder.graph
    let values = graph.variableIDs.map { builder.variable($0).sum(dims: [0, 1]).id }
    graph.main = try builder.finish(results: values)
    graph.roots = values.indices.map { Root(name: "y\($0)", kind: .output, entries: [.infer]) }
    return try ModelHarness(graph, nil, .init(batch: 2, arithmetic: .strict))
  }

  @Test("orthogonal ones are perpendicular, in strict C as in the interpreter")
  func orthogonal() throws {
    let shapes = [[4, 4], [20, 5], [3, 19], [33, 33], [70, 66]]
    let harness = try Self.harness(.orthogonal, shapes)
    var data = CallData(batch: 1, arrays: [:])
    data.seed = 5
    let wanted = try harness.interpret(.initialize, data, in: Float.self)
    let found = try harness.native().run(.initialize, data)
    #expect(differences(found, from: wanted) == [])
    for (place, dims) in shapes.enumerated() {
      let values = try #require(found["after w\(place)"]).map { Double($0) }
      let (rows, columns) = (dims[0], dims[1])
      let (count, length) = (min(rows, columns), max(rows, columns))
      let (next, along) = rows <= columns ? (columns, 1) : (1, columns)
      for start in stride(from: 0, to: values.count, by: rows * columns) {
        for a in 0..<count {
          for b in 0...a {
            let product = (0..<length).reduce(0) {
              $0 + values[start + a * next + $1 * along] * values[start + b * next + $1 * along]
            }
            #expect(abs(product - (a == b ? 1 : 0)) < 1e-5, "w\(place), \(a) by \(b)")
          }
        }
      }
    }
  }

  @Test("the identity is 1 on the diagonal")
  func identity() throws {
    let found = try Self.harness(.identity, [[3, 3], [2, 2]]).native()
      .run(.initialize, CallData(batch: 1, arrays: [:]))
    #expect(found["after w1"] == [1, 0, 0, 1])
    #expect(
      found["after w0"] == Array(repeating: [1, 0, 0, 0, 1, 0, 0, 0, 1], count: 3).flatMap { $0 }
    )
  }
}
