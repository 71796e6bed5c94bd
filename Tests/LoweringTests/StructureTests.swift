import GraphIR
import Lowering
import Rondo
import TestSupport
import Testing

/// How many kernels and products a small LSTM costs, so that a lost fusion is seen.
@Suite("The structure of programs")
struct StructureTests {
  private static let text = """
    model cell {
      axis time = 6
      input x: real[3] over time
      target y: real[4] over time
      layer rnn = lstm(4)
      h = rnn(x)
      output h
      loss mse(h, y)
      train sgd(rate: 0.1)
      stream over time
    }
    """

  private func program(_ entry: Entry) throws -> Program {
    try #require(
      LoweredModel(SampleModels.plan(text: Self.text)).programs.first { $0.entry == entry }
    )
  }

  @Test("inference is one product before the loop, one product and one kernel in it")
  func inference() throws {
    let program = try program(.infer)
    #expect(program.loops.count == 1)
    #expect(program.statements.productCount == 1)
    #expect(program.loops.map { $0.body.productCount } == [1])
    #expect(program.loops.map { $0.body.kernelCount } == [1])
  }

  @Test("training is a loop each way, with the weights' gradients after them")
  func training() throws {
    let program = try program(.train)
    #expect(program.loops.map(\.isReverse) == [false, true])
    #expect(program.loops.map { $0.body.productCount } == [1, 1])
    #expect(program.loops.map { $0.body.kernelCount } == [1, 1])
    #expect(program.statements.productCount == 3)
    let last = try #require(
      program.statements.lastIndex { if case .loop = $0 { true } else { false } }
    )
    #expect(Array(program.statements[last...]).productCount == 2)
  }

  @Test("two layers and a linear one train with a product a step and layer, each way")
  func twoLayers() throws {
    let model = try LoweredModel(SampleModels.plan("letters"))
    let program = try #require(model.programs.first { $0.entry == .train })
    #expect(program.loops.map { $0.body.productCount } == [1, 1, 1, 1])
    // Forwards the second layer's inputs and the logits; back through both; four weights' gradients. The
    // first layer's inputs are one-hots, and so rows.
    #expect(program.statements.productCount == 2 + 2 + 4)
    // Their weight's gradient is rows added up, and that of the bias at the right letters' places.
    let scatters = program.statements.count { if case .scatter = $0 { true } else { false } }
    #expect(scatters == 2)
  }

  @Test("a step of a stream has no loop and two products")
  func step() throws {
    let program = try program(.step)
    #expect(program.loops.isEmpty)
    #expect(program.statements.productCount == 2)
  }

  @Test("a single input is multiplied where it is added, and a single output is a row's sum")
  func single() throws {
    let text = """
      model single {
        axis time <= 6
        input x: real[1] over time
        layer rnn = lstm(20), fc = linear(1)
        output fc(rnn(x))
        stream over time
      }
      """
    let model = try LoweredModel(SampleModels.plan(text: text))
    let step = try #require(model.programs.first { $0.entry == .step })
    #expect(step.statements.productCount == 1)
    let folds = step.statements.filter {
      if case .kernel(let call) = $0 { call.kernel.fold != nil } else { false }
    }
    #expect(folds.count == 1)
  }

  @Test("every update is in the kernels after the check, and none before")
  func updates() throws {
    let program = try program(.train)
    let check = try #require(
      program.statements.firstIndex { if case .requireFinite = $0 { true } else { false } }
    )
    func writesVariables(_ statement: Statement) -> Bool {
      guard case .kernel(let call) = statement else { return false }
      return zip(call.kernel.arguments, call.arguments).contains { argument, pointer in
        guard case .variable = program[pointer.buffer].place else { return false }
        return argument.isWritten
      }
    }
    #expect(!program.statements[..<check].contains(where: writesVariables))
    #expect(program.statements[(check + 1)...].allSatisfy(writesVariables))
    #expect(!program.statements[(check + 1)...].isEmpty)
  }

  @Test("steps that are written out leave no loop, and demand the exact length")
  func unrolled() throws {
    let options = Compiler.Options(batch: 2, unrolling: .full)
    let model = try LoweredModel(SampleModels.plan(text: Self.text, options: options))
    let program = try #require(model.programs.first { $0.entry == .train })
    #expect(program.loops.isEmpty)
    #expect(program.exactAxes == [AxisID(1)])
    #expect(try self.program(.train).exactAxes.isEmpty)
  }
}
