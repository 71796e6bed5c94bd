public import ModelRuntime

/// A model's loss and metrics over all of some data, merged exactly from sums and counts.
public struct Evaluation: Hashable, Sendable {
  /// A named number.
  public struct Measure: Hashable, Sendable {
    /// `loss`, or a metric's name.
    public var name: String
    /// Its value over all the data.
    public var value: Double
  }

  /// A sum and what it is to be divided by.
  private struct Average: Hashable {
    /// The name without `.sum`.
    var name: String
    /// Which output is the sum.
    var sumOutput: Int
    /// Which output is the count; nil counts rows.
    var countOutput: Int?
    /// The sum over the batches so far.
    var sum = 0.0
    /// The count over the batches so far.
    var count = 0.0
  }

  /// The sums so far, in the order of the outputs.
  private var averages: [Average]
  /// The loss and the metrics, once their formulas have been applied.
  private var applied: [Measure]?

  /// Begins with nothing; the call says which sums there are.
  ///
  /// An output `x.sum` with an output `x.count` merges to `x`. A `loss` without a sum is weighted by
  /// the rows of its batch.
  package init(_ call: EntryCall) {
    let outputs = call.entry.outputs
    averages = outputs.enumerated().compactMap { index, tensor in
      guard tensor.role == .loss, tensor.name.hasSuffix(".sum") else { return nil }
      let name = String(tensor.name.dropLast(4))
      guard let count = call.output(named: name + ".count") else { return nil }
      return Average(name: name, sumOutput: index, countOutput: count)
    }
    if let index = call.output(named: "loss"), !averages.contains(where: { $0.name == "loss" }) {
      averages.insert(Average(name: "loss", sumOutput: index, countOutput: nil), at: 0)
    }
  }

  /// Adds the outputs of a call that was run.
  package mutating func add(_ call: EntryCall, rows: Int) throws(RuntimeError) {
    for index in averages.indices {
      let sum = try Self.number(call, averages[index].sumOutput)
      if let output = averages[index].countOutput {
        averages[index].sum += sum
        averages[index].count += try Self.number(call, output)
      } else {
        averages[index].sum += sum * Double(rows)
        averages[index].count += Double(rows)
      }
    }
  }

  /// One number of a call's outputs.
  static func number(_ call: EntryCall, _ output: Int) throws(RuntimeError) -> Double {
    try call.withOutput(output, as: Float.self) { Double($0.first ?? .nan) }
  }

  /// The sum of the loss's terms and their number, where the loss is one average.
  package var lossSum: (sum: Double, count: Double)? {
    averages.count { $0.name.hasPrefix("loss") } == 1
      ? averages.first { $0.name == "loss" && $0.countOutput != nil }.map { ($0.sum, $0.count) }
      : nil
  }

  /// The loss over all data so far; not a number when there was none.
  public var loss: Double { self["loss"] ?? .nan }

  /// The loss and the metrics, in the order of the model's outputs.
  public var measures: [Measure] {
    applied ?? averages.map { Measure(name: $0.name, value: $0.sum / $0.count) }
  }

  /// One of the measures by name.
  public subscript(name: String) -> Double? {
    measures.first { $0.name == name }?.value
  }

  /// Applies the formulas of losses and metrics to the sums over all data.
  mutating func apply(_ session: Session) throws(RuntimeError) {
    guard session.model.manifest.entry("measures") != nil else { return }
    let call = try EntryCall(session.model, entry: "measures")
    try call.setBatch(1)
    for average in averages {
      for (part, value) in [("sum", average.sum), ("count", average.count)] {
        guard let input = call.input(named: "\(average.name).\(part)") else { continue }
        try call.withInput(input, as: Float.self) { $0.update(repeating: Float(value)) }
      }
    }
    try session.run(call)
    var measures: [Measure] = []
    for (index, output) in call.entry.outputs.enumerated() {
      measures.append(Measure(name: output.name, value: try Self.number(call, index)))
    }
    // The loss comes first, as in the text of a run.
    applied = measures.filter { $0.name == "loss" } + measures.filter { $0.name != "loss" }
  }

  /// The loss's running sum and count, for a run to go on from.
  var lossParts: (sum: Double, count: Double) {
    get { averages.first { $0.name == "loss" }.map { ($0.sum, $0.count) } ?? (0, 0) }
    set {
      guard let index = averages.firstIndex(where: { $0.name == "loss" }) else { return }
      averages[index].sum = newValue.sum
      averages[index].count = newValue.count
    }
  }
}

extension Session {
  /// Runs `evaluate` over a source's first epoch.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - state: the state block that carried windows go on from; nil makes one.
  ///   - seed: the seed of what is drawn, if the definition draws when it is not training.
  /// - Throws: `RuntimeError` when there is no batch, or a call fails.
  public func evaluate(
    _ source: inout some BatchSource,
    state: Block? = nil,
    seed: UInt64 = 0
  ) throws(RuntimeError) -> Evaluation {
    let call = try EntryCall(model, entry: "evaluate")
    let carried =
      if let state { state } else { try Block(byteCount: model.manifest.blocks.state) }
    try carried.clear()
    var evaluation = Evaluation(call)
    var number = 0
    // One seed, and each row its number, so that what is drawn does not depend on how rows are batched.
    var rows: UInt32 = 0
    try call.set(.seed, to: drawSeed(seed, update: 0))
    while let batch = try source.fill(call, epoch: 0, number: number) {
      call.firstExample = rows
      rows &+= UInt32(truncatingIfNeeded: batch.rows)
      try run(call, state: carried)
      try evaluation.add(call, rows: batch.rows)
      number += 1
    }
    guard number > 0 else { throw RuntimeError("there is no batch to evaluate \(model.name) on") }
    try evaluation.apply(self)
    return evaluation
  }
}

/// The seed of one call's draws: another one for every update, the same in every run.
func drawSeed(_ seed: UInt64, update: UInt64) -> UInt64 {
  // SplitMix64: neighbouring seeds and updates have nothing in common afterwards.
  var z = seed &+ (update &+ 1) &* 0x9e37_79b9_7f4a_7c15
  z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
  return z ^ z >> 31
}
