import GraphIR
import GraphLanguage
import Testing

@Suite("What elaboration makes of a text") struct ElaborationGraphTests {
  @Test("a stack scans once for each instance, and its states have paths")
  func stackScans() throws {
    let graph = try graph("layer f = stack(2, lstm(4))\noutput f(x) as y")
    #expect(graph.scans.map(\.stateNames) == [["f.l0.h", "f.l0.c"], ["f.l1.h", "f.l1.c"]])
  }

  @Test("an instance used twice has one set of weights")
  func sharing() throws {
    let graph = try graph("layer f = linear(4)\noutput f(x) as y\noutput f(z) as w")
    #expect(parameters(of: graph) == ["f.weight", "f.bias"])
  }

  @Test("an instance scanned twice has two sets of states")
  func scanningTwice() throws {
    let graph = try graph("layer f = gru(4)\noutput f(x) as y\noutput f(2 * x) as w")
    #expect(parameters(of: graph).count == 4)
    #expect(graph.scans.map(\.stateNames) == [["f.h"], ["f.h.2"]])
  }

  @Test("a state runs over the axes that its next value shows")
  func widening() throws {
    let graph = try graph(
      "scan over time {\nstate s: real[4] = 0\nnext s = s + z + x\n}\noutput s"
    )
    let state = try #require(graph.scans.first?.stateType(0))
    #expect(graph.text(state) == "real[4] over batch other")
  }

  @Test("what does not depend on the step is computed before the scan")
  func hoisting() throws {
    let graph = try graph("layer f = linear(4)\nscan over time { y = x + f(a) }\noutput y")
    #expect(graph.scans.first?.outerCount == 1)
    let ops = try #require(graph.scans.first).body.nodes.map(\.op.text)
    #expect(ops == ["argument", "argument", "add"])
  }

  @Test("previous is one position earlier in the axis's order, in a reverse scan too")
  func previous() throws {
    let text = "scan reverse over time { p = previous(x) }\noutput p"
    #expect(try graph(text).printed().contains("shift[time]"))
  }

  @Test("names bound in a scan that nobody reads are not emitted")
  func trimming() throws {
    let graph = try graph("scan over time {\np = x + 1\nq = p * z\n}\noutput p")
    let scan = try #require(graph.scans.first)
    #expect(scan.emitCount == 1)
    #expect(scan.operandCount == 1)
  }

  @Test("a definition of the file hides the library's for the file alone")
  func hiding() throws {
    let text = """
      layer relu(x: real[..]) { emit 3 * x }
      model m {
        axis time
        input x: real[4] over time
        layer f = rnn_relu(2)
        output relu(x) as y
        output f(x) as z
      }
      """
    let printed = elaborate(text).text
    #expect(printed.contains("constant[3.0]"))
    #expect(printed.contains(" = maximum "))
  }

  @Test("a definition of the file hides a primitive, and what the library says of it stays")
  func hidingPrimitives() throws {
    let text = """
      layer dropout(x: real[n]; p) { emit p * x }
      layer log_add(a: real, b: real) { emit 5 * a * b }
      cell window(x: real[n]; k) {
        state h: real[n] = 0
        next h = x + k * h
        emit h
      }
      model m {
        axis time <= 5
        axis label <= 3
        input x: real[3] over time
        target y: token(3) over label
        layer w = window(3)
        output dropout(x, 0.5) as d
        output w(x) as p
        loss ctc(x over time, y over label, blank: 0)
      }
      """
    let (graph, messages) = elaborate(text)
    let found = try #require(graph, "\(messages)")
    #expect(!messages.contains("random") && !messages.contains("reindex"))
    #expect(!messages.contains("constant[5.0]"))
    #expect(found.scans.map(\.stateNames).contains(["w.h"]))
  }

  @Test("losses, metrics and their sums are roots")
  func roots() throws {
    let graph = try graph(
      "loss sum(x) as error\nloss 2 * average(sum(a))\nmetric sum(z) as size\noutput a"
    )
    #expect(
      graph.roots.map(\.name) == [
        "error", "error.sum", "error.count", "loss2.0.sum", "loss2.0.count", "size", "size.sum",
        "size.count", "a", "loss",
      ]
    )
    #expect(graph.roots.last?.entries == [.evaluate, .gradients, .train])
  }

  @Test("an optimiser has its settings, and PyTorch's where none are given")
  func optimizer() throws {
    let graph = try graph("loss sum(x)\ntrain adamw(0.1, beta2: 0.9, clip_norm: 5)")
    let rule = Optimizer.Rule.adam(beta1: 0.9, beta2: 0.9, epsilon: 1e-8, decoupled: true)
    #expect(
      graph.optimizer == Optimizer(rule: rule, rate: 0.1, weightDecay: 0.01, clipNorm: 5)
    )
  }

  @Test("sizes and axes without a value are listed, given, and asked for")
  func sizes() {
    let text = """
      model m {
        size words, twice = 2 * words
        axis time
        axis fixed = 3
        input t: token(twice) over time
        output onehot(t) as y
      }
      """
    let file = SourceFile(name: "m.graph", text: text)
    let open = Elaborator.openSizes(of: Parser.parse(file).0)
    #expect(open.map(\.name) == ["words", "time"])
    #expect(open.map(\.isAxis) == [false, true])
    let printed = elaborate(text, sizes: ["words": 5, "time": 9]).text
    #expect(printed.contains("axis time <= 9"))
    #expect(printed.contains("token(10) over batch time"))
    #expect(elaborate(text).text.contains("the size `words` has no value"))
    #expect(elaborate(text).text.contains("give it when building: `--size words=1000`"))
    let mistyped = elaborate(text, sizes: ["wrods": 5, "words": 5]).text
    #expect(mistyped.contains("error: the model has no size or axis `wrods`"))
    #expect(mistyped.contains("did you mean `words`?"))
  }

  @Test("definitions are checked whether they are applied or not, all at once")
  func definitions() {
    let text = """
      layer loop(x: real[n]) { emit pool(x) }
      layer pool(x: real[n]) { emit loop(x) }
      layer odd(x: real[n], x: real) {
        state h: real = 0
        y = x + unknown
        y = 2
      }
      cell still(x: real[n]) {
        state h: real = 0
        emit h
        emit x
        loss x
      }
      model m {
        axis time
        input x: real[4] over time
        output pool(x) as z
        output still(x) as w
      }
      """
    let file = SourceFile(name: "m.graph", text: text)
    guard case .failure(let found) = Elaborator.elaborate(Parser.parse(file).0) else {
      Issue.record("accepted")
      return
    }
    #expect(
      found.all.map { "\($0.span.line): \($0.message)" } == [
        "1: `loop` reaches itself through `pool`",
        "3: `odd` emits nothing",
        "3: `x` stands in this head twice",
        "4: `state` does not stand in a layer",
        "5: `unknown` is not known",
        "6: `y` is bound twice",
        "9: the state `h` has no next value",
        "11: `emit` stands here twice",
        "12: `loss` does not stand in a cell",
      ]
    )
  }

  @Test("one step of a cell takes the states of its instances too")
  func steps() {
    func model(_ labels: String) -> String {
      elaborate(
        """
        cell twice(x: real[n]; units) {
          layer inner = gru(units)
          state h: real[units] = 0
          next h = inner(x) + h
          emit next h
        }
        model m {
          input x: real[2]
          input a, b: real[2]
          layer f = twice(2)
          y = step f(x, \(labels))
          output y.inner.h as h
        }
        """
      ).text
    }
    #expect(model("h: a").contains("error: `step` needs the state `h`"))
    let whole = model("h: a, inner.h: b")
    #expect(whole.contains("root h output infer"))
    #expect(!whole.contains("scan"))
    // A number is a state that has it everywhere.
    #expect(model("h: 0, inner.h: b").contains("root h output infer"))
    #expect(model("h: b[0], inner.h: 0").contains("root h output infer"))
  }

  @Test("generating needs what comes before, and not the target itself")
  func generation() {
    func model(_ source: String) -> String {
      elaborate(
        """
        model m {
          axis time <= 4
          target t: token(4) over time
          layer f = gru(4)
          y = f(onehot(\(source)))
          generate t from y until 2
        }
        """
      ).text
    }
    #expect(model("previous(t)").contains("root t generated generate"))
    #expect(model("t").contains("depends on it at the same position"))
  }

  private func graph(_ statements: String) throws -> Graph {
    let (graph, text) = elaborate(
      """
      model m {
        axis time <= 5
        axis other <= 3
        input x: real[4] over time
        input z: real[4] over other
        input a: real[4]
      \(statements)
      }
      """
    )
    return try #require(graph, "\(text)")
  }

  private func parameters(of graph: Graph) -> [String] {
    graph.variables.compactMap { variable -> String? in
      if case .parameter = variable.kind { variable.name } else { nil }
    }
  }
}
