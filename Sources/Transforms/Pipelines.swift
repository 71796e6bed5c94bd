package import GraphIR

/// The orders of passes; each list says why where the order is not obvious.
package enum Pipelines {
  /// The names of all passes, each once, in the order they first stand in a list.
  package static let names: [String] = {
    var names: [String] = []
    for pass in all where !names.contains(pass.name) { names.append(pass.name) }
    return names
  }()

  /// All passes, some more than once; how far is unrolled is one of many.
  private static let all: [Pass] =
    prepare + gradient + gradientShowingFlow + update + finishRagged(.auto, .infer) + reference
    + pullback(.auto)
    + measures + applied + stream + initialize + Entry.allCases.flatMap { entry($0) }

  /// The pass of a title, if there is one.
  package static func pass(titled title: String) -> Pass? {
    let words = title.split(separator: " ", maxSplits: 1).map(String.init)
    if words.count == 2, let unrolling = Unrolling(words[1]) {
      let pass = Pass.unroll(unrolling)
      return pass.title == title ? pass : nil
    }
    return all.first { $0.title == title }
  }

  /// From the elaborated graph to the one that all further ones start from.
  ///
  /// What products add in parts is said when sums over axes have become part of them, and they are split.
  package static let prepare: [Pass] = [
    .divisors, .simplify, .split, .dots, .liftDraws, .declareStates,
  ]

  /// Training, evaluation and inference with rolled loops.
  ///
  /// Hoisting comes before differentiation, so that what it moves out is differentiated as one
  /// product; sinking after it, when every step's summands are there; hoisting again for the adjoint.
  package static func rolled(_ unrolling: Unrolling) -> [Pass] {
    gradient + afterGradient(unrolling)
  }

  /// The first half of `rolled`: up to the gradients of the weights.
  package static let gradient: [Pass] = [.carry] + forward + [.differentiate]

  /// The same, with the norms of states' gradients.
  package static let gradientShowingFlow: [Pass] = [.carry] + forward + [.differentiateShowingFlow]

  /// What is done to a forward graph before it is differentiated: products that have nothing to wait for
  /// leave the loops, and what is left becomes one wherever it can; the weights put together for that
  /// leave the loops too.
  private static let forward: [Pass] = [.hoist, .sink, .simplify, .merge, .hoist, .simplify]

  /// The second half of `rolled`.
  package static func afterGradient(_ unrolling: Unrolling) -> [Pass] {
    update + finish(unrolling)
  }

  /// From the gradients of the weights to the weights.
  package static let update: [Pass] = backward + [.appendOptimizer]

  /// What is done to a graph with gradients: what the backward loops read is cut down while they still read
  /// all of it by name, then the sums leave the loops.
  package static let backward: [Pass] = [.recompute, .hoist, .sink, .simplify, .trim]

  /// What comes last where all rows of a call are of one length.
  package static func finish(_ unrolling: Unrolling) -> [Pass] {
    [.unroll(unrolling), .simplify]
  }

  /// What comes last instead where rows have lengths of their own.
  ///
  /// Masks stand between what simplification would join, and with it goes the order of a sum. So all that
  /// one entry lets be joined is joined before, as it is where rows are of one length.
  package static func finishRagged(_ unrolling: Unrolling, _ entry: Entry) -> [Pass] {
    [.simplify] + self.entry(entry) + [.maskLengths] + finish(unrolling)
  }

  /// The same with every step written out before differentiation: the second reference of the tests.
  package static let reference: [Pass] = [
    .carry, .unroll(.full), .simplify, .differentiate, .simplify, .appendOptimizer, .simplify,
  ]

  /// Gradients of outputs to gradients of weights and inputs.
  package static func pullback(_ unrolling: Unrolling) -> [Pass] {
    pullbackGradients + finish(unrolling)
  }

  /// The first half of `pullback`.
  package static let pullbackGradients: [Pass] = forward + [.pullback] + backward

  /// One position of a stream.
  package static let stream: [Pass] = [.streamSteps, .hoist, .simplify]

  /// Sums and counts to losses and metrics.
  package static let measures: [Pass] = [.measures, .simplify]

  /// Gradients, added up over calls, to the weights.
  package static let applied: [Pass] = [.update, .simplify]

  /// First values.
  package static let initialize: [Pass] = [.initialize, .simplify]

  /// From the graph of all entries to that of one.
  ///
  /// Trimming gives steps the numbers that selection put for `training`; what they then fold away, such
  /// as a draw, is trimmed after it.
  package static func entry(_ entry: Entry) -> [Pass] {
    [.select(entry), .simplify, .trim, .simplify, .trim]
  }
}
