import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Streams") struct StreamTests {
  /// A definition that is stepped along an axis, and what its entries are given.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let axis: String
    /// The inputs that run over the axis.
    let along: [String]
    let text: String

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "translator",
      axis: "result",
      along: ["answer"],
      text: """
        model translator {
          axis source <= 5
          axis result <= 4
          input  question: token(7) over source
          target answer: token(6) over result
          layer embed_question = embedding(3), encoder = bidirectional(lstm(4)), bridge_h = linear(4), bridge_c = linear(4)
          layer embed_answer = embedding(3), decoder = lstm(4), attend = attention_additive(4), score = linear(6)
          memory = encoder(embed_question(question))
          h0 = tanh(bridge_h(concat(last(memory.ahead.h), first(memory.back.h))))
          c0 = tanh(bridge_c(concat(last(memory.ahead.c), first(memory.back.c))))
          scan over result {
            state seen: real[4] = h0
            context   = attend(seen, memory)
            next seen = decoder(concat(embed_answer(previous(answer)), context), h: h0, c: c0)
            logits    = score(concat(next seen, context))
          }
          output   context.weights as weights
          output   logits
          loss     cross_entropy(logits, answer, smoothing: 0.1)
          train    adam(rate: 0.001, clip_norm: 1)
          generate answer from logits until 0
        }

        """
    ),
    Case(
      name: "caption",
      axis: "time",
      along: ["text"],
      text: """
        model caption {
          axis time <= 4
          input image: real[5]
          target text: token(6) over time
          layer embed = embedding(3), start_h = linear(4), start_c = linear(4), rnn = lstm(4), fc = linear(6)
          y = rnn(embed(previous(text, first: 1)), h: tanh(start_h(image)), c: tanh(start_c(image)))
          logits = fc(y)
          output logits
          loss cross_entropy(logits, text)
          generate text from logits until 2
        }

        """
    ),
    Case(
      name: "context",
      axis: "result",
      along: ["answer"],
      text: """
        model context {
          axis source <= 3
          axis result <= 4
          input question: token(6) over source
          target answer: token(6) over result
          layer embed = embedding(3), encoder = gru(4), decoder = gru(4), fc = linear(6)
          context = last(encoder(embed(question)))
          scan over result {
            h = decoder(concat(embed(previous(answer)), context), h: context)
            logits = fc(h)
          }
          output logits
          loss cross_entropy(logits, answer)
          generate answer from logits until 0
        }

        """
    ),
    Case(
      name: "forecaster",
      axis: "future",
      along: ["course"],
      text: """
        model forecaster {
          axis past <= 5
          axis future <= 4
          input  history: real[3] over past
          target course: real[3] over future
          layer encoder = gru(4), decoder = gru(4), value = linear(3)
          guess    = value(decoder(previous(course, first: last(history)), h: last(encoder(history))))
          output   guess
          loss     mse(guess, course)
          generate course from guess
        }

        """
    ),
    Case(
      name: "amplifier",
      axis: "time",
      along: ["dry"],
      text: """
        model amplifier {
          axis time <= 6
          input  dry: real over time
          target wet: real over time
          layer rnn = lstm(4), mix = linear(1)
          played = dry + mix(rnn(dry))[0]
          output played
          loss   average(square(wet - played)) / average(square(wet))
          stream over time
        }

        """
    ),
    Case(
      name: "searcher",
      axis: "time",
      along: ["x"],
      text: """
        model searcher {
          axis source <= 4
          axis time <= 5
          input memory: real[3] over source
          input bias: real
          input x: real[3] over time
          layer reader = gru(3), attend = attention, look = rnn_tanh(2)
          keys = reader(memory)
          found = attend(x + bias, keys)
          seen = last(look(keys * x over source) over source)
          output found
          output found.weights as weights
          output seen * length(source) as seen
          stream over time
        }

        """
    ),
  ]

  static let batch = 3

  /// All inputs of an entry, at random.
  static func inputs(_ model: CompiledModel, _ entry: String, seed: UInt64) throws
    -> [String: TensorData]
  {
    var random = SmallRandom(seed: seed)
    var inputs: [String: TensorData] = [:]
    for tensor in try #require(model.manifest.entry(entry)).inputs {
      let count = tensor.count(batch: batch)
      inputs[tensor.name] =
        tensor.element == .int32
        ? .int((0..<count).map { _ in Int32(random.below(tensor.tokens)) })
        : .float((0..<count).map { _ in random.real(1) })
    }
    return inputs
  }

  /// One position of an array along an axis.
  static func part(
    _ data: TensorData?,
    _ tensor: Manifest.Tensor,
    at position: Int,
    along axis: String
  ) throws -> TensorData? {
    let place = try #require(tensor.dimensions.firstIndex { $0.axis == axis })
    let length = tensor.dimensions[place].extent
    let inner = tensor.dimensions[(place + 1)...].reduce(1) { $0 * $1.extent }
    func cut<Element>(_ all: [Element]) -> [Element] {
      stride(from: position * inner, to: all.count, by: length * inner).flatMap {
        all[$0..<$0 + inner]
      }
    }
    switch data {
    case .float(let all)?: return .float(cut(all))
    case .int(let all)?: return .int(cut(all))
    case .byte, .seed, nil: return nil
    }
  }

  /// By axis but the stepped one, rows' lengths: at the bound, all equal below it, each its own.
  static func lengths(_ model: CompiledModel, but axis: String, _ kind: Int) -> [String: [Int32]] {
    let others = model.manifest.axes.dropFirst().filter { !$0.fixed && $0.name != axis }
    return Dictionary(
      uniqueKeysWithValues: others.map { other in
        let bound = Int32(other.bound)
        return (other.name, [[bound, bound, bound], [2, 2, 2], [2, bound, 1]][kind])
      }
    )
  }

  @Test(
    "a step gives the bits of the whole sequence at every position",
    arguments: cases,
    [0, 1, 2]
  )
  func stepsAsInfer(_ one: Case, _ kind: Int) throws {
    let model = try ModelHarness(one.text, .init(batch: Self.batch, arithmetic: .strict))
      .native().model
    let session = try Session(model)
    try session.initialize(seed: 4)
    let inputs = try Self.inputs(model, "infer", seed: 9)
    let lengths = Self.lengths(model, but: one.axis, kind)
    let whole = try session.run("infer", batch: Self.batch, lengths: lengths, inputs: inputs)
    let infer = try #require(model.manifest.entry("infer"))
    let begin = try #require(model.manifest.entry("begin"))
    #expect(begin.inputs.allSatisfy { input in !one.along.contains(input.name) })
    _ = try session.run(
      "begin",
      batch: Self.batch,
      lengths: lengths,
      inputs: inputs.filter { name, _ in begin.inputs.contains { $0.name == name } }
    )
    let length = try #require(model.manifest.axes.first { $0.name == one.axis }).bound
    for position in 0..<length {
      var here: [String: TensorData] = [:]
      for tensor in infer.inputs where one.along.contains(tensor.name) {
        here[tensor.name] = try Self.part(
          inputs[tensor.name],
          tensor,
          at: position,
          along: one.axis
        )
      }
      let outputs = try session.run("step", batch: Self.batch, inputs: here)
      #expect(outputs.count == whole.count)
      for tensor in infer.outputs {
        let wanted = try Self.part(whole[tensor.name], tensor, at: position, along: one.axis)
        #expect(outputs[tensor.name] == wanted, "\(tensor.name) at \(position)")
      }
    }
  }

  @Test("what is kept does not depend on what the state held before", arguments: cases)
  func stale(_ one: Case) throws {
    let model = try ModelHarness(one.text, .init(batch: Self.batch, arithmetic: .strict))
      .native().model
    let session = try Session(model)
    try session.initialize(seed: 4)
    let lengths = Self.lengths(model, but: one.axis, 2)
    let here = try Self.inputs(model, "step", seed: 3)
    func outputs(filledWith value: Float) throws -> [String: TensorData] {
      for state in model.manifest.states where !state.name.contains("previous") {
        let count = state.shape.reduce(Self.batch, *)
        try session.set(.state, state.name, [Float](repeating: value, count: count))
      }
      let given = try Self.inputs(model, "begin", seed: 9)
      _ = try session.run("begin", batch: Self.batch, lengths: lengths, inputs: given)
      return try session.run("step", batch: Self.batch, inputs: here)
    }
    let clean = try outputs(filledWith: 0)
    #expect(!clean.isEmpty)
    #expect(try outputs(filledWith: .nan) == clean)
  }

  @Test("positions read what begin keeps, and compute none of it")
  func keeps() throws {
    let one = try #require(Self.cases.first)
    let harness = try ModelHarness(one.text, .init(batch: Self.batch))
    let step = try harness.graph(of: .step)
    #expect(step.scans.isEmpty)
    let names = step.variables.filter { $0.kind == .state }.map(\.name)
    #expect(names.contains { $0.hasPrefix("kept.0.length.source") })
    #expect(names.count { $0.hasPrefix("kept.") } <= 4, "\(names)")
    #expect(try GraphReader.read(step.printed()) == step)
    #expect(try harness.graph(of: .begin).keptLengths.isEmpty)
  }

  @Test("drawing beside another input along the axis is refused")
  func refusal() throws {
    let text = """
      model refused {
        axis time <= 4
        input cue: real over time
        target x: real over time
        layer rnn = gru(2)
        y = rnn([previous(x), cue])
        loss square(y[0] - x)
        generate x from y[0]
      }

      """
    let error = #expect(throws: Diagnostic.self) { _ = try SampleModels.plan(text: text) }
    #expect(error?.message == "generating x beside the input cue, which runs along its axis")
  }
}
