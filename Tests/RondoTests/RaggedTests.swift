import GraphIR
import ModelRuntime
import Reference
import Rondo
import TestSupport
import Testing
import Transforms

/// Definitions whose rows have lengths of their own, and the lengths to run them at.
enum RaggedModels {
  /// A definition and vectors of lengths by axis, for three rows.
  struct Model: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let lengths: [[String: [Int]]]

    var testDescription: String { name }
  }

  /// A decoder that looks back over what was asked at each step of a stream.
  static let streamed = Model(
    name: "streamed",
    text: """
      model streamed {
        axis source <= 5
        axis result <= 4
        input question: real[3] over source
        input before: real[2] over result
        layer encoder = gru(4), decoder = gru(4), attend = attention
        memory = encoder(question)
        states = decoder(before, h: last(memory))
        output attend(states, memory) as context
        stream over result
      }
      """,
    lengths: [
      ["source": [2, 5, 3], "result": [4, 4, 4]], ["source": [5, 1, 1], "result": [1, 4, 2]],
    ]
  )

  static let all = [
    Model(
      name: "tagger",
      text: """
        model tagger {
          axis time <= 5
          input x: real[3] over time
          target y: token(4) over time
          layer rnn = bidirectional(gru(5)), score = linear(4)
          z = rnn(x)
          logits = score(z)
          output logits
          output last(z) as end
          output first(z.back.h) as start
          output argmax(logits) as answer
          output previous(z, first: 1) as before
          loss cross_entropy(logits, y)
          metric argmax(logits) == y as accuracy
          train adam(rate: 0.01)
        }
        """,
      lengths: [
        ["time": [2, 5, 3]], ["time": [1, 1, 4]], ["time": [5, 5, 5]], ["time": [3, 3, 3]],
      ]
    ),
    Model(
      name: "seq2seq",
      text: """
        model seq2seq {
          axis source <= 4
          axis result <= 5
          input question: token(6) over source
          target answer: token(7) over result
          layer embed = embedding(3), encoder = lstm(4), embed_answer = embedding(3)
          layer decoder = lstm(4), attend = attention_additive(4), score = linear(7)
          memory = encoder(embed(question))
          scan over result {
            state seen: real[4] = last(memory)
            context = attend(seen, memory)
            next seen = decoder(concat(embed_answer(previous(answer)), context), c: last(memory.c))
            logits = score(concat(next seen, context))
          }
          output context.weights as weights
          output logits
          output mean(memory over source) as middle
          output max(memory over source) as peak
          loss cross_entropy(logits, answer, smoothing: 0.1)
          train sgd(rate: 0.1)
        }
        """,
      lengths: [
        ["source": [1, 4, 2], "result": [5, 1, 3]], ["source": [4, 4, 4], "result": [2, 3, 1]],
        ["source": [3, 1, 3], "result": [4, 4, 4]],
      ]
    ),
    Model(
      name: "nested",
      text: """
        model nested {
          axis time <= 4
          axis other <= 3
          input x: real[2] over time
          input z: real[3] over other
          target y: real[3] over time
          param w: real[3, 3] ~ 0
          param v: real[3, 2] ~ 0
          scan over time {
            state s: real[3] = 0.1
            scan reverse over other {
              state q: real[3] = s
              next q = tanh(w @ q + z)
              r = q * s
            }
            next s = tanh(first(q) + v @ x + sum(r over other))
          }
          output s
          output q
          loss mse(s, y)
          train sgd(rate: 0.1)
        }
        """,
      lengths: [
        ["time": [4, 1, 3], "other": [1, 3, 2]], ["time": [2, 2, 2], "other": [3, 2, 3]],
        ["time": [4, 4, 4], "other": [3, 3, 3]],
      ]
    ),
    Model(
      name: "reversed",
      text: """
        model reversed {
          axis time <= 4
          input x: real[2] over time
          input h0: real[3]
          param w: real[3, 2] ~ 0
          param u: real[3, 3] ~ 0
          scan reverse over time {
            state h: real[3] = h0
            next h = tanh(w @ x + u @ h + 0.3 * previous(x)[0])
            share = exp(h[0]) / length(time)
          }
          output h
          output first(h) as start
          output last(h) as end
          output sum(share over time) as total
          output softmax(h over time) as weights
          loss square(sum(h)) + position(time)
          train sgd(rate: 0.1)
        }
        """,
      lengths: [["time": [1, 3, 2]], ["time": [4, 2, 4]], ["time": [2, 2, 2]]]
    ),
  ]
}

@Suite("Rows with lengths of their own") struct RaggedTests {
  private static func data(_ model: RaggedModels.Model, _ graph: Graph, _ lengths: Int) -> CallData
  {
    .random(for: graph, batch: 3, own: model.lengths[lengths], seed: 7)
  }

  @Test(
    "strict C gives the interpreter's bits, forward, backward and updated",
    arguments: RaggedModels.all
  )
  func strict(_ model: RaggedModels.Model) throws {
    // All that other tests of these models call, so that they share what is compiled.
    let options = Compiler.Options(batch: 3, arithmetic: .strict, pullback: true)
    let harness = try ModelHarness(model.text, options)
    let native = try harness.native()
    for lengths in model.lengths.indices {
      let data = Self.data(model, harness.elaborated, lengths)
      for entry in [Entry.infer, .evaluate, .gradients, .train] {
        let wanted = try harness.interpret(entry, data, in: Float.self)
        let found = try native.run(entry, data)
        #expect(differences(found, from: wanted) == [], "\(entry) at \(model.lengths[lengths])")
      }
    }
  }

  @Test("a row alone gives what it gives among others", arguments: RaggedModels.all)
  func rows(_ model: RaggedModels.Model) throws {
    let harness = try ModelHarness(model.text, .init(batch: 3))
    for lengths in model.lengths.indices {
      let data = Self.data(model, harness.elaborated, lengths)
      let together = try harness.interpret(.infer, data, in: Double.self)
      for row in 0..<3 {
        var alone = data
        alone.batch = 1
        alone.own = data.own.mapValues { [$0[row]] }
        for variable in harness.elaborated.variables where variable.type.axes.contains(AxisID.batch)
        {
          guard let values = data.arrays[variable.name] else { continue }
          let size = values.count / 3
          alone.arrays[variable.name] = Array(values[row * size..<(row + 1) * size])
        }
        let single = try harness.interpret(.infer, alone, in: Double.self)
        for (name, values) in together {
          let size = values.count / 3
          #expect(single[name] == Array(values[row * size..<(row + 1) * size]), "\(name)")
        }
      }
    }
  }

  @Test(
    "a model built for one row gives the bits of one built for three",
    arguments: RaggedModels.all + [RaggedModels.streamed]
  )
  func oneRow(_ model: RaggedModels.Model) throws {
    let one = try ModelHarness(model.text, .init(batch: 1))
    let three = try ModelHarness(model.text, .init(batch: 3))
    let (alone, among) = (try one.native(), try three.native())
    for lengths in model.lengths {
      var sessions: (Session, Session)?
      for entry in [Entry.infer, .gradients, .train, .begin, .step, .step]
      where alone.model.manifest.entry(entry.rawValue) != nil {
        let data = CallData.random(
          for: try one.graph(of: entry),
          batch: 1,
          own: lengths.mapValues { [$0[0]] },
          seed: 6
        )
        // Steps go on from the state that the beginning of the stream left.
        let both = try entry == .step ? sessions : (alone.session(data), among.session(data))
        let (own, shared) = try #require(both)
        sessions = both
        let found = try alone.run(entry, data, in: own)
        // The state that a call leaves behind has all rows of its model; the call's own is the first.
        let wanted = Arrays(
          uniqueKeysWithValues: try among.run(entry, data, in: shared).map { name, array in
            (name, Array(array.prefix(found[name]?.count ?? 0)))
          }
        )
        #expect(differences(found, from: wanted) == [], "\(entry), \(lengths)")
        #expect(!found.isEmpty)
      }
    }
  }

  @Test("gradients are those of the steps written out", arguments: RaggedModels.all)
  func writtenOut(_ model: RaggedModels.Model) throws {
    let harness = try ModelHarness(model.text, .init(batch: 3))
    let data = CallData.random(for: harness.elaborated, batch: 3, seed: 9)
    let found = try harness.interpret(.gradients, data, in: Double.self)
    let reference = try ModelHarness.interpret(harness.reference(), data, in: Double.self)
    for (name, values) in found where name.hasPrefix("gradient ") {
      let wanted = try #require(reference[name])
      let scale = wanted.map(\.magnitude).max() ?? 1
      #expect(zip(values, wanted).allSatisfy { ($0 - $1).magnitude <= 1e-9 * scale }, "\(name)")
      #expect(scale > 0)
    }
  }
}
